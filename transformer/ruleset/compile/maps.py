"""Maps over codes: the codes that occur, what the maps make of them, and how often.

For each use of a map a small table `map_<name>`: the codes met (k0, k1 ...), row_count, three examples, the
label, whether it is mapped, and the target columns. Things join it; the reports and starter maps read it.
"""

from __future__ import annotations

from transformer.database.session import literal, quoted
from transformer.ruleset.compile.columns import Columns, MapUse
from transformer.ruleset.compile.context import Context


def rows_table(name: str) -> str:
    """Name under which the merged rows of a map are registered: its columns, _rank, _file, _line, _no."""
    return f"rows_{name}"


def code_columns(uses: list[MapUse]) -> str:
    """SELECT list of the key columns of all uses, for the narrow table of codes."""
    return "".join(f",\n  {key} as k{use.place}_{n}" for use in uses for n, key in enumerate(use.keys))


def compile_maps(context: Context, columns: Columns, codes: str) -> None:
    """The map_* tables of a thing, from its narrow table `codes` (number and k<use>_<n>)."""
    for use in columns.uses.values():
        shape = context.ruleset.rules.map[use.map]
        keys = [f"k{use.place}_{n}" for n in range(len(use.keys))]
        listed = ", ".join(f"{key} as k{n}" for n, key in enumerate(keys))
        grouped = ", ".join(keys)
        counts = "count(*) as row_count, min(number, 3) as examples"
        met = f"select {listed}, {counts} from {codes} group by {grouped}"
        body = _by_key(context, use, met)
        if shape.match:
            kinds = f"select {literal(use.map)} as kind, * from ({met})"
            body = f"select * exclude (kind) from (\n{by_label(context, use.map, kinds, shape.columns)}\n)"
        if not context.ruleset.maps[use.map]:
            body = _without_rows(context, use, met)
        context.table(use.table, body, "all")


def _targets(context: Context, name: str, columns: tuple[str, ...], alias: str) -> str:
    """SELECT list of the target columns (blank = null)."""
    have = _columns_of(context, name)
    return ", ".join(
        f"nullif({alias}.{quoted(c)}, '') as {quoted(c)}" if c in have else f"null::varchar as {quoted(c)}"
        for c in columns
    )


def filled_sql(context: Context, name: str, alias: str) -> str:
    """Condition for a row of a map to be a decision."""
    shape = context.ruleset.rules.map[name]
    have = _columns_of(context, name)
    must = [c for c in shape.must if c in have]
    filled = [
        f"coalesce({alias}.{quoted(c)}, '') <> ''" for c in (must or [c for c in shape.columns if c in have])
    ]
    return (" and " if must else " or ").join(filled) or "false"


def _columns_of(context: Context, name: str) -> frozenset[str]:
    return frozenset(column for row in context.ruleset.maps[name] for column in row.values)


def _label(context: Context, name: str, alias: str) -> str:
    shape = context.ruleset.rules.map[name]
    have = _columns_of(context, name)
    named = [
        f"nullif({alias}.{quoted(c)}, '')"
        for c in dict.fromkeys((shape.labels, "label", "name"))
        if c in have
    ]
    return f"coalesce({', '.join(named)})" if named else "null::varchar"


def _listed(context: Context, use: MapUse) -> str:
    """JOIN of what lists of codes call a code; empty where there can be none."""
    if len(use.keys) > 1 or not context.ruleset.making("code_list"):
        return ""
    return f" left join code_label l on l.kind = {literal(use.map)} and l.code = c.k0"


def _without_rows(context: Context, use: MapUse, met: str) -> str:
    """No map at all: nothing is mapped."""
    listed = _listed(context, use)
    label = "l.label" if listed else "null::varchar as label"
    nothing = ", ".join(f"null::varchar as {quoted(c)}" for c in context.ruleset.rules.map[use.map].columns)
    return (
        f"select c.*, {label}, false as mapped, {nothing}, '' as matched_by,"
        f" null::varchar as map_file, null::bigint as map_line from ({met}) c{listed}"
    )


