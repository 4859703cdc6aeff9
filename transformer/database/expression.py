"""Is an SQL expression of a rule file one scalar expression of allowed functions? Nothing else may run.

DuckDB's own parser says what it is; functions not on the list are refused: those that read files, reach
out, look at settings, sleep, or give another answer tomorrow (`random`, `now`, `current_date`: the day of the
run is `{as_of}`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

ALLOWED = frozenset(
    (
        "||", "+", "-", "*", "/", "//", "%", "~~", "!~~", "abs", "ceil", "chr", "coalesce", "concat",
        "concat_ws", "contains", "ends_with", "first_of", "floor", "format", "greatest", "if", "ifnull",
        "least", "left", "length", "lower", "lpad", "ltrim", "md5", "mod11", "nullif", "regexp_extract",
        "regexp_full_match", "regexp_matches", "regexp_replace", "replace", "reverse", "right", "round",
        "rpad", "rtrim", "split_part", "starts_with", "strftime", "strip_accents", "strlen", "strptime",
        "substr", "substring", "translate", "trim", "try_strptime", "upper",
    )
)  # fmt: skip
_CLASSES = frozenset(
    (
        "BETWEEN", "CASE", "CAST", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION",
        "OPERATOR", "TYPE",
    )
)  # fmt: skip
_NAME = re.compile(r"\{([^{}]*)\}")
MAX_LENGTH = 2000


class ExpressionError(ValueError):
    """What is wrong with an expression, in a sentence."""


def check_expression(text: str) -> None:
    """Raises ExpressionError unless `text` (with {names}) is one scalar expression of allowed functions."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"the expression is longer than {MAX_LENGTH} characters")
    if ";" in text or "--" in text or "/*" in text:
        raise ExpressionError("no `;` and no comments in an expression")
    tree = _parse("select " + _NAME.sub("x", text))
    if tree.get("error"):
        raise ExpressionError(f"no SQL expression: {tree.get('error_message', '')}".strip())
    statements = tree.get("statements", [])
    node = statements[0]["node"] if len(statements) == 1 else {}
    columns = node.get("select_list", [])
    plain = (
        node.get("from_table", {}).get("type") == "EMPTY" and len(columns) == 1 and not node.get("modifiers")
    )
    if not plain or node.get("where_clause") or node.get("cte_map", {}).get("map"):
        raise ExpressionError("one scalar expression, not a query")
    for part in _parts(columns[0]):
        kind = part["class"]
        if kind not in _CLASSES:
            raise ExpressionError(f"{kind.lower().replace('_', ' ')} is not allowed in an expression")
        if kind == "FUNCTION" and part["function_name"].lower() not in ALLOWED:
            raise ExpressionError(f"the function {part['function_name']} is not allowed")
        if kind == "COLUMN_REF" and part["column_names"] != ["x"]:
            raise ExpressionError(f"{'.'.join(part['column_names'])}: write names in braces: {{barcode}}")


def _parse(sql: str) -> dict[str, Any]:
    from transformer.database.session import literal, open_session

    con = open_session()
    try:
        found = con.sql(f"select json_serialize_sql({literal(sql)})").fetchall()[0][0]
    finally:
        con.close()
    tree: dict[str, Any] = json.loads(found)
    return tree


def _parts(value: Any) -> Iterator[dict[str, Any]]:
    """Every expression in the tree: the objects that have a class."""
    if isinstance(value, dict):
        if "class" in value:
            yield value
        for inner in value.values():
            yield from _parts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _parts(inner)
