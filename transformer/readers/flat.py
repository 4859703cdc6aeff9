"""Documents of tagged lines: a boundary line begins each, then lines of a tag and its value.

    *** DOCUMENT BOUNDARY ***
    FORM=LDUSER
    .USER_ID.   |a29000001
    .USER_ADDR1_BEGIN.
    .STREET.   |a1 Example Road
    .USER_ADDR1_END.

How boundary, tags and blocks look is told (`FlatShape`). A line without a tag goes on with the value before
it; tags inside a block are called `BLOCK/TAG`; repeated tags are repeated values (U+001F between). A document
is a row, its columns are the tags met in the partition. Text before the first boundary, and lines in a
document before its first tag, are set aside (`row-syntax`); so are documents that are not text (`not-utf8`).

Lines are taken apart by Arrow and numpy, all at once; only blocks and values that go on are looked at one by
one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transformer.extracts.model import Partition
from transformer.extracts.shape import DelimitedPartition, DelimitedShape
from transformer.extracts.window import read_window
from transformer.readers.delimited import DelimitedResult, SetAsideRow
from transformer.readers.delimited_text import Text, text_of
from transformer.readers.lines import Lines, boundary_starts, line_places, row_spans
from transformer.schema.batch import I64, REASON_CODE, U8


@dataclass(frozen=True, slots=True)
class FlatShape:
    """How documents look; see `ruleset.files.rules.Flat` for each."""

    boundary: str
    tag_start: str
    tag_end: str
    value_start: str = ""
    block_start: str = ""
    block_end: str = ""
    join: str = " "
    skip: tuple[str, ...] = ()
    encoding: str = "utf-8"

    @property
    def pattern(self) -> str:
        """Regular expression of a line with a tag."""
        end = re.escape(self.tag_end)
        value = f"(?:{re.escape(self.value_start)})?" if self.value_start else ""
        return f"^{re.escape(self.tag_start)}(?P<tag>[^{end}\\s]+){end}[ \\t]*{value}(?P<value>[^\\r\\n]*)"


@dataclass(slots=True)
class _Tagged:
    """Lines with a tag: document of each (int64), tag with its block, value."""

    row: I64
    name: pa.Array
    value: pa.Array


def read(partition: Partition, shape: FlatShape) -> DelimitedResult:
    """The documents of one partition that `lines.partitions` cut before boundaries."""
    assert isinstance(partition, DelimitedPartition)
    window = read_window(partition.source.path, partition.byte_start, partition.byte_count)
    text = text_of(DelimitedShape(delimiter="|", qualifier=None, repeat="", encoding=shape.encoding))
    documents = _documents(window, partition, shape)
    documents.judge("not-utf8", _not_text(window, documents, text))
    tagged, orphans = _tagged(window, documents, shape, text)
    documents.judge("row-syntax", orphans)
    good = documents.good
    made = _columns(tagged, good)
    table = pa.table([*documents.own(partition, good), *made.values()], names=[*Lines.OWN, *made])
    return DelimitedResult(table, row_spans(partition, documents), tuple(_aside(partition, documents)), (), 0)


def _documents(window: U8, partition: DelimitedPartition, shape: FlatShape) -> Lines:
    boundary = shape.boundary.encode()
    data = window.tobytes()
    start = np.array(boundary_starts(data, boundary), np.int64)
    after = np.append(start[1:], len(window)) if len(start) else start
    breaks = np.flatnonzero(window == 10)
    line = partition.first_line + np.searchsorted(breaks, start)
    reason = np.zeros(len(start), np.int64)
    documents = Lines(start, after.astype(np.int64), after.astype(np.int64), line, reason)
    first = int(start[0]) if len(start) else len(window)
    if data[:first].removeprefix(b"\xef\xbb\xbf").strip():
        # What belongs to no document counts as one, that its bytes are kept.
        documents.start = np.concatenate(([0], start)).astype(np.int64)
        documents.end = documents.after = np.concatenate(([first], documents.after)).astype(np.int64)
        documents.line = np.concatenate(([partition.first_line], line)).astype(np.int64)
        documents.reason = np.concatenate(([REASON_CODE["row-syntax"]], reason)).astype(np.int64)
    elif first:
        documents.skipped.append((0, first))
    return documents


def _not_text(window: U8, documents: Lines, text: Text) -> Any:
    bad = np.zeros(len(documents.start), bool)
    if not len(window) or window.max() <= 0x7F:
        return bad
    high = np.flatnonzero(window > 0x7F)
    for row in np.unique(np.searchsorted(documents.start, high, "right") - 1).tolist():
        bad[row] = bool(text.fault(window[documents.start[row] : documents.after[row]]))
    return bad


def _tagged(window: U8, documents: Lines, shape: FlatShape, text: Text) -> tuple[_Tagged, Any]:
    """The lines with tags, values that go on joined; and which documents have text before their first tag."""
    start, end, _ = line_places(window)
    row = np.searchsorted(documents.start, start, "right") - 1
    good = documents.good
    inside = (row >= 0) & good[np.maximum(row, 0)] & (end > start) if len(good) else np.zeros(len(row), bool)
    inside &= ~np.isin(start, documents.start)
    start, end, row = start[inside], end[inside], row[inside]
    lines = _text(window, start, end, text)
    if shape.skip:
        kept = np.ones(len(row), bool)
        for head in shape.skip:
            kept &= ~pc.starts_with(lines, head).to_numpy(zero_copy_only=False)
        lines, row = lines.filter(pa.array(kept)), row[kept]
    found = pc.extract_regex(lines, shape.pattern)
    has_tag = pc.is_valid(found).to_numpy(zero_copy_only=False)
    value = pc.struct_field(found, "value").filter(pa.array(has_tag))
    name = pc.struct_field(found, "tag").filter(pa.array(has_tag))
    owner = np.cumsum(has_tag) - 1
    tag_row = row[has_tag]
    loose = np.flatnonzero(~has_tag)
    orphans = np.zeros(len(good), bool)
    if len(loose):
        lost = (
            (owner[loose] < 0) | (tag_row[np.maximum(owner[loose], 0)] != row[loose])
            if len(tag_row)
            else (np.ones(len(loose), bool))
        )
        orphans[row[loose[lost]]] = True
        value = _continued(value, lines, loose[~lost], owner, shape.join)
    return _blocks(_Tagged(tag_row, name, value), shape), orphans


def _text(window: U8, start: I64, end: I64, text: Text) -> pa.Array:
    """Lines as strings: one copy of the window's bytes, offsets where lines end."""
    from transformer.kernels.delimited import NONE
    from transformer.readers.delimited import arrays_of
    from transformer.readers.delimited_head import Marks

    packed = ((end - start) << 2).astype(np.int32)
    return arrays_of(window, start.astype(np.int32), packed, len(start), 1, Marks(NONE, NONE, NONE), text)[0]


