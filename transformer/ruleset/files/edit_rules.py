"""What may stand in [[bib.edit]] and [[holdings.edit]], as plain dataclasses.

Where files write `from` and `with`, the shapes say `source` and `to`.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

from transformer.ruleset.files.shapes import Shape


@dataclass(frozen=True)
class Replaced(Shape):
    """What matches `pattern` in the fields, subfields or positions of `field` becomes `to` (`with`)."""

    field: str
    pattern: str
    to: str


@dataclass(frozen=True)
class Prefixed(Shape):
    """The values of the subfields of `field` begin with `to` (`with`), a template."""

    field: str
    to: str


@dataclass(frozen=True)
class Copied(Shape):
    """Fields of `source` (`from`), whole or some subfields of them, as new fields `to`.

    to: a tag, indicators if they are to be others, and one subfield code if all values go into one.
    """

    source: str
    to: str


@dataclass(frozen=True)
class Indicators(Shape):
    """Indicators of the fields of `field`; an empty one stays as it is, `_` is a blank."""

    field: str
    ind1: str = ""
    ind2: str = ""


@dataclass(frozen=True)
class Mapped(Shape):
    """The first value of the subfield `field`, looked up in a map; into: subfield code -> column of the map.

    field has a code for each key of the map, in their order.

    What the map does not know stays; it is told (`issue`) or not (`ignore`).
    """

    field: str
    map: str
    into: dict[str, str]
    on_unmapped: Literal["issue", "ignore"] = "issue"


@dataclass(frozen=True)
class MarcEdit(Shape):
    """One edit of bibs or holdings: an id, one verb, and what it depends on.

    add: a field by template. set: all fields of that tag become this one. drop: fields, or subfields where
    the specs name codes. keep: of the fields of the tags `of`, only these. copy, move: see `Copied`. replace,
    map, prefix, indicator: see there. retag: tag -> tag; the field keeps its place. sort: fields of a tag, by
    their text or by subfields. deduplicate: of equal fields (or with equal subfields) the first stays.
    when: condition. unless_there: not where the record has such a first subfield already. off: not done.
    """

    id: str
    add: str = ""
    set: str = ""
    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    copy: Copied | None = None
    move: Copied | None = None
    replace: Replaced | None = None
    map: Mapped | None = None
    prefix: Prefixed | None = None
    retag: dict[str, str] = dataclasses.field(default_factory=dict)
    indicator: Indicators | None = None
    sort: tuple[str, ...] = ()
    deduplicate: tuple[str, ...] = ()
    when: str = ""
    unless_there: bool = False
    off: bool = False
    why: str = ""

    @property
    def verbs(self) -> tuple[str, ...]:
        """The verbs that are said; there must be one."""
        return tuple(name for name in EDIT_VERBS if getattr(self, name))

    @property
    def made_by(self) -> str:
        """The template of `add` or `set`."""
        return self.add or self.set


EDIT_VERBS = (
    "add", "set", "drop", "keep", "copy", "move", "replace", "map", "prefix", "retag", "indicator", "sort",
    "deduplicate",
)  # fmt: skip


@dataclass(frozen=True)
class RecordList(Shape):
    """A list of records that meet `when`: columns, header -> template; one row for each different set."""

    id: str
    columns: dict[str, str]
    when: str = ""
    why: str = ""
