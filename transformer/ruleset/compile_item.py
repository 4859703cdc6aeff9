"""Items: fields of bibs and rows of a delimited extract become one table of items with a parent.

item_embedded_key, item_row_key: numbers of each side. item_..._again: later occurrences of a number.
item_key: one row an item, with its places (field_id = record_no << 20 | field_no; row_id) and its parent.
item_source: source columns merged. item_aside: what is set aside and why. item_out: the delivered rows.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from transformer.database.session import literal, quoted
from transformer.ruleset.compile_columns import BIB_COLUMNS, Columns, layer_views, repeated
from transformer.ruleset.compile_maps import code_columns, compile_maps, join_maps
from transformer.ruleset.compile_number import body_sql, delivered_sql, key_sql
from transformer.ruleset.compile_rows import compile_rows, source_names, split_marked
from transformer.ruleset.context import Context, blank_sql
from transformer.ruleset.rules import Extract

FIELD_BITS = 20


@dataclass(frozen=True, slots=True)
class Sides:
    """Where items come from: embedded fields (of one or more extracts, by name), rows, or both."""

    embedded: tuple[tuple[str, Extract], ...]
    rows: Extract | None
    rows_name: str

    @property
    def names(self) -> tuple[str, ...]:
        """Sides that are there, for messages."""
        return (*(name for name, _ in self.embedded), *((self.rows_name,) if self.rows is not None else ()))

    @property
    def embedded_columns(self) -> frozenset[str]:
        """Columns that any of the embedded extracts has."""
        return frozenset(column for _, extract in self.embedded for column in _columns_of(extract))


def _columns_of(extract: Extract) -> set[str]:
    return {*extract.columns, *(c for parts in extract.subfields.values() for c in parts.values())}


def sides(context: Context) -> Sides:
    """The sides that the rules know and staging has."""
    rows = context.ruleset.of_kind("item", "delimited")
    return Sides(
        tuple(
            (name, extract)
            for name, extract in context.ruleset.rules.extract.items()
            if extract.container == "embedded"
            and (extract.makes or name) == "item"
            and context.has(f"{name}_embedded")
        ),
        rows[1] if rows and context.has(f"{rows[0]}_row") else None,
        rows[0] if rows else "item",
    )


def item_numbers(context: Context, side: Sides) -> list[tuple[str, str, str, str]]:
    """Tables of numbers as written; gives the uses for number_form."""
    uses: list[tuple[str, str, str, str]] = []
    pieces = []
    for name, extract in side.embedded:
        body = body_sql(context, "item", context.column(f"{name}_embedded", extract.number[0]))
        pieces.append(
            f"select record_no, (record_no << {FIELD_BITS}) + field_no as field_id, source_file,"
            f" {literal(name)} as extract, {body} as body from {name}_embedded"
        )
        select = f"select source_file, body from item_embedded_body where extract = {literal(name)}"
        uses.append((name, "item", name, select))
    if pieces:
        listed = "\nunion all ".join(pieces)
        context.table("item_embedded_body", f"select * from (\n{listed}\n) where body is not null")
    if side.rows is not None:
        uses += compile_rows(context, "item", side.rows_name, side.rows, repeated(context.ruleset.rules.item))
    return uses


def item_columns(context: Context, side: Sides) -> Columns:
    """The compiler of item columns: knows every column that either side can have."""
    source: set[str] = set()
    for name, extract in context.ruleset.rules.extract.items():
        if (extract.makes or name) != "item":
            continue
        if extract.container == "embedded":
            source |= _columns_of(extract)
        else:
            source |= source_names(context, name, extract)
    rules = context.ruleset.rules.item
    return Columns(context, "item", rules, frozenset(source), repeated(rules))


def compile_items(context: Context, side: Sides, columns: Columns) -> None:
    """Everything up to the views of item columns; needs number_form, bib_key, bib_first and bib_call."""
    _keys(context, side)
    layers = columns.layers()
    _source(context, side, columns)
    context.table(
        "item_code",
        f"select key, number, parent_record_no, field_id, row_id{code_columns(list(columns.uses.values()))}\n"
        "from item_source",
        "bib",
    )
    compile_maps(context, columns, "item_code")
    _aside(context, columns)
    context.drop("item_code")
    shown, joins = join_maps(context, columns, "s")
    context.view(
        "item_mapped",
        f"select s.*{shown}\nfrom item_source s\n{joins}\nwhere s.key not in (select key from item_aside)",
        "bib",
    )
    layer_views(context, "item", "item_mapped", layers)


def _keys(context: Context, side: Sides) -> None:
    if side.embedded:
        key = key_sql(context, "item", "b.body", "f.has_check")
        context.table(
            "item_embedded_key",
            f"""
