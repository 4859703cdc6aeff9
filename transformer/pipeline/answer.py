"""The answer to a query, written: CSV, Parquet, JSON (one list) or JSON lines, by the suffix of the file.

CSV as everywhere here (writers/csv.py): UTF-8, a header, control characters as blanks, nothing for null. A
list or another value with parts is written as JSON inside its column. Numbers without fraction that DuckDB
holds as decimals (every sum of whole numbers) are whole numbers in JSON too.
"""

from __future__ import annotations

import decimal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
import pyarrow as pa

from transformer.errors import UsageError
from transformer.pipeline.results import OutputFact

SUFFIXES: Final = (".csv", ".parquet", ".json", ".jsonl")


@dataclass(frozen=True, slots=True)
class Written:
    """A written answer. changed_count: values of a CSV whose control characters became blanks."""

    file: OutputFact
    changed_count: int = 0


def checked_suffix(output: Path) -> str:
    """The suffix in small letters. Raises UsageError where it is not one of `SUFFIXES`."""
    suffix = output.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(
            f"the suffix {suffix!r} does not say what to write", str(output), f"one of {', '.join(SUFFIXES)}"
        )
    return suffix


def write_answer(rows: pa.RecordBatchReader, output: Path, *, overwrite: bool) -> Written:
    """Write all rows; the file appears when it is whole."""
    suffix = checked_suffix(output)
    if suffix == ".csv":
        return _csv(rows, output, overwrite)
    if suffix == ".parquet":
        return _parquet(rows, output, overwrite)
    return _json(rows, output, overwrite, lines=suffix == ".jsonl")


def json_rows(batch: pa.RecordBatch) -> list[bytes]:
    """Each row as one JSON object."""
    return [orjson.dumps(row, default=_plain) for row in batch.to_pylist()]


def _csv(rows: pa.RecordBatchReader, output: Path, overwrite: bool) -> Written:
    from transformer.writers.csv import write_csv

    flat = pa.schema(
        [pa.field(f.name, pa.string() if pa.types.is_nested(f.type) else f.type) for f in rows.schema]
    )
    stream = pa.RecordBatchReader.from_batches(flat, (_flat(batch, flat) for batch in rows))
    done = write_csv(output, stream, quote="needed", overwrite=overwrite)
    file = OutputFact(done.name, done.row_count, done.byte_count, done.sha256)
    return Written(file, sum(done.changed.values()))


def _flat(batch: pa.RecordBatch, flat: pa.Schema) -> pa.RecordBatch:
    """Nested columns as text."""
    columns = [
        column
        if not pa.types.is_nested(column.type)
        else pa.array(
            [None if v is None else orjson.dumps(v, default=_plain).decode() for v in column.to_pylist()],
            pa.string(),
        )
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, schema=flat)


def _parquet(rows: pa.RecordBatchReader, output: Path, overwrite: bool) -> Written:
    from transformer.pipeline.to_parquet import ParquetFile

    with ParquetFile(output, overwrite=overwrite) as file:
        file.write(rows.schema.empty_table())
        for batch in rows:
            file.write(pa.Table.from_batches([batch]))
        file.finish()
    return Written(OutputFact(output.name, file.row_count, file.byte_count, file.sha256))


def _json(rows: pa.RecordBatchReader, output: Path, overwrite: bool, *, lines: bool) -> Written:
    from transformer.writers.files import OutputFile

    count = 0
    with OutputFile(output, overwrite=overwrite) as file:
        file.write(b"" if lines else b"[")
        for batch in rows:
            file.write(b"".join(_joined(json_rows(batch), lines, count == 0)))
            count += batch.num_rows
        file.write(b"" if lines else b"\n]\n")
    return Written(OutputFact(output.name, count, file.byte_count, file.sha256))


def _joined(objects: list[bytes], lines: bool, first: bool) -> Iterator[bytes]:
    for number, one in enumerate(objects):
        if lines:
            yield one + b"\n"
        else:
            yield (b"\n" if first and number == 0 else b",\n") + one


def _plain(value: Any) -> Any:
    if isinstance(value, decimal.Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return value.hex()
    return str(value)
