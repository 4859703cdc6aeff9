"""What the readers of line containers share: leaders, values, and looks at the bytes of a record."""

from __future__ import annotations

from typing import Final

from transformer.kernels.bytesops import byte_at, equal32
from transformer.kernels.copying import copy_run, peek, poke
from transformer.kernels.jit import inlined, kernel
from transformer.marc import LEADER_LENGTH, RECORD_TERMINATOR, SUBFIELD_DELIMITER

LEADER_PADDED: Final = 2
LEADER_SHORT: Final = 4
"""Flags that `put_leader` gives back."""
LEADER_LEAST: Final = 20
"""A shorter leader lacks more than its entry map, which says the same in nearly every record."""
NO_BYTE: Final = -1

_BLANK: Final = 0x20


@inlined
def holds_delimiters(data, at, end):  # type: ignore[no-untyped-def]
    """True if 0x1D, 0x1E or 0x1F stands in data[at:end]."""
    while at + 32 <= end:
        hits = equal32(data, at, 0x1D) | equal32(data, at, 0x1E) | equal32(data, at, 0x1F)
        if hits != 0:
            return True
        at += 32
    while at < end:
        if RECORD_TERMINATOR <= byte_at(data, at) <= SUBFIELD_DELIMITER:
            return True
        at += 1
    return False


@inlined
def ends_in_character(data, at, end):  # type: ignore[no-untyped-def]
    """True if the last character of data[at:end] is whole, as far as its length goes."""
    back = 1
    while back <= 4 and end - back >= at:
        byte = byte_at(data, end - back)
        if byte < 0x80:
            return True
        if byte >= 0xC0:
            need = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return back >= need
        back += 1
    return False


@kernel
def put_plain(out, w, data, at, end, blank, clean):  # type: ignore[no-untyped-def]
    """Copy a value: the index behind it. blank: this byte becomes a blank, NO_BYTE for none.
    clean: no delimiters in it."""
    if clean and blank == NO_BYTE:
        copy_run(out, w, data, at, end - at)
        return w + end - at
    while at < end:
        byte = peek(data, at)
        if RECORD_TERMINATOR <= byte <= SUBFIELD_DELIMITER or byte == blank:
            byte = _BLANK
        poke(out, w, byte)
        w += 1
        at += 1
    return w


@kernel
def put_leader(out, w, data, at, end, blank):  # type: ignore[no-untyped-def]
    """(flags, good) of the leader's value data[at:end], put as 24 bytes at out[w:]. blank: as in
    `put_plain`."""
    flags = 0
    while end - at > LEADER_LENGTH:
        last = byte_at(data, end - 1)
        if last != _BLANK and last != blank:
            return 0, False
        flags = LEADER_PADDED
        end -= 1
    if end - at < LEADER_LEAST:
        return 0, False
    for place in range(LEADER_LENGTH):
        byte = _BLANK
        if at + place < end:
            byte = byte_at(data, at + place)
        else:
            flags |= LEADER_SHORT
        if byte >= 0x7F or byte < _BLANK:
            return 0, False
        poke(out, w + place, _BLANK if byte == blank else byte)
    return flags, True


@inlined
def is_markup(data, at, end):  # type: ignore[no-untyped-def]
    """True if the line begins like a page or document of markup."""
    if at + 5 > end or byte_at(data, at) != 0x3C:
        return False
    second = byte_at(data, at + 1)
    if second == 0x21 or second == 0x3F:
        return True
    # `html` in letters of either case
    return (
        second | 32 == 0x68
        and byte_at(data, at + 2) | 32 == 0x74
        and byte_at(data, at + 3) | 32 == 0x6D
        and byte_at(data, at + 4) | 32 == 0x6C
    )


@inlined
def is_blank(byte):  # type: ignore[no-untyped-def]
    """Blank, tab, CR, LF, NUL or Ctrl-Z."""
    return byte in (_BLANK, 0x09, 0x0D, 0x0A, 0x00, 0x1A)


@inlined
def blank_line(data, at, end):  # type: ignore[no-untyped-def]
    """True if data[at:end] is nothing but blanks."""
    while at < end and is_blank(byte_at(data, at)):
        at += 1
    return at == end