def _continued(value: pa.Array, lines: pa.Array, loose: I64, owner: I64, join: str) -> pa.Array:
    """Values with the lines that go on with them."""
    if not len(loose):
        return value
    more: dict[int, list[str]] = {}
    for at, text in zip(loose.tolist(), lines.take(pa.array(loose)).to_pylist(), strict=True):
        more.setdefault(int(owner[at]), []).append(text)
    places = pa.array(sorted(more))
    longer = [
        join.join([before, *more[at]])
        for at, before in zip(places.to_pylist(), value.take(places).to_pylist(), strict=True)
    ]
    mask = np.zeros(len(value), bool)
    mask[places.to_numpy()] = True
    return pc.replace_with_mask(value, pa.array(mask), pa.array(longer, pa.string()))


def _blocks(tagged: _Tagged, shape: FlatShape) -> _Tagged:
    """Tags inside a block get its name; the lines that open and close blocks go."""
    if not shape.block_start:
        return tagged
    names = tagged.name.dictionary_encode()
    known = names.dictionary.to_pylist()
    opens = np.array([n.endswith(shape.block_start) for n in known], bool)
    closes = np.array([bool(shape.block_end) and n.endswith(shape.block_end) for n in known], bool)
    code = names.indices.to_numpy(zero_copy_only=False)
    event = opens[code] | closes[code] if len(known) else np.zeros(0, bool)
    place = np.where(event, np.arange(len(code)), -1)
    last = np.maximum.accumulate(place) if len(place) else place
    at = np.maximum(last, 0)
    inside = (last >= 0) & opens[code[at]] & (tagged.row[at] == tagged.row) if len(code) else event
    block = np.where(inside, code[at] if len(code) else 0, -1)
    kept = ~event
    pairs = block[kept] * len(known) + code[kept] if len(known) else code
    distinct, index = np.unique(np.where(block[kept] < 0, -1 - code[kept], pairs), return_inverse=True)
    made = [
        known[-1 - pair]
        if pair < 0
        else f"{known[pair // len(known)].removesuffix(shape.block_start)}/{known[pair % len(known)]}"
        for pair in distinct.tolist()
    ]
    name = pa.DictionaryArray.from_arrays(pa.array(index.astype(np.int32)), pa.array(made, pa.string()))
    return _Tagged(tagged.row[kept], name, tagged.value.filter(pa.array(kept)))


def _columns(tagged: _Tagged, good: Any) -> dict[str, pa.Array]:
    """Tag -> values of the good documents, repeats joined; tags in the order of their names."""
    number = np.cumsum(good) - 1
    rows = int(good.sum())
    names = tagged.name if isinstance(tagged.name, pa.DictionaryArray) else tagged.name.dictionary_encode()
    code = names.indices.to_numpy(zero_copy_only=False)
    taken = good[tagged.row] if len(code) else np.zeros(0, bool)
    made: dict[str, pa.Array] = {}
    listed = names.dictionary.to_pylist()
    for place in sorted(range(len(listed)), key=lambda n: listed[n]):
        lines = np.flatnonzero((code == place) & taken)
        counts = np.bincount(number[tagged.row[lines]], minlength=rows)
        offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
        values = tagged.value.take(pa.array(lines))
        made[listed[place]] = pc.binary_join(pa.ListArray.from_arrays(offsets, values), "\x1f")
    return made


def _aside(partition: Partition, documents: Lines) -> Iterator[SetAsideRow]:
    for row in np.flatnonzero(documents.reason != 0).tolist():
        begin, after = int(documents.start[row]), int(documents.after[row])
        found = f"{after - begin} bytes"
        code = documents.code(row)
        expected = "text" if code == "not-utf8" else "a boundary, then lines with tags"
        line = int(documents.line[row])
        yield SetAsideRow(line, partition.byte_start + begin, after - begin, code, found, expected)
