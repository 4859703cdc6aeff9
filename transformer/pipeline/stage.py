"""Stage: extracts -> the tables that the rules asked for (`ruleset.stage_plan` says their columns).

MARC is read partition by partition in threads; of each only what the rules ask for becomes Arrow, the
text itself is never staged. Beside the tables come the books of reading: how many units each file held,
what was set aside by a reader, and its findings. Tables are in file order whatever the threads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from transformer import marc
from transformer.engines import map_ordered
from transformer.engines.progress import Progress
from transformer.extracts.model import Partition, Source
from transformer.pipeline.findings import Row, copied_spans, issue_row, rows_of_read, set_aside_spans
from transformer.pipeline.validity import faults_of, rows_of_faults
from transformer.readers import partitions_of_all, read
from transformer.ruleset.stage_plan import MarcStage, StagePlan


@dataclass(frozen=True, slots=True)
class Aside:
    """A span that a reader set aside: where it is and why. came_through: a copy of a repaired record."""

    source: Source
    kind: str
    byte_start: int
    byte_count: int
    code: str
    line: int | None = None
    came_through: bool = False


@dataclass(slots=True)
class Staged:
    """What staging hands on. tables: name -> table (see the stage plan). read_count: (file, kind) ->
    units found, set-aside ones included. field_count: (file, embedded name) -> fields of its tag. faults:
    what is not as the MARC format says (`pipeline.validity`)."""

    tables: dict[str, pa.Table] = field(default_factory=dict)
    read_count: dict[tuple[str, str], int] = field(default_factory=dict)
    field_count: dict[tuple[str, str], int] = field(default_factory=dict)
    aside: list[Aside] = field(default_factory=list)
    issues: list[Row] = field(default_factory=list)
    faults: list[pa.Table] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _MarcTask:
    partition: Partition
    stage: MarcStage


@dataclass(frozen=True, slots=True)
class _MarcDone:
    partition: Partition
    record: pa.Table
    fields: pa.Table | None
    embedded: dict[str, pa.Table]
    aside: list[Aside]
    issues: list[Row]
    faults: pa.Table


def stage_all(
    sources: Mapping[str, tuple[Source, ...]], plan: StagePlan, threads: int, progress: Progress
) -> Staged:
    """Read every extract once and collect what the rules asked for."""
    total = sum(source.path.stat().st_size for files in sources.values() for source in files)
    progress.phase("read", total)
    staged = Staged()
    for extract, files in sources.items():
        if extract in plan.marc:
            _stage_marc(staged, extract, files, plan.marc[extract], threads, progress)
        else:
            from transformer.pipeline.stage_rows import stage_rows

            stage_rows(staged, extract, files, plan.rows[extract], threads, progress)
    staged.issues += rows_of_faults(pa.concat_tables(staged.faults)) if staged.faults else []
    order = [source.name for files in sources.values() for source in files]
    # By place, so that rows stand the same however the files were cut; equal places keep their order.
    staged.issues.sort(
        key=lambda row: (
            order.index(row["source_file"]),
            row["byte_start"] or 0,
            row["line"] or 0,
            row["code"],
        )
    )
    return staged


def _stage_marc(
    staged: Staged,
    extract: str,
    files: tuple[Source, ...],
    stage: MarcStage,
    threads: int,
    progress: Progress,
) -> None:
    records: list[pa.Table] = []
    fields: list[pa.Table] = []
    embedded: dict[str, list[pa.Table]] = {spec.name: [] for spec in stage.embedded}
    own = stage.kinds[0]
    for source in files:
        staged.read_count[source.name, own] = 0
    tasks: Iterable[_MarcTask] = (_MarcTask(partition, stage) for partition in partitions_of_all(files))
    for done in map_ordered(_collect, tasks, threads):
        name = done.partition.source.name
        staged.read_count[name, own] += done.partition.record_count
        _count_others(staged, name, stage, done.record)
        staged.aside += done.aside
        staged.issues += done.issues
        staged.faults.append(done.faults)
        records.append(done.record)
        if done.fields is not None:
            fields.append(done.fields)
        for kind, table in done.embedded.items():
            embedded[kind].append(table)
            key = name, kind
            staged.field_count[key] = staged.field_count.get(key, 0) + table.num_rows
        progress.advance(done.partition.byte_count, done.partition.record_count)
    staged.tables[f"{extract}_record"] = pa.concat_tables(records)
    if fields:
        staged.tables[f"{extract}_field"] = pa.concat_tables(fields)
    for kind, tables in embedded.items():
        staged.tables[f"{kind}_embedded"] = pa.concat_tables(tables)
    if stage.merge is not None:
        from transformer.pipeline.stage_same import same_tables

        record = staged.tables[f"{extract}_record"]
        staged.tables |= {f"{extract}_{n}": t for n, t in same_tables(record, files, stage.merge).items()}


def _count_others(staged: Staged, name: str, stage: MarcStage, record: pa.Table) -> None:
    """Records of another kind that the rules read from this extract count as theirs."""
    for kind in stage.kinds[1:]:
        count = int(pc.sum(pc.equal(record.column("kind"), kind)).as_py() or 0)
        staged.read_count[name, stage.kinds[0]] -= count
        staged.read_count[name, kind] = staged.read_count.get((name, kind), 0) + count


def _collect(task: _MarcTask) -> _MarcDone:
    """One partition: read it, keep the columns asked for, let the window go."""
    from transformer.readers.columns import field_columns, record_columns
    from transformer.readers.fields import field_rows

    partition, source = task.partition, task.partition.source
    result = read(partition)
    batch = result.batch
    specs = (("LDR", "first"), *((spec, "join") for spec in task.stage.record_specs if spec != "LDR"))
    record = with_place(record_columns(batch, specs), source)
    leader = record.column("LDR")
    record = record.append_column("leader", leader).append_column("kind", _kinds(leader))
    record = record.append_column("byte_start", pa.array(batch.byte_start))
    record = record.append_column("byte_count", pa.array(batch.byte_count))
    embedded = {
        spec.name: with_place(field_columns(batch, spec.tag, {code: code for code in spec.codes}), source)
        for spec in task.stage.embedded
    }
    own = task.stage.kinds[0]
    aside = [Aside(source, own, start, count, code) for start, count, code in set_aside_spans(result.spans)]
    aside += [
        Aside(source, own, start, count, code, came_through=True)
        for start, count, code in copied_spans(result.spans)
    ]
    fields = field_rows(batch, task.stage.field_tags) if task.stage.field_tags else None
    faults = with_place(faults_of(batch, task.stage.formats), source)
    return _MarcDone(partition, record, fields, embedded, aside, rows_of_read(result, source), faults)


def staged_records(extract: str, partitions: Iterable[Partition], stage: MarcStage) -> dict[str, pa.Table]:
    """The staged tables of some records alone, in the order given; at least one partition."""
    done = [_collect(_MarcTask(partition, stage)) for partition in partitions]
    tables = {f"{extract}_record": pa.concat_tables([one.record for one in done])}
    fields = [one.fields for one in done if one.fields is not None]
    if fields:
        tables[f"{extract}_field"] = pa.concat_tables(fields)
    for spec in stage.embedded:
        tables[f"{spec.name}_embedded"] = pa.concat_tables([one.embedded[spec.name] for one in done])
    return tables


def _kinds(leader: pa.ChunkedArray) -> pa.ChunkedArray:
    """bib, holdings or authority, from leader/06."""
    at = marc.RECORD_TYPE_AT
    letter = pc.utf8_slice_codeunits(leader, at, at + 1)
    holdings = pc.is_in(letter, pa.array(list(marc.HOLDINGS_TYPES)))
    authority = pc.equal(letter, marc.AUTHORITY_TYPE)
    return pc.if_else(holdings, "holdings", pc.if_else(authority, "authority", "bib"))


def with_place(table: pa.Table, source: Source) -> pa.Table:
    """The table with its source file as first column, as a dictionary of one value: no text is copied."""
    count = table.num_rows
    names = pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), count), [source.name])
    return table.add_column(0, "source_file", names)


def unused_rows(unused: Iterable[tuple[object, str]]) -> list[Row]:
    """Issue rows for files in the extracts folder that no extract took."""
    from pathlib import Path

    rows = []
    for path, why in unused:
        source = Source(Path(str(path)), "unknown", extract="extract")
        rows.append(issue_row("file-unused", source, message=f"The file was not read: {why}."))
    return rows
