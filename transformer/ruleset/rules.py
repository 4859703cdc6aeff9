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

from transformer.ruleset.shapes import Shape
from transformer.schema.marc_facts import MarcFacts

OnUnmapped = Literal["issue", "keep", "set_aside", "ignore"]
Container = Literal["marc", "embedded", "delimited", "fixed", "flat", "dump"]
ROWS = ("delimited", "fixed", "flat", "dump")
"""Containers of rows: each gives a table of text columns."""
LINKED = ("loan", "request", "item_status")
"""Kinds of rows that hang on an item; a number of their own is not needed."""
LOAN_NAMES = ("open", "due_date", "loan_date", "claimed", "patron_number")
REQUEST_NAMES = ("open", "on_shelf", "found", "placed", "expires", "pickup", "patron_number")
"""What item rules may ask of loans and requests, whether or not an extract has it."""


@dataclass(frozen=True)
class NumberShape(Shape):
    """How record numbers are written: least and most digits, what may stand before them, check digit.

    check_digit `mod11`: weights 2, 3, 4 ... from the right, sum modulo 11, 10 is written x.
    placeholder: a character that stands for any check digit. pattern: for numbers that are more than
    digits, a regular expression in place of all these.
    """

    digits: tuple[int, int] = (1, 18)
    pattern: str = ""
    leading: str = ""
    check_digit: Literal["", "mod11"] = ""
    placeholder: str = ""
    why: str = ""


@dataclass(frozen=True)
class NumberKind(Shape):
    """Numbers of one kind: their shape and the letter before the digits."""

    shape: str
    letter: str = ""


@dataclass(frozen=True)
class Dates(Shape):
    """A way dates are written: patterns tried in order (YYYY YY MM DD and signs), and the pivot.

    pivot: a two-digit year is of this century up to so many years after the day of the run.
    """

    patterns: tuple[str, ...]
    pivot: int = 20
    why: str = ""


@dataclass(frozen=True)
class Profile(Shape):
    """One layout of a MARC extract. signs: condition -> least share of a file's records that meet it.

    columns: name -> field specs, first that is not blank. drop: tags of the system, left out.
    merge `same-number`: bibs with one number and equal fields become one; may_differ: tags that are not
    compared (embedded fields and `drop` never are). differing: what happens to those whose fields differ:
    each for itself (`apart`), or the first takes the fields that it lacks (`united`).
    holdings `interleaved`: holdings stand in the file of the bibs under their bib's number.
    """

    name: str
    signs: dict[str, float] = dataclasses.field(default_factory=dict)
    columns: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    drop: tuple[str, ...] = ()
    merge: Literal["", "same-number"] = ""
    may_differ: tuple[str, ...] = ("005",)
    differing: Literal["apart", "united"] = "apart"
    holdings: Literal["", "interleaved"] = ""
    why: str = ""


@dataclass(frozen=True)
class Again(Shape):
    """Fixed columns that repeat: `positions` of the first time, moved on by `every` bytes each time.

    times: positions of the count; empty = to the end of the row.
    """

    every: int
    positions: dict[str, str]
    times: str = ""


@dataclass(frozen=True)
class Flat(Shape):
    """Text in documents. boundary: how the line before each begins. A tag stands between tag_start and
    tag_end at the beginning of a line, its value behind value_start (blanks before it are left out).

    A tag that ends in block_start opens a block, the same name with block_end closes it; tags inside are
    called `BLOCK/TAG`. A line without a tag goes on with the value before, `join` between. skip: lines
    that begin so say nothing.
    """

    boundary: str
    tag_start: str = "."
    tag_end: str = "."
    value_start: str = ""
    block_start: str = ""
    block_end: str = ""
    join: str = " "
    skip: tuple[str, ...] = ()


@dataclass(frozen=True)
class Extract(Shape):
    """One extract: a file, or the part of one, that gives records, fields or rows of one kind.

    container: `marc`, `embedded` (fields of another extract), or rows: `delimited`, `fixed`, `flat`, `dump`.
    makes: what each is (bib, holdings, item, patron, loan, request, item_status, code_list); the extract's
    name if not said. adds_to: in place of makes: the kind to whose things its rows add columns, by `links`.
    files: patterns of file names. number: field specs, subfield, column or template of the record number.
    parent: column with the parent bib's number (field specs for holdings). links: `item.number` and the
    like -> column that holds it. key: field specs that tell holdings without a number of their own apart.
    only_if: condition; rows that do not meet it are set aside. marks: column that is `yes` -> condition.
    columns: of an embedded field, name -> subfield code. headers: header, tag or column of a table -> name.
    order: names of the columns where a file has no header. positions: of fixed columns, name -> `1-10`,
    bytes from 1; again: those that repeat; rest: column for what stands behind all; record_bytes: length
    of a row without line end. flat: see `Flat`. table: of a dump.
    blank: spellings of nothing, compared after trimming; blanks: further ones of single columns.
    subfields: column -> {code: column} for values like `|aPR4034|b.P7`. together: columns that are one
    value and come from one source. kind: of statuses or codes that do not say theirs; kinds: their own
    word -> ours.
    """

    container: Container
    makes: str = ""
    adds_to: str = ""
    files: tuple[str, ...] = ()
    number: tuple[str, ...] = ()
    parent: tuple[str, ...] = ()
    links: dict[str, str] = dataclasses.field(default_factory=dict)
    key: tuple[str, ...] = ()
    only_if: str = ""
    marks: dict[str, str] = dataclasses.field(default_factory=dict)
    blank: tuple[str, ...] = ()
    blanks: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    suppress: str = ""
    profile: tuple[Profile, ...] = ()
    inside: str = ""
    field: str = ""
    columns: dict[str, str] = dataclasses.field(default_factory=dict)
    delimiter: str = ""
    quote: str = '"'
    repeats: tuple[str, ...] = ()
    encoding: str = "utf-8"
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    order: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    positions: dict[str, str] = dataclasses.field(default_factory=dict)
    again: Again | None = None
    rest: str = ""
    record_bytes: int = 0
    flat: Flat | None = None
    table: str = ""
    subfields: dict[str, dict[str, str]] = dataclasses.field(default_factory=dict)
    together: tuple[tuple[str, ...], ...] = ()
    kind: str = ""
    kinds: dict[str, str] = dataclasses.field(default_factory=dict)
    personal: bool = False
    why: str = ""

    @property
    def is_rows(self) -> bool:
        """Whether its things are rows of text columns."""
        return self.container in ROWS

    @property
    def named(self) -> tuple[str, ...]:
        """Columns of a row extract as the rules call them, each once."""
        again = self.again.positions if self.again is not None else {}
        rest = [self.rest] if self.rest else []
        names = (*self.headers.values(), *self.order, *self.positions, *again, *rest)
        return tuple(dict.fromkeys(names))

    def blank_of(self, column: str) -> tuple[str, ...]:
        """Spellings of nothing in a column."""
        return (*self.blank, *self.blanks.get(column, ()))


