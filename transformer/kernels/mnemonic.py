r"""Mnemonic text of MARCMaker and MarcEdit (.mrk): records, and their lines to fields in the inner form.

    =LDR  00000nam\\2200000\a\4500
    =245  10$aTitle /$cin {lcub}braces{rcub}

A line of a field begins with `=`, tag, one or two blanks. A record begins with =LDR or =000; with =001 too,
after an empty line, where a 001 was seen (files without leaders). Empty lines elsewhere mean nothing. Any
other line goes on the one before it, without the line break (the Library of Congress wraps so:
`musical flat in F` + `{flat}`, and puts a blank at a line's beginning where one is meant). Markup begins
garbage, as does a line that is no field where no record has begun.

`\` is a blank everywhere (a real one is `{bsol}`), `$` the delimiter (a real one is `{dollar}`), but in a
control field a bare `$` stays. 00X is a control field unless two indicators and a `$` begin it; FMT, the
format, is one where it has neither `$` nor `\` at its beginning. Other names in braces are left to the
caller, who has their table: they come out between 0x1D and 0x1E. `{esc}` is MARC-8: set aside.

Facts: makrtest.src of the Perl module MARC, which is the Library of Congress's own test of 1996.
"""

from __future__ import annotations

from typing import Final

from transformer.kernels.bytesops import byte_at, find_byte, size_of
from transformer.kernels.copying import copy_run, memory, peek, poke
from transformer.kernels.jit import inlined, kernel
from transformer.kernels.text_lines import (
    blank_line,
    ends_in_character,
    is_blank,
    is_markup,
    put_leader,
)
from transformer.kernels.utf8 import TEXT_ESCAPE, TEXT_NOT_UTF8, check_text
from transformer.marc import FIELD_TERMINATOR, LEADER_LENGTH, RECORD_TERMINATOR, SUBFIELD_DELIMITER
from transformer.schema.batch import (
    I32,
    I64,
    REASON_CODE,
    SPAN_RECORD,
    SPAN_REPAIRED,
    SPAN_SEPARATOR,
    SPAN_SET_ASIDE,
    U8,
    U32,
)

MOST: Final = 8 << 20
AHEAD: Final = 64
DONE: Final = 0
MORE: Final = 1
FULL: Final = 2

LEADER_MISSING: Final = 1
CONTINUED: Final = 1
NAMED: Final = 2
DELIMITER: Final = 4
FIELD_REPAIRS: Final = CONTINUED | DELIMITER
"""Flags of fields: a value went on in the next line; names for the caller; a delimiter was replaced."""
ROOM_PER_RECORD: Final = 32
SLACK: Final = 64
LINE_LEAST: Final = 5
NAME_MOST: Final = 12

_LF: Final = 0x0A
_BLANK: Final = 0x20
_EQUALS: Final = 0x3D
_DOLLAR: Final = 0x24
_BACK: Final = 0x5C
_OPEN: Final = 0x7B
_CLOSE: Final = 0x7D
_LDR: Final = 0x4C4452
_000: Final = 0x303030
_001: Final = 0x303031
_FMT: Final = 0x464D54
_GARBAGE: Final = REASON_CODE["garbage"]
_TOO_LARGE: Final = REASON_CODE["record-too-large"]
_LEADER: Final = REASON_CODE["leader"]
_NOT_UTF8: Final = REASON_CODE["not-utf8"]
_ESCAPE: Final = REASON_CODE["escape-sequence"]


@inlined
def is_field(data, at, end):  # type: ignore[no-untyped-def]
    """True if the line of a field begins at `at`."""
    if at + 4 > end or byte_at(data, at) != _EQUALS:
        return False
    for place in range(at + 1, at + 4):
        if byte_at(data, place) <= _BLANK or byte_at(data, place) >= 0x7F:
            return False
    return at + 4 == end or byte_at(data, at + 4) <= _BLANK


@inlined
def tag_at(data, line):  # type: ignore[no-untyped-def]
    """The tag of a field's line, packed."""
    return byte_at(data, line + 1) << 16 | byte_at(data, line + 2) << 8 | byte_at(data, line + 3)


