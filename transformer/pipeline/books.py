"""The books of a run: every unit read is written, merged or set aside, or the run ends with an error.

What was read is counted by the readers (spans and rows), what was written by the writers (records and
rows that went into files); the rules say what was merged and set aside. None of the three is derived
from another, so a loss anywhere shows as a difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

from transformer.errors import BooksError
from transformer.pipeline.results import LedgerRow
from transformer.schema.books import LEDGER


def ledger_rows(
    read_count: Mapping[tuple[str, str], int],
    reader_aside: Mapping[tuple[str, str], int],
    rules: Iterable[Mapping[str, object]],
    written: Mapping[tuple[str, str], int],
) -> tuple[LedgerRow, ...]:
    """Rows by file and kind. All keys are (source file, kind).

    read_count: units found by readers, set-aside ones included. reader_aside: of these, set aside by the
    reader or by a writer. rules: rows of `Applied.ledger`. written: units counted by the writers, where
    they count by file; it replaces what the rules expected, so that a difference shows.
    """
    said = {(str(row["source_file"]), str(row["kind"])): row for row in rules}
    keys = sorted({*read_count, *said})
    rows = []
    for key in keys:
        row = said.get(key, {})
        made = _int(row, "made_count")
        rows.append(
            LedgerRow(
                source_file=key[0],
                kind=key[1],
                read_count=read_count.get(key, 0),
                written_count=written.get(key, _int(row, "written_count")),
                merged_count=_int(row, "merged_count"),
                set_aside_count=_int(row, "set_aside_count") + reader_aside.get(key, 0),
                made_count=made,
                parents=str(row.get("parents") or ""),
            )
        )
    return tuple(rows)


def _int(row: Mapping[str, object], name: str) -> int:
    value = row.get(name)
    return int(value) if isinstance(value, int) else 0


def close(rows: Sequence[LedgerRow], filed: Mapping[str, int]) -> None:
    """Raises BooksError, naming every row that does not close, and every kind whose files hold another
    number than the rows say.

    filed: kind -> records in its finished files; what has no rows in the ledger is passed over.
    """
    lines = [
        f"{row.source_file}, {row.kind}: read {row.read_count:,}, written {row.written_count:,}, "
        f"merged {row.merged_count:,}, set aside {row.set_aside_count:,}"
        for row in rows
        if row.read_count != row.written_count + row.merged_count + row.set_aside_count
    ]
    for kind in sorted({row.kind for row in rows} & set(filed)):
        told = sum(row.written_count + row.made_count for row in rows if row.kind == kind)
        if told != filed[kind]:
            lines.append(f"{kind}: {told:,} written or made, {filed[kind]:,} in the files")
    if lines:
        raise BooksError(
            "the books do not close: " + "; ".join(lines),
            expected="read = written + merged + set aside for every file and kind, and as much in the files",
            next_step="Do not use this delivery; report it with the extracts and the run folder.",
        )


def ledger_table(rows: Iterable[LedgerRow]) -> pa.Table:
    """The ledger as an Arrow table (schema/books.py LEDGER)."""
    from dataclasses import asdict

    return pa.Table.from_pylist([asdict(row) for row in rows], LEDGER)
