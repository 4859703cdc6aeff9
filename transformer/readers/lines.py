"""Files of lines for the readers of rows: partitions cut at line ends, and where the lines of a window lie.

`partitions` cuts a file at line ends, or before lines that begin with `boundary`, into pieces of about
PARTITION_BYTES; a piece without such a place in its last LONGEST_BYTES is cut all the same, so that memory
stays bounded, and what goes on in the next one is set aside there as too long.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transformer.extracts.model import PARTITION_BYTES, Partition, Source
from transformer.extracts.shape import DelimitedPartition
from transformer.extracts.window import read_window
from transformer.schema.batch import (
    I64,
    REASON_CODE,
    REASONS,
    SPAN_RECORD,
    SPAN_SEPARATOR,
    SPAN_SET_ASIDE,
    U8,
    Spans,
)

LONGEST_BYTES: Final = 4 << 20
"""A row or document that is longer may be cut."""
_LF = 10
_BOM = b"\xef\xbb\xbf"


@dataclass(slots=True)
class Lines:
    """Rows of a window, in order. start, end: their bytes without line end; after: where the next begins;
    line: number from 1; reason: 0 good, else an index into REASONS. skipped: pieces that are no rows,
    (start, after)."""

    OWN: ClassVar[tuple[str, ...]] = ("line", "byte_start", "byte_count")
    start: I64
    end: I64
    after: I64
    line: I64
    reason: npt.NDArray[np.int64]
    skipped: list[tuple[int, int]] = field(default_factory=list)

    @property
    def good(self) -> npt.NDArray[np.bool_]:
        """Rows that are taken."""
        taken: npt.NDArray[np.bool_] = self.reason == 0
        return taken

    def judge(self, code: str, bad: npt.NDArray[np.bool_]) -> None:
        """Set rows aside that are not so yet."""
        self.reason[(self.reason == 0) & bad] = REASON_CODE[code]

    def code(self, row: int) -> str:
        """Why a row is set aside."""
        return REASONS[int(self.reason[row])]

    def own(self, partition: Partition, good: npt.NDArray[np.bool_]) -> list[pa.Array]:
        """The reader's own columns of the good rows: line, byte_start, byte_count."""
        start = self.start[good] + partition.byte_start
        return [pa.array(self.line[good]), pa.array(start), pa.array((self.after - self.start)[good])]


def partitions(
    source: Source, boundary: bytes = b"", record_bytes: int = 0, partition_bytes: int = PARTITION_BYTES
) -> Iterator[DelimitedPartition]:
    """Cut a file; record_count counts rows as `lines_of` or the boundaries give them, good or not.

    boundary: beginning of the line before which pieces are cut; empty = any line. record_bytes: rows of one
    length without line ends.
    """
    size = source.path.stat().st_size
    at = index = rows = 0
    line, in_line = 1, False
    while at < size:
        window = read_window(source.path, at, partition_bytes + LONGEST_BYTES)
        cut = _cut(window, boundary, record_bytes, at + len(window) >= size, partition_bytes)
        piece = window[:cut]
        count = _count(piece, boundary, record_bytes, at == 0)
        yield DelimitedPartition(source, index, at, cut, rows, count, line, in_line)
        index, rows, at = index + 1, rows + count, at + cut
        line += int(np.count_nonzero(piece == _LF))
        in_line = not record_bytes and piece[-1] != _LF


