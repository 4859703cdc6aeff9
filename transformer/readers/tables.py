"""The three public tables (schema/marc.py) of one batch, without copying text.

Forms: numbers as they are; tag, code, indicators and what is the same in most rows as dictionary arrays
with int32 indexes; control_number, leader and values as `string_view` into the batch's bytes, which stay
in memory as long as a table does. Nearly all batches share one dictionary of tags (000 to 999) and one
of codes (the ASCII characters and the empty string); other tags and characters are appended to it.

Why views: 40 ns a subfield with strings made one by one, a few with views, and DuckDB scans them as
fast. `to_plain` gives the form that files carry.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transformer.extracts.model import Source
from transformer.kernels.subfield import (
    EMPTY,
    NO_TAG,
    VIEW_BYTES,
    count_delimiters,
    count_subfields,
    fill_fields,
    fill_subfields,
    fill_views,
    tag_indexes,
)
from transformer.marc import (
    AUTHORITY_TYPE,
    HOLDINGS_TYPES,
    LEADER_LENGTH,
    RECORD_TYPE_AT,
    pack_tag,
    unpack_tag,
)
from transformer.schema.batch import I32, I64, SPAN_REPAIRED, U8, MarcBatch, Spans
from transformer.schema.marc import FIELD, RECORD, SUBFIELD

TAGS: Final = pa.array([f"{number:03}" for number in range(1000)])
CHARACTERS: Final = pa.array([*map(chr, range(EMPTY)), ""])
KINDS: Final = pa.array(["bib", "holdings", "authority"])
STATUSES: Final = pa.array(["record", "repaired"])
_TEXT: Final = pa.dictionary(pa.int32(), pa.string())
_FORMS: Final = {
    "control_number": pa.string_view(),
    "leader": pa.string_view(),
    "value": pa.string_view(),
    "tag": _TEXT, "code": _TEXT, "ind1": _TEXT, "ind2": _TEXT, "kind": _TEXT, "container": _TEXT,
    "encoding": _TEXT, "status": _TEXT, "source_file": _TEXT, "member": _TEXT,
}  # fmt: skip
_LEADING: Final = 1024
_Filled = tuple[I64, I32, I32, I32, I32, U8]
_001: Final = pack_tag("001")


def fast_form(schema: pa.Schema) -> pa.Schema:
    """The same columns with the types in which this module hands them over."""
    return pa.schema([field.with_type(_FORMS.get(field.name, field.type)) for field in schema])


RECORD_FORM: Final = fast_form(RECORD)
FIELD_FORM: Final = fast_form(FIELD)
SUBFIELD_FORM: Final = fast_form(SUBFIELD)


def to_plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The same rows with plain strings, as in schema/marc.py. Copies all text."""
    schemas = {RECORD_FORM: RECORD, FIELD_FORM: FIELD, SUBFIELD_FORM: SUBFIELD}
    return batch.cast(schemas[batch.schema])


def record_table(
    batch: MarcBatch,
    source: Source,
    spans: Spans | None = None,
    encodings: tuple[str, ...] = ("utf-8",),
    encoding: U8 | None = None,
) -> pa.RecordBatch:
    """Rows of the record table, one a record, in file order; columns of `RECORD_FORM`.

    spans: the read result's, which know what was repaired; without them every status is `record`.
    encodings, encoding: what each record was decoded from, as in `ReadResult`.
    """
    count = batch.record_count
    kinds = np.zeros(256, np.int32)
    kinds[[ord(letter) for letter in HOLDINGS_TYPES]] = 1
    kinds[ord(AUTHORITY_TYPE)] = 2
    status = np.zeros(count, np.int32)
    if spans is not None:
        repaired = spans.record_no[spans.kind == SPAN_REPAIRED]
        status[np.isin(batch.record_no, repaired)] = 1
    columns = [
        pa.array(batch.record_no),
        _control_numbers(batch),
        _views(batch, batch.leader, np.full(count, LEADER_LENGTH, np.int32)),
        _coded(kinds[batch.leader_byte(RECORD_TYPE_AT)], KINDS),
        _constant(source.container, count),
        _coded(
            np.zeros(count, np.int32) if encoding is None else encoding.astype(np.int32), pa.array(encodings)
        ),
        _coded(status, STATUSES),
        _constant(source.name, count),
        _constant(source.member, count),
        pa.array(batch.byte_start),
        pa.array(batch.byte_count),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=RECORD_FORM)


