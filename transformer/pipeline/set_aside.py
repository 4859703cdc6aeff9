"""What is set aside lies byte for byte beside its reason.

Records that were repaired and delivered lie beside it as they came, in files of the same form named
KIND-repaired, so that each repair can be checked; no ledger counts them as set aside.

For each kind: `set-aside/KIND.bytes`, the pieces as they stand in the extract, each followed by a line
feed, and `set-aside/KIND.csv`, one row a piece in the same order: source file, where it stood, where it
lies in the .bytes file, issue code and rule. Patrons, loans and requests lie in a folder of their own,
`set-aside/patron/`, which only its owner may read. A field of a record (an embedded item) is given in the
inner form of ISO 2709: indicators, then 0x1F, code and value of each subfield.

However much is set aside, no more than a batch of places and a window of bytes is held. Pieces that lie near
one another are read together: 100,000 rows in a run took 1.1 s of processor time one by one, 0.2 s so. Where
few are set aside, far from one another, it gains nothing (5,200 pieces of 300,000 bibs: 0.14 s either way).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transformer.extracts.model import Partition, Source
from transformer.extracts.window import read_window
from transformer.pipeline.applied import Rows
from transformer.pipeline.runs import RunFolder
from transformer.pipeline.staged import Aside
from transformer.schema.batch import I64, MarcBatch
from transformer.writers.files import OutputFile

WINDOW_BYTES: Final = 16 << 20
GAP_BYTES: Final = 64 << 10
"""Pieces with no more than so much between them are read together."""
BATCH_ROWS: Final = 16_384
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
PIECE = pa.schema([*(field for field in REASON if field.name != "at"), ("kind", pa.string())])
"""One thing set aside. byte_start, byte_count: its record or row in the unpacked source file; field_no: the
field of the record that it is, null for the whole; kind: with `REPAIRED` where it was delivered all the same,
and this is how it came."""

Reasons = Counter[tuple[str, str, str]]
"""(kind as in `PIECE`, code, rule) -> pieces."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A whole record that a writer set aside."""

    source: Source
    kind: str
    byte_start: int
    byte_count: int
    code: str


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Everything set aside, and copies of what was repaired: by readers, then by rules, then by writers.

    sources: the files that they lie in. ruled: `Applied.set_aside`.
    """

    sources: Sequence[Source]
    read: Sequence[Aside]
    ruled: Rows
    failed: Sequence[Piece]

    def batches(self, kind: str | None = None) -> Iterator[tuple[Sequence[Source], pa.RecordBatch]]:
        """Rows of `PIECE` in order, of one kind or all, each batch with the sources of its rows."""
        for asides in _some(one for one in self.read if kind in (None, _kind_of(one))):
            rows = [_row(a.source, _kind_of(a), a.byte_start, a.byte_count, a.code, a.line) for a in asides]
            yield [aside.source for aside in asides], pa.RecordBatch.from_pylist(rows, PIECE)
        by_name = {source.name: source for source in self.sources}
        for whole in self.ruled.batches():
            for start in range(0, whole.num_rows, BATCH_ROWS):
                batch = whole.slice(start, BATCH_ROWS).select(PIECE.names).cast(PIECE)
                if kind is not None:
                    batch = batch.filter(pc.equal(batch.column("kind"), kind))
                yield [by_name[name] for name in batch.column("source_file").to_pylist()], batch
        for pieces in _some(one for one in self.failed if kind in (None, one.kind)):
            rows = [_row(p.source, p.kind, p.byte_start, p.byte_count, p.code, None) for p in pieces]
            yield [piece.source for piece in pieces], pa.RecordBatch.from_pylist(rows, PIECE)

    def reasons(self) -> Reasons:
        """How many pieces there are for each reason."""
        found: Reasons = Counter()
        keys = ["kind", "code", "rule"]
        for _, batch in self.batches():
            groups = pa.table(batch.select(keys)).group_by(keys).aggregate([([], "count_all")])
            for row in groups.to_pylist():
                found[row["kind"], row["code"] or "", row["rule"] or ""] += row["count_all"]
        return found


def _kind_of(aside: Aside) -> str:
    return aside.kind + REPAIRED * aside.came_through


def _some(things: Iterable[Any]) -> Iterator[list[Any]]:
    each = iter(things)
    while taken := list(islice(each, BATCH_ROWS)):
        yield taken


def _row(
    source: Source, kind: str, byte_start: int, byte_count: int, code: str, line: int | None
) -> dict[str, Any]:
    return {
        "source_file": source.name, "record_id": "", "line": line, "byte_start": byte_start,
        "byte_count": byte_count, "field_no": None, "code": code, "rule": "", "kind": kind,
    }  # fmt: skip


def write_set_aside(run: RunFolder, pieces: Pieces, kinds: Iterable[str]) -> dict[str, str]:
    """Write the pieces of these kinds (as in `PIECE`), in the order given within each. Returns kind -> its
    .bytes file, relative to the run's folder."""
    files = {}
    for kind in sorted(set(kinds)):
        name = "set-aside/patron" if kind.removesuffix(REPAIRED) in PERSONAL else "set-aside"
        _write_kind(run.folder(name), kind, pieces)
        files[kind] = f"{name}/{kind}.bytes"
    return files


