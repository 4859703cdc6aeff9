"""Stage: extracts -> the tables that the rules asked for (`ruleset.compile.stage_plan` says their columns).

MARC is read partition by partition in threads; of each only what the rules ask for becomes Arrow, the
text itself is never staged. Beside the tables come the books of reading: how many units each file held,
what was set aside by a reader, and its findings. Tables are in file order whatever the threads. Each
partition, and each file of rows, is a part of its own (`pipeline.parts`): its tables are put away by the
thread that made them, so that what is in memory does not grow with the extracts.

MARC and rows are read side by side, in the same threads: while one cuts a file, hangs on its last partition
or puts tables away, the other has work for them.

Processor seconds of 1,000,000 bibs and their rows (1.8 GB; two cores that others used too, means of three
pairs in turn): 11.2 in all while staged tables were Arrow files (1.02 GB), 9.3 since they are packed (0.54
GB, see `staged_file`), 3.1 and 1.1 of them in the system. Of the rest, by a profile: 1.0 to digest the
extracts, 1.1 to fill columns, 0.9 to copy files into windows (each is read three times: to find its records,
to take them apart, for its digest), 0.6 to hold bibs against their format. Tried without gain: an allocator
that keeps what it is given back (MALLOC_TRIM_THRESHOLD_), arrays of fields that a thread uses again for its
next partition (`readers.kept`: a tenth fewer page faults, nothing beyond the noise in four pairs).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from transformer.engines import Threads, Workers, map_ordered
from transformer.engines.progress import Progress, Relayed
from transformer.extracts.model import Partition, Source
from transformer.pipeline.findings import Row, copied_spans, issue_row, rows_of_read, set_aside_spans
from transformer.pipeline.parts import Known, Parts
from transformer.pipeline.stage_rows import stage_rows
from transformer.pipeline.staged import Aside, Staged, StagedTable, Stored, with_place
from transformer.pipeline.validity import faults_of, kinds_of, rows_of_faults
from transformer.readers import partitions_of_all, read_once
from transformer.ruleset.compile.stage_plan import MarcStage, RowStage, StagePlan

_TELL_S: Final = 0.2
"""Seconds between two looks at how far the rows are, once MARC is read."""


@dataclass(frozen=True, slots=True)
class _Collected:
    """Of one partition: tables by the end of their names, and the books."""

    tables: dict[str, pa.Table]
    aside: list[Aside]
    issues: list[Row]
    faults: pa.Table


@dataclass(frozen=True, slots=True)
class MarcDone:
    """The same, put away. kinds: kind of record -> how many of it."""

    tables: dict[str, Stored]
    kinds: dict[str, int]
    aside: list[Aside]
    issues: list[Row]
    faults: Stored


def stage_all(
    sources: Mapping[str, tuple[Source, ...]],
    plan: StagePlan,
    threads: int,
    progress: Progress,
    parts: Parts | None = None,
) -> Staged:
    """Read every extract once and collect what the rules asked for. parts: None = all in memory."""
    parts = parts or Parts()
    total = sum(source.path.stat().st_size for files in sources.values() for source in files)
    progress.phase("read", total)
    has_marc = any(extract in plan.marc for extract in sources)
    if threads > 1 and has_marc and any(extract in plan.rows for extract in sources):
        staged = _side_by_side(sources, plan, threads, progress, parts)
    else:
        staged = Staged()
        _stage_some(staged, sources, plan.marc, threads, progress, parts)
        _stage_some(staged, sources, plan.rows, threads, progress, parts)
    staged.issues += rows_of_faults(table for one in staged.faults for table in one.tables())
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


def _side_by_side(
    sources: Mapping[str, tuple[Source, ...]], plan: StagePlan, threads: int, progress: Progress, parts: Parts
) -> Staged:
    """MARC and rows at once; what stands in books and tables is in the order of one after the other.

    An error in MARC stops the rows, one in the rows waits for MARC: the same is told whichever was first.
    """
    staged, rows, relayed = Staged(), Staged(), Relayed(progress)
    with ThreadPoolExecutor(1, thread_name_prefix="rows") as aside, Workers(threads) as workers:
        rest = aside.submit(_stage_some, rows, sources, plan.rows, workers, relayed, parts)
        _stage_some(staged, sources, plan.marc, workers, relayed.here(), parts)
        while not wait([rest], _TELL_S).done:
            relayed.tell()
        rest.result()
    relayed.tell()
    staged.add(rows)
    return staged


def _stage_some(
    staged: Staged,
    sources: Mapping[str, tuple[Source, ...]],
    stages: Mapping[str, MarcStage] | Mapping[str, RowStage],
    threads: Threads,
    progress: Progress,
    parts: Parts,
) -> None:
    """The extracts that `stages` knows, one after the other."""
    for extract, files in sources.items():
        stage = stages.get(extract)
        if isinstance(stage, MarcStage):
            _stage_marc(staged, extract, files, stage, threads, progress, parts)
        elif stage is not None:
            stage_rows(staged, extract, files, stage, threads, progress, parts)


def _stage_marc(
    staged: Staged,
    extract: str,
    files: tuple[Source, ...],
    stage: MarcStage,
    threads: Threads,
    progress: Progress,
    parts: Parts,
) -> None:
    own = stage.kinds[0]
    for source in files:
        staged.read_count[source.name, own] = 0
    pieces: dict[str, list[Stored]] = {}
    work = partial(_done, extract, stage, parts)
    for partition, done in map_ordered(work, partitions_of_all(files), threads):
        name = partition.source.name
        staged.read_count[name, own] += partition.record_count
        _count_others(staged, name, stage, done.kinds)
        staged.aside += done.aside
        staged.issues += done.issues
        staged.faults.append(done.faults)
        for table, piece in done.tables.items():
            pieces.setdefault(table, []).append(piece)
        progress.advance(partition.byte_count, partition.record_count)
    staged.tables |= {table: StagedTable.of(held) for table, held in pieces.items()}
    if stage.merge is not None:
        from transformer.pipeline.stage_same import NEEDED, same_tables

        # Chosen columns of all records at once: where bibs are merged, memory grows with their number.
        record = staged.tables[f"{extract}_record"].to_table([*NEEDED, *stage.merge.number])
        for end, table in same_tables(record, files, stage.merge).items():
            staged.tables[f"{extract}_{end}"] = StagedTable.of_table(table)


def _done(extract: str, stage: MarcStage, parts: Parts, partition: Partition) -> tuple[Partition, MarcDone]:
    """One partition staged and put away, or what an earlier try put away."""
    number = f"{extract}-{partition.index:05d}"

    def make() -> MarcDone:
        made = _collect(extract, stage, partition)
        counts = pc.value_counts(made.tables[f"{extract}_record"].column("kind")).to_pylist()
        return MarcDone(
            {name: parts.keep(f"{name}-{partition.index:05d}", made.tables[name]) for name in made.tables},
            {str(pair["values"]): int(pair["counts"]) for pair in counts},
            made.aside,
            made.issues,
            parts.keep(f"{extract}_fault-{partition.index:05d}", made.faults),
        )

    done = parts.step(
        f"stage/{number}", make, lambda done: map(Known.of, (*done.tables.values(), done.faults))
    )
    return partition, done


def _count_others(staged: Staged, name: str, stage: MarcStage, kinds: Mapping[str, int]) -> None:
    """Records of another kind that the rules read from this extract count as theirs."""
    for kind in stage.kinds[1:]:
        count = kinds.get(kind, 0)
        staged.read_count[name, stage.kinds[0]] -= count
        staged.read_count[name, kind] = staged.read_count.get((name, kind), 0) + count


def _collect(extract: str, stage: MarcStage, partition: Partition) -> _Collected:
    """One partition: read it, keep the columns asked for, let the window go."""
    from transformer.readers.clean import cleaned
    from transformer.readers.columns import field_columns, record_columns
    from transformer.readers.fields import field_rows

    source = partition.source
    result = read_once(partition)
    batch = result.batch
    specs = (("LDR", "first"), *((spec, "join") for spec in stage.record_specs if spec != "LDR"))
    record = with_place(record_columns(batch, specs), source)
    leader = record.column("LDR")
    if "LDR" not in stage.record_specs:
        record = record.drop_columns(["LDR"])
    record = record.append_column("leader", leader).append_column("kind", kinds_of(batch))
    record = record.append_column("byte_start", pa.array(batch.byte_start))
    record = record.append_column("byte_count", pa.array(batch.byte_count))
    tables = {f"{extract}_record": record}
    if stage.field_tags:
        tables[f"{extract}_field"] = field_rows(batch, stage.field_tags)
    tables |= {
        f"{spec.name}_embedded": cleaned(
            with_place(field_columns(batch, spec.tag, {code: code for code in spec.codes}), source),
            spec.blanks,
        )
        for spec in stage.embedded
    }
    own = stage.kinds[0]
    aside = [Aside(source, own, start, count, code) for start, count, code in set_aside_spans(result.spans)]
    aside += [
        Aside(source, own, start, count, code, came_through=True)
        for start, count, code in copied_spans(result.spans)
    ]
    faults = with_place(faults_of(batch, stage.formats), source)
    return _Collected(tables, aside, rows_of_read(result, source), faults)


def staged_records(extract: str, partitions: Iterable[Partition], stage: MarcStage) -> dict[str, pa.Table]:
    """The staged tables of some records alone, in the order given; at least one partition."""
    done = [_collect(extract, stage, partition).tables for partition in partitions]
    return {name: pa.concat_tables([one[name] for one in done]) for name in done[0]}


def unused_rows(unused: Iterable[tuple[object, str]]) -> list[Row]:
    """Issue rows for files in the extracts folder that no extract took."""
    rows = []
    for path, why in unused:
        source = Source(Path(str(path)), "unknown", extract="extract")
        rows.append(issue_row("file-unused", source, message=f"The file was not read: {why}."))
    return rows
