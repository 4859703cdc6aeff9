"""Patrons: rows of extracts become a main table and children keyed by the patron's number.

patron_key, patron_source, patron_1 ..., output patron_out; one output for each child table. No personal value
is looked at by the issues that come of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from transformer.database.session import literal, quoted
from transformer.ruleset.compile.adds import Add, add_keys, add_numbers, adds_of, join_adds
from transformer.ruleset.compile.bib import kind_sql
from transformer.ruleset.compile.columns import CLEAN, Columns, layer_views, repeated
from transformer.ruleset.compile.context import Context
from transformer.ruleset.compile.links import Linked, link_tables
from transformer.ruleset.compile.maps import code_columns, compile_maps, join_maps
from transformer.ruleset.compile.number import delivered_sql
from transformer.ruleset.compile.rows import (
    RowSet,
    Use,
    compile_rows,
    row_keys,
    row_set,
    set_names,
    source_names,
    whole_rows,
)
from transformer.ruleset.files.rules import CHILDREN, Child, ChildRow
from transformer.ruleset.files.validate import nearest
from transformer.ruleset.files.words import WordError, condition

FIRST = 1000
"""How far rows are moved up where their rule's `first_when` holds."""


@dataclass(frozen=True, slots=True)
class Patrons:
    """Where patrons come from: row extracts, and those that add columns to them."""

    rows: RowSet
    adds: tuple[Add, ...]

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.rows.extracts)


def patron_side(context: Context) -> Patrons:
    """The extracts of patrons that the rules know and staging has."""
    rows = row_set(context, "patron", "patron", context.ruleset.making("patron"))
    return Patrons(rows, adds_of(context, "patron"))


def patron_numbers(context: Context, side: Patrons) -> list[Use]:
    """Tables of numbers as written; gives the uses for number_form."""
    whole = _whole(context)
    return [*compile_rows(context, side.rows, whole), *add_numbers(context, side.adds, whole)]


def patron_columns(context: Context) -> Columns:
    """The compiler of patron columns: knows every column that an extract can have."""
    rules = context.ruleset
    extracts = (*rules.making("patron"), *rules.adding("patron"))
    names = frozenset(c for name, extract in extracts for c in source_names(context, name, extract))
    return Columns(context, "patron", rules.rules.patron, names, _whole(context))


def _whole(context: Context) -> frozenset[str]:
    """Columns that keep their repeats: those of rules that want them, and all that children are made of."""
    rules = context.ruleset.rules
    children: list[Child] = [getattr(rules, name) for name in CHILDREN]
    return repeated(rules.patron) | {n for child in children for row in child.row for n in row.names}


def compile_patrons(
    context: Context, columns: Columns, side: Patrons, linked: tuple[Linked, ...] = ()
) -> str:
    """Views up to the last layer of patron columns, whose name is given back; needs number_form."""
    row_keys(context, side.rows)
    add_keys(context, side.adds, columns.whole)
    context.table(
        "patron_key",
        f"select key, {delivered_sql(context, 'patron', 'key')} as number, row_id\n"
        f"from ({whole_rows(side.rows)})",
    )
    layers = columns.layers()
    own = set_names(context, side.rows)
    values = {c: f"r.{quoted(c)}" if c in own else "null::varchar" for c in sorted(columns.source)}
    added, add_joins = join_adds(context, side.adds)
    shown = "".join(f", {added(c, value)} as {quoted('src_' + c)}" for c, value in values.items())
    # A table: the columns, the children's rules and the codes read it ten times over, cleaned anew each time.
    context.table(
        "patron_source",
        f"select k.key, k.number, k.row_id{shown}\n"
        + "\n".join(["from patron_key k join patron_row_clean r on r.row_id = k.row_id", *add_joins(values)]),
    )
    link_tables(context, columns, linked)
    uses = list(columns.uses.values())
    context.table("patron_code", f"select number{code_columns(uses)}\nfrom patron_source")
    compile_maps(context, columns, "patron_code")
    context.drop("patron_code")
    mapped, joins = join_maps(context, columns, "s")
    context.view("patron_mapped", f"select s.*{mapped}\nfrom patron_source s\n{joins}")
    return layer_views(context, "patron", "patron_mapped", layers)


def compile_children(context: Context, columns: Columns) -> dict[str, tuple[str, ...]]:
    """One output a child table: number and its columns. Gives the columns of each, in order."""
    made: dict[str, tuple[str, ...]] = {}
    for name in CHILDREN:
        table = context.ruleset.rules.child.get(name)
        if table is None:
            continue
        child: Child = getattr(context.ruleset.rules, name)
        made[name] = table.columns
        shown = ", ".join(quoted(c) for c in table.columns if c != "preferred")
        pieces = [
            row_sql(place, row, table.columns, columns)
            for place, row in enumerate(child.row)
            if row.each in columns.source or row.each not in context.ruleset.vocabulary
        ]
        if not pieces:
            empty = ", ".join(f"null::varchar as {quoted(c)}" for c in table.columns)
            context.output(name, f"select null::varchar as number, {empty} where false", "number", "record")
            continue
        preferred = ""
        if "preferred" in table.columns:
            first = "row_number() over (partition by number order by may desc, place, nth) = 1 and may"
            preferred = f",\n  case when {first} then 'true' else 'false' end as preferred"
        ordered = ", ".join(quoted(c) for c in table.columns)
        context.output(
            name,
            f"""
select number, {ordered} from (
  select *{preferred} from (
    select number, {shown}, min(place) as place, min(nth) as nth, bool_or(may) as may
    from ({" union all ".join(pieces)})
    group by number, {shown}
  )
)""",
            "all",
            "record",
        )
    return made


