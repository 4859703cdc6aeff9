"""MARCXML of a batch: field bytes in, `<record>` elements out, without white space between elements.

Shapes and units as in `schema.batch.MarcBatch`. Text is copied 32 bytes at a time and tested for special
bytes in the same step; elements are constants of the machine code, into which tag, indicators and code
are put.
"""

from __future__ import annotations

from typing import Any, Final

from transformer.kernels.copying import (
    WIDTH,
    Memory,
    constant,
    copy_and_test,
    copy_short,
    memory,
    peek,
    poke,
)
from transformer.kernels.jit import inlined, kernel

RECORD_DONE: Final = 0
RECORD_BAD_TAG: Final = 1
"""Status of a record: a tag is not three printable ASCII characters; no bytes were written."""

DROPPED: Final = 1
"""Flag of a field or leader: a character that XML forbids was left out."""
BLANKED: Final = 2
"""Flag of a field: a data field with fewer than two indicators; blanks were written."""

put_record_open = constant(b"<record><leader>")
put_leader_close = constant(b"</leader>")
put_control_open = constant(b'<controlfield tag="...">')
put_control_close = constant(b"</controlfield>")
put_data_open = constant(b'<datafield tag="..." ind1="." ind2=".">')
put_tag_open = constant(b'<datafield tag="')
put_ind1_open = constant(b'" ind1="')
put_ind2_open = constant(b'" ind2="')
put_attribute_close = constant(b'">')
put_first_subfield = constant(b'<subfield code=".">')
put_next_subfield = constant(b'</subfield><subfield code=".">')
put_subfield_close = constant(b"</subfield>")
put_data_close = constant(b"</datafield>")
put_record_close = constant(b"</record>\n")
put_ampersand = constant(b"&amp;")
put_less = constant(b"&lt;")
put_greater = constant(b"&gt;")
put_quote = constant(b"&quot;")
put_tab = constant(b"&#9;")
put_line_feed = constant(b"&#10;")
put_carriage_return = constant(b"&#13;")

# Where the dots of a constant stand, counted back from its end.
CONTROL_TAG: Final = 5
DATA_TAG: Final = 23
DATA_IND1: Final = 12
DATA_IND2: Final = 3
SUBFIELD_CODE: Final = 3

SCRATCH_BYTES: Final = 24 + WIDTH
RECORD_ROOM: Final = 256
FIELD_ROOM: Final = 160
DELIMITER_ROOM: Final = 32
BYTE_ROOM: Final = 6
"""Most bytes that a record, field, delimiter and any other byte can become, wide stores included."""


@inlined
def is_plain(byte: int) -> bool:
    """A byte that may stand in an attribute as it is, ASCII only."""
    return 0x20 <= byte < 0x80 and byte != 0x26 and byte != 0x3C and byte != 0x3E and byte != 0x22


@kernel
def put_escaped(out: Memory, w: int, byte: int, attribute: bool) -> int:
    """One byte below U+0080, or part of a longer character, as XML. Returns the new w, -1 = forbidden."""
    if byte == 0x26:
        return put_ampersand(out, w)
    if byte == 0x3C:
        return put_less(out, w)
    if byte == 0x3E:
        return put_greater(out, w)
    if byte == 0x0D:
        return put_carriage_return(out, w)
    if attribute and byte == 0x22:
        return put_quote(out, w)
    if attribute and byte == 0x09:
        return put_tab(out, w)
    if attribute and byte == 0x0A:
        return put_line_feed(out, w)
    if byte < 0x20 and byte != 0x09 and byte != 0x0A:
        return -1
    poke(out, w, byte)
    return w + 1


@inlined
def is_noncharacter(source: Memory, pos: int, end: int) -> bool:
    """U+FFFE or U+FFFF at `pos`."""
    return (
        pos + 2 < end
        and peek(source, pos) == 0xEF
        and peek(source, pos + 1) == 0xBF
        and peek(source, pos + 2) >= 0xBE
    )


