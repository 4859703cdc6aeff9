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

from transformer.kernels.boundary import MORE_DIGITS
from transformer.kernels.bytesops import byte_at, find_byte
from transformer.kernels.copying import memory
from transformer.kernels.digits import digits5, entry_numbers
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
    inside_character,
    paired,
)
from transformer.kernels.mend_pieces import (
    MOST_PIECES,
    SCRATCH_ROWS,
    choose_order,
    cut_pieces,
    decimal,
    explain_lengths,
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
from transformer.schema.batch import I32, I64, REASON_CODE, U8, U32

__all__ = [
    "BASE", "DIRECTORY", "DOUBTFUL", "LEADER", "LENGTH", "OVERSIZE", "SCRATCH_ROWS", "TERMINATOR", "UNNAMED",
    "count_pieces", "mend_records",
]  # fmt: skip

_LEADER: Final = REASON_CODE["leader"]
_DIRECTORY: Final = REASON_CODE["directory"]
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
    """24, or more where the record length has more than five digits: a program wrote all of them."""
    if byte_at(data, at) == 0x30:
        return LEADER_LENGTH
    for more in range(1, MORE_DIGITS + 1):
        if (
            at + LEADER_LENGTH + more < end
            and decimal(data, at, RECORD_LENGTH_DIGITS + more) > MAX_RECORD_BYTES
            and byte_at(data, at + ENTRY_MAP_AT + more) == 0x34
            and byte_at(data, at + ENTRY_MAP_AT + more + 1) == 0x35
            and digits5(data, at + BASE_ADDRESS_AT + more) >= 0
        ):
            return LEADER_LENGTH + more
    return LEADER_LENGTH


@inlined
def write_leader(data, at, skip, size, base, leader, place):  # type: ignore[no-untyped-def]
    """Write the record's 24 leader bytes with right numbers: True if other bytes had to be replaced."""
    replaced = False
    for position in range(LEADER_LENGTH):
        # Of a length with more digits, the first ones are passed over.
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
    directory: int,
    directory_stop: int,
    body: int,
    end: int,
    whole: bool,
    first: int,
    tag: U32,
    start: I64,
    length: I32,
    control: U8,
    doubtful: U8,
    scratch: I64,
) -> tuple[int, int]:
    """Try to read a record with the directory data[directory:directory_stop] and fields in data[body:end].

    whole: the record has as many bytes as its leader says. (entries, bits of `mends` but for those of the
    leader); (0, 0) if it does not fit.
    """
    stop = end - 1 if byte_at(data, end - 1) == RECORD_TERMINATOR else end
    if directory_stop <= directory or body > stop:
        return 0, 0
    pieces, closed = cut_pieces(data, body, stop, scratch)
    if pieces < 0:
        return 0, 0
    entries = read_entries(data, directory, directory_stop, pieces, scratch)
    if entries < 1 or first + entries > len(tag):
        return 0, 0
    single = order_by_start(data, entries, stop - body > MAX_RECORD_BYTES, scratch)
    mends = agreeing(data, body, stop, entries, first, scratch, tag, start, length, control)
    if mends >= 0:
        for field in range(first, first + entries):
            doubtful[field] = 0
    else:
        if not single:
            return 0, 0
        choose_order(entries, pieces, scratch)
        if entries == pieces:
            explain_lengths(data, entries, scratch)
        mends = paired(
            data, body, entries, pieces, closed, whole, first, scratch,
            tag, start, length, control, doubtful,
        )  # fmt: skip
        if mends == 0:
            return 0, 0
    return entries, mends if stop < end else mends | TERMINATOR


