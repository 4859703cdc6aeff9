"""What rule files say about the text of a volume: which pieces it may have, and what they give.

`base/enumeration.toml` explains it to a librarian.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

from transformer.ruleset.files.shapes import Shape

CAPTIONS, WORDS = "enumeration_caption", "chronology_word"
"""The maps of captions (with the levels that they stand for) and of months and seasons."""
LEVELS = ("series", "volume", "number", "part", "section", "piece", "extra")
"""Levels in the order in which they become enumeration_a, b ..."""
ENUMERATION = ("enumeration_a", "enumeration_b", "enumeration_c", "enumeration_d", "enumeration_e",
               "enumeration_f")  # fmt: skip
OTHERS = {
    "alternative": "enumeration_g",
    "alternative_2": "enumeration_h",
    "year": "chronology_i",
    "month": "chronology_j",
    "day": "chronology_k",
    "copy": "copy",
}
"""What else a piece may give, and the name that rules ask for it by."""
GIVEN = (*ENUMERATION, *OTHERS.values())
"""What rules may ask for as `enumeration.<name>`."""


@dataclass(frozen=True)
class Piece(Shape):
    """A piece of a text: a regular expression with {names}, and what its groups give, in order.

    A group that gives several says them with a blank between; groups that give the same are put together.
    alone: only where no level has a value yet. off: not looked for.
    """

    id: str
    pattern: str
    gives: tuple[str, ...]
    alone: bool = False
    off: bool = False
    why: str = ""


@dataclass(frozen=True)
class EnumerationRules(Shape):
    """source (`from`): columns of the item, the first that has a value is taken apart; none = nothing is.

    not_understood: the column that keeps the whole text then, beside the description. never: a regular
    expression of texts that are not taken apart. words: parts of patterns by name.
    """

    source: tuple[str, ...] = ()
    not_understood: Literal["description", "enumeration_a"] = "description"
    never: str = ""
    words: dict[str, str] = dataclasses.field(default_factory=dict)
    piece: tuple[Piece, ...] = ()
    why: str = ""
