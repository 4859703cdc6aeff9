"""Edits of MARC -> SQL: new fields by template, and the fields that edits touch, one after the other.

Reads <thing>_record, <thing>_field (staged fields of the tags that the plan names), <thing>_key and
<thing>_profile. Makes for bibs: bib_edit (new fields that need no staged one, side by side), a table
bib_fields_<n> a group of edits, and over them the views bib_new, bib_changed, bib_edit_drop and the table
bib_drop_tags. Nothing is staged and no table made where no edit asks for it.
"""

from __future__ import annotations

from collections.abc import Iterable

from transformer.database.session import literal, quoted
from transformer.ruleset.compile.context import Context
from transformer.ruleset.compile.edit import Edit
from transformer.ruleset.compile.edit_names import Names, Thing, first_sql
from transformer.ruleset.compile.edit_plan import Group, dropped_tags, is_dead, original, plan_edits
from transformer.ruleset.compile.edit_steps import Steps, twice_sql
from transformer.ruleset.compile.lists import list_names
from transformer.ruleset.files.edit_rules import MarcEdit
from transformer.ruleset.files.rules import Extract
from transformer.ruleset.files.words import field_sql, template_sql
from transformer.schema.tag_edits import is_open, meets_any

UNITED = 1_000_000
"""In place of an edit's number: fields that a record took from others go last."""


def bib_thing(
    context: Context, extract: Extract, columns: Iterable[str], edits: tuple[MarcEdit, ...] | None = None
) -> Thing:
    """What edits of bibs know. columns: of items, which they may ask for as `item.<column>`. edits: in place
    of those of the rules."""
    own = {f"item.{column}": f"i.{quoted('item.' + column)}" for column in columns}
    own |= {"item_count": "i.item_count", "holdings_count": "h.holdings_count"}
    own["target"] = literal(context.project.target)
    own["suppressed"] = "case when k.stream = 'suppressed' then 'suppressed' end"
    joins = {
        "i": "left join bib_edit_item i on i.bib_number = k.number",
        "h": "left join bib_edit_holdings h on h.bib_number = k.number",
    }
    plan = plan_edits(context.ruleset.rules.bib.edit if edits is None else edits)
    return Thing("bib", extract, plan, own, joins)


def compile_edits(context: Context, extract: Extract, columns: Iterable[str]) -> Thing:
    """All edits of bibs, and the outputs' views. columns: of items."""
    thing = bib_thing(context, extract, columns)
    _hanging(context, thing)
    compile_thing(context, thing)
    return thing


def compile_thing(context: Context, thing: Thing) -> None:
    """The edits of bibs or of MARC holdings: views <thing>_new, _changed, _edit_drop, table _drop_tags."""
    _alone(context, thing)
    tables = [_group(context, thing, group) for group in thing.plan.groups]
    _united(context, thing)
    _unions(context, thing, tables)
    _drop_tags(context, thing)


def _hanging(context: Context, thing: Thing) -> None:
    """bib_edit_item and bib_edit_holdings: what edits ask of a bib's items and holdings."""
    asked = {name for edit in thing.plan.edits for name in edit.names}
    asked |= {name for one in context.ruleset.rules.bib.list for name in list_names(one)}
    columns = sorted(name.removeprefix("item.") for name in asked if name.startswith("item."))
    if columns or "item_count" in asked:
        values = "".join(
            f",\n  string_agg(distinct {quoted(c)}, chr(31) order by {quoted(c)}) as {quoted('item.' + c)}"
            for c in columns
        )
        context.table(
            "bib_edit_item",
            f"select bib_number, count(*)::varchar as item_count{values}\nfrom item_out group by bib_number",
            "bib",
        )
    if "holdings_count" in asked:
        context.table(
            "bib_edit_holdings",
            "select bib_number, count(*)::varchar as holdings_count from holdings group by bib_number",
            "bib",
        )


