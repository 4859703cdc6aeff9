"""Emit bibs: the second pass over the extract. Untouched text goes from extract to delivery by kernel.

One task makes one file of the delivery: `bib-0001.xml` and so on, cut by the count of records that go
there, so that the cut depends on the records alone and two tasks write two files side by side. Records
of the stream `suppressed` are rendered by the same tasks into the work folder and put together into
files of their own afterwards, in record order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transformer.engines import map_ordered
from transformer.engines.progress import Progress
from transformer.errors import BooksError
from transformer.extracts.model import PARTITION_BYTES, Partition, Source
from transformer.pipeline.applied import Applied
from transformer.pipeline.findings import Row, rows_of_notes, rows_of_render
from transformer.pipeline.results import OutputFact
from transformer.readers import read
from transformer.ruleset.project import Output
from transformer.schema.batch import I64, MarcBatch

if TYPE_CHECKING:
    from transformer.writers.text import TextForm


@dataclass(frozen=True, slots=True)
class BibTask:
    """One file of the delivery: its number and the windows of the extract that hold its records."""

    number: int
    windows: tuple[Partition, ...]


@dataclass(frozen=True, slots=True)
class BibDone:
    """What a task wrote. written: source file -> records in the delivery, of either stream."""

    number: int
    files: tuple[OutputFact, ...]
    suppressed: tuple[tuple[str, tuple[int, ...]], ...]
    written: dict[str, int]
    failed: tuple[tuple[Source, int, int, str], ...]
    issues: list[Row]
    byte_count: int
    record_count: int


def plan_tasks(
    applied: Applied, record: pa.Table, sources: tuple[Source, ...], per_file: int
) -> list[BibTask]:
    """Cut the records, in order, so that each run holds `per_file` records of the stream `bib`.

    record: the staged table with record_no, byte_start, byte_count, source_file, in the order of
    `applied.bib`. Windows hold at most about PARTITION_BYTES of one file.
    """
    stream = applied.bib.to_table().column("stream")
    main = pc.fill_null(pc.equal(stream, "bib"), False).to_numpy(zero_copy_only=False)
    place = np.maximum(np.cumsum(main) - 1, 0) // per_file
    record_no = record.column("record_no").to_numpy()
    start = record.column("byte_start").to_numpy()
    end = start + record.column("byte_count").to_numpy()
    file_of = _file_numbers(record, sources)
    # A new window where the delivery file, the source file, or the 16 MiB step of the source changes.
    step = start // PARTITION_BYTES
    cuts = np.flatnonzero((np.diff(place) != 0) | (np.diff(file_of) != 0) | (np.diff(step) != 0)) + 1
    firsts = np.concatenate(([0], cuts)).astype(np.int64)
    lasts = np.concatenate((cuts, [len(place)])).astype(np.int64) - 1
    tasks: dict[int, list[Partition]] = {}
    for index, (first, last) in enumerate(zip(firsts.tolist(), lasts.tolist(), strict=True)):
        if last < first:
            continue
        window = Partition(
            source=sources[int(file_of[first])],
            index=index,
            byte_start=int(start[first]),
            byte_count=int(end[last] - start[first]),
            first_record_no=int(record_no[first]),
            record_count=int(record_no[last] - record_no[first] + 1),
        )
        tasks.setdefault(int(place[first]), []).append(window)
    return [BibTask(number, tuple(windows)) for number, windows in sorted(tasks.items())]


def _file_numbers(record: pa.Table, sources: tuple[Source, ...]) -> I64:
    names = pa.array([source.name for source in sources])
    column = record.column("source_file").cast(pa.string())
    numbers: I64 = pc.index_in(column, value_set=names).to_numpy(zero_copy_only=False).astype(np.int64)
    return numbers


def emit_bibs(
    applied: Applied,
    record: pa.Table,
    sources: tuple[Source, ...],
    folder: Path,
    work: Path,
    output: Output,
    form: TextForm,
    threads: int,
    progress: Progress,
) -> Iterator[BibDone]:
    """Write all bib files into `folder`; one `BibDone` a file, in order. Suppressed ones follow."""
    tasks = plan_tasks(applied, record, sources, output.bibs_per_file)

    def emit(task: BibTask) -> BibDone:
        return _emit_file(task, applied, folder, work, output, form)

    for done in map_ordered(emit, tasks, threads):
        progress.advance(done.byte_count, done.record_count)
        yield done


def _emit_file(
    task: BibTask, applied: Applied, folder: Path, work: Path, output: Output, form: TextForm
) -> BibDone:
    from transformer.writers import marcxml
    from transformer.writers.conform import conform
    from transformer.writers.files import SplitFiles
    from transformer.writers.text import shaped

    written: dict[str, int] = {}
    failed: list[tuple[Source, int, int, str]] = []
    issues: list[Row] = []
    suppressed: list[tuple[str, tuple[int, ...]]] = []
    stem = f"bib-{task.number + 1:04d}"
    split = SplitFiles(
        folder,
        stem,
        ".xml",
        marcxml.HEAD,
        marcxml.TAIL,
        output.bibs_per_file,
        output.bytes_per_file,
        first_bare=True,
    )
    with split:
        for number, window in enumerate(task.windows):
            batch = read(window).batch
            slices = _Slices(applied, batch, window)
            for stream in ("bib", "suppressed"):
                edited = slices.edited(stream)
                if edited is None:
                    continue
                edited, changes = conform(edited)
                edited, replaced = shaped(edited, form)
                rendered = marcxml.render(edited)
                issues += rows_of_notes(changes + replaced, edited, window.source)
                issues += rows_of_render(rendered, edited, window.source)
                failed += [
                    (window.source, int(edited.byte_start[at]), int(edited.byte_count[at]), code)
                    for at, code in rendered.failed
                ]
                name = window.source.name
                # Counted from the bytes, so that a record lost in rendering shows in the books.
                count = int(np.count_nonzero(np.diff(rendered.ends, prepend=0)))
                written[name] = written.get(name, 0) + count
                if stream == "bib":
                    split.append(rendered)
                else:
                    path = work / f"suppressed-{task.number:05d}-{number:03d}"
                    rendered.data.tofile(path)
                    suppressed.append((str(path), tuple(rendered.ends.tolist())))
    return BibDone(
        number=task.number,
        files=tuple(OutputFact(f"bib/{f.name}", f.record_count, f.byte_count, f.sha256) for f in split.files),
        suppressed=tuple(suppressed),
        written=written,
        failed=tuple(failed),
        issues=issues,
        byte_count=sum(window.byte_count for window in task.windows),
        record_count=sum(window.record_count for window in task.windows),
    )


class _Slices:
    """The decisions and edits for the records of one window."""

    def __init__(self, applied: Applied, batch: MarcBatch, window: Partition) -> None:
        first, last = window.first_record_no, window.first_record_no + window.record_count
        self.batch = batch
        self.bib = applied.bib.between(first, last)
        if self.bib.num_rows != batch.record_count:
            raise BooksError(
                f"{self.bib.num_rows:,} records were read here before, {batch.record_count:,} now",
                f"{window.source.path} from byte {window.byte_start:,}",
                "the same bytes in both passes",
                "Has the extract changed during the run? Run again.",
            )
        self.new = applied.bib_new.between(first, last)
        self.changed = applied.bib_changed.between(first, last)
        self.drop = applied.bib_drop.between(first, last)
        self.tags = applied.bib_tags
        of_file = pc.equal(applied.bib_drop_tags.column("source_file"), window.source.name)
        self.drop_tags = frozenset(applied.bib_drop_tags.filter(of_file).column("tag").to_pylist())

    def edited(self, stream: str) -> MarcBatch | None:
        """The edited records of a stream, or None where there are none."""
        from transformer.writers.edits import apply_edits, edits_from_tables
        from transformer.writers.tag_table import edit_by_tag, follow_pairs

        keep = pc.fill_null(pc.equal(self.bib.column("stream"), stream), False)
        flags = keep.to_numpy(zero_copy_only=False).astype(np.uint8)
        if not flags.any():
            return None
        batch, gone = edit_by_tag(self.batch, self.tags)
        edits = edits_from_tables(
            self.batch,
            keep=flags,
            drop=self.drop,
            drop_tags=self.drop_tags,
            changed=self.changed,
            new=self.new,
            leader=None,
        )
        if gone is not None:
            edits = replace(edits, drop=edits.drop | gone)
        return follow_pairs(self.batch, apply_edits(batch, edits))


def join_suppressed(
    chunks: list[tuple[str, tuple[int, ...]]], folder: Path, output: Output
) -> tuple[OutputFact, ...]:
    """Put the suppressed bibs, in record order, into files of their own; remove the pieces."""
    from transformer.schema.batch import Rendered
    from transformer.writers import marcxml
    from transformer.writers.files import SplitFiles

    if not chunks:
        return ()
    split = SplitFiles(
        folder,
        "bib-suppressed",
        ".xml",
        marcxml.HEAD,
        marcxml.TAIL,
        output.bibs_per_file,
        output.bytes_per_file,
    )
    with split:
        for name, ends in chunks:
            path = Path(name)
            split.append(Rendered(np.fromfile(path, np.uint8), np.asarray(ends, np.int64)))
            path.unlink()
    return tuple(OutputFact(f"bib/{f.name}", f.record_count, f.byte_count, f.sha256) for f in split.files)