def field_table(batch: MarcBatch, tags: frozenset[str] | None = None) -> pa.RecordBatch:
    """Rows of the field table, one a field, in file order; columns of `FIELD_FORM`.

    tags: only fields of these tags; None for all.
    """
    count = batch.field_count
    record_no, field_no = np.empty(count, np.int64), np.empty(count, np.int32)
    first, second = np.empty(count, np.int32), np.empty(count, np.int32)
    view = np.empty(VIEW_BYTES * count, np.uint8)
    others = fill_fields(
        batch.data, batch.added, batch.field_from, batch.record_no, batch.start, batch.length,
        batch.control, record_no, field_no, first, second, view,
    )  # fmt: skip
    index, names = _tags(batch)
    control, views = batch.control, view.reshape(-1, VIEW_BYTES)
    if tags is not None:  # pyarrow 26 filters no views
        kept = _named(index, names, tags)
        record_no, field_no, index = record_no[kept], field_no[kept], index[kept]
        first, second, views, control = first[kept], second[kept], views[kept], control[kept]
    is_control = pa.py_buffer(np.packbits(control, bitorder="little"))
    is_data = pa.py_buffer(np.packbits(control == 0, bitorder="little"))
    columns = [
        pa.array(record_no),
        pa.array(field_no),
        _coded(index, names),
        character_array(first, others, is_data),
        character_array(second, others, is_data),
        _view_array(batch, views.reshape(-1), is_control),
        pa.Array.from_buffers(pa.bool_(), len(control), [None, is_control], null_count=0),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=FIELD_FORM)


def subfield_table(batch: MarcBatch, tags: frozenset[str] | None = None) -> pa.RecordBatch:
    """Rows of the subfield table, one a subfield, in file order; columns of `SUBFIELD_FORM`.

    tags: only fields of these tags; None for all. Control fields have no subfields. Bytes before a
    field's first delimiter, beyond its indicators, are a row with code ""; so is a delimiter with
    nothing after it (its value is "" too).
    """
    index, names = _tags(batch)
    wanted = (batch.control == 0).view(np.uint8)
    made = None
    if tags is not None:
        wanted &= _named(index, names, tags).view(np.uint8)
    if tags is None:
        # Nearly exact, and eight times as fast as to ask every field; text before a first delimiter is rare.
        room = count_delimiters(batch.data) + count_delimiters(batch.added) + _LEADING
        made = _filled(batch, index, wanted, room)
    if tags is not None or made is None:
        room = count_subfields(batch.data, batch.added, batch.start, batch.length, wanted)
        made = _filled(batch, index, wanted, room)
    if made is None:
        raise AssertionError(f"{room} subfields were counted, and more filled")
    (record_no, field_no, subfield_no, tag, code, view), others = made
    columns = [
        pa.array(record_no),
        pa.array(field_no),
        pa.array(subfield_no),
        _coded(tag, names),
        character_array(code, others),
        _view_array(batch, view),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SUBFIELD_FORM)


def _filled(batch: MarcBatch, index: I32, wanted: U8, room: int) -> tuple[_Filled, int] | None:
    """The columns of the subfield table, and how many codes are outside ASCII; None if room is too small."""
    record_no = np.empty(room, np.int64)
    field_no, subfield_no = np.empty(room, np.int32), np.empty(room, np.int32)
    tag, code = np.empty(room, np.int32), np.empty(room, np.int32)
    view = np.empty(VIEW_BYTES * room, np.uint8)
    rows, others = fill_subfields(
        batch.data, batch.added, batch.field_from, batch.record_no, index, batch.start, batch.length,
        wanted, record_no, field_no, subfield_no, tag, code, view,
    )  # fmt: skip
    if rows < 0:
        return None
    view = view[: VIEW_BYTES * rows]
    return (record_no[:rows], field_no[:rows], subfield_no[:rows], tag[:rows], code[:rows], view), others