@inlined
def finished(data, at, end, skip, base, first, entries, length, leader, place):  # type: ignore[no-untyped-def]
    """Write the leader of a record that fits: bits of `mends` that its numbers add."""
    mends = 0
    size = LEADER_LENGTH + ENTRY_LENGTH * entries + 2
    for field in range(first, first + entries):
        size += length[field] + 1
        if length[field] >= MAX_FIELD_BYTES:
            mends |= OVERSIZE
    told = digits5(data, at)
    if size > MAX_RECORD_BYTES:
        mends |= OVERSIZE
    elif told != size and told != end - at:
        mends |= LENGTH
    true_base = LEADER_LENGTH + ENTRY_LENGTH * entries + 1
    if base != true_base and mends & OVERSIZE == 0:
        mends |= BASE
    if write_leader(data, at, skip, size, true_base, leader, place):
        mends |= LEADER
    return mends


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
) -> tuple[int, int, int]:
    """Repair data[at:end]: (fields, bits of `mends`, 0), or (0, 0, reason or 0 for the one it has)."""
    if end - at < LEADER_LENGTH + ENTRY_LENGTH:
        return 0, 0, 0
    skip = leader_bytes(data, at, end)
    directory = at + skip
    if end - at < skip + ENTRY_LENGTH:
        return 0, 0, 0
    near = find_byte(data, directory, end, FIELD_TERMINATOR)
    whole = digits5(data, at) == end - at
    entries, mends = 0, 0
    if near < end:
        entries, mends = fit(
            data, directory, near, near + 1, end, whole, first,
            tag, start, length, control, doubtful, scratch,
        )  # fmt: skip
    base = digits5(data, at + BASE_ADDRESS_AT + skip - LEADER_LENGTH)
    told = directory - LEADER_LENGTH + base
    if entries == 0 and base > LEADER_LENGTH and told < end and told - 1 != near:
        # The directory's own terminator is lost: another byte stands there, or none. No doubt besides.
        for body in range(told, told - 2, -1):
            if inside_character(data, body):
                continue
            entries, mends = fit(
                data, directory, told - 1, body, end, whole, first,
                tag, start, length, control, doubtful, scratch,
            )  # fmt: skip
            if entries > 0 and mends & DOUBTFUL == 0:
                mends |= TERMINATOR
                break
            entries = 0
    if entries > 0:
        mends |= finished(data, at, end, skip, base, first, entries, length, leader, leader_place)
        return entries, mends, 0
    lost = (at + LEADER_LENGTH - near) % ENTRY_LENGTH
    if near < end and lost > 0:
        # Entries do not fill the directory. Is it the leader that lacks some bytes?
        entries, mends = fit(
            data, at + LEADER_LENGTH - lost, near, near + 1, end, False, first,
            tag, start, length, control, doubtful, scratch,
        )  # fmt: skip
        if entries > 0 and mends & DIRECTORY == 0:
            return 0, 0, _LEADER
        if entry_numbers(data, directory)[0] >= 0:
            return 0, 0, _DIRECTORY
    return 0, 0, 0


@inlined
def room_for(data, at, end):  # type: ignore[no-untyped-def]
    """(pieces and entries, fields) that the span data[at:end] may have at most.

    As many pieces as terminators, and one more; a lost terminator makes two fields of one. Each field has an
    entry of twelve bytes.
    """
    pieces = 1
    most = min((end - at) // ENTRY_LENGTH, MOST_PIECES)
    while at < end and pieces < MOST_PIECES:
        at = find_byte(data, at, end, FIELD_TERMINATOR) + 1
        pieces += 1
    pieces = min(pieces + 1, MOST_PIECES)
    return 2 * pieces, min(2 * pieces, most)


@kernel
def count_pieces(data: U8, span_start: I64, span_count: I64, wanted: I64) -> tuple[int, int]:
    """(all fields, most pieces of one record) that the damaged spans `wanted` may have: room for the rest.

    data: uint8[n]. span_start, span_count: int64[S], in `data`. wanted: int64[W], places in those.
    """
    text = memory(data)
    total = 0
    most = 0
    for place in range(len(wanted)):
        at = span_start[wanted[place]]
        pieces, fields = room_for(text, at, at + span_count[wanted[place]])
        total += fields
        most = max(most, pieces)
    return total, most


@kernel
def mend_records(
    data: U8,
    span_start: I64,
    span_count: I64,
    wanted: I64,
    mends: U8,
    reason: U8,
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
    of them: mends uint8[W], bits as above, 0 where it could not be repaired (it has no fields then); reason
    uint8[W], why not, as an index into REASONS, 0 if that is not known better than before; field_from
    int64[W + 1]; text uint8[W], TEXT_*: it need not be UTF-8; leader uint8[24 * W], with right numbers. For
    each field, in directory order: tag uint32[F]; start int64[F]; length int32[F]; control uint8[F];
    doubtful uint8[F], 1 where its bytes do not fit what its entry says. F: the first count of
    `count_pieces`; scratch: int64[SCRATCH_ROWS, its second count].
    """
    window = memory(data)
    filled = 0
    field_from[0] = 0
    for place in range(len(wanted)):
        at = span_start[wanted[place]]
        end = at + span_count[wanted[place]]
        pieces, fields = room_for(window, at, end)
        if filled + fields > len(tag) or pieces > scratch.shape[1]:
            return -1
        entries, found, reason[place] = mend_one(
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
