"""Holdings that come as MARC records: their edits, and which items belong to them.

All such records of all extracts are one thing, holdings_marc, whose record_no has the extract's place among
them in its high bits (EXTRACT_BITS). Reads holdings_key; makes holdings_marc_record, _field, _key and
_profile, what `compile_edits` makes of them, the outputs holdings_new_out, holdings_changed_out,
holdings_drop_out and holdings_drop_tags_out, and where rules match items holdings_place (what each record's
fields say after the edits) and holdings_match (number of the record for each bib and set of these).
"""

from __future__ import annotations

from transformer.database.session import literal, quoted
from transformer.ruleset.compile.context import Context
from transformer.ruleset.compile.edit import spec
from transformer.ruleset.compile.edit_names import Thing, own_test, spec_sql
from transformer.ruleset.compile.edit_plan import EditPlan, original, plan_edits
from transformer.ruleset.compile.edits import compile_thing
from transformer.ruleset.compile.holdings_key import Records
from transformer.ruleset.compile.lists import list_specs
from transformer.ruleset.compile.number import body_sql
from transformer.ruleset.files.edit_rules import MarcEdit
from transformer.ruleset.files.extract_rules import Extract
from transformer.ruleset.files.rules import HoldingsMatch, HoldingsRules
from transformer.ruleset.files.words import WordError

NAME = "holdings_marc"
EXTRACT_BITS = 40


def holdings_thing(
    context: Context, rules: HoldingsRules, edits: tuple[MarcEdit, ...] | None = None
) -> Thing:
    """What edits of holdings know. edits: in place of those of the rules."""
    own = {"bib_number": "k.parent_number", "target": literal(context.project.target)}
    return Thing(NAME, Extract(container="marc"), plan_edits(rules.edit if edits is None else edits), own)


def holdings_tags(rules: HoldingsRules) -> tuple[str, ...]:
    """Patterns of the tags whose fields must be staged."""
    found = {spec(text).tag for text in rules.match.columns.values()}
    return tuple(sorted(found | set(plan_edits(rules.edit).staged)))


def holdings_specs(plan: EditPlan) -> set[str]:
    """Field specs that edits read from the extract."""
    edits = plan.edits
    return {r for edit in edits for r in edit.reads if original(edits, edit.number, r[:3]) != "nothing"}


def compile_holdings_marc(context: Context, rules: HoldingsRules, records: Records) -> Thing | None:
    """Edits of MARC holdings and the tables by which items find them; None where no such record is staged."""
    if not records:
        return None
    thing = holdings_thing(context, rules)
    _staged(context, rules, records, thing)
    compile_thing(context, thing)
    for name, order in (
        ("new", 'record_no, place, seq, "inner"'),
        ("changed", "record_no, field_no"),
        ("edit_drop", "record_no, field_no"),
        ("drop_tags", "source_file, tag"),
    ):
        context.output(f"{NAME}_{name}_out", f"select * from {NAME}_{name}", order)
    if rules.match.columns:
        _match(context, thing, rules.match)
    return thing


def _staged(context: Context, rules: HoldingsRules, records: Records, thing: Thing) -> None:
    specs = sorted(holdings_specs(thing.plan) | list_specs(rules.list) | {"LDR"})
    record, fields, number = [], [], []
    for place, (name, extract) in enumerate(records):
        staged = f"{extract.inside or name}"
        base = place << EXTRACT_BITS
        where = " where r.kind = 'holdings'" if extract.inside else ""
        shown = "".join(f", {context.column(f'{staged}_record', one, 'r')} as {quoted(one)}" for one in specs)
        record.append(
            f"select {base} + r.record_no as record_no, r.source_file, r.leader{shown}\n"
            f"from {staged}_record r{where}"
        )
        number.append(f"when {literal(name)} then {base}")
        if context.has(f"{staged}_field"):
            inside = " where record_no in (select record_no from holdings_inside)" if extract.inside else ""
            fields.append(
                f"select {base} + record_no as record_no, field_no, tag::varchar as tag, is_control,"
                f' "inner" from {staged}_field{inside}'
            )
    context.view(f"{NAME}_record", "\nunion all ".join(record))
    columns = {f"{NAME}_record": frozenset({"record_no", "source_file", "leader", *specs})}
    if fields:
        context.view(f"{NAME}_field", "\nunion all ".join(fields))
        columns[f"{NAME}_field"] = frozenset({"record_no", "field_no", "tag", "is_control", "inner"})
    context.columns = {**context.columns, **columns}
    context.table(
        f"{NAME}_key",
        f"select case extract {' '.join(number)} end + record_no as record_no, source_file, number,"
        " parent_number, case when code is null then 'holdings' end as stream\nfrom holdings_key",
    )
    context.table(f"{NAME}_profile", f"select distinct source_file, '' as profile from {NAME}_key", "all")


