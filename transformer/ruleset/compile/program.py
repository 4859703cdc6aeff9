"""Rules -> an ordered list of SQL statements over the staged tables.

`compile_rules` opens no connection and looks at no data: what depends on data (profile, check digits,
codes) is decided by the statements themselves. Outputs are SELECTs with a total order. Statements name
their scope, so that those of scope record or bib can later run bucket by bucket.

Staged tables: see `stage_plan`. Map rows are registered as `rows_<map>`. Tables that are not staged are
left out: a run of bibs only compiles to statements about bibs.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

from transformer.database.session import quoted
from transformer.ruleset.compile.bib import (
    bib_numbers,
    compile_call_number,
    compile_keys,
    compile_profiles,
    kind_sql,
)
from transformer.ruleset.compile.columns import Columns
from transformer.ruleset.compile.context import Context, Statement
from transformer.ruleset.compile.edits import compile_edits
from transformer.ruleset.compile.fate import Parts, compile_books, compile_fates
from transformer.ruleset.compile.holdings import compile_holdings, holdings_columns, number_sql
from transformer.ruleset.compile.holdings_key import (
    compile_holdings_keys,
    holdings_numbers,
    holdings_records,
)
from transformer.ruleset.compile.holdings_marc import compile_holdings_marc, found_holdings
from transformer.ruleset.compile.holdings_rows import (
    compile_holdings_rows,
    holdings_row_columns,
    holdings_row_numbers,
    holdings_rows,
)
from transformer.ruleset.compile.issue import bad_column, compile_issues
from transformer.ruleset.compile.item import Sides, compile_items, item_columns, item_numbers, sides
from transformer.ruleset.compile.item_field import item_fields
from transformer.ruleset.compile.links import (
    code_list_set,
    compile_code_labels,
    linked_numbers,
    linked_sets,
)
from transformer.ruleset.compile.lists import compile_bound, compile_holdings_table, compile_lists
from transformer.ruleset.compile.maps import compile_tally
from transformer.ruleset.compile.number import number_form
from transformer.ruleset.compile.patron import (
    compile_children,
    compile_patrons,
    patron_columns,
    patron_numbers,
    patron_side,
)
from transformer.ruleset.compile.places import compile_places
from transformer.ruleset.compile.rows import Use, compile_rows
from transformer.ruleset.compile.status import MET, status_code, status_tally
from transformer.ruleset.files.project import Project
from transformer.ruleset.files.rules import Delivery, DeliveryTable, Extract, HoldingsRules, RuleSet
from transformer.ruleset.files.status_rules import STATUS_MAP
from transformer.ruleset.files.words import WordError, condition
from transformer.schema.tag_edits import TagTable

Plan = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class TablePlan:
    """A delimited table of the delivery: folder, name, output it is read from, columns, headers, personal."""

    folder: str
    name: str
    output: str
    columns: tuple[str, ...]
    headers: tuple[str, ...]
    personal: bool


@dataclass(frozen=True, slots=True)
class HoldingsTags:
    """Extracts of MARC holdings in the order of their place in record numbers, and their edits by tag."""

    extracts: tuple[str, ...]
    table: TagTable


@dataclass(frozen=True, slots=True)
class Program:
    """Statements in order, the delimited tables that come of them, and edits by tag alone. things:
    the compilers of items and patrons, for who wants to know how a column came about."""

    statements: tuple[Statement, ...]
    tables: tuple[TablePlan, ...]
    bib_tags: TagTable
    holdings_tags: HoldingsTags | None
    things: tuple[Columns, ...] = field(default=(), compare=False)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs, in order."""
        return tuple(s.name for s in self.statements if s.kind == "output")


