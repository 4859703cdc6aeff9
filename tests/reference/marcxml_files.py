"""Made files of MARCXML, and the whole of what the reader says of one, its books checked."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.reference.batches import Field, Record, records_of
from transformer.extracts.model import Source
from transformer.readers import marcxml
from transformer.schema.batch import REASONS, SPAN_SEPARATOR

LEADER = "<leader>00000nam a2200000 a 4500</leader>"
GOOD = f"<record>{LEADER}<controlfield tag='001'>b1</controlfield></record>"
GOOD_RECORD = Record(b"00000nam a2200000 a 4500", [Field("001", b"b1", True)])


def source_of(folder: Path, text: str | bytes) -> Source:
    path = folder / "made.xml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return Source(path, "marcxml")


def read_all(
    source: Source, partition_bytes: int = 1 << 24
) -> tuple[list[Record], list[str], list[tuple[str, ...]]]:
    """(records, reasons of what was set aside, notes), with the books of spans checked on the way."""
    found: list[Record] = []
    aside: list[str] = []
    notes: list[tuple[str, ...]] = []
    end = number = 0
    for index, partition in enumerate(marcxml.partitions(source, partition_bytes=partition_bytes)):
        assert (partition.index, partition.byte_start, partition.first_record_no) == (index, end, number)
        result = marcxml.read(partition)
        for start, count, kind, record_no in zip(
            result.spans.byte_start,
            result.spans.byte_count,
            result.spans.kind,
            result.spans.record_no,
            strict=True,
        ):
            assert start == end and count > 0
            end = int(start + count)
            assert record_no == (-1 if kind == SPAN_SEPARATOR else number)
            number += kind != SPAN_SEPARATOR
        assert number == partition.first_record_no + partition.record_count
        assert end == partition.byte_start + partition.byte_count
        found += records_of(result.batch)
        aside += [REASONS[reason] for reason in result.spans.reason if reason]
        notes += [(code, tag, detail) for code, _, tag, detail in result.notes]
        check_places(source, result.batch.byte_start, result.batch.byte_count)
    assert end == source.path.stat().st_size
    return found, aside, notes


def check_places(source: Source, starts: np.ndarray, counts: np.ndarray) -> None:
    """Every record of a batch stands where it says."""
    data = source.path.read_bytes()
    for start, count in zip(starts, counts, strict=True):
        assert data[start] == ord("<") and data[start + count - 1] == ord(">")
