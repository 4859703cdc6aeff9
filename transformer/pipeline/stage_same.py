"""Bibs with one number: are their fields the same? For profiles that merge them.

Only records whose number occurs twice or more are read again, in runs that stand side by side. Compared are
tag, indicators, codes and values of all fields, as often as each occurs; tags of the rules' choice are left
out (embedded fields, the system's own), the leader too (its lengths differ). Gives the tables `same` and
`same_field` of `ruleset.compile.stage_plan`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transformer.extracts.model import PARTITION_BYTES, Partition, Source
from transformer.marc import unpack_tag
from transformer.ruleset.compile.stage_plan import MergeStage

NEEDED = ("source_file", "record_no", "kind", "byte_start", "byte_count")
"""Columns of staged records that the comparison reads, beside those that hold the number."""

Field = tuple[str, bool, str]
SAME = pa.schema([("record_no", pa.int64()), ("first_record_no", pa.int64()), ("differs", pa.bool_())])
SAME_FIELD = pa.schema(
    [
        ("record_no", pa.int64()),
        ("first_record_no", pa.int64()),
        ("place", pa.int64()),
        ("tag", pa.string()),
        ("is_control", pa.bool_()),
        ("inner", pa.string()),
    ]
)


def same_tables(record: pa.Table, files: tuple[Source, ...], merge: MergeStage) -> dict[str, pa.Table]:
    """`same` and `same_field` for the staged records of one extract."""
    group, rows = _groups(record, merge)
    group_of = dict(
        zip(record.column("record_no").to_numpy()[rows].tolist(), group[rows].tolist(), strict=True)
    )
    first: dict[int, tuple[int, list[Field]]] = {}
    same: list[dict[str, Any]] = []
    extra: list[dict[str, Any]] = []
    for row, fields in _fields(record, files, rows, merge.leave_out):
        number = group_of[row]
        if number not in first:
            first[number] = (row, fields)
            continue
        first_row, known = first[number]
        lacking = Counter(fields) - Counter(known)
        same.append(
            {"record_no": row, "first_record_no": first_row, "differs": Counter(fields) != Counter(known)}
        )
        held = {tag for tag, is_control, _ in known if is_control}
        for tag, is_control, inner in fields:
            if lacking[tag, is_control, inner] > 0 and tag not in held:
                lacking[tag, is_control, inner] -= 1
                extra.append(
                    {"record_no": row, "first_record_no": first_row, "place": len(extra)}
                    | {"tag": tag, "is_control": is_control, "inner": inner}
                )
                known.append((tag, is_control, inner))
    return {
        "same": pa.Table.from_pylist(same, SAME),
        "same_field": pa.Table.from_pylist(extra, SAME_FIELD),
    }


def _groups(record: pa.Table, merge: MergeStage) -> tuple[Any, Any]:
    """(group of each record, records whose group has several): equal texts where the number stands."""
    text = None
    for spec in merge.number:
        value = record.column(spec)
        text = value if text is None else pc.coalesce(text, value)
    is_bib = pc.equal(record.column("kind"), "bib")
    shown = pc.if_else(is_bib, text, pa.scalar(None, pa.string()))
    codes = pc.fill_null(pc.dictionary_encode(shown).combine_chunks().indices, -1).to_numpy(
        zero_copy_only=False
    )
    counts = np.bincount(codes[codes >= 0], minlength=1)
    several = np.flatnonzero((codes >= 0) & (counts[np.maximum(codes, 0)] > 1))
    return codes, several


def _fields(
    record: pa.Table, files: tuple[Source, ...], rows: Any, leave_out: frozenset[str]
) -> Iterator[tuple[int, list[Field]]]:
    """(record_no, fields) of the records asked for, in order; neighbours are read together."""
    from transformer.readers import read
    from transformer.writers.conform import inner

    sources = {source.name: source for source in files}
    start = record.column("byte_start").to_numpy()
    count = record.column("byte_count").to_numpy()
    number = record.column("record_no").to_numpy()
    names = record.column("source_file").cast(pa.string())
    runs = np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1) if len(rows) else []
    for part in (part for run in runs for part in _parts(run, start, count, names)):
        first, last = int(part[0]), int(part[-1])
        window = Partition(
            sources[names[first].as_py()], 0, int(start[first]),
            int(start[last] + count[last] - start[first]), int(number[first]),
            int(number[last] - number[first] + 1),
        )  # fmt: skip
        batch = read(window).batch
        for at in range(batch.record_count):
            fields = [
                (tag, bool(batch.control[n]), inner(batch, n).decode())
                for n in range(int(batch.field_from[at]), int(batch.field_from[at + 1]))
                if (tag := unpack_tag(int(batch.tag[n]))) not in leave_out
            ]
            yield int(batch.record_no[at]), fields


def _parts(run: Any, start: Any, count: Any, names: pa.ChunkedArray) -> Iterator[Any]:
    """A run of neighbours cut where the file changes or where a window is full."""
    begin = 0
    for at in range(1, len(run) + 1):
        if at == len(run) or (
            names[int(run[at])].as_py() != names[int(run[begin])].as_py()
            or start[run[at]] + count[run[at]] - start[run[begin]] > PARTITION_BYTES
        ):
            yield run[begin:at]
            begin = at
