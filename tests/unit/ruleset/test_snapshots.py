"""Compiled SQL as it is, so that a change of rules or compiler is read in a diff.

One file a statement in snapshots/<target>. To renew them: UPDATE_SNAPSHOTS=1 pytest this file, then read the
diff as you would read any other code.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.staged import AS_OF, rules_of
from transformer.ruleset.compile.program import Program, compile_rules
from transformer.ruleset.compile.staging import staged_columns
from transformer.ruleset.files.project import Project
from transformer.ruleset.plan import stage_plan

HERE = Path(__file__).parent / "snapshots"


def _program(target: str) -> Program:
    ruleset, project = rules_of(), Project("sierra", target=target)  # type: ignore[arg-type]
    return compile_rules(ruleset, project, AS_OF, staged_columns(stage_plan(ruleset, project)))


@pytest.mark.parametrize("target", ["self-load", "migration"])
def test_compiled_sql(target: str) -> None:
    program = _program(target)
    made = {f"{n:03d}-{s.kind}-{s.name}.sql": s.sql + "\n" for n, s in enumerate(program.statements)}
    folder = HERE / target
    if os.environ.get("UPDATE_SNAPSHOTS"):
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.glob("*.sql"):
            path.unlink()
        for name, text in made.items():
            (folder / name).write_text(text, encoding="utf-8")
    kept = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.sql")}
    assert sorted(kept) == sorted(made)
    for name, text in made.items():
        assert kept[name] == text, f"{name} changed; UPDATE_SNAPSHOTS=1 renews it"


def test_every_output_has_an_order() -> None:
    for statement in _program("migration").statements:
        assert bool(statement.order) == (statement.kind == "output"), statement.name


def test_compiling_is_the_same_every_time() -> None:
    assert _program("self-load") == _program("self-load")


def test_delivered_columns_are_all_of_the_target() -> None:
    tables = {table.name: table for table in _program("self-load").tables}
    assert tables["item"].columns[:3] == ("number", "bib_number", "holdings_number")
    assert tables["item"].headers[:3] == ("item_number", "bib_number", "holding_number")
    assert {"internal_note_3", "statistics_note_3", "weeding_date"} <= set(tables["item"].columns)
    assert all(table.personal == (name != "item") for name, table in tables.items())
