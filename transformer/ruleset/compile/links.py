"""Loans, requests, statuses and code lists: rows that hang on an item, and what item rules see of them.

`loan_key`, `request_key`: row_id, key (their own number), item_key, patron_key, nth (of the item's, by
place). `item_status_link` is the same of statuses. `<kind>_row_aside`: rows without an item. `item_loan`,
`item_request`: key of the item and the columns that item rules name: of the first loan; of the requests, the
first that says something.
`item_status_linked`: key of the item, the statuses that rows say of it. `code_label`: kind, code, label.
"""

from __future__ import annotations

from dataclasses import dataclass

from transformer.database.session import literal, quoted
from transformer.ruleset.compile.columns import Columns
from transformer.ruleset.compile.context import Context
from transformer.ruleset.compile.number import body_sql, key_sql
from transformer.ruleset.compile.rows import (
    PLACE_BITS,
    RowSet,
    Use,
    compile_rows,
    row_id_sql,
    row_keys,
    row_set,
    set_names,
    value_sql,
)
from transformer.ruleset.files.rules import LINKED, Extract

NO_ITEM = {
    "loan": "loan-no-item",
    "request": "request-no-item",
    "item_status": "item-status-no-item",
    "code_list": "code-list-no-code",
    "holdings": "holdings-no-bib",
}
"""Why a row of each kind that is not left out by a condition may be set aside."""
SITE_RANK = 2
"""Rank of the site's own files among the rule folders."""


@dataclass(frozen=True, slots=True)
class Linked:
    """Rows of one kind that hang on items."""

    kind: str
    rows: RowSet

    @property
    def table(self) -> str:
        """Name of the table of links."""
        return "item_status_link" if self.kind == "item_status" else f"{self.kind}_key"

    def columns_of(self, thing: str) -> tuple[str, ...]:
        """Columns of a thing by which rows find it, its number aside."""
        keys = {key for _, extract in self.rows.extracts for key in extract.links}
        of = {key.partition(".")[2] for key in keys if key.startswith(f"{thing}.")}
        return tuple(sorted(of - {"number"}))

    def names(self, thing: str) -> bool:
        """Whether rows name such a thing."""
        return any(key.startswith(f"{thing}.") for _, e in self.rows.extracts for key in e.links)


def linked_sets(context: Context) -> tuple[Linked, ...]:
    """Loans, requests and statuses that are staged."""
    found = []
    for kind in LINKED:
        number = kind if kind in context.ruleset.rules.number else ""
        rows = row_set(context, kind, number, context.ruleset.making(kind))
        if rows.extracts:
            found.append(Linked(kind, rows))
    return tuple(found)


def code_list_set(context: Context) -> RowSet:
    """Lists of codes with labels that are staged."""
    return row_set(context, "code_list", "", context.ruleset.making("code_list"))


def linked_numbers(context: Context, sets: tuple[Linked, ...]) -> list[Use]:
    """Tables of numbers as written; gives the uses for number_form."""
    uses: list[Use] = []
    for linked in sets:
        uses += compile_rows(context, linked.rows, frozenset())
        pieces = []
        for name, extract in linked.rows.extracts:
            pieces.append(_link_body(context, linked, name, extract))
            for thing in ("item", "patron"):
                if f"{thing}.number" in extract.links:
                    select = (
                        f"select w.source_file, b.{thing}_body as body from {linked.kind}_link_body b"
                        f" join {linked.kind}_row_file w on w.file_no = (b.row_id >> {PLACE_BITS})"
                        f" where w.extract = {literal(name)} and b.{thing}_body is not null"
                    )
                    uses.append((f"{name} {thing}", thing, name, select))
        context.table(f"{linked.kind}_link_body", "\nunion all ".join(pieces))
    return uses