def _alone(context: Context, thing: Thing) -> None:
    """The table <thing>_edit: new fields e<n>, and whether one was wanted that could not be made, n<n>.

    In three steps, since what a CASE asks twice is made twice: what the templates come to (t<n>) and the
    conditions (w<n>), then the first subfields (f<n>), then the choice. Processor time, 300,000 bibs, three
    edits: 1.25 s in one step, 0.31 s so.
    """
    name = thing.name
    if not thing.plan.alone:
        return
    made, firsts, chosen, source = [], [], [], ""
    joins: list[str] = []
    told: set[str] = set()
    for edit in thing.plan.alone:
        names = Names(context, thing, edit, states=joins, columns=told)
        value, tests = _made(names, edit)
        n = edit.number
        made.append(f"{value} as t{n},\n  {' and '.join(tests) or 'true'} as w{n}")
        unless = []
        if edit.made is not None and edit.made.subfields:
            firsts.append(f", {first_sql(f't{n}')} as f{n}")
        if edit.first_subfield:
            unless = _not_there(names, edit, f"s{n}", f"f{n}")
            made[-1] += f",\n  {names.value(edit.first_subfield)} as s{n}"
        chosen.append(f"{_guarded(f't{n}', [f'w{n}', *unless])} as e{n}, w{n} and t{n} is null as n{n}")
        source = names.source()
    inner = f"select k.record_no, k.number,\n  {f',{chr(10)}  '.join(made)}\nfrom {source}"
    if firsts:
        inner = f"select *{''.join(firsts)} from (\n{inner}\n)"
    shown = ",\n  ".join(chosen)
    context.table(f"{name}_edit", f"select record_no, number,\n  {shown}\nfrom (\n{inner}\n)")


def _made(names: Names, edit: Edit) -> tuple[str, list[str]]:
    """SQL of the field of `add` or `set`, and of its conditions."""
    assert edit.made is not None
    return field_sql(edit.made, names.first), names.conditions()


def _guarded(value: str, tests: list[str]) -> str:
    return f"case when {' and '.join(tests)} then {value} end" if tests else value


def _not_there(names: Names, edit: Edit, there: str, first: str) -> list[str]:
    """Tests of `unless_there`: not in the record, not made by an edit before.

    there: SQL of the values that the record has, first: of the new field's first subfield.
    """
    if not edit.first_subfield or edit.made is None:
        return []
    tests = []
    if not names.value(edit.first_subfield).startswith("null"):
        several = f"contains(chr(31) || {there} || chr(31), chr(31) || {first} || chr(31))"
        found = f"case when contains({there}, chr(31)) then {several} else {there} = {first} end"
        tests.append(f"not coalesce({found}, false)")
    if edit not in names.thing.plan.alone:
        return tests
    code = edit.made.subfields[0][0]
    for other in names.thing.plan.alone:
        same = other.number < edit.number and other.makes == edit.makes and other.made is not None
        if same and other.made is not None and [c for c, _ in other.made.subfields][:1] == [code]:
            made = f"case when e{other.number} is not null then f{other.number} end"
            tests.append(f"{made} is distinct from {first}")
    return tests


def _not_added(names: Names, edit: Edit, first: str) -> list[str]:
    """Test of `unless_there` against fields that edits before have added to the group."""
    if not edit.first_subfield or edit.made is None:
        return []
    begin = f"chr(31) || {literal(edit.made.subfields[0][0])}"
    return [
        f"not exists (select 1 from {names.view} a where a.record_no = r.record_no and a.made >= 0"
        f" and not a.gone and a.tag = {literal(edit.made.tag)}"
        f' and contains(a."inner" || chr(31), {begin} || {first} || chr(31)))'
    ]


def _group(context: Context, thing: Thing, group: Group) -> str:
    """The table of the fields that a group's edits may touch, and the edits one after the other."""
    steps = Steps(context, f"{thing.name}_fields_{group.number}")
    told = _weeded(context, thing, group, steps)
    _fields(context, thing, group, steps, told)
    if _has_united(context, thing):
        context.insert(
            steps.table,
            f'select record_no, {UNITED}, place, null, is_control, tag, "inner", false, false\n'
            f"from {thing.name}_united where {_of_tags(group.tags)}",
            "record",
        )
    for edit in group.edits:
        names = Names(context, thing, edit, steps.table)
        if edit.adds:
            # Where the new field cannot be made, `set` leaves the old ones.
            made = _added(context, thing, names, edit)
            if edit.verb == "set":
                steps.whens[edit.number] = made
                steps.run(edit)
            steps.add(made)
            continue
        if not told:
            _when(context, thing, steps, edit)
        steps.run(edit)
    for profile in thing.extract.profile:
        tags = tuple(tag for tag in profile.drop if meets_any(tag, group.tags))
        if tags:
            files = f"(select source_file from {thing.name}_profile where profile = {literal(profile.name)})"
            steps.system(tags, f"select record_no from {thing.name}_key where source_file in {files}")
    return steps.table


