"""Items: fields of bibs and rows of extracts become one table of items with a parent.

item_embedded_key, item_row_key: numbers of each side. item_..._again: later occurrences of a number.
item_key: one row an item, with its places (field_id = record_no << 20 | field_no; row_id) and its parent.
item_source: source columns merged, with those that other extracts add; item_linked: and those of its loan and
requests; item_stated: and the text of its statuses (see compile_status). item_aside: what is set aside and
why. item_out: the delivered rows.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from transformer.database.session import literal, quoted
from transformer.ruleset.compile.adds import Add, add_keys, add_numbers, adds_of, join_adds
from transformer.ruleset.compile.columns import Columns, layer_views, parent_sql, repeated
from transformer.ruleset.compile.context import Context
from transformer.ruleset.compile.enumeration import compile_enumeration, join_enumeration, text_sql
from transformer.ruleset.compile.links import (
    Linked,
    compile_linked,
    compile_statuses,
    link_tables,
    linked_view,
    status_dates,
)
from transformer.ruleset.compile.maps import code_columns, compile_maps, join_maps
from transformer.ruleset.compile.number import body_sql, delivered_sql, key_sql
from transformer.ruleset.compile.rows import (
    RowSet,
    Use,
    compile_rows,
    row_keys,
    row_set,
    set_names,
    source_names,
    split_marked,
    whole_rows,
)
from transformer.ruleset.compile.status import (
    compile_status_sets,
    compile_status_views,
    join_statuses,
    status_text,
)
from transformer.ruleset.compile.unique import compile_unique
from transformer.ruleset.files.rules import Extract

FIELD_BITS = 20


@dataclass(frozen=True, slots=True)
class Sides:
    """Where items come from: embedded fields (of one or more extracts, by name), rows, or both.

    adds: extracts whose rows add columns to items that others make.
    """

    embedded: tuple[tuple[str, Extract], ...]
    rows: RowSet
    adds: tuple[Add, ...] = ()

    @property
    def has_rows(self) -> bool:
        """Whether items come from rows."""
        return bool(self.rows.extracts)

    @property
    def names(self) -> tuple[str, ...]:
        """Sides that are there, for messages."""
        return tuple(name for name, _ in (*self.embedded, *self.rows.extracts))

    @property
    def embedded_columns(self) -> frozenset[str]:
        """Columns that any of the embedded extracts has."""
        return frozenset(column for _, extract in self.embedded for column in _columns_of(extract))


def _columns_of(extract: Extract) -> set[str]:
    return {*extract.columns, *(c for parts in extract.subfields.values() for c in parts.values())}


def sides(context: Context) -> Sides:
    """The sides that the rules know and staging has."""
    making = context.ruleset.making("item")
    return Sides(
        tuple(
            (name, extract)
            for name, extract in making
            if extract.container == "embedded" and context.has(f"{name}_embedded")
        ),
        row_set(context, "item", "item", making),
        adds_of(context, "item"),
    )


def item_numbers(context: Context, side: Sides) -> list[Use]:
    """Tables of numbers as written; gives the uses for number_form."""
    whole = _whole(context)
    uses: list[Use] = []
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
    if side.has_rows:
        uses += compile_rows(context, side.rows, whole)
    return uses + add_numbers(context, side.adds, whole)


def item_columns(context: Context) -> Columns:
    """The compiler of item columns: knows every column that either side can have."""
    source: set[str] = set()
    for name, extract in (*context.ruleset.making("item"), *context.ruleset.adding("item")):
        if extract.container == "embedded":
            source |= _columns_of(extract)
        else:
            source |= source_names(context, name, extract)
    return Columns(context, "item", context.ruleset.rules.item, frozenset(source), _whole(context))


def _whole(context: Context) -> frozenset[str]:
    """Source columns that keep their repeats: of statuses all are kept."""
    rules = context.ruleset.rules
    return repeated(rules.item) | set(rules.item_status.columns)


def compile_items(
    context: Context, side: Sides, columns: Columns, linked: tuple[Linked, ...] = (), patrons: bool = False
) -> None:
    """Everything up to the views of item columns; needs number_form, the tables of bibs, and patron_key."""
    _keys(context, side, columns)
    layers = columns.layers()
    _source(context, side, columns)
    link_tables(context, columns, linked)
    compile_linked(context, linked, patrons)
    statuses = status_text(columns, compile_statuses(context, linked))
    below = linked_view(context, columns)
    source, volume = "item_stated", text_sql(columns)
    context.view(
        source, f"select s.*,\n  {statuses.sql} as status_set\nfrom {below} s{statuses.joins}", "bib"
    )
    context.table(
        "item_code",
        "select key, number, parent_record_no, field_id, row_id, status_set"
        f"{code_columns(list(columns.uses.values()))}{f',{chr(10)}  {volume} as en_text' if volume else ''}"
        f"\nfrom {source}",
        "bib",
    )
    compile_status_sets(context, "item_code")
    compile_maps(context, columns, "item_code")
    compile_enumeration(context, volume, "item_code")
    _aside(context, columns)
    context.drop("item_code")
    shown, joins = join_maps(context, columns, "s")
    decided, join = join_statuses(columns, "s")
    parsed, by_text = join_enumeration(volume)
    context.view(
        "item_mapped",
        f"select s.*{shown}{decided}{parsed}\nfrom {source} s\n{joins}\n{join}{by_text}\n"
        "where s.key not in (select key from item_aside)",
        "bib",
    )
    compile_status_views(context, source, status_dates(context, linked))
    compile_unique(context, columns, layer_views(context, "item", "item_mapped", layers))


def _keys(context: Context, side: Sides, columns: Columns) -> None:
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
    if side.has_rows:
        row_keys(context, side.rows)
    add_keys(context, side.adds, columns.whole)
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


def _pairs(context: Context, side: Sides) -> None:
    """item_key, a join a step: three at once pinned more than 988 MiB for 4,500,000 items, as the database
    takes the join of fields and rows for a fifth of what it is, and keeps the longer sides."""
    number = delivered_sql(context, "item", "p.key")
    fields = (
        "select key, field_id, record_no from item_embedded_key"
        " anti join item_embedded_again using (field_id)"
    )
    nothing = "null::bigint as field_id, null::bigint as record_no"
    if side.embedded and side.has_rows:
        pair = f"""
  select coalesce(r.key, e.key) as key, e.field_id, e.record_no, r.row_id, r.parent_key
  from ({fields}) e full join ({whole_rows(side.rows)}) r on r.key = e.key"""
    elif side.embedded:
        pair = (
            "select key, field_id, record_no, null::bigint as row_id, null::varchar as parent_key"
            f" from ({fields})"
        )
    elif side.has_rows:
        pair = f"select key, {nothing}, row_id, parent_key from ({whole_rows(side.rows)})"
    else:
        pair = (
            f"select null::varchar as key, {nothing}, null::bigint as row_id, null::varchar as parent_key"
            " where false"
        )
    told, joins = "p.parent_key", ""
    for place, add in enumerate(side.adds):
        if add.rows.has_parent:
            told += f", a{place}.parent_key"
            joins += f"\nleft join {add.table} a{place} on a{place}.k = p.key"
    told = f"coalesce({told})" if joins else told
    context.table(
        "item_pair",
        f"select p.key, p.field_id, p.record_no, p.row_id, {told} as parent_key\nfrom ({pair}) p{joins}",
        "bib",
    )
    context.table(
        "item_told",
        """