def _link_body(context: Context, linked: Linked, name: str, extract: Extract) -> str:
    shown = []
    for thing in ("item", "patron"):
        number = "null::varchar"
        if told := extract.links.get(f"{thing}.number"):
            number = body_sql(context, thing, value_sql(context, name, extract, told, kind=thing))
        shown.append(f"{number} as {thing}_body")
        for column in linked.columns_of(thing):
            told = extract.links.get(f"{thing}.{column}", "")
            value = value_sql(context, name, extract, told) if told else "null::varchar"
            shown.append(f"{_squeezed(value)} as {quoted(f'{thing}_{column}')}")
    return (
        f"select {row_id_sql('f.file_no', 'r.byte_start')} as row_id,\n  {', '.join(shown)}\n"
        f"from {name}_row r join {linked.kind}_row_file f"
        f" on f.source_file = r.source_file and f.extract = {literal(name)}"
    )


def _squeezed(value: str) -> str:
    """SQL of a value without blanks, null for none: barcodes are padded, and blanks in them say nothing."""
    return value if value.startswith("null") else f"nullif(replace({value}, ' ', ''), '')"


def link_tables(context: Context, columns: Columns, sets: tuple[Linked, ...]) -> None:
    """<thing>_by_<column>: value without blanks, key of the first thing that has it; needs <thing>_source."""
    thing = columns.thing
    for column in sorted({c for linked in sets for c in linked.columns_of(thing)}):
        source = quoted(f"src_{column}") if column in columns.source else "null::varchar"
        value = f"unnest(string_split({source}, chr(31)))" if column in columns.whole else source
        context.table(
            f"{thing}_by_{column}",
            f"select replace(value, ' ', '') as value, min(key) as key\n"
            f"from (select key, {value} as value from {thing}_source where {source} is not null)\n"
            "group by 1",
            "all",
        )


def compile_linked(context: Context, sets: tuple[Linked, ...], patrons: bool) -> None:
    """<kind>_key and <kind>_row_aside; needs item_key, patron_key, and the tables by column."""
    for linked in sets:
        kind = linked.kind
        row_keys(context, linked.rows, numbered=False)
        item, joins = _found(context, linked, "item")
        patron = "null::varchar"
        if patrons and linked.names("patron"):
            patron, more = _found(context, linked, "patron")
            joins += more
        left = _left_out_patron(context, linked) if patrons else ""
        key_left = ", pl.key as patron_left" if left else ""
        if left:
            joins += f"left join ({_LEFT_OUT}) pl on pl.key = {left}\n  "
        kept = " where k.kept" if linked.rows.left_out else ""
        context.table(
            linked.table,
            f"""
select row_id, key, item_key, patron_key, {"patron_left, " if left else ""}
  case when item_key is not null then row_number() over (partition by item_key order by row_id) end as nth
from (
  select b.row_id, k.key, {item} as item_key, {patron} as patron_key{key_left}
  from {kind}_link_body b join {kind}_row_key k using (row_id)
  join {kind}_row_file w on w.file_no = (b.row_id >> {PLACE_BITS})
  {joins}{kept}
)""",
            "all",
        )
        context.drop(f"{kind}_link_body")
        context.table(
            f"{kind}_row_aside",
            f"select row_id, key, 'row-left-out' as code, 'only_if' as rule from {kind}_row_again\n"
            f"union all\nselect row_id, key, {literal(NO_ITEM[kind])}, 'links'"
            f" from {linked.table} where item_key is null",
        )


_LEFT_OUT = "select distinct key from patron_row_key where not kept"
"""Patrons that `only_if` leaves out. They are no patrons, but what type they have is asked of their loans."""


def _patron_set(context: Context) -> RowSet:
    return row_set(context, "patron", "patron", context.ruleset.making("patron"))


def _left_out_patron(context: Context, linked: Linked) -> str:
    """SQL of the key by which rows name a patron, where some patrons are left out; empty if none can be."""
    numbered = any("patron.number" in extract.links for _, extract in linked.rows.extracts)
    if not (numbered and _patron_set(context).left_out):
        return ""
    return key_sql(context, "patron", "b.patron_body", "paf.has_check")