select b.record_no, b.field_id, {key} as key
from item_embedded_body b
left join number_form f on f.use = b.extract and f.source_file = b.source_file""",
        )
        context.drop("item_embedded_body")
        _embedded_again(context)
    if side.rows is not None:
        row_keys(context, "item", bool(side.rows.parent))
    _pairs(context, side)


def _embedded_again(context: Context) -> None:
    """Later fields with the number of an earlier one: in another bib the same item, else a mistake."""
    context.table(
        "item_embedded_again",
        """
select record_no, field_id, key,
  case when nth_in_bib > 1 then 'duplicate-number' else 'several-bibs' end as what
from (
  select *, row_number() over (partition by key order by field_id) as nth,
    row_number() over (partition by key, record_no order by field_id) as nth_in_bib
  from item_embedded_key semi join (
    select key from item_embedded_key group by key having count(*) > 1
  ) using (key)
) where nth > 1""",
        "all",
    )


def row_keys(context: Context, thing: str, with_parent: bool) -> None:
    """<thing>_row_key, and <thing>_row_again: rows without a number or with that of an earlier row."""
    key = key_sql(context, thing, "b.body", "f.has_check")
    parent = key_sql(context, "bib", "b.parent_body", "g.has_check") if with_parent else "null::varchar"
    join = (
        f"left join number_form g on g.use = '{thing} parent' and g.source_file = b.source_file"
        if with_parent
        else ""
    )
    context.table(
        f"{thing}_row_key",
        f"""
select b.row_id, b.byte_start, b.byte_count, {key} as key, {parent} as parent_key
from {thing}_row_body b
left join number_form f on f.use = '{thing}' and f.source_file = b.source_file
{join}""",
    )
    context.drop(f"{thing}_row_body")
    context.table(
        f"{thing}_row_again",
        f"""
select row_id, key, '{thing}-no-number' as what from {thing}_row_key where key is null
union all
select row_id, key, 'duplicate-number' as what from (
  select row_id, key, row_number() over (partition by key order by row_id) as nth
  from {thing}_row_key semi join (
    select key from {thing}_row_key where key is not null group by key having count(*) > 1
  ) using (key)
) where nth > 1""",
        "all",
    )


def _pairs(context: Context, side: Sides) -> None:
    number = delivered_sql(context, "item", "p.key")
    fields = (
        "select key, field_id, record_no from item_embedded_key"
        " anti join item_embedded_again using (field_id)"
    )
    rows = "select key, row_id, parent_key from item_row_key anti join item_row_again using (row_id)"
    if side.embedded and side.rows is not None:
        pair = f"""
  select coalesce(r.key, e.key) as key, e.field_id, e.record_no, r.row_id, r.parent_key
  from ({fields}) e full join ({rows}) r on r.key = e.key"""
    elif side.embedded:
        pair = (
            "select key, field_id, record_no, null::bigint as row_id, null::varchar as parent_key"
            f" from ({fields})"
        )
    elif side.rows is not None:
        pair = (
            "select key, null::bigint as field_id, null::bigint as record_no, row_id, parent_key"
            f" from ({rows})"
        )
    else:
        pair = (
            "select null::varchar as key, null::bigint as field_id, null::bigint as record_no,"
            " null::bigint as row_id, null::varchar as parent_key where false"
        )
    context.table(
        "item_key",
        f"""
select p.key, {number} as number, p.field_id, p.row_id,
  coalesce(b.record_no, own.record_no) as parent_record_no,
  coalesce(b.number, own.number) as parent_number, p.record_no as own_record_no, b.record_no as told_record_no
