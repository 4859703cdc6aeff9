"""Code tables for decoding: sets of characters as arrays for the kernels.

The sets of MARC-8 are those of the Library of Congress's code tables as pymarc carries them
(`pymarc.marc8_mapping`); each character is put in NFC. Made when first asked for (0.1 s), kept as long
as the process lives.

The sets N, Q and S of MARC-8 are ISO 5427, its extension and ISO 5428 (ISO registrations 37, 54 and 55), so
UNIMARC's escape sequences need no tables of their own for these. The other sets of UNIMARC stand in `iso5426`
and `unimarc_sets`; two of them have no escape sequence.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any, Final

import numpy as np

from transformer.extracts import unimarc_sets
from transformer.extracts.iso5426 import ISO5426
from transformer.kernels.iso2022 import ASCII, EACC, MARK, NO_SET, CodeTables, Coding
from transformer.kernels.marc8_out import OUT_MARK, OutTables
from transformer.kernels.nfc import BMP, composition

_ANSEL_FINAL: Final = 0x45
_EACC_FINAL: Final = 0x31
_ASCII_FINAL: Final = 0x42
_ISO5426_FINAL: Final = 0x50
_ISO6438_FINAL: Final = 0x4D
_CYRILLIC_FINAL: Final = 0x4E
# Sets that no escape sequence names have a number behind the final bytes instead.
_ISO10586: Final = 0x100
_ISO5427: Final = 0x101
SET_FINALS: Final = {
    "iso5426": _ISO5426_FINAL, "iso5427": _ISO5427, "iso5427-extended": 0x51, "iso5428": 0x53,
    "iso6438": _ISO6438_FINAL, "iso10586": _ISO10586,
}  # fmt: skip
"""Sets of UNIMARC, as keys of `marc8_rows`."""

SINGLE_BYTE: Final = (
    "latin-1", "cp1252", "cp1250", "cp1251", "cp1253", "cp437", "cp850", "cp852", "cp858", "cp866",
    "iso8859-2", "iso8859-5", "iso8859-7", "iso8859-9", "iso8859-15", "koi8-r", "mac-roman",
)  # fmt: skip
"""Encodings of one byte a character that the kernel decodes; others go through their codec."""


def nfc_point(point: int) -> int:
    """The code point that a character is in NFC, where that is one character."""
    text = unicodedata.normalize("NFC", chr(point))
    return ord(text) if len(text) == 1 else point


@cache
def marc8_rows() -> dict[int, int]:
    """Final byte of an escape sequence, or number above them -> row of `CodeTables.sets`; EACC is no row."""
    from pymarc import marc8_mapping

    finals = [_ASCII_FINAL, _ANSEL_FINAL]
    finals += sorted(set(marc8_mapping.CODESETS) - {_ASCII_FINAL, _ANSEL_FINAL, _EACC_FINAL})
    finals += [_ISO5426_FINAL, _ISO6438_FINAL, _ISO5427, _ISO10586]
    return {final: row for row, final in enumerate(finals)}


@cache
def code_tables() -> CodeTables:
    """All sets that an escape sequence can name, then one row for each of `SINGLE_BYTE`."""
    from pymarc import marc8_mapping

    rows = marc8_rows()
    sets = np.zeros((len(rows) + len(SINGLE_BYTE), 128), np.uint32)
    final = np.full(128, NO_SET, np.uint8)
    for name, row in rows.items():
        if name < len(final):
            final[name] = row
        for byte, (point, mark) in marc8_mapping.CODESETS.get(name, {}).items():
            if byte > 0x20:
                # C1 codes stand in the lower half of ANSEL's row, 0x88 as entry 0x08.
                sets[row, byte & 0x7F] = nfc_point(point) | (MARK if mark else 0)
    final[_EACC_FINAL] = EACC
    for byte, (point, mark) in ISO5426.items():
        sets[rows[_ISO5426_FINAL], byte & 0x7F] = point | (MARK if mark else 0)
    _fill_unimarc(sets, rows)
    for name_, text in zip(SINGLE_BYTE, map(_upper_half, SINGLE_BYTE), strict=True):
        sets[single_byte_row(name_)] = text
    return CodeTables(sets, final, *_eacc(), _odd())


def _fill_unimarc(sets: Any, rows: dict[int, int]) -> None:
    """The sets of UNIMARC that have no marks."""
    sets[rows[_ISO5427]] = sets[rows[_CYRILLIC_FINAL]]
    currency, point = unimarc_sets.CURRENCY
    sets[rows[_ISO5427], currency & 0x7F] = point
    for name, table in ((_ISO6438_FINAL, unimarc_sets.ISO6438), (_ISO10586, unimarc_sets.ISO10586)):
        for byte, point in table.items():
            sets[rows[name], byte & 0x7F] = point


def _upper_half(codec: str) -> list[int]:
    """Characters of the bytes 0x80 to 0xFF, 0 where the codec has none."""
    return [ord(bytes([byte]).decode(codec, "ignore") or "\0") for byte in range(0x80, 0x100)]


def single_byte_row(codec: str) -> int:
    """Row of one of `SINGLE_BYTE`."""
    return len(marc8_rows()) + SINGLE_BYTE.index(codec)


def _eacc() -> tuple[Any, Any]:
    """The two levels of the East Asian set (see `CodeTables`)."""
    from pymarc import marc8_mapping

    known = {code: point for code, (point, _) in marc8_mapping.CODESETS[_EACC_FINAL].items()}
    page = np.full(94 * 94, -1, np.int16)
    heads = sorted({code >> 8 for code in known})
    eacc = np.zeros((len(heads), 96), np.int32)
    for row, head in enumerate(heads):
        page[((head >> 8) - 0x21) * 94 + (head & 0xFF) - 0x21] = row
    for code, point in known.items():
        head = code >> 8
        eacc[page[((head >> 8) - 0x21) * 94 + (head & 0xFF) - 0x21], (code & 0xFF) - 0x20] = nfc_point(point)
    return page, eacc


def _odd() -> Any:
    """Codes of old files that LC's tables do not name, as pymarc knows them (see `CodeTables`)."""
    from pymarc import marc8_mapping

    return np.array(sorted(marc8_mapping.ODD_MAP.items()), np.int32)


