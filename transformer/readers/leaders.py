"""Leaders that lost blanks, or their end: what was there is found from what a leader always says.

XML processors make one blank of several and cut those at the ends, and exports lose them otherwise: 102 of
the 109 leaders of another length in real MARCXML are such (`01297cama2200301Ia 450` for
`01297cam a2200301Ia 4500`, `00817nas a2200265 4500` with one blank for three). Letters and digits of a leader
have their places: five of the length, status, type and level, 22 in 10 and 11, five of the base address, the
entry map 4500 at the end.
"""

from __future__ import annotations

import re
from typing import Final

from transformer.marc import AUTHORITY_TYPE, HOLDINGS_TYPES, LEADER_LENGTH

_LEADER: Final = re.compile(
    rb"(?P<length>[0-9]{5}| {0,5})(?P<status>[a-z])(?P<type>[a-z])(?P<middle>[a-z ]{0,3})22"
    rb"(?P<base>[0-9]{5})(?P<levels>[0-9A-Za-z ]{0,3}?)(?P<map>45(?:0|00)?)"
)
_MIDDLE: Final = re.compile(rb"([a-z]) *(a?) *")
_NO_LEVEL: Final = frozenset(HOLDINGS_TYPES) | {AUTHORITY_TYPE}
"""Types of record that have a blank in place 7, where others have their level."""


def with_blanks(text: bytes) -> bytes | None:
    """The leader of 24 characters that `text`, of another length, was; None where that is not certain.

    Nothing but blanks and the end of the entry map may be missing. Places 17 to 19 are certain only if all
    three are there, or a run of blanks was made one.
    """
    found = _LEADER.fullmatch(text.strip(b" \t\r\n"))
    if found is None or len(text) == LEADER_LENGTH:
        return None
    middle = _middle(found["middle"], found["type"].decode())
    levels = _levels(found["levels"])
    if middle is None or levels is None:
        return None
    return b"".join(
        (
            found["length"].ljust(5),
            found["status"],
            found["type"],
            middle,
            b"22",
            found["base"],
            levels,
            b"4500",
        )
    )


def _middle(text: bytes, kind: str) -> bytes | None:
    """Places 7 to 9: level, a blank (archives write `a`), coding scheme (blank or `a`)."""
    if len(text) == 3:
        return text
    if kind in _NO_LEVEL:
        return {b"": b"   ", b"a": b"  a"}.get(text.strip())
    found = _MIDDLE.fullmatch(text)
    return found and found[1] + b" " + (found[2] or b" ")


def _levels(text: bytes) -> bytes | None:
    """Places 17 to 19: all of them, or with one blank for two or three."""
    if len(text) == 3:
        return text
    if not text.strip():
        return b"   "
    if len(text) == 2 and text.startswith(b" "):
        return b" " + text
    return text + b" " if len(text) == 2 and text.endswith(b" ") else None
