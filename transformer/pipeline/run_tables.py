"""The tables that a run leaves behind: Parquet, in groups of rows, so that one thing is found by reading one.

Tried, the five large tables of 300,000 bibs (2.2 million rows), processor time and size:

    zstd, a dictionary for every column                          1.21 s   29.8 MB
    lz4, the same                                                1.01 s   51.5 MB
    zstd, dictionaries only where values repeat                  0.62 s   16.8 MB
    and numbers told by their differences                        0.46 s   16.8 MB
    and text told by what it shares with the text before         0.53 s   12.6 MB

So the numbers of things, which hardly repeat, get no dictionary: it is built, found too large and given up
in every group. The last one is not taken: other programs read it slowly, if at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from transformer.engines.jobs import Job
from transformer.pipeline.applied import Applied, InTurn, Rows
from transformer.pipeline.batches import in_groups
from transformer.pipeline.staged import StagedTable

GROUP_ROWS: Final = 65_536
"""Rows of a row group."""
REPEATS: Final = 4
"""A column whose values occur less often than so on average, in the first rows, gets no dictionary."""
SAMPLE_ROWS: Final = 8192


def table_jobs(folder: Path, applied: Applied) -> Iterator[Job]:
    """Jobs that write the tables of the rules into a folder, the largest first."""
    tables: dict[str, pa.Table | Rows | InTurn] = {
        "key_index": applied.key_index,
        "item_decision": applied.item_decision,
        "row_link": applied.row_link,
        "item_index": applied.item_index,
        "bib_item": applied.bib_item,
        "code_tally": applied.code_tally,
        "number_form": applied.number_form,
        "profile_report": applied.profile_report,
    }
    if applied.item_double is not None:
        tables["item_double"] = applied.item_double
    for name, table in tables.items():
        rows = Rows(table) if isinstance(table, pa.Table) else table
        yield Job(partial(write_table, folder, name, rows))


def write_table(folder: Path, name: str, rows: Rows | InTurn | StagedTable) -> None:
    """Write `NAME.parquet` into a folder; it is there when it is whole. Same rows, same bytes."""
    import pyarrow.parquet as pq

    path, part = folder / f"{name}.parquet", folder / f".{name}.parquet.part"
    schema = rows.schema
    groups = in_groups(rows.batches(), schema, GROUP_ROWS)
    first = next(groups, schema.empty_table())
    try:
        with pq.ParquetWriter(part, schema, compression="zstd", **_told(first)) as writer:
            for group in _again(first, groups):
                writer.write_table(group, GROUP_ROWS)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _again(first: pa.Table, rest: Iterator[pa.Table]) -> Iterator[pa.Table]:
    yield first
    yield from rest


def _told(group: pa.Table) -> Mapping[str, Any]:
    """How the columns are encoded, from the first values of the first group."""
    group = group.slice(0, SAMPLE_ROWS)
    dictionaries, differences = [], {}
    for name, column in zip(group.schema.names, group.columns, strict=True):
        few = pa.types.is_dictionary(column.type) or REPEATS * pc.count_distinct(column).as_py() < len(column)
        if few or not len(column):
            dictionaries.append(name)
        elif pa.types.is_integer(column.type):
            differences[name] = "DELTA_BINARY_PACKED"
    return {"use_dictionary": dictionaries, "column_encoding": differences or None}
