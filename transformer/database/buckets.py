"""Ranges of an integer column with about the same number of rows each, as cuts in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Cuts:
    """Where a column is cut: a bucket ends before each of the ascending values, the last has no end.

    rest: cuts of a second column for the rows that have no value in the first; they come last.
    """

    column: str
    values: tuple[int, ...]
    rest: Cuts | None = None

    @property
    def count(self) -> int:
        """Number of buckets."""
        return len(self.values) + 1 + (self.rest.count if self.rest else 0)


def bucket_cuts(con: duckdb.DuckDBPyConnection, bucket: tuple[str, ...], rows: int) -> Cuts:
    """Cuts of a table into ranges of about `rows` rows. bucket: the table and one or two of its integer
    columns; without a second one no row lacks the first."""
    table, first, *second = bucket
    values = _cuts(con, table, first, f"{first} is not null", rows)
    if not second:
        return Cuts(first, values)
    return Cuts(first, values, Cuts(second[0], _cuts(con, table, second[0], f"{first} is null", rows)))


def _cuts(con: duckdb.DuckDBPyConnection, table: str, column: str, where: str, rows: int) -> tuple[int, ...]:
    count = con.sql(f"select count({column}) from {table} where {where}").fetchall()[0][0]
    parts = -(-count // rows)
    if parts < 2:
        return ()
    shares = ", ".join(str(n / parts) for n in range(1, parts))
    found = con.sql(f"select quantile_disc({column}, [{shares}]) from {table} where {where}").fetchall()
    return tuple(sorted(set(found[0][0])))
