"""New leaders of records that were decoded: they say Unicode."""

from __future__ import annotations

from typing import Any, Final

from transformer.kernels.bytesops import prefetch
from transformer.kernels.copying import memory, peek, poke
from transformer.kernels.jit import kernel
from transformer.marc import CHARACTER_CODING_AT, LEADER_LENGTH

_A: Final = 0x61
_BLANK: Final = 0x20
_AHEAD: Final = 12


@kernel
def put_unicode_leaders(
    data: Any, added: Any, leader: Any, wanted: Any, out: Any, before: int, new_leader: Any
) -> int:
    """Copy the leaders of some records, leader/09 `a`: how many bytes of `out` are used then, -1 where full.

    data, added, leader: as in MarcBatch. wanted: uint8[R], 0 for records that keep their leader. One that
    says `a` keeps it as well, and one whose last character is a blank, as in UNIMARC; in MARC 21 it is a
    zero. out: uint8[n], 24 bytes for each wanted record are enough. new_leader: int64[R], of a record with a
    new leader, its place as in MarcBatch, with `before` bytes in `added` before `out`; others stay.
    """
    window, more, to = memory(data), memory(added), memory(out)
    w = 0
    for record in range(len(wanted)):
        if record + _AHEAD < len(wanted):
            # They lie a record apart, each out of the processor's reach: six tenths of the time was waiting.
            prefetch(window, leader[record + _AHEAD])
        if wanted[record] == 0:
            continue
        source = window if leader[record] >= 0 else more
        at = leader[record] if leader[record] >= 0 else -1 - leader[record]
        if peek(source, at + CHARACTER_CODING_AT) == _A or peek(source, at + LEADER_LENGTH - 1) == _BLANK:
            continue
        if w + LEADER_LENGTH > len(out):
            return -1
        for place in range(LEADER_LENGTH):
            poke(to, w + place, peek(source, at + place))
        poke(to, w + CHARACTER_CODING_AT, _A)
        new_leader[record] = -1 - before - w
        w += LEADER_LENGTH
    return w
