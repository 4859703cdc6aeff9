"""Scores of texts weighed together, against a count by hand; words that begin with an accented capital."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transformer.extracts.charsets import CANDIDATES
from transformer.readers.chosen import choose
from transformer.readers.plausible import Texts, points_of
from transformer.readers.verdict import weigh


def pairs(text: bytes) -> Iterator[tuple[int, int]]:
    """Neighbours of which one is not ASCII, with delimiters around; the code of a subfield is none."""
    code = False
    for one, two in pairwise(b"\x1d" + text + b"\x1d"):
        if not code and max(one, two) >= 0x80:
            yield one, two
        code = one == 0x1F


def slow_score(text: bytes, encoding: str) -> float:
    points = sum(float(points_of(encoding)[one << 8 | two]) for one, two in pairs(text))
    counted = 0
    for byte, after in pairwise(text + b"\x1d"):
        counted += byte >= 0x80 or byte == 0x1B
        if byte == 0x1B:
            points += -1.0 if after not in b"(),-$spbg" else 3.0 if encoding == "marc8" else -4.0
    return points / counted if counted else 0.0


def slow_sound(text: bytes, encoding: str) -> bool:
    known = bytes(b for b in range(0x80) if b != 0x1B) + (b"\x1b" if encoding != "cp1252" else b"")
    high = [b for b in range(0x80, 0x100) if points_of(encoding)[b << 8] > -4.0]
    return not text.translate(None, known + bytes(high))


soups = st.lists(
    st.sampled_from(
        [b"\x1fa", b"\x1f", b"\x1b(N", b"\x1b", b"\x1e", b"E", b"e", b"1", b" ", b"\xe2e", b"\xc9"]
    )
    | st.binary(max_size=3),
    max_size=12,
).map(b"".join)


@settings(deadline=None, max_examples=300)
@given(st.lists(soups.map(lambda text: text.replace(b"\x1d", b"")), max_size=5))
def test_weighed_together_as_alone(texts: list[bytes]) -> None:
    weighed = Texts(texts)
    for name in CANDIDATES:
        assert weighed.scores(name).tolist() == pytest.approx([slow_score(text, name) for text in texts])
        assert weighed.sound(name).tolist() == [slow_sound(text, name) for text in texts]
    assert Texts(texts).sound("gb18030").tolist() == [decodes(text, "gb18030") for text in texts]


def decodes(text: bytes, codec: str) -> bool:
    try:
        text.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize("word", ["Édition", "Église", "Österreich", "Über", "Índice", "Ávila"])
def test_a_capital_behind_the_code_of_a_subfield(word: str) -> None:
    """The only byte outside ASCII of a record: the code is no small letter before it."""
    text = b"10\x1faTitle :\x1fb" + word.encode("cp1252") + b" one"
    files = [("été " * 20).encode("cp1252")]
    assert choose([text], weigh(files, container="mnemonic")) == ["cp1252"]
