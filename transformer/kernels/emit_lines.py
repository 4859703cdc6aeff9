r"""Line containers of a batch: aleph_sequential and mnemonic text, one line a field.

What cannot be said so that it reads back the same is refused, record by record:

- both: CR, LF, ESC, field and record terminators in a value, and the subfield delimiter in that of a control
  field; a tag that is not three printable ASCII characters without a blank (mnemonic),
  or LDR (both); a leader with a byte that is no printable ASCII character.
- aleph_sequential: `$$` in a value, or `$` at a value's end with a subfield behind; `^` in a leader or field
  00X; a control field with another tag than 00X or FMT, or whose value begins with `$$`; a data field 00X or
  FMT; text before the first subfield; a delimiter without code but at the end; a first subfield 9 that
  begins with `^` (it would be taken for a split field); a value of more than 8 MB; no 001.
- mnemonic: a control field with another tag than 00X or FMT; a data field 00X without two plain
  indicators and a subfield; a `\` or `$` in FMT; data field FMT that looks like the format itself.

FMT without delimiter is the format in both: as ISO 2709 knows control fields by their tags only, it may
come as a data field.
"""

from __future__ import annotations

from typing import Final

from transformer.kernels.copying import Memory, memory, peek, poke
from transformer.kernels.jit import inlined, kernel
from transformer.marc import FIELD_TERMINATOR, LEADER_LENGTH, RECORD_TERMINATOR, SUBFIELD_DELIMITER
from transformer.schema.batch import I32, I64, U8, U32

DONE: Final = 0
BAD_TAG: Final = 1
CANNOT_VALUE: Final = 2
CANNOT_FIELD: Final = 3
CANNOT_RECORD: Final = 4
"""Status of a record; only DONE has bytes."""
BLANKED: Final = 1
"""Flag of a field: an indicator was missing, a blank stands in its place."""
WORST: Final = 8
"""Bytes that a byte can become at most: `{dollar}`."""
AROUND: Final = 64

_LF: Final = 0x0A
_CR: Final = 0x0D
_BLANK: Final = 0x20
_DOLLAR: Final = 0x24
_ESC: Final = 0x1B
_CARET: Final = 0x5E
_BACK: Final = 0x5C
_LDR: Final = 0x4C4452
_FMT: Final = 0x464D54
_000: Final = 0x303030
_001: Final = 0x303031
_MOST_NUMBER: Final = 1_000_000_000


@inlined
def tag_good(tag: int, blanks: bool) -> bool:
    """Printable ASCII, not LDR; with a blank in it only where `blanks`."""
    if tag == _LDR:
        return False
    least = _BLANK if blanks else _BLANK + 1
    for shift in (16, 8, 0):
        byte = tag >> shift & 0xFF
        if byte < least or byte > 0x7E:
            return False
    return True


@inlined
def put_digits(out: Memory, w: int, value: int) -> None:
    """Nine digits at out[w:]."""
    for place in range(8, -1, -1):
        poke(out, w + place, 48 + value % 10)
        value //= 10


@inlined
def system_number(source: Memory, at: int, length: int, other: int) -> int:
    """The number that begins a record's lines: its 001 where that is one to nine digits, else `other`."""
    value = 0
    if length < 1 or length > 9:
        return other
    for place in range(at, at + length):
        digit = peek(source, place) - 48
        if digit < 0 or digit > 9:
            return other
        value = value * 10 + digit
    return value if value > 0 else other


@inlined
def holds(source: Memory, at: int, end: int, byte: int) -> bool:
    """True if `byte` stands in source[at:end]."""
    while at < end and peek(source, at) != byte:
        at += 1
    return at < end


@inlined
def unsayable(source: Memory, at: int, end: int, plain: bool) -> bool:
    """True if source[at:end] holds CR, LF, ESC (it would be read as MARC-8), or delimiters of ISO 2709:
    but the subfield delimiter is right where not `plain`."""
    while at < end:
        byte = peek(source, at)
        if byte in (_LF, _CR, _ESC, RECORD_TERMINATOR, FIELD_TERMINATOR):
            return True
        if plain and byte == SUBFIELD_DELIMITER:
            return True
        at += 1
    return False


@inlined
def is_pair(source: Memory, at: int, end: int) -> bool:
    """True if `$$` stands at `at`."""
    return at + 1 < end and peek(source, at) == _DOLLAR and peek(source, at + 1) == _DOLLAR