def _write_kind(folder: Path, kind: str, pieces: Pieces) -> None:
    from transformer.writers.csv import write_csv

    with OutputFile(folder / f"{kind}.bytes", hash=False) as file:
        reasons = _written(kind, pieces, file)
        write_csv(folder / f"{kind}.csv", pa.RecordBatchReader.from_batches(REASON, reasons))


def _written(kind: str, pieces: Pieces, file: OutputFile) -> Iterator[pa.RecordBatch]:
    """Writes the bytes of a kind, batch by batch, and tells their reasons."""
    fields = _Fields()
    for sources, batch in pieces.batches(kind):
        if not batch.num_rows:
            continue
        at = file.byte_count
        sizes = _write_bytes(file, sources, batch, fields)
        starts = np.concatenate(([0], np.cumsum(sizes + 1)[:-1])) + at
        columns = {name: batch.column(name) for name in PIECE.names} | {"at": pa.array(starts, pa.int64())}
        text = pc.fill_null(columns["record_id"], ""), pc.fill_null(columns["rule"], "")
        columns |= dict(zip(("record_id", "rule"), text, strict=True))
        yield pa.RecordBatch.from_arrays([columns[name] for name in REASON.names], schema=REASON)


def _write_bytes(file: OutputFile, sources: Sequence[Source], batch: pa.RecordBatch, fields: _Fields) -> I64:
    """Write the pieces, a line feed behind each; returns their sizes."""
    starts, counts = batch.column("byte_start").to_pylist(), batch.column("byte_count").to_pylist()
    numbers = batch.column("field_no").to_pylist()
    sizes: list[int] = []
    at = 0
    while at < len(sources):
        source, begin = sources[at], starts[at]
        if numbers[at] is not None:
            data = fields.inner(source, begin, counts[at], numbers[at])
            file.write(data + b"\n")
            sizes.append(len(data))
            at += 1
            continue
        end, stop = begin + counts[at], at + 1
        while (
            stop < len(sources) and numbers[stop] is None and sources[stop] is source
            and end <= starts[stop] <= end + GAP_BYTES and starts[stop] + counts[stop] - begin <= WINDOW_BYTES
        ):  # fmt: skip
            end = starts[stop] + counts[stop]
            stop += 1
        if end - begin > WINDOW_BYTES:
            sizes.append(_write_huge(file, source, begin, end))
        else:
            window = read_window(source.path, begin, end - begin).data
            found = [window[starts[n] - begin : starts[n] - begin + counts[n]] for n in range(at, stop)]
            file.write(b"".join(part for piece in found for part in (piece, b"\n")))
            sizes += map(len, found)
        at = stop
    return np.array(sizes, np.int64)


def _write_huge(file: OutputFile, source: Source, begin: int, end: int) -> int:
    """One piece, a window at a time; returns its size."""
    size = 0
    for start in range(begin, end, WINDOW_BYTES):
        window = read_window(source.path, start, min(WINDOW_BYTES, end - start))
        file.write(window)
        size += len(window)
    file.write(b"\n")
    return size


class _Fields:
    """Fields of records that are read again, a record at a time."""

    def __init__(self) -> None:
        self._place: tuple[Source, int] | None = None
        self._batch: MarcBatch | None = None

    def inner(self, source: Source, byte_start: int, byte_count: int, field_no: int) -> bytes:
        """The inner form of a field."""
        from transformer.readers import read
        from transformer.writers.conform import inner

        if self._batch is None or self._place != (source, byte_start):
            self._place = source, byte_start
            self._batch = read(Partition(source, 0, byte_start, byte_count, 0, 1)).batch
        return inner(self._batch, field_no)