def _by_key(context: Context, use: MapUse, met: str) -> str:
    """By equal keys; a row whose keys are `*` takes what no other row does."""
    shape = context.ruleset.rules.map[use.map]
    shown, filled = _targets(context, use.map, shape.columns, "m"), filled_sql(context, use.map, "m")
    tests = " and ".join(
        f"(m.{quoted(key)} = c.k{n} or m.{quoted(key)} = '*')" for n, key in enumerate(shape.keys)
    )
    wild = " + ".join(f"(m.{quoted(key)} = '*')::int" for key in shape.keys)
    columns = ", ".join(shape_columns(context, use))
    label, listed = _label(context, use.map, "m"), _listed(context, use)
    if listed:
        label = f"coalesce({label}, l.label)"
    return f"""
select {", ".join(f"k{n}" for n in range(len(use.keys)))}, row_count, examples, label, mapped,
  {columns}, matched_by, map_file, map_line
from (
  select c.*, {label} as label, coalesce({filled}, false) as mapped, {shown},
    'key' as matched_by, m._file as map_file, m._line as map_line,
    row_number() over (partition by {", ".join(f"c.k{n}" for n in range(len(use.keys)))}
      order by {wild}, m._rank desc, m._no) as nth
  from ({met}) c{listed} left join {rows_table(use.map)} m on {tests}
) where nth = 1"""


def by_label(
    context: Context,
    name: str,
    met: str,
    targets: tuple[str, ...],
    words: tuple[str, ...] = (),
    one_kind: bool = True,
) -> str:
    """By code where a row says so and the site's label does not speak against it; else by the label.

    met: SELECT of kind, k0 (the code), row_count, examples. words: kinds whose codes stand for a label that
    nobody gave. one_kind: a label without a kind holds too. A row of the map holds for its kind, or for all
    if it names none; its code `*` is any code that no other row takes.
    """
    have = _columns_of(context, name)
    also = "|| '|' || coalesce(m.also_called, '')" if "also_called" in have else ""
    match = "nullif(m.match, '')" if "match" in have else "null"
    match = f"coalesce({match}, case when m.code <> '' then 'code' else 'label' end)"
    label, all_kinds = "l.label", ""
    if one_kind:
        label = "coalesce(l.label, a.label)"
        all_kinds = f"\n    left join code_label a on a.kind = {literal(name)} and a.code = c.k0"
    # A word that stands for a label may find a row, but says nothing against one.
    told, given = "t.site_label", ""
    if words:
        told, given = "t.given_label", f"{label} as given_label, "
        label = f"coalesce({label}, case when c.kind in ({', '.join(map(literal, words))}) then c.k0 end)"
    kind = "(coalesce(m.kind, '') in ('', t.kind)) and" if "kind" in have else ""
    shown = _targets(context, name, targets, "m")
    columns = ", ".join(quoted(c) for c in targets)
    code = f"{match} like 'code%' and m.code"
    return f"""
select kind, k0, row_count, examples, label, mapped, {columns}, matched_by, map_file, map_line
from (
  select t.kind, t.k0, t.row_count, t.examples, coalesce(t.site_label, nullif(m.label, '')) as label,
    coalesce({filled_sql(context, name, "m")}, false) as mapped, {shown},
    case when {code} in (t.k0, '*') then 'code' else 'label' end as matched_by,
    m._file as map_file, m._line as map_line,
    row_number() over (partition by t.kind, t.k0
      order by ({code} = t.k0) desc, ({code} = '*'), m._rank desc, m._no) as nth
  from (
    select c.*, {given}{label} as site_label from ({met}) c
    left join code_label l on l.kind = c.kind and l.code = c.k0{all_kinds}
  ) t
  left join {rows_table(name)} m on {kind} (
    ({match} = 'code' and m.code in (t.k0, '*') and t.k0 <> '')
    or ({match} = 'code+label' and m.code = t.k0
        and ({told} is null or label_agrees({told}, m.label {also})))
    or (t.site_label is not null and {match} <> 'code' and label_agrees(t.site_label, m.label {also})))
) where nth = 1"""


def looked_up(context: Context, name: str, columns: tuple[str, ...]) -> str:
    """SELECT of key and columns of a map's rows that say something; the highest folder's row for each key."""
    shape, rows = context.ruleset.rules.map[name], context.ruleset.maps[name]
    have = {column for row in rows for column in row.values}
    if not rows or shape.keys[0] not in have:
        shown = ", ".join(f"'' as {quoted(column)}" for column in columns)
        return f"select '' as key, {shown} where false"
    shown = ", ".join(
        f"nullif({quoted(c)}, '') as {quoted(c)}" if c in have else f"null::varchar as {quoted(c)}"
        for c in columns
    )
    filled = " and ".join(f"{quoted(c)} <> ''" for c in (shape.must or columns) if c in have) or "true"
    key = quoted(shape.keys[0])
    return (
        f"select {key} as key, {shown} from rows_{name} where {filled}"
        f" qualify row_number() over (partition by {key} order by _rank desc, _no) = 1"
    )


