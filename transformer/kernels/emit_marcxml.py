"""MARCXML of a batch: field bytes in, `<record>` elements out, without white space between elements.

Shapes and units as in `schema.batch.MarcBatch`. Text is copied 32 bytes at a time and tested for special
bytes in the same step; elements are 32-byte templates into which tag, indicators and code are put.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from transformer.kernels.copying import WIDTH, copy_and_test, copy_short, copy_wide, peek, poke
from transformer.kernels.jit import inlined, kernel

RECORD_DONE: Final = 0
RECORD_BAD_TAG: Final = 1
"""Status of a record: a tag is not three printable ASCII characters; no bytes were written."""

DROPPED: Final = 1
"""Flag of a field or leader: a character that XML forbids was left out."""
BLANKED: Final = 2
"""Flag of a field: a data field with fewer than two indicators; blanks were written."""

_PIECES = (
    b"<record><leader>",
    b"</leader>",
    b'<controlfield tag="...">',
    b"</controlfield>",
    b'<datafield tag="..." ind1="." ind2=".">',
    b'</subfield><subfield code=".">',
    b"</subfield></datafield>",
    b"</record>\n",
    b"&amp;",
    b"&lt;",
    b"&gt;",
    b"&quot;",
    b"&#9;",
    b"&#10;",
    b"&#13;",
)
_STARTS = [sum(map(len, _PIECES[:i])) for i in range(len(_PIECES))]
TEMPLATES: Final = np.frombuffer(b"".join(_PIECES) + bytes(WIDTH), np.uint8).copy()
RECORD_OPEN, LEADER_CLOSE, CONTROL_OPEN, CONTROL_CLOSE = _STARTS[:4]
DATA_OPEN, NEXT_SUBFIELD, DATA_CLOSE, RECORD_CLOSE = _STARTS[4:8]
AMPERSAND, LESS, GREATER, QUOTE, TAB, LINE_FEED, CARRIAGE_RETURN = _STARTS[8:]

# Lengths of the pieces and places within them, counted by hand; a test compares them with the pieces.
CONTROL_TAG_AT: Final = 19
DATA_TAG_AT: Final = 16
IND1_AT: Final = 27
IND2_AT: Final = 36
CODE_AT: Final = 27
SUBFIELD_END: Final = 11  # length of `</subfield>`, left away where no subfield is open

RECORD_ROOM: Final = 256
FIELD_ROOM: Final = 128
DELIMITER_ROOM: Final = 32
BYTE_ROOM: Final = 6
"""Most bytes that a record, field, delimiter and any other byte can become, wide stores included."""


@inlined
def is_plain(byte: int) -> bool:
    """A byte that may stand in an attribute as it is, ASCII only."""
    return 0x20 <= byte < 0x80 and byte != 0x26 and byte != 0x3C and byte != 0x3E and byte != 0x22


@kernel
def put_special(out: Any, w: int, source: Any, pos: int, end: int, attribute: bool) -> tuple[int, int, int]:
    """One character at `pos` that may need escaping. Returns (new w, bytes taken, DROPPED or 0)."""
    c = peek(source, pos)
    if c >= 0x20 and (c != 0x22 or not attribute) and c != 0x26 and c != 0x3C and c != 0x3E:
        if c == 0xEF and pos + 2 < end and peek(source, pos + 1) == 0xBF and peek(source, pos + 2) >= 0xBE:
            return w, 3, DROPPED
        poke(out, w, c)
        return w + 1, 1, 0
    if c == 0x26:
        copy_wide(out, w, TEMPLATES, AMPERSAND)
        return w + 5, 1, 0
    if c == 0x3C or c == 0x3E:
        copy_wide(out, w, TEMPLATES, LESS if c == 0x3C else GREATER)
        return w + 4, 1, 0
    if c == 0x22:
        copy_wide(out, w, TEMPLATES, QUOTE)
        return w + 6, 1, 0
    if c == 0x0D:
        copy_wide(out, w, TEMPLATES, CARRIAGE_RETURN)
        return w + 5, 1, 0
    if c == 0x09 or c == 0x0A:
        if not attribute:
            poke(out, w, c)
            return w + 1, 1, 0
        copy_wide(out, w, TEMPLATES, TAB if c == 0x09 else LINE_FEED)
        return w + (4 if c == 0x09 else 5), 1, 0
    return w, 1, DROPPED


@kernel
def put_character(out: Any, w: int, source: Any, pos: int, end: int) -> tuple[int, int, int]:
    """One whole UTF-8 character into an attribute. Returns (new w, bytes taken, DROPPED or 0)."""
    w, taken, flag = put_special(out, w, source, pos, end, True)
    while pos + taken < end and peek(source, pos + taken) & 0xC0 == 0x80:
        poke(out, w, peek(source, pos + taken))
        w += 1
        taken += 1
    return w, taken, flag


@inlined
def put_text(out: Any, w: int, source: Any, pos: int, end: int, stop: int) -> tuple[int, int, int]:
    """Text from `pos` to `end` or to the first byte `stop` (-1 = none). Returns (w, pos there, flags)."""
    flags = 0
    while pos < end:
        left = end - pos
        if pos + WIDTH <= len(source):
            count = copy_and_test(out, w, source, pos)
        else:
            count = copy_short(out, w, source, pos, left)
        if count >= left:
            return w + left, end, flags
        w += count
        pos += count
        if count < WIDTH:
            if peek(source, pos) == stop:
                return w, pos, flags
            w, taken, flag = put_special(out, w, source, pos, end, False)
            pos += taken
            flags |= flag
    return w, pos, flags


@inlined
def put_tag(out: Any, at: int, tag: int) -> bool:
    """The three characters of a packed tag; returns whether all were plain."""
    poke(out, at, tag >> 16)
    poke(out, at + 1, tag >> 8)
    poke(out, at + 2, tag)
    return is_plain(tag >> 16 & 0xFF) and is_plain(tag >> 8 & 0xFF) and is_plain(tag & 0xFF)


@kernel
def put_tag_escaped(out: Any, w: int, tag: int) -> int:
    """The three characters of a tag that has `& < > "` in it. Returns the new w."""
    one = np.empty(WIDTH, np.uint8)
    for shift in (16, 8, 0):
        one[0] = tag >> shift & 0xFF
        w = put_special(out, w, one, 0, 1, True)[0]
    return w


@kernel
def put_control_field(out: Any, w: int, tag: int, source: Any, pos: int, end: int) -> tuple[int, int]:
    """One control field, bytes `pos` to `end` of `source`. Returns (w, flags)."""
    copy_wide(out, w, TEMPLATES, CONTROL_OPEN)
    if put_tag(out, w + CONTROL_TAG_AT, tag):
        w += CONTROL_TAG_AT + 5
    else:
        w = put_tag_escaped(out, w + CONTROL_TAG_AT, tag)
        copy_wide(out, w, TEMPLATES, CONTROL_OPEN + CONTROL_TAG_AT + 3)
        w += 2
    w, pos, flags = put_text(out, w, source, pos, end, -1)
    copy_wide(out, w, TEMPLATES, CONTROL_CLOSE)
    return w + 15, flags


@kernel
def put_data_open(out: Any, w: int, tag: int, source: Any, pos: int, end: int) -> tuple[int, int, int]:
    """`<datafield ...>` the careful way: anything in tag or indicators. Returns (w, pos, flags)."""
    copy_wide(out, w, TEMPLATES, DATA_OPEN)
    w = put_tag_escaped(out, w + DATA_TAG_AT, tag)
    flags = 0
    for place in (DATA_TAG_AT + 3, IND1_AT + 1):
        copy_wide(out, w, TEMPLATES, DATA_OPEN + place)
        w += 8
        before = w
        if pos < end and peek(source, pos) != 0x1F:
            w, taken, flag = put_character(out, w, source, pos, end)
            pos += taken
            flags |= flag
        else:
            flags |= BLANKED
        if w == before:
            poke(out, w, 0x20)
            w += 1
    copy_wide(out, w, TEMPLATES, DATA_OPEN + IND2_AT + 1)
    return w + 2, pos, flags


@kernel
def put_data_field(out: Any, w: int, tag: int, source: Any, pos: int, end: int) -> tuple[int, int]:
    """One data field, bytes `pos` to `end` of `source`. Returns (w, flags)."""
    flags = 0
    copy_wide(out, w, TEMPLATES, DATA_OPEN)
    copy_wide(out, w + 7, TEMPLATES, DATA_OPEN + 7)
    fast = put_tag(out, w + DATA_TAG_AT, tag) and pos + 2 <= end
    if fast:
        fast = is_plain(peek(source, pos)) and is_plain(peek(source, pos + 1))
    if fast:
        poke(out, w + IND1_AT, peek(source, pos))
        poke(out, w + IND2_AT, peek(source, pos + 1))
        w += IND2_AT + 3
        pos += 2
    else:
        w, pos, flags = put_data_open(out, w, tag, source, pos, end)
    skip = SUBFIELD_END
    while pos < end:
        copy_wide(out, w, TEMPLATES, NEXT_SUBFIELD + skip)
        w += CODE_AT - skip
        skip = 0
        empty = True
        if peek(source, pos) == 0x1F:
            pos += 1
            if pos < end:
                c = peek(source, pos)
                empty = c == 0x1F
                if is_plain(c):
                    poke(out, w, c)
                    w += 3
                    pos += 1
                elif not empty:
                    w, taken, flag = put_character(out, w, source, pos, end)
                    copy_wide(out, w, TEMPLATES, NEXT_SUBFIELD + CODE_AT + 1)
                    w += 2
                    pos += taken
                    flags |= flag
        if empty:
            copy_wide(out, w, TEMPLATES, NEXT_SUBFIELD + CODE_AT + 1)
            w += 2
        w, pos, flag = put_text(out, w, source, pos, end, 0x1F)
        flags |= flag
    copy_wide(out, w, TEMPLATES, DATA_CLOSE + skip)
    return w + 23 - skip, flags


@inlined
def put_number(out: Any, at: int, value: int) -> None:
    """Five digits, or five blanks where the value has more."""
    fits = value <= 99_999
    for i in range(4, -1, -1):
        poke(out, at + i, 0x30 + value % 10 if fits else 0x20)
        value //= 10


@kernel
def put_leader(
    out: Any, w: int, source: Any, pos: int, total: int, base: int, marc21: bool, leader: Any
) -> tuple[int, int]:
    """`<record><leader>...</leader>`; total and base are the record's ISO 2709 sizes. Returns (w, flags).

    leader: uint8[24 + WIDTH], scratch.
    """
    for i in range(24):
        leader[i] = peek(source, pos + i)
    put_number(leader, 0, total)
    put_number(leader, 12, base)
    if marc21 and leader[20] == 0x34 and leader[21] == 0x35 and leader[22] == 0x30 and leader[23] == 0x30:
        leader[9] = 0x61
    copy_wide(out, w, TEMPLATES, RECORD_OPEN)
    w, pos, flags = put_text(out, w + 16, leader, 0, 24, -1)
    copy_wide(out, w, TEMPLATES, LEADER_CLOSE)
    return w + 9, flags


@kernel
def room_for(data: Any, added: Any, start: Any, length: Any, first: int, last: int) -> int:
    """Bytes that fields first .. last can need at the most as XML, delimiters counted."""
    need = RECORD_ROOM + (last - first) * FIELD_ROOM
    for f in range(first, last):
        need += BYTE_ROOM * length[f]
        if start[f] >= 0:
            text = data[start[f] : start[f] + length[f]]
        else:
            text = added[-1 - start[f] : -1 - start[f] + length[f]]
        for i in range(len(text)):
            if text[i] == 0x1F:
                need += DELIMITER_ROOM - BYTE_ROOM
    return need


@kernel
def emit_records(
    data: Any, added: Any, leader: Any, field_from: Any, tag: Any, start: Any, length: Any, control: Any,
    marc21: bool, first: int, w: int, out: Any, ends: Any, status: Any, field_flag: Any, leader_flag: Any,
) -> tuple[int, int, int]:  # fmt: skip
    """Records from index `first` on, into `out` from `w` on.

    Batch arrays as in MarcBatch (R records, F fields). out: uint8[capacity]. ends: int64[R], end of each
    record in `out`. status: uint8[R], RECORD_*. field_flag: uint8[F], leader_flag: uint8[R]: DROPPED,
    BLANKED. Returns (records done so far, bytes in `out`, 0), or with the third > 0 where `out` is full:
    so many bytes of room does the next record need at the most; call again with a larger `out`.
    """
    scratch = np.empty(24 + WIDTH, np.uint8)
    for r in range(first, len(leader)):
        begin, last = field_from[r], field_from[r + 1]
        size = 0
        for f in range(begin, last):
            size += length[f]
        if w + RECORD_ROOM + (last - begin) * FIELD_ROOM + size * DELIMITER_ROOM > len(out):
            need = room_for(data, added, start, length, begin, last)
            if w + need > len(out):
                return r, w, need
        base = 25 + 12 * (last - begin)
        total = base + size + last - begin + 1
        at = w
        if leader[r] >= 0:
            w, leader_flag[r] = put_leader(out, w, data, leader[r], total, base, marc21, scratch)
        else:
            w, leader_flag[r] = put_leader(out, w, added, -1 - leader[r], total, base, marc21, scratch)
        for f in range(begin, last):
            packed = int(tag[f])
            if (packed | (packed - 0x202020)) & 0x808080:
                status[r] = RECORD_BAD_TAG
                break
            s, n = int(start[f]), int(length[f])
            if control[f]:
                if s >= 0:
                    w, field_flag[f] = put_control_field(out, w, packed, data, s, s + n)
                else:
                    w, field_flag[f] = put_control_field(out, w, packed, added, -1 - s, n - 1 - s)
            elif s >= 0:
                w, field_flag[f] = put_data_field(out, w, packed, data, s, s + n)
            else:
                w, field_flag[f] = put_data_field(out, w, packed, added, -1 - s, n - 1 - s)
        if status[r] != RECORD_DONE:
            w = at
        else:
            copy_wide(out, w, TEMPLATES, RECORD_CLOSE)
            w += 10
        ends[r] = w
    return len(leader), w, 0
