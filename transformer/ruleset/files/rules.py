"""What may stand in rule files, as plain dataclasses: the shapes of the language.

`rules/README.md` explains each key to a librarian; here are the same keys for the compiler. In files the
key `from` is written where the shapes say `source` (Python keeps `from` for itself). Everything is text
unless said otherwise.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from transformer.ruleset.files.code_lists import CodeList, ListRules
from transformer.ruleset.files.edit_rules import MarcEdit as MarcEdit
from transformer.ruleset.files.edit_rules import RecordList
from transformer.ruleset.files.enumeration_rules import EnumerationRules
from transformer.ruleset.files.extract_rules import LINKED as LINKED
from transformer.ruleset.files.extract_rules import LOAN_NAMES as LOAN_NAMES
from transformer.ruleset.files.extract_rules import REQUEST_NAMES as REQUEST_NAMES
from transformer.ruleset.files.extract_rules import Dates as Dates
from transformer.ruleset.files.extract_rules import Extract as Extract
from transformer.ruleset.files.extract_rules import Flat as Flat
from transformer.ruleset.files.extract_rules import NumberKind as NumberKind
from transformer.ruleset.files.extract_rules import NumberShape as NumberShape
from transformer.ruleset.files.extract_rules import Profile as Profile
from transformer.ruleset.files.profile_rules import ImportProfile
from transformer.ruleset.files.shapes import Shape
from transformer.ruleset.files.status_rules import ItemStatusRules as ItemStatusRules
from transformer.ruleset.files.status_rules import Worklist as Worklist
from transformer.schema.marc_facts import MarcFacts

OnUnmapped = Literal["issue", "keep", "set_aside", "ignore"]


@dataclass(frozen=True)
class ColumnRule(Shape):
    """How one column of a delivered thing is made; a column may have several, the first that gives a value.

    source (`from`): columns or field specs; the first that is not blank, or all with `join`. value: a
    constant. text: a template. sql: one scalar expression. Then clean, match/group, date or map, in this
    order. when: condition. repeats: what to do with repeated values: empty = take the first, else join, and
    match and leave_out (those that fit are left out) look at each.
    unique, blank: what becomes of values that several have, of gaps; of items they may be changed (see
    compile_unique).
    """

    source: tuple[str, ...] = ()
    value: str | None = None
    text: str = ""
    sql: str = ""
    clean: tuple[str, ...] = ()
    match: str = ""
    group: int = 0
    leave_out: str = ""
    date: str = ""
    map: str = ""
    take: str = ""
    on_unmapped: OnUnmapped = "issue"
    default: str = ""
    join: str | None = None
    repeats: str = ""
    when: str = ""
    unique: Literal["", "report", "ignore_case", "first", "suffix", "drop", "set_aside"] = ""
    blank: Literal["", "report", "set_aside"] = ""
    why: str = ""


@dataclass(frozen=True)
class CallNumberTag(Shape):
    """A tag of the bib that may give a call number, its 852 scheme, and the field specs of its parts."""

    tag: str
    scheme: str
    class_part: str
    whole: str


@dataclass(frozen=True)
class BibRules(Shape):
    """Edits in order, where a bib's call number is found, and the form of text (see `writers.text`).

    deleted: what becomes of records whose leader/05 is d. list: lists of bibs beside their files.
    """

    edit: tuple[MarcEdit, ...] = ()
    list: tuple[RecordList, ...] = ()
    call_number: tuple[CallNumberTag, ...] = ()
    deleted: Literal["keep", "suppress", "set_aside"] = "keep"
    nfc: bool = False
    forbidden: Literal["", " ", "\ufffd"] = ""


@dataclass(frozen=True)
class Summary(Shape):
    """A field of holdings that we make: for each value of the column `each` of [item] or [holdings_row] one
    `field`, a template with {value}."""

    id: str
    each: str
    field: str
    why: str = ""


@dataclass(frozen=True)
class HoldingsMatch(Shape):
    """How items find the MARC holdings that they belong to.

    number: column of the item's extract with the number of its holdings. columns: column of [item] -> the
    subfield of an edited holdings field that must be equal, within one bib; the first of several is taken.
    """

    number: str = ""
    columns: dict[str, str] = dataclasses.field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True)
class HoldingsRules(Shape):
    """Holdings made from items: columns that tell them apart, leader, 008, field templates, form of text.

    summary: further fields, one for each value that the items of the record have. edit: edits of holdings
    that come as MARC records, list: lists of those; match: how items find them.
    """

    key: tuple[str, ...]
    leader: str
    f008: str
    field: tuple[str, ...]
    summary: tuple[Summary, ...] = ()
    edit: tuple[MarcEdit, ...] = ()
    list: tuple[RecordList, ...] = ()
    match: HoldingsMatch = dataclasses.field(default_factory=HoldingsMatch)
    nfc: bool = False
    forbidden: Literal["", " ", "\ufffd"] = ""
    why: str = ""


@dataclass(frozen=True)
class Lines(Shape):
    """A value cut into lines: `by` what, `into` which columns."""

    by: str
    into: tuple[str, ...]


@dataclass(frozen=True)
class LastLine(Shape):
    """The last line, where it matches, gives these columns instead of staying a line."""

    match: str
    into: tuple[str, ...]


@dataclass(frozen=True)
class ChildRow(Shape):
    """Rows of a child table from one column: one for each repeated value, cut further by `split`.

    into: column that takes the value; or `lines`. columns: what else goes into the row: column of the child
    -> columns of the extract, of which the values of the same place are joined by a blank; there is a row
    where any of all these has a value. set: constants. preferred: the first row of all such rules gets
    preferred = true, the others false. first_when: where it holds, its rows come before those of others.
    """

    id: str
    each: str
    into: str = ""
    columns: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    split: str = ""
    clean: tuple[str, ...] = ()
    lines: Lines | None = None
    last_line: LastLine | None = None
    set: dict[str, str] = dataclasses.field(default_factory=dict)
    preferred: bool = False
    first_when: str = ""
    why: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Every column of the extract that it reads."""
        return (self.each, *(name for names in self.columns.values() for name in names))