@kernel
def put_character(out: Memory, w: int, source: Memory, pos: int, end: int) -> tuple[int, int, int]:
    """One whole UTF-8 character into an attribute. Returns (new w, pos behind it, DROPPED or 0)."""
    if is_noncharacter(source, pos, end):
        return w, pos + 3, DROPPED
    at = put_escaped(out, w, peek(source, pos), True)
    pos += 1
    if at < 0:
        return w, pos, DROPPED
    while pos < end and peek(source, pos) & 0xC0 == 0x80:
        poke(out, at, peek(source, pos))
        at += 1
        pos += 1
    return at, pos, 0


@inlined
def put_text(out: Memory, w: int, source: Memory, pos: int, end: int, stop: int) -> tuple[int, int, int]:
    """Text from `pos` to `end` or to the first byte `stop` (-1 = none). Returns (w, pos there, flags)."""
    flags = 0
    while pos < end:
        left = end - pos
        if pos + WIDTH <= source[1]:
            count = copy_and_test(out, w, source, pos)
        else:
            count = copy_short(out, w, source, pos, left)
        if count >= left:
            return w + left, end, flags
        w += count
        pos += count
        if count < WIDTH:
            byte = peek(source, pos)
            if byte == stop:
                return w, pos, flags
            at = -1
            taken = 3
            if not is_noncharacter(source, pos, end):
                at = put_escaped(out, w, byte, False)
                taken = 1
            pos += taken
            if at < 0:
                flags |= DROPPED
            else:
                w = at
    return w, pos, flags


@inlined
def put_tag(out: Memory, at: int, tag: int) -> bool:
    """The three characters of a packed tag; returns whether all were plain."""
    poke(out, at, tag >> 16)
    poke(out, at + 1, tag >> 8)
    poke(out, at + 2, tag)
    return is_plain(tag >> 16) and is_plain(tag >> 8 & 0xFF) and is_plain(tag & 0xFF)


@kernel
def put_tag_escaped(out: Memory, w: int, tag: int) -> int:
    """The three characters of a tag that has `& < > "` in it. Returns the new w."""
    w = put_escaped(out, w, tag >> 16, True)
    w = put_escaped(out, w, tag >> 8 & 0xFF, True)
    return put_escaped(out, w, tag & 0xFF, True)


@inlined
def put_control_field(out: Memory, w: int, tag: int, source: Memory, pos: int, end: int) -> tuple[int, int]:
    """One control field, bytes `pos` to `end` of `source`. Returns (w, flags)."""
    at = put_control_open(out, w)
    if not put_tag(out, at - CONTROL_TAG, tag):
        at = put_attribute_close(out, put_tag_escaped(out, at - CONTROL_TAG, tag))
    w, pos, flags = put_text(out, at, source, pos, end, -1)
    return put_control_close(out, w), flags


@kernel
def put_data_open_slowly(
    out: Memory, w: int, tag: int, source: Memory, pos: int, end: int
) -> tuple[int, int, int]:
    """`<datafield ...>` with anything in tag or indicators. Returns (w, pos, flags)."""
    w = put_tag_escaped(out, put_tag_open(out, w), tag)
    flags = 0
    for number in range(2):
        w = put_ind2_open(out, w) if number else put_ind1_open(out, w)
        before = w
        if pos < end and peek(source, pos) != 0x1F:
            w, pos, flag = put_character(out, w, source, pos, end)
            flags |= flag
        else:
            flags |= BLANKED
        if w == before:
            poke(out, w, 0x20)
            w += 1
    return put_attribute_close(out, w), pos, flags


@inlined
def put_code(out: Memory, w: int, source: Memory, pos: int, end: int) -> tuple[int, int, int]:
    """The code behind the delimiter at `pos`, over the dot of the constant that ends at `w`.

    Returns (w, pos of the text, flags). At text before the first delimiter, and at a delimiter with
    nothing behind it, the code is empty.
    """
    if pos + 1 < end and peek(source, pos) == 0x1F and is_plain(peek(source, pos + 1)):
        poke(out, w - SUBFIELD_CODE, peek(source, pos + 1))
        return w, pos + 2, 0
    return put_code_slowly(out, w - SUBFIELD_CODE, source, pos, end)


