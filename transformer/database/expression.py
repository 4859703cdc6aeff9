"""Is an SQL expression of a rule file one scalar expression of allowed functions? Nothing else may run.

DuckDB's own parser says what it is; functions not on the list are refused: those that read files, reach
out, look at settings, sleep, or give another answer tomorrow (`random`, `now`, `current_date`: the day of the
run is `{as_of}`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
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
_STANDS_IN = "a_name_in_braces"
"""What the parser sees in place of {names}."""
MAX_LENGTH = 2000
VALUE_LENGTH = 1000.0
"""Characters of a value that are reckoned with: real ones with more are few."""
LENGTH_MOST = 1_000_000
"""Characters that an expression may make of such values."""
PAD_MOST = 1000


class ExpressionError(ValueError):
    """What is wrong with an expression, in a sentence."""


def check_expression(text: str, lengths: Mapping[str, float] | None = None) -> float:
    """Raises ExpressionError unless `text` (with {names}) is one scalar expression of allowed functions
    whose value cannot become huge. Returns the characters it may come to.

    lengths: how many characters each name may have; VALUE_LENGTH for those not told.
    """
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"the expression is longer than {MAX_LENGTH} characters")
    if ";" in text or "--" in text or "/*" in text:
        raise ExpressionError("no `;` and no comments in an expression")
    told = lengths or {}
    longest = max(
        (told.get(name.strip(), VALUE_LENGTH) for name in _NAME.findall(text)), default=VALUE_LENGTH
    )
    try:
        tree = _parse("select " + _NAME.sub(_STANDS_IN, text))
        return _checked(tree, longest)
    except RecursionError:
        raise ExpressionError("the expression is nested too deeply") from None


def _checked(tree: dict[str, Any], longest: float) -> float:
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
        if kind == "COLUMN_REF" and part["column_names"] != [_STANDS_IN]:
            raise ExpressionError(f"{'.'.join(part['column_names'])}: write names in braces: {{barcode}}")
    length = _length(columns[0], longest)
    if length > LENGTH_MOST:
        raise ExpressionError(
            f"its value may come to more than {LENGTH_MOST:,} characters: replacements in replacements, for"
            " instance, multiply a value"
        )
    return length


def _length(part: dict[str, Any], longest: float) -> float:
    """How many characters a part may give, where a name has at most `longest`."""
    inner = [_length(one, longest) for one in _children(part)]
    if part["class"] == "COLUMN_REF":
        return longest
    if part["class"] == "CONSTANT":
        return float(len(_text(part) or ""))
    if part["class"] != "FUNCTION":
        return max(inner, default=1.0)
    name = part["function_name"].lower()
    arguments = list(_children(part))
    if name in ("lpad", "rpad"):
        text = _text(arguments[1]) if len(arguments) > 1 else None
        if text is None or not text.isdigit() or int(text) > PAD_MOST:
            raise ExpressionError(f"{name}: the length must be a number, at most {PAD_MOST}")
        return float(text)
    if name in ("format", "strftime"):
        text = next((t for t in map(_text, arguments) if t is not None), None)
        if text is None or re.search(r"[0-9]{4}", text):
            raise ExpressionError(f"{name}: the form must be a text, without widths beyond 999")
        return sum(inner) + 1000.0 * (text.count("{") + text.count("%"))
    if name == "replace" and len(inner) == 3:
        wanted = len(_text(arguments[1]) or "") or 1
        return inner[0] * max(1.0, inner[2] / wanted)
    if name == "regexp_replace" and len(inner) >= 3:
        put = _text(arguments[2])
        repeats = len(re.findall(r"\\[0-9]", put)) if put is not None else 1
        return (inner[0] + 1) * max(1.0, inner[2]) + repeats * inner[0]
    return sum(inner) + 4.0


def _children(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The expressions right below one."""
    for key, value in part.items():
        if key != "class":
            yield from _tops(value)


def _tops(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "class" in value:
            yield value
        else:
            for inner in value.values():
                yield from _tops(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _tops(inner)


def _text(part: dict[str, Any]) -> str | None:
    """The text of a constant; None for anything else."""
    found = part.get("literal", {}).get("text") if part["class"] == "CONSTANT" else None
    return None if found is None else str(found)


@lru_cache(maxsize=1024)
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
