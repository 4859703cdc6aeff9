"""Check digits against published and real record numbers."""

from __future__ import annotations

import numpy as np
import pytest

from transformer.synth.numbers import NumberShape

SHAPE = NumberShape(2, 11, b"x", {"bib": b"b", "item": b"i"}, {"bib": 1, "item": 1})


@pytest.mark.parametrize(
    ("number", "digit"),
    # The first two are published test values; the others stand in real exports.
    [(3384632, b"7"), (1125421, b"x"), (1057414, b"1"), (1388417, b"7"), (12763831, b"3"), (4227591, b"x")],
)
def test_check_digit(number: int, digit: bytes) -> None:
    assert SHAPE.check_digits(np.array([number])) == [digit]


def test_forms() -> None:
    numbers = np.array([1057414])
    assert SHAPE.dotted("bib", numbers) == [b".b10574141"]
    assert SHAPE.listed("bib", numbers, "check") == [b"b10574141"]
    assert SHAPE.listed("bib", numbers, "bare") == [b"b1057414"]
    assert SHAPE.listed("bib", numbers, "letter-a") == [b"b1057414a"]
