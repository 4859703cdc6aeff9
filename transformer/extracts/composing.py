"""Text in NFC: a field in the inner form, value by value, since a subfield code is no letter of a word."""

from __future__ import annotations

import unicodedata


def composed(field: bytes) -> bytes:
    """A field in NFC; a subfield code is no letter that a mark may join.

    >>> composed("10\\x1faCafe\u0301".encode()) == "10\\x1faCaf\xe9".encode()
    True
    """
    head, *subfields = field.decode().split("\x1f")
    parts = [nfc(head)]
    for part in subfields:
        code = part[:1] if part[:1].isascii() else ""
        parts.append(code + nfc(part[len(code) :]))
    return "\x1f".join(parts).encode()


def nfc(text: str) -> str:
    """The text in NFC."""
    return unicodedata.normalize("NFC", text)