@kernel
def span_end(data, at, most, final):  # type: ignore[no-untyped-def]
    """(end, state, reason) of the record or garbage at `at`."""
    size = size_of(data)
    limit = min(size, at + most)
    record = is_field(data, at, size)
    has_number = record and tag_at(data, at) == _001
    line = at
    while True:
        end = find_byte(data, line, limit, _LF)
        if end == limit:
            if size >= at + most:
                return at + most, DONE, _TOO_LARGE
            return size, DONE if final else MORE, 0 if record else _GARBAGE
        empty = blank_line(data, line, end)
        line = end + 1
        if not final and size - line < AHEAD:
            return size, MORE, 0
        field = is_field(data, line, size)
        if line == size or (field and not record) or (record and is_markup(data, line, size)):
            return line, DONE, 0 if record else _GARBAGE
        if field:
            tag = tag_at(data, line)
            if tag in (_LDR, _000) or (tag == _001 and has_number and empty):
                return line, DONE, 0
            has_number |= tag == _001


@kernel
def find_spans(
    data: U8,
    at: int,
    stop: int,
    offset: int,
    final: bool,
    most: int,
    byte_start: I64,
    byte_count: I64,
    kind: U8,
    reason: U8,
) -> tuple[int, int, int]:
    """Find spans from data[at] on, until one ends at or after `stop`: (next index, filled, state).

    Arguments and states as in kernels/aleph_sequential.py.
    """
    text = memory(data)
    size = len(data)
    filled = 0
    while at < stop:
        if filled == byte_start.shape[0]:
            return at, filled, FULL
        if not final and size - at < AHEAD:
            return at, filled, MORE
        limit = min(size, at + most)
        end = at
        if (
            offset + at == 0
            and at + 3 <= limit
            and byte_at(text, at) == 0xEF
            and byte_at(text, at + 1) == 0xBB
            and byte_at(text, at + 2) == 0xBF
        ):
            end += 3
        while end < limit and is_blank(byte_at(text, end)):
            end += 1
        what, why = SPAN_SEPARATOR, 0
        if end == at:
            end, state, why = span_end(text, at, most, final)
            if state == MORE:
                return at, filled, MORE
            what = SPAN_RECORD if why == 0 else SPAN_SET_ASIDE
        elif end == size and not final and size < at + most:
            return at, filled, MORE
        byte_start[filled] = offset + at
        byte_count[filled] = end - at
        kind[filled] = what
        reason[filled] = why
        filled += 1
        at = end
    return at, filled, DONE


@inlined
def word(data, at, end, letters):  # type: ignore[no-untyped-def]
    """True if data[at:end] is the word of these letters, packed, the first highest."""
    packed = 0
    for place in range(at, end):
        packed = packed << 8 | byte_at(data, place)
    return packed == letters


@inlined
def meant(data, at, end):  # type: ignore[no-untyped-def]
    """The byte that the name data[at:end] stands for: 0 where the caller must say, -1 for {esc}."""
    if end - at == 6 and word(data, at, end, 0x646F6C6C6172):  # dollar
        return _DOLLAR
    if end - at == 4:
        if word(data, at, end, 0x6C637562):  # lcub
            return _OPEN
        if word(data, at, end, 0x72637562):  # rcub
            return _CLOSE
        if word(data, at, end, 0x62736F6C):  # bsol
            return _BACK
    return -1 if end - at == 3 and word(data, at, end, 0x657363) else 0


@inlined
def name_end(data, at, end):  # type: ignore[no-untyped-def]
    """Index of the `}` that ends the name behind the `{` at `at`; `at` where there is none."""
    for place in range(at + 1, min(end, at + NAME_MOST + 2)):
        byte = byte_at(data, place)
        if byte == _CLOSE:
            return place if place > at + 1 else at
        letter = 48 <= byte <= 57 or 65 <= byte <= 90 or 97 <= byte <= 122
        if not letter:
            return at
    return at


@kernel
def put_text(out, w, data, at, end, control):  # type: ignore[no-untyped-def]
    """(index behind, flags) of data[at:end], decoded, at out[w:]; flags -1 where it is MARC-8."""
    flags = 0
    while at < end:
        byte = peek(data, at)
        if byte == _OPEN:
            close = name_end(data, at, end)
            if close > at:
                char = meant(data, at + 1, close)
                if char < 0:
                    return w, -1
                if char > 0:
                    poke(out, w, char)
                    w += 1
                else:
                    poke(out, w, RECORD_TERMINATOR)
                    copy_run(out, w + 1, data, at + 1, close - at - 1)
                    w += close - at
                    poke(out, w, FIELD_TERMINATOR)
                    w += 1
                    flags |= NAMED
                at = close + 1
                continue
        elif byte == _BACK:
            byte = _BLANK
        elif byte == _DOLLAR and not control:
            byte = SUBFIELD_DELIMITER
        elif RECORD_TERMINATOR <= byte <= SUBFIELD_DELIMITER:
            byte = _BLANK
            flags |= DELIMITER
        poke(out, w, byte)
        w += 1
        at += 1
    return w, flags


