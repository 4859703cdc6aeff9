"""What a MARC format allows, as data: tags, repeatability, indicators, subfield codes, fixed positions.

Files stand in `rules/base/marc/` (a site adds or replaces rows in its own `rules/marc/`); sources are the
formats themselves: MARC 21 of the Library of Congress, UNIMARC of IFLA. In the files `#` is a blank.
"""

from __future__ import annotations

from dataclasses import dataclass

LEADER_FIELD = "LDR"


@dataclass(frozen=True, slots=True)
class FieldFact:
    """One tag. ind1, ind2: the characters allowed; codes: subfield codes; once: those that may not repeat.

    A control field has neither indicators nor codes.
    """

    tag: str
    repeats: bool
    ind1: str = ""
    ind2: str = ""
    codes: str = ""
    once: str = ""

    @property
    def is_control(self) -> bool:
        """True for a field without subfields."""
        return not self.codes


@dataclass(frozen=True, slots=True)
class FixedFact:
    """Positions first .. last of the leader (LDR) or a control field, for one material ("" = any).

    characters: each position has one of these; or words: the positions together are one of these.
    """

    field: str
    material: str
    first: int
    last: int
    characters: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Material:
    """A material of 008, told by leader/06 and 07 ("" = any), and of 006 by its first character."""

    name: str
    leader06: str
    leader07: str
    first006: str


@dataclass(frozen=True, slots=True)
class MarcFacts:
    """All that is known of one format. name: `marc21_bib` ...; required: tags that every record has."""

    name: str
    fields: tuple[FieldFact, ...]
    fixed: tuple[FixedFact, ...] = ()
    materials: tuple[Material, ...] = ()
    required: tuple[str, ...] = ()
