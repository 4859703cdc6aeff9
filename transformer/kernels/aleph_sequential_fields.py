"""aleph_sequential: the lines of its records to fields in the inner form.

Into `out` goes each record's leader, then its fields, each with a field terminator behind it. `$$` becomes
the subfield delimiter; `^` in leader and fields 00X becomes a blank; a script letter is left out.

- LDR is the leader. One of 20 to 23 characters gets blanks (only the entry map can be hurt), blanks
  behind the 24th are cut off, any other length sets the record aside. Without LDR: 24 blanks.
- 00X and FMT are control fields. One whose value is `$$a` and text gets the text; with more subfields it
  stays a data field. Any other tag is a data field; text before its first `$$` becomes subfield a.
- Without 001 the record's number becomes its first field.
- A line whose first subfield is `$$9` with `^` or `^^` goes on the field before it, of the same tag and
  indicators: the old system split it. A `^` at the end of the first piece, and a blank before it, go;
  where the next subfield has the code of the last one, a blank and its text are appended to that.
- A line that is no field goes on the value before it, without the line break.
- 0x1D, 0x1E and 0x1F in a value become blanks: the inner form would take them for structure.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from transformer.kernels.aleph_sequential import (
    INDICATORS_AT,
    NUMBER,
    VALUE_AT,
    is_field,
    same_number,
    tag_at,
)
from transformer.kernels.aleph_sequential_quick import quick_lines
from transformer.kernels.bytesops import byte_at, equal32, find_byte, size_of, trailing_zeros
from transformer.kernels.copying import WIDTH, copy_wide, memory, peek, poke
from transformer.kernels.jit import inlined, kernel
from transformer.kernels.text_lines import (
    LEADER_PADDED,
    LEADER_SHORT,
    NO_BYTE,
    blank_line,
    ends_in_character,
    holds_delimiters,
    put_leader,
    put_plain,
)
from transformer.kernels.utf8 import TEXT_ESCAPE, TEXT_GOOD, TEXT_NOT_UTF8, check_text
from transformer.marc import FIELD_TERMINATOR, LEADER_LENGTH, SUBFIELD_DELIMITER
from transformer.schema.batch import (
    I32,
    I64,
    REASON_CODE,
    SPAN_RECORD,
    SPAN_REPAIRED,
    SPAN_SET_ASIDE,
    U8,
    U32,
)

# Flags of a record.
LEADER_MISSING: Final = 1
NUMBER_MADE: Final = 8
REPAIRS: Final = LEADER_MISSING | LEADER_PADDED | LEADER_SHORT
# Flags of a field.
CONTINUED: Final = 1
PIECES: Final = 2
CODE_MADE: Final = 4
UNWRAPPED: Final = 8
DELIMITER: Final = 16
FIELD_REPAIRS: Final = CONTINUED | CODE_MADE | DELIMITER

ROOM_PER_RECORD: Final = 64
"""Bytes that a record may need beyond its own: a leader, a 001."""
SLACK: Final = 64
LINE_LEAST: Final = VALUE_AT
"""Bytes that a field takes at least in the file, its line end included."""

_LF: Final = 0x0A
_CR: Final = 0x0D
_BLANK: Final = 0x20
_DOLLAR: Final = 0x24
_BEHIND = np.uint64(1 << WIDTH)
_CARET: Final = 0x5E
_LDR: Final = 0x4C4452
_FMT: Final = 0x464D54
_001: Final = 0x303031
_ZEROS: Final = 0x3030
_LAYOUT: Final = REASON_CODE["line-layout"]
_TRUNCATED: Final = REASON_CODE["truncated"]
_LEADER: Final = REASON_CODE["leader"]
_NOT_UTF8: Final = REASON_CODE["not-utf8"]
_ESCAPE: Final = REASON_CODE["escape-sequence"]


@inlined
def is_pair(data, at, end):  # type: ignore[no-untyped-def]
    """True where `$$` stands at `at`."""
    return at + 1 < end and byte_at(data, at) == _DOLLAR and byte_at(data, at + 1) == _DOLLAR


@kernel
def has_pair(data, at, end):  # type: ignore[no-untyped-def]
    """True where `$$` stands in data[at:end]."""
    while at < end:
        at = find_byte(data, at, end, _DOLLAR)
        if is_pair(data, at, end):
            return True
        at += 1
    return False


@kernel
def put_subfields(out, w, data, at, end, clean):  # type: ignore[no-untyped-def]
    """Copy text with `$$` as the delimiter: the index behind it. Touches up to 31 bytes more of `out`.

    32 bytes are copied at once, and as many of them count as stand before the first `$`.
    """
    while at < end:
        count = 0
        if clean and at + WIDTH <= size_of(data):
            copy_wide(out, w, data, at)
            count = min(trailing_zeros(np.uint64(equal32(data, at, _DOLLAR)) | _BEHIND), end - at)
        elif byte_at(data, at) != _DOLLAR:
            put_plain(out, w, data, at, at + 1, NO_BYTE, clean)
            count = 1
        w += count
        at += count
        if count == WIDTH or at >= end or byte_at(data, at) != _DOLLAR:
            continue
        if not is_pair(data, at, end):
            poke(out, w, _DOLLAR)
            w += 1
            at += 1
            continue
        poke(out, w, SUBFIELD_DELIMITER)
        w += 1
        at += 2
        # The code is one character, whatever it is: `$$$x` is code $.
        if at < end:
            w = put_plain(out, w, data, at, at + 1, NO_BYTE, clean)
            at += 1
    return w


@inlined
def continuation_of(data, at, end):  # type: ignore[no-untyped-def]
    """Where the value goes on behind `$$9^` or `$$9^^`; -1 where it does not begin so."""
    if at + 6 > end or not is_pair(data, at, end):
        return -1
    if byte_at(data, at + 2) != 0x39 or byte_at(data, at + 3) != _CARET:
        return -1
    at += 4
    if byte_at(data, at) == _CARET:
        at += 1
    if at + 3 > end or byte_at(data, at) != _DOLLAR or byte_at(data, at + 1) != _DOLLAR:
        return -1
    return at


@inlined
def last_code_at(out, first, w):  # type: ignore[no-untyped-def]
    """Index of the last delimiter in out[first:w], or -1."""
    at = w - 1
    while at >= first:
        if peek(out, at) == SUBFIELD_DELIMITER:
            return at
        at -= 1
    return -1


@kernel
def join_piece(out, first, w, data, at, end, clean):  # type: ignore[no-untyped-def]
    """Append data[at:end] (it begins with `$$`) to the field out[first:w], w before its terminator."""
    last = last_code_at(out, first, w)
    if w - 1 > last + 1 and peek(out, w - 1) == _CARET:
        w -= 1
        if w - 1 > last + 1 and peek(out, w - 1) == _BLANK:
            w -= 1
    if last + 1 < w and peek(out, last + 1) == byte_at(data, at + 2):
        poke(out, w, _BLANK)
        w += 1
        at += 3
    return put_subfields(out, w, data, at, end, clean)


@kernel
def put_field(out, w, data, line, end, clean):  # type: ignore[no-untyped-def]
    """(index behind the field, control, flags): the field of a line, whose text ends at `end`."""
    tag = tag_at(data, line)
    at = min(line + VALUE_AT, end)
    zeros = tag >> 8 == _ZEROS
    paired = is_pair(data, at, end)
    if zeros or tag == _FMT:
        if not paired:
            return put_plain(out, w, data, at, end, _CARET if zeros else NO_BYTE, clean), 1, 0
        single = zeros and at + 3 <= end and byte_at(data, at + 2) == 0x61
        if single and not has_pair(data, at + 3, end):
            return put_plain(out, w, data, at + 3, end, _CARET, clean), 1, UNWRAPPED
    poke(out, w, byte_at(data, line + INDICATORS_AT))
    poke(out, w + 1, byte_at(data, line + INDICATORS_AT + 1))
    w += 2
    flags = 0
    if not paired and at < end:
        poke(out, w, SUBFIELD_DELIMITER)
        poke(out, w + 1, 0x61)
        w += 2
        flags = CODE_MADE
    return put_subfields(out, w, data, at, end, clean), 0, flags


@inlined
def has_number(data, line, end, at):  # type: ignore[no-untyped-def]
    """True if the line, which is no field, has the number of the record at `at` and a blank behind it."""
    return line + NUMBER < end and byte_at(data, line + NUMBER) == _BLANK and same_number(data, line, at)


@inlined
def same_heading(data, line, before):  # type: ignore[no-untyped-def]
    """True if two lines have the same tag and indicators."""
    if tag_at(data, line) != tag_at(data, before):
        return False
    at = INDICATORS_AT
    return byte_at(data, line + at) == byte_at(data, before + at) and byte_at(data, line + at + 1) == byte_at(
        data, before + at + 1
    )


@kernel
def read_lines(data, at, end, out, w, clean, tag, start, length, control, flag, filled):  # type: ignore[no-untyped-def]
    """(w, filled, has a leader, has 001, record flags, reason): the lines of one record; its leader goes to
    the LEADER_LENGTH bytes before out[w]."""
    leader = w - LEADER_LENGTH
    has_leader, has_number_field, in_leader = False, False, False
    flags = 0
    first = filled
    line, before = at, -1
    quick = clean and is_field(data, at, end)
    while line < end:
        if quick:
            line, w, filled, found_001, last = quick_lines(
                data, at, line, end, out, w, tag, start, length, control, flag, filled
            )
            has_number_field |= found_001
            if last >= 0:
                in_leader, before = False, last
            if line >= end:
                break
        stop = find_byte(data, line, end, _LF)
        text = stop
        if text > line and byte_at(data, text - 1) == _CR:
            text -= 1
        dirty = DELIMITER if not clean and holds_delimiters(data, line, text) else 0
        if is_field(data, line, end):
            in_leader = tag_at(data, line) == _LDR
            joined = -1
            if before >= 0 and control[filled - 1] == 0 and same_heading(data, line, before):
                joined = continuation_of(data, min(line + VALUE_AT, text), text)
            if in_leader:
                found, good = put_leader(out, leader, data, min(line + VALUE_AT, text), text, _CARET)
                if not good:
                    return w, first, False, False, 0, _LEADER
                has_leader = True
                flags |= found
                before = -1
            elif joined >= 0:
                w = join_piece(out, start[filled - 1], w - 1, data, joined, text, clean)
                length[filled - 1] = w - start[filled - 1]
                flag[filled - 1] |= PIECES | dirty
                poke(out, w, FIELD_TERMINATOR)
                w += 1
            else:
                start[filled] = w
                tag[filled] = tag_at(data, line)
                w, is_control, field_flags = put_field(out, w, data, line, text, clean)
                has_number_field |= tag[filled] == _001
                control[filled] = is_control
                flag[filled] = field_flags | dirty
                length[filled] = w - start[filled]
                poke(out, w, FIELD_TERMINATOR)
                w += 1
                before = line
                filled += 1
        elif has_number(data, line, end, at):
            return w, first, False, False, 0, _TRUNCATED if stop == end else _LAYOUT
        elif not blank_line(data, line, text):
            if in_leader or filled == first:
                return w, first, False, False, 0, _LAYOUT
            w -= 1
            if control[filled - 1] == 1:
                blank = _CARET if tag[filled - 1] >> 8 == _ZEROS else NO_BYTE
                w = put_plain(out, w, data, line, text, blank, clean)
            else:
                w = put_subfields(out, w, data, line, text, clean)
            flag[filled - 1] |= CONTINUED | dirty
            length[filled - 1] = w - start[filled - 1]
            poke(out, w, FIELD_TERMINATOR)
            w += 1
        line = stop + 1
    return w, filled, has_leader, has_number_field, flags, 0


@inlined
def put_number(data, at, out, w, tag, start, length, control, flag, filled):  # type: ignore[no-untyped-def]
    """A field 001 of the record's number at out[w:]: the index behind its terminator."""
    for place in range(NUMBER):
        poke(out, w + place, byte_at(data, at + place))
    poke(out, w + NUMBER, FIELD_TERMINATOR)
    tag[filled] = _001
    start[filled] = w
    length[filled] = NUMBER
    control[filled] = 1
    flag[filled] = 0
    return w + NUMBER + 1