def compile_rules(
    ruleset: RuleSet,
    project: Project,
    as_of: datetime.date,
    columns: Mapping[str, frozenset[str]],
    clean: Mapping[str, frozenset[str]] | None = None,
) -> Program:
    """The program for these rules, project and staged columns (table -> names).

    clean: those of the columns whose texts are clean, each of one value (see `readers.clean`): statements do
    not look again. WordError for what the rules say wrongly (`check` tells it with file and key); everything
    the shapes allow otherwise compiles.
    """
    context = Context(ruleset, project, as_of, columns, clean or {})
    bib, holdings, delivery = _must_have(context)
    parts = Parts(
        sides(context), patron_side(context), linked_sets(context), code_list_set(context),
        holdings_records(context), holdings_rows(context),
    )  # fmt: skip
    side, patrons = parts.side, parts.patrons
    compile_profiles(context, bib)
    number_form(context, _numbers(context, bib, parts))
    compile_keys(context, bib)
    compile_holdings_keys(context, parts.holdings)
    marc = compile_holdings_marc(context, holdings, parts.holdings)
    compile_call_number(context)
    compile_code_labels(context, parts.code_lists)
    things = [item_columns(context)]
    children: dict[str, tuple[str, ...]] = {}
    if patrons:
        things.append(patron_columns(context))
        last = compile_patrons(context, things[1], patrons, parts.linked)
        _patron_out(context, things[1], last)
        children = compile_children(context, things[1])
    compile_items(context, side, things[0], parts.linked, bool(patrons))
    key = holdings_columns(holdings, delivery.holdings)
    _item_out(context, things[0], holdings, key, parts)
    things += _holdings_row_out(context, key, parts)
    compile_holdings(context, holdings, key, bool(parts.holdings), things)
    compile_fates(context, parts)
    compile_tally(context, things, bool(bib.suppress), status_tally(context))
    edited = compile_edits(context, bib, things[0].rules)
    _outputs(context)
    _code_tables(context, delivery.code_table, things)
    compile_books(context, parts)
    compile_issues(context, parts, things, [edited, *([marc] if marc else [])], holdings.match)
    compile_places(context, parts)
    lists = compile_lists(context, edited, "bib", ruleset.rules.bib.list)
    lists += compile_lists(context, marc, "holdings", holdings.list)
    lists += compile_holdings_table(context, delivery.holdings, key, holdings.match if marc else None)
    compile_bound(context)
    tables = _tables(context, delivery.item, delivery.patron, children, side)
    tables += tuple(
        TablePlan(name.partition("_")[0], one.id, name, tuple(one.columns), tuple(one.columns), False)
        for name, one in lists
    )
    edits = HoldingsTags(tuple(name for name, _ in parts.holdings), marc.plan.table) if marc else None
    return Program(tuple(context.statements), tables, edited.plan.table, edits, tuple(things))


def _must_have(context: Context) -> tuple[Extract, HoldingsRules, Delivery]:
    """What no program is without. WordError where the rules lack it."""
    rules = context.ruleset.rules
    bib, delivery = rules.extract.get("bib"), rules.delivery.get(context.project.target)
    if bib is None or not context.has("bib_record"):
        raise WordError("no extract of bibs", "[extract.bib] with container = 'marc'")
    if delivery is None or rules.holdings is None:
        raise WordError(f"target {context.project.target!r}", "[delivery.<target>] and [holdings]")
    return bib, rules.holdings, delivery


def _numbers(context: Context, bib: Extract, parts: Parts) -> list[Use]:
    """The tables of numbers as written, and every use of numbers."""
    uses = [("bib", "bib", "bib", bib_numbers(context, bib)), *item_numbers(context, parts.side)]
    uses += holdings_numbers(context, parts.holdings)
    uses += holdings_row_numbers(context, parts.holdings_rows)
    if parts.patrons:
        uses += patron_numbers(context, parts.patrons)
    if parts.code_lists.extracts:
        compile_rows(context, parts.code_lists, frozenset())
    return uses + linked_numbers(context, parts.linked)


def _out(context: Context, columns: Columns, fixed: list[str], below: str, scope: str) -> None:
    made = [quoted(name) for name in columns.rules]
    bad = []
    for name, rules in columns.rules.items():
        rule = bad_column(rules)
        if rule is not None:
            test = f"{columns.one(rule.source[0])} is not null and {quoted(name)} is null"
            if rule.when:
                # Where the rule does not hold, its date was not looked at.
                test += f" and ({condition(rule.when, columns.one, kind_sql(context))})"
            bad.append(f"coalesce({test}, false) as {quoted('bad_' + name)}")
    if columns.thing == "item":
        order = "own_record_no nulls last, field_id, row_id"
        bucket: tuple[str, ...] = ("item_key", "own_record_no", "row_id")
        fixed += ["field_id", "decision_no"]
    else:
        order, bucket = "row_id", (f"{columns.thing}_key", "row_id")
    fixed += bucket[1:]
    shown = ",\n  ".join([*fixed, *made, *bad])
    context.output(f"{columns.thing}_out", f"select\n  {shown}\nfrom {below}", order, "bib", bucket)