from ({pair}) p
left join bib_first b on b.key = p.parent_key
left join bib_key own on own.record_no = p.record_no and own.stream is not null""",
        "bib",
    )


def _source(context: Context, side: Sides, columns: Columns) -> None:
    """The view item_source: keys, merged source columns, what the parent offers."""
    if side.embedded:
        pieces = [_embedded_clean(context, side, name, extract, columns) for name, extract in side.embedded]
        context.view("item_embedded_clean", "\nunion all\n".join(pieces))
    merged, inner = merge_sql(context, side, columns.source)
    parents = "".join(
        f",\n  c.{BIB_COLUMNS[name]} as {quoted('bib_' + name)}"
        if name in BIB_COLUMNS
        else f",\n  {context.column('bib_record', name, 'pr')} as {quoted('bib_' + name)}"
        for name in sorted(columns.parents)
    )
    joins = []
    if columns.parents & set(BIB_COLUMNS):
        joins.append("left join bib_call c on c.record_no = k.parent_record_no")
    if columns.parents - set(BIB_COLUMNS):
        joins.append("left join bib_record pr on pr.record_no = k.parent_record_no")
    context.view(
        "item_source",
        "select k.key, k.number, k.own_record_no, k.field_id, k.row_id, k.parent_record_no,"
        f" k.parent_number{merged}{parents}\n"
        f"from item_key k\n{inner}\n" + "\n".join(joins),
        "bib",
    )


def _embedded_clean(context: Context, side: Sides, name: str, extract: Extract, columns: Columns) -> str:
    """SELECT of one embedded extract: place and the columns of all of them, cleaned."""
    made = {}
    for column, code in extract.columns.items():
        value = context.column(f"{name}_embedded", code)
        made[column] = blank_sql(value, extract.blank, whole=column in columns.whole)
    marked = {column: extract.columns[column] for column in extract.subfields}
    for column, code in marked.items():
        value = context.column(f"{name}_embedded", code)
        split_marked(made, value, extract.subfields[column], extract.blank)
    shown = "".join(
        f",\n  {made.get(column, 'null::varchar')} as {quoted(column)}"
        for column in sorted(side.embedded_columns)
    )
    return (
        f"select record_no, (record_no << {FIELD_BITS}) + field_no as field_id{shown}\nfrom {name}_embedded"
    )


def merge_sql(context: Context, side: Sides, source: frozenset[str]) -> tuple[str, str]:
    """SELECT list of src_ columns and the joins of the sides' views (aliases e and r)."""
    own: dict[str, AbstractSet[str]] = {
        "e": side.embedded_columns,
        "r": source_names(context, side.rows_name, side.rows) if side.rows is not None else set(),
    }
    order = "re" if context.project.item.wins == "rows" else "er"
    grouped = {c: group for group in (side.rows.together if side.rows else ()) for c in group}
    shown = []
    for name in sorted(source):
        there = [f"{alias}.{quoted(name)}" for alias in order if name in own[alias]]
        if len(there) == 2 and name in grouped:
            value = _together(name, grouped[name], order, own)
        else:
            value = (
                f"coalesce({', '.join(there)})"
                if len(there) == 2
                else (there[0] if there else "null::varchar")
            )
        shown.append(f",\n  {value} as {quoted('src_' + name)}")
    joins = []
    if side.embedded:
        # The record number says nothing new, but a range of it prunes the scan of the fields.
        joins.append(
            "left join item_embedded_clean e on e.record_no = k.own_record_no and e.field_id = k.field_id"
        )
    if side.rows is not None:
        joins.append("left join item_row_clean r on r.row_id = k.row_id")
    return "".join(shown), "\n".join(joins)


def group_sql(group: tuple[str, ...], alias: str, own: AbstractSet[str]) -> str:
    """The columns of a group as one text without blanks, for comparing."""
    parts = ", ".join(f"{alias}.{quoted(c)}" for c in group if c in own)
    return f"replace(concat_ws('', {parts}), ' ', '')" if parts else "''"


def _together(name: str, group: tuple[str, ...], order: str, own: dict[str, AbstractSet[str]]) -> str:
    """One side for the whole group: the winner's, unless it is blank, or says the same with fewer parts."""
    first, second = order[0], order[1]
    a, b = group_sql(group, first, own[first]), group_sql(group, second, own[second])

    def count(alias: str) -> str:
        return " + ".join(f"({alias}.{quoted(c)} is not null)::int" for c in group if c in own[alias]) or "0"

    return (
        f"case when {a} = '' or ({a} = {b} and {count(second)} > {count(first)})"
        f" then {second}.{quoted(name)} else {first}.{quoted(name)} end"
    )


def _aside(context: Context, columns: Columns) -> None:
    """item_aside: key, code, rule. The first reason wins: no parent, then maps in the order of rules."""
    cases = ["when parent_record_no is null then 'item-no-bib'"]
    rules = ["when parent_record_no is null then 'item.bib_number'"]
    joins = []
    for use in columns.uses.values():
        setting = columns.columns_with(use.place, "set_aside")
        if not setting:
            continue
        on = " and ".join(f"u{use.place}.k{n} = c.k{use.place}_{n}" for n in range(len(use.keys)))
        joins.append(f"left join {use.table} u{use.place} on {on}")
        test = f"not coalesce(u{use.place}.mapped, false)"
        cases.append(f"when {test} then {literal(use.map + '-unmapped')}")
        rules.append(f"when {test} then {literal('item.' + setting[0])}")
    context.table(
        "item_aside",
        f"""
select * from (
  select c.key, c.number, c.field_id, c.row_id, case {" ".join(cases)} end as what,
    case {" ".join(rules)} end as rule
  from item_code c
  {" ".join(joins)}
) where what is not null""",
        "bib",
    )