def _tags(batch: MarcBatch) -> tuple[I32, pa.Array]:
    """(index of each field's tag, dictionary of tags): `TAGS`, and after them what is not three digits."""
    index = np.empty(batch.field_count, np.int32)
    if not tag_indexes(batch.tag, index):
        return index, TAGS
    other = index == NO_TAG
    packed, place = np.unique(batch.tag[other], return_inverse=True)
    index[other] = len(TAGS) + place
    return index, pa.concat_arrays([TAGS, pa.array([unpack_tag(int(tag)) for tag in packed], pa.string())])


def _named(index: I32, names: pa.Array, tags: frozenset[str]) -> npt.NDArray[np.bool_]:
    """Which fields have one of these tags."""
    wanted = pc.is_in(names, pa.array(sorted(tags), pa.string())).to_numpy(zero_copy_only=False)
    return np.asarray(wanted[index], np.bool_)


def character_array(index: I32, others: int, valid: pa.Buffer | None = None) -> pa.DictionaryArray:
    """Indexes and negated code points of `kernels.subfield` as a dictionary array; changes `index`."""
    if not others:
        return _coded(index, CHARACTERS, valid)
    outside = index < 0
    points, place = np.unique(-index[outside], return_inverse=True)
    index[outside] = len(CHARACTERS) + place
    return _coded(
        index, pa.concat_arrays([CHARACTERS, pa.array([chr(point) for point in points], pa.string())]), valid
    )


def _coded(index: I32, dictionary: pa.Array, valid: pa.Buffer | None = None) -> pa.DictionaryArray:
    """A dictionary array without copying the indexes; `valid` is a bitmap, None if no row is null."""
    indexes = pa.Array.from_buffers(pa.int32(), len(index), [valid, pa.py_buffer(index)])
    return pa.DictionaryArray.from_arrays(indexes, dictionary, safe=False)


def _constant(text: str, count: int) -> pa.DictionaryArray:
    """The same text in every row."""
    return _coded(np.zeros(count, np.int32), pa.array([text]))


def _view_array(batch: MarcBatch, view: U8, valid: pa.Buffer | None = None) -> pa.Array:
    """A `string_view` array over the bytes of a batch."""
    buffers = [valid, pa.py_buffer(view), pa.py_buffer(batch.data), pa.py_buffer(batch.added)]
    return pa.Array.from_buffers(pa.string_view(), len(view) // VIEW_BYTES, buffers)


def _views(batch: MarcBatch, start: I64, length: I32, valid: pa.Buffer | None = None) -> pa.Array:
    """Views of batch bytes: int64[N] offsets as in a batch, int32[N] lengths."""
    view = np.empty(VIEW_BYTES * len(start), np.uint8)
    fill_views(batch.data, batch.added, start, length, view)
    return _view_array(batch, view, valid)


def _control_numbers(batch: MarcBatch) -> pa.Array:
    """Value of the first 001 of each record that is a control field; null where there is none."""
    fields = np.flatnonzero((batch.tag == _001) & (batch.control == 1))
    record = np.searchsorted(batch.field_from, fields, side="right") - 1
    # Written from the last to the first, so that the first stays.
    start, length = np.zeros(batch.record_count, np.int64), np.zeros(batch.record_count, np.int32)
    found: npt.NDArray[np.uint8] = np.zeros(batch.record_count, np.uint8)
    start[record[::-1]] = batch.start[fields[::-1]]
    length[record[::-1]] = batch.length[fields[::-1]]
    found[record] = 1
    return _views(batch, start, length, pa.py_buffer(np.packbits(found, bitorder="little")))