def _weeded(context: Context, thing: Thing, group: Group, steps: Steps) -> str:
    """SQL of the fields that any edit of the group may touch; empty = all of its tags are needed.

    A field that no edit touches as it stands is never touched, unless an edit looks at several fields.
    """
    edits = [edit for edit in group.edits if edit.verb != "add"]
    single = edits[0] if len(group.edits) == 1 else None
    if single is not None and single.verb in ("deduplicate", "sort"):
        _when(context, thing, steps, single)
        tests = [steps.test(single, target) for target in single.targets]
        source = f"{thing.name}_field"
        if single.verb == "sort":
            found = [
                f"select record_no from {source} where {t} group by record_no having count(*) > 1"
                for t in tests
            ]
        else:
            found = [twice_sql(source, t, test) for t, test in zip(single.targets, tests, strict=True)]
        return " or ".join(f"record_no in ({one})" for one in found)
    plain = all(
        original(thing.plan.edits, edit.number, read[:3]) != "state"
        for edit in group.edits
        for read in edit.reads
        if read[:3] != "LDR"
    )
    if not plain or any(edit.verb in ("deduplicate", "sort") or edit.verb == "set" for edit in edits):
        return ""
    for edit in edits:
        _when(context, thing, steps, edit)
    tests = [steps.may_touch(edit) for edit in edits]
    return " or ".join(tests) or "false"


def _fields(context: Context, thing: Thing, group: Group, steps: Steps, told: str) -> None:
    if not context.has(f"{thing.name}_field"):
        context.table(
            steps.table,
            "select 0::bigint as record_no, -1 as made, 0::bigint as seq, 0::int as field_no,"
            " false as is_control, '' as tag, '' as \"inner\", false as hit, false as gone where false",
        )
        return
    more = f"\n  and ({told})" if told else ""
    context.table(
        steps.table,
        "select record_no, -1 as made, field_no::bigint as seq, field_no, is_control, tag::varchar as tag,"
        f' "inner", false as hit, false as gone\nfrom {thing.name}_field where {_of_tags(group.tags)}{more}'
        f"{_not_embedded(context, thing, group)}",
    )


def _of_tags(patterns: tuple[str, ...], column: str = "tag") -> str:
    """SQL: a tag meets one of the patterns."""
    likes = [tag.replace("X", "_") if is_open(tag) else tag for tag in patterns]
    return f"({' or '.join(f'{column} like {literal(like)}' for like in likes)})"


def _has_united(context: Context, thing: Thing) -> bool:
    return any(statement.name == f"{thing.name}_united" for statement in context.statements)


def _united(context: Context, thing: Thing) -> None:
    """Edits by tag, on fields that a record took from those merged into it and that are not staged."""
    name = f"{thing.name}_united"
    if not _has_united(context, thing):
        return
    if thing.plan.staged:
        context.update(name, f"set tag = null where {_of_tags(thing.plan.staged)}")
    for edit in thing.plan.table.edits:
        test = _of_tags(edit.tags) + (f" and not {_of_tags(edit.but)}" if edit.but else "")
        if edit.verb == "indicators":
            first = literal(edit.ind1) if edit.ind1 else 'substr("inner", 1, 1)'
            second = literal(edit.ind2) if edit.ind2 else 'substr("inner", 2, 1)'
            fresh = f'{first} || {second} || substr("inner", 3)'
            context.update(name, f'set "inner" = {fresh} where {test} and not is_control')
        else:
            context.update(name, f"set tag = {literal(edit.to) if edit.to else 'null'} where {test}")


def _not_embedded(context: Context, thing: Thing, group: Group) -> str:
    """Fields that hold an item are no matter of edits of bibs: they leave the record anyway; nor are the
    fields of holdings that stand among the bibs."""
    if thing.name != "bib":
        return ""
    rules = context.ruleset.rules.extract.values()
    tags = {e.field for e in rules if e.container == "embedded" and meets_any(e.field, group.tags)}
    inside = ""
    if thing.name == "bib" and any(s.name == "holdings_inside" for s in context.statements):
        inside = "\n  and record_no not in (select record_no from holdings_inside)"
    if not tags or not any(s.name == "item_embedded_key" for s in context.statements):
        return inside
    from transformer.ruleset.compile.item import FIELD_BITS

    listed = ", ".join(literal(tag) for tag in sorted(tags))
    return (
        f"\n  and not (tag in ({listed}) and ((record_no << {FIELD_BITS}) | field_no) in"
        f" (select field_id from item_embedded_key)){inside}"
    )


def _when(context: Context, thing: Thing, steps: Steps, edit: Edit) -> None:
    """The narrow tables of an edit: records that meet its condition, texts for `prefix`."""
    if edit.record:
        names = Names(context, thing, edit, steps.table)
        tests = " and ".join(names.conditions())
        table = f"{thing.name}_when_{edit.number}"
        context.table(table, f"select r.record_no\nfrom {names.source()} and {tests}")
        steps.whens[edit.number] = table
    if edit.text is not None and edit.text.names:
        names = Names(context, thing, edit, steps.table)
        value = template_sql(edit.text, names.first)
        table = f"{thing.name}_text_{edit.number}"
        context.table(
            table, f"select r.record_no, {value} as text\nfrom {names.source()} and {value} is not null"
        )
        steps.texts[edit.number] = table


