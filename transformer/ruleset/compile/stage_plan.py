"""What the rules need to see of each extract: the order given to staging.

In: a merged `RuleSet`. Out: a `StagePlan`. Staging answers it with these tables, registered on the rule
connection under these names:

- `<extract>_record`, one row a record of a MARC extract, by record_no: source_file text, record_no int64
  (from 0 in the extract), byte_start int64, byte_count int64, leader text, kind text, and one text column
  for each record spec, named by the spec's own text (`907a`, `008/35-37`); several occurrences are joined
  with U+001F in record order, null where there is none.
- `<extract>_embedded`, one row a field that may hold an embedded thing (the extract's name begins with the
  kind that it makes: `item_945` makes item), by record_no, field_no:
  source_file, record_no, field_no int32 (position in the record), occurrence int32 (of its tag, from 0),
  ind1, ind2, and one text column for each subfield code asked for, repeats joined with U+001F.
- `<extract>_field`, where edits need it: one row a field whose tag meets a pattern of `field_tags`, by
  record_no, field_no: record_no, field_no int32, tag, is_control bool, inner text (the field in the inner
  form of `schema.batch`).
  Values of the codes in `blanks` and of all columns of rows are clean where they have one value: see
  `readers.clean`.
- `<extract>_row`, one row a row of a row extract (delimited, fixed, flat, dump), by source_file and
  byte_start: source_file, line int64 (from 1), byte_start, byte_count, and text columns named as the rules
  name them; what no rule names keeps its own name. Repeats joined with U+001F. Columns that no file has may
  be missing: the rules treat them as empty.
- `<extract>_same`, where a profile merges: record_no of a bib record, first_record_no of the first one with
  the same number, differs (bool: whether fields are not the same).
- `<extract>_same_field`: record_no, first_record_no, place int64 (a total order), tag, is_control, inner of
  the fields of a later record that the first lacks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from transformer.ruleset.files.rules import Flat
from transformer.schema.marc_facts import MarcFacts

REPEAT = "\x1f"
"""Stands between the values of a repeated subfield or column in staged text."""


@dataclass(frozen=True, slots=True)
class EmbeddedSpec:
    """Fields that may hold things of another kind: `name` of the extract, `tag`, subfield `codes` wanted.

    blanks: spellings of nothing of the codes that are to be cleaned.
    """

    name: str
    tag: str
    codes: tuple[str, ...]
    blanks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MergeStage:
    """Bibs with one number are compared. number: specs that hold it. leave_out: tags not compared."""

    number: tuple[str, ...]
    leave_out: frozenset[str]


@dataclass(frozen=True, slots=True)
class MarcStage:
    """What to collect from a MARC extract: `record_specs` in sorted order, and embedded fields.

    merge: bibs that may be one. kinds: what the extract's records may be: `bib`, `holdings`; the first
    is its own. dump: table and column of a dump that holds whole records. flat: how documents look that are
    records. formats: kind of record -> what its format allows, for the kinds that are looked at. field_tags:
    patterns of the tags whose fields edits take apart.
    """

    record_specs: tuple[str, ...]
    embedded: tuple[EmbeddedSpec, ...] = ()
    merge: MergeStage | None = None
    kinds: tuple[str, ...] = ("bib",)
    dump: tuple[str, str] | None = None
    formats: tuple[tuple[str, MarcFacts], ...] = ()
    field_tags: tuple[str, ...] = ()
    flat: Flat | None = None


@dataclass(frozen=True, slots=True)
class RowStage:
    """How to read a row extract.

    kind: of things that its rows make or add to. container: delimited, fixed, flat or dump. headers: name
    as it stands in a file (compared without regard to case and outer blanks) -> column. required: columns
    without which the extract is of no use. encoding: of the file. files: patterns of names it usually has.
    personal: values of people.
    delimiter: one character, or empty = look. quote: one character or empty = none. repeats: what stands
    between repeated values, e.g. `";"` (each value quoted again) or `;`; empty = no repeats.
    order: names of the columns of a file without a header.
    positions: column -> (first byte from 0, end). again: the same for what repeats every `every` bytes, as
    often as the bytes at `times` say. rest: column for the bytes behind all. record_bytes: see the rules.
    flat: see `ruleset.files.rules.Flat`. table: of a dump. blanks: column -> spellings of nothing; a column
    that is not among them has none but the empty one.
    """

    kind: str
    container: str
    headers: Mapping[str, str]
    required: tuple[str, ...] = ()
    encoding: str = "utf-8"
    files: tuple[str, ...] = ()
    personal: bool = False
    delimiter: str = ""
    quote: str = ""
    repeats: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    positions: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    again: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    every: int = 0
    times: tuple[int, int] | None = None
    rest: str = ""
    record_bytes: int = 0
    flat: Flat | None = None
    table: str = ""
    blanks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that a rule names."""
        rest = (self.rest,) if self.rest else ()
        return tuple(
            dict.fromkeys((*self.headers.values(), *self.order, *self.positions, *self.again, *rest))
        )


@dataclass(frozen=True, slots=True)
class StagePlan:
    """Extract name -> what to collect. An extract is in one of the two."""

    marc: Mapping[str, MarcStage]
    rows: Mapping[str, RowStage]

    def kind_of(self, extract: str) -> str:
        """What an extract's records or rows are in the books: bib, item ..."""
        return self.rows[extract].kind if extract in self.rows else self.marc[extract].kinds[0]
