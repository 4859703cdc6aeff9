"""What the rules make of staged tables: the hand-over from apply to emit.

Every table has a total order, so that the same input gives the same bytes. Big tables are `Rows`: an
Arrow table in memory or an Arrow file in the run's work folder, read in batches either way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from transformer.pipeline.kept import Kept
from transformer.schema.tag_edits import TagTable


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """An ordered table: `source` is an Arrow table, or kept in a file.

    columns: those to show, in order (None = all of the source); a column that the source lacks is text
    without values, so that a delivery can have columns that no rule fills without storing them.
    """

    source: pa.Table | Kept
    columns: tuple[str, ...] | None = None

    @property
    def schema(self) -> pa.Schema:
        """Names and types of the columns."""
        return self._shown(self.source.schema.empty_table()).schema

    @property
    def num_rows(self) -> int:
        """Number of rows."""
        return int(self.source.num_rows)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows in order, in batches of no promised size."""
        if isinstance(self.source, Kept):
            for batch in self.source.batches(self._stored()):
                yield from self._shown(pa.table(batch)).to_batches()
        else:
            yield from self._shown(self.source).to_batches()

    def to_table(self) -> pa.Table:
        """All rows at once, for small tables and tests."""
        if isinstance(self.source, Kept):
            return pa.Table.from_batches(self.batches(), self.schema)
        return self._shown(self.source)

    def _stored(self) -> list[str] | None:
        """The columns to read from the source."""
        if self.columns is None:
            return None
        there = self.source.schema.names
        return [name for name in self.columns if name in there] or there[:1]

    def _shown(self, table: pa.Table) -> pa.Table:
        """`table` with the columns asked for; missing ones share one array of nulls."""
        if self.columns is None:
            return table
        there = set(table.schema.names)
        nothing = pa.nulls(table.num_rows, pa.string())
        return pa.table({c: table.column(c) if c in there else nothing for c in self.columns})

    def between(self, first: int, last: int) -> pa.Table:
        """Rows with first <= record_no < last, in order. The table must be sorted by that column.

        In memory: a binary search and a slice, nothing is copied. Kept: only the batches that can hold such
        rows are read.
        """
        if isinstance(self.source, Kept):
            stored = self._stored()
            names = None if stored is None else ["record_no", *stored]
            schema = self.source.schema
            if names is not None:
                schema = pa.schema([field for field in schema if field.name in names])
            found = pa.Table.from_batches(self.source.batches(names, first, last), schema)
            return self._shown(_part(found.combine_chunks(), first, last))
        return _part(self._shown(self.source).combine_chunks(), first, last)


