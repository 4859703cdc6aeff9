"""How likely text is in one encoding rather than another, told from neighbouring bytes.

Any bytes are Windows-1252 and most are MARC-8, so that "it can be decoded" says little. What tells them apart
is which bytes stand beside each other: a mark of MARC-8 stands before a letter that it suits, an accented
letter of Windows-1252 stands before anything, and small letters stand before capitals nowhere. Each pair
of neighbours with a byte outside ASCII gets points; the sum over a text, by its bytes outside ASCII, is
its score. Points were set by hand and tried on the fixtures' files of known encoding.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from transformer.extracts.charsets import MARC8
from transformer.extracts.code_tables import code_tables, coding_of
from transformer.kernels.iso2022 import MARK

Points = npt.NDArray[np.float32]
Truths = npt.NDArray[np.bool_]
Scores = npt.NDArray[np.float64]
_HIGH: Final = 0x80
IMPOSSIBLE: Final = -4.0
_NO_LETTERS: Final = "ªºˆʹʺʻʼ"
_IN_WORDS: Final = "'·’ʹʺʻʼ\xad"
_ESC: Final = 0x1B
_DELIMITER: Final = 0x1F
_ESCAPE_BONUS: Final = 3.0
_DESIGNATES: Final = np.isin(np.arange(256), list(b"(),-$spbg"))
"""bool[256], bytes that may stand behind an ESC."""


class Texts:
    """N texts that are weighed together, which costs little more than weighing one."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        data = np.frombuffer(b"\x1d".join((b"", *texts, b"")), np.uint8)
        starts = np.cumsum([1, *(len(text) + 1 for text in texts)])[:-1]
        self._texts = texts
        high = np.flatnonzero(data >= _HIGH)
        escape = np.flatnonzero(data == _ESC)
        # Pairs by their first byte: one that is high, or stands before one that is.
        first = np.concatenate((high, high[data[high - 1] < _HIGH] - 1)) if len(high) else high
        # The code of a subfield is no letter of the word behind it.
        first = first[data[first - 1] != _DELIMITER]
        self._pair = data[first].astype(np.int32) << 8 | data[first + 1]
        self._byte = data[high] & 0x7F
        self._sound_escape = _DESIGNATES[data[escape + 1]]
        self._of_pair, self._of_high, self._of_escape = (
            np.searchsorted(starts, place, side="right") - 1 for place in (first + 1, high, escape)
        )

    def _sums(self, of: npt.NDArray[np.int64], weights: npt.NDArray[Any] | None = None) -> Scores:
        return np.bincount(of, weights, minlength=len(self._texts)).astype(np.float64)

    def scores(self, encoding: str) -> Scores:
        """float64[N], points for each byte outside ASCII, about -4 to 1; escape sequences speak for MARC-8.

        0 for ASCII. A text counts as if delimiters stood around it.
        """
        points = self._sums(self._of_pair, points_of(encoding)[self._pair])
        bonus = _ESCAPE_BONUS if encoding == MARC8 else IMPOSSIBLE
        points += self._sums(self._of_escape, np.where(self._sound_escape, bonus, -1.0))
        return points / np.maximum(self._sums(self._of_high) + self._sums(self._of_escape), 1.0)

    def sound(self, encoding: str) -> Truths:
        """bool[N], every character of a text is known to the encoding."""
        coding = coding_of(encoding)
        if coding is None:
            return np.array([_is_sound(text, encoding) for text in self._texts], np.bool_)
        row = code_tables().sets[coding.g1]
        wrong = self._sums(self._of_high, row[self._byte] == 0)
        if not coding.escapes:
            wrong += self._sums(self._of_escape)
        found: Truths = wrong == 0
        return found


def _is_sound(text: bytes, codec: str) -> bool:
    try:
        text.decode(codec)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


@dataclass(frozen=True, slots=True, eq=False)
class _Kinds:
    """What each byte is in an encoding, bool[256] each. mark: one that stands before its letter."""

    mark: Truths
    letter: Truths
    small: Truths
    capital: Truths
    digit: Truths
    vowel: Truths


