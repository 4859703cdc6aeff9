"""The staged tables of one thing: its records and rows, and those of what it hangs on, read again.

In: rows of `key_index` and `row_link` (where each stands). Out: the tables that staging would make if the
extracts held nothing else, under the same record numbers, lines and bytes; and each place as it came, with
its bytes and its values.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

import pyarrow as pa

from transformer.engines.progress import Silent
from transformer.errors import ExtractError
from transformer.extracts.model import Partition, Source
from transformer.extracts.window import read_window
from transformer.pipeline.explain_run import AskedRun, Row
from transformer.pipeline.row_sources import RowPlace, pieces_at
from transformer.pipeline.set_aside import PERSONAL
from transformer.pipeline.stage import staged_records
from transformer.pipeline.stage_rows import named_table, stage_rows
from transformer.pipeline.staged import Staged
from transformer.reports.explained import CameAs, Pair

RAW_MOST: Final = 4000
"""Bytes of a place that are shown raw."""


@dataclass(slots=True)
class Gathered:
    """tables: as staged. came_as: every place once, in the order asked for. windows: (extract, record_no) of
    MARC records -> where they stand."""

    tables: dict[str, list[pa.Table]] = field(default_factory=dict)
    came_as: list[CameAs] = field(default_factory=list)
    windows: dict[tuple[str, int], Partition] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    seen: set[tuple[str, str, int]] = field(default_factory=set)

    def add(self, name: str, table: pa.Table) -> None:
        """More rows of a staged table."""
        self.tables.setdefault(name, []).append(table)


def gather(
    run: AskedRun, gathered: Gathered, places: Iterable[Row], *, what: str = "", show: bool = True
) -> None:
    """Read what stands at these places and is not gathered yet. what: kind to call them, empty = their own.
    show: whether they come among the places as they came."""
    for row in places:
        kind = what or row["kind"]
        for extract in _extracts(run, row):
            key = extract, row["source_file"], row["byte_start"]
            if key in gathered.seen:
                continue
            source = run.sources[extract, row["source_file"]]
            try:
                if row["record_no"] is not None:
                    came = _record(run, gathered, extract, source, row, kind)
                else:
                    came = _row(run, gathered, extract, source, row, kind)
            except ExtractError as error:
                gathered.lost.append(str(error).splitlines()[0])
                continue
            if came is None:
                continue
            gathered.seen.add(key)
            if show:
                gathered.came_as.append(came)


def _extracts(run: AskedRun, row: Row) -> list[str]:
    """Extracts that the place may belong to: the one told, else those of its kind that read the file."""
    if row.get("extract"):
        told = run.ruleset.rules.extract[row["extract"]]
        names: tuple[str, ...] = (told.inside or row["extract"],)
    elif row["record_no"] is None:
        names = run.extracts_of(row["kind"])
    else:
        names = tuple(run.plan.marc)
    return [name for name in names if (name, row["source_file"]) in run.sources]


def _record(
    run: AskedRun, gathered: Gathered, extract: str, source: Source, row: Row, kind: str
) -> CameAs | None:
    from transformer.pipeline.explain_fields import fields_of, read_record

    part = Partition(source, 0, row["byte_start"], row["byte_count"], row["record_no"], 1)
    batch = read_record(part)
    if batch.record_count != 1:
        raise ExtractError(f"{source.name}: no record stands at byte {row['byte_start']:,} any more")
    for name, table in staged_records(extract, [part], replace(run.plan.marc[extract], formats=())).items():
        gathered.add(name, table)
    gathered.windows[extract, row["record_no"]] = part
    parsed = fields_of(batch)
    if row["field_no"] is not None:
        # The first field of the list is the leader.
        parsed = parsed[row["field_no"] + 1 : row["field_no"] + 2]
    return _came(run, source, extract, row, kind, parsed)


def _row(
    run: AskedRun, gathered: Gathered, extract: str, source: Source, row: Row, kind: str
) -> CameAs | None:
    # As it came: with what is a spelling of nothing.
    stage = replace(run.plan.rows[extract], blanks={})
    place = RowPlace(row["line"] or 1, row["byte_start"], row["byte_count"])
    found: list[Pair] = []
    for piece in pieces_at(source, stage, [place]):
        table = named_table(piece, source, stage)
        if table.num_rows:
            gathered.add(f"{extract}_row", table)
            values = table.slice(0, 1).to_pylist()[0]
            own = ("source_file", "line", "byte_start", "byte_count")
            found = [(name, value) for name, value in values.items() if name not in own and value is not None]
    if not found:
        return None
    return _came(run, source, extract, row, kind, tuple(found))


def _came(
    run: AskedRun, source: Source, extract: str, row: Row, kind: str, parsed: tuple[Pair, ...]
) -> CameAs:
    raw = read_window(source.path, row["byte_start"], min(row["byte_count"], RAW_MOST)).tobytes()
    return CameAs(
        what=kind,
        extract=extract,
        source_file=row["source_file"],
        byte_start=row["byte_start"],
        byte_count=row["byte_count"],
        record_no=row["record_no"],
        field_no=row.get("field_no"),
        line=row["line"],
        raw=raw_text(raw),
        parsed=parsed,
        changed=row["source_file"] in run.changed,
    )


def raw_text(data: bytes) -> str:
    r"""Bytes as text on one line: what is no text, and control characters, as escapes.

    >>> raw_text(b"a\x1fb\xff")
    'a\\x1fb\\xff'
    """
    text = data.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def tables_of(run: AskedRun, gathered: Gathered) -> dict[str, pa.Table]:
    """Every staged table of the run: what was gathered, and empty ones for the rest; lists of codes whole."""
    from transformer.ruleset.compile.staging import staged_columns
    from transformer.ruleset.trial import empty_table

    extracts = {told["extract"] for told in run.opened.manifest["inputs"]}
    tables: dict[str, pa.Table] = {}
    for name, columns in staged_columns(run.plan).items():
        extract = name.rpartition("_")[0]
        inside = run.ruleset.rules.extract[extract].inside if extract in run.ruleset.rules.extract else ""
        if extract in extracts or inside in extracts or name.startswith("bib_same"):
            tables[name] = empty_table(columns)
    for name, parts in gathered.tables.items():
        tables[name] = pa.concat_tables(parts, promote_options="default")
        if "record_no" in tables[name].column_names:
            order = [("record_no", "ascending")]
            if "field_no" in tables[name].column_names:
                order.append(("field_no", "ascending"))
            tables[name] = tables[name].sort_by(order)
    _code_lists(run, tables)
    _same(run, gathered, tables)
    return tables


def _code_lists(run: AskedRun, tables: dict[str, pa.Table]) -> None:
    for name, stage in run.plan.rows.items():
        files = tuple(source for (extract, _), source in run.sources.items() if extract == name)
        if stage.kind == "code_list" and files:
            staged = Staged()
            stage_rows(staged, name, files, stage, 1, Silent())
            tables |= {table: held.to_table() for table, held in staged.tables.items()}


def _same(run: AskedRun, gathered: Gathered, tables: dict[str, pa.Table]) -> None:
    """Bibs with one number, compared as staging compares them."""
    from transformer.pipeline.stage_same import same_tables

    for extract, stage in run.plan.marc.items():
        record = tables.get(f"{extract}_record")
        if stage.merge is None:
            tables.pop(f"{extract}_same", None)
            tables.pop(f"{extract}_same_field", None)
        elif record is not None and record.num_rows:
            files = tuple(source for (name, _), source in run.sources.items() if name == extract)
            tables |= {f"{extract}_{n}": t for n, t in same_tables(record, files, stage.merge).items()}


def is_personal(kind: str) -> bool:
    """Whether places of a kind hold values of people."""
    return kind in PERSONAL
