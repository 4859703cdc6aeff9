"""How likely text is in one encoding rather than another, told from neighbouring bytes.

Any bytes are Windows-1252 and most are MARC-8, so that "it can be decoded" says little. What tells them apart
is which bytes stand beside each other: a mark of MARC-8 stands before a letter that it suits, an accented
letter of Windows-1252 stands before anything, and small letters stand before capitals nowhere. Each pair
of neighbours with a byte outside ASCII gets points; the sum over a text, by its bytes outside ASCII, is
its score. Points were set by hand and tried on the fixtures' files of known encoding.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from transformer.extracts.charsets import MARC8
from transformer.extracts.code_tables import code_tables, coding_of
from transformer.kernels.iso2022 import MARK

Points = npt.NDArray[np.float32]
_HIGH: Final = 0x80
IMPOSSIBLE: Final = -4.0
_ESCAPE_BONUS: Final = 3.0
_DESIGNATORS: Final = tuple(b"\x1b" + rest for rest in (b"(", b")", b",", b"-", b"$", b"s", b"p", b"b", b"g"))


def pairs_of(text: bytes) -> npt.NDArray[np.int32]:
    """int32[N], a << 8 | b for each byte a that stands before a byte b, where one of them is not ASCII."""
    data = np.frombuffer(text, np.uint8).astype(np.int32)
    one, two = data[:-1], data[1:]
    wanted = (one | two) >= _HIGH
    return one[wanted] << 8 | two[wanted]


def score(text: bytes, encoding: str) -> float:
    """Points for each byte outside ASCII, about -4 to 1; escape sequences speak for MARC-8."""
    high = int(np.count_nonzero(np.frombuffer(text, np.uint8) >= _HIGH))
    escapes = text.count(b"\x1b")
    if not high and not escapes:
        return 0.0
    points = float(points_of(encoding)[pairs_of(text)].sum()) if high else 0.0
    if escapes:
        sound = sum(text.count(lead) for lead in _DESIGNATORS)
        points += (_ESCAPE_BONUS if encoding == MARC8 else IMPOSSIBLE) * sound - (escapes - sound)
    return points / (high + escapes)


@cache
def points_of(encoding: str) -> Points:
    """float32[65536], points of each pair of bytes, for an encoding that the kernel decodes."""
    coding = coding_of(encoding)
    assert coding is not None, encoding
    row = code_tables().sets[coding.g1]
    points = np.zeros((256, 256), np.float32)
    for byte in range(_HIGH, 0x100):
        entry = int(row[byte & 0x7F])
        if entry == 0:
            points[byte, :] = IMPOSSIBLE
        elif entry >= MARK:
            _mark_points(points, byte, chr(entry - MARK), row)
        else:
            _letter_points(points, byte, chr(entry), row)
    return points.reshape(-1)


def _mark_points(points: Points, byte: int, mark: str, row: npt.NDArray[np.uint32]) -> None:
    """A mark goes before a letter; all the better where the two are one character of Unicode."""
    points[byte, :] = -2.0
    for letter in (*range(0x41, 0x5B), *range(0x61, 0x7B)):
        whole = unicodedata.normalize("NFC", chr(letter) + mark)
        vowel = chr(letter) in "aeiouAEIOU"
        points[byte, letter] = (1.0 if vowel or ord(whole[0]) < 0x180 else 0.4) if len(whole) == 1 else -0.7
    for other in range(_HIGH, 0x100):
        entry = int(row[other & 0x7F])
        points[byte, other] = -0.4 if entry >= MARK else 0.0 if entry and chr(entry).isalpha() else -2.0


def _letter_points(points: Points, byte: int, character: str, row: npt.NDArray[np.uint32]) -> None:
    """A letter goes with letters of its case; a sign does not stand inside a word."""
    if not character.isalpha() or character in "ªºˆʹʺʻʼ":
        if character in "♭♯":
            points[byte, 0x30:0x3A] = -1.0
        elif character == "©":
            points[byte, 0x30:0x3A] = 0.8
        elif character not in "'·’ʹʺʻʼ\xad":
            for left in (*range(0x41, 0x5B), *range(0x61, 0x7B)):
                points[left, byte] -= 0.5
        return
    for other in range(0x20, 0x100):
        entry = other if other < _HIGH else int(row[other & 0x7F])
        neighbour = chr(entry) if 0 < entry < MARK else "\0"
        if not neighbour.isalpha():
            points[byte, other] += 0.5 if not neighbour.isdigit() else -1.0
            points[other, byte] += -0.5 if neighbour.isdigit() else 0.0
            continue
        if other >= _HIGH:  # accented letters side by side: another script, taken for this one
            points[byte, other] -= 1.0
            continue
        both_vowels = character.islower() and neighbour in "aeiou"
        if character.islower() and neighbour.isupper():
            points[byte, other] -= 1.0
        else:
            points[byte, other] += -0.3 if both_vowels else 0.4
        if neighbour.islower() and character.isupper():
            points[other, byte] -= 2.0
        else:
            points[other, byte] += 0.3


def east_asian(text: bytes) -> tuple[str, float]:
    """(codec, share of its pairs that are common characters) of the likeliest East Asian encoding.

    ("", 0.0) where the bytes outside ASCII do not come in runs, as they do in these scripts. Common are the
    first level of GB 2312 (B0-D7) and of Big5 (A4-C6), the syllables of KS X 1001 (B0-C8), and kana.
    """
    runs = [run for run in _runs(text) if len(run) >= 2]
    total = sum(map(len, runs))
    if total < 8 or sum(len(run) for run in runs if len(run) >= 4) < 0.6 * total:
        return "", 0.0
    leads = np.frombuffer(b"".join(run[: len(run) & ~1][::2] for run in runs), np.uint8)
    seconds = np.frombuffer(b"".join(run[: len(run) & ~1][1::2] for run in runs), np.uint8)
    count = max(1, len(leads))
    shares = {
        "euc_jp": 1.2 * _share((leads == 0xA4) | (leads == 0xA5), count),
        "euc_kr": _share((leads >= 0xB0) & (leads <= 0xC8) & (seconds >= 0xA1), count) - 0.06,
        "gb18030": _share((leads >= 0xB0) & (leads <= 0xD7) & (seconds >= 0xA1), count) - 0.12,
        "big5": _share((leads >= 0xA4) & (leads <= 0xC6), count) - 0.15,
        "shift_jis": 1.5 * _share((leads == 0x82) | (leads == 0x83), count),
    }
    for name in sorted(shares, key=lambda name: -shares[name]):
        try:
            text.decode(name)
        except UnicodeDecodeError:
            continue
        return (name, shares[name]) if shares[name] >= 0.6 else ("", 0.0)
    return "", 0.0


def _share(hits: npt.NDArray[np.bool_], count: int) -> float:
    return float(hits.sum()) / count


def _runs(text: bytes) -> list[bytes]:
    """Runs of bytes outside ASCII; the second byte of a pair may be ASCII (Big5, GBK, Shift-JIS)."""
    import re

    return re.findall(rb"(?:[\x81-\xfe][\x40-\x7e\x80-\xfe])+", text)


def is_sound(text: bytes, encoding: str) -> bool:
    """True where every character of a text is known to the encoding."""
    coding = coding_of(encoding)
    if coding is None:
        try:
            text.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            return False
        return True
    row = code_tables().sets[coding.g1]
    known = all(row[byte & 0x7F] for byte in set(text) if byte >= _HIGH)
    return known and (coding.escapes or b"\x1b" not in text)
