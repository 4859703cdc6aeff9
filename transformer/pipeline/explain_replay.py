"""The rules of a run, applied again to one thing: the same statements over tables of its rows alone.

What was decided about whole files (layouts, check digits) is taken from the run's tables, since one record
cannot show it. Only statements that the question needs are run.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from transformer.database.session import quoted
from transformer.extracts.model import Partition
from transformer.pipeline.explain_fields import fields_of, read_record
from transformer.pipeline.explain_run import AskedRun
from transformer.ruleset.compile.columns import Columns
from transformer.ruleset.compile.context import Statement
from transformer.ruleset.compile.program import Program, compile_rules
from transformer.ruleset.compile.registered import map_tables
from transformer.ruleset.compile.trace import Cell, below, names_in, needed, trace_columns
from transformer.ruleset.files.rules import RuleSet

if TYPE_CHECKING:
    import duckdb

    from transformer.reports.explained import Pair

DECIDED = ("number_form", "bib_profile", "item_double")
"""Tables that hold decisions about whole files, and about all items together."""
BIB_OUTPUTS = ("bib", "bib_new_out", "bib_changed_out", "bib_drop", "bib_drop_tags_out")
"""Outputs that say what becomes of a bib record."""


class Replay:
    """A session in which statements of programs are run as they are needed."""

    def __init__(self, run: AskedRun, con: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table]) -> None:
        self._run, self._con = run, con
        self._columns = {name: frozenset(table.schema.names) for name, table in tables.items()}
        self._made: dict[str, tuple[str, ...]] = {}
        for name, table in {**tables, **map_tables(run.ruleset), **_decided(run)}.items():
            con.register(name, table)
        self.program = self.compiled(run.ruleset)

    def compiled(self, ruleset: RuleSet) -> Program:
        """The program of these rules for the tables of this session."""
        return compile_rules(ruleset, self._run.project, self._run.day, self._columns)

    def make(self, wanted: Collection[str], program: Program | None = None) -> None:
        """Run what makes `wanted`; what stands there from an earlier program, unchanged, is not run again."""
        statements = needed((program or self.program).statements, wanted, DECIDED)
        texts: dict[str, tuple[str, ...]] = {}
        reads: dict[str, frozenset[str]] = {}
        for statement in statements:
            name = statement.name
            texts[name] = (*texts.get(name, ()), statement.sql)
            reads[name] = reads.get(name, frozenset()) | (names_in(statement) - {name})
        changed = {name for name, text in texts.items() if self._made.get(name) != text}
        before = 0
        while len(changed) != before:
            before = len(changed)
            changed |= {name for name, of in reads.items() if of & changed}
        for statement in statements:
            if statement.name in changed:
                self._run_one(statement)
        self._made |= {name: texts[name] for name in changed}

    def _run_one(self, statement: Statement) -> None:
        """A view becomes a table: views stand on views, and each is bound anew by all that read it: half of
        the 0.74 s of processor time of an item's statements. Of one thing every table is small."""
        if statement.kind == "output":
            self._con.register(statement.name, self._con.sql(statement.sql).to_arrow_table())
        elif statement.kind in ("table", "view"):
            self._con.execute(f"create or replace table {statement.name} as\n{statement.body}")
        else:
            self._con.execute(statement.sql)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """The answer to a SELECT."""
        found: list[dict[str, Any]] = self._con.sql(sql).to_arrow_table().to_pylist()
        return found

    def reads_items(self) -> bool:
        """Whether what becomes of a bib depends on its items."""
        return any(s.name == "item_out" for s in needed(self.program.statements, BIB_OUTPUTS, DECIDED))

    def has(self, name: str) -> bool:
        """Whether the program makes a table, view or output of that name."""
        return any(statement.name == name for statement in self.program.statements)

    def columns_of(self, thing: str) -> Columns | None:
        """The compiler of a thing's columns."""
        return next((columns for columns in self.program.things if columns.thing == thing), None)

    def trace(self, thing: str, key: str) -> list[tuple[Cell, str | None]]:
        """Every rule of the thing's columns with what it was given and gave; empty where it was set aside."""
        columns = self.columns_of(thing)
        view = below(self.program.statements, f"{thing}_out")
        if columns is None or not view:
            return []
        self.make([view])
        sql, cells = trace_columns(columns, view, key)
        found = self._con.sql(sql).fetchall()
        return list(zip(cells, found[0], strict=True)) if found else []

    def edited(self, part: Partition) -> Iterator[tuple[str, tuple[Pair, ...]]]:
        """The fields of a bib record: as it came (""), after the layout and items were taken out ("-"), and
        after each edit (its id)."""
        batch = read_record(part)
        yield "", fields_of(batch)
        edits = self._run.ruleset.rules.bib.edit
        for count in range(len(edits) + 1):
            rules = self._run.ruleset.rules
            rules = dataclasses.replace(rules, bib=dataclasses.replace(rules.bib, edit=edits[:count]))
            program = self.compiled(dataclasses.replace(self._run.ruleset, rules=rules))
            self.make(BIB_OUTPUTS, program)
            yield edits[count - 1].id if count else "-", self._after(part, program)

    def _after(self, part: Partition, program: Program) -> tuple[Pair, ...]:
        """As `emit_bib` edits a record."""
        from transformer.writers.conform import conform
        from transformer.writers.edits import apply_edits, edits_from_tables
        from transformer.writers.tag_table import edit_by_tag, follow_pairs

        at = part.first_record_no
        made = {name: self._con.sql(f"select * from {name}").to_arrow_table() for name in BIB_OUTPUTS}

        def own(name: str) -> pa.Table:
            return made[name].filter(pc.equal(made[name].column("record_no"), at))

        tags = made["bib_drop_tags_out"]
        of_file = tags.filter(pc.equal(tags.column("source_file"), part.source.name))
        came = read_record(part)
        batch, gone = edit_by_tag(came, program.bib_tags)
        edits = edits_from_tables(
            came,
            drop=own("bib_drop"),
            drop_tags=frozenset(of_file.column("tag").to_pylist()),
            changed=own("bib_changed_out"),
            new=own("bib_new_out"),
        )
        if gone is not None:
            edits = dataclasses.replace(edits, drop=edits.drop | gone)
        return fields_of(conform(follow_pairs(came, apply_edits(batch, edits)))[0])


def _decided(run: AskedRun) -> dict[str, pa.Table]:
    profiles = [row for row in run.rows("profile_report", extract="bib") if row["chosen"]]
    schema = pa.schema([("source_file", pa.string()), ("profile", pa.string())])
    plain = [{name: row[name] for name in schema.names} for row in profiles]
    decided = {
        "bib_profile": pa.Table.from_pylist(plain, schema),
        "number_form": run.column("number_form", "use", "source_file", "has_check"),
    }
    if run.has("item_double"):
        double = run.column("item_double")
        for name in ("field_id", "row_id"):
            double = double.append_column(name, pa.nulls(len(double), pa.int64()))
        decided["item_double"] = double
    return decided


def keys_named(replay: Replay, table: str, column: str) -> list[str]:
    """The values of a column of a table that the program makes, if it does."""
    if not replay.has(table):
        return []
    replay.make([table])
    return [
        str(row["v"])
        for row in replay.rows(f"select distinct {quoted(column)} as v from {table}")
        if row["v"]
    ]