select p.key, p.field_id, p.record_no, p.row_id, b.record_no as told_record_no, b.number as told_number
from item_pair p left join bib_first b on b.key = p.parent_key""",
        "bib",
    )
    context.drop("item_pair")
    context.table(
        "item_key",
        f"""
select p.key, {number} as number, p.field_id, p.row_id,
  coalesce(p.told_record_no, own.home) as parent_record_no,
  coalesce(p.told_number, own.number) as parent_number, p.record_no as own_record_no,
  case when p.told_record_no = own.home then p.record_no else p.told_record_no end as told_record_no
from item_told p left join bib_key own on own.record_no = p.record_no and own.home is not null
order by own_record_no nulls last, field_id, row_id""",
        "bib",
    )
    context.drop("item_told")


def _source(context: Context, side: Sides, columns: Columns) -> None:
    """The view item_source: keys, merged source columns, what the parent offers."""
    if side.embedded:
        pieces = [_embedded_clean(context, side, name, extract, columns) for name, extract in side.embedded]
        context.view("item_embedded_clean", "\nunion all\n".join(pieces))
    merged, inner = merge_sql(context, side, columns.source)
    parents, joins = parent_sql(context, columns.parents)
    context.view(
        "item_source",
        "select k.key, k.number, k.own_record_no, k.field_id, k.row_id, k.parent_record_no,"
        f" k.parent_number{merged}{parents}\n"
        f"from item_key k\n{inner}\n{joins}",
        "bib",
    )


def _embedded_clean(context: Context, side: Sides, name: str, extract: Extract, columns: Columns) -> str:
    """SELECT of one embedded extract: place and the columns of all of them, cleaned."""
    made = {}
    for column, code in extract.columns.items():
        made[column] = context.value(
            f"{name}_embedded", code, "", extract.blank_of(column), whole=column in columns.whole
        )
    marked = {column: extract.columns[column] for column in extract.subfields}
    for column, code in marked.items():
        value = context.column(f"{name}_embedded", code)
        unmarked = context.value(f"{name}_embedded", code, "", extract.blank_of(column))
        split_marked(made, value, extract.subfields[column], unmarked)
    shown = "".join(
        f",\n  {made.get(column, 'null::varchar')} as {quoted(column)}"
        for column in sorted(side.embedded_columns)
    )
    own = ""
    if sum(other.field == extract.field for _, other in side.embedded) > 1:
        # Of one tag in several layouts, each field is of the layout in which it has a number.
        body = body_sql(context, "item", context.column(f"{name}_embedded", extract.number[0]))
        own = f"\nwhere {body} is not null"
    return (
        f"select record_no, (record_no << {FIELD_BITS}) + field_no as field_id{shown}\n"
        f"from {name}_embedded{own}"
    )


def merge_sql(context: Context, side: Sides, source: frozenset[str]) -> tuple[str, str]:
    """SELECT list of src_ columns and the joins of the sides' views (aliases e and r)."""
    own: dict[str, AbstractSet[str]] = {
        "e": side.embedded_columns,
        "r": set_names(context, side.rows),
    }
    order = "re" if context.project.item.wins == "rows" else "er"
    grouped = {c: group for group in side.rows.together for c in group}
    added, add_joins = join_adds(context, side.adds)
    values: dict[str, str] = {}
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
        values[name] = value
    joins = []
    if side.embedded:
        # The record number says nothing new, but a range of it prunes the scan of the fields.
        joins.append(
            "left join item_embedded_clean e on e.record_no = k.own_record_no and e.field_id = k.field_id"
        )
    if side.has_rows:
        joins.append("left join item_row_clean r on r.row_id = k.row_id")
    joins += add_joins(values)
    shown = [f",\n  {added(name, value)} as {quoted('src_' + name)}" for name, value in values.items()]
    return "".join(shown), "\n".join(joins)


def group_sql(group: tuple[str, ...], alias: str, own: AbstractSet[str]) -> str:
    """The columns of a group as one text without blanks, for comparing."""
    parts = ", ".join(f"{alias}.{quoted(c)}" for c in group if c in own)
    return f"replace(concat_ws('', {parts}), ' ', '')" if parts else "''"


def _together(name: str, group: tuple[str, ...], order: str, own: dict[str, AbstractSet[str]]) -> str:
    """One side for the whole group: the winner's, unless it is blank, or says the same with fewer parts.

    Values are cleaned, so a blank side has fewer parts than one that is not; counting is cheap, joining not.
    """
    first, second = order[0], order[1]
    a, b = group_sql(group, first, own[first]), group_sql(group, second, own[second])

    def count(alias: str) -> str:
        return " + ".join(f"({alias}.{quoted(c)} is not null)::int" for c in group if c in own[alias]) or "0"

    return (
        f"case when {count(second)} > {count(first)} and ({a} = '' or {a} = {b})"
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
    if context.project.item.withdrawn == "drop":
        joins.append("join statuses_decided st on st.status_set = c.status_set")
        cases.append(f"when st.dropped then {literal('item-withdrawn')}")
        rules.append("when st.dropped then 'item.withdrawn'")
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
