"""Files of ISO 2709: spans and partitions cover them exactly, and do not depend on windows or sizes."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.makers import LEADER, record
from tests.reference import boundary as twin
from tests.reference.damage import files
from tests.reference.iso2709 import fields_of
from transformer.errors import ExtractError
from transformer.extracts.model import Partition, Source
from transformer.kernels.boundary import AHEAD
from transformer.marc import unpack_tag
from transformer.readers.iso2709 import Reach, looks_like, partitions, read, spans
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
    data = b"".join(piece * times for piece, times in pieces)[: 3 * AHEAD]
    expected = twin.spans(data, most)
    reach = Reach(walk_bytes=most + AHEAD + 1, most=most)
    with tempfile.TemporaryDirectory() as folder:
        source = source_of(Path(folder) / "bib.mrc", data)
        found = rows(list(spans(source, first_no, reach)))
        assert [row[:4] for row in found] == expected
        numbers = [row[4] for row in found if row[2] != SPAN_SEPARATOR]
        assert numbers == list(range(first_no, first_no + len(numbers)))
        assert all(row[4] == -1 for row in found if row[2] == SPAN_SEPARATOR)

        cut = list(partitions(source, 5, first_no, partition_bytes, reach))
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
            check_read(partition, data, found, reach)


def check_read(partition: Partition, data: bytes, found: list[tuple[int, ...]], reach: Reach) -> None:
    result = read(partition, reach)
    end = partition.byte_start + partition.byte_count
    mine = [row for row in found if partition.byte_start <= row[0] < end]
    seen = rows([result.spans])
    assert [(row[0], row[1], row[4]) for row in seen] == [(row[0], row[1], row[4]) for row in mine]
    good = []
    for before, after in zip(mine, seen, strict=True):
        piece = data[before[0] : before[0] + before[1]]
        fields = fields_of(piece) if before[2] == SPAN_RECORD else None
        if fields is None:
            assert before == after
        elif fields in ("not-utf8", "escape-sequence") and after[2] == SPAN_REPAIRED:
            good.append((before, None))  # decoded by the verdict on its file: tests of charset look inside
        elif isinstance(fields, str):
            assert after[2:4] == (SPAN_SET_ASIDE, REASONS.index(fields))
        else:
            assert after[2:4] == (SPAN_RECORD, 0)
            good.append((before, fields))
    batch = result.batch
    assert batch.record_no.tolist() == [row[4] for row, _ in good]
    assert batch.byte_start.tolist() == [row[0] for row, _ in good]
    assert batch.byte_count.tolist() == [row[1] for row, _ in good]
    for number, (row, fields) in enumerate(good):
        if fields is None:
            continue
        assert batch.field_from[number + 1] - batch.field_from[number] == len(fields)
        at = int(batch.leader[number])
        assert batch.data[at : at + 24].tobytes() == data[row[0] : row[0] + 24]
        for f, field in enumerate(fields, int(batch.field_from[number])):
            inner = batch.data[batch.start[f] : batch.start[f] + batch.length[f]].tobytes()
            assert (unpack_tag(int(batch.tag[f])), inner, bool(batch.control[f])) == field


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


def test_ten_million_bytes_without_a_terminator(tmp_path: Path) -> None:
    """Set aside in pieces, so that memory stays bounded whatever the file."""
    data = b"0123456789abcdef" * 655_360
    found = list(partitions(source_of(tmp_path / "bib.mrc", data), partition_bytes=1 << 20))
    assert sum(partition.byte_count for partition in found) == len(data)
    assert max(partition.byte_count for partition in found) < 2 << 20
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
