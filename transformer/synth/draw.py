"""Random draws that are the same on every machine and for every version of numpy and Python.

numpy promises that the raw 64 bits of a bit generator stay as they are, but not what `Generator.integers`
or `choice` make of them (NEP 19). So we take the raw bits and do the rest in exact integer and IEEE
arithmetic: no logarithms, no powers, whose last bit depends on the platform's libm.
Every column of every shard has a stream of its own, named: adding one never changes another.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]
BOOL = npt.NDArray[np.bool_]
T = TypeVar("T")


class Draws:
    """The streams of one shard. The same (seed, shard, name, count) gives the same numbers, always."""

    def __init__(self, seed: int, shard: int) -> None:
        self._seed = seed
        self._shard = shard

    def raw(self, name: str, count: int) -> U64:
        """`count` random uint64."""
        sequence = np.random.SeedSequence([self._seed, self._shard, zlib.crc32(name.encode())])
        return np.random.PCG64(sequence).random_raw(count)

    def unit(self, name: str, count: int) -> F64:
        """`count` numbers in [0, 1), in steps of 2**-53."""
        return (self.raw(name, count) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def below(self, name: str, count: int, size: int) -> I64:
        """`count` whole numbers in [0, size); size below 2**32."""
        return ((self.raw(name, count) >> np.uint64(32)) * np.uint64(size) >> np.uint64(32)).astype(np.int64)

    def chance(self, name: str, count: int, share: float) -> BOOL:
        """`count` booleans, true with probability `share`."""
        return np.asarray(self.unit(name, count) < share)

    def pick(self, name: str, count: int, shares: Sequence[float]) -> I64:
        """`count` indexes into `shares`, drawn in proportion to them (they need not add up to 1)."""
        total = np.cumsum(np.asarray(shares, np.float64))
        at = np.searchsorted(total, self.unit(name, count) * total[-1], side="right")
        made: I64 = np.minimum(at, len(shares) - 1).astype(np.int64)
        return made

    def rolls(self, name: str) -> Rolls:
        """A stream for building pools, one number at a time."""
        return Rolls(self, name)


class Rolls:
    """One number after another, for code that runs once and may be slow."""

    def __init__(self, draws: Draws, name: str) -> None:
        self._numbers = self._endless(draws, name)

    @staticmethod
    def _endless(draws: Draws, name: str) -> Iterator[int]:
        block = 0
        while True:
            yield from (draws.raw(f"{name}/{block}", 8192) >> np.uint64(32)).tolist()
            block += 1

    def below(self, size: int) -> int:
        """A whole number in [0, size)."""
        return next(self._numbers) * size >> 32

    def between(self, low: int, high: int) -> int:
        """A whole number in [low, high], both included."""
        return low + self.below(high - low + 1)

    def of(self, pool: Sequence[T]) -> T:
        """One of the pool."""
        return pool[self.below(len(pool))]


def take(pool: Sequence[T], at: Iterable[int]) -> list[T]:
    """The pool's entries at these indexes, as a list."""
    return list(map(pool.__getitem__, at))
