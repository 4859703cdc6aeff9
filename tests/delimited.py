"""Reading small delimited files whole, for tests; that spans cover them is checked on the way."""

from __future__ import annotations

from pathlib import Path

from transformer.extracts.model import Source
from transformer.extracts.shape import DelimitedShape
from transformer.readers import delimited
from transformer.readers.delimited import DelimitedResult, SetAsideRow
from transformer.schema.batch import SPAN_SEPARATOR

COMMA = DelimitedShape(",", '"')


def source(folder: Path, data: bytes) -> Source:
    path = folder / "list.csv"
    path.write_bytes(data)
    return Source(path, "delimited", extract="item")


def read_all(
    file: Source, shape: DelimitedShape = COMMA, partition_bytes: int = 1 << 24
) -> list[DelimitedResult]:
    """Every partition; that their spans cover the file without gap or overlap is checked on the way."""
    header = delimited.read_header(file, shape)
    parts = list(delimited.partitions(file, shape, partition_bytes=partition_bytes))
    results = [delimited.read(part, shape, header) for part in parts]
    at = record_no = 0
    for part, result in zip(parts, results, strict=True):
        assert part.byte_start == at
        for start, count in zip(result.spans.byte_start, result.spans.byte_count, strict=True):
            assert start == at and count > 0
            at += count
        assert part.byte_start + part.byte_count == at
        numbers = result.spans.record_no[result.spans.kind != SPAN_SEPARATOR]
        assert numbers.tolist() == list(range(record_no, record_no + part.record_count))
        assert part.first_record_no == record_no
        record_no += part.record_count
    assert at == file.path.stat().st_size
    return results


def values(results: list[DelimitedResult]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for result in results:
        rows += zip(*(column.to_pylist() for column in result.table.columns[3:]), strict=True)
    return rows


def one(folder: Path, data: bytes, shape: DelimitedShape = COMMA) -> DelimitedResult:
    (result,) = read_all(source(folder, data), shape)
    return result


def aside(results: list[DelimitedResult]) -> list[SetAsideRow]:
    return [row for result in results for row in result.set_aside]
