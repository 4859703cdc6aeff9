"""What a query asks for: its tables and its field specs, found in the tree that DuckDB makes of it.

    from spec('650a')            all values of 650 $a as rows (record_no, field_no, value)
    spec('245a')                 beside the columns of `record`: the first 245 $a of each record
    specs('650a')                the same: all of them, as a list

Specs are parsed by extracts/fieldspec.py, as in rules. A `spec(...)` beside the columns of `record` stands
for a column that `record` has in this query only, called like the spec; so no join is made, and the answer
is read in one pass.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from transformer.errors import UsageError
from transformer.extracts.fieldspec import FieldSpec, parse_field_spec

if TYPE_CHECKING:
    import duckdb

FIRST: Final = "first"
LIST: Final = "list"
_REPEATS: Final = {"spec": FIRST, "specs": LIST}
_CALL: Final = re.compile(r"specs?\s*\(.*\)", re.IGNORECASE | re.DOTALL)
_IN_FROM: Final = re.compile(r"\bspec\s*\(\s*'([^']*)'\s*\)", re.IGNORECASE)
_READS: Final = ("SELECT", "EXPLAIN", "MULTI")


@dataclass(frozen=True, slots=True)
class Column:
    """A column that `record` gets for a query. repeat: first or list."""

    name: str
    spec: FieldSpec
    repeat: str


@dataclass(slots=True)
class Asked:
    """A query. text: as DuckDB is to run it. uses: how often each table is named. specs: specs used as
    tables. columns: of `record`. sorts: rows come in no order of their own, and none is asked for."""

    text: str
    uses: dict[str, int] = field(default_factory=dict)
    specs: dict[str, FieldSpec] = field(default_factory=dict)
    columns: list[Column] = field(default_factory=list)
    unsorted: bool = False


def understand(con: duckdb.DuckDBPyConnection, text: str, own_names: frozenset[str]) -> Asked:
    """Take a query apart. own_names: columns of `record` in small letters, which a spec may not hide.

    Raises UsageError where it is not one statement that reads, FieldSpecError for a wrong field spec, and
    duckdb.Error where it cannot be parsed.
    """
    statements = con.extract_statements(text)
    if len(statements) != 1:
        raise _no_query(f"{len(statements)} statements were given" if statements else "there is no statement")
    if statements[0].type.name not in _READS:
        raise _no_query(f"{statements[0].type.name.lower()} is no query")
    asked = Asked(text)
    tree = json.loads(con.sql("select json_serialize_sql(?)", params=[text]).fetchall()[0][0])
    if tree["error"]:  # PIVOT and EXPLAIN have no tree
        asked.specs = {spec: parse_field_spec(spec) for spec in _IN_FROM.findall(text)}
        return asked
    calls = []
    for node in _nodes(tree):
        if node.get("type") == "TABLE_FUNCTION" and _name(node["function"]) in _REPEATS:
            spec = _spec_of(node["function"])
            asked.specs[spec.text] = spec
        elif node.get("type") == "BASE_TABLE":
            name = node["table_name"].lower()
            asked.uses[name] = asked.uses.get(name, 0) + 1
        elif node.get("class") == "FUNCTION" and _name(node) in _REPEATS:
            calls.append(node)
    asked.text = _with_columns(text, calls, asked, own_names)
    asked.unsorted = _is_unsorted(tree["statements"][0]["node"])
    return asked


def _no_query(found: str) -> UsageError:
    return UsageError(
        f"the query cannot be answered: {found}",
        "sql",
        "one statement that reads: select, from, with, describe",
    )


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of the tree; the function of a table function is not looked at by itself."""
    if isinstance(value, dict):
        yield value
        for key, inner in value.items():
            if not (key == "function" and value.get("type") == "TABLE_FUNCTION"):
                yield from _nodes(inner)
            else:
                yield from _nodes(inner.get("arguments"))
    elif isinstance(value, list):
        for inner in value:
            yield from _nodes(inner)


def _name(node: dict[str, Any]) -> str:
    return str(node["function_name"]).lower()


def _spec_of(node: dict[str, Any]) -> FieldSpec:
    """The field spec of a call: its one argument, a text in quotes."""
    arguments = node["arguments"]
    literal = arguments[0]["expression"].get("literal", {}) if len(arguments) == 1 else {}
    if literal.get("kind") != "STRING":
        raise UsageError(
            f"{node['function_name']}() takes one field spec, in quotes", "sql", "such as spec('245ab')"
        )
    return parse_field_spec(literal["text"])


def _with_columns(text: str, calls: list[dict[str, Any]], asked: Asked, own_names: frozenset[str]) -> str:
    """The query with a column of `record` in the place of each call; fills `asked.columns`."""
    taken = set(own_names)
    names: dict[tuple[str, str], str] = {}
    data = text.encode()
    pieces, at = [], 0
    for node in sorted(calls, key=lambda node: int(node["query_location"])):
        spec, repeat = _spec_of(node), _REPEATS[_name(node)]
        begin = int(node["query_location"])
        end = begin + int(node["query_location_length"])
        if begin < at or not _CALL.fullmatch(data[begin:end].decode(errors="replace")):
            raise UsageError(
                "a field spec stands where it cannot be read", "sql", f"{_name(node)}('{spec.text}')"
            )
        if (spec.text, repeat) not in names:
            # SQL does not tell capitals from small letters, subfield codes do.
            name = spec.text if repeat == FIRST else f"{spec.text} all"
            while name.lower() in taken:
                name += " "
            taken.add(name.lower())
            names[spec.text, repeat] = name
            asked.columns.append(Column(name, spec, repeat))
        quoted = '"' + names[spec.text, repeat].replace('"', '""') + '"'
        pieces += [data[at:begin], quoted.encode()]
        at = end
    return b"".join((*pieces, data[at:])).decode()


def _is_unsorted(node: dict[str, Any]) -> bool:
    """True for groups, distinct rows and unions without `order by` or `limit`: their order is chance."""
    modifiers = {modifier["type"] for modifier in node["modifiers"]}
    if modifiers & {"ORDER_MODIFIER", "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER"}:
        return False
    grouped = bool(node.get("group_expressions")) or node.get("aggregate_handling") == "FORCE_AGGREGATES"
    return grouped or "DISTINCT_MODIFIER" in modifiers or node["type"] == "SET_OPERATION_NODE"
