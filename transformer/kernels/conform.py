"""Where records depart from the MARC 21 slim schema: flags only, no byte is changed here.

Facts: Library of Congress, MARC21slim.xsd. Tags of control fields 00 and one of 1-9 A-Z a-z; tags of
data fields 01X to ZZZ (letters of one case, first character not 0 unless the second is 1-9 or a
letter); indicators 0-9 a-z blank; codes one of 0-9 A-Z a-z and most ASCII signs; control fields before
data fields.
"""

from __future__ import annotations

import numpy as np

from transformer import marc
from transformer.kernels.jit import kernel
from transformer.schema.batch import I32, I64, U8, U32

BAD_TAG = 1
BAD_INDICATOR = 2
BAD_CODE = 4
CONTROL_AFTER_DATA = 8

_SD = marc.SUBFIELD_DELIMITER


def _table(characters: str) -> U8:
    table = np.zeros(256, np.uint8)
    table[list(characters.encode("ascii"))] = 1
    return table


_DIGITS = "0123456789"
_LOWER = "abcdefghijklmnopqrstuvwxyz"
_UPPER = _LOWER.upper()
INDICATORS = _table(_DIGITS + _LOWER + " ")
CODES = _table(_DIGITS + _LOWER + _UPPER + "!\"#$%&'()*+,-./:;<=>?{}_^`~[]\\")
# Classes of tag characters: bit 1 = digit, 2 = upper case, 4 = lower case.
TAG_CLASS = _table(_DIGITS) + 2 * _table(_UPPER) + 4 * _table(_LOWER)


@kernel
def flag_departures(
    data: U8,
    added: U8,
    field_from: I64,
    tag: U32,
    start: I64,
    length: I32,
    control: U8,
    indicators: U8,
    codes: U8,
    tag_class: U8,
    flags: U8,
) -> int:
    """Fill flags uint8[F] with the sum of BAD_* of each field; returns how many fields have any.

    Arrays are those of a MarcBatch; the last four are INDICATORS, CODES, TAG_CLASS and the output.
    """
    found = 0
    for record in range(len(field_from) - 1):
        seen_data = False
        for at in range(field_from[record], field_from[record + 1]):
            flag = 0
            if control[at]:
                if seen_data:
                    flag |= CONTROL_AFTER_DATA
            else:
                seen_data = True
            if not _good_tag(tag[at], control[at], tag_class):
                flag |= BAD_TAG
            if not control[at]:
                if start[at] >= 0:
                    flag |= _check_data(data, start[at], length[at], indicators, codes)
                else:
                    flag |= _check_data(added, -1 - start[at], length[at], indicators, codes)
            flags[at] = flag
            found += flag != 0
    return found


@kernel
def _good_tag(tag: int, control: int, tag_class: U8) -> bool:
    """Whether a packed tag is one that the schema knows for its kind of field."""
    first, second, third = np.uint8(tag >> 16), np.uint8(tag >> 8), np.uint8(tag)
    zero = np.uint8(48)
    if control:
        return first == zero and second == zero and third != zero and tag_class[third] != 0
    a, b, c = tag_class[first], tag_class[second], tag_class[third]
    if a == 0 or b == 0 or c == 0 or ((a | b | c) & 6) == 6:
        return False
    return first != zero or second != zero


@kernel
def _check_data(data: U8, start: int, length: int, indicators: U8, codes: U8) -> int:
    """BAD_INDICATOR and BAD_CODE of one data field in its inner form."""
    flag = 0
    if length < 2 or indicators[data[start]] == 0 or indicators[data[start + 1]] == 0:
        flag |= BAD_INDICATOR
    field = data[start : start + length]
    if length > 2 and field[2] != _SD:
        flag |= BAD_CODE
    for at in range(length):
        if field[at] == _SD and (at + 1 == length or codes[field[at + 1]] == 0):
            flag |= BAD_CODE
    return flag
