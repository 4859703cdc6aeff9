"""Files of rows, whatever their container, as pieces: tables of text with what was set aside beside them.

Delimited, fixed and flat files are cut into partitions and read in threads; a dump is read window by window
in one, since where a row ends depends on all before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from transformer.engines import Threads, map_ordered
from transformer.extracts.model import Partition, Source
from transformer.extracts.shape import DelimitedPartition, DelimitedShape
from transformer.readers import delimited, dump, fixed, flat, lines
from transformer.readers.delimited import DelimitedResult, Note, SetAsideRow
from transformer.ruleset.compile.stage_plan import RowStage


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a file, in order. table: line, byte_start, byte_count, then the columns `titles`, called as
    they stand in the file. byte_count, record_count: how much of the file it is, rows set aside included.
    twice: headers that stand twice, told with the first piece."""

    table: pa.Table
    titles: tuple[str, ...]
    set_aside: tuple[SetAsideRow, ...]
    byte_count: int
    record_count: int
    notes: tuple[Note, ...] = ()
    loose_count: int = 0
    twice: tuple[str, ...] = ()


class RowPlace(NamedTuple):
    """Where a row stands: its line from 1, its bytes."""

    line: int
    byte_start: int
    byte_count: int


@dataclass(frozen=True, slots=True)
class _Task:
    partition: Partition
    shape: DelimitedShape | fixed.FixedShape | flat.FlatShape
    header: tuple[str, ...] = ()


def pieces_of(source: Source, stage: RowStage, threads: Threads) -> Iterator[Piece]:
    """The rows of a file. Raises ExtractError if it cannot be read as the rules say."""
    if stage.container == "delimited":
        yield from _delimited(source, stage, threads)
    elif stage.container == "dump":
        yield from _dump(source, stage)
    elif stage.container == "fixed":
        shape = fixed.source_shape(source, fixed_shape(stage))
        cut = lines.partitions(source, record_bytes=shape.record_bytes)
        yield from map_ordered(_collect, (_Task(part, shape) for part in cut), threads)
    else:
        documents = flat_shape(stage)
        cut = lines.partitions(source, documents.boundary.encode())
        yield from map_ordered(_collect, (_Task(part, documents) for part in cut), threads)


def fixed_shape(stage: RowStage) -> fixed.FixedShape:
    """How fixed columns lie. A row must reach into every required column."""
    places = {**stage.positions, **stage.again}
    least = max((places[name][0] + 1 for name in stage.required if name in stage.positions), default=1)
    return fixed.FixedShape(
        positions=tuple(stage.positions.items()),
        again=tuple(stage.again.items()),
        every=stage.every,
        times=stage.times,
        rest=stage.rest,
        least=least,
        record_bytes=stage.record_bytes,
        encoding=stage.encoding,
    )


def flat_shape(stage: RowStage) -> flat.FlatShape:
    """How documents look."""
    told = stage.flat
    assert told is not None
    return flat.FlatShape(
        told.boundary, told.tag_start, told.tag_end, told.value_start, told.block_start, told.block_end,
        told.join, told.skip, stage.encoding,
    )  # fmt: skip


def delimited_shape(stage: RowStage) -> DelimitedShape:
    """How a delimited file is written, as far as the rules say it."""
    return DelimitedShape(
        delimiter=stage.delimiter or None,
        qualifier=stage.quote or None,
        # `";"` and `;` are one delimiter: that each value is quoted again follows from the qualifier.
        repeat=next((r.strip(stage.quote) for r in stage.repeats if r.strip(stage.quote)), ""),
        encoding=stage.encoding,
        header=not stage.order,
    )


def _delimited(source: Source, stage: RowStage, threads: Threads) -> Iterator[Piece]:
    shape = delimited.find_shape(source, delimited_shape(stage))
    header = delimited.read_header(source, shape)
    twice = shape.found.duplicates if shape.found else ()
    tasks = (_Task(part, shape, header) for part in delimited.partitions(source, shape))
    for piece in map_ordered(_collect, tasks, threads):
        if stage.order:
            piece = _ordered(piece, header, stage.order)
        if not piece.record_count and not (shape.found and shape.found.row_count):
            piece = replace(piece, notes=(Note("list-empty", 1, "", f"{len(header)} columns"),))
        yield replace(piece, twice=twice)
        twice = ()


def _ordered(piece: Piece, header: tuple[str, ...], order: tuple[str, ...]) -> Piece:
    """Columns named by the rules' order; what the delimiter at the end of a line makes is no column."""
    names = list(header)
    names[: len(order)] = order[: len(names)]
    table = piece.table.rename_columns([*lines.Lines.OWN, *names])
    if len(names) == len(order) + 1 and not any(table.column(names[-1]).unique().to_pylist()):
        table, names = table.drop_columns([names[-1]]), names[:-1]
    return Piece(
        table, tuple(names), piece.set_aside, piece.byte_count, piece.record_count, piece.notes,
        piece.loose_count,
    )  # fmt: skip


def _dump(source: Source, stage: RowStage) -> Iterator[Piece]:
    for _, rows in dump.read(source, stage.table, stage.encoding):
        titles = tuple(rows.table.schema.names[len(lines.Lines.OWN) :])
        yield Piece(rows.table, titles, rows.set_aside, rows.byte_count, rows.record_count)


def _collect(task: _Task) -> Piece:
    partition, shape = task.partition, task.shape
    if isinstance(shape, DelimitedShape):
        result = delimited.read(partition, shape, task.header)
    elif isinstance(shape, fixed.FixedShape):
        result = fixed.read(partition, shape)
    else:
        result = flat.read(partition, shape)
    return _piece(partition, result)


def _piece(partition: Partition, result: DelimitedResult) -> Piece:
    titles = tuple(result.table.schema.names[len(lines.Lines.OWN) :])
    return Piece(
        result.table, titles, result.set_aside, partition.byte_count, partition.record_count, result.notes,
        result.loose_count,
    )  # fmt: skip


def pieces_at(source: Source, stage: RowStage, places: Sequence[RowPlace]) -> Iterator[Piece]:
    """Single rows of a file, read again at their places as a run read them.

    A dump is read whole, since nothing else tells where its rows begin.
    """
    if stage.container == "dump":
        wanted = pa.array([place.byte_start for place in places], pa.int64())
        for piece in _dump(source, stage):
            rows = piece.table.filter(pc.is_in(piece.table.column("byte_start"), wanted))
            if rows.num_rows:
                yield replace(piece, table=rows)
        return
    shape, header = _shape_of(source, stage)
    for number, place in enumerate(places):
        part = DelimitedPartition(
            source, number, place.byte_start, place.byte_count, place.line - 1, 1, place.line, False
        )
        piece = _collect(_Task(part, shape, header))
        yield _ordered(piece, header, stage.order) if header and stage.order else piece


def _shape_of(
    source: Source, stage: RowStage
) -> tuple[DelimitedShape | fixed.FixedShape | flat.FlatShape, tuple[str, ...]]:
    """How rows of the file are read, and the header of a delimited one."""
    if stage.container == "delimited":
        shape = delimited.find_shape(source, delimited_shape(stage))
        return shape, delimited.read_header(source, shape)
    if stage.container == "fixed":
        return fixed.source_shape(source, fixed_shape(stage)), ()
    return flat_shape(stage), ()
