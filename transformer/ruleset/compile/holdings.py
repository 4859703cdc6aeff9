"""Holdings made from items, and from rows of holdings: one for each bib and set of key columns, numbered by a
hash of them.

The number is the bib's number, a hyphen and 12 hexadecimal digits of the MD5 of the key: a function of
the key, never of order, so that test load and cutover agree. Adds it to the items (view item_final).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from transformer.database.session import literal, quoted
from transformer.ruleset.compile.columns import Columns
from transformer.ruleset.compile.context import Context
from transformer.ruleset.compile.holdings_rows import THING
from transformer.ruleset.files.rules import DeliveryHoldings, HoldingsRules, Summary
from transformer.ruleset.files.validate import nearest
from transformer.ruleset.files.words import WordError, field_sql, parse_field, parse_template, template_sql


def holdings_columns(rules: HoldingsRules, target: DeliveryHoldings) -> dict[str, str]:
    """Key column -> item column that fills it for this target."""
    swapped = {"library": target.library, "location": target.location}
    return {name: swapped.get(name, name) for name in rules.key}


def number_sql(columns: dict[str, str]) -> str:
    """SQL of the holdings number of an item or row; a key column without a column is empty."""
    values = (f"coalesce({quoted(c)}, '')" if c else "''" for c in columns.values())
    return f"parent_number || '-' || left(md5(concat_ws(chr(31), {', '.join(values)})), 12)"


def compile_holdings(
    context: Context,
    rules: HoldingsRules,
    columns: Mapping[str, str],
    beside: bool,
    things: Sequence[Columns],
) -> None:
    """holdings (after item_out), holdings_leader, holdings_made_field. columns: see holdings_columns.
    beside: MARC holdings came too. things: those of the run; holdings that came as rows may be among them
    (after holdings_row_out)."""
    rows = next((one for one in things if one.thing == THING), None)
    _places(context, columns, beside, rows)

    def resolve(name: str) -> str:
        if name in ("number", "bib_number", *columns):
            return quoted(name)
        told = context.project_value(name)
        if told is not None:
            return told
        raise WordError(
            f"name {name!r}", ", ".join(("number", "bib_number", *columns)), nearest(name, columns)
        )

    fields = [
        ("001", "true", "number"),
        ("004", "true", "bib_number"),
        ("008", "true", template_sql(parse_template(rules.f008), resolve)),
    ]
    for text in rules.field:
        field = parse_field(text)
        fields.append((field.tag, str(field.is_control).lower(), field_sql(field, resolve)))
    context.view(
        "holdings_leader", f"select record_no, {literal(rules.leader)} as leader from holdings", "bib"
    )
    pieces = [
        piece
        for n, summary in enumerate(rules.summary)
        if (piece := _summary(context, summary, len(fields) + n, rows))
    ]
    context.view("holdings_made_field", _made_fields(fields, pieces), "bib")


def _made_fields(fields: list[tuple[str, str, str]], pieces: list[str]) -> str:
    """SELECT of record_no, place (from 0 in the record), tag, is_control, inner.

    Rows come record by record in the order of holdings, as the few fields of `pieces` are joined to them as
    lists: as rows of their own they tore the others apart, and sorting 1,600,000 fields took 0.7 of 1.1 s.
    """
    listed = ", ".join(
        f"{{'place': {place}, 'tag': {literal(tag)}, 'is_control': {control}, 'inner': {sql}}}"
        for place, (tag, control, sql) in enumerate(fields)
    )
    source, listed = "holdings", f"[{listed}]"
    if pieces:
        united = "\n  union all ".join(pieces)
        source = (
            "holdings left join (select record_no, list({'place': place, 'tag': tag,"
            " 'is_control': is_control, 'inner': \"inner\"} order by place) as more\n"
            f"from (select record_no, ({len(fields)} - 1 + row_number() over (partition by record_no"
            ' order by piece, "inner"))::int as place,\n  tag, is_control, "inner" from (\n'
            f'  {united}\n) where "inner" is not null)\ngroup by record_no) using (record_no)'
        )
        listed = f"list_concat({listed}, more)"
    return (
        f"select * from (select record_no, unnest({listed}, recursive := true)\nfrom {source})\n"
        'where "inner" is not null'
    )


def _places(context: Context, columns: Mapping[str, str], beside: bool, rows: Columns | None) -> None:
    """The output holdings: one row a record that we make, with the columns of its key."""
    made = (
        "\nwhere holdings_number not in (select number from holdings_key where code is null)"
        if beside
        else ""
    )
    grouped = ", ".join(f"{quoted(c)} as {quoted(name)}" for name, c in columns.items())
    listed = ""
    if rows is not None:
        own = ", ".join(quoted(c) if c in rows.rules else "null" for c in columns.values())
        listed = f"\nunion all select holdings_number, bib_number, {own} from holdings_row_out"
    context.output(
        "holdings",
        f"select row_number() over (order by number) - 1 as record_no, *\n"
        f"from (select distinct * from (select holdings_number as number, bib_number, {grouped}"
        f" from item_out{made}{listed}))",
        "record_no",
        "bib",
    )


def _summary(context: Context, summary: Summary, place: int, rows: Columns | None) -> str:
    """SELECT of the fields that the values of a column make, each value once; empty where nothing has it.

    What stands between U+001F in a column of rows is several values.
    """

    def resolve(name: str) -> str:
        if name != "value":
            raise WordError(f"name {name!r}", "value", nearest(name, ("value",)))
        return "value"

    field, each, tables = parse_field(summary.field), quoted(summary.each), []
    if summary.each in context.ruleset.rules.item:
        tables.append(f"select holdings_number, {each} as value from item_out")
    if rows is not None and summary.each in rows.rules:
        split = f"nullif(trim(unnest(string_split({each}, chr(31)))), '')"
        tables.append(f"select holdings_number, {split} as value from holdings_row_out")
    if not tables:
        return ""
    values = "\n    union all ".join(tables)
    return (
        f"select record_no, {place} as piece, {literal(field.tag)} as tag,"
        f" {str(field.is_control).lower()} as is_control,\n"
        f'  {field_sql(field, resolve)} as "inner"\n'
        f"from (select distinct h.record_no, i.value from holdings h join (\n    {values}\n"
        "  ) i on i.holdings_number = h.number) where value is not null"
    )