def _found(context: Context, linked: Linked, thing: str) -> tuple[str, str]:
    """SQL of the key of the thing that a row names, and the joins it takes."""
    t = thing[:2]
    found, joins = [], ""
    if any(f"{thing}.number" in extract.links for _, extract in linked.rows.extracts):
        key = key_sql(context, thing, f"b.{thing}_body", f"{t}f.has_check")
        joins += (
            f"left join number_form {t}f on {t}f.use = w.extract || ' {thing}'"
            f" and {t}f.source_file = w.source_file\n  left join {thing}_key {t}n on {t}n.key = {key}\n  "
        )
        found.append(f"{t}n.key")
    for place, column in enumerate(linked.columns_of(thing)):
        joins += (
            f"left join {thing}_by_{column} {t}{place} on {t}{place}.value"
            f" = b.{quoted(f'{thing}_{column}')}\n  "
        )
        found.append(f"{t}{place}.key")
    if not found:
        return "null::varchar", ""
    return found[0] if len(found) == 1 else f"coalesce({', '.join(found)})", joins


def linked_view(context: Context, columns: Columns) -> str:
    """The view of items with what rules name of their loan and requests; gives its name."""
    wanted = sorted(columns.linked)
    if not wanted:
        return "item_source"
    shown, joins = [], []
    for kind in dict.fromkeys(kind for kind, _ in wanted):
        names = [name for of, name in wanted if of == kind]
        rows = row_set(context, kind, "", context.ruleset.making(kind))
        if not rows.extracts:
            shown += [f"null::varchar as {quoted(f'{kind}_{name}')}" for name in names]
            continue
        there = set_names(context, rows)
        made = [_seen(name, name in there, kind) for name in names]
        first = " where nth = 1" if kind == "loan" else ""
        with_type, key = "patron_type" in names, "k.patron_key"
        if with_type and "patron_left" in {s.name: s.body for s in context.statements}[f"{kind}_key"]:
            key = "coalesce(k.patron_key, k.patron_left)"
        context.table(
            f"item_{kind}",
            f"select item_key as key, {', '.join(made)}\n"
            f"from {kind}_key k join {kind}_row_clean r using (row_id)"
            f" left join {_patron(context, with_type)} p on p.key = {key}"
            f"{first or ' where item_key is not null'} group by item_key",
            "all",
        )
        shown += [f"{kind}.{quoted(name)} as {quoted(f'{kind}_{name}')}" for name in names]
        joins.append(f"left join item_{kind} {kind} on {kind}.key = s.key")
    context.view(
        "item_linked", f"select s.*, {', '.join(shown)}\nfrom item_source s\n" + "\n".join(joins), "bib"
    )
    return "item_linked"


def _patron(context: Context, with_type: bool) -> str:
    """FROM clause of patrons: key, number, and their type where it is asked for."""
    made = {s.name: s.body for s in context.statements}
    if "patron_key" not in made:
        nothing = ", null::varchar as patron_type" if with_type else ""
        return f"(select null::varchar as key, null::varchar as number{nothing} where false)"
    if not with_type:
        return "patron_key"
    value = "src_patron_type" if '"src_patron_type"' in made["patron_source"] else "null::varchar"
    left, patrons = "", _patron_set(context)
    if patrons.left_out and "patron_type" in set_names(context, patrons):
        left = (
            " union all select k.key, null, arg_min(r.patron_type, k.row_id) from patron_row_key k"
            " join patron_row_clean r using (row_id) where not k.kept group by k.key"
        )
    return f"(select key, number, {value} as patron_type from patron_source{left})"


def _seen(name: str, there: bool, kind: str) -> str:
    if name == "open":
        return "'yes' as open"
    if name == "patron_number":
        return "arg_min(p.number, k.row_id) as patron_number"
    if name == "patron_type":
        return "arg_min(p.patron_type, k.row_id) as patron_type"
    value = f"arg_min(r.{quoted(name)}, k.row_id)" if there else "null::varchar"
    return f"{value} as {quoted(name)}"


