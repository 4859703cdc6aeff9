"""Findings of the rules as issue rows: codes, counts and examples, never a value of a person.

Errors about one thing are a row each; what can happen to thousands (an unmapped code, a bad date) is one
row with its count and three examples. Output `issue` in the shape of schema.books.ISSUE.
"""

from __future__ import annotations

from collections.abc import Mapping

from transformer.database.session import literal, quoted
from transformer.ruleset.compile.columns import Columns, rule_names
from transformer.ruleset.compile.conflicts import conflicts
from transformer.ruleset.compile.context import Context
from transformer.ruleset.compile.edit_names import Thing
from transformer.ruleset.compile.fate import Parts
from transformer.ruleset.compile.issue_edits import edit_issues
from transformer.ruleset.compile.issue_rows import row_issues, status_issues
from transformer.ruleset.compile.issue_values import value_issues
from transformer.ruleset.compile.item import FIELD_BITS, Sides
from transformer.ruleset.compile.rows import PLACE_BITS, row_id_sql, source_names
from transformer.ruleset.files.rules import ColumnRule, HoldingsMatch
from transformer.schema.books import ISSUE, ISSUE_CODES

_KIND = {"holdings_row": "holdings"}
"""Things of the rules whose kind in the books (schema.books: bib, holdings, item ...) has another name."""
_NO_NUMBER = {"item": "item-no-number", "patron": "patron-no-number"}
SMALL_FILE = 20
"""Fewer numbers than this do not settle whether the last digit is a check digit."""
_BLANK = {"byte_start": "null::bigint", "line": "null::bigint"}
_EMPTY = ", ".join(f"{_BLANK.get(name, 'null::varchar')} as {quoted(name)}" for name in ISSUE.names)
_EXAMPLES = "array_to_string(examples, ', ')"


def row(code: str, thing: str, source: str, **columns: str) -> str:
    """SELECT of issue rows from `source` about things of the rules; columns: SQL by name, the rest empty."""
    given = {
        "severity": literal(ISSUE_CODES[code].severity),
        "code": literal(code),
        "kind": literal(_KIND.get(thing, thing)),
    } | columns
    shown = ", ".join(
        f"{given.get(name, _BLANK.get(name, literal('')))} as {quoted(name)}" for name in ISSUE.names
    )
    return f"select {shown}\nfrom {source}"


def _counted(table: str, test: str) -> str:
    """FROM clause: how many rows meet the test, with three examples; no row if none does."""
    return f"(select count(*) as n, min(number, 3) as examples from {table} where {test}) where n > 0"


def _shared(table: str, value: str, count: str) -> str:
    """FROM clause: values (v) that more than one row has, by `count`, with three examples each."""
    return (
        f"(select v, n, min(number, 3) as examples from (select {value} as v, {count} as n from {table}"
        f" where {value} is not null group by 1 having {count} > 1)"
        f" join (select {value} as w, number from {table}) on w = v group by v, n)"
    )


def compile_issues(
    context: Context, parts: Parts, things: list[Columns], edited: list[Thing], match: HoldingsMatch
) -> None:
    """The output `issue`."""
    side = parts.side
    pieces = _bib(context, bool(parts.holdings))
    pieces += edit_issues(context, edited, match, row)
    pieces += _numbers(context)
    for columns in things:
        pieces += _maps(context, columns)
        pieces += _columns(context, columns)
        pieces += value_issues(context, columns, row)
    pieces += _items(context, side)
    pieces += _repeats(context, parts, things)
    if parts.patrons:
        pieces += _children(context)
        pieces.append(_rows("patron"))
    pieces += row_issues(context, parts, row)
    pieces += status_issues(context, row)
    # One statement each: planning a union of sixty takes a second even where there is nothing to find.
    context.table("issue_found", f"select * from (select {_EMPTY}) where false", "all")
    for piece in pieces:
        context.insert("issue_found", piece)
    context.output(
        "issue",
        "select * from issue_found",
        "case severity when 'error' then 0 when 'warning' then 1 else 2 end, code, kind, source_file,"
        ' "column", line, byte_start, record_id, value, rule, tag, message',
    )


def _bib(context: Context, holdings: bool) -> list[str]:
    place = {"source_file": "k.source_file", "byte_start": "r.byte_start"}
    joined = "bib_key k join bib_record r using (record_no)"
    inside = "anti join holdings_inside using (record_no) " if holdings else ""
    pieces = [
        row(
            "bib-no-number", "bib", f"{joined} where k.aside = 'bib-no-number' and r.kind = 'bib'",
            rule="'extract.bib.number'",
            message="'no record number in this record: it is set aside, nothing could refer to it'",
            **place,
        ),
        *_deleted(),
        row(
            "not-a-bib", "bib", f"{joined} {inside}where k.home is null and r.kind <> 'bib'",
            rule="'extract.bib'", value="r.kind",
            message="'leader/06 says ' || r.kind || ', and no rule reads such records here: it is set aside'",
            **place,
        ),
        row(
            "duplicate-bib-number", "bib",
            f"{joined} join bib_first f on f.key = k.key"
            " where f.record_count > 1 and f.record_no <> k.record_no and k.stream is not null",
            record_id="k.number", rule="'number.bib'",
            message="'the number of an earlier record; items go to that one'", **place,
        ),
    ]  # fmt: skip
    extract = context.ruleset.rules.extract.get("bib")
    if extract is not None and extract.suppress and context.project.bib.suppress is None:
        pieces.append(
            row(
                "suppress-undecided", "bib",
                "(select coalesce(suppress_value, '') as v, count(*) as n from bib_key"
                " where stream is not null group by 1)",
                column=literal(extract.suppress), value="v", rule="'bib.suppress'",
                message="n || ' bibs have this value; none is suppressed until bib.suppress names those'",
            )
        )  # fmt: skip
    return pieces


