"""Files of ISO 2709: spans and partitions cover them exactly, and do not depend on windows or sizes."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.damage.check import taken
from tests.makers import LEADER, record
from tests.reference import boundary as twin
from tests.reference.damage import files
from tests.reference.iso2709 import Entry, fields_of, text_reason
from tests.reference.mend import ORDER, Mended, mend
from transformer.errors import ExtractError
from transformer.extracts.model import Partition, Source
from transformer.kernels.boundary import AHEAD, MOST, find_spans
from transformer.marc import unpack_tag
from transformer.readers.iso2709 import looks_like, partitions, read, spans
from transformer.readers.mended import CODES
from transformer.readers.walk import Bounds
from transformer.schema.batch import (
    REASONS,
    SPAN_RECORD,
    SPAN_REPAIRED,
    SPAN_SEPARATOR,
    SPAN_SET_ASIDE,
    Spans,
)

ONE = record(LEADER, [("001", "b1"), ("245", "1", "0", [("a", "Of mice and moons")])])
TWO = record(LEADER, [("001", "b2"), ("650", " ", "0", [("a", "Moon"), ("x", "Mice")])])
BAD = ONE.replace(b"245", b"2\x1f5", 1)


def source_of(path: Path, data: bytes) -> Source:
    path.write_bytes(data)
    return Source(path, "iso2709")


def rows(parts: list[Spans]) -> list[tuple[int, ...]]:
    columns = ("byte_start", "byte_count", "kind", "reason", "record_no")
    return [
        row for part in parts for row in zip(*(getattr(part, name).tolist() for name in columns), strict=True)
    ]


# Files larger than the window: to shrink one takes minutes and makes it no clearer.
@settings(deadline=None, max_examples=40, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(
    st.lists(st.tuples(files(), st.integers(1, 400)), min_size=1, max_size=4),
    st.sampled_from([50, 5000]),
    st.sampled_from([1, 700, 50_000, 1 << 20]),
    st.integers(0, 1000),
)
def test_a_file_is_divided_exactly(
    pieces: list[tuple[bytes, int]], most: int, partition_bytes: int, first_no: int
) -> None:
    """Larger than the window: spans are the twin's, whatever the window and the partitions."""
    data = b"".join(piece * times for piece, times in pieces)[: AHEAD * 3 // 2]
    expected = twin.spans(data, most)
    bounds = Bounds(find_spans, most, AHEAD, walk_bytes=most + AHEAD + 1)
    with tempfile.TemporaryDirectory() as folder:
        source = source_of(Path(folder) / "bib.mrc", data)
        found = rows(list(spans(source, first_no, bounds)))
        assert [row[:4] for row in found] == expected
        numbers = [row[4] for row in found if row[2] != SPAN_SEPARATOR]
        assert numbers == list(range(first_no, first_no + len(numbers)))
        assert all(row[4] == -1 for row in found if row[2] == SPAN_SEPARATOR)

        cut = list(partitions(source, 5, first_no, partition_bytes, bounds))
        at, record_no = 0, first_no
        for number, partition in enumerate(cut):
            assert (partition.index, partition.byte_start, partition.first_record_no) == (
                5 + number,
                at,
                record_no,
            )
            assert partition.byte_count >= partition_bytes or number == len(cut) - 1
            at, record_no = at + partition.byte_count, record_no + partition.record_count
        assert at == len(data) and record_no == first_no + len(numbers)

        # Cutting and reading again is slow for tiny partitions: look at some from everywhere.
        for partition in cut[:: max(1, len(cut) // 20)]:
            check_read(partition, data, found, bounds)


Expected = tuple[int, str, bytes, list[Entry]]
"""Kind of the span, its reason, leader and fields of the record in it."""


def expected_of(before: tuple[int, ...], piece: bytes) -> Expected | None:
    """What becomes of a span that the walk found; None where its text is decoded first."""
    reason = REASONS[before[3]]
    if before[2] == SPAN_SEPARATOR:
        return SPAN_SEPARATOR, "", b"", []
    if before[2] == SPAN_RECORD:
        fields = fields_of(piece)
        if isinstance(fields, list):
            return SPAN_RECORD, "", piece[:24], fields
        if fields in ("not-utf8", "escape-sequence"):
            return None
        reason = fields
    repaired = mend(piece)
    if not isinstance(repaired, Mended):
        return SPAN_SET_ASIDE, repaired or reason, b"", []
    if any(text_reason(value) for _, value, _, _ in repaired.fields) or text_reason(piece[24:]):
        return None
    codes = dict(zip(ORDER, (code for _, code in CODES), strict=True))
    told = [codes[name] for name in ORDER if name in repaired.wrong] or ["length-mended"]
    fields = [(tag, value, control) for tag, value, control, _ in repaired.fields]
    return SPAN_REPAIRED, told[-1], repaired.leader, fields


def check_read(partition: Partition, data: bytes, found: list[tuple[int, ...]], bounds: Bounds) -> None:
    result = read(partition, bounds)
    end = partition.byte_start + partition.byte_count
    mine = [row for row in found if partition.byte_start <= row[0] < end]
    seen = rows([result.spans])
    assert [(row[0], row[1], row[4]) for row in seen] == [(row[0], row[1], row[4]) for row in mine]
    good: list[tuple[tuple[int, ...], Expected | None]] = []
    for before, after in zip(mine, seen, strict=True):
        expected = expected_of(before, data[before[0] : before[0] + before[1]])
        if expected is None:
            # Text that another encoding reads without a fault is no damage; the record says which it was.
            assert after[2] != SPAN_SEPARATOR
        else:
            assert (after[2], REASONS[after[3]]) == expected[:2]
        if after[2] in (SPAN_RECORD, SPAN_REPAIRED):
            good.append((before, expected))
    batch = result.batch
    assert batch.record_no.tolist() == [row[4] for row, _ in good]
    assert batch.byte_start.tolist() == [row[0] for row, _ in good]
    assert batch.byte_count.tolist() == [row[1] for row, _ in good]
    kinds = {row[4]: row[2] for row in seen}
    for number, (_, expected) in enumerate(good):
        if expected is None:
            if kinds[int(batch.record_no[number])] == SPAN_RECORD:
                assert result.encoding is not None
                assert result.encodings[result.encoding[number]] != "utf-8"
            continue
        assert taken(batch, int(batch.leader[number]), 24) == expected[2]
        found_fields = []
        for f in range(int(batch.field_from[number]), int(batch.field_from[number + 1])):
            inner = taken(batch, int(batch.start[f]), int(batch.length[f]))
            found_fields.append((unpack_tag(int(batch.tag[f])), inner, bool(batch.control[f])))
        assert found_fields == expected[3]


def test_one_record_is_set_aside_and_its_neighbours_are_not(tmp_path: Path) -> None:
    source = source_of(tmp_path / "bib.mrc", ONE + BAD + TWO)
    (partition,) = partitions(source)
    assert (partition.byte_start, partition.record_count) == (0, 3)
    result = read(partition)
    assert result.batch.record_no.tolist() == [0, 2]
    assert [REASONS[why] for why in result.spans.reason] == ["", "directory", ""]


def test_two_files_of_one_extract(tmp_path: Path) -> None:
    first = list(partitions(source_of(tmp_path / "a.mrc", ONE + TWO), partition_bytes=1))
    second = list(partitions(source_of(tmp_path / "b.mrc", TWO), 2, 2, partition_bytes=1))
    assert [(p.index, p.first_record_no, p.record_count) for p in first + second] == [
        (0, 0, 1),
        (1, 1, 1),
        (2, 2, 1),
    ]
    assert read(second[0]).batch.record_no.tolist() == [2]


def test_forty_million_bytes_without_a_terminator(tmp_path: Path) -> None:
    """Set aside in pieces, so that memory stays bounded whatever the file."""
    data = b"0123456789abcdef" * 2_621_440
    found = list(partitions(source_of(tmp_path / "bib.mrc", data), partition_bytes=1 << 20))
    assert sum(partition.byte_count for partition in found) == len(data)
    assert max(partition.byte_count for partition in found) == MOST == 1 << 24
    assert all(read(partition).batch.record_count == 0 for partition in found[:2])


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\n\n\x1a", b"\0" * 5000])
def test_files_without_records(tmp_path: Path, data: bytes) -> None:
    found = list(partitions(source_of(tmp_path / "bib.mrc", data)))
    assert sum(partition.byte_count for partition in found) == len(data)
    assert [read(partition).batch.record_count for partition in found] == [0] * len(found)


def test_a_file_that_changes_while_it_is_read(tmp_path: Path) -> None:
    source = source_of(tmp_path / "bib.mrc", ONE + TWO)
    (partition,) = partitions(source)
    source.path.write_bytes(ONE)
    with pytest.raises(ExtractError, match="has changed"):
        read(partition)
    source.path.unlink()
    with pytest.raises(ExtractError, match="cannot be read"):
        read(partition)
    with pytest.raises(ExtractError, match="cannot be read"):
        list(partitions(source))


@pytest.mark.parametrize(
    ("head", "answer"),
    [
        (ONE, True),
        (b"\xef\xbb\xbf\r\n" + ONE, True),
        (ONE[:24], True),
        (ONE[:20] + b"xxxx" + ONE[24:], True),
        (b"00714cam a2200205 a 4500", True),
        (ONE[:20], False),
        (b"", False),
        (b"<?xml version='1.0'?><collection xmlns='http://www.loc.gov/MARC21/slim'>", False),
        (b"12345,67890,a barcode,a call number,a date\n", False),
        (b"RECORD #(ITEM),BARCODE\ni1000001,30000000000001\n", False),
    ],
)
def test_looks_like(head: bytes, answer: bool) -> None:
    assert looks_like(head) is answer
