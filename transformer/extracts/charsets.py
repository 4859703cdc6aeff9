"""Names of encodings, what records declare, and how a user forces one.

A name is what `Source.encoding` and the record table say: `utf-8`, `marc8`, `iso5426`, `utf-8-twice`, `ascii`
or a codec of Python's library (`cp1252`, `gb18030` ...).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from transformer.errors import UsageError

AUTO: Final = "auto"
UTF8: Final = "utf-8"
MARC8: Final = "marc8"
ISO5426: Final = "iso5426"
TWICE: Final = "utf-8-twice"
"""UTF-8 whose bytes were taken for Windows-1252 and written as UTF-8 again."""
BRACES: Final = "brace-unicode"
"""Option: `{u00E9}` stands for the character of that number."""

WESTERN: Final = "cp1252"
CANDIDATES: Final = (MARC8, WESTERN, ISO5426)
"""Encodings that the evidence may find, of those the kernel decodes, the likelier first."""
EAST_ASIAN: Final = ("gb18030", "big5", "euc_kr", "euc_jp", "shift_jis")
"""The same, through their codecs."""

UNIMARC_CODES: Final = {
    "01": "ascii", "02": "iso5427", "03": ISO5426, "04": "iso5427", "05": "iso5428", "06": "iso6438",
    "07": "iso10586", "50": UTF8,
}  # fmt: skip
"""UNIMARC 100 $a/26-33, two characters a set (UNIMARC Manual, field 100)."""

_OTHER_NAMES: Final = {
    "utf8": UTF8, "marc-8": MARC8, "ansel": MARC8, "iso-5426": ISO5426, "iso5426": ISO5426,
    "windows-1252": WESTERN, "iso-8859-1": "latin-1", "latin1": "latin-1", "gbk": "gb18030",
    "gb2312": "gb18030", "sjis": "shift_jis", "shift-jis": "shift_jis", "euc-kr": "euc_kr",
    "euc-jp": "euc_jp",
}  # fmt: skip
_OURS: Final = (AUTO, UTF8, MARC8, ISO5426, TWICE)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a user asked for: an encoding or AUTO, and whether `{u00E9}` is to be read."""

    encoding: str
    braces: bool = False


def wish_of(text: str) -> Wish:
    """Read `Source.encoding`: a name, `auto`, each with `brace-unicode` behind it or that word alone.

    >>> wish_of("marc8 brace-unicode")
    Wish(encoding='marc8', braces=True)

    Raises UsageError for a name that nobody knows.
    """
    words = text.lower().split()
    braces = BRACES in words
    names = [word for word in words if word != BRACES] or [AUTO]
    name = _OTHER_NAMES.get(names[0], names[0])
    if len(names) > 1 or not _known(name):
        raise UsageError(
            f"no encoding is called {text!r}",
            expected=f"{', '.join(_OURS)}, or a codec of Python such as cp1252, cp850, latin-1, gb18030",
            next_step="Name the encoding of the file, or leave it out to have it found.",
        )
    return Wish(name, braces)


def _known(name: str) -> bool:
    if name in _OURS:
        return True
    try:
        return b"a".decode(name) == "a"
    except (LookupError, UnicodeError):
        return False