@dataclass(frozen=True)
class Child(Shape):
    """A child table of patrons: its rows' rules in order."""

    row: tuple[ChildRow, ...] = ()


@dataclass(frozen=True)
class MapShape(Shape):
    """A map: key columns, target columns, those that may not be blank (`must`), how rows are matched.

    match: empty = by key, `*` = any other; `code or label` = the row's own column `match` says whether the
    code, its label, or both must agree. labels: extra column with a name, for people. optional: keys that a
    file may lack: blank there, which is any. source (`from`): names that are looked up where a column names
    the map and nothing else.
    """

    keys: tuple[str, ...]
    columns: tuple[str, ...]
    must: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    match: Literal["", "code or label"] = ""
    labels: str = "label"
    source: tuple[str, ...] = ()
    replace: bool = False
    why: str = ""


@dataclass(frozen=True)
class DeliveryTable(Shape):
    """A delimited table of a target: made of which thing, in which folder, columns in order, headers."""

    of: str
    folder: str
    columns: tuple[str, ...]
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    personal: bool = False


@dataclass(frozen=True)
class DeliveryHoldings(Shape):
    """Which columns fill library and location of the holdings records.

    columns: of a delimited table of all holdings, if it is wanted: number, bib_number, those of the key, and
    made_of (`made`, `marc`). headers: where they differ.
    """

    library: str
    location: str
    columns: tuple[str, ...] = ()
    headers: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Delivery(Shape):
    """One delivery target."""

    item: DeliveryTable
    patron: DeliveryTable
    holdings: DeliveryHoldings
    code_table: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class ChildTable(Shape):
    """Folder and columns of a child table in the delivery.

    unique: column whose values, whatever their case, two things may not share: shared ones are told.
    """

    folder: str
    columns: tuple[str, ...]
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    unique: str = ""


