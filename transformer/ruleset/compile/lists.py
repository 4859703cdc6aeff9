"""Lists of bibs and of MARC holdings: those that meet a condition, as delimited tables beside their files.

For what is told apart from the records: bibs that are to become electronic (P2E), holdings to be suppressed.
Conditions and templates see records as they came, before all edits, and what hangs on them. Beside them
stands bound_with: items that hang on several bibs, a row for each bib; the item itself is delivered once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from transformer.database.session import quoted
from transformer.ruleset.compile.context import Context
from transformer.ruleset.compile.edit import Edit
from transformer.ruleset.compile.edit_names import Names, Thing
from transformer.ruleset.compile.edit_plan import EditPlan
from transformer.ruleset.files.edit_rules import MarcEdit, RecordList
from transformer.ruleset.files.rules import DeliveryHoldings, HoldingsMatch
from transformer.ruleset.files.validate import nearest
from transformer.ruleset.files.words import Clause, WordError, clauses, is_spec, parse_template, template_sql
from transformer.schema.tag_edits import TagTable

_NO_EDITS = EditPlan((), (), (), (), TagTable())


def list_names(rules: RecordList) -> tuple[str, ...]:
    """Every name of a record that a list asks for."""
    asked = [name for c in _clauses(rules) for name in (c.left, c.other) if name is not None]
    return (*asked, *(name for text in rules.columns.values() for name in parse_template(text).names))


def list_specs(lists: tuple[RecordList, ...]) -> set[str]:
    """Field specs that staging must collect."""
    return {name for one in lists for name in list_names(one) if is_spec(name)}


def _clauses(rules: RecordList) -> tuple[Clause, ...]:
    return clauses(rules.when) if rules.when else ()


def list_of(context: Context, thing: Thing, rules: RecordList) -> tuple[str, Names]:
    """The SELECT of a list, and the names it knows. WordError for what it says wrongly."""
    if not rules.columns:
        raise WordError("no columns", 'columns = { number = "{number}" }')
    edit = Edit(0, MarcEdit(rules.id), "add", record=_clauses(rules))
    names = Names(context, replace(thing, plan=_NO_EDITS), edit)
    tests = "".join(f" and {test}" for test in names.conditions())
    values = ", ".join(
        f"{template_sql(parse_template(text), names.first)} as {quoted(column)}"
        for column, text in rules.columns.items()
    )
    return f"select distinct {values}\nfrom {names.source()}{tests}", names


def compile_lists(
    context: Context, thing: Thing | None, kind: str, lists: tuple[RecordList, ...]
) -> list[tuple[str, RecordList]]:
    """The outputs <kind>_list_<id>; gives their names. None of holdings where no MARC holdings came."""
    made = []
    for rules in lists:
        if thing is not None:
            body, _ = list_of(context, thing, rules)
            name = f"{kind}_list_{rules.id}"
            context.output(name, body, ", ".join(quoted(c) for c in rules.columns))
            made.append((name, rules))
    return made


def compile_holdings_table(
    context: Context, target: DeliveryHoldings, key: Mapping[str, str], marc: HoldingsMatch | None
) -> list[tuple[str, RecordList]]:
    """The output holdings_table: a row for each holdings record, if the target wants it.

    marc: how MARC holdings are matched, where such came; only what is matched is known of their places.
    """
    if not target.columns:
        return []
    known = ("number", "bib_number", *key, "made_of")
    for name in target.columns:
        if name not in known:
            raise WordError(f"holdings column {name!r}", ", ".join(known), nearest(name, known))
    places = ", ".join(quoted(name) for name in key)
    pieces = [f"select number, bib_number, {places}, 'made' as made_of from holdings"]
    if marc is not None:
        of_marc = [f"p.{quoted(n)}" if n in marc.columns else "null::varchar" for n in key]
        join = "\nleft join holdings_place p using (record_no)" if marc.columns else ""
        pieces.append(
            f"select k.number, k.parent_number, {', '.join(of_marc)}, 'marc' from holdings_marc_key k{join}\n"
            "where k.stream is not null"
        )
    headers = {name: target.headers.get(name, name) for name in target.columns}
    shown = ", ".join(f"{quoted(name)} as {quoted(header)}" for name, header in headers.items())
    united = "\nunion all\n".join(pieces)
    context.output(
        "holdings_table", f"select {shown}, number as n_, made_of as m_ from (\n{united}\n)", "n_, m_"
    )
    return [("holdings_table", RecordList("holdings_table", columns={h: "" for h in headers.values()}))]


def compile_bound(context: Context) -> None:
    """The output bound_with, from the links of bibs and items."""
    context.output(
        "bound_with",
        "select item_number, bib_number from bib_item\n"
        "where item_number in (select item_number from bib_item group by item_number having count(*) > 1)",
        "item_number, bib_number",
    )