@inlined
def first_last(first, filled, tag, start, length, control, flag):  # type: ignore[no-untyped-def]
    """The last field written becomes the record's first."""
    t, s, n, c, f = tag[filled], start[filled], length[filled], control[filled], flag[filled]
    for place in range(filled, first, -1):
        tag[place], start[place], length[place] = tag[place - 1], start[place - 1], length[place - 1]
        control[place], flag[place] = control[place - 1], flag[place - 1]
    tag[first], start[first], length[first], control[first], flag[first] = t, s, n, c, f


@kernel
def index_records(
    data: U8, span_start: I64, span_count: I64, kind: U8, reason: U8, out: U8,
    span_of: I64, leader: I64, record_flag: U8, field_from: I64,
    tag: U32, start: I64, length: I32, control: U8, flag: U8, checked: bool,
) -> tuple[int, int, int]:  # fmt: skip
    """Read every record span: (records, fields, bytes of out) filled; (-1, -1, -1) where room gave out.

    data: uint8[n]. span_start, span_count: int64[S], in `data`; kind, reason: uint8[S], both changed where
    a record is set aside or repaired. out: uint8[m], m >= the bytes of all record spans + ROOM_PER_RECORD
    for each + SLACK. Per good record: span_of, leader: int64[R]; record_flag: uint8[R]; field_from:
    int64[R + 1]. Per field: tag uint32[F], start int64[F] in `out`, length int32[F], control uint8[F], flag
    uint8[F]; F >= bytes / LINE_LEAST + 2 for each record.
    """
    text, to = memory(data), memory(out)
    record = filled = w = 0
    field_from[0] = 0
    for span in range(len(kind)):
        if kind[span] != SPAN_RECORD:
            continue
        at, size = span_start[span], span_count[span]
        end = at + size
        room = w + size + ROOM_PER_RECORD + SLACK <= len(out)
        if record == len(span_of) or not room or filled + size // LINE_LEAST + 2 > len(tag):
            return -1, -1, -1
        # The number's digits before, and as a rule a line end behind: what check_text wants.
        verdict = TEXT_GOOD if checked else check_text(text, at + 3, end)
        why = 0
        if verdict == TEXT_NOT_UTF8 or not ends_in_character(text, at, end):
            why = _NOT_UTF8
        elif verdict == TEXT_ESCAPE:
            why = _ESCAPE
        after, fields, flags = w, filled, 0
        if why == 0:
            clean = not holds_delimiters(text, at, end)
            after, fields, has_leader, has_001, flags, why = read_lines(
                text, at, end, to, w + LEADER_LENGTH, clean, tag, start, length, control, flag, filled
            )
            if why == 0 and not has_leader:
                flags |= LEADER_MISSING
                for place in range(LEADER_LENGTH):
                    poke(to, w + place, _BLANK)
            if why == 0 and not has_001:
                flags |= NUMBER_MADE
                after = put_number(text, at, to, after, tag, start, length, control, flag, fields)
                first_last(filled, fields, tag, start, length, control, flag)
                fields += 1
        if why != 0:
            kind[span] = SPAN_SET_ASIDE
            reason[span] = why
            continue
        repaired = flags & REPAIRS != 0
        for field in range(filled, fields):
            repaired |= flag[field] & FIELD_REPAIRS != 0
        if repaired:
            kind[span] = SPAN_REPAIRED
        span_of[record], leader[record], record_flag[record] = span, w, flags
        record += 1
        filled, w = fields, after
        field_from[record] = filled
    return record, filled, w