@kernel
def check_subfields(source: Memory, at: int, end: int) -> int:
    """DONE if source[at:end], behind the indicators, can be said with `$$`."""
    if at < end and peek(source, at) != SUBFIELD_DELIMITER:
        return CANNOT_FIELD
    if at + 2 < end and peek(source, at + 1) == 0x39 and peek(source, at + 2) == _CARET:
        return CANNOT_VALUE
    while at < end:
        at += 1
        if at == end:
            return DONE
        if peek(source, at) == SUBFIELD_DELIMITER:
            return CANNOT_FIELD
        at += 1
        while at < end and peek(source, at) != SUBFIELD_DELIMITER:
            if is_pair(source, at, end) or (
                peek(source, at) == _DOLLAR and at + 1 < end and peek(source, at + 1) == SUBFIELD_DELIMITER
            ):
                return CANNOT_VALUE
            at += 1
    return DONE


@kernel
def put_sequential(
    out: Memory, w: int, number: int, tag: int, source: Memory, at: int, end: int, control: bool
) -> tuple[int, int, int]:
    """(index behind, status, flags) of one line of aleph_sequential."""
    zeros = tag >> 8 == 0x3030
    flags = 0
    put_digits(out, w, number)
    poke(out, w + 9, _BLANK)
    for place in range(3):
        poke(out, w + 10 + place, tag >> (16 - 8 * place) & 0xFF)
    plain = control or (tag == _FMT and not holds(source, at, end, SUBFIELD_DELIMITER))
    for place in range(2):
        byte = _BLANK
        if not plain and at < end and peek(source, at) != SUBFIELD_DELIMITER:
            byte = peek(source, at)
            at += 1
        elif not plain:
            flags = BLANKED
        if byte < _BLANK or byte > 0x7E:
            return w, CANNOT_FIELD, 0
        poke(out, w + 13 + place, byte)
    poke(out, w + 15, _BLANK)
    poke(out, w + 16, 0x4C)
    poke(out, w + 17, _BLANK)
    w += 18
    if unsayable(source, at, end, plain) or end - at > 1 << 22:
        return w, CANNOT_VALUE, 0
    if plain:
        if not (zeros or tag == _FMT) or is_pair(source, at, end):
            return w, CANNOT_FIELD, 0
        if zeros and holds(source, at, end, _CARET):
            return w, CANNOT_VALUE, 0
    elif zeros or tag == _FMT:
        return w, CANNOT_FIELD, 0
    else:
        status = check_subfields(source, at, end)
        if status != DONE:
            return w, status, 0
    while at < end:
        byte = peek(source, at)
        if byte == SUBFIELD_DELIMITER and not plain:
            poke(out, w, _DOLLAR)
            w += 1
            byte = _DOLLAR
        elif zeros and byte == _BLANK:
            byte = _CARET
        poke(out, w, byte)
        w += 1
        at += 1
    poke(out, w, _LF)
    return w + 1, DONE, flags


@inlined
def put_name(out: Memory, w: int, first: int, second: int, third: int, fourth: int) -> int:
    """`{xxxx}`."""
    poke(out, w, 0x7B)
    poke(out, w + 1, first)
    poke(out, w + 2, second)
    poke(out, w + 3, third)
    poke(out, w + 4, fourth)
    poke(out, w + 5, 0x7D)
    return w + 6


@inlined
def put_escaped(out: Memory, w: int, byte: int, blanks: bool) -> int:
    """One byte of mnemonic text: the index behind. blanks: a blank is written `\\`."""
    if byte == _DOLLAR:
        w = put_name(out, w, 0x64, 0x6F, 0x6C, 0x6C) - 1
        poke(out, w, 0x61)
        poke(out, w + 1, 0x72)
        poke(out, w + 2, 0x7D)
        return w + 3
    if byte == 0x7B:
        return put_name(out, w, 0x6C, 0x63, 0x75, 0x62)
    if byte == 0x7D:
        return put_name(out, w, 0x72, 0x63, 0x75, 0x62)
    if byte == _BACK:
        return put_name(out, w, 0x62, 0x73, 0x6F, 0x6C)
    poke(out, w, _BACK if blanks and byte == _BLANK else byte)
    return w + 1


@inlined
def plain_indicator(byte: int) -> bool:
    """A digit or a blank."""
    return byte == _BLANK or 48 <= byte <= 57