def _deleted() -> list[str]:
    """Bibs that are marked as deleted: set aside, or delivered though something hangs on them."""
    return [
        row(
            "bib-deleted", "bib", _counted("bib_key", "deleted and aside = 'bib-deleted'"),
            rule="'bib.deleted'",
            message="n || ' bibs are marked as deleted (leader/05): they are set aside as the rule says'",
        ),
        row(
            "bib-deleted", "bib",
            _counted(
                "bib_key",
                "deleted and stream is not null and number in (select bib_number from item_out"
                " union all select bib_number from holdings)",
            ),
            rule="'bib.deleted'",
            message="n || ' bibs are marked as deleted (leader/05) and have items or holdings; they are"
            f" delivered, for instance ' || {_EXAMPLES}",
        ),
    ]  # fmt: skip


def _numbers(context: Context) -> list[str]:
    told = [name for name, choice in context.project.extract.items() if choice.check_digit is not None]
    pieces = [
        row(
            "check-digit", "number", "number_form where has_check and passed_count < tested_count",
            kind="split_part(use, ' ', 1)", source_file="source_file", column="use",
            message="(tested_count - passed_count) || ' of ' || tested_count"
            " || ' numbers have a check digit that does not fit'",
        )
    ]  # fmt: skip
    sure = [n for n, one in context.ruleset.rules.extract.items() if one.check_digit is not None]
    asked = f" and split_part(use, ' ', 1) not in ({', '.join(map(literal, sure))})" if sure else ""
    if not told:
        pieces.append(
            row(
                "check-digit-guess", "number",
                f"number_form where tested_count between 1 and {SMALL_FILE - 1}{asked}",
                kind="split_part(use, ' ', 1)", source_file="source_file", column="use",
                message="'only ' || tested_count || ' numbers: taken as '"
                " || case when has_check then 'with' else 'without' end || ' check digit'",
            )
        )  # fmt: skip
    return pieces


def _maps(context: Context, columns: Columns) -> list[str]:
    pieces = []
    for use in columns.uses.values():
        code = " || ' | ' || ".join(f"k{n}" for n in range(len(use.keys)))
        said = f"row_count || ' rows, for instance ' || {_EXAMPLES}"
        for policy, name in (("set_aside", f"{use.map}-unmapped"), ("issue", "code-unmapped")):
            columns_of = columns.columns_with(use.place, policy)
            if columns_of:
                pieces.append(
                    row(
                        name if name in ISSUE_CODES else "code-unmapped-set-aside", columns.thing,
                        f"{use.table} where not mapped",
                        column=literal(", ".join(columns_of)), value=code,
                        rule=literal(f"map.{use.map}"), message=said,
                    )
                )  # fmt: skip
        if context.ruleset.rules.map[use.map].match:
            pieces.append(
                row(
                    "matched-by-label", columns.thing, f"{use.table} where mapped and matched_by = 'label'",
                    value=code, rule="map_file || ':' || map_line",
                    message=f"'taken as ' || label || ' by its label: ' || {said}",
                )
            )  # fmt: skip
    return pieces


def _columns(context: Context, columns: Columns) -> list[str]:
    table = f"{columns.thing}_out"
    pieces = []
    for name, rules in columns.rules.items():
        rule, column = literal(f"{columns.thing}.{name}"), quoted(name)
        if any(r.blank == "report" for r in rules):
            pieces.append(
                row(
                    "value-missing", columns.thing,
                    _counted(table, f"{column} is null"),
                    column=literal(name), rule=rule,
                    message=f"n || ' without it, for instance ' || {_EXAMPLES}",
                )
            )  # fmt: skip
        unique = next((r.unique for r in rules if r.unique), "")
        if unique:
            value = f"lower({column})" if unique == "ignore_case" else column
            shown = "v" if columns.thing == "item" else literal("")
            pieces.append(
                row(
                    "value-duplicate", columns.thing,
                    _shared(table, value, "count(*)"),
                    column=literal(name), rule=rule, value=shown,
                    message=f"'the same in ' || n || ': ' || {_EXAMPLES}",
                )
            )  # fmt: skip
        if bad_column(rules):
            pieces.append(
                row(
                    "bad-date", columns.thing,
                    _counted(table, quoted("bad_" + name)),
                    column=literal(name), rule=rule,
                    message=f"n || ' are no date, left empty; for instance ' || {_EXAMPLES}",
                )
            )  # fmt: skip
    return pieces