def compile_statuses(context: Context, sets: tuple[Linked, ...]) -> bool:
    """item_status_linked: key of the item, and its statuses from rows as one text, in the order of the files
    (see compile_status). Gives whether there are such rows."""
    linked = next((one for one in sets if one.kind == "item_status"), None)
    if linked is None:
        return False
    kind = _kind_sql(context, linked.rows, "k.row_id")
    context.table(
        "item_status_linked",
        f"select k.item_key as key, string_agg(chr(30) || {kind} || chr(29) || r.code, ''"
        " order by k.row_id, r.code) as statuses\n"
        "from item_status_link k join item_status_row_clean r using (row_id)\n"
        "where k.item_key is not null and r.code is not null group by k.item_key",
        "all",
    )
    return True


def status_dates(context: Context, sets: tuple[Linked, ...]) -> str:
    """SELECT of key, kind, code and date of statuses that rows give a date; empty if none can have one."""
    linked = next((one for one in sets if one.kind == "item_status"), None)
    if linked is None or "date" not in set_names(context, linked.rows):
        return ""
    return (
        f"select k.item_key as key, {_kind_sql(context, linked.rows, 'k.row_id')} as kind, r.code,"
        " arg_min(r.date, k.row_id) as date"
        " from item_status_link k join item_status_row_clean r using (row_id) group by all"
    )


def _kind_sql(context: Context, rows: RowSet, row_id: str) -> str:
    """SQL of the kind that a row of statuses or codes says, in our word for it."""
    cases = []
    for name, extract in rows.extracts:
        own = literal(extract.kind or ("status" if rows.prefix == "item_status" else name))
        said = "r.kind" if "kind" in set_names(context, rows) else "null::varchar"
        words = " ".join(f"when {literal(a)} then {literal(b)}" for a, b in extract.kinds.items())
        said = f"case {said} {words} else {said} end" if words else said
        cases.append((name, f"coalesce({said}, {own})"))
    if len(cases) == 1:
        return cases[0][1]
    file = f"(select extract from {rows.prefix}_row_file where file_no = ({row_id} >> {PLACE_BITS}))"
    listed = " ".join(f"when {literal(name)} then {value}" for name, value in cases)
    return f"case {file} {listed} end"


def compile_code_labels(context: Context, rows: RowSet) -> None:
    """code_label: kind (of statuses, else a map's name), code, label: what the site's files say, then what
    its lists say, then what its product calls them."""
    pieces = [
        _labels(context, name)
        for name, shape in context.ruleset.rules.map.items()
        if name.endswith("_label") and context.ruleset.maps.get(name) and "label" in shape.columns
    ]
    if rows.extracts:
        row_keys(context, rows, numbered=False)
        pieces.append(
            f"select {_kind_sql(context, rows, 'r.row_id')} as kind, r.code, r.label, r.row_id as place\n"
            "from code_list_row_clean r where r.code is not null and r.label is not null"
        )
        context.table(
            "code_list_row_aside",
            "select row_id, null::varchar as key, 'code-list-no-code' as code, 'extract' as rule\n"
            "from code_list_row_clean where code is null or label is null",
        )
    body = "\nunion all ".join(pieces) or (
        "select '' as kind, '' as code, '' as label, 0::bigint as place where false"
    )
    context.table(
        "code_label",
        f"select kind, code, arg_min(label, place) as label\nfrom (\n{body}\n) group by kind, code",
        "all",
    )


def _labels(context: Context, name: str) -> str:
    """SELECT of the labels in a file of them; a row without a kind is of the map's name."""
    own = literal(name.removesuffix("_label"))
    there = any("kind" in row.values for row in context.ruleset.maps[name])
    kind = f"coalesce(nullif(kind, ''), {own})" if there else own
    last = f"case when _rank >= {SITE_RANK} then 0 else {1 << 62} end"
    return f"select {kind} as kind, code, label, {last}::bigint as place from rows_{name} where label <> ''"
