"""Repair damaged records of ISO 2709: which of the record's terminators belongs to which directory entry.

The terminators win over the numbers. The bytes after the directory are cut at field terminators into
pieces, and entries are laid beside pieces in order; what an entry says of length and start is evidence for
the pairing, never a place to cut at. Only where a terminator itself is lost do lengths say where two fields
part, and only if the two fill their piece exactly.

What may be found (bits of `mends`): LENGTH, BASE: the leader's number is wrong. DIRECTORY: some entry's
numbers are. TERMINATOR: one is missing or one too many. LEADER: a control character in the leader, now a
blank. OVERSIZE: more bytes than the numbers can say. DOUBTFUL: a field came out whose bytes do not fit its
entry, as after a lost byte. UNNAMED: text that no entry names was left out. 0: cannot be repaired.

The order of trials and the rules for each kind stand in `schema/damage.py`; a plain twin in
`tests/reference/mend.py`.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from transformer.kernels.bytesops import byte_at, find_byte
from transformer.kernels.copying import memory
from transformer.kernels.digits import digits5
from transformer.kernels.jit import inlined, kernel
from transformer.kernels.mend_pairs import (
    BASE,
    DIRECTORY,
    DOUBTFUL,
    LEADER,
    LENGTH,
    OVERSIZE,
    TERMINATOR,
    UNNAMED,
    agreeing,
    ends_whole,
    paired,
)
from transformer.kernels.mend_pieces import (
    SCRATCH_ROWS,
    cut_pieces,
    decimal,
    order_by_start,
    read_entries,
)
from transformer.kernels.utf8 import TEXT_NOT_UTF8, check_text
from transformer.marc import (
    BASE_ADDRESS_AT,
    BASE_ADDRESS_DIGITS,
    ENTRY_LENGTH,
    ENTRY_MAP_AT,
    FIELD_TERMINATOR,
    LEADER_LENGTH,
    MAX_FIELD_BYTES,
    MAX_RECORD_BYTES,
    RECORD_LENGTH_DIGITS,
    RECORD_TERMINATOR,
)
from transformer.schema.batch import I32, I64, U8, U32

__all__ = [
    "BASE", "DIRECTORY", "DOUBTFUL", "LEADER", "LENGTH", "OVERSIZE", "SCRATCH_ROWS", "TERMINATOR", "UNNAMED",
    "count_pieces", "mend_records",
]  # fmt: skip

_BLANK: Final = 0x20
_DELETE: Final = 0x7F


@inlined
def put_digits(data, at, count, number):  # type: ignore[no-untyped-def]
    """Write a number with `count` digits; nines where it has more."""
    number = min(number, 10**count - 1)
    for place in range(at + count - 1, at - 1, -1):
        data[place] = 48 + number % 10
        number //= 10


@inlined
def leader_bytes(data, at, end):  # type: ignore[no-untyped-def]
    """24, or 25 where the record length has six digits: a program wrote a number that was too large."""
    long = LEADER_LENGTH + 1
    if (
        at + long < end
        and decimal(data, at, RECORD_LENGTH_DIGITS + 1) > MAX_RECORD_BYTES
        and byte_at(data, at + ENTRY_MAP_AT + 1) == 0x34
        and byte_at(data, at + ENTRY_MAP_AT + 2) == 0x35
        and digits5(data, at + BASE_ADDRESS_AT + 1) >= 0
    ):
        return long
    return LEADER_LENGTH


@inlined
def write_leader(data, at, skip, size, base, leader, place):  # type: ignore[no-untyped-def]
    """Write the record's 24 leader bytes with right numbers: True if other bytes had to be replaced."""
    replaced = False
    for position in range(LEADER_LENGTH):
        # Of a length with six digits, one digit is passed over.
        byte = byte_at(data, at + position + skip - LEADER_LENGTH)
        in_numbers = position < RECORD_LENGTH_DIGITS or 0 <= position - BASE_ADDRESS_AT < BASE_ADDRESS_DIGITS
        if (byte < _BLANK or byte >= _DELETE) and not in_numbers:
            byte = np.uint8(_BLANK)
            replaced = True
        leader[place + position] = byte
    put_digits(leader, place, RECORD_LENGTH_DIGITS, size)
    put_digits(leader, place + BASE_ADDRESS_AT, BASE_ADDRESS_DIGITS, base)
    return replaced


@kernel
def fit(
    data: tuple[int, int],
    at: int,
    end: int,
    directory_stop: int,
    body: int,
    first: int,
    tag: U32,
    start: I64,
    length: I32,
    control: U8,
    doubtful: U8,
    scratch: I64,
) -> tuple[int, int]:
    """Try to read data[at:end] with a directory that ends at `directory_stop` and fields from `body` on.

    (entries, bits of `mends` but for those of the leader); (0, 0) if it does not fit.
    """
    stop = end - 1 if byte_at(data, end - 1) == RECORD_TERMINATOR else end
    directory = at + leader_bytes(data, at, end)
    if directory_stop <= directory or body > stop:
        return 0, 0
    pieces, closed = cut_pieces(data, body, stop, scratch)
    entries = read_entries(data, directory, directory_stop, pieces, scratch)
    if entries < 1 or first + entries > len(tag):
        return 0, 0
    order_by_start(entries, scratch)
    mends = agreeing(data, body, stop, entries, first, scratch, tag, start, length, control)
    if mends >= 0:
        for field in range(first, first + entries):
            doubtful[field] = 0
    else:
        mends = paired(
            data, body, entries, pieces, closed, first, scratch, tag, start, length, control, doubtful
        )
        if mends == 0:
            return 0, 0
    return entries, mends if stop < end else mends | TERMINATOR


