"""Where records depart from the MARC 21 slim schema: flags only, no byte is changed here.

Facts: Library of Congress, MARC21slim.xsd. Tags of control fields 00 and one of 1-9 A-Z a-z; tags of
data fields 01X to ZZZ (letters of one case, first character not 0 unless the second is 1-9 or a
letter); indicators 0-9 a-z blank; codes one of 0-9 A-Z a-z and most ASCII signs; control fields before
data fields.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from transformer import marc
from transformer.kernels.bytesops import byte_at
from transformer.kernels.copying import memory
from transformer.kernels.jit import inlined, kernel
from transformer.kernels.subfield import delimiter_after, delimiters64, source_of
from transformer.schema.batch import I32, I64, U8, U32

BAD_TAG = 1
BAD_INDICATOR = 2
BAD_CODE = 4
CONTROL_AFTER_DATA = 8

_ZERO: Final = 0x30


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


@inlined
def check_data(source: Any, at: int, end: int, indicators: U8, codes: U8) -> int:
    """BAD_INDICATOR and BAD_CODE of the data field source[at:end] in its inner form."""
    flag = 0
    if end - at < 2 or indicators[byte_at(source, at)] == 0 or indicators[byte_at(source, at + 1)] == 0:
        flag |= BAD_INDICATOR
    if end - at > 2 and byte_at(source, at + 2) != marc.SUBFIELD_DELIMITER:
        flag |= BAD_CODE
    delimiter, block, bits = delimiter_after(source, at, delimiters64(source, at, end), end)
    while delimiter < end:
        if delimiter + 1 == end or codes[byte_at(source, delimiter + 1)] == 0:
            flag |= BAD_CODE
        delimiter, block, bits = delimiter_after(source, block, bits, end)
    return flag


@inlined
def is_good_tag(tag: int, control: int, tag_class: U8) -> bool:
    """Whether a packed tag is one that the schema knows for its kind of field."""
    number = np.int64(tag)
    first, second, third = number >> 16 & 0xFF, number >> 8 & 0xFF, number & 0xFF
    if control:
        return first == _ZERO and second == _ZERO and third != _ZERO and tag_class[third] != 0
    a, b, c = tag_class[first], tag_class[second], tag_class[third]
    if a == 0 or b == 0 or c == 0 or ((a | b | c) & 6) == 6:
        return False
    return first != _ZERO or second != _ZERO


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
    Delimiters are looked for 64 bytes at a time: 0.40 us a record of 1.45 KB, byte by byte 0.70.
    """
    window, extra = memory(data), memory(added)
    found = 0
    for record in range(len(field_from) - 1):
        seen_data = False
        for field in range(field_from[record], field_from[record + 1]):
            flag = 0
            if control[field]:
                if seen_data:
                    flag |= CONTROL_AFTER_DATA
            else:
                seen_data = True
                source, _, at = source_of(window, extra, start[field])
                flag |= check_data(source, at, at + np.int64(length[field]), indicators, codes)
            if not is_good_tag(tag[field], control[field], tag_class):
                flag |= BAD_TAG
            flags[field] = flag
            found += flag != 0
    return found
