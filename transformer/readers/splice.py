"""Arrays with pieces put in or left out, for the few records of a batch that were repaired or are lost.

Whole runs are copied: to choose every field by an index cost 8 of the 48 ms in which a partition of 16 MiB
with 40 such records was read and taken apart, and held the interpreter meanwhile; with runs it is 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

T = TypeVar("T", bound=np.number[Any])
Ints = npt.NDArray[np.integer[Any]]


def put_in(one: npt.NDArray[T], two: npt.NDArray[T], at: Ints, two_from: Ints) -> npt.NDArray[T]:
    """`one` with two[two_from[n]:two_from[n + 1]] before one[at[n]]. at: rising; equal ones in order."""
    pieces, done = [], 0
    for place, begin, end in zip(at.tolist(), two_from[:-1].tolist(), two_from[1:].tolist(), strict=True):
        pieces += [one[done:place], two[begin:end]]
        done = place
    return np.concatenate([*pieces, one[done:]])


def left_out(values: npt.NDArray[T], begins: Ints, ends: Ints) -> npt.NDArray[T]:
    """`values` without values[begins[n]:ends[n]]; rising, not overlapping."""
    edges: Sequence[int] = [0, *np.stack([begins, ends], axis=1).ravel().tolist(), len(values)]
    return np.concatenate([values[edges[n] : edges[n + 1]] for n in range(0, len(edges), 2)])
