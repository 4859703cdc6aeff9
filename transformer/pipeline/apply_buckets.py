"""Outputs drained bucket by bucket, so that sorting a million rows takes the memory of a quarter million.

A statement's `bucket` names a narrow table and one or two of its integer columns; the output sorts by the
first (rows without it last, by the second). Buckets are ranges of these and follow one another in order: the
whole is sorted as if in one go.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from transformer.database.buckets import bucket_tests
from transformer.database.session import reader
from transformer.ruleset.context import Statement

if TYPE_CHECKING:
    import duckdb

BUCKET_ROWS = 250_000


def bucket_batches(
    con: duckdb.DuckDBPyConnection, statement: Statement, batch_rows: int
) -> Iterator[pa.RecordBatch]:
    """The output's record batches in order; at least one, empty if there is nothing."""
    schema = None
    for test in bucket_tests(con, statement.bucket, BUCKET_ROWS) or [""]:
        with reader(con, statement.part(test), statement.name, batch_rows) as batches:
            if schema is None:
                schema = batches.schema
                yield pa.RecordBatch.from_pylist([], schema)
            yield from batches
