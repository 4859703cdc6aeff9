"""What a maker of damage makes: bytes for the file, what each of them should become, and the record in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from tests.damage.records import Field, Made

RECORD, GARBAGE, SEPARATOR = "record", "garbage", "separator"


@dataclass(frozen=True, slots=True)
class Case:
    """One damaged record.

    variant: what was done, in a word. pieces: (bytes, what they are), side by side in the file; one is the
    record. leader, fields: what the record held; of a kind with share 0 what should come out, if anything.
    touched: places of fields that may come out otherwise.
    """

    variant: str
    pieces: tuple[tuple[bytes, str], ...]
    leader: str
    fields: tuple[Field, ...]
    touched: tuple[int, ...] = ()

    @property
    def raw(self) -> bytes:
        """All bytes."""
        return b"".join(piece for piece, _ in self.pieces)


Maker = Callable[[Random, Made, bytes], Iterator[Case]]
"""maker(random, record, the record that follows) -> cases, one for each variant."""

MAKERS: Final[dict[str, Maker]] = {}


def maker(kind: str) -> Callable[[Maker], Maker]:
    """Register a maker under its kind of damage."""

    def register(function: Maker) -> Maker:
        if kind in MAKERS:
            raise ValueError(f"{kind} has two makers")
        MAKERS[kind] = function
        return function

    return register


def case(variant: str, raw: bytes, made: Made, *touched: int) -> Case:
    """A case of one piece, from which all of `made` is to come out."""
    return Case(variant, ((raw, RECORD),), made.leader, made.fields, touched)
