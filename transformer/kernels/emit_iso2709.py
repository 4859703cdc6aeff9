"""ISO 2709 of a batch: field bytes in; leader, directory, fields and terminators out.

Fields that already lie one behind the other in the window, each with its terminator, are copied in one
run: an untouched record is one copy and a new directory.
"""

from __future__ import annotations

from typing import Any, Final

from transformer.kernels.copying import Memory, copy_run, memory, peek, poke
from transformer.kernels.jit import inlined, kernel

RECORD_DONE: Final = 0
RECORD_BAD_TAG: Final = 1
RECORD_TOO_LONG: Final = 2
FIELD_TOO_LONG: Final = 3
"""Status of a record; only RECORD_DONE has bytes."""


@inlined
def put_digits(out: Memory, at: int, value: int, count: int) -> None:
    """`value` in `count` decimal digits at out[at:]."""
    for i in range(count - 1, -1, -1):
        poke(out, at + i, 0x30 + value % 10)
        value //= 10


@inlined
def put_leader(out: Memory, w: int, source: Memory, pos: int, total: int, base: int, marc21: bool) -> None:
    """24 bytes at out[w:]: the source's, with lengths, entry map and leader/09 made true."""
    for i in range(24):
        poke(out, w + i, peek(source, pos + i))
    put_digits(out, w, total, 5)
    put_digits(out, w + 12, base, 5)
    if not (peek(out, w + 20) == 0x34 and peek(out, w + 21) == 0x35 and peek(out, w + 22) == 0x30):
        poke(out, w + 20, 0x34)
        poke(out, w + 21, 0x35)
        poke(out, w + 22, 0x30)
        poke(out, w + 23, 0x30)
    if marc21 and peek(out, w + 23) == 0x30:
        poke(out, w + 9, 0x61)


@inlined
def check(tag: Any, length: Any, begin: int, last: int) -> tuple[int, int]:
    """(bytes of fields begin .. last with terminators, status of their record)."""
    size, status = 0, RECORD_DONE
    for f in range(begin, last):
        size += length[f] + 1
        packed = int(tag[f])
        if length[f] + 1 > 9_999:
            status = FIELD_TOO_LONG
        elif (packed | (packed - 0x202020) | (packed + 0x010101)) & 0x808080:
            status = RECORD_BAD_TAG
    if status == RECORD_DONE and size + 26 + 12 * (last - begin) > 99_999:
        status = RECORD_TOO_LONG
    return size, status


@inlined
def put_fields(
    out: Any, w: int, data: Any, added: Any, start: Any, length: Any, begin: int, last: int
) -> int:
    """Fields begin .. last with their terminators at out[w:]. Returns the new w."""
    f = begin
    while f < last:
        s, n = start[f], int(length[f])
        f += 1
        if s < 0:
            copy_run(out, w, added, -1 - s, n)
        else:
            # Each further field that lies right behind a terminator joins the run.
            while f < last and start[f] == s + n + 1 and peek(data, s + n) == 0x1E:
                n += 1 + int(length[f])
                f += 1
            copy_run(out, w, data, s, n)
        w += n
        poke(out, w, 0x1E)
        w += 1
    return w


@kernel
def emit_records(
    data: Any, added: Any, leader: Any, field_from: Any, tag: Any, start: Any, length: Any,
    marc21: bool, out: Any, ends: Any, status: Any,
) -> int:  # fmt: skip
    """All records into `out`; returns its bytes used, or -1 where `out` is full.

    Batch arrays as in MarcBatch (R records, F fields). out: uint8[capacity]; needed are the sizes of all
    records and WIDTH bytes more. ends: int64[R]. status: uint8[R], RECORD_* or FIELD_TOO_LONG.
    """
    w = 0
    to, window, more = memory(out), memory(data), memory(added)
    for r in range(len(leader)):
        begin, last = field_from[r], field_from[r + 1]
        size, status[r] = check(tag, length, begin, last)
        if status[r] == RECORD_DONE:
            base = 25 + 12 * (last - begin)
            if w + base + size + 33 > len(out):
                return -1
            if leader[r] >= 0:
                put_leader(to, w, window, leader[r], base + size + 1, base, marc21)
            else:
                put_leader(to, w, more, -1 - leader[r], base + size + 1, base, marc21)
            w += 24
            at = 0
            for f in range(begin, last):
                poke(to, w, int(tag[f]) >> 16)
                poke(to, w + 1, int(tag[f]) >> 8)
                poke(to, w + 2, int(tag[f]))
                put_digits(to, w + 3, length[f] + 1, 4)
                put_digits(to, w + 7, at, 5)
                at += length[f] + 1
                w += 12
            poke(to, w, 0x1E)
            w = put_fields(to, w + 1, window, more, start, length, begin, last)
            poke(to, w, 0x1D)
            w += 1
        ends[r] = w
    return w
