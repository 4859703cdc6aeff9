"""ISO 2709 in MARC-8: a batch's fields encoded by a kernel, leader/09 blank, then written as others are."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np

from transformer.extracts.code_tables import out_tables
from transformer.kernels.marc8_out import ROOM, ROOM_FACTOR, encode_fields
from transformer.kernels.nfc import MAX_MARKS
from transformer.marc import CHARACTER_CODING_AT, LEADER_LENGTH
from transformer.schema.batch import U8, MarcBatch, Rendered
from transformer.writers import iso2709
from transformer.writers.split_long import split_failed

_BLANK: Final = 0x20


def render_marc8(batch: MarcBatch, *, split_long: bool = False) -> Rendered:
    """Records of the batch in ISO 2709 and MARC-8 (see `iso2709.render` for what fails, and `split_long`).

    What no set of MARC-8 has becomes `&#x6F22;`. notes: `control-character` where an ESC stood in a value,
    which MARC-8 cannot say.
    """
    encoded, lost = _encoded(batch)
    render = partial(iso2709.render, marc21=False)
    rendered = render(encoded)
    if split_long and rendered.failed:
        rendered = split_failed(batch, rendered, render, lambda records: _encoded(records)[0])
    fields = np.flatnonzero(lost)
    records = np.searchsorted(batch.field_from, fields, side="right") - 1
    notes = tuple(("control-character", int(record), "", "ESC") for record in records)
    return replace(rendered, notes=rendered.notes + notes)


def _encoded(batch: MarcBatch) -> tuple[MarcBatch, U8]:
    """(batch whose fields are in MARC-8 and whose leaders say so, fields that lost a character)."""
    count = batch.field_count
    new_start, new_length = np.empty(count, np.int64), np.empty(count, np.int32)
    lost = np.zeros(count, np.uint8)
    room = ROOM_FACTOR * int(batch.length.sum(dtype=np.int64)) + 2 * ROOM
    used = -1
    while used < 0:
        out = np.empty(room, np.uint8)
        used = encode_fields(
            batch.data, batch.added, batch.start, batch.length, out_tables(),
            np.empty(MAX_MARKS + 8, np.int64), out, new_start, new_length, lost,
        )  # fmt: skip
        room *= 2
    leaders = _leaders(batch)
    begun = len(batch.added)
    added = np.concatenate([batch.added, leaders.reshape(-1), out[:used]])
    leader = -1 - (begun + LEADER_LENGTH * np.arange(batch.record_count, dtype=np.int64))
    start = np.where(new_start >= 0, -1 - (begun + leaders.size + new_start), batch.start)
    return replace(batch, added=added, leader=leader, start=start, length=new_length), lost


def _leaders(batch: MarcBatch) -> U8:
    """uint8[R, 24], the leaders with a blank in leader/09."""
    places = np.arange(LEADER_LENGTH)
    leaders = np.empty((batch.record_count, LEADER_LENGTH), np.uint8)
    inside = batch.leader >= 0
    leaders[inside] = batch.data[batch.leader[inside, None] + places]
    leaders[~inside] = batch.added[-1 - batch.leader[~inside, None] + places]
    leaders[:, CHARACTER_CODING_AT] = _BLANK
    return leaders
