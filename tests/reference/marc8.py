"""MARC-8 as UTF-8, byte by byte, with pymarc's code tables and `unicodedata`: the kernel's slow twin."""

from __future__ import annotations

import re
import unicodedata

from pymarc.marc8_mapping import CODESETS, ODD_MAP

EACC = 0x31
MOST_MARKS = 24
REFERENCE = re.compile(rb"&#x([0-9A-Fa-f]{1,6});")
BRACES = re.compile(rb"\{u([0-9A-Fa-f]{1,6})\}")
ESCAPE = re.compile(rb"\x1b(?:([sgbp])|(\$?[(),-]|\$)!?([\x00-\x7f]))", re.DOTALL)
FINALS = {*CODESETS, 0x4D, 0x50}


def single(final: int, byte: int) -> tuple[int, bool] | None:
    """(code point, is mark) of a byte without its high bit in a set of one byte a character."""
    if final == 0x4D:
        from transformer.extracts.unimarc_sets import ISO6438

        return (ISO6438[byte | 0x80], False) if byte | 0x80 in ISO6438 else None
    if final == 0x50:
        from transformer.extracts.iso5426 import ISO5426

        return ISO5426.get(byte | 0x80) if byte > 0x20 else None
    table = CODESETS[final]
    for code in (byte, byte | 0x80):
        if code in table and code > 0x20 and not 0x80 <= code < 0xA0:
            point, mark = table[code]
            return point, bool(mark)
    return None


def escape(text: bytes, at: int, g0: int, g1: int) -> tuple[int, int, int]:
    """(length of the escape sequence at `at`, 0 where it is none; g0; g1)."""
    found = ESCAPE.match(text, at)
    if found is None:
        return 0, g0, g1
    if found[1]:
        return 2, 0x42 if found[1] == b"s" else found[1][0], g1
    final = found[3][0]
    many = found[2].startswith(b"$")
    if final not in FINALS or (many and final != EACC):
        return 0, g0, g1
    second = found[2][-1:] in b")-"
    return len(found[0]), g0 if second else final, final if second else g1


def character(text: bytes, at: int, g0: int, g1: int) -> tuple[int, int, bool]:
    """(bytes, code point or 0, is mark) of the character at `at`."""
    byte = text[at]
    if byte <= 0x20 or (byte == 0x7F and g0 != EACC):
        return 1, byte, False
    if 0x80 <= byte < 0xA0:
        point, _ = CODESETS[0x45].get(byte, (0, 0))
        return 1, point, False
    final = g0 if byte < 0x80 else g1
    if final != EACC:
        point, mark = single(final, byte & 0x7F) or (0, False)
        return 1, point, mark
    three = text[at : at + 3]
    if len(three) < 3 or len({b & 0x80 for b in three}) > 1:
        return 1, 0, False
    code = int.from_bytes(bytes(b & 0x7F for b in three), "big")
    within = all(0x21 <= b & 0x7F <= 0x7E for b in three)
    if code in CODESETS[EACC]:
        return 3, CODESETS[EACC][code][0], False
    if code in ODD_MAP:
        return 3, ODD_MAP[code], False
    return 3 if within else 1, 0, False


def value(text: bytes, braces: bool = False, control: bool = False) -> tuple[str, int]:
    """(text, each letter composed with its marks, faults) of what stands between two delimiters."""
    out: list[str] = []
    marks: list[str] = []
    faults, at, g0, g1 = 0, 0, 0x42, 0x45
    while at < len(text):
        if text[at] == 0x1B:
            size, g0, g1 = escape(text, at, g0, g1)
            at += size
            if size:
                continue
        found = REFERENCE.match(text, at) if g0 != EACC else None
        found = found or (BRACES.match(text, at) if braces else None)
        if found and 0x20 <= int(found[1], 16) <= 0x10FFFF and not 0xD800 <= int(found[1], 16) < 0xE000:
            size, point, mark = len(found[0]), int(found[1], 16), False
        elif text[at] < 0x20:
            faults += len(marks) + (text[at] == 0x1B)
            out += [*marks, "�" if text[at] == 0x1B else chr(text[at])]
            marks, at = [], at + 1
            continue
        else:
            size, point, mark = character(text, at, g0, g1)
        at += size
        if point == 0 or (mark and len(marks) >= (0 if control else MOST_MARKS)):
            faults, point, mark = faults + 1, 0xFFFD, False
        if mark:
            marks.append(chr(point))
        else:
            out.append(nfc(chr(point) + "".join(marks)) if marks else chr(point))
            marks = []
    faults += len(marks)
    return "".join(out + marks), faults


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def field(text: bytes, braces: bool = False, control: bool = False) -> tuple[bytes, int]:
    """(field in UTF-8, faults): every value begins in ASCII and ANSEL, no mark joins a subfield code."""
    head, *subfields = text.split(b"\x1f")
    done, faults = value(head, braces, control)
    done = nfc(done)
    for part in subfields:
        made, wrong = value(part, braces, control)
        code = made[:1] if made[:1].isascii() else ""
        done += "\x1f" + code + nfc(made[len(code) :])
        faults += wrong
    return done.encode(), faults


def kind(text: bytes, braces: bool = False) -> int:
    """2: a byte is not ASCII; 1: there is an ESC, `&#x` or, with braces, a `{u` before more; 0: neither."""
    if not text.isascii():
        return 2
    return int(b"\x1b" in text or b"&#x" in text or (braces and b"{u" in text[:-1]))