@cache
def points_of(encoding: str) -> Points:
    """float32[65536], points of each pair of bytes, for an encoding that the kernel decodes."""
    coding = coding_of(encoding)
    assert coding is not None, encoding
    row = code_tables().sets[coding.g1].astype(np.int64)
    entries = [*range(_HIGH), *row.tolist()]
    kinds = _kinds_of(entries)
    other_script = _is_other_script(entries)
    points = np.zeros((256, 256), np.float32)
    for byte in range(_HIGH, 0x100):
        if entries[byte] == 0:
            points[byte, :] = IMPOSSIBLE
        elif kinds.mark[byte]:
            _mark_points(points, byte, chr(entries[byte] - MARK), kinds)
            if other_script:
                points[byte, _HIGH:][kinds.letter[_HIGH:]] = 0.8
        elif kinds.letter[byte] and other_script:
            _script_points(points, byte, kinds)
        elif kinds.letter[byte]:
            _letter_points(points, byte, kinds)
        else:
            _sign_points(points, byte, chr(entries[byte]))
    return points.reshape(-1)


def _kinds_of(entries: list[int]) -> _Kinds:
    characters = [chr(entry) if 0 < entry < MARK else "\0" for entry in entries]
    return _Kinds(
        np.array([entry >= MARK for entry in entries]),
        np.array([c.isalpha() and c not in _NO_LETTERS for c in characters]),
        np.array([c.islower() for c in characters]),
        np.array([c.isupper() for c in characters]),
        np.array([c.isdigit() for c in characters]),
        np.array([c in "aeiou" for c in characters]),
    )


def _is_other_script(entries: list[int]) -> bool:
    """True where the letters from 0x80 on are no Latin ones but of a script that has words of its own."""
    letters = [chr(entry) for entry in entries[_HIGH:] if 0 < entry < MARK and chr(entry).isalpha()]
    latin = sum(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    return 2 * latin < len(letters)


def _script_points(points: Points, byte: int, kinds: _Kinds) -> None:
    """A letter of another script stands beside its like, not within a word in ASCII; capitals come first."""
    same = np.where(kinds.capital & kinds.small[byte], -1.5, 0.7)[_HIGH:]
    points[byte, _HIGH:][kinds.letter[_HIGH:]] += same[kinds.letter[_HIGH:]]
    plain = kinds.letter.copy()
    plain[_HIGH:] = False
    points[byte, plain] -= 1.0
    points[plain, byte] -= 1.0


def _mark_points(points: Points, byte: int, mark: str, kinds: _Kinds) -> None:
    """A mark goes before a letter; all the better where the two are one character of Unicode."""
    points[byte, :] = -2.0
    points[_DELIMITER, byte] = IMPOSSIBLE  # a subfield code is no mark
    points[byte, _HIGH:][kinds.letter[_HIGH:]] = 0.0
    points[byte, kinds.mark] = -0.4
    for letter in (*range(0x41, 0x5B), *range(0x61, 0x7B)):
        whole = unicodedata.normalize("NFC", chr(letter) + mark)
        usual = chr(letter) in "aeiouAEIOU" or ord(whole[0]) < 0x180
        points[byte, letter] = (1.0 if usual else 0.4) if len(whole) == 1 else -0.7


def _sign_points(points: Points, byte: int, sign: str) -> None:
    """A sign does not stand inside a word."""
    if sign in "♭♯":
        points[byte, 0x30:0x3A] = -1.0
    elif sign == "©":
        points[byte, 0x30:0x3A] = 0.8
    elif sign not in _IN_WORDS:
        points[0x41:0x5B, byte] -= 0.5
        points[0x61:0x7B, byte] -= 0.5


def _letter_points(points: Points, byte: int, kinds: _Kinds) -> None:
    """A letter goes with letters of its case."""
    after = np.where(kinds.digit, -1.0, 0.5)
    before = np.where(kinds.digit, -0.5, 0.0)
    plain = kinds.letter.copy()
    plain[_HIGH:] = False
    after[plain] = 0.4
    before[plain] = 0.3
    if kinds.small[byte]:
        after[plain & kinds.vowel] = -0.3
        after[plain & kinds.capital] = -1.0
    else:
        before[plain & kinds.small] = -2.0
    # Accented letters side by side: another script, taken for this one.
    after[_HIGH:][kinds.letter[_HIGH:]] = -1.0
    before[_HIGH:][kinds.letter[_HIGH:]] = 0.0
    points[byte, 0x20:] += after[0x20:]
    points[0x20:, byte] += before[0x20:]


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