@dataclass(frozen=True, slots=True)
class InTurn:
    """Ordered tables of the same columns, one after the other."""

    pieces: tuple[Rows, ...]

    @property
    def schema(self) -> pa.Schema:
        """Names and types of the columns."""
        return self.pieces[0].schema

    @property
    def num_rows(self) -> int:
        """Number of rows of all."""
        return sum(piece.num_rows for piece in self.pieces)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows in order, in batches of no promised size."""
        for piece in self.pieces:
            yield from piece.batches()

    def to_table(self) -> pa.Table:
        """All rows at once, for tests."""
        return pa.Table.from_batches(self.batches(), self.schema)


class Near:
    """A table for one reader whose windows follow one another: what is read for one serves the next.

    Measured, 300,000 bibs in windows of 10,000: 1.7 s to read each window by itself, since the row groups of
    the file are larger than it, and 0.6 s so. At least `AHEAD` records are read at a time, or the window.
    """

    AHEAD = 32_768

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._first = self._last = 0
        self._table: pa.Table | None = None

    def between(self, first: int, last: int) -> pa.Table:
        """Rows with first <= record_no < last, in order."""
        if self._table is None or first < self._first or last > self._last:
            self._first, self._last = first, max(last, first + self.AHEAD)
            self._table = self._rows.between(self._first, self._last).combine_chunks()
        return _part(self._table, first, last)


def _part(table: pa.Table, first: int, last: int) -> pa.Table:
    """Rows with first <= record_no < last, of a table sorted by it: a slice, nothing is copied."""
    import numpy as np

    start, stop = np.searchsorted(table.column("record_no").to_numpy(), [first, last], side="left")
    return table.slice(int(start), int(stop - start))


@dataclass(frozen=True, slots=True, eq=False)
class Delivered:
    """One table of the delivery. folder and name: where it goes, e.g. `item` and `item`.

    headers: the first line, one for each column of `rows`, in order (column names are the rules' own).
    personal: it holds values of people.
    """

    folder: str
    name: str
    headers: tuple[str, ...]
    rows: Rows
    personal: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class HoldingsEdits:
    """Edits of MARC holdings: tables as those of bibs, record_no with the place of its extract above 40 bits.

    bases: extract -> what is added to its record numbers. tags: edits that a tag alone decides.
    """

    bases: Mapping[str, int]
    new: Rows
    changed: Rows
    drop: Rows
    drop_tags: pa.Table
    tags: TagTable


@dataclass(frozen=True, slots=True, eq=False)
class Applied:
    """Everything that emit and the reports need.

    bib: source_file, record_no, number, stream (`bib`, `suppressed`; null when set aside),
    set_aside_rule (null otherwise); one row a record, by record_no.
    bib_new: record_no, tag, is_control, inner; by record_no, then the order wanted. `inner` is the inner
    form as text: a control field's value; `ind1 ind2 (U+001F code value)*` of a data field.
    bib_changed: record_no, field_no, tag, is_control, inner; by record_no, field_no.
    bib_tags: edits that a tag alone decides, for the fields that are not staged.
    bib_drop: record_no, field_no; by both. bib_drop_tags: source_file, tag: every field of that tag in the
    records of that file is left out (an old 001 too, where bib_new has the new one).
    holdings: number, bib_number, library, location, call_number_type, call_number ..., by number.
    holdings_leader: record_no (from 0, in order of `holdings`), leader.
    holdings_field: record_no, tag, is_control, inner; by record_no, then the order wanted.
    holdings_record: extract, source_file, record_no, number, parent_number of the holdings that came as MARC
    records; by extract and record_no; None where no extract has such.
    delivered: the delimited tables of the target, by folder and name.
    item_decision: one row an item and status: what became of it, and by which row (pipeline.decisions).
    bib_item, holdings_item: link tables (bib_number, item_number), (holdings_number, item_number).
    bound_with: item_number, bib_number of the items that hang on several bibs.
    issue: schema.books.ISSUE. set_aside: kind, source_file, record_no, field_no, line, byte_start,
    byte_count, code, rule, record_id; fields of embedded items have record_no and field_no, rows have line.
    ledger: source_file, kind, written_count, merged_count, set_aside_count, made_count, parents.
    code_tally: map, code (source code; several keys joined by ` | `), label, row_count, mapped.
    profile_report: extract, source_file, profile, signs (text), chosen, why.
    suppressed: number of suppressed bibs. key_index: kind, key (number without check digit), number,
    source_file, record_no, field_no, line, byte_start, byte_count.
    row_link: rows of loans, requests and statuses, rows that add columns, and MARC holdings: extract, kind,
    of_kind and of_key of the thing they hang on, patron_key, source_file, record_no or line, byte_start,
    byte_count; by of_kind, of_key. item_index: number and barcode of the delivered items, in their order.
    number_form: use, source_file, has_check and the counts behind it.
    item_double: key, number, column, value, nth, act of items whose value the rules changed since several had
    it, or that lack it (ruleset.compile.unique); None where no rule does that.
    counts: a few named totals for messages and exit codes (`unmapped_locations`, `issues_error` ...).
    """

    bib: Rows
    bib_new: Rows
    bib_changed: Rows
    bib_tags: TagTable
    bib_drop: Rows
    bib_drop_tags: pa.Table
    holdings: Rows
    holdings_leader: Rows
    holdings_field: Rows
    delivered: tuple[Delivered, ...]
    item_decision: Rows
    bib_item: Rows
    bound_with: Rows
    holdings_item: Rows
    issue: Rows
    set_aside: Rows
    ledger: pa.Table
    code_tally: pa.Table
    profile_report: pa.Table
    suppressed: Rows
    key_index: InTurn
    row_link: Rows
    item_index: Rows
    number_form: pa.Table
    counts: Mapping[str, int]
    holdings_record: Rows | None = None
    holdings_edits: HoldingsEdits | None = None
    item_double: Rows | None = None
