"""What must hold for any file whatever, checked with the readers that everybody uses.

Spans cover the file: no gap, no overlap. The ledger closes: each number is read or set aside, once. Every
untouched record comes out as it was made. Values are valid UTF-8 and what comes out is bounded by what went
in. Cut into other partitions, the file gives the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tests.fuzz.case import Case
from tests.reference.batches import Field, Record
from tests.reference.boundary import directory_end, record_length
from tests.reference.iso2709 import fields_of
from transformer.extracts.model import PARTITION_BYTES, Source
from transformer.readers import reader_of
from transformer.schema.batch import (
    REASONS,
    SPAN_RECORD,
    SPAN_REPAIRED,
    SPAN_SEPARATOR,
    SPAN_SET_ASIDE,
    MarcBatch,
    ReadResult,
)
from transformer.writers import marcxml

TEXT_FACTOR, TEXT_MORE = 4, 64
"""Bytes that the values of a record may have for each byte of its span: U+FFFD has three for one."""
XML_FACTOR, XML_MORE = 32, 1024
"""Bytes of MARCXML for each byte: a delimiter alone becomes an empty subfield of 29."""


class Broken(AssertionError):
    """A promise that does not hold for a file."""


def demand(holds: bool, what: str) -> None:
    """Raise Broken with `what` unless it holds."""
    if not holds:
        raise Broken(what)


@dataclass
class Whole:
    """A file as it was read. spans: (start, count, kind, reason, record number). records: start -> (count,
    record, kind). notes: sorted."""

    spans: list[tuple[int, ...]] = field(default_factory=list)
    records: dict[int, tuple[int, Record, int]] = field(default_factory=dict)
    notes: list[tuple[Any, ...]] = field(default_factory=list)


def check(case: Case, folder: Path) -> dict[str, int]:
    """Read the case's file in both ways. Raises Broken; gives back how many spans of each kind there were."""
    path = folder / "fuzzed"
    path.write_bytes(case.data)
    source = Source(path, case.container, encoding=case.encoding)
    whole = read_whole(source, PARTITION_BYTES)
    check_wanted(case, whole)
    other = read_whole(source, case.partition_bytes)
    for name in ("spans", "records", "notes"):
        demand(getattr(whole, name) == getattr(other, name), f"other {name} for other partitions")
    kinds = [span[2] for span in whole.spans]
    return {
        "records": kinds.count(SPAN_RECORD),
        "repaired": kinds.count(SPAN_REPAIRED),
        "set aside": kinds.count(SPAN_SET_ASIDE),
    }


def read_whole(source: Source, partition_bytes: int) -> Whole:
    """All partitions of a file, each checked for itself and against the one before."""
    reader: Any = reader_of(source)
    found, at, number = Whole(), 0, 0
    for index, partition in enumerate(reader.partitions(source, partition_bytes=partition_bytes)):
        demand(
            (partition.index, partition.byte_start, partition.first_record_no) == (index, at, number),
            f"partition {index} does not follow on the one before",
        )
        result = reader.read(partition)
        spans = spans_of(result)
        for start, count, *_ in spans:
            demand(start == at and count > 0, f"span at {start} of {count} bytes, where {at} was reached")
            at += count
        demand(at == partition.byte_start + partition.byte_count, "spans do not cover the partition")
        check_ledger(result, spans, number, partition.record_count)
        number += partition.record_count
        found.spans += spans
        found.records |= check_batch(result)
        found.notes += result.notes
    demand(at == source.path.stat().st_size, f"spans cover {at} bytes of {source.path.stat().st_size}")
    found.notes.sort()
    return found


def spans_of(result: ReadResult) -> list[tuple[int, ...]]:
    """(start, count, kind, reason, record number) of each span."""
    spans = result.spans
    columns = (spans.byte_start, spans.byte_count, spans.kind, spans.reason, spans.record_no)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def check_ledger(result: ReadResult, spans: list[tuple[int, ...]], first: int, count: int) -> None:
    """Every number once; read where the span says so, and set aside with a reason where not."""
    numbered = [span for span in spans if span[2] != SPAN_SEPARATOR]
    demand([span[4] for span in numbered] == list(range(first, first + count)), "numbers do not follow")
    demand(all(span[4] == -1 for span in spans if span[2] == SPAN_SEPARATOR), "a separator has a number")
    read = [span for span in numbered if span[2] in (SPAN_RECORD, SPAN_REPAIRED)]
    batch = result.batch
    came = zip(batch.byte_start.tolist(), batch.byte_count.tolist(), batch.record_no.tolist(), strict=True)
    demand(
        list(came) == [(s[0], s[1], s[4]) for s in read], "the batch holds other records than the spans say"
    )
    for start, _, kind, reason, _ in numbered:
        demand(kind != SPAN_SET_ASIDE or 0 < reason < len(REASONS), f"set aside without reason at {start}")
        demand(kind != SPAN_RECORD or reason == 0, f"a plain record with a reason at {start}")