def looked_up_together(context: Context, name: str, columns: tuple[str, ...], met: str) -> str:
    """The same of a map with several keys. met: SELECT of key, and of k0, k1 ... that are looked up.

    `*` is any code; the row with the fewest is taken, and of those the highest folder's.
    """
    shape, rows = context.ruleset.rules.map[name], context.ruleset.maps[name]
    have = {column for row in rows for column in row.values}
    if not rows:
        return looked_up(context, name, columns)
    shown = ", ".join(
        f"nullif(m.{quoted(c)}, '') as {quoted(c)}" if c in have else f"null::varchar as {quoted(c)}"
        for c in columns
    )
    fits = " and ".join(f"m.{quoted(key)} in (c.k{n}, '*')" for n, key in enumerate(shape.keys))
    wild = " + ".join(f"(m.{quoted(key)} = '*')::int" for key in shape.keys)
    return (
        f"select c.key, {shown} from ({met}) c join {rows_table(name)} m on {fits}"
        f" where {filled_sql(context, name, 'm')}"
        f" qualify row_number() over (partition by c.key order by {wild}, m._rank desc, m._no) = 1"
    )


def shape_columns(context: Context, use: MapUse) -> list[str]:
    """The map's target columns, quoted."""
    return [quoted(c) for c in context.ruleset.rules.map[use.map].columns]


def join_maps(context: Context, columns: Columns, alias: str) -> tuple[str, str]:
    """SELECT list and JOINs that bring the target columns of every use to a thing's row."""
    shown: list[str] = []
    joins: list[str] = []
    for use in columns.uses.values():
        table = f"u{use.place}"
        extra = ["label", "mapped", "matched_by", "map_file", "map_line"]
        targets = [c for c in (*context.ruleset.rules.map[use.map].columns, *extra)]
        shown += [f"{table}.{quoted(c)} as {quoted(use.column(c))}" for c in dict.fromkeys(targets)]
        on = " and ".join(f"{table}.k{n} = {key}" for n, key in enumerate(use.keys))
        joins.append(f"left join {use.table} {table} on {on}")
    return "".join(f",\n  {s}" for s in shown), "\n".join(joins)


def _told(columns: Columns, use: MapUse) -> set[str]:
    """What becomes of codes that a use of a map does not know, in the columns that use it."""
    return {policy for place, policy in columns.policies if place == use.place}


def compile_tally(context: Context, things: list[Columns], suppress: bool, more: str) -> None:
    """code_tally: every map use's codes with counts; `suppress` counts the values that may suppress a bib;
    more: SELECT of further rows."""
    pieces = [more]
    for columns in things:
        needed = {(use.map, use.place) for use in columns.uses.values() if _told(columns, use) != {"ignore"}}
        for use in columns.uses.values():
            # A second look at a map for what need not be there: its codes are no gaps in the map.
            if (use.map, use.place) not in needed and use.map in {name for name, _ in needed}:
                continue
            code = " || ' | ' || ".join(f"k{n}" for n in range(len(use.keys)))
            # Where nobody need know the code, a blank is nothing to tell.
            blank = " and ".join(f"k{n} = ''" for n in range(len(use.keys)))
            there = f" where not ({blank})" if _told(columns, use) == {"ignore"} else ""
            pieces.append(
                f"select {literal(use.map)} as map, {code} as code, label, row_count, mapped"
                f" from {use.table}{there}"
            )
    if suppress:
        decided = str(context.project.bib.suppress is not None).lower()
        pieces.append(
            "select 'suppress' as map, coalesce(suppress_value, '') as code, stream as label,"
            f" count(*) as row_count, {decided} as mapped from bib_key where stream is not null"
            " group by suppress_value, stream"
        )
    # Items and holdings in rows may look the same codes up: a code is one line of the tally.
    counted = "\nunion all ".join(pieces)
    context.table(
        "code_tally",
        "select map, code, max(label) as label, sum(row_count)::bigint as row_count,"
        f" bool_and(mapped) as mapped\nfrom (\n{counted}\n) group by map, code",
        "all",
    )
