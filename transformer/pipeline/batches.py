"""Batches of any size as tables of one size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa


def in_groups(batches: Iterable[pa.RecordBatch], schema: pa.Schema, row_count: int) -> Iterator[pa.Table]:
    """The rows in order, `row_count` a table, the last with what is left; none where there are no rows.

    What is made of the tables does not depend on the batches that the rows came in. No more is held than a
    batch and a table.
    """
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        while count + batch.num_rows >= row_count:
            part = row_count - count
            yield pa.Table.from_batches([*held, batch.slice(0, part)], schema)
            held, count, batch = [], 0, batch.slice(part)
        if batch.num_rows:
            held.append(batch)
            count += batch.num_rows
    if held:
        yield pa.Table.from_batches(held, schema)