def check_batch(result: ReadResult) -> dict[int, tuple[int, Record, int]]:
    """The records by their start; offsets, UTF-8 and sizes are checked."""
    batch = result.batch
    kinds = dict(zip(result.spans.record_no.tolist(), result.spans.kind.tolist(), strict=True))
    check_offsets(batch)
    sizes = (
        np.add.reduceat(np.append(batch.length, 0).astype(np.int64), batch.field_from[:-1].clip(0))
        if (batch.record_count)
        else np.empty(0, np.int64)
    )
    sizes[np.diff(batch.field_from) == 0] = 0
    over = np.flatnonzero(sizes > TEXT_FACTOR * batch.byte_count + TEXT_MORE)
    demand(not len(over), "a record's values outgrow its bytes")
    rendered = marcxml.render(batch)
    written = np.diff(rendered.ends, prepend=0)
    over = np.flatnonzero(written > XML_FACTOR * batch.byte_count + XML_MORE)
    demand(not len(over), "a record's MARCXML outgrows its bytes")
    records = {}
    for at, record in enumerate(records_of(batch)):
        start = int(batch.byte_start[at])
        records[start] = (int(batch.byte_count[at]), record, kinds[int(batch.record_no[at])])
    return records


def check_offsets(batch: MarcBatch) -> None:
    """All offsets lie inside the data, or inside what a repair added."""
    demand(int(batch.field_from[0]) == 0 and int(batch.field_from[-1]) == batch.field_count, "field_from")
    demand(bool((np.diff(batch.field_from) >= 0).all()), "field_from does not rise")
    demand(bool((batch.length >= 0).all()), "a field of less than nothing")
    for start, length in ((batch.start, batch.length), (batch.leader, 24)):
        end = np.where(start >= 0, start, -1 - start) + length
        size = np.where(start >= 0, len(batch.data), len(batch.added))
        demand(bool((end <= size).all()), "a field or leader outside the bytes")


def records_of(batch: MarcBatch) -> list[Record]:
    """The records of a batch whose offsets are known to be good; each value must be UTF-8."""
    # Offsets below 0 count in `added`, from -1 on.
    data, added = batch.data.tobytes(), batch.added.tobytes()
    columns = zip(
        batch.tag.tolist(), batch.start.tolist(), batch.length.tolist(), batch.control.tolist(), strict=True
    )
    fields = []
    for tag, start, length, control in columns:
        inner = data[start : start + length] if start >= 0 else added[-1 - start : length - 1 - start]
        try:
            inner.decode()
        except UnicodeDecodeError:
            raise Broken(f"a value that is not UTF-8: {inner!r:.80}") from None
        fields.append(Field(tag.to_bytes(3, "big").decode("latin-1"), inner, bool(control)))
    edges = batch.field_from.tolist()
    return [
        Record(
            data[at : at + 24] if at >= 0 else added[-1 - at : 23 - at],
            fields[edges[number] : edges[number + 1]],
        )
        for number, at in enumerate(batch.leader.tolist())
    ]


def check_wanted(case: Case, whole: Whole) -> None:
    """Every untouched record is there as it was made, unless it lies wholly inside another one."""
    at = 0
    for piece in case.pieces:
        if piece.wanted is not None:
            found = whole.records.get(at)
            if found is None:
                demand(swallowed(case, whole, at), f"the untouched record at {at} was not read")
            else:
                demand(found[1] == piece.wanted, f"the untouched record at {at} was read as {found[1]}")
                demand(found[2] == SPAN_RECORD, f"the untouched record at {at} counts as repaired")
        at += len(piece.data)


def swallowed(case: Case, whole: Whole, at: int) -> bool:
    """True if the record at `at` lies inside one that is sound by a slow look of its own, or whose length is
    none while all of its directory says so.
    """
    if case.container != "iso2709":
        return False
    start, count = next((s[0], s[1]) for s in whole.spans if s[0] <= at < s[0] + s[1])
    outer = case.data[start : start + count]
    if record_length(case.data, start) == 0:
        return start < at and directory_end(case.data, start) == start + count
    return start < at and record_length(outer, 0) == count and fields_of(outer) not in REASONS[1:7]
