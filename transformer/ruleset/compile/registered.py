"""Merged maps as Arrow tables, as the compiled SQL reads them: `rows_<map>`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from transformer.ruleset.files.rules import RuleSet

if TYPE_CHECKING:
    import pyarrow as pa


def map_tables(ruleset: RuleSet) -> dict[str, pa.Table]:
    """rows_<map> -> text columns of the map ('' where a file lacks one), _rank, _file, _line, _no."""
    import pyarrow as pa

    tables = {}
    for name, rows in ruleset.maps.items():
        if not rows:
            continue
        names = sorted({column for row in rows for column in row.values})
        columns: dict[str, pa.Array] = {
            column: pa.array([row.values.get(column, "") for row in rows], pa.string()) for column in names
        }
        columns["_rank"] = pa.array([row.rank for row in rows], pa.int32())
        columns["_file"] = pa.array([row.file for row in rows], pa.string())
        columns["_line"] = pa.array([row.line for row in rows], pa.int64())
        columns["_no"] = pa.array(range(len(rows)), pa.int64())
        tables[f"rows_{name}"] = pa.table(columns)
    return tables
