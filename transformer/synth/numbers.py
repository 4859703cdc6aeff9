"""Record numbers in the forms of a library system: bare, with a check digit, dotted, or with the letter a.

Where the shape file says no modulus, numbers have no check digit.

The check digit weighs the digits from the right with 2, 3, 4 ... and takes the sum modulo 11, 10 being
written as a letter; weights, modulus and letter come from the shape file. Published test values:
3384632 -> 7, 1125421 -> x.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from transformer.synth.draw import I64


@dataclass(frozen=True, slots=True)
class NumberShape:
    """How the system numbers things. letter and first: by kind (bib, item, patron ...).
    modulus 0: no check digits."""

    weight_from: int
    modulus: int
    ten: bytes
    letter: dict[str, bytes]
    first: dict[str, int]

    def check_digits(self, numbers: I64) -> list[bytes]:
        """One check digit for each number; nothing where the system has none."""
        if not self.modulus:
            return [b""] * len(numbers)
        total = np.zeros(len(numbers), np.int64)
        rest, weight = numbers.copy(), self.weight_from
        while rest.any():
            total += rest % 10 * weight
            rest //= 10
            weight += 1
        signs = [b"%d" % n for n in range(10)] + [self.ten]
        return [signs[n] for n in (total % self.modulus).tolist()]

    def dotted(self, kind: str, numbers: I64) -> list[bytes]:
        """Dot, letter, number, check digit: the form inside MARC."""
        letter = self.letter[kind]
        checks = self.check_digits(numbers)
        return [b".%s%d%s" % (letter, n, c) for n, c in zip(numbers.tolist(), checks, strict=True)]

    def listed(self, kind: str, numbers: I64, form: str) -> list[bytes]:
        """The form that the shape file names: "dotted", "check", "bare" or "letter-a"."""
        letter = self.letter[kind]
        if form == "dotted":
            return self.dotted(kind, numbers)
        if form == "check":
            return [dotted[1:] for dotted in self.dotted(kind, numbers)]
        tail = {"bare": b"", "letter-a": b"a"}[form]
        return [b"%s%d%s" % (letter, n, tail) for n in numbers.tolist()]