@inlined
def is_indicator(byte):  # type: ignore[no-untyped-def]
    """A digit, a blank or the sign for one."""
    return byte in (_BLANK, _BACK) or 48 <= byte <= 57


@inlined
def is_control(data, tag, at, end):  # type: ignore[no-untyped-def]
    """True if the field with this value is a control field."""
    if tag >> 8 == 0x3030:
        fields = at + 3 <= end and byte_at(data, at + 2) == _DOLLAR
        return not (fields and is_indicator(byte_at(data, at)) and is_indicator(byte_at(data, at + 1)))
    if tag != _FMT or at == end or byte_at(data, at) == _BACK:
        return False
    return find_byte(data, at, end, _DOLLAR) == end


@kernel
def read_lines(data, at, end, out, w, tag, start, length, control, flag, filled):  # type: ignore[no-untyped-def]
    """(w, filled, record flags, reason): the lines of one record, its leader before out[w]."""
    leader = w - LEADER_LENGTH
    first, line, flags = filled, at, LEADER_MISSING
    in_leader = False
    while line < end:
        stop = find_byte(data, line, end, _LF)
        text = stop
        if text > line and byte_at(data, text - 1) == 0x0D:
            text -= 1
        value = min(line + 4, text)
        found = 0
        if is_field(data, line, end):
            for _ in range(2):
                if value < text and byte_at(data, value) == _BLANK:
                    value += 1
            name = tag_at(data, line)
            in_leader = name in (_LDR, _000)
            if in_leader:
                found, good = put_leader(out, leader, data, value, text, _BACK)
                if not good:
                    return w, first, 0, _LEADER
                flags = (flags | found) & ~LEADER_MISSING
            else:
                start[filled], tag[filled] = w, name
                control[filled] = 1 if is_control(data, name, value, text) else 0
                w, found = put_text(out, w, data, value, text, control[filled] == 1)
                flag[filled] = found & 0xFF
                filled += 1
        elif not blank_line(data, line, text):
            if in_leader or filled == first:
                return w, first, 0, _LEADER
            w, found = put_text(out, w - 1, data, line, text, control[filled - 1] == 1)
            flag[filled - 1] |= (found | CONTINUED) & 0xFF
        else:
            line = stop + 1
            continue
        if found < 0:
            return w, first, 0, _ESCAPE
        if not in_leader:
            length[filled - 1] = w - start[filled - 1]
            poke(out, w, FIELD_TERMINATOR)
            w += 1
        line = stop + 1
    return w, filled, flags, 0


@kernel
def index_records(
    data: U8, span_start: I64, span_count: I64, kind: U8, reason: U8, out: U8,
    span_of: I64, leader: I64, record_flag: U8, field_from: I64,
    tag: U32, start: I64, length: I32, control: U8, flag: U8,
) -> tuple[int, int, int]:  # fmt: skip
    """Read every record span: (records, fields, bytes of out) filled; (-1, -1, -1) where room gave out.

    Arguments as in kernels/aleph_sequential_fields.py, with the constants of this module.
    """
    text, to = memory(data), memory(out)
    record = filled = w = 0
    field_from[0] = 0
    for span in range(len(kind)):
        if kind[span] != SPAN_RECORD:
            continue
        at, size = span_start[span], span_count[span]
        room = w + size + ROOM_PER_RECORD + SLACK <= len(out)
        if record == len(span_of) or not room or filled + size // LINE_LEAST + 1 > len(tag):
            return -1, -1, -1
        # A record begins with `=` and a tag: the three ASCII bytes that check_text wants.
        verdict = check_text(text, at + 3, at + size)
        why = 0
        if verdict == TEXT_NOT_UTF8 or not ends_in_character(text, at, at + size):
            why = _NOT_UTF8
        elif verdict == TEXT_ESCAPE:
            why = _ESCAPE
        after, fields, flags = w, filled, 0
        if why == 0:
            after, fields, flags, why = read_lines(
                text, at, at + size, to, w + LEADER_LENGTH, tag, start, length, control, flag, filled
            )
        if why != 0:
            kind[span] = SPAN_SET_ASIDE
            reason[span] = why
            continue
        if flags & LEADER_MISSING != 0:
            for place in range(LEADER_LENGTH):
                poke(to, w + place, _BLANK)
        repaired = flags != 0
        for field in range(filled, fields):
            repaired |= flag[field] & FIELD_REPAIRS != 0
        if repaired:
            kind[span] = SPAN_REPAIRED
        span_of[record], leader[record], record_flag[record] = span, w, flags
        record += 1
        filled, w = fields, after
        field_from[record] = filled
    return record, filled, w
