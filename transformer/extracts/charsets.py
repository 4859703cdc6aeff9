"""Names of encodings, what records declare, and how a user forces one.

A name is what `Source.encoding` and the record table say: `utf-8`, `marc8`, `iso5426`, `utf-8-twice`,
`ascii` or a codec of Python's library (`cp1252`, `gb18030` ...). Two sets of UNIMARC with a plus between them
are what bytes below and above 0x80 mean (`iso5427+iso5427-extended`); a single one goes above ASCII.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final

from transformer.errors import UsageError

AUTO: Final = "auto"
UTF8: Final = "utf-8"
MARC8: Final = "marc8"
ISO5426: Final = "iso5426"
ASCII: Final = "ascii"
TWICE: Final = "utf-8-twice"
"""UTF-8 whose bytes were taken for Windows-1252 and written as UTF-8 again."""
BRACES: Final = "brace-unicode"
"""Option: `{u00E9}` stands for the character of that number."""
WIDE: Final = ("utf-16", "utf-16-le", "utf-16-be")
"""Two bytes a character: such a file is rewritten in UTF-8 before it is read, see `extracts.spool`."""

WESTERN: Final = "cp1252"
CANDIDATES: Final = (MARC8, WESTERN, ISO5426)
"""Encodings that the evidence may find, of those the kernel decodes, the likelier first."""
EAST_ASIAN: Final = ("gb18030", "big5", "euc_kr", "euc_jp", "shift_jis")
"""The same, through their codecs."""

UNIMARC_CODES: Final = {
    "01": ASCII, "02": "iso5427", "03": ISO5426, "04": "iso5427-extended", "05": "iso5428", "06": "iso6438",
    "07": "iso10586", "50": UTF8,
}  # fmt: skip
"""UNIMARC 100 $a/26-33, two characters a set (UNIMARC Manual, field 100)."""
SETS: Final = tuple(name for name in UNIMARC_CODES.values() if name not in (ASCII, UTF8))

_OTHER_NAMES: Final = {
    "utf8": UTF8, "marc-8": MARC8, "ansel": MARC8, "windows-1252": WESTERN, "iso-8859-1": "latin-1",
    "iso8859-1": "latin-1", "latin1": "latin-1", "gbk": "gb18030", "gb2312": "gb18030", "sjis": "shift_jis",
    "shift-jis": "shift_jis", "euc-kr": "euc_kr", "euc-jp": "euc_jp", "utf16": "utf-16",
    "utf-16le": "utf-16-le", "utf-16be": "utf-16-be", "us-ascii": ASCII, "iso646": ASCII,
}  # fmt: skip
_ISO_DASH: Final = re.compile(r"iso-(?=(?:5426|5427|5428|6438|10586)\b)")
_OURS: Final = (AUTO, UTF8, "marc-8", *SETS, TWICE, *WIDE)
_CODECS: Final = (
    "latin-1, windows-1252, cp850, cp852, cp866, cp1250, cp1251, iso8859-2, iso8859-5, iso8859-7, koi8-r, "
    "gb18030, big5, euc-kr, euc-jp, shift-jis"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a user asked for: an encoding or AUTO, and whether `{u00E9}` is to be read."""

    encoding: str
    braces: bool = False


def wish_of(text: str) -> Wish:
    """Read `Source.encoding`: a name, `auto`, each with `brace-unicode` behind it or that word alone.

    >>> wish_of("MARC-8 brace-unicode")
    Wish(encoding='marc8', braces=True)
    >>> wish_of("marc8,brace-unicode") == wish_of("MARC-8 brace-unicode")
    True

    Raises UsageError for a name that nobody knows; it lists the names.
    """
    words = text.lower().replace(",", " ").split()
    braces = BRACES in words
    names = [word for word in words if word != BRACES] or [AUTO]
    name = "+".join(map(_canonical, names[0].split("+")))
    if len(names) > 1 or not _known(name):
        raise UsageError(
            f"no encoding is called {text!r}",
            expected=f"one of {', '.join(_OURS)}; or {_CODECS}, or another codec of Python whose first "
            f"half is ASCII; with {BRACES} behind it where {{u00E9}} stands for a letter",
            next_step="Name what the file is in, or leave it out to have it found by its bytes.",
        )
    return Wish(name, braces)


def as_read(text: str) -> str:
    """What a reader is to be told where a user said `text`: UTF-16 is UTF-8 by then."""
    wish = wish_of(text)
    if wish.encoding not in WIDE:
        return text
    return f"{AUTO} {BRACES}" if wish.braces else AUTO


OUTPUTS: Final = (UTF8, "marc-8")
"""What may be written; MARC-8 in containers of MARC8_OUTPUTS."""
MARC8_OUTPUTS: Final = ("iso2709", "mnemonic")


def output_encoding(text: str | None, container: str) -> str:
    """What to write a container in: `utf-8` or `marc8`. Raises UsageError where that cannot be."""
    name = UTF8 if text is None else _canonical(text.lower())
    if name not in (UTF8, MARC8):
        raise UsageError(
            f"no encoding to write is called {text!r}", "--to-encoding", f"one of {', '.join(OUTPUTS)}"
        )
    if name == MARC8 and container not in MARC8_OUTPUTS:
        raise UsageError(
            f"{container} is written in UTF-8 always",
            "--to-encoding",
            "marc-8 with an output in ISO 2709 (.mrc) or mnemonic text (.mrk) only",
            "Leave --to-encoding out, or write a file that ends in .mrc or .mrk.",
        )
    return name


def _canonical(word: str) -> str:
    return _OTHER_NAMES.get(word, _ISO_DASH.sub("iso", word))


def _known(name: str) -> bool:
    if name in (AUTO, UTF8, MARC8, TWICE, *SETS, *WIDE):
        return True
    if "+" in name:
        lower, _, upper = name.partition("+")
        return lower in (ASCII, *SETS) and upper in SETS
    try:
        return b"a".decode(name) == "a" and codecs.lookup(name).name not in ("utf-7", "punycode", "idna")
    except (LookupError, UnicodeError):
        return False
