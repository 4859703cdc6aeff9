"""Stage row extracts: files -> one table of text columns, named as the rules name them.

Headers, tags and columns of tables are compared without regard to case and outer blanks. One that the rules
do not know keeps its own name, and is told; a column that the rules need and no file has is an error, told
with the headers found. Values lose their outer blanks, and spellings of nothing become null
(`readers.clean`). How each container is read: `pipeline.row_sources`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from transformer.engines import Threads
from transformer.engines.progress import Progress
from transformer.errors import ExtractError
from transformer.extracts.model import Source
from transformer.pipeline.findings import Row, issue_row
from transformer.pipeline.parts import Known, Parts
from transformer.pipeline.row_sources import Piece, pieces_of
from transformer.pipeline.staged import Aside, Staged, StagedTable, Stored, with_place
from transformer.readers.clean import cleaned
from transformer.readers.lines import Lines
from transformer.ruleset.compile.stage_plan import REPEAT, RowStage


def stage_rows(
    staged: Staged,
    extract: str,
    files: tuple[Source, ...],
    stage: RowStage,
    threads: Threads,
    progress: Progress,
    parts: Parts | None = None,
) -> None:
    """Read the files of one row extract, add `<extract>_row` to what is staged. parts: None = in memory."""
    parts = parts or Parts()
    pieces: list[Stored] = []
    for number, source in enumerate(files):
        name = f"{extract}_row-{number:03d}"

        def make(source: Source = source, name: str = name) -> RowsDone:
            return _one_file(source, name, stage, threads, progress, parts)

        done = parts.step(f"stage/{name}", make, lambda done: map(Known.of, done.pieces))
        key = source.name, stage.kind
        staged.read_count[key] = staged.read_count.get(key, 0) + done.read_count
        staged.aside += done.aside
        staged.issues += done.issues
        pieces += done.pieces
    if pieces:
        # Files of one extract may have different columns: what a file lacks is null there.
        staged.tables[f"{extract}_row"] = StagedTable.of(pieces)


@dataclass(slots=True)
class RowsDone:
    """One file of rows, put away, and the books of reading it."""

    read_count: int = 0
    pieces: list[Stored] = field(default_factory=list)
    aside: list[Aside] = field(default_factory=list)
    issues: list[Row] = field(default_factory=list)


def _one_file(
    source: Source, name: str, stage: RowStage, threads: Threads, progress: Progress, parts: Parts
) -> RowsDone:
    done = RowsDone()
    loose, told = 0, set[str]()
    met: set[str] = set()
    for piece in pieces_of(source, stage, threads):
        done.read_count += piece.record_count
        for title in piece.twice:
            message = f"The column {title!r} stands twice."
            done.issues.append(_issue("header-twice", source, stage, column=title, message=message))
        names = _names(done.issues, source, stage, piece.titles, told)
        met |= set(names)
        if stage.container != "flat":
            _required(source, stage, met, told)
        _findings(done, source, stage, piece)
        loose += piece.loose_count
        done.pieces.append(parts.keep(f"{name}-{len(done.pieces):05d}", _table(piece, names, source, stage)))
        progress.advance(piece.byte_count, piece.record_count)
    _required(source, stage, met, told)
    if loose:
        text = f"{loose:,} rows have quotes inside values that are not doubled; read as they were meant."
        done.issues.append(_issue("loose-quotes", source, stage, message=text))
    return done


def _issue(code: str, source: Source, stage: RowStage, **facts: object) -> Row:
    return issue_row(code, source, kind=stage.kind, **facts)


def _findings(done: RowsDone, source: Source, stage: RowStage, piece: Piece) -> None:
    for row in piece.set_aside:
        done.aside.append(Aside(source, stage.kind, row.byte_start, row.byte_count, row.code, row.line))
        found = f"found {row.found}, expected {row.expected}"
        place = {"line": row.line, "byte_start": row.byte_start, "message": found}
        done.issues.append(_issue(row.code, source, stage, **place))
    for note in piece.notes:
        facts = {"line": note.line, "column": note.column, "message": note.detail}
        done.issues.append(_issue(note.code, source, stage, **facts))


def _names(
    issues: list[Row], source: Source, stage: RowStage, titles: Iterable[str], told: set[str]
) -> tuple[str, ...]:
    """Column names for what stands in a file; what no rule names is told once a file."""
    known = {name.strip().casefold(): column for name, column in stage.headers.items()}
    known |= {name.casefold(): name for name in (*stage.order, *stage.positions, *stage.again, stage.rest)}
    names: list[str] = []
    for title in titles:
        column = known.get(title.strip().casefold())
        if column is None and title not in told:
            told.add(title)
            message = f"No rule knows the column {title!r}."
            issues.append(_issue("header-unknown", source, stage, column=title, message=message))
        names.append(column if column is not None else title)
    return tuple(names)


def _required(source: Source, stage: RowStage, met: set[str], unknown: set[str]) -> None:
    """ExtractError where a required column is missing."""
    missing = [column for column in stage.required if column not in met]
    if not missing:
        return
    wanted = ", ".join(sorted(title for title, column in stage.headers.items() if column in missing))
    # A first line without any known header may be a person's row: it is not shown.
    found = [title for title, column in stage.headers.items() if column in met]
    shown = (
        f"found: {', '.join(sorted({*found, *unknown}))}"
        if found
        else "no known header stands in its first line"
    )
    raise ExtractError(
        f"has no column for {', '.join(missing)}",
        str(source.path),
        f"one of the headers {wanted}; {shown}",
        f"Export it again with that column, or name its header under [extract.{source.extract}.headers].",
    )


def _table(piece: Piece, names: tuple[str, ...], source: Source, stage: RowStage) -> pa.Table:
    """The piece under the rules' names, clean, with its source file. What meets in a column is joined."""
    own = [piece.table.column(name) for name in Lines.OWN]
    made: dict[str, pa.ChunkedArray] = {}
    for name, title in zip(names, piece.titles, strict=True):
        value = piece.table.column(title)
        if name in made:
            value = _both(_nothing_is_null(made[name]), _nothing_is_null(value))
        made[name] = value
    table = with_place(pa.Table.from_arrays([*own, *made.values()], [*Lines.OWN, *made]), source)
    return cleaned(table, {name: stage.blanks.get(name, ()) for name in made})


def _both(first: pa.ChunkedArray, second: pa.ChunkedArray) -> pa.ChunkedArray:
    """Values of two columns as repeats of one. (pyarrow 26 loses rows where it is to skip nulls itself.)"""
    joined = pc.binary_join_element_wise(first, second, REPEAT)
    return pc.coalesce(joined, first, second)


def named_table(piece: Piece, source: Source, stage: RowStage) -> pa.Table:
    """The rows of a piece as `<extract>_row` has them; tells nothing about headers."""
    return _table(piece, _names([], source, stage, piece.titles, set()), source, stage)


def _nothing_is_null(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(pc.equal(column, ""), None, column)