def row_sql(place: int, row: ChildRow, wanted: tuple[str, ...], columns: Columns) -> str:
    """SELECT of number, the child's columns, place, nth and may (whether it may be preferred)."""
    if row.each not in columns.source:
        raise WordError(f"column {row.each!r}", "a column of the extract", nearest(row.each, columns.source))
    each = "nth * 100 + 1 as nth, v as w"
    if row.split:
        splitter = f"regexp_split_to_array(v, {literal(row.split)})"
        each = f"nth * 100 + generate_subscripts({splitter}, 1) as nth, unnest({splitter}) as w"
    value = "trim(w)"
    for verb in row.clean:
        if verb not in CLEAN:
            raise WordError(f"clean verb {verb!r}", ", ".join(CLEAN), nearest(verb, CLEAN))
        value = f"clean_{verb}({value})"
    values = {name: literal(text) for name, text in row.set.items()}
    if row.lines is not None:
        values |= _lines(row)
    elif row.into:
        values[row.into] = "w"
    for name in (*values, *row.columns):
        if name not in wanted:
            raise WordError(f"column {name!r}", ", ".join(wanted), nearest(name, wanted))
    place_sql = str(place)
    if row.first_when:
        test = condition(row.first_when, columns.one, kind_sql(columns.context))
        place_sql = f"case when {test} then {place - FIRST} else {place} end"
    if row.columns:
        return _side_by_side(place_sql, row, wanted, columns, value, values)
    shown = ", ".join(f"{values.get(c, 'null::varchar')} as {quoted(c)}" for c in wanted if c != "preferred")
    source = f"""(
    select number, place, nth, {value} as w from (
      select number, place, {each}
      from (
        select number, {place_sql} as place, unnest(string_split({quoted("src_" + row.each)}, chr(31))) as v,
          generate_subscripts(string_split({quoted("src_" + row.each)}, chr(31)), 1) as nth
        from patron_source where {quoted("src_" + row.each)} is not null
      )
    )
  )"""
    return f"""
  select number, {shown}, place, nth, {str(row.preferred).lower()} as may
  from {_cut(row, source)} where w <> ''"""


def _side_by_side(
    place: str, row: ChildRow, wanted: tuple[str, ...], columns: Columns, value: str, values: dict[str, str]
) -> str:
    """The same of a rule with `columns`: values of one place in several columns are one row."""
    if row.split:
        raise WordError("both columns and split", "one of them")
    for name in row.names:
        if name not in columns.source:
            raise WordError(f"column {name!r}", "a column of the extract", nearest(name, columns.source))

    def there(name: str) -> str:
        return f"nullif(trim(string_split({quoted('src_' + name)}, chr(31))[nth]), '')"

    made = {name: f"concat_ws(' ', {', '.join(map(there, names))})" for name, names in row.columns.items()}
    values = {**values, **{name: f"nullif(c{n}, '')" for n, name in enumerate(made)}}
    shown = ", ".join(f"{values.get(c, 'null::varchar')} as {quoted(c)}" for c in wanted if c != "preferred")
    parts = ", ".join(f"{sql} as c{n}" for n, sql in enumerate(made.values()))
    kept = " or ".join(f"c{n} <> ''" for n in range(len(made)))
    named = [quoted("src_" + name) for name in dict.fromkeys(row.names)]
    counts = ", ".join(f"len(string_split({name}, chr(31)))" for name in named)
    source = f"""(
    select number, place, nth, nullif({value}, '') as w, {parts} from (
      select number, {place} as place, nth, {there(row.each)} as w, * exclude (number, nth) from (
        select *, unnest(range(1, 1 + greatest({counts}))) as nth
        from patron_source where coalesce({", ".join(named)}) is not null
      )
    )
  )"""
    return f"""
  select number, {shown}, place, nth * 100 as nth, {str(row.preferred).lower()} as may
  from {_cut(row, source)} where w <> '' or {kept}"""


def _cut(row: ChildRow, source: str) -> str:
    """FROM clause: the source with its value w cut once, where the rule wants lines: `lines` of it, whether
    the last one `fits`, and `left_lines` without it."""
    if row.lines is None:
        return source
    trimmed = f"list_transform(string_split(w, {literal(row.lines.by)}), lambda x: trim(x))"
    source = f"(select *, list_filter({trimmed}, lambda x: x <> '') as lines from {source})"
    if row.last_line is None:
        return f"(select *, lines as left_lines from {source})"
    least = 0 if {*row.lines.into} & {*row.last_line.into} else 1
    fits = (
        f"coalesce(len(lines) > {least} and regexp_matches(lines[-1], {literal(row.last_line.match)}), false)"
    )
    source = f"(select *, {fits} as fits from {source})"
    return f"(select *, case when fits then lines[:-2] else lines end as left_lines from {source})"


def _lines(row: ChildRow) -> dict[str, str]:
    """Column -> SQL for a value cut into lines; the last line may give columns of its own instead.

    It must not be the only one, unless one of its columns is also that of a line: a city with its state.
    """
    assert row.lines is not None
    made: dict[str, str] = {}
    if row.last_line is not None:
        pattern = literal(row.last_line.match)
        for number, name in enumerate(row.last_line.into, start=1):
            made[name] = f"case when fits then regexp_extract(lines[-1], {pattern}, {number}) end"
    last = len(row.lines.into)
    for number, name in enumerate(row.lines.into, start=1):
        piece = f"left_lines[{number}]"
        if number == last:
            piece = f"nullif(array_to_string(left_lines[{number}:], ', '), '')"
        made[name] = f"coalesce({made[name]}, {piece})" if name in made else piece
    return made