@dataclass(frozen=True)
class ColumnRule(Shape):
    """How one column of a delivered thing is made; a column may have several, the first that gives a value.

    source (`from`): columns or field specs; the first that is not blank, or all with `join`. value: a
    constant. text: a template. sql: one scalar expression. Then clean, match/group, date or map, in this
    order. when: condition. repeats: what to do with repeated values: empty = take the first, else join.
    """

    source: tuple[str, ...] = ()
    value: str | None = None
    text: str = ""
    sql: str = ""
    clean: tuple[str, ...] = ()
    match: str = ""
    group: int = 0
    date: str = ""
    map: str = ""
    take: str = ""
    on_unmapped: OnUnmapped = "issue"
    default: str = ""
    join: str | None = None
    repeats: str = ""
    when: str = ""
    unique: Literal["", "report", "ignore_case"] = ""
    blank: Literal["", "report"] = ""
    why: str = ""


@dataclass(frozen=True)
class BibEdit(Shape):
    """One edit of bibs. add: a field by template. set: all fields of that tag become this one. drop: tags.

    when: condition. unless_there: not where the record has such a first subfield already.
    """

    id: str
    add: str = ""
    set: str = ""
    drop: tuple[str, ...] = ()
    when: str = ""
    unless_there: bool = False
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
    """Edits in order, and where a bib's call number is found."""

    edit: tuple[BibEdit, ...] = ()
    call_number: tuple[CallNumberTag, ...] = ()


@dataclass(frozen=True)
class HoldingsRules(Shape):
    """Holdings made from items: columns that tell them apart, leader, 008, further fields as templates."""

    key: tuple[str, ...]
    leader: str
    f008: str
    field: tuple[str, ...]
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

    into: column that takes the value; or `lines`. set: constants. preferred: the first row of all such
    rules gets preferred = true, the others false.
    """

    id: str
    each: str
    into: str = ""
    split: str = ""
    clean: tuple[str, ...] = ()
    lines: Lines | None = None
    last_line: LastLine | None = None
    set: dict[str, str] = dataclasses.field(default_factory=dict)
    preferred: bool = False
    why: str = ""


@dataclass(frozen=True)
class Child(Shape):
    """A child table of patrons: its rows' rules in order."""

    row: tuple[ChildRow, ...] = ()


@dataclass(frozen=True)
class MapShape(Shape):
    """A map: key columns, target columns, those that may not be blank (`must`), how rows are matched.

    match: empty = by key, `*` = any other; `code or label` = the row's own column `match` says whether the
    code, its label, or both must agree. labels: extra column with a name, for people.
    """

    keys: tuple[str, ...]
    columns: tuple[str, ...]
    must: tuple[str, ...] = ()
    match: Literal["", "code or label"] = ""
    labels: str = "label"
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
    """Which columns fill library and location of the holdings records."""

    library: str
    location: str


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
class ItemStatusRules(Shape):
    """columns: of the item, each of which holds statuses; its name is their kind."""

    columns: tuple[str, ...] = ()
    why: str = ""


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
    patron_identifier: Child = dataclasses.field(default_factory=Child)
    patron_address: Child = dataclasses.field(default_factory=Child)
    patron_phone: Child = dataclasses.field(default_factory=Child)
    patron_email: Child = dataclasses.field(default_factory=Child)
    patron_note: Child = dataclasses.field(default_factory=Child)
    map: dict[str, MapShape] = dataclasses.field(default_factory=dict)
    delivery: dict[str, Delivery] = dataclasses.field(default_factory=dict)
    child: dict[str, ChildTable] = dataclasses.field(default_factory=dict)
    validation: dict[str, str] = dataclasses.field(default_factory=dict)


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
    formats: kind of record -> what its MARC format allows, of the kinds that are looked at.
    """

    system: str
    rules: Rules
    maps: Mapping[str, tuple[MapRow, ...]]
    origins: Mapping[tuple[str, ...], str]
    files: tuple[str, ...]
    vocabulary: frozenset[str] = frozenset()
    formats: tuple[tuple[str, MarcFacts], ...] = ()

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