def coding_of(encoding: str, braces: bool = False, references: bool = True) -> Coding | None:
    """How the kernel reads an encoding: MARC-8, a set of UNIMARC or two, one of `SINGLE_BYTE`; else None.

    references: whether `&#x6F22;` is read where the encoding has it, which is MARC-8. A set of UNIMARC for
    the bytes below 0x80 is not said here: see `lower_final`.
    """
    rows = marc8_rows()
    upper = encoding.rpartition("+")[2]
    if encoding == "marc8":
        return Coding(ASCII, rows[_ANSEL_FINAL], True, references, braces)
    if upper in SET_FINALS:
        return Coding(ASCII, rows[SET_FINALS[upper]], True, False, braces)
    if encoding in SINGLE_BYTE:
        return Coding(ASCII, single_byte_row(encoding), False, False, braces)
    return None


def lower_final(encoding: str) -> int:
    """Final byte of the set that bytes below 0x80 mean in an encoding such as `iso5427+iso5427-extended`.

    0 where it is ASCII, or a set that no escape sequence can put there.
    """
    lower, plus, _ = encoding.partition("+")
    final = SET_FINALS.get(lower, 0) if plus else 0
    final = _CYRILLIC_FINAL if final == _ISO5427 else final
    return final if final < 0x80 else 0


# In which set a character is said that several have: ASCII first, then ANSEL, the script sets, the small
# custom sets, EACC. Greek symbols come after Greek, since the standard discourages them.
_OUT_ORDER: Final = b"EN32QS4pbg"
_EACC_ROW: Final = 127


@cache
def out_tables() -> OutTables:
    """Tables for writing MARC-8, made once."""
    from pymarc import marc8_mapping

    rows = marc8_rows()
    code = np.zeros(BMP, np.uint32)
    lead = np.zeros((128, 4), np.uint8)
    known = sorted(marc8_mapping.CODESETS[_EACC_FINAL].items(), reverse=True)
    for raw, (point, _) in known:
        code[point] = _EACC_ROW << 24 | raw
    lead[_EACC_ROW] = 3, 0x1B, 0x24, _EACC_FINAL
    for final in reversed(_OUT_ORDER):
        row = rows[final]
        for raw, (point, mark) in marc8_mapping.CODESETS[final].items():
            byte = raw if final == _ANSEL_FINAL else raw & 0x7F
            code[point] = row << 24 | byte | (OUT_MARK if mark else 0)
        custom = final in b"pbg"
        lead[row] = (2, 0x1B, final, 0) if custom else (3, 0x1B, 0x28, final)
    lead[ASCII] = 3, 0x1B, 0x28, _ASCII_FINAL
    code[:0x80] = 0
    first, second = _decompositions()
    return OutTables(code, lead, first, second, composition().mark_class)


def _decompositions() -> tuple[Any, Any]:
    """Canonical decompositions of one step (see `OutTables`)."""
    first, second = np.zeros(BMP, np.int32), np.zeros(BMP, np.int32)
    for point in range(0xC0, BMP):
        parts = unicodedata.decomposition(chr(point)).split()
        if parts and not parts[0].startswith("<"):
            first[point] = int(parts[0], 16)
            second[point] = int(parts[1], 16) if len(parts) > 1 else 0
    return first, second
