"""What rule files say about the statuses of items and about the work they leave after go-live.

`rules/README.md` explains each key to a librarian; see `ruleset.files.rules` for the rest.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

from transformer.ruleset.files.shapes import Shape

STATUS_MAP = "item_status"
"""The map that says what becomes of a status."""
NO_NOTE, NO_LOAN = "no note", "no loan"
"""Words that may stand beside a process type in `with_loan` and `with_request`."""


@dataclass(frozen=True)
class StatusAdd(Shape):
    """A status that no column holds: items that meet `when` have `code` of `kind`; code may be a template.

    no_loan: what meets it is this status and no loan, such as a charge to a user called MISSING.
    """

    id: str
    when: str
    kind: str
    code: str
    no_loan: bool = False
    why: str = ""


@dataclass(frozen=True)
class ItemStatusRules(Shape):
    """Where the statuses of items come from, and where what they say goes.

    columns: of the item, each of which holds statuses; its name is their kind. places: kind whose codes may
    be places too -> the map (or `map.key`) that knows places: such a code is no status. words: kinds whose
    codes are words and stand for a label that nobody gave. none: base status of an item without any; empty =
    not decided. add: further statuses. open_loan, hold_shelf: conditions; any of them says that the item is
    on loan, or waits on the hold shelf. note_in, note_prefix: the note that takes the text, and what stands
    before each. rank: process types; the first of them wins where an item would have several.
    """

    columns: tuple[str, ...] = ()
    places: dict[str, str] = dataclasses.field(default_factory=dict)
    words: tuple[str, ...] = ()
    none: Literal["", "0", "1"] = ""
    add: tuple[StatusAdd, ...] = ()
    open_loan: tuple[str, ...] = ()
    hold_shelf: tuple[str, ...] = ()
    note_in: Literal["internal_note_1", "internal_note_2", "internal_note_3"] = "internal_note_1"
    note_prefix: str = ""
    rank: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Worklist(Shape):
    """A procedure after go-live; maps name it in `after_go_live`.

    who: the items it is for: `any`, those `on loan`, or those `not in use` (neither on loan nor on the hold
    shelf). rest: it takes the items of a status that none of the status's own procedures is for. withdrawn:
    its items are withdrawn ones (`[item] withdrawn`). jobs: runs of the job that changes physical items, each
    parameter -> value. steps: sentences for a person; put_right: where it departs from the procedure that it
    was taken from. In all texts `{status}` and `{condition}` stand for those of the page.
    """

    title: str
    steps: tuple[str, ...]
    who: Literal["any", "on loan", "not in use"] = "any"
    rest: bool = False
    withdrawn: bool = False
    jobs: tuple[dict[str, str], ...] = ()
    put_right: str = ""
    why: str = ""