@dataclass(frozen=True)
class Rules(Shape):
    """The merged rule files of base, system and site."""

    name: str = ""
    number_shape: dict[str, NumberShape] = dataclasses.field(default_factory=dict)
    number: dict[str, NumberKind] = dataclasses.field(default_factory=dict)
    dates: dict[str, Dates] = dataclasses.field(default_factory=dict)
    extract: dict[str, Extract] = dataclasses.field(default_factory=dict)
    bib: BibRules = dataclasses.field(default_factory=BibRules)
    item: dict[str, tuple[ColumnRule, ...]] = dataclasses.field(default_factory=dict)
    item_status: ItemStatusRules = dataclasses.field(default_factory=ItemStatusRules)
    patron: dict[str, tuple[ColumnRule, ...]] = dataclasses.field(default_factory=dict)
    holdings: HoldingsRules | None = None
    holdings_row: dict[str, tuple[ColumnRule, ...]] = dataclasses.field(default_factory=dict)
    patron_identifier: Child = dataclasses.field(default_factory=Child)
    patron_address: Child = dataclasses.field(default_factory=Child)
    patron_phone: Child = dataclasses.field(default_factory=Child)
    patron_email: Child = dataclasses.field(default_factory=Child)
    patron_note: Child = dataclasses.field(default_factory=Child)
    map: dict[str, MapShape] = dataclasses.field(default_factory=dict)
    delivery: dict[str, Delivery] = dataclasses.field(default_factory=dict)
    child: dict[str, ChildTable] = dataclasses.field(default_factory=dict)
    validation: dict[str, str] = dataclasses.field(default_factory=dict)
    worklist: dict[str, Worklist] = dataclasses.field(default_factory=dict)
    enumeration: EnumerationRules = dataclasses.field(default_factory=EnumerationRules)
    import_profile: ImportProfile = dataclasses.field(default_factory=ImportProfile)
    list: dict[str, ListRules] = dataclasses.field(default_factory=dict)


THINGS = ("item", "patron", "holdings_row")
"""Things whose columns rules make."""
CHILDREN = ("patron_identifier", "patron_address", "patron_phone", "patron_email", "patron_note")


@dataclass(frozen=True, slots=True)
class MapRow:
    """One row of a map: its values by column, where it stands, and rank (0 base, 1 system, 2 site)."""

    values: Mapping[str, str]
    file: str
    line: int
    rank: int


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Merged rules and maps. origins: path of a key -> the file that says it. files: all files read.

    vocabulary: columns that the rules of base name. A system whose extracts lack one has it empty.
    formats: kind of record -> what its MARC format allows, of the kinds that are looked at. lists: codes that
    Alma knows, by name.
    """

    system: str
    rules: Rules
    maps: Mapping[str, tuple[MapRow, ...]]
    origins: Mapping[tuple[str, ...], str]
    files: tuple[str, ...]
    vocabulary: frozenset[str] = frozenset()
    formats: tuple[tuple[str, MarcFacts], ...] = ()
    lists: Mapping[str, CodeList] = dataclasses.field(default_factory=dict)

    def origin(self, *path: str) -> str:
        """The file that says the key, or the nearest key above it; empty if none does."""
        for length in range(len(path), 0, -1):
            found = self.origins.get(tuple(path[:length]))
            if found:
                return found
        return self.files[-1] if self.files else ""

    def making(self, kind: str) -> tuple[tuple[str, Extract], ...]:
        """Names and extracts that make things of a kind, in the order of the rules."""
        extracts = self.rules.extract.items()
        return tuple((n, e) for n, e in extracts if not e.adds_to and (e.makes or n) == kind)

    def adding(self, kind: str) -> tuple[tuple[str, Extract], ...]:
        """Names and extracts whose rows add columns to things of a kind, in the order of the rules."""
        return tuple((n, e) for n, e in self.rules.extract.items() if e.adds_to == kind)