def _match(context: Context, thing: Thing, match: HoldingsMatch) -> None:
    """holdings_place: the first value of each subfield asked for; holdings_match: the record for each set."""
    specs = {column: spec(text) for column, text in match.columns.items()}
    tags = " or ".join(own_test(one) for one in specs.values())
    values = ",\n  ".join(
        f"min_by({spec_sql(one)}, made * 1000000000 + seq)"
        f" filter ({own_test(one)} and {spec_sql(one)} is not null) as {quoted(column)}"
        for column, one in specs.items()
    )
    context.table(
        "holdings_place",
        f"select record_no,\n  {values}\nfrom (\n{_now(context, thing, tags)}\n) group by record_no",
        "bib",
    )
    names = ", ".join(quoted(column) for column in specs)
    context.table(
        "holdings_match",
        f"select k.parent_number, {names}, min(k.number) as number, count(*) as record_count\n"
        f"from {NAME}_key k join holdings_place using (record_no) where k.stream is not null\n"
        f"group by k.parent_number, {names}",
        "bib",
    )


def _now(context: Context, thing: Thing, tags: str) -> str:
    """SELECT of the fields of some tags as they are after the edits."""
    columns = 'record_no, made::bigint as made, seq, is_control, tag, "inner"'
    tables = [f"{NAME}_fields_{group.number}" for group in thing.plan.groups]
    pieces = [f"select {columns} from {table} where not gone and ({tags})" for table in tables]
    if context.has(f"{NAME}_field"):
        seen = "".join(
            f"\n  and (record_no, field_no) not in (select (record_no, field_no) from {table} where made < 0)"
            for table in tables
        )
        pieces.append(
            'select record_no, -1::bigint as made, field_no::bigint as seq, is_control, tag, "inner"'
            f" from {NAME}_field where ({tags}){seen}"
        )
    return "\nunion all ".join(pieces) or (
        "select 0::bigint as record_no, 0::bigint as made, 0::bigint as seq, false as is_control, '' as tag,"
        " '' as \"inner\" where false"
    )


def found_holdings(context: Context, match: HoldingsMatch, records: Records, view: str) -> tuple[str, str]:
    """FROM clause of items beside their MARC holdings, and SQL of the number of these; empty = no rule."""
    if not records or not (match.number or match.columns):
        return view, ""
    joins, found = [], []
    if match.number:
        if "holdings" not in context.ruleset.rules.number:
            raise WordError("holdings.match.number", "[number.holdings]: how numbers of holdings look")
        value = body_sql(context, "holdings", quoted(f"src_{match.number}"))
        joins.append(
            "left join (select key, min(number) as number from holdings_key where code is null group by key)"
            f" hn on hn.key = {value}"
        )
        found.append("hn.number")
    if match.columns:
        tests = " and ".join(f"hm.{quoted(c)} = i.{quoted(c)}" for c in match.columns)
        joins.append(f"left join holdings_match hm on hm.parent_number = i.parent_number and {tests}")
        found.append("hm.number")
    number = found[0] if len(found) == 1 else f"coalesce({', '.join(found)})"
    join = "\n".join(joins)
    return f"(select i.*, {number} as marc_number from {view} i\n{join})", "marc_number"
