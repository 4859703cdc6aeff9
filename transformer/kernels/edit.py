"""Edits of a batch: which fields go where. Offsets are moved, no field's bytes are touched."""

from __future__ import annotations

from typing import Any

from transformer.kernels.jit import inlined, kernel


@inlined
def place_for(tag: Any, begin: int, end: int, new_tag: int) -> int:
    """Index in begin .. end where a field of `new_tag` goes: after the last of its tag, else before the
    first higher tag, else at the end."""
    for i in range(end - 1, begin - 1, -1):
        if tag[i] == new_tag:
            return i + 1
    for i in range(begin, end):
        if tag[i] > new_tag:
            return i
    return end


@kernel
def edit_records(
    field_from: Any, tag: Any, start: Any, length: Any, control: Any,
    keep: Any, drop: Any,
    changed_field: Any, changed_tag: Any, changed_start: Any, changed_length: Any, changed_control: Any,
    new_record: Any, new_tag: Any, new_start: Any, new_length: Any, new_control: Any, shift: int,
    out_from: Any, out_tag: Any, out_start: Any, out_length: Any, out_control: Any,
) -> int:  # fmt: skip
    """Write the edited fields of the kept records; returns the number of fields, or -1 where it is full.

    Batch arrays as in MarcBatch, edit arrays as in Edits. shift: bytes already in the batch's `added`,
    before the edits' bytes. out_from: int64[kept records + 1]; the other out arrays: capacity for all
    fields of the batch and all new ones. A changed field keeps its place even with another tag. New
    fields are placed one after the other, each seeing the ones before.
    """
    w, records, c, n = 0, 0, 0, 0
    for r in range(len(keep)):
        begin = w
        while n < len(new_record) and new_record[n] < r:
            n += 1
        if not keep[r]:
            continue
        for f in range(field_from[r], field_from[r + 1]):
            if drop[f]:
                continue
            if w >= len(out_tag):
                return -1
            while c < len(changed_field) and changed_field[c] < f:
                c += 1
            if c < len(changed_field) and changed_field[c] == f:
                out_tag[w] = changed_tag[c]
                out_start[w] = -1 - shift - changed_start[c]
                out_length[w] = changed_length[c]
                out_control[w] = changed_control[c]
            else:
                out_tag[w] = tag[f]
                out_start[w] = start[f]
                out_length[w] = length[f]
                out_control[w] = control[f]
            w += 1
        while n < len(new_record) and new_record[n] == r:
            if w >= len(out_tag):
                return -1
            place = place_for(out_tag, begin, w, new_tag[n])
            for i in range(w, place, -1):
                out_tag[i] = out_tag[i - 1]
                out_start[i] = out_start[i - 1]
                out_length[i] = out_length[i - 1]
                out_control[i] = out_control[i - 1]
            out_tag[place] = new_tag[n]
            out_start[place] = -1 - shift - new_start[n]
            out_length[place] = new_length[n]
            out_control[place] = new_control[n]
            w += 1
            n += 1
        records += 1
        if records >= len(out_from):
            return -1
        out_from[records] = w
    return w
