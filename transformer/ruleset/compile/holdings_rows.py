"""Holdings that come as rows: a list of them with place and summary, not MARC records.

A row has a number of its own, names its bib, and is made into the columns of [holdings_row]. Those of the
holdings' key tell which record it belongs to, as they do for items: a row and the items of one place are one
record, several rows of one place too. So rows count as merged into what is made. Needs bib_first, bib_call
and number_form; makes holdings_row_source, holdings_row_lost (key, row_id, code, rule of what is set aside)
and holdings_row_aside; the output holdings_row_out (number, bib_number, holdings_number, columns) is made of
the view whose name `compile_holdings_rows` gives.
"""

from __future__ import annotations

from transformer.database.session import literal, quoted
from transformer.ruleset.compile.columns import Columns, layer_views, parent_sql, repeated
from transformer.ruleset.compile.context import Context
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

THING = "holdings_row"


def holdings_rows(context: Context) -> RowSet:
    """The row extracts of holdings that the rules know and staging has."""
    return row_set(context, "holdings", "holdings", context.ruleset.making("holdings"))


def holdings_row_numbers(context: Context, rows: RowSet) -> list[Use]:
    """Tables of numbers as written; gives the uses for number_form."""
    whole = repeated(context.ruleset.rules.holdings_row)
    return compile_rows(context, rows, whole) if rows.extracts else []


def holdings_row_columns(context: Context) -> Columns:
    """The compiler of their columns: knows every column that an extract can have."""
    extracts = [(n, e) for n, e in context.ruleset.making("holdings") if e.is_rows]
    names = frozenset(c for name, extract in extracts for c in source_names(context, name, extract))
    rules = context.ruleset.rules.holdings_row
    return Columns(context, THING, rules, names, repeated(rules))


def compile_holdings_rows(context: Context, columns: Columns, rows: RowSet) -> str:
    """Everything below the output; gives the name of the last view."""
    row_keys(context, rows)
    layers = columns.layers()
    own = set_names(context, rows)
    shown = "".join(
        f",\n  {f'r.{quoted(c)}' if c in own else 'null::varchar'} as {quoted('src_' + c)}"
        for c in sorted(columns.source)
    )
    parents, joins = parent_sql(context, columns.parents)
    context.view(
        f"{THING}_source",
        f"select k.*{shown}{parents}\nfrom (\n"
        f"  select w.key, {delivered_sql(context, 'holdings', 'w.key')} as number, w.row_id,\n"
        "    b.record_no as parent_record_no, b.number as parent_number\n"
        f"  from ({whole_rows(rows)}) w left join bib_first b on b.key = w.parent_key\n"
        f") k join holdings_row_clean r on r.row_id = k.row_id\n{joins}",
        "bib",
    )
    context.table(
        f"{THING}_code",
        f"select key, number, row_id, parent_record_no{code_columns(list(columns.uses.values()))}\n"
        f"from {THING}_source",
        "bib",
    )
    compile_maps(context, columns, f"{THING}_code")
    _aside(context, columns, rows)
    context.drop(f"{THING}_code")
    mapped, joins = join_maps(context, columns, "s")
    context.view(
        f"{THING}_mapped",
        f"select s.*{mapped}\nfrom {THING}_source s\n{joins}\n"
        f"where s.key not in (select key from {THING}_lost)",
        "bib",
    )
    return layer_views(context, THING, f"{THING}_mapped", layers)


def _aside(context: Context, columns: Columns, rows: RowSet) -> None:
    """holdings_row_lost: no bib, or a map that must know the code; holdings_row_aside: of all rows."""
    cases = ["when parent_record_no is null then ['holdings-no-bib', 'parent']"]
    joins = []
    for use in columns.uses.values():
        setting = columns.columns_with(use.place, "set_aside")
        if setting:
            on = " and ".join(f"u{use.place}.k{n} = c.k{use.place}_{n}" for n in range(len(use.keys)))
            joins.append(f"left join {use.table} u{use.place} on {on}")
            told = f"[{literal(use.map + '-unmapped')}, {literal(f'{THING}.{setting[0]}')}]"
            cases.append(f"when not coalesce(u{use.place}.mapped, false) then {told}")
    context.table(
        f"{THING}_lost",
        f"select key, row_id, why[1] as code, why[2] as rule from (\n"
        f"  select c.key, c.row_id, case {' '.join(cases)} end as why from {THING}_code c\n"
        f"  {' '.join(joins)}\n) where why is not null",
        "bib",
    )
    left_out = "case what when 'left-out' then 'row-left-out' else what end"
    rule = "case what when 'left-out' then 'only_if' else 'number' end"
    pieces = [
        f"select row_id, key, {left_out} as code, {rule} as rule from holdings_row_again",
        f"select row_id, key, code, rule from {THING}_lost",
    ]
    if len(rows.extracts) > 1:
        later = f"holdings_row_later l join {THING}_lost a using (key)"
        pieces.append(f"select l.row_id, l.key, a.code, a.rule from {later}")
    context.table(f"{THING}_aside", "\nunion all\n".join(pieces), "bib")
