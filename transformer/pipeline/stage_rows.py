"""Stage delimited extracts: files -> one table of text columns, named as the rules name them.

Headers are compared without regard to case and outer blanks. A header that the rules do not know keeps
its own name; a column that the rules need and no file has is an error, told with the headers found.
Values stay as they stand in the file; empty ones become null, so that rules see one kind of nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from transformer.engines import map_ordered
from transformer.engines.progress import Progress
from transformer.errors import ExtractError
from transformer.extracts.model import Partition, Source
from transformer.extracts.shape import DelimitedShape
from transformer.pipeline.findings import Row, issue_row
from transformer.pipeline.stage import Aside, Staged, with_place
from transformer.ruleset.stage_plan import DelimitedStage


@dataclass(frozen=True, slots=True)
class _Task:
    partition: Partition
    shape: DelimitedShape
    header: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Done:
    partition: Partition
    table: pa.Table
    aside: list[Aside]
    issues: list[Row]
    loose_count: int


def stage_rows(
    staged: Staged,
    extract: str,
    files: tuple[Source, ...],
    stage: DelimitedStage,
    threads: int,
    progress: Progress,
) -> None:
    """Read the files of one delimited extract and add `<extract>_row` to what is staged."""
    tables = []
    for source in files:
        staged.read_count[source.name, extract] = loose = 0
        for done in map_ordered(_collect, _tasks(staged, source, stage), threads):
            staged.read_count[source.name, extract] += done.partition.record_count
            staged.aside += done.aside
            staged.issues += done.issues
            loose += done.loose_count
            tables.append(done.table)
            progress.advance(done.partition.byte_count, done.partition.record_count)
        if loose:
            told = f"{loose:,} rows have quotes inside values that are not doubled; read as they were meant."
            staged.issues.append(issue_row("loose-quotes", source, message=told))
    if tables:
        # Files of one extract may have different columns: what a file lacks is null there.
        staged.tables[f"{extract}_row"] = pa.concat_tables(tables, promote_options="default")


def _tasks(staged: Staged, source: Source, stage: DelimitedStage) -> Iterable[_Task]:
    from transformer.readers import delimited

    asked = DelimitedShape(
        delimiter=stage.delimiter or None,
        qualifier=stage.quote or None,
        # `";"` and `;` are one delimiter: that each value is quoted again follows from the qualifier.
        repeat=next((r.strip(stage.quote) for r in stage.repeats if r.strip(stage.quote)), ""),
        encoding=stage.encoding,
    )
    shape = delimited.find_shape(source, asked)
    header = delimited.read_header(source, shape)
    for title in shape.found.duplicates if shape.found else ():
        staged.issues.append(
            issue_row("header-twice", source, column=title, message=f"The column {title!r} stands twice.")
        )
    names = _names(staged, source, stage, header)
    for partition in delimited.partitions(source, shape):
        yield _Task(partition, shape, header, names)


def _names(staged: Staged, source: Source, stage: DelimitedStage, header: tuple[str, ...]) -> tuple[str, ...]:
    """Column names for the headers found; ExtractError where a required column is missing."""
    known = {name.strip().casefold(): column for name, column in stage.headers.items()}
    names: list[str] = []
    for title in header:
        column = known.get(title.strip().casefold())
        if column is None:
            staged.issues.append(
                issue_row(
                    "header-unknown", source, column=title, message=f"No rule knows the column {title!r}."
                )
            )
        names.append(column if column is not None and column not in names else title)
    missing = [column for column in stage.required if column not in names]
    if missing:
        wanted = ", ".join(sorted(title for title, column in stage.headers.items() if column in missing))
        raise ExtractError(
            f"has no column for {', '.join(missing)}",
            str(source.path),
            f"one of the headers {wanted}; {_shown(header, known)}",
            f"Export it again with that column, or name its header under [extract.{source.extract}.headers].",
        )
    return tuple(names)


def _shown(header: tuple[str, ...], known: Mapping[str, str]) -> str:
    """The headers found, if it is headers: a first line without any known one may be a person's row."""
    if any(title.strip().casefold() in known for title in header):
        return f"found: {', '.join(header)}"
    return "no known header stands in its first line"


def _collect(task: _Task) -> _Done:
    from transformer.readers import delimited

    partition, source = task.partition, task.partition.source
    result = delimited.read(partition, task.shape, task.header)
    place = ["line", "byte_start", "byte_count"]
    columns = [result.table.column(name) for name in place]
    columns += [_nothing_is_null(result.table.column(title)) for title in task.header]
    table = with_place(pa.Table.from_arrays(columns, [*place, *task.names]), source)
    aside, issues = [], []
    for row in result.set_aside:
        aside.append(Aside(source, source.extract, row.byte_start, row.byte_count, row.code, row.line))
        found = f"found {row.found}, expected {row.expected}"
        issues.append(issue_row(row.code, source, line=row.line, byte_start=row.byte_start, message=found))
    for note in result.notes:
        issues.append(issue_row(note.code, source, line=note.line, column=note.column, message=note.detail))
    return _Done(partition, table, aside, issues, result.loose_count)


def _nothing_is_null(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(pc.equal(column, ""), None, column)
