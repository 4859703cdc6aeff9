"""What in a batch is not as its MARC format says: one pass over fields, subfields and fixed positions.

Why a kernel, when findings are added up in DuckDB: a million bibs have 55 million subfields, of which the
format objects to one in a hundred. Here each costs a few nanoseconds and only findings become rows.

Masks are uint64[..., 2]: bit b of the pair says that byte b (below 128) is allowed.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from transformer.kernels.bytesops import byte_at
from transformer.kernels.copying import memory
from transformer.kernels.jit import inlined, kernel
from transformer.kernels.subfield import delimiter_after, delimiters64
from transformer.marc import (
    BIBLIOGRAPHIC_LEVEL_AT,
    INDICATOR_COUNT,
    LEADER_LENGTH,
    RECORD_TYPE_AT,
    SUBFIELD_DELIMITER,
)
from transformer.schema.batch import I32, I64, U8, U32

U64 = npt.NDArray[np.uint64]

UNKNOWN_TAG: Final = 1
TAG_REPEATED: Final = 2
INDICATOR: Final = 3
UNKNOWN_CODE: Final = 4
CODE_REPEATED: Final = 5
FIXED: Final = 6
MISSING: Final = 7
FIXED_LENGTH: Final = 8

LEADER_CHECKS: Final = 0
"""Row of `Facts.check_from` for the leader; the rule of tag k is row k + 1."""
NO_RULE: Final = -1
_LOCAL_CODE: Final = 0x39
_FILL: Final = 0x7C
_NINE: Final = 0x39


class Facts(NamedTuple):
    """A format for the kernel: K tags, C checks of fixed positions, W words.

    tag_rule: int32[1000], place of a numeric tag or NO_RULE. repeats, control: uint8[K]. ind: uint64[K,
    2, 2], codes, once: uint64[K, 2]. required: int32[Q], places. size: int32[K], bytes of a control
    field, 0 = any. check_from: int64[K + 2], see LEADER_CHECKS. material: uint8[C], 0 = any; first, last:
    int32[C]; characters: uint64[C, 2]; word_from: int64[C + 1], none = characters. words: uint64[W],
    sorted in a check, up to eight bytes, the first the highest. leader_material: uint8[256, 256], of
    leader/06 and 07. first_material: uint8[K, 256], of a control field's first byte.
    """

    tag_rule: I32
    repeats: U8
    control: U8
    ind: U64
    codes: U64
    once: U64
    required: I32
    size: I32
    check_from: I64
    material: U8
    first: I32
    last: I32
    characters: U64
    word_from: I64
    words: U64
    leader_material: U8
    first_material: U8


@inlined
def allowed(mask, byte):  # type: ignore[no-untyped-def]
    """True if the pair of words has the byte's bit."""
    return among(mask[0], mask[1], byte)


@inlined
def among(low, high, byte):  # type: ignore[no-untyped-def]
    """True if the byte's bit is set: of bytes below 64 in `low`, below 128 in `high`."""
    word = low if byte < 64 else high
    return byte < 128 and word >> np.uint64(byte & 63) & np.uint64(1) != 0


@inlined
def rule_of(facts, tag):  # type: ignore[no-untyped-def]
    """(place of a tag's rule or NO_RULE, whether the tag is local). Tags with a 9 or a letter are local."""
    first, second, third = tag >> np.uint32(16), tag >> np.uint32(8) & np.uint32(255), tag & np.uint32(255)
    digits = 48 <= first <= 57 and 48 <= second <= 57 and 48 <= third <= 57
    if not digits:
        return np.int32(NO_RULE), True
    number = np.int64(first - 48) * 100 + np.int64(second - 48) * 10 + np.int64(third - 48)
    return facts.tag_rule[number], first == _NINE or second == _NINE or third == _NINE


@inlined
def told(findings, count, record, field, what, place, byte):  # type: ignore[no-untyped-def]
    """Write one finding if there is room: the new count."""
    if count < findings.shape[1]:
        findings[0, count] = record
        findings[1, count] = field
        findings[2, count] = what
        findings[3, count] = place
        findings[4, count] = byte
    return count + 1


@inlined
def word_known(words, begin, end, word):  # type: ignore[no-untyped-def]
    """Binary search in words[begin:end]."""
    while begin < end:
        middle = (begin + end) // 2
        if words[middle] == word:
            return True
        if words[middle] < word:
            begin = middle + 1
        else:
            end = middle
    return False


