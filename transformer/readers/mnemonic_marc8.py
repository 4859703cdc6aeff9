r"""Mnemonic text in MARC-8: records with {esc}, whose names stand for bytes rather than for characters.

Behind an escape sequence the same byte is another letter, so names become bytes before anything is decoded:
`{esc}(N{esc})Qg{euro}ACO` is Cyrillic, with 0xC8 for {euro}. `\` is a byte there, too, not a blank; control
fields, leader and indicators stay as they are. A name that MARC-8 has no byte for is kept as it is.
"""

from __future__ import annotations

import re
from typing import Final

from transformer.extracts.mnemonics import bytes_of_names

_NAME: Final = re.compile(rb"\{([0-9A-Za-z]{1,16})\}")
_DATA: Final = re.compile(rb"=(?!00|LDR)[0-9A-Za-z]{3} {1,2}")
_WIDE: Final = re.compile(rb"\x1b(?:\$|\{dollar\}),?1")
_KEPT: Final = {b"\x1d": b"{", b"\x1e": b"}", b"\x1f": b"$"}
_SIGNS: Final = {b"$": b"{dollar}", b"{": b"{lcub}", b"}": b"{rcub}", b"\\": b"{bsol}"} | _KEPT
_SIGN: Final = re.compile(rb"[\x1d\x1e\x1f$\\{}]")
INDICATORS: Final = 2


def apart(record: bytes) -> list[bytes]:
    """The lines of a record: heads (tag, indicators) and values in MARC-8 by turns, 0x1F before subfields."""
    fields = []
    for line in re.split(rb"(?<=\n)", re.sub(b"[\x1d-\x1f]", b" ", record)):
        head = _DATA.match(line)
        coded = b"{esc}" in line or b"\x1b" in line or not line.isascii()
        if not coded or (head is None and line.startswith(b"=")):
            fields += [line, b""]
        else:
            end = head.end() + INDICATORS if head else 0
            fields += [line[:end], _delimited(line[end:].replace(b"{esc}", b"\x1b"))]
    return fields


def _delimited(value: bytes) -> bytes:
    """A value with bytes for names, and 0x1F for `$`; what is left in braces between 0x1D and 0x1E."""
    pieces, at = [], 0
    for wide in _WIDE.finditer(value):
        inside = value[wide.end() :]
        end = wide.end() + (inside.find(b"\x1b") if b"\x1b" in inside else len(inside))
        plain = _named(value[at : wide.start()].replace(b"$", b"\x1f"))
        # `$` is written {dollar} in a letter, so a bare one ends the characters of three bytes.
        letters, delimiter, rest = value[wide.end() : end].partition(b"$")
        pieces += [plain, b"\x1b$1", _named(letters), _named((delimiter + rest).replace(b"$", b"\x1f"))]
        at = end
    return b"".join([*pieces, _named(value[at:].replace(b"$", b"\x1f"))])


def _named(text: bytes) -> bytes:
    known = bytes_of_names()

    def code(found: re.Match[bytes]) -> bytes:
        return known.get(found[1].decode(), b"\x1d" + found[1] + b"\x1e")

    return _NAME.sub(code, text)


def together(fields: list[bytes]) -> bytes:
    """The record's text again, its values in UTF-8 by now."""
    heads, values = fields[::2], fields[1::2]
    pairs = zip(heads, (_SIGN.sub(_sign, value) for value in values), strict=True)
    return b"".join(part for pair in pairs for part in pair)


def _sign(found: re.Match[bytes]) -> bytes:
    return _SIGNS[found[0]]
