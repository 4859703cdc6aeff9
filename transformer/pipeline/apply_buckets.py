"""Outputs drained bucket by bucket, so that sorting a million rows takes the memory of a quarter million.

A statement's `bucket` names a narrow table and one or two of its integer columns; the output sorts by the
first (rows without it last, by the second). Buckets are ranges of these with about BUCKET_ROWS rows each,
chosen from the table, and follow one another in order: the whole is sorted as if in one go.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from transformer.database.session import reader
from transformer.ruleset.context import Statement

if TYPE_CHECKING:
    import duckdb

BUCKET_ROWS = 250_000


def bucket_batches(
    con: duckdb.DuckDBPyConnection, statement: Statement, batch_rows: int
) -> Iterator[pa.RecordBatch]:
    """The output's record batches in order; at least one, empty if there is nothing."""
    tests = bucket_tests(con, statement) or ["true"]
    schema = None
    for test in tests:
        sql = statement.body if test == "true" else f"select * from (\n{statement.body}\n) where {test}"
        with reader(con, f"{sql}\norder by {statement.order}", statement.name, batch_rows) as batches:
            if schema is None:
                schema = batches.schema
                yield pa.RecordBatch.from_pylist([], schema)
            yield from batches


def bucket_tests(con: duckdb.DuckDBPyConnection, statement: Statement) -> list[str]:
    """Conditions of the buckets in order; none if the output is small or has no bucket columns."""
    if not statement.bucket:
        return []
    table, first, *second = statement.bucket
    tests = _ranges(con, table, first, f"{first} is not null")
    if second:
        tests += [
            f"{first} is null and {test}" for test in _ranges(con, table, second[0], f"{first} is null")
        ]
    return tests


def _ranges(con: duckdb.DuckDBPyConnection, table: str, column: str, where: str) -> list[str]:
    count = con.sql(f"select count(*) from {table} where {where}").fetchall()[0][0]
    if not count:
        return []
    parts = -(-count // BUCKET_ROWS)
    if parts == 1:
        return [f"{column} is not null"]
    shares = ", ".join(str(n / parts) for n in range(1, parts))
    found = con.sql(f"select quantile_disc({column}, [{shares}]) from {table} where {where}").fetchall()
    cuts = sorted(set(found[0][0]))
    lows = [None, *cuts]
    highs = [*cuts, None]
    return [
        " and ".join(
            ([f"{column} >= {low}"] if low is not None else [])
            + ([f"{column} < {high}"] if high is not None else [f"{column} is not null"])
        )
        for low, high in zip(lows, highs, strict=True)
    ]
