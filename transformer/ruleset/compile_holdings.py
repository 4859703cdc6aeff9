"""Holdings made from items: one for each bib and set of key columns, numbered by a hash of them.

The number is the bib's number, a hyphen and 12 hexadecimal digits of the MD5 of the key: a function of
the key, never of order, so that test load and cutover agree. Adds it to the items (view item_final).
"""

from __future__ import annotations

from transformer.database.session import literal, quoted
from transformer.ruleset.context import Context
from transformer.ruleset.rules import DeliveryHoldings, HoldingsRules, Summary
from transformer.ruleset.validate import nearest
from transformer.ruleset.words import WordError, field_sql, parse_field, parse_template, template_sql


def holdings_columns(rules: HoldingsRules, target: DeliveryHoldings) -> dict[str, str]:
    """Key column -> item column that fills it for this target."""
    swapped = {"library": target.library, "location": target.location}
    return {name: swapped.get(name, name) for name in rules.key}


def number_sql(columns: dict[str, str]) -> str:
    """SQL of the holdings number of an item."""
    key = " || chr(31) || ".join(f"coalesce({quoted(c)}, '')" for c in columns.values())
    return f"parent_number || '-' || left(md5({key}), 12)"


def compile_holdings(
    context: Context, rules: HoldingsRules, target: DeliveryHoldings, beside: bool = False
) -> None:
    """holdings (after item_out), holdings_leader, holdings_made_field. beside: MARC holdings came too."""
    columns = holdings_columns(rules, target)
    made = (
        "\nwhere holdings_number not in (select number from holdings_key where code is null)"
        if beside
        else ""
    )
    grouped = ", ".join(f"{quoted(c)} as {quoted(name)}" for name, c in columns.items())
    context.output(
        "holdings",
        f"select row_number() over (order by number) - 1 as record_no, *\n"
        f"from (select distinct holdings_number as number, bib_number, {grouped} from item_out{made})",
        "record_no",
        "bib",
    )

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
    listed = ", ".join(
        f"{{'place': {place}, 'tag': {literal(tag)}, 'is_control': {control}, 'inner': {sql}}}"
        for place, (tag, control, sql) in enumerate(fields)
    )
    body = (
        f"select * from (select record_no, unnest([{listed}], recursive := true) from holdings)"
        ' where "inner" is not null'
    )
    pieces = [_summary(summary, len(fields) + n) for n, summary in enumerate(rules.summary)]
    context.view("holdings_made_field", "\nunion all ".join([body, *pieces]), "bib")


def _summary(summary: Summary, place: int) -> str:
    """SELECT of the fields that the items' values of a column make, each value once."""

    def resolve(name: str) -> str:
        if name != "value":
            raise WordError(f"name {name!r}", "value", nearest(name, ("value",)))
        return "value"

    field = parse_field(summary.field)
    return (
        f"select record_no, {place}, {literal(field.tag)}, {str(field.is_control).lower()},\n"
        f"  {field_sql(field, resolve)}\n"
        f"from (select distinct h.record_no, i.{quoted(summary.each)} as value from holdings h\n"
        "  join item_out i on i.holdings_number = h.number) where value is not null"
    )
