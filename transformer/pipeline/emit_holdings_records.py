"""Emit the holdings that came as MARC records: 001 and 004 anew, every other field from extract to delivery,
but for what the rules' edits touch.

They are read a second time in windows of their extract, a bib file where they stand among the bibs, and
written in the order of the extracts as `holdings/holdings-record-0001.xml` and so on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transformer.engines import map_ordered
from transformer.engines.progress import Progress
from transformer.extracts.model import PARTITION_BYTES, Partition, Source
from transformer.pipeline.applied import HoldingsEdits, Rows
from transformer.pipeline.delivery import Delivery
from transformer.pipeline.findings import Row, rows_of_notes, rows_of_render
from transformer.pipeline.issues import keep_issues, known_issues
from transformer.pipeline.parts import Parts, known_files
from transformer.pipeline.results import OutputFact
from transformer.pipeline.set_aside import Piece
from transformer.pipeline.staged import StagedTable, Stored
from transformer.readers import read
from transformer.ruleset.files.project import Output
from transformer.schema.batch import Rendered
from transformer.schema.tag_edits import TagTable

if TYPE_CHECKING:
    from transformer.writers.text import TextForm

NEW = pa.schema(
    [("record_no", pa.int64()), ("tag", pa.string()), ("is_control", pa.bool_()), ("inner", pa.string())]
)


@dataclass(frozen=True, slots=True)
class _Window:
    """Holdings of one window: the partition to read, and number and parent of those that go out."""

    partition: Partition
    extract: str
    record_no: tuple[int, ...]
    number: tuple[str, ...]
    parent_number: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Done:
    window: _Window
    rendered: Rendered
    issues: list[Row]
    failed: list[Piece]


@dataclass(frozen=True, slots=True)
class RecordsDone:
    """What was written, all of it one part. written: source file -> records."""

    files: tuple[OutputFact, ...]
    written: dict[str, int]
    issues: tuple[Stored, ...]
    failed: list[Piece]


def emit_holdings_records(wanted: Rows, delivery: Delivery, threads: int, progress: Progress) -> RecordsDone:
    """Write those that are wanted."""
    folder, sources = delivery.folder.folder("out/holdings"), delivery.planned.sources
    # Extract of bibs or holdings -> its staged records.
    records = {
        name.removesuffix("_record"): table
        for name, table in delivery.staged.tables.items()
        if "_record" in name
    }
    render = partial(_render, delivery.holdings_form, delivery.applied.holdings_edits)

    def make() -> RecordsDone:
        rendered = map_ordered(render, _windows(wanted, records, sources), threads)
        return _write(rendered, folder, delivery.output, delivery.parts, progress)

    return delivery.parts.step(
        "holdings/records",
        make,
        lambda done: [*known_files(folder.parent, done.files), *known_issues(done.issues)],
    )


def _write(
    rendered: Iterator[_Done], folder: Path, output: Output, parts: Parts, progress: Progress
) -> RecordsDone:
    from transformer.writers import marcxml
    from transformer.writers.files import SplitFiles

    split = SplitFiles(
        folder, "holdings-record", ".xml", marcxml.HEAD, marcxml.TAIL,
        output.bibs_per_file, output.bytes_per_file,
    )  # fmt: skip
    written: dict[str, int] = {}
    issues: list[Stored] = []
    failed: list[Piece] = []
    with split:
        for number, done in enumerate(rendered):
            name = done.window.partition.source.name
            count = int(np.count_nonzero(np.diff(done.rendered.ends, prepend=0)))
            written[name] = written.get(name, 0) + count
            issues += keep_issues(parts, f"holdings-record/{number:05d}", done.issues)
            failed += done.failed
            split.append(done.rendered)
            progress.advance(done.window.partition.byte_count, count)
    files = tuple(
        OutputFact(f"holdings/{f.name}", f.record_count, f.byte_count, f.sha256) for f in split.files
    )
    return RecordsDone(files, written, tuple(issues), failed)


@dataclass(frozen=True, slots=True)
class _Slices:
    """The edits of one window's records, with record numbers of their extract."""

    new: pa.Table | None = None
    changed: pa.Table | None = None
    drop: pa.Table | None = None
    drop_tags: frozenset[str] = frozenset()

    @classmethod
    def of(cls, edits: HoldingsEdits | None, window: _Window) -> _Slices:
        """Those of a window; nothing is edited in 001 and 004, which are made anew."""
        if edits is None:
            return cls()
        base, partition = edits.bases[window.extract], window.partition
        first = base + partition.first_record_no

        def mine(rows: Rows) -> pa.Table:
            return _without(rows.between(first, first + partition.record_count), base)

        here = pc.equal(edits.drop_tags.column("source_file"), partition.source.name)
        tags = frozenset(edits.drop_tags.filter(here).column("tag").to_pylist())
        return cls(mine(edits.new), mine(edits.changed), mine(edits.drop), tags)


