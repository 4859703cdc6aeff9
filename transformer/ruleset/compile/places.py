"""What a later look at one thing needs: which rows hang on it, and what was decided about whole files.

Outputs `row_link` (rows of loans, requests and statuses, rows that add columns, and MARC holdings, each with
the key of the thing they hang on) and `number_form_out` (whether a file's numbers have check digits).
"""

from __future__ import annotations

from transformer.database.session import literal, quoted
from transformer.ruleset.compile.adds import Add
from transformer.ruleset.compile.context import Context
from transformer.ruleset.compile.fate import Parts
from transformer.ruleset.compile.links import Linked
from transformer.ruleset.compile.rows import PLACE_BITS, byte_sql

_NOTHING = (
    "select '' as extract, '' as kind, '' as of_kind, '' as of_key, '' as patron_key, '' as source_file,"
    " 0::bigint as record_no, 0::bigint as line, 0::bigint as byte_start, 0::bigint as byte_count where false"
)


def compile_places(context: Context, parts: Parts) -> None:
    """The two outputs; needs everything else to be there."""
    pieces = [_NOTHING, *(_linked(one) for one in parts.linked), *(_added(add) for add in parts.adds)]
    if parts.holdings:
        pieces.append(
            "select h.extract, 'holdings', 'bib', k.key, null, h.source_file, h.record_no, null,"
            " h.byte_start, h.byte_count\n"
            "from holdings_key h join bib_key k on k.record_no = h.parent_record_no"
        )
    if parts.holdings_rows.extracts:
        pieces.append(
            f"select w.extract, 'holdings', 'bib', b.key, null, w.source_file, null, s.line,"
            f" {byte_sql('k.row_id')}, s.byte_count\n"
            f"from holdings_row_source k {_placed('holdings', 'k.row_id')}\n"
            "join bib_key b on b.record_no = k.parent_record_no"
        )
    context.output(
        "row_link", "\nunion all ".join(pieces), "of_kind, of_key, extract, source_file, byte_start"
    )
    context.output("number_form_out", "select * from number_form", "use, source_file")


def _placed(prefix: str, row_id: str) -> str:
    """FROM clause parts: the row's length and file."""
    return (
        f"join {prefix}_row_key s on s.row_id = {row_id}\n"
        f"join {prefix}_row_file w on w.file_no = ({row_id} >> {PLACE_BITS})"
    )


def _linked(linked: Linked) -> str:
    return (
        f"select w.extract, '{linked.kind}', 'item', k.item_key, k.patron_key, w.source_file, null, s.line,"
        f" {byte_sql('k.row_id')}, s.byte_count\nfrom {linked.table} k {_placed(linked.kind, 'k.row_id')}\n"
        "where k.item_key is not null"
    )


def _added(add: Add) -> str:
    key, join = "s.key", ""
    if add.column != "number":
        value = add.found_by(lambda name: quoted(f"src_{name}"))
        join = f"\njoin (select key, {value} as value from {add.thing}_source) t on t.value = s.key"
        key = "t.key"
    return (
        f"select {literal(add.name)}, {literal(add.thing)}, {literal(add.thing)}, {key}, null, w.source_file,"
        f" null, s.line, {byte_sql('s.row_id')}, s.byte_count\n"
        f"from {add.name}_row_key s join {add.name}_row_file w"
        f" on w.file_no = (s.row_id >> {PLACE_BITS}){join}\nwhere {key} is not null"
    )
