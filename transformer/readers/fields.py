"""Whole fields of chosen tags as rows, for rules that take fields apart: one row a field, text of its own."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from transformer.kernels.gather import SLACK, gather
from transformer.marc import unpack_tag
from transformer.schema.batch import I64, U8, MarcBatch
from transformer.schema.tag_edits import meets_any


def field_rows(batch: MarcBatch, patterns: tuple[str, ...]) -> pa.Table:
    """The fields whose tag meets a pattern (schema/tag_edits.py), in file order.

    Columns: record_no int64; field_no int32, from 0 in the record; tag, a dictionary; is_control; inner, the
    field in the inner form of `schema.batch`, as a string.
    """
    tags = np.unique(batch.tag)
    wanted = np.array([t for t in tags.tolist() if meets_any(unpack_tag(t), patterns)], np.uint32)
    fields = np.flatnonzero(np.isin(batch.tag, wanted))
    record = np.searchsorted(batch.field_from, fields, side="right") - 1
    names = pa.array([unpack_tag(t) for t in wanted.tolist()], pa.string())
    index = np.searchsorted(wanted, batch.tag[fields]).astype(np.int32)
    return pa.table(
        {
            "record_no": pa.array(batch.record_no[record]),
            "field_no": pa.array((fields - batch.field_from[record]).astype(np.int32)),
            "tag": pa.DictionaryArray.from_arrays(index, names).cast(pa.dictionary(pa.int32(), pa.string())),
            "is_control": pa.array(batch.control[fields].astype(bool)),
            "inner": _text(batch, fields),
        }
    )


def _text(batch: MarcBatch, fields: I64) -> pa.Array:
    length = batch.length[fields]
    out = np.empty(int(length.sum(dtype=np.int64)) + SLACK, np.uint8)
    out_from = np.zeros(len(fields) + 1, np.int64)
    none: U8 = np.zeros(len(fields), np.uint8)
    used = gather(batch.data, batch.added, batch.start[fields], length, none, none, out, out_from)
    assert used >= 0, "the capacity is the sum of all lengths"
    kind = pa.string() if used < 2**31 else pa.large_string()
    offsets = out_from.astype(np.int32) if used < 2**31 else out_from
    return pa.Array.from_buffers(kind, len(fields), [None, pa.py_buffer(offsets), pa.py_buffer(out[:used])])