@inlined
def check_fixed(data, at, size, row, material, facts, record, field, findings, count):  # type: ignore[no-untyped-def]
    """The checks of one row on data[at:at + size]; fill characters are right anywhere but in the leader."""
    for check in range(facts.check_from[row], facts.check_from[row + 1]):
        if facts.material[check] != 0 and facts.material[check] != material:
            continue
        first, last = facts.first[check], facts.last[check]
        if last >= size:
            continue
        begin, end = facts.word_from[check], facts.word_from[check + 1]
        if begin < end:
            word = np.uint64(0)
            fill = True
            for place in range(first, last + 1):
                byte = byte_at(data, at + place)
                word = word << np.uint64(8) | np.uint64(byte)
                fill &= byte == _FILL
            if not fill and not word_known(facts.words, begin, end, word):
                count = told(findings, count, record, field, FIXED, check, 0)
        else:
            for place in range(first, last + 1):
                byte = byte_at(data, at + place)
                if (byte != _FILL or row == LEADER_CHECKS) and not allowed(facts.characters[check], byte):
                    count = told(findings, count, record, field, FIXED, check, byte)
                    break
    return count


@inlined
def check_data(data, at, size, rule, facts, record, field, findings, count):  # type: ignore[no-untyped-def]
    """Indicators and subfield codes of one data field."""
    for place in range(min(size, INDICATOR_COUNT)):
        byte = byte_at(data, at + place)
        if byte != SUBFIELD_DELIMITER and not allowed(facts.ind[rule, place], byte):
            count = told(findings, count, record, field, INDICATOR, place + 1, byte)
    seen = np.uint64(0)
    seen_high = np.uint64(0)
    low, high = facts.codes[rule, 0], facts.codes[rule, 1]
    once, once_high = facts.once[rule, 0], facts.once[rule, 1]
    end = at + size
    place, block, bits = delimiter_after(data, at, delimiters64(data, at, end), end)
    while place + 1 < end:
        code = byte_at(data, place + 1)
        if code != _LOCAL_CODE and code != SUBFIELD_DELIMITER:
            if not among(low, high, code):
                count = told(findings, count, record, field, UNKNOWN_CODE, 0, code)
            elif among(once, once_high, code):
                bit = np.uint64(1) << np.uint64(code & 63)
                again = seen_high & bit if code >= 64 else seen & bit
                if again != 0:
                    count = told(findings, count, record, field, CODE_REPEATED, 0, code)
                elif code >= 64:
                    seen_high |= bit
                else:
                    seen |= bit
        place, block, bits = delimiter_after(data, block, bits, end)
    return count


@inlined
def check_field(data, at, size, tag, is_control, facts, seen, record, field, leader, findings, count):  # type: ignore[no-untyped-def]
    """One field: its tag, its repetition, and what is inside."""
    rule, local = rule_of(facts, tag)
    if rule == NO_RULE:
        return count if local else told(findings, count, record, field, UNKNOWN_TAG, 0, 0)
    if seen[rule] >> 1 == record + 1:
        if facts.repeats[rule] == 0 and seen[rule] & 1 == 0:
            count = told(findings, count, record, field, TAG_REPEATED, 0, 0)
            seen[rule] |= 1
    else:
        seen[rule] = (record + 1) << 1
    if facts.control[rule] == 0:
        if is_control == 0:
            count = check_data(data, at, size, rule, facts, record, field, findings, count)
    elif is_control != 0:
        if facts.size[rule] != 0 and size != facts.size[rule]:
            return told(findings, count, record, field, FIXED_LENGTH, 0, 0)
        material = leader
        if size > 0 and facts.first_material[rule, byte_at(data, at)] != 0:
            material = facts.first_material[rule, byte_at(data, at)]
        count = check_fixed(data, at, size, rule + 1, material, facts, record, field, findings, count)
    return count


@kernel
def find_faults(
    data: U8,
    added: U8,
    leader: I64,
    field_from: I64,
    tag: U32,
    start: I64,
    length: I32,
    control: U8,
    wanted: U8,
    facts: Facts,
    seen: I64,
    findings: I32,
) -> int:
    """How many findings the records of a batch have; the first of them are written, as many as fit.

    Arrays up to control: a `MarcBatch`. wanted: uint8[R], 0: pass it over. seen: int64[K], zeros.
    findings: int32[5, N], in the order of fields: record and field (places in the batch; -1: the record
    itself), what (UNKNOWN_TAG ...), place (of an indicator, 1 or 2; of the check; of the rule of a tag
    that is missing), byte.
    """
    window, more = memory(data), memory(added)
    count = 0
    for record in range(len(leader)):
        if wanted[record] == 0:
            continue
        at = leader[record]
        text = window if at >= 0 else more
        at = at if at >= 0 else -1 - at
        level = byte_at(text, at + BIBLIOGRAPHIC_LEVEL_AT)
        material = facts.leader_material[byte_at(text, at + RECORD_TYPE_AT), level]
        count = check_fixed(
            text, at, LEADER_LENGTH, LEADER_CHECKS, material, facts, record, -1, findings, count
        )
        for field in range(field_from[record], field_from[record + 1]):
            begin = start[field]
            source = window if begin >= 0 else more
            begin = begin if begin >= 0 else -1 - begin
            count = check_field(
                source, begin, length[field], tag[field], control[field], facts, seen, record, field,
                material, findings, count,
            )  # fmt: skip
        for rule in facts.required:
            if seen[rule] >> 1 != record + 1:
                count = told(findings, count, record, -1, MISSING, rule, 0)
    return count