def bad_column(rules: tuple[ColumnRule, ...]) -> ColumnRule | None:
    """The date rule of a column whose failures are counted."""
    return next((rule for rule in rules if rule.date and rule.source), None)


def _items(context: Context, side: Sides) -> list[str]:
    pieces = []
    if side.embedded:
        pieces += [
            row(
                code, "item",
                "item_field_aside f join bib_record r using (record_no) left join item_key k on k.key = f.key"
                f" where f.code = {literal(code)}",
                record_id="coalesce(k.number, f.key)", source_file="r.source_file", byte_start="r.byte_start",
                rule="f.rule", message=literal(text),
            )
            for code, text in (
                ("duplicate-number", "an earlier field of this bib has the same item number"),
                ("item-no-bib", "its bib was set aside"),
            )
        ]  # fmt: skip
        several = (
            "(select count(*) as n, min(coalesce(k.number, g.key), 3) as examples from item_embedded_again g"
            " left join item_key k on k.key = g.key where g.what = 'several-bibs') where n > 0"
        )
        said = f"n || ' more places of items that hang on several bibs, for instance ' || {_EXAMPLES}"
        pieces.append(row("item-several-bibs", "item", several, rule="'number.item'", message=said))
    if side.has_rows:
        pieces.append(_rows("item"))
    if side.embedded and side.has_rows:
        pieces.append(conflicts(context, side, row))
    return pieces


def _children(context: Context) -> list[str]:
    """Values of a child's unique column that two patrons share; the values themselves are left out."""
    return [
        row(
            "value-duplicate", "patron",
            _shared(name, f"lower({quoted(table.unique)})", "count(distinct number)"),
            column=literal(f"{name}.{table.unique}"), rule=literal(f"child.{name}"),
            message=f"'the same in ' || n || ': ' || {_EXAMPLES}",
        )
        for name, table in context.ruleset.rules.child.items()
        if table.unique
    ]  # fmt: skip


def _repeats(context: Context, parts: Parts, things: list[Columns]) -> list[str]:
    """One row a column of which rules take the first value only, while some rows have more. Nothing was taken
    of an item that is set aside: all its bytes lie there."""
    place = f"(s.record_no << {FIELD_BITS}) + s.field_no"
    pieces = [
        _repeated(
            context,
            things[0],
            f"{name}_embedded s join item_key k on k.field_id = {place}",
            extract.columns,
            name,
        )
        for name, extract in parts.side.embedded
    ]
    sets = dict(parts.things)
    for columns in things:
        thing = columns.thing
        for name, extract in sets[thing].extracts if thing in sets else ():
            own = {column: column for column in source_names(context, name, extract)}
            join = (
                f"{name}_row s join {thing}_row_file f"
                f" on f.source_file = s.source_file and f.extract = {literal(name)}"
                f" join {thing}_key k on k.row_id = {row_id_sql('f.file_no', 's.byte_start')}"
            )
            pieces.append(_repeated(context, columns, join, own, name))
    return [piece for piece in pieces if piece]


def _repeated(context: Context, columns: Columns, source: str, own: Mapping[str, str], name: str) -> str:
    staged = source.split(" ", 1)[0]
    used = {n for cases in columns.rules.values() for rule in cases for n in rule_names(rule)}
    named = []
    for column, code in sorted(own.items()):
        value = context.column(staged, code, "s")
        clean = context.is_clean(staged, code) or value.startswith("null")
        if column in used - columns.whole and not clean:
            named.append(f"case when contains({value}, chr(31)) then {literal(column + ';')} else '' end")
    if not named:
        return ""
    kept = " where k.key not in (select key from item_aside)" if columns.thing == "item" else ""
    return row(
        "repeats-left-out", columns.thing,
        "(select name, count(*) as n, min(number, 3) as examples from (\n"
        "  select number, unnest(string_split(rtrim(names, ';'), ';')) as name from (\n"
        f"    select k.number, {' || '.join(named)} as names from {source}{kept}\n"
        "  ) where names <> ''\n) group by name)",
        column="name", rule=literal(f"extract.{name}"),
        message=f"n || ' have more than one value; the first was taken: ' || {_EXAMPLES}",
    )  # fmt: skip


def _rows(thing: str) -> str:
    """One row for each row of an extract set aside for its number or its parent."""
    sentences = {
        _NO_NUMBER[thing]: "no record number in this row",
        "duplicate-number": "an earlier row has the same number; this one is set aside",
        "item-no-bib": "no bib of this extract has the number that the row names",
    }
    pieces = [
        row(
            code, thing,
            f"{thing}_row_aside f join {thing}_row_file w on w.file_no = (f.row_id >> {PLACE_BITS})"
            f" join {thing}_row_key s on s.row_id = f.row_id"
            f" left join {thing}_key k on k.key = f.key where f.code = {literal(code)}",
            record_id="coalesce(k.number, f.key, '')", source_file="w.source_file",
            line="s.line", rule="f.rule", message=literal(text),
        )
        for code, text in sentences.items()
    ]  # fmt: skip
    return "\nunion all ".join(pieces)