@kernel
def put_mnemonic(
    out: Memory, w: int, tag: int, source: Memory, at: int, end: int, control: bool
) -> tuple[int, int, int]:
    """(index behind, status, flags) of one line of mnemonic text."""
    zeros = tag >> 8 == 0x3030
    flags = 0
    if tag == _000:
        return w, CANNOT_FIELD, 0
    delimited = holds(source, at, end, SUBFIELD_DELIMITER)
    plain = control or (tag == _FMT and not delimited)
    if plain and tag == _FMT and (at == end or peek(source, at) in (_BACK, _BLANK, _DOLLAR)):
        return w, CANNOT_FIELD, 0
    if unsayable(source, at, end, plain) or end - at > 1 << 22:
        return w, CANNOT_VALUE, 0
    if control and not (zeros or tag == _FMT):
        return w, CANNOT_FIELD, 0
    if not plain and zeros:
        good = at + 2 < end and plain_indicator(peek(source, at)) and plain_indicator(peek(source, at + 1))
        if not good or peek(source, at + 2) != SUBFIELD_DELIMITER:
            return w, CANNOT_FIELD, 0
    poke(out, w, 0x3D)
    for place in range(3):
        poke(out, w + 1 + place, tag >> (16 - 8 * place) & 0xFF)
    poke(out, w + 4, _BLANK)
    poke(out, w + 5, _BLANK)
    w += 6
    left = 0 if plain else 2
    while at < end or left > 0:
        byte = peek(source, at) if at < end else SUBFIELD_DELIMITER
        if byte == SUBFIELD_DELIMITER and left > 0:
            poke(out, w, _BACK)
            w += 1
            left -= 1
            flags = BLANKED
            continue
        at += 1
        if byte == SUBFIELD_DELIMITER and not plain:
            poke(out, w, _DOLLAR)
            w += 1
            continue
        w = put_escaped(out, w, byte, plain or left > 0)
        # An indicator may be a character of several bytes.
        if left > 0 and not (at < end and peek(source, at) & 0xC0 == 0x80):
            left -= 1
    poke(out, w, _LF)
    return w + 1, DONE, flags


@inlined
def put_leader(out: Memory, w: int, source: Memory, at: int, caret: bool) -> bool:
    """24 bytes at out[w:]; caret: blanks become `^`. False where a byte cannot be said."""
    for place in range(LEADER_LENGTH):
        byte = peek(source, at + place)
        bad = byte < _BLANK or byte > 0x7E or byte == (_CARET if caret else _BACK)
        if bad or (not caret and byte in (0x7B, 0x7D, _DOLLAR)):
            return False
        poke(out, w + place, _CARET if caret and byte == _BLANK else byte)
    return True


@kernel
def emit_records(
    data: U8, added: U8, record_no: I64, leader: I64, field_from: I64, tag: U32, start: I64, length: I32,
    control: U8, sequential: bool, done: int, used: int, out: U8, ends: I64, status: U8, flag: U8,
) -> tuple[int, int, int]:  # fmt: skip
    """Write records from `done` on at out[used:]: (records done, bytes used, bytes needed or 0).

    Arrays as in MarcBatch. sequential: aleph_sequential, else mnemonic text. Written per record: ends
    int64[R], status uint8[R]; per field flag uint8[F]. Where a record does not fit, its worst size is given
    back.
    """
    text, more, to = memory(data), memory(added), memory(out)
    for r in range(done, len(leader)):
        first, last = field_from[r], field_from[r + 1]
        need = 2 * AROUND + AROUND * (last - first)
        number = -1
        for f in range(first, last):
            need += WORST * length[f]
            if tag[f] == _001 and control[f] == 1 and number < 0:
                at = start[f] if start[f] >= 0 else -1 - start[f]
                other = record_no[r] % (_MOST_NUMBER - 1) + 1
                number = system_number(text if start[f] >= 0 else more, at, length[f], other)
        if used + need > len(out):
            return r, used, need
        w = used
        if sequential:
            put_digits(to, w, max(number, 0))
            for place in range(9, 18):
                poke(to, w + place, _BLANK)
            w += 10
        else:
            poke(to, w, 0x3D)
            w += 1
        poke(to, w, 0x4C)
        poke(to, w + 1, 0x44)
        poke(to, w + 2, 0x52)
        poke(to, w + 3, _BLANK)
        poke(to, w + 4, _BLANK)
        w += 5
        if sequential:
            poke(to, w + 1, 0x4C)
            w += 3
        at = leader[r]
        good = put_leader(to, w, text if at >= 0 else more, at if at >= 0 else -1 - at, sequential)
        state = DONE if good else CANNOT_VALUE
        if sequential and number < 0:
            state = CANNOT_RECORD
        w += LEADER_LENGTH
        poke(to, w, _LF)
        w += 1
        for f in range(first, last):
            if not tag_good(tag[f], sequential):
                state = BAD_TAG
            if state != DONE:
                break
            at = start[f] if start[f] >= 0 else -1 - start[f]
            source = text if start[f] >= 0 else more
            if sequential:
                w, state, flags = put_sequential(
                    to, w, number, tag[f], source, at, at + length[f], control[f] == 1
                )
            else:
                w, state, flags = put_mnemonic(to, w, tag[f], source, at, at + length[f], control[f] == 1)
            flag[f] = flags
        if state == DONE and not sequential:
            poke(to, w, _LF)
            w += 1
        if state == DONE and sequential and last > first and tag[last - 1] == _FMT:
            # A last FMT would be taken for the first line of a next record of the same number.
            put_digits(to, w, 0)
            poke(to, w + 9, _LF)
            w += 10
        status[r] = state
        if state == DONE:
            used = w
        ends[r] = used
    return len(leader), used, 0
