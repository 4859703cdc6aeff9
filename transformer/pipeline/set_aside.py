"""What is set aside lies byte for byte beside its reason.

Records that were repaired and delivered lie beside it as they came, in files of the same form named
KIND-repaired, so that each repair can be checked; no ledger counts them as set aside.

For each kind: `set-aside/KIND.bytes`, the pieces as they stand in the extract, each followed by a line
feed, and `set-aside/KIND.csv`, one row a piece in the same order: source file, where it stood, where it
lies in the .bytes file, issue code and rule. Patrons, loans and requests lie in a folder of their own,
`set-aside/patron/`, which only its owner may read. A field of a record (an embedded item) is given in the
inner form of ISO 2709: indicators, then 0x1F, code and value of each subfield.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from transformer.extracts.model import Partition, Source
from transformer.extracts.window import read_window
from transformer.pipeline.runs import RunFolder

PIECE_BYTES: Final = 16 << 20
REPAIRED: Final = "-repaired"
PERSONAL: Final = ("patron", "loan", "request", "fine")
"""Kinds whose bytes are of people."""

REASON = pa.schema(
    [
        ("source_file", pa.string()),
        ("record_id", pa.string()),
        ("line", pa.int64()),
        ("byte_start", pa.int64()),
        ("byte_count", pa.int64()),
        ("field_no", pa.int64()),
        ("at", pa.int64()),
        ("code", pa.string()),
        ("rule", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing set aside. byte_start, byte_count: its record or row in the unpacked source file;
    field_no: the field of the record that it is, or -1 for the whole. repaired: it was delivered all the
    same, and this is how it came."""

    source: Source
    kind: str
    byte_start: int
    byte_count: int
    code: str
    rule: str = ""
    record_id: str = ""
    line: int | None = None
    field_no: int = -1
    repaired: bool = False


def write_set_aside(run: RunFolder, pieces: Iterable[Piece]) -> dict[str, str]:
    """Write the pieces, in the order given within each kind. Returns kind -> its .bytes file, relative
    to the run's folder; repaired ones under kind + REPAIRED."""
    by_kind: dict[str, list[Piece]] = {}
    for piece in pieces:
        by_kind.setdefault(piece.kind + (REPAIRED if piece.repaired else ""), []).append(piece)
    files = {}
    for kind, group in by_kind.items():
        name = "set-aside/patron" if group[0].kind in PERSONAL else "set-aside"
        folder = run.folder(name)
        _write_kind(folder, kind, group)
        files[kind] = f"{name}/{kind}.bytes"
    return files


def _write_kind(folder: Path, kind: str, pieces: list[Piece]) -> None:
    from transformer.writers.csv import write_csv
    from transformer.writers.files import OutputFile

    rows: list[dict[str, Any]] = []
    with OutputFile(folder / f"{kind}.bytes", hash=False) as file:
        at = 0
        for piece in pieces:
            rows.append(
                {
                    "source_file": piece.source.name,
                    "record_id": piece.record_id,
                    "line": piece.line,
                    "byte_start": piece.byte_start,
                    "byte_count": piece.byte_count,
                    "field_no": piece.field_no if piece.field_no >= 0 else None,
                    "at": at,
                    "code": piece.code,
                    "rule": piece.rule,
                }
            )
            for data in _bytes_of(piece):
                file.write(data)
                at += len(data)
            file.write(b"\n")
            at += 1
    write_csv(folder / f"{kind}.csv", pa.Table.from_pylist(rows, REASON))


def _bytes_of(piece: Piece) -> Iterator[Any]:
    if piece.field_no >= 0:
        yield _field(piece)
        return
    end = piece.byte_start + piece.byte_count
    for start in range(piece.byte_start, end, PIECE_BYTES):
        yield read_window(piece.source.path, start, min(PIECE_BYTES, end - start))


def _field(piece: Piece) -> bytes:
    """The inner form of one field, by reading its record again."""
    from transformer.readers import read
    from transformer.writers.conform import inner

    batch = read(Partition(piece.source, 0, piece.byte_start, piece.byte_count, 0, 1)).batch
    return inner(batch, piece.field_no)