@kernel
def put_code_slowly(out: Memory, w: int, source: Memory, pos: int, end: int) -> tuple[int, int, int]:
    """`put_code` for any code, or none; here `w` is where the code goes."""
    flag = 0
    if peek(source, pos) == 0x1F:
        pos += 1
        if pos < end and peek(source, pos) != 0x1F:
            w, pos, flag = put_character(out, w, source, pos, end)
    return put_attribute_close(out, w), pos, flag


@inlined
def put_data_field(out: Memory, w: int, tag: int, source: Memory, pos: int, end: int) -> tuple[int, int]:
    """One data field, bytes `pos` to `end` of `source`. Returns (w, flags)."""
    at = put_data_open(out, w)
    flags = 0
    if (
        put_tag(out, at - DATA_TAG, tag)
        and pos + 2 <= end
        and is_plain(peek(source, pos))
        and is_plain(peek(source, pos + 1))
    ):
        poke(out, at - DATA_IND1, peek(source, pos))
        poke(out, at - DATA_IND2, peek(source, pos + 1))
        w = at
        pos += 2
    else:
        w, pos, flags = put_data_open_slowly(out, w, tag, source, pos, end)
    if pos < end:
        w = put_first_subfield(out, w)
        while True:
            w, pos, flag = put_code(out, w, source, pos, end)
            flags |= flag
            w, pos, flag = put_text(out, w, source, pos, end, 0x1F)
            flags |= flag
            if pos >= end:
                break
            w = put_next_subfield(out, w)
        w = put_subfield_close(out, w)
    return put_data_close(out, w), flags


@inlined
def put_number(out: Memory, at: int, value: int) -> None:
    """Five digits, or five blanks where the value has more."""
    fits = value <= 99_999
    for i in range(4, -1, -1):
        poke(out, at + i, 0x30 + value % 10 if fits else 0x20)
        value //= 10


@inlined
def put_leader(
    out: Memory, w: int, source: Memory, pos: int, total: int, base: int, marc21: bool, leader: Memory
) -> tuple[int, int]:
    """`<record><leader>...</leader>`; total and base are the record's ISO 2709 sizes. Returns (w, flags).

    leader: 24 bytes and WIDTH more, scratch.
    """
    for i in range(24):
        poke(leader, i, peek(source, pos + i))
    put_number(leader, 0, total)
    put_number(leader, 12, base)
    if (
        marc21
        and peek(leader, 20) == 0x34
        and peek(leader, 21) == 0x35
        and peek(leader, 22) == 0x30
        and peek(leader, 23) == 0x30
    ):
        poke(leader, 9, 0x61)
    w, pos, flags = put_text(out, put_record_open(out, w), leader, 0, 24, -1)
    return put_leader_close(out, w), flags


@inlined
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
    marc21: bool, first: int, w: int, out: Any, scratch: Any,
    ends: Any, status: Any, field_flag: Any, leader_flag: Any,
) -> tuple[int, int, int]:  # fmt: skip
    """Records from index `first` on, into `out` from `w` on.

    Batch arrays as in MarcBatch (R records, F fields). out: uint8[capacity]. scratch:
    uint8[SCRATCH_BYTES]. ends: int64[R], end of each record in `out`. status: uint8[R], RECORD_*.
    field_flag: uint8[F], leader_flag: uint8[R]: DROPPED, BLANKED.
    Returns (records done so far, bytes in `out`, 0), or with the third > 0 where `out` is full: that much
    room the next record needs at the most; call again with a larger `out`.
    """
    to, window, more = memory(out), memory(data), memory(added)
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
        s = leader[r]
        source, s = (window, s) if s >= 0 else (more, -1 - s)
        w, leader_flag[r] = put_leader(to, w, source, s, total, base, marc21, memory(scratch))
        for f in range(begin, last):
            packed = int(tag[f])
            if (packed | (packed - 0x202020) | (packed + 0x010101)) & 0x808080:
                status[r] = RECORD_BAD_TAG
                break
            s = start[f]
            source, s = (window, s) if s >= 0 else (more, -1 - s)
            if control[f]:
                w, field_flag[f] = put_control_field(to, w, packed, source, s, s + length[f])
            else:
                w, field_flag[f] = put_data_field(to, w, packed, source, s, s + length[f])
        w = at if status[r] != RECORD_DONE else put_record_close(to, w)
        ends[r] = w
    return len(leader), w, 0
