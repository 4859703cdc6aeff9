"""ISO 2709 and MARC as named integers, in the words of the standards.

Sources: ISO 2709:2008; MARC 21 Specifications for Record Structure, Character Sets and Exchange Media
(Library of Congress). All positions count from 0. A record is

    leader (24 bytes) | directory (12 bytes an entry) | field terminator | fields | record terminator

and a field is `value FT` (control field) or `ind1 ind2 (SD code value)* FT` (data field). The length in
a directory entry counts the field terminator; the record length counts everything.
"""

from __future__ import annotations

from typing import Final

SUBFIELD_DELIMITER: Final = 0x1F
FIELD_TERMINATOR: Final = 0x1E
RECORD_TERMINATOR: Final = 0x1D

LEADER_LENGTH: Final = 24
RECORD_LENGTH_AT: Final = 0
RECORD_LENGTH_DIGITS: Final = 5
RECORD_STATUS_AT: Final = 5
RECORD_TYPE_AT: Final = 6
BIBLIOGRAPHIC_LEVEL_AT: Final = 7
CHARACTER_CODING_AT: Final = 9
INDICATOR_COUNT_AT: Final = 10
CODE_LENGTH_AT: Final = 11
BASE_ADDRESS_AT: Final = 12
BASE_ADDRESS_DIGITS: Final = 5
ENTRY_MAP_AT: Final = 20
ENTRY_MAP_MARC21: Final = b"4500"

ENTRY_LENGTH: Final = 12
TAG_LENGTH: Final = 3
FIELD_LENGTH_DIGITS: Final = 4
FIELD_START_DIGITS: Final = 5

INDICATOR_COUNT: Final = 2
MAX_RECORD_BYTES: Final = 99_999
MAX_FIELD_BYTES: Final = 9_999
# Leader, an empty directory's terminator, record terminator: the least that can be a record.
MIN_RECORD_BYTES: Final = LEADER_LENGTH + 2

HOLDINGS_TYPES: Final = "uvxy"
"""Leader/06 of MARC 21 holdings records."""
AUTHORITY_TYPE: Final = "z"
"""Leader/06 of authority records."""

SLIM_NAMESPACE: Final = "http://www.loc.gov/MARC21/slim"


def pack_tag(tag: str) -> int:
    """Three ASCII characters as one integer, first character highest: "245" -> 0x323435.

    Integers compare like the tags do, so a sort by packed tag is a sort by tag.

    >>> hex(pack_tag("245"))
    '0x323435'
    """
    a, b, c = tag.encode("ascii")
    return a << 16 | b << 8 | c


def unpack_tag(packed: int) -> str:
    """The tag of a packed integer; the inverse of `pack_tag`.

    >>> unpack_tag(0x323435)
    '245'
    """
    return bytes((packed >> 16 & 0xFF, packed >> 8 & 0xFF, packed & 0xFF)).decode("latin-1")