@kernel
def mend_one(
    data: tuple[int, int],
    at: int,
    end: int,
    first: int,
    tag: U32,
    start: I64,
    length: I32,
    control: U8,
    doubtful: U8,
    leader: U8,
    leader_place: int,
    scratch: I64,
) -> tuple[int, int]:
    """Repair data[at:end]: (fields, bits of `mends`), or (0, 0)."""
    skip = leader_bytes(data, at, end)
    if end - at < skip + ENTRY_LENGTH:
        return 0, 0
    near = find_byte(data, at + skip, end, FIELD_TERMINATOR)
    entries, mends = 0, 0
    if near < end:
        entries, mends = fit(
            data, at, end, near, near + 1, first, tag, start, length, control, doubtful, scratch
        )
    base = digits5(data, at + BASE_ADDRESS_AT + skip - LEADER_LENGTH)
    told = at + base + skip - LEADER_LENGTH
    if entries == 0 and base > LEADER_LENGTH and told < end and told - 1 != near:
        # The directory's own terminator is lost: another byte stands there, or none.
        for body in range(told, told - 2, -1):
            entries, mends = fit(
                data, at, end, told - 1, body, first, tag, start, length, control, doubtful, scratch
            )
            if entries > 0:
                mends |= TERMINATOR
                break
    if entries == 0:
        return 0, 0
    size = LEADER_LENGTH + ENTRY_LENGTH * entries + 2
    for field in range(first, first + entries):
        size += length[field] + 1
        if length[field] >= MAX_FIELD_BYTES:
            mends |= OVERSIZE
    if size > MAX_RECORD_BYTES:
        mends |= OVERSIZE
    elif digits5(data, at) != size and digits5(data, at) != end - at:
        mends |= LENGTH
    true_base = LEADER_LENGTH + ENTRY_LENGTH * entries + 1
    if base != true_base and mends & OVERSIZE == 0:
        mends |= BASE
    if write_leader(data, at, skip, size, true_base, leader, leader_place):
        mends |= LEADER
    return entries, mends


@kernel
def count_pieces(data: U8, span_start: I64, span_count: I64, wanted: I64) -> tuple[int, int]:
    """(all fields, most fields of one record) that the damaged spans `wanted` may have: room for the rest.

    data: uint8[n]. span_start, span_count: int64[S], in `data`. wanted: int64[W], places in those. A span
    has at most as many fields as terminators, and one more; a lost terminator makes one more of it.
    """
    text = memory(data)
    total = 0
    most = 0
    for place in range(len(wanted)):
        at = span_start[wanted[place]]
        end = at + span_count[wanted[place]]
        count = 2
        while at < end:
            at = find_byte(text, at, end, FIELD_TERMINATOR) + 1
            count += 1
        total += 2 * count
        most = max(most, 2 * count)
    return total, most


@kernel
def mend_records(
    data: U8,
    span_start: I64,
    span_count: I64,
    wanted: I64,
    mends: U8,
    field_from: I64,
    tag: U32,
    start: I64,
    length: I32,
    control: U8,
    doubtful: U8,
    text: U8,
    leader: U8,
    scratch: I64,
) -> int:
    """Repair the damaged spans `wanted`: the fields filled; -1 if an array was too small.

    data: uint8[n]. span_start, span_count: int64[S], in `data`; wanted: int64[W], places in those. For each
    of them: mends uint8[W], bits as above, 0 where it could not be repaired (it has no fields then);
    field_from int64[W + 1]; text uint8[W], TEXT_*: it need not be UTF-8; leader uint8[24 * W], with right
    numbers. For each field, in directory order: tag uint32[F]; start int64[F]; length int32[F]; control
    uint8[F]; doubtful uint8[F], 1 where its bytes do not fit what its entry says. F: the first count of
    `count_pieces`; scratch: int64[SCRATCH_ROWS, its second count].
    """
    window = memory(data)
    filled = 0
    field_from[0] = 0
    for place in range(len(wanted)):
        at = span_start[wanted[place]]
        end = at + span_count[wanted[place]]
        entries, found = mend_one(
            window, at, end, filled, tag, start, length, control, doubtful, leader,
            LEADER_LENGTH * place, scratch,
        )  # fmt: skip
        mends[place] = 0
        text[place] = 0
        if entries > 0:
            # What is wrong is in the leader alone, if anywhere: then its entry map or a tag was odd.
            mends[place] = found if found != 0 else LENGTH
            filled += entries
            last = at + LEADER_LENGTH
            for field in range(field_from[place], filled):
                last = max(last, start[field] + length[field])
            if last < end:
                text[place] = check_text(window, at + LEADER_LENGTH, last + 1)
            else:
                broken = not ends_whole(window, last)
                text[place] = TEXT_NOT_UTF8 if broken else check_text(window, at + LEADER_LENGTH, last)
        field_from[place + 1] = filled
    return filled
