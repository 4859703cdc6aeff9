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
- `<extract>_row`, one row a line of a delimited extract, by source_file and line: source_file, line int64
  (from 1), byte_start, byte_count, and text columns named as `headers` says; a header nobody knows keeps
  its own name. Repeats joined with U+001F. Columns that no file has may be missing: the rules treat them
  as empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

REPEAT = "\x1f"
"""Stands between the values of a repeated subfield or column in staged text."""


@dataclass(frozen=True, slots=True)
class EmbeddedSpec:
    """Fields that may hold things of another kind: `name` of the extract, `tag`, subfield `codes` wanted."""

    name: str
    tag: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MarcStage:
    """What to collect from a MARC extract: `record_specs` in sorted order, and embedded fields."""

    record_specs: tuple[str, ...]
    embedded: tuple[EmbeddedSpec, ...] = ()


@dataclass(frozen=True, slots=True)
class DelimitedStage:
    """How to read a delimited extract.

    delimiter: one character, or empty = look. quote: one character or empty = none. repeats: what
    stands between repeated values, e.g. `";"` (each value quoted again) or `;`; empty = no repeats.
    headers: header as it stands in a file (compared without regard to case and outer blanks) -> column
    name. required: columns without which the extract is of no use. encoding: of the file, `utf-8`.
    """

    delimiter: str
    quote: str
    repeats: tuple[str, ...]
    headers: Mapping[str, str]
    required: tuple[str, ...] = ()
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class StagePlan:
    """Extract name -> what to collect. An extract is in one of the two."""

    marc: Mapping[str, MarcStage]
    delimited: Mapping[str, DelimitedStage]
