"""Ranges of an integer column with about the same number of rows each, as conditions in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


def bucket_tests(con: duckdb.DuckDBPyConnection, bucket: tuple[str, ...], rows: int) -> list[str]:
    """Conditions that cut a table into ranges of about `rows` rows; every row meets exactly one.

    bucket: the table and one or two of its integer columns. Ranges of the first come first, in order, then
    those of the second for rows without the first. No condition where there are no rows.
    """
    if not bucket:
        return []
    table, first, *second = bucket
    tests = _ranges(con, table, first, f"{first} is not null", rows)
    if second:
        nulls = f"{first} is null"
        tests += [f"{nulls} and {test}" for test in _ranges(con, table, second[0], nulls, rows)]
    return tests


def _ranges(con: duckdb.DuckDBPyConnection, table: str, column: str, where: str, rows: int) -> list[str]:
    count = con.sql(f"select count(*) from {table} where {where}").fetchall()[0][0]
    parts = -(-count // rows)
    if parts < 2:
        return [f"{column} is not null"] * parts
    shares = ", ".join(str(n / parts) for n in range(1, parts))
    found = con.sql(f"select quantile_disc({column}, [{shares}]) from {table} where {where}").fetchall()
    cuts = sorted(set(found[0][0]))
    tests = []
    for low, high in zip([None, *cuts], [*cuts, None], strict=True):
        above = f"{column} is not null" if low is None else f"{column} >= {low}"
        tests.append(above if high is None else f"{above} and {column} < {high}")
    return tests
