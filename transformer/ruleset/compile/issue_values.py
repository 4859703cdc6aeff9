"""Findings about delivered values: codes that their list does not have (see code_lists), values that a site
chose to change or set aside, texts of volumes that were not understood."""

from __future__ import annotations

from collections.abc import Callable

from transformer.database.session import literal, quoted
from transformer.ruleset.compile.columns import Columns
from transformer.ruleset.compile.context import Context
from transformer.ruleset.compile.enumeration import enumeration_issues, text_sql
from transformer.ruleset.compile.item_field import field_issues
from transformer.ruleset.compile.unique import unique_issues


def value_issues(context: Context, columns: Columns, row: Callable[..., str]) -> list[str]:
    """SELECTs of issue rows about the values of a thing."""
    pieces = [*list_issues(context, columns, row), *unique_issues(columns, row)]
    if columns.thing == "item":
        pieces += field_issues(context, row)
        pieces += enumeration_issues(text_sql(columns), row)
    return pieces


def list_issues(context: Context, columns: Columns, row: Callable[..., str]) -> list[str]:
    """SELECTs of issue rows. A list without codes says nothing: nobody gave it yet."""
    pieces = []
    ruleset = context.ruleset
    for name, rules in ruleset.rules.list.items():
        known = ruleset.lists.get(name)
        for text in rules.columns if known is not None and known.codes else ():
            thing, _, column = text.partition(".")
            if thing == columns.thing and column in columns.rules:
                assert known is not None
                code = "code-not-in-own-list" if known.own else "code-not-in-list"
                pieces.append(
                    row(
                        code, thing, _others(f"{thing}_out", column, known.codes),
                        column=literal(column), value="v", rule=literal(f"list.{name}"),
                        message="n || ' have it, for instance ' || array_to_string(examples, ', ')",
                    )
                )  # fmt: skip
    return pieces


def _others(table: str, column: str, codes: tuple[str, ...]) -> str:
    """FROM clause: delivered codes that are not among `codes`, with their count and three examples."""
    listed = ", ".join(literal(code) for code in codes)
    return (
        f"(select {quoted(column)} as v, count(*) as n, min(number, 3) as examples from {table}\n"
        f"  where {quoted(column)} not in ({listed}) group by 1)"
    )
