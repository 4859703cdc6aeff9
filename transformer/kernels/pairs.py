"""880 fields follow the fields they stand for: MARC 21, appendix A, linkage with $6.

A field `245 $6 880-01` and the field `880 $6 245-01/(3/r` are a pair. Occurrence 00 has no partner.
"""

from __future__ import annotations

from typing import Any, Final

from transformer.kernels.jit import inlined, kernel

LINKED_TAG: Final = 0x383830
"""880, packed."""
STAYS: Final = 0
LEAVES: Final = 1
"""Fates of an 880; any other number is the packed tag that its $6 is to name."""


@inlined
def byte_of(data: Any, added: Any, start: int, at: int) -> int:
    """Byte `at` of a field."""
    if start >= 0:
        return int(data[start + at])
    return int(added[-1 - start + at])


@inlined
def link_at(data: Any, added: Any, start: int, length: int) -> int:
    """Where the text of the first $6 begins in a field, -1 where there is no `TAG-NN` behind one."""
    for i in range(length - 7):  # from 0: a damaged field may lack an indicator
        if byte_of(data, added, start, i) == 0x1F and byte_of(data, added, start, i + 1) == 0x36:
            if byte_of(data, added, start, i + 5) != 0x2D:
                return -1
            return i + 2
    return -1


@inlined
def tag_at(data: Any, added: Any, start: int, at: int) -> int:
    """The three bytes of a link's tag, packed."""
    return (
        byte_of(data, added, start, at) << 16
        | byte_of(data, added, start, at + 1) << 8
        | byte_of(data, added, start, at + 2)
    )


@inlined
def number_at(data: Any, added: Any, start: int, at: int) -> int:
    """The two bytes of a link's occurrence number, packed."""
    return byte_of(data, added, start, at + 4) << 8 | byte_of(data, added, start, at + 5)


@inlined
def partner(
    data: Any, added: Any, tag: Any, start: Any, length: Any, begin: int, end: int, wanted: int, number: int
) -> int:
    """The field of begin .. end with tag `wanted` (0 = any but 880) that names 880 and `number`; -1: none."""
    for f in range(begin, end):
        if tag[f] == LINKED_TAG or (wanted != 0 and tag[f] != wanted):
            continue
        at = link_at(data, added, start[f], length[f])
        if at < 0 or tag_at(data, added, start[f], at) != LINKED_TAG:
            continue
        if number_at(data, added, start[f], at) == number:
            return f
    return -1


@kernel
def follow_pairs(
    data: Any,
    old_added: Any, old_from: Any, old_tag: Any, old_start: Any, old_length: Any, old_record: Any,
    added: Any, field_from: Any, tag: Any, start: Any, length: Any,
    fate: Any,
) -> int:  # fmt: skip
    """What each 880 of the edited records does; returns how many do not stay.

    old_*: the batch before the edits (arrays as in MarcBatch); the others: after them. old_record: int64[R],
    for each edited record its index before. fate: uint32[F], one a field after the edits, as the constants
    say. An 880 whose partner was there before and is no more leaves; where another field has come to its
    number, the link follows the other tag.
    """
    changed = 0
    for r in range(len(old_record)):
        first, end = field_from[r], field_from[r + 1]
        old_first, old_end = old_from[old_record[r]], old_from[old_record[r] + 1]
        for g in range(first, end):
            fate[g] = STAYS
            if tag[g] != LINKED_TAG:
                continue
            at = link_at(data, added, start[g], length[g])
            if at < 0:
                continue
            wanted, number = tag_at(data, added, start[g], at), number_at(data, added, start[g], at)
            if number == 0x3030 or partner(data, added, tag, start, length, first, end, wanted, number) >= 0:
                continue
            if (
                partner(data, old_added, old_tag, old_start, old_length, old_first, old_end, wanted, number)
                < 0
            ):
                continue
            now = partner(data, added, tag, start, length, first, end, 0, number)
            if now >= 0 and (
                partner(
                    data, old_added, old_tag, old_start, old_length, old_first, old_end, int(tag[now]), number
                ) < 0
            ):  # fmt: skip
                fate[g] = tag[now]
            else:
                fate[g] = LEAVES
            changed += 1
    return changed
