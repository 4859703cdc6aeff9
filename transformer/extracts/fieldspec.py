"""Field specs: which part of a MARC record is meant, in a few characters.

    001          the value of a control field; of a data field all its subfields, joined by a blank
    245abn       these subfields, in the order of the record; several codes of one field are joined by
                 a blank, a single code gives one value a subfield
    852|1*|bc    only fields with these indicators; * is any, # or a blank is a blank
    008/35-37    bytes 35 to 37 of a control field, both included, counted from 0; 008/06 is one byte
    LDR, LDR/06  the leader, a part of it

One code, one value: two $a of one 020 are two numbers, not one (as traject has it). A slice that would
cut a character in two leaves it out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from transformer.errors import UsageError

LEADER: Final = "LDR"
ANY: Final = "*"

_SPEC: Final = re.compile(
    r"(?P<tag>[0-9A-Za-z]{3})"
    r"(?:\|(?P<indicators>[^|]*)\|)?"
    r"(?P<codes>[^/|]*)"
    r"(?:/(?P<slice>.*))?",
    re.DOTALL,
)
_SLICE: Final = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")
_INDICATORS: Final = re.compile(r"[0-9a-z #*]{2}")
_CODES: Final = re.compile(r"[!-~]*")


class FieldSpecError(UsageError):
    """A field spec that says nothing; `where` is the spec, `what` is what is wrong with it."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One parsed spec. text: as it was written, the name of its column. tag: three characters, or LDR.

    ind1, ind2: a character, or `*` for any. codes: wanted subfield codes, empty for the whole field.
    first, last: bytes of a control field's value, both included; 0 and -1 for all of it.
    """

    text: str
    tag: str
    ind1: str = ANY
    ind2: str = ANY
    codes: str = ""
    first: int = 0
    last: int = -1

    @property
    def is_slice(self) -> bool:
        """True if only some bytes of a control field or the leader are meant."""
        return self.last >= 0


def parse_field_spec(text: str) -> FieldSpec:
    """The field spec that `text` says. Raises FieldSpecError with the spec and what is wrong.

    >>> parse_field_spec("852|1*|bc").codes
    'bc'
    >>> parse_field_spec("008/35-37").last
    37
    """
    match = _SPEC.fullmatch(text)
    if match is None:
        raise _error(text, "does not begin with a tag of three letters or digits, or LDR")
    tag, codes, indicators = match["tag"], match["codes"], match["indicators"]
    if not _CODES.fullmatch(codes):
        raise _error(text, f"{codes!r} are not subfield codes")
    if len(set(codes)) < len(codes):
        raise _error(text, "names a subfield code twice")
    ind1 = ind2 = ANY
    if indicators is not None:
        if not _INDICATORS.fullmatch(indicators):
            raise _error(text, f"between the bars stand two indicators, not {indicators!r}")
        blanks = indicators.replace("#", " ")
        ind1, ind2 = blanks[0], blanks[1]
    if tag == LEADER and (codes or indicators is not None):
        raise _error(text, "the leader has no indicators and no subfields")
    if match["slice"] is None:
        return FieldSpec(text, tag, ind1, ind2, codes)
    if codes or indicators is not None:
        raise _error(text, "bytes are counted in control fields and the leader, which have no subfields")
    first, last = _slice(text, match["slice"])
    return FieldSpec(text, tag, ind1, ind2, codes, first, last)


def _slice(text: str, words: str) -> tuple[int, int]:
    """First and last byte of `35-37` or `06`."""
    match = _SLICE.fullmatch(words)
    if match is None:
        raise _error(text, f"after the stroke stand one or two numbers, not {words!r}")
    first = int(match[1])
    last = int(match[2]) if match[2] is not None else first
    if last < first:
        raise _error(text, f"ends before it begins: {words}")
    return first, last


def _error(text: str, what: str) -> FieldSpecError:
    return FieldSpecError(what, f"field spec {text!r}", "such as 001, 245abn, 852|1*|bc, 008/35-37, LDR/06")
