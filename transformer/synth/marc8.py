"""Text in MARC-8, for extracts of systems that have not moved to Unicode.

The tables are pymarc's, turned round: which bytes of which set stand for a character. Letters with marks
that no set has are taken apart as Unicode's canonical decomposition says; marks stand before their letter.
Sets other than ASCII and ANSEL are called by their escape sequence; every subfield ends in ASCII and ANSEL
again. Source: MARC 21 Specifications for Record Structure, Character Sets, part 3.
"""

from __future__ import annotations

import unicodedata
from functools import cache

from pymarc.marc8_mapping import CODESETS

# The set of G0 that is called, and how. ANSEL stands in G1 and needs no call.
_CALLS = {0x4E: b"\x1b(N", 0x51: b"\x1b(Q", 0x32: b"\x1b(2", 0x33: b"\x1b(3", 0x34: b"\x1b(4",
          0x53: b"\x1b(S", 0x31: b"\x1b$1"}  # fmt: skip
_ASCII_CALL = b"\x1b(B"
_ANSEL = 0x45


@cache
def _table() -> dict[str, tuple[int, bytes, bool]]:
    """Character -> (set, bytes, whether it is a mark); the first set that has it, ANSEL before `_CALLS`."""
    made: dict[str, tuple[int, bytes, bool]] = {}
    for charset in (_ANSEL, *_CALLS):
        width = 3 if charset == 0x31 else 1
        for code, (scalar, mark) in CODESETS[charset].items():
            # Called into G0, sets with their letters above 0x80 stand below it.
            low = code if charset in (_ANSEL, 0x31) else code & 0x7F
            made.setdefault(chr(scalar), (charset, low.to_bytes(width, "big"), bool(mark)))
    return made


@cache
def _pieces(character: str) -> tuple[tuple[int, bytes, bool], ...]:
    """A character as letters and marks that MARC-8 has. ValueError if it has none for it."""
    if ord(character) < 0x80:
        return ((0, character.encode("ascii"), False),)
    if (found := _table().get(character)) is not None:
        return (found,)
    apart = unicodedata.decomposition(character)
    if not apart or apart.startswith("<"):
        raise ValueError(f"U+{ord(character):04X} is not in MARC-8")
    return tuple(piece for code in apart.split() for piece in _pieces(chr(int(code, 16))))


def encode(text: str) -> bytes:
    """MARC-8 of a text; delimiters and terminators of fields may stand in it."""
    made, called = bytearray(), 0
    letter: tuple[int, bytes] | None = None
    marks = b""

    def put() -> None:
        nonlocal called, letter, marks
        if letter is None:
            made.extend(marks)
        else:
            charset, data = letter
            if charset == _ANSEL:
                made.extend(marks + data)
            else:
                if charset != called:
                    made.extend(_CALLS[charset] if charset else _ASCII_CALL)
                    called = charset
                made.extend(marks + data)
        letter, marks = None, b""

    for character in text:
        for charset, data, is_mark in _pieces(character):
            if is_mark:
                marks += data
                continue
            put()
            letter = (charset, data)
            if data in b"\x1e\x1f" and called:
                made.extend(_ASCII_CALL)
                called = 0
    put()
    if called:
        made.extend(_ASCII_CALL)
    return bytes(made)