def _item_out(
    context: Context, columns: Columns, holdings: HoldingsRules, key: dict[str, str], parts: Parts
) -> None:
    for name in key.values():
        if name not in columns.rules:
            raise WordError(f"holdings key column {name!r}", "a column of [item]")
    fixed = ["number"] if "bib_number" in columns.rules else ["number", "parent_number as bib_number"]
    last = [s.name for s in context.statements if s.kind == "view" and s.name.startswith("item_")][-1]
    below, found = found_holdings(context, holdings.match, parts.holdings, last)
    made = number_sql(key)
    fixed.append(f"{f'coalesce({found}, {made})' if found else made} as holdings_number")
    _out(context, columns, fixed, below, "bib")


def _holdings_row_out(context: Context, key: dict[str, str], parts: Parts) -> list[Columns]:
    """holdings_row_out, where holdings came as rows. Columns of the key that these do not have are empty."""
    if not parts.holdings_rows.extracts:
        return []
    columns = holdings_row_columns(context)
    below = compile_holdings_rows(context, columns, parts.holdings_rows)
    made = number_sql({name: c if c in columns.rules else "" for name, c in key.items()})
    fixed = ["number", "parent_number as bib_number", f"{made} as holdings_number"]
    _out(context, columns, fixed, below, "bib")
    return [columns]


def _patron_out(context: Context, columns: Columns, below: str) -> None:
    _out(context, columns, ["number"], below, "record")


def _outputs(context: Context) -> None:
    context.output(
        "bib",
        "select source_file, record_no, number, stream,\n"
        "  case when home is null then case aside when 'bib-deleted' then 'bib.deleted'"
        " else 'extract.bib.number' end end as set_aside_rule\nfrom bib_key",
        "record_no",
        "record",
    )
    context.output(
        "bib_new_out",
        'select record_no, place, seq, tag, is_control, "inner" from bib_new' + item_fields(context),
        'record_no, place, seq, "inner"',
        "record",
        ("bib_key", "record_no"),
    )
    context.output("bib_changed_out", "select * from bib_changed", "record_no, field_no", "record")
    context.output("holdings_leader_out", "select * from holdings_leader", "record_no", "bib")
    context.output(
        "holdings_field_out",
        "select * from holdings_made_field",
        "record_no, place",
        "bib",
        ("holdings", "record_no"),
    )
    context.output("suppressed", "select distinct number from bib_key where stream = 'suppressed'", "number")
    context.output("bib_drop_tags_out", "select * from bib_drop_tags", "source_file, tag")
    context.output("profile_report_out", "select * from profile_report", "extract, source_file, place")
    context.output("code_tally_out", "select * from code_tally", "map, code, label, row_count, mapped")


def _code_tables(context: Context, wanted: Plan, things: list[Columns]) -> None:
    """codes_<map>: every code met, its label, count, and what the map makes of it."""
    for name, columns in wanted.items():
        if name == STATUS_MAP:
            shown = ", ".join(quoted(c) for c in columns)
            context.output(
                f"codes_{name}",
                f"select {status_code(context)} as code, label, row_count, {shown}\n"
                f"from {MET} where not place",
                "code",
            )
            continue
        use = next((u for thing in things for u in thing.uses.values() if u.map == name), None)
        if use is None:
            continue
        code = " || ' | ' || ".join(f"k{n}" for n in range(len(use.keys)))
        shown = ", ".join(quoted(c) for c in columns)
        context.output(
            f"codes_{name}", f"select {code} as code, label, row_count, {shown} from {use.table}", "code"
        )


def _tables(
    context: Context, item: DeliveryTable, patron: DeliveryTable, children: Plan, side: Sides
) -> tuple[TablePlan, ...]:
    told = context.project.headers

    def headers(name: str, columns: tuple[str, ...], own: Mapping[str, str]) -> tuple[str, ...]:
        site = told.get(name, {})
        return tuple(site.get(column, own.get(column, column)) for column in columns)

    tables = []
    if side.names:
        tables.append(
            TablePlan(
                item.folder,
                "item",
                "item_out",
                item.columns,
                headers("item", item.columns, item.headers),
                False,
            )
        )
    if children:
        shown = headers("patron", patron.columns, patron.headers)
        tables.append(TablePlan(patron.folder, "patron", "patron_out", patron.columns, shown, True))
        number = patron.headers.get("number", "number")
        for name, columns in children.items():
            table = context.ruleset.rules.child[name]
            whole = ("number", *columns)
            shown = headers(name, whole, {"number": number, **table.headers})
            tables.append(TablePlan(table.folder, name, name, whole, shown, True))
    return tuple(sorted(tables, key=lambda t: (t.folder, t.name)))
