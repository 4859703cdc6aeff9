"""Emit the holdings that came as MARC records: 001 and 004 anew, every other field from extract to delivery.

They are read a second time in windows of their extract, a bib file where they stand among the bibs, and
written in the order of the extracts as `holdings/holdings-record-0001.xml` and so on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transformer.engines import map_ordered
from transformer.engines.progress import Progress
from transformer.extracts.model import PARTITION_BYTES, Partition, Source
from transformer.pipeline.applied import Rows
from transformer.pipeline.facts import Emitted
from transformer.pipeline.findings import Row, rows_of_notes, rows_of_render
from transformer.pipeline.results import OutputFact
from transformer.pipeline.set_aside import Piece
from transformer.readers import read
from transformer.ruleset.project import Output
from transformer.schema.batch import Rendered

if TYPE_CHECKING:
    from transformer.writers.text import TextForm

NEW = pa.schema(
    [("record_no", pa.int64()), ("tag", pa.string()), ("is_control", pa.bool_()), ("inner", pa.string())]
)


@dataclass(frozen=True, slots=True)
class _Window:
    """Holdings of one window: the partition to read, and number and parent of those that go out."""

    partition: Partition
    record_no: tuple[int, ...]
    number: tuple[str, ...]
    parent_number: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Done:
    window: _Window
    rendered: Rendered
    issues: list[Row]
    failed: list[Piece]


def emit_holdings_records(
    emitted: Emitted,
    wanted: Rows,
    records: Mapping[str, pa.Table],
    sources: Mapping[str, tuple[Source, ...]],
    folder: Path,
    output: Output,
    form: TextForm,
    threads: int,
    progress: Progress,
) -> None:
    """Write them into `folder`. records: extract of bibs or holdings -> its staged records."""
    from transformer.writers import marcxml
    from transformer.writers.files import SplitFiles

    split = SplitFiles(
        folder, "holdings-record", ".xml", marcxml.HEAD, marcxml.TAIL,
        output.bibs_per_file, output.bytes_per_file,
    )  # fmt: skip
    with split:
        for done in map_ordered(partial(_render, form), _windows(wanted, records, sources), threads):
            key = done.window.partition.source.name, "holdings"
            count = int(np.count_nonzero(np.diff(done.rendered.ends, prepend=0)))
            emitted.written[key] = emitted.written.get(key, 0) + count
            emitted.issues += done.issues
            emitted.failed += done.failed
            split.append(done.rendered)
            progress.advance(done.window.partition.byte_count, count)
    facts = (OutputFact(f"holdings/{f.name}", f.record_count, f.byte_count, f.sha256) for f in split.files)
    emitted.file("holdings", facts)


def _windows(
    wanted: Rows, records: Mapping[str, pa.Table], sources: Mapping[str, tuple[Source, ...]]
) -> Iterator[_Window]:
    """The holdings by extract, file and step of PARTITION_BYTES, in the order of their records."""
    table = wanted.to_table()
    for extract in dict.fromkeys(table.column("extract").to_pylist()):
        part = table.filter(pc.equal(table.column("extract"), extract))
        # Those that stand among the bibs are read from there.
        place = extract if extract in sources else "bib"
        record = records[place]
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
                *(tuple(column[begin:end]) for column in columns),
            )  # fmt: skip
            begin = end


def _render(form: TextForm, window: _Window) -> _Done:
    from transformer.writers import marcxml
    from transformer.writers.conform import conform
    from transformer.writers.edits import apply_edits, edits_from_tables
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
    edits = edits_from_tables(
        batch,
        keep=np.isin(batch.record_no, np.array(window.record_no)).astype(np.uint8),
        drop_tags=frozenset(("001", "004")),
        new=pa.Table.from_pylist(rows, NEW),
    )
    edited, changes = conform(apply_edits(batch, edits))
    edited, replaced = shaped(edited, form)
    rendered = marcxml.render(edited)
    issues = rows_of_notes(changes + replaced, edited, partition.source)
    issues += rows_of_render(rendered, edited, partition.source)
    failed = [
        Piece(partition.source, "holdings", int(edited.byte_start[at]), int(edited.byte_count[at]), code)
        for at, code in rendered.failed
    ]
    return _Done(window, rendered, issues, failed)