def _without(table: pa.Table, base: int) -> pa.Table:
    """The rows with the extract's own record numbers, without those about 001 and 004."""
    number = pc.cast(pc.subtract(table.column("record_no"), base), pa.int64())
    table = table.set_column(0, "record_no", number)
    if "tag" not in table.schema.names:
        return table
    return table.filter(pc.invert(pc.is_in(table.column("tag"), pa.array(["001", "004"]))))


def _together(first: pa.Table, second: pa.Table | None) -> pa.Table:
    """Both, by record_no, those of the first before those of the second."""
    if second is None or not second.num_rows:
        return first
    both = pa.concat_tables([first, second.select(NEW.names).cast(NEW)])
    order = np.argsort(both.column("record_no").to_numpy(), kind="stable")
    return both.take(pa.array(order))


def _windows(
    wanted: Rows, records: Mapping[str, StagedTable], sources: Mapping[str, tuple[Source, ...]]
) -> Iterator[_Window]:
    """The holdings by extract, file and step of PARTITION_BYTES, in the order of their records."""
    table = wanted.to_table()
    for extract in dict.fromkeys(table.column("extract").to_pylist()):
        part = table.filter(pc.equal(table.column("extract"), extract))
        # Those that stand among the bibs are read from there.
        place = extract if extract in sources else "bib"
        record = records[place].to_table(["record_no", "byte_start", "byte_count"])
        files = {source.name: source for source in sources[place]}
        number = record.column("record_no").to_numpy()
        at = np.searchsorted(number, part.column("record_no").to_numpy())
        start = record.column("byte_start").to_numpy()[at]
        count = record.column("byte_count").to_numpy()[at]
        names = part.column("source_file").cast(pa.string()).to_pylist()
        columns = [part.column(name).to_pylist() for name in ("record_no", "number", "parent_number")]
        begin = 0
        for end in range(1, len(at) + 1):
            if end < len(at) and names[end] == names[begin] and start[end] - start[begin] < PARTITION_BYTES:
                continue
            last = end - 1
            yield _Window(
                Partition(
                    files[names[begin]], 0, int(start[begin]), int(start[last] + count[last] - start[begin]),
                    columns[0][begin], columns[0][last] - columns[0][begin] + 1,
                ),
                extract,
                *(tuple(column[begin:end]) for column in columns),
            )  # fmt: skip
            begin = end


def _render(form: TextForm, rules: HoldingsEdits | None, window: _Window) -> _Done:
    from transformer.writers import marcxml
    from transformer.writers.conform import conform
    from transformer.writers.edits import apply_edits, edits_from_tables
    from transformer.writers.tag_table import edit_by_tag, follow_pairs
    from transformer.writers.text import shaped

    partition = window.partition
    batch = read(partition).batch
    rows = [
        {"record_no": record_no, "tag": tag, "is_control": True, "inner": value}
        for record_no, number, parent in zip(
            window.record_no, window.number, window.parent_number, strict=True
        )
        for tag, value in (("001", number), ("004", parent))
    ]
    slices = _Slices.of(rules, window)
    turned, gone = edit_by_tag(batch, rules.tags if rules is not None else TagTable())
    edits = edits_from_tables(
        batch,
        keep=np.isin(batch.record_no, np.array(window.record_no)).astype(np.uint8),
        drop=slices.drop,
        drop_tags=frozenset(("001", "004")) | slices.drop_tags,
        changed=slices.changed,
        new=_together(pa.Table.from_pylist(rows, NEW), slices.new),
    )
    if gone is not None:
        edits = replace(edits, drop=edits.drop | gone)
    edited, changes = conform(follow_pairs(batch, apply_edits(turned, edits)))
    edited, replaced = shaped(edited, form)
    rendered = marcxml.render(edited)
    issues = rows_of_notes(changes + replaced, edited, partition.source)
    issues += rows_of_render(rendered, edited, partition.source)
    failed = [
        Piece(partition.source, "holdings", int(edited.byte_start[at]), int(edited.byte_count[at]), code)
        for at, code in rendered.failed
    ]
    return _Done(window, rendered, issues, failed)