def _cut(window: U8, boundary: bytes, record_bytes: int, last: bool, partition_bytes: int) -> int:
    if last and len(window) <= partition_bytes:
        return len(window)
    if record_bytes:
        return max(partition_bytes // record_bytes, 1) * record_bytes
    data = window.tobytes()
    mark = b"\n" + boundary
    found = data.find(mark, max(partition_bytes - 1, 0))
    if found < 0 and not last:
        found = data.rfind(mark)
    return found + 1 if found >= 0 else len(window)


def _count(piece: U8, boundary: bytes, record_bytes: int, first: bool) -> int:
    if record_bytes:
        return -(-len(piece) // record_bytes)
    if boundary:
        data = piece.tobytes()
        starts = boundary_starts(data, boundary)
        before = data[: starts[0]] if starts else data
        return len(starts) + bool(before.removeprefix(_BOM).strip())
    start, end, _ = line_places(piece, len(_BOM) if first and piece[:3].tobytes() == _BOM else 0)
    return int(np.count_nonzero(end > start))


def boundary_starts(data: bytes, boundary: bytes) -> list[int]:
    """Where lines begin that begin with the boundary."""
    found = [0] if data.startswith(boundary) else []
    at = data.find(b"\n" + boundary)
    while at >= 0:
        found.append(at + 1)
        at = data.find(b"\n" + boundary, at + 1)
    return found


def line_places(window: U8, begin: int = 0) -> tuple[I64, I64, I64]:
    """(start, end, after) of all lines from `begin` on; end is before LF or CR LF."""
    stops = np.flatnonzero(window[begin:] == _LF) + begin
    after = stops + 1
    if begin < len(window) and (not len(after) or after[-1] < len(window)):
        after = np.append(after, len(window))
        stops = np.append(stops, len(window))
    start = np.concatenate(([begin], after[:-1])) if len(after) else np.empty(0, np.int64)
    end = stops.astype(np.int64)
    carriage = (end > start) & (window[np.maximum(end - 1, 0)] == 13) if len(end) else np.empty(0, bool)
    return start.astype(np.int64), end - carriage, after.astype(np.int64)


def lines_of(window: U8, partition: DelimitedPartition, record_bytes: int) -> Lines:
    """The rows of a window: its lines that are not blank, or pieces of one length."""
    if record_bytes:
        start = np.arange(0, len(window), record_bytes, dtype=np.int64)
        after = np.minimum(start + record_bytes, len(window))
        reason = np.where(after - start < record_bytes, REASON_CODE["row-length"], 0)
        number = partition.first_record_no + np.arange(1, len(start) + 1)
        return Lines(start, after, after, number, reason)
    begin = len(_BOM) if partition.byte_start == 0 and window[:3].tobytes() == _BOM else 0
    start, end, after = line_places(window, begin)
    number = partition.first_line + np.arange(len(start), dtype=np.int64)
    reason = np.zeros(len(start), np.int64)
    if len(start):
        # A line that goes on from, or into, the next partition has no place where it could be cut.
        reason[0] = REASON_CODE["row-too-long"] if partition.in_line else 0
        whole = (
            window[-1] == _LF or partition.byte_start + len(window) >= partition.source.path.stat().st_size
        )
        if not whole:
            reason[-1] = REASON_CODE["row-too-long"]
    row = end > start
    skipped = list(zip(start[~row].tolist(), after[~row].tolist(), strict=True))
    if begin:
        skipped.insert(0, (0, begin))
    return Lines(start[row], end[row], after[row], number[row], reason[row], skipped)


def row_spans(partition: Partition, lines: Lines) -> Spans:
    """Spans of a partition: rows, and what lies between them."""
    skipped = np.array(lines.skipped, np.int64).reshape(-1, 2)
    start = np.concatenate((lines.start, skipped[:, 0]))
    after = np.concatenate((lines.after, skipped[:, 1]))
    kind = np.concatenate(
        (
            np.where(lines.reason == 0, SPAN_RECORD, SPAN_SET_ASIDE),
            np.full(len(skipped), SPAN_SEPARATOR),
        )
    )
    reason = np.concatenate((lines.reason, np.zeros(len(skipped), np.int64)))
    number = np.concatenate(
        (partition.first_record_no + np.arange(len(lines.start)), np.full(len(skipped), -1))
    )
    order = np.argsort(start, kind="stable")
    return Spans(
        start[order] + partition.byte_start,
        (after - start)[order],
        kind[order].astype(np.uint8),
        reason[order].astype(np.uint8),
        number[order].astype(np.int64),
    )