def _added(context: Context, thing: Thing, names: Names, edit: Edit) -> str:
    """Table of new fields that later edits are about, or that are made from edited ones."""
    assert edit.made is not None
    value, tests = _made(names, edit)
    first = first_sql(value)
    there = names.value(edit.first_subfield) if edit.first_subfield else ""
    unless = _not_there(names, edit, there, first) + _not_added(names, edit, first)
    table = f"{thing.name}_add_{edit.number}"
    made = str(edit.made.is_control).lower()
    context.table(
        table,
        f"select r.record_no, {edit.number} as made, 0::bigint as seq, {made} as is_control,"
        f' {literal(edit.made.tag)} as tag,\n  {_guarded(value, unless)} as "inner",'
        f" k.number, {value} is null as lacks\nfrom {names.source()}{''.join(f' and {t}' for t in tests)}",
    )
    view = f"{table}_made"
    context.view(view, f'select * from {table} where "inner" is not null')
    return view


def _unions(context: Context, thing: Thing, tables: list[str]) -> None:
    """<thing>_new, <thing>_changed, <thing>_edit_drop."""
    name = thing.name
    alive = [edit for edit in thing.plan.alone if not is_dead(edit, thing.plan.edits)]
    pieces = []
    if alive:
        listed = ", ".join(
            f"{{'place': {edit.number}, 'tag': {literal(edit.makes[0])},"
            f" 'is_control': {str(edit.made is not None and edit.made.is_control).lower()},"
            f" 'inner': e{edit.number}}}"
            for edit in alive
        )
        pieces.append(
            'select record_no, place, 0::bigint as seq, tag, is_control, "inner" from (select record_no,'
            f' unnest([{listed}], recursive := true) from {name}_edit) where "inner" is not null'
        )
    pieces += [
        f'select record_no, made as place, seq, tag, is_control, "inner" from {t}'
        " where made >= 0 and not gone"
        for t in tables
    ]
    if _has_united(context, thing):
        pieces.append(
            f'select record_no, {UNITED} as place, place as seq, tag, is_control, "inner" from {name}_united'
            " where tag is not null"
        )
    none = (
        "select 0::bigint as record_no, 0 as place, 0::bigint as seq, '' as tag, false as is_control,"
        " '' as \"inner\" where false"
    )
    context.view(f"{name}_new", "\nunion all ".join(pieces) or none)
    changed = [
        f'select record_no, field_no, tag, is_control, "inner" from {t} where made < 0 and hit and not gone'
        for t in tables
    ]
    none = (
        "select 0::bigint as record_no, 0::int as field_no, '' as tag, false as is_control, '' as \"inner\""
    )
    context.view(f"{name}_changed", "\nunion all ".join(changed) or f"{none} where false")
    drop = [f"select record_no, field_no from {t} where made < 0 and gone" for t in tables]
    none = "select 0::bigint as record_no, 0::int as field_no where false"
    context.view(f"{name}_edit_drop", "\nunion all ".join(drop) or none)


def _drop_tags(context: Context, thing: Thing) -> None:
    """Tags whose fields no record keeps: of edits in every file, a profile's in its files."""
    name, plan = thing.name, thing.plan
    always = dropped_tags(plan)
    pieces = [f"select source_file, {literal(tag)} as tag from {name}_profile" for tag in always]
    for profile in thing.extract.profile:
        files = f"from {name}_profile where profile = {literal(profile.name)}"
        pieces += [
            f"select source_file, {literal(tag)} as tag {files}"
            for tag in profile.drop
            if tag in dropped_tags(plan, profile.drop) and tag not in always
        ]
    none = "select '' as source_file, '' as tag where false"
    context.table(f"{name}_drop_tags", "\nunion ".join(pieces) or none, "all")


def not_made(thing: Thing) -> list[tuple[Edit, str, str]]:
    """(edit, table, test): the rows where an edit was due and lacks what its template takes."""
    alone = [(edit, f"{thing.name}_edit", f"n{edit.number}") for edit in thing.plan.alone]
    grouped = [edit for group in thing.plan.groups for edit in group.edits if edit.adds]
    found = [*alone, *((edit, f"{thing.name}_add_{edit.number}", "lacks") for edit in grouped)]
    return sorted(found, key=lambda one: one[0].number)
