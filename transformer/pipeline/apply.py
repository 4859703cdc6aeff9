"""Apply: staged tables + rules -> `Applied`, in one locked DuckDB session.

Statements run in order, two at a time where they know nothing of one another (`pipeline.lanes`). Each output
is drained to Arrow (with `work`: to an Arrow file there, so that memory stays bounded) and registered again,
so that later statements read it column by column.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from transformer.database.session import Settings, open_lanes, reader, reading, run
from transformer.database.sources import register, source_of
from transformer.engines import map_ordered
from transformer.pipeline.applied import Applied, Delivered, HoldingsEdits, InTurn, Rows
from transformer.pipeline.apply_buckets import in_order, sort_keys, sorted_by
from transformer.pipeline.apply_codes import code_tables
from transformer.pipeline.decisions import Decisions
from transformer.pipeline.kept import Kept, KeptSource, keep
from transformer.pipeline.lanes import Lanes
from transformer.pipeline.parts import Known, Parts, sha256_of
from transformer.pipeline.staged import StagedTable
from transformer.ruleset.compile.context import Statement
from transformer.ruleset.compile.fate import KEY_INDEX
from transformer.ruleset.compile.holdings_marc import EXTRACT_BITS, NAME
from transformer.ruleset.compile.program import Program, compile_rules
from transformer.ruleset.compile.registered import map_tables
from transformer.ruleset.files.project import Project
from transformer.ruleset.files.rules import RuleSet
from transformer.schema.books import ISSUE

if TYPE_CHECKING:
    import duckdb

BATCH_ROWS = 32_768
"""Rows of a batch of an output: so few that a window of records reads few of them."""


def apply(
    staged: Mapping[str, Any],
    ruleset: RuleSet,
    project: Project,
    as_of: datetime.date,
    *,
    settings: Settings | None = None,
    work: Path | None = None,
    parts: Parts | None = None,
) -> Applied:
    """Everything the rules say about the staged tables.

    staged: name -> staged or Arrow table (see `ruleset.compile.stage_plan`). as_of: the day that counts as
    today. work: a folder for big outputs and spilling; None = all in memory. parts: where the outputs are
    logged, all of them as one part: what lies between them is in the database alone.
    """
    columns = {name: frozenset(table.schema.names) for name, table in staged.items()}
    clean = {name: table.clean for name, table in staged.items() if isinstance(table, StagedTable)}
    program = compile_rules(ruleset, project, as_of, columns, clean)
    settings = settings or Settings(spill=work)
    parts = parts or Parts()

    def make() -> dict[str, Rows]:
        return run_program({**staged, **map_tables(ruleset)}, program, settings, work)

    def known(made: dict[str, Rows]) -> list[Known]:
        paths = [rows.source.path for rows in made.values()]
        digests = map_ordered(sha256_of, paths, settings.threads)
        return [Known(path, sha256=digest) for path, digest in zip(paths, digests, strict=True)]

    made = parts.step("apply", make, known)
    return _applied(program, made, ruleset, project)


def run_program(
    tables: Mapping[str, Any], program: Program, settings: Settings, work: Path | None
) -> dict[str, Rows]:
    """Run the statements over the tables, two at a time if there are threads; gives the outputs by name."""
    count = 2 if settings.threads > 1 else 1
    # A lane works itself: the database's own threads come on top of them.
    lanes = open_lanes(dataclasses.replace(settings, threads=settings.threads - count + 1), count)
    try:
        for con in lanes:
            for name, table in tables.items():
                if isinstance(table, StagedTable):
                    register(con, name, table)
                else:
                    con.register(name, table)
        return run_on(lanes, program, work)
    finally:
        for con in reversed(lanes):
            con.close()


def run_on(
    lanes: Sequence[duckdb.DuckDBPyConnection], program: Program, work: Path | None
) -> dict[str, Rows]:
    """Run the statements on connections to one database on which their tables are registered."""
    return Lanes(program.statements, lambda con, one: _run_one(con, one, work), _registered).run(lanes)


def _run_one(con: duckdb.DuckDBPyConnection, statement: Statement, work: Path | None) -> Rows | None:
    if statement.kind == "output":
        return drain(con, statement, work)
    run(con, statement.sql, statement.name)
    return None


def drain(con: duckdb.DuckDBPyConnection, statement: Statement, work: Path | None) -> Rows:
    """The result of an output, in memory or in `work`/<name>.arrow."""
    keys = sort_keys(statement.order) if statement.bucket else ()
    sql = statement.body if keys else statement.sql
    with reading(statement.name), reader(con, sql, statement.name, BATCH_ROWS) as batches:
        if work is None:
            table = batches.read_all()
            return Rows((sorted_by(table, keys) if keys else table).combine_chunks())
        path = work / f"{statement.name}.arrow"
        # What the database sorts is asked for by number, too, if it is sorted by one.
        first = sort_keys(statement.order.split(",")[0], batches.schema.names)
        kept = keep(path, batches.schema, batches, keys or first)
    return Rows(kept or _in_order(con, statement, path, keys))


def _in_order(
    con: duckdb.DuckDBPyConnection, statement: Statement, path: Path, keys: tuple[str, ...]
) -> Kept:
    """The rows of a file whose runs are short, sorted bucket by bucket."""
    loose = path.with_suffix(".loose")
    path.rename(loose)
    with pa.OSFile(str(loose)) as file:
        rows = pa.ipc.open_file(file)
        found = (rows.get_batch(at) for at in range(rows.num_record_batches))
        sorted_rows = in_order(con, statement, rows.schema, found, path.parent, BATCH_ROWS)
        kept = keep(path, rows.schema, sorted_rows, keys[:1])
    loose.unlink()
    assert kept is not None, f"{statement.name} is not sorted by {keys}"
    return kept


def _registered(rows: Rows) -> Any:
    return source_of(KeptSource.of(rows.source)) if isinstance(rows.source, Kept) else rows.source


def _applied(program: Program, made: dict[str, Rows], ruleset: RuleSet, project: Project) -> Applied:
    tally = made["code_tally_out"].to_table()
    delivered = [
        Delivered(t.folder, t.name, t.headers, Rows(made[t.output].source, t.columns), t.personal)
        for t in program.tables
    ]
    delivered += code_tables(program, made, ruleset, project)
    item = made["item_out"].source
    issue = made["issue"].to_table().select(ISSUE.names).cast(ISSUE)
    return Applied(
        bib=made["bib"],
        bib_new=Rows(made["bib_new_out"].source, ("record_no", "tag", "is_control", "inner")),
        bib_changed=made["bib_changed_out"],
        bib_tags=program.bib_tags,
        bib_drop=made["bib_drop"],
        bib_drop_tags=made["bib_drop_tags_out"].to_table(),
        holdings=made["holdings"],
        holdings_leader=made["holdings_leader_out"],
        holdings_field=Rows(made["holdings_field_out"].source, ("record_no", "tag", "is_control", "inner")),
        delivered=tuple(sorted(delivered, key=lambda d: (d.folder, d.name))),
        item_decision=Decisions(item, decided=made["status_decision"].to_table()),
        bib_item=made["bib_item"],
        bound_with=made["bound_with"],
        holdings_item=made["holdings_item"],
        issue=Rows(issue),
        set_aside=made["set_aside"],
        ledger=made["ledger"].to_table(),
        code_tally=tally,
        profile_report=made["profile_report_out"].to_table().drop_columns(["place"]),
        suppressed=made["suppressed"],
        key_index=InTurn(tuple(rows for name, rows in made.items() if name.startswith(f"{KEY_INDEX}_"))),
        holdings_record=made.get("holdings_record_out"),
        holdings_edits=_holdings_edits(program, made),
        row_link=made["row_link"],
        item_index=Rows(item, ("number", "barcode")),
        number_form=made["number_form_out"].to_table(),
        item_double=made.get("item_double_out"),
        counts=_counts(issue, made["set_aside"].to_table()),
    )


def _holdings_edits(program: Program, made: dict[str, Rows]) -> HoldingsEdits | None:
    edits = program.holdings_tags
    if edits is None:
        return None
    new = Rows(made[f"{NAME}_new_out"].source, ("record_no", "tag", "is_control", "inner"))
    return HoldingsEdits(
        bases={name: place << EXTRACT_BITS for place, name in enumerate(edits.extracts)},
        new=new,
        changed=made[f"{NAME}_changed_out"],
        drop=made[f"{NAME}_edit_drop_out"],
        drop_tags=made[f"{NAME}_drop_tags_out"].to_table(),
        tags=edits.table,
    )


def _counts(issue: pa.Table, aside: pa.Table) -> dict[str, int]:
    """Totals for messages and exit codes: issues_<severity>, set_aside_<code>, unmapped_locations."""
    counts: dict[str, int] = {"issues_error": 0, "issues_warning": 0, "issues_note": 0}
    for table, column, prefix in ((issue, "severity", "issues_"), (aside, "code", "set_aside_")):
        for pair in table.column(column).value_counts().to_pylist():
            counts[f"{prefix}{pair['values']}"] = int(pair["counts"])
    counts["unmapped_locations"] = sum(
        count
        for name, count in counts.items()
        if name.startswith("set_aside_") and name.endswith("-unmapped")
    )
    return counts
