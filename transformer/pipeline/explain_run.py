"""A finished run, opened to be asked about single things: its rules, its extracts, its tables.

Rules and project are those that the run keeps, not what stands in the library's folder now. Extracts are
found as the run found them; a file of another size or time than then is compared by its sha256.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from transformer.errors import TransformerError, UsageError
from transformer.extracts.model import Source
from transformer.extracts.spool import Spool
from transformer.pipeline.opened import OpenedRun, open_run
from transformer.ruleset.compile.stage_plan import StagePlan
from transformer.ruleset.files.project import Project, load_project
from transformer.ruleset.files.rules import RuleSet
from transformer.ruleset.plan import stage_plan
from transformer.ruleset.where import RuleFiles

Row = dict[str, Any]
Found = tuple[int, int, pa.Array]
"""A row group, the number of its first row in the table, places of rows in the group."""


@dataclass(slots=True)
class AskedRun:
    """sources: (extract, file name) -> the file. changed: names of files that are not what the run read."""

    opened: OpenedRun
    ruleset: RuleSet
    project: Project
    plan: StagePlan
    day: datetime.date
    files: RuleFiles
    spool: Spool
    sources: dict[tuple[str, str], Source] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    _columns: dict[tuple[str, tuple[str, ...]], pa.Table] = field(default_factory=dict)
    _files: dict[str, pq.ParquetFile] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """LIB/runs/NAME."""
        return self.opened.folder

    def has(self, table: str) -> bool:
        """Whether the run has the table."""
        return table in self.opened.tables

    def rows(self, table: str, **equal: str | int | Iterable[str]) -> list[Row]:
        """Rows of a table whose columns have these values (one, or any of several)."""
        file = self._file(table)
        return [
            row
            for group, _, places in self._found(table, equal)
            for row in file.read_row_group(group, use_threads=False).take(places).to_pylist()
        ]

    def row_number(self, table: str, **equal: str | int | Iterable[str]) -> int | None:
        """The number, from 0, of the first row that `rows` would give; None if there is none."""
        return next((first + places[0].as_py() for _, first, places in self._found(table, equal)), None)

    def _found(self, table: str, equal: Mapping[str, str | int | Iterable[str]]) -> Iterator[Found]:
        """Of the row groups that can hold such rows, by their least and greatest values, only the columns
        asked about are read. One item's decisions of 1,500,000 took 47 ms with pyarrow's filters."""
        file = self._file(table)
        wanted = {name: _listed(value) for name, value in equal.items()}
        first = 0
        for group in range(file.num_row_groups):
            told = file.metadata.row_group(group)
            if _may_hold(told, wanted):
                read = file.read_row_group(group, columns=list(wanted), use_threads=False)
                tests = [_is_in(read.column(name), values) for name, values in wanted.items()]
                places = pc.indices_nonzero(reduce(pc.and_, tests))
                if len(places):
                    yield group, first, places
            first += told.num_rows

    def column(self, table: str, *columns: str) -> pa.Table:
        """Some columns of a table, or all, with all its rows; read once."""
        if (table, columns) not in self._columns:
            self._columns[table, columns] = self._file(table).read(list(columns) or None)
        return self._columns[table, columns]

    def _file(self, table: str) -> pq.ParquetFile:
        if table not in self._files:
            self._files[table] = pq.ParquetFile(self._path(table))
        return self._files[table]

    def close(self) -> None:
        """Close the files of its tables."""
        for file in self._files.values():
            file.close(force=True)

    def _path(self, table: str) -> Path:
        path = self.folder / "tables" / f"{table}.parquet"
        if not path.is_file():
            raise UsageError(
                f"the run has no table {table!r}",
                str(self.folder),
                "a run of this version",
                "Run again: transformer run LIB",
            )
        return path

    def extracts_of(self, kind: str) -> tuple[str, ...]:
        """Extracts of rows whose things are of a kind, adding ones not."""
        return tuple(
            name
            for name, rows in self.plan.rows.items()
            if rows.kind == kind and not self.ruleset.rules.extract[name].adds_to
        )


def _listed(value: str | int | Iterable[str]) -> list[str | int]:
    return [value] if isinstance(value, str | int) else sorted(value)


def _may_hold(group: pq.RowGroupMetaData, wanted: Mapping[str, list[str | int]]) -> bool:
    """Whether a row group can have rows with these values, by the statistics of its columns."""
    for at in range(group.num_columns):
        column = group.column(at)
        values = wanted.get(column.path_in_schema)
        if values is None:
            continue
        told = column.statistics
        if told is not None and told.has_min_max and not any(told.min <= v <= told.max for v in values):
            return False
    return True


def _is_in(column: pa.ChunkedArray, values: list[str | int]) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return pc.is_in(column, pa.array(values, column.type))


def asked_run(place: Path, spool: Spool) -> AskedRun:
    """Open the run at `place` (a run folder, or a library: its latest). Raises UsageError, RulesError."""
    from transformer.ruleset.load import try_load

    opened = open_run(place)
    rules = opened.folder / "rules"
    folders = sorted(folder for folder in rules.iterdir() if folder.is_dir())
    system = str(opened.manifest["system"])
    ruleset, mistakes = try_load(folders, system)
    if ruleset is None or mistakes:
        from transformer.errors import RulesError

        raise RulesError(tuple(mistakes))
    project = load_project(rules)
    run = AskedRun(
        opened, ruleset, project, stage_plan(ruleset, project),
        datetime.date.fromisoformat(opened.manifest["as_of"]), RuleFiles(folders), spool,
    )  # fmt: skip
    _find_sources(run)
    return run


def _find_sources(run: AskedRun) -> None:
    from transformer.pipeline.encodings import with_encodings
    from transformer.pipeline.plan import plan_sources

    library = run.folder.resolve().parents[1]
    try:
        planned = with_encodings(
            plan_sources(library, run.project, run.plan, run.spool), run.project, run.plan
        )
    except (TransformerError, OSError) as error:
        run.notes.append(f"The extracts cannot be read any more: {str(error).splitlines()[0]}")
        return
    found = {(extract, s.name): s for extract, files in planned.sources.items() for s in files}
    times = run.opened.manifest["machine"].get("modified_ns", {})
    for told in run.opened.manifest["inputs"]:
        source = found.get((told["extract"], told["name"]))
        if source is None:
            run.notes.append(f"The extract {told['name']} is not there any more.")
            continue
        run.sources[told["extract"], told["name"]] = source
        if not _same(source, told, times.get(f"{told['extract']}/{told['name']}")):
            run.changed.add(told["name"])
            run.notes.append(
                f"The extract {told['name']} has changed since the run; what is read from it now may be"
                " something else than the run read."
            )


def _same(source: Source, told: Row, modified_ns: int | None) -> bool:
    """By size and time; by sha256 where the time differs or is not known."""
    from transformer.pipeline.parts import sha256_of

    stat = source.path.stat()
    if stat.st_size != told["byte_count"]:
        return False
    if stat.st_mtime_ns == modified_ns:
        return True
    return sha256_of(source.path) == str(told["sha256"])
