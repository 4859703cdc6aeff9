"""Emit bibs: the second pass over the extract. Untouched text goes from extract to delivery by kernel.

One task makes one file of the delivery: `bib-0001.xml` and so on, cut by the count of records that go
there, so that the cut depends on the records alone and two tasks write two files side by side. Records
of the stream `suppressed` are rendered by the same tasks into the work folder and put together into
files of their own afterwards, in record order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transformer.engines.jobs import Job
from transformer.errors import BooksError
from transformer.extracts.model import Partition, Source
from transformer.pipeline.applied import Applied, Near, Rows
from transformer.pipeline.delivery import Delivery
from transformer.pipeline.findings import Row, rows_of_notes, rows_of_render
from transformer.pipeline.issues import keep_issues, known_issues
from transformer.pipeline.parts import Known, known_files
from transformer.pipeline.results import OutputFact
from transformer.pipeline.staged import StagedTable, Stored
from transformer.readers import read_once
from transformer.ruleset.files.project import Output
from transformer.schema.batch import I64, Edits, MarcBatch, Rendered


@dataclass(frozen=True, slots=True)
class BibTask:
    """One file of the delivery: its number and the windows of the extract that hold its records."""

    number: int
    windows: tuple[Partition, ...]


@dataclass(frozen=True, slots=True)
class BibDone:
    """What a task wrote. written: source file -> records in the delivery, of either stream.
    suppressed: files with rendered records, each with the one that says where they end behind it."""

    number: int
    files: tuple[OutputFact, ...]
    suppressed: tuple[Known, ...]
    written: dict[str, int]
    failed: tuple[tuple[Source, int, int, str], ...]
    issues: tuple[Stored, ...]
    byte_count: int
    record_count: int


def plan_tasks(
    applied: Applied, record: StagedTable, sources: tuple[Source, ...], per_file: int
) -> Iterator[BibTask]:
    """Cut the records, in order, so that each run holds `per_file` records of the stream `bib`.

    record: the staged records, in the order of `applied.bib`. A window is a staged partition
    or less. Both tables are read side by side as tasks are asked for: of a million records their places
    alone would be 60 MB.
    """
    number, windows, seen = 0, list[Partition](), 0
    for piece, streams in _side_by_side(record, applied.bib):
        main = pc.fill_null(pc.equal(streams, "bib"), False).to_numpy(zero_copy_only=False)
        place = np.maximum(np.cumsum(main) + (seen - 1), 0) // per_file
        seen += int(np.count_nonzero(main))
        for at, window in _windows_of(piece, place, sources):
            if at != number and windows:
                yield BibTask(number, tuple(windows))
                windows = []
            number = at
            windows.append(replace(window, index=len(windows)))
    if windows:
        yield BibTask(number, tuple(windows))


def _side_by_side(record: StagedTable, bib: Rows) -> Iterator[tuple[pa.RecordBatch, pa.ChunkedArray]]:
    """Batches of the staged records, each with the streams of its bibs."""
    decided = Rows(bib.source, ("stream",)).batches()
    held = [pa.array([], pa.string())]
    for piece in record.batches(["source_file", "record_no", "byte_start", "byte_count"]):
        while sum(map(len, held)) < piece.num_rows:
            batch = next(decided, None)
            if batch is None:
                raise BooksError("the rules left out a bib", expected="a decision for every record")
            held.append(batch.column(0).cast(pa.string()))
        streams = pa.chunked_array(held)
        yield piece, streams.slice(0, piece.num_rows)
        held = [pa.array([], pa.string()), *streams.slice(piece.num_rows).chunks]


def _windows_of(
    piece: pa.RecordBatch, place: I64, sources: tuple[Source, ...]
) -> Iterator[tuple[int, Partition]]:
    """Windows of a batch of staged records, each with the number of its delivered file (`place`)."""
    if not piece.num_rows:
        return
    record_no = piece.column("record_no").to_numpy()
    start = piece.column("byte_start").to_numpy()
    end = start + piece.column("byte_count").to_numpy()
    file_of = _file_numbers(piece.column("source_file"), sources)
    # A batch is what one partition held; a new window where the delivery file or the source file changes.
    cuts = np.flatnonzero((np.diff(place) != 0) | (np.diff(file_of) != 0)) + 1
    firsts = np.concatenate(([0], cuts)).astype(np.int64)
    lasts = np.concatenate((cuts, [len(place)])).astype(np.int64) - 1
    for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
        yield (
            int(place[first]),
            Partition(
                source=sources[int(file_of[first])],
                index=0,
                byte_start=int(start[first]),
                byte_count=int(end[last] - start[first]),
                first_record_no=int(record_no[first]),
                record_count=int(record_no[last] - record_no[first] + 1),
            ),
        )


def _file_numbers(column: pa.Array, sources: tuple[Source, ...]) -> I64:
    names = pa.array([source.name for source in sources])
    numbers: I64 = pc.index_in(column.cast(pa.string()), value_set=names).to_numpy().astype(np.int64)
    return numbers


def bib_jobs(delivery: Delivery, then: Callable[[BibDone], None]) -> Iterator[Job]:
    """A job for each bib file; `then` gets what it wrote. Suppressed ones are put together afterwards."""
    sources = delivery.planned.sources.get("bib")
    if not sources:
        return
    record = delivery.staged.tables["bib_record"]
    place, work = delivery.folder.folder("out/bib"), delivery.folder.folder("work/suppressed")

    def emit(task: BibTask) -> BibDone:
        return delivery.parts.step(
            f"bib/{task.number:05d}",
            lambda: _emit_file(task, delivery, place, work),
            lambda done: [
                *known_files(place.parent, done.files),
                *done.suppressed,
                *known_issues(done.issues),
            ],
        )

    for task in plan_tasks(delivery.applied, record, sources, delivery.output.bibs_per_file):
        yield Job(partial(emit, task), then)


def _emit_file(task: BibTask, delivery: Delivery, folder: Path, work: Path) -> BibDone:
    from transformer.writers import marcxml
    from transformer.writers.conform import conform
    from transformer.writers.files import SplitFiles
    from transformer.writers.text import shaped

    tables, form, output = _Tables(delivery.applied), delivery.bib_form, delivery.output
    written: dict[str, int] = {}
    failed: list[tuple[Source, int, int, str]] = []
    issues: list[Row] = []
    suppressed: list[Known] = []
    stem = f"bib-{task.number + 1:04d}"
    split = SplitFiles(
        folder, stem, ".xml", marcxml.HEAD, marcxml.TAIL, output.bibs_per_file, output.bytes_per_file,
        first_bare=True,
    )  # fmt: skip
    with split:
        for number, window in enumerate(task.windows):
            batch = read_once(window).batch
            slices = _Slices(tables, batch, window)
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
                    suppressed += _kept(work / f"suppressed-{task.number:05d}-{number:03d}", rendered)
    return BibDone(
        number=task.number,
        files=tuple(OutputFact(f"bib/{f.name}", f.record_count, f.byte_count, f.sha256) for f in split.files),
        suppressed=tuple(suppressed),
        written=written,
        failed=tuple(failed),
        issues=keep_issues(delivery.parts, f"bib/{task.number:05d}", issues),
        byte_count=sum(window.byte_count for window in task.windows),
        record_count=sum(window.record_count for window in task.windows),
    )


class _Tables:
    """Decisions and edits for one task, whose windows follow one another."""

    def __init__(self, applied: Applied) -> None:
        self.bib = Near(Rows(applied.bib.source, ("record_no", "stream")))
        self.new, self.changed = Near(applied.bib_new), Near(applied.bib_changed)
        self.drop, self.drop_tags = Near(applied.bib_drop), applied.bib_drop_tags
        self.tags = applied.bib_tags


class _Slices:
    """The decisions and edits for the records of one window."""

    def __init__(self, tables: _Tables, batch: MarcBatch, window: Partition) -> None:
        first, last = window.first_record_no, window.first_record_no + window.record_count
        self.batch = batch
        self.bib = tables.bib.between(first, last)
        if self.bib.num_rows != batch.record_count:
            raise BooksError(
                f"{self.bib.num_rows:,} records were read here before, {batch.record_count:,} now",
                f"{window.source.path} from byte {window.byte_start:,}",
                "the same bytes in both passes",
                "Has the extract changed during the run? Run again.",
            )
        self.new = tables.new.between(first, last)
        self.changed = tables.changed.between(first, last)
        self.drop = tables.drop.between(first, last)
        self.tags = tables.tags
        of_file = pc.equal(tables.drop_tags.column("source_file"), window.source.name)
        self.drop_tags = frozenset(tables.drop_tags.filter(of_file).column("tag").to_pylist())

        self._made: tuple[MarcBatch, Edits] | None = None

    def edited(self, stream: str) -> MarcBatch | None:
        """The edited records of a stream, or None where there are none."""
        from transformer.writers.edits import apply_edits
        from transformer.writers.tag_table import follow_pairs

        keep = pc.fill_null(pc.equal(self.bib.column("stream"), stream), False)
        flags = keep.to_numpy(zero_copy_only=False).astype(np.uint8)
        if not flags.any():
            return None
        if self._made is None:
            self._made = self._edits()
        batch, edits = self._made
        return follow_pairs(self.batch, apply_edits(batch, replace(edits, keep=flags)))

    def _edits(self) -> tuple[MarcBatch, Edits]:
        """The batch with the tags and indicators that it is to have, and all other edits of either stream."""
        from transformer.writers.edits import edits_from_tables
        from transformer.writers.tag_table import edit_by_tag

        batch, gone = edit_by_tag(self.batch, self.tags)
        edits = edits_from_tables(
            self.batch, drop=self.drop, drop_tags=self.drop_tags, changed=self.changed, new=self.new
        )
        return batch, edits if gone is None else replace(edits, drop=edits.drop | gone)


def _kept(path: Path, rendered: Rendered) -> Iterator[Known]:
    """Keep rendered records, and where they end, for `join_suppressed`."""
    from transformer.writers.files import write_whole

    for name, array in ((path, rendered.data), (path.with_suffix(".ends"), rendered.ends)):
        # A view of no bytes cannot be cast: where all records failed.
        yield Known(name, array.nbytes, write_whole(name, array.data if array.nbytes else memoryview(b"")))


def join_suppressed(pieces: list[Known], delivery: Delivery) -> tuple[OutputFact, ...]:
    """Put the suppressed bibs, in record order, into files of their own, which are one part. The pieces stay,
    since they belong to parts too."""
    place = delivery.folder.folder("out/bib")
    return delivery.parts.step(
        "bib/suppressed",
        lambda: _join([piece.path for piece in pieces], place, delivery.output),
        lambda files: known_files(place.parent, files),
    )


def _join(paths: list[Path], folder: Path, output: Output) -> tuple[OutputFact, ...]:
    from transformer.writers import marcxml
    from transformer.writers.files import SplitFiles

    if not paths:
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
        for data, ends in zip(paths[::2], paths[1::2], strict=True):
            split.append(Rendered(np.fromfile(data, np.uint8), np.fromfile(ends, np.int64)))
    return tuple(OutputFact(f"bib/{f.name}", f.record_count, f.byte_count, f.sha256) for f in split.files)
