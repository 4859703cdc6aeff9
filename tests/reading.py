"""Extract files read, staged and keyed by rules of a test's own, with the tables of the rule connection.

For cases of reading: nothing is written but what was set aside is found again by its place in the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.staged import AS_OF
from transformer.database.session import Settings, open_session
from transformer.engines.progress import Silent
from transformer.extracts.spool import Spool
from transformer.pipeline.apply import run_on
from transformer.pipeline.books import ledger_rows
from transformer.pipeline.embedded import embedded_counts
from transformer.pipeline.plan import Planned, plan_sources
from transformer.pipeline.stage import Staged, stage_all
from transformer.ruleset.compile.program import compile_rules
from transformer.ruleset.compile.registered import map_tables
from transformer.ruleset.files.project import Project
from transformer.ruleset.files.validate import build
from transformer.ruleset.load import load_rules, rules_home
from transformer.ruleset.plan import stage_plan

_NO_VALIDATION = '\n[validation]\nbib = ""\nholdings = ""\n'
"""Records of cases are as short as can be; whether they are good MARC is not asked."""


@dataclass
class Reading:
    """What came of a case.

    ledger: (file, kind, read, written, merged, set aside). aside: (kind, code, bytes).
    """

    con: Any
    staged: Staged
    planned: Planned
    issues: list[dict[str, Any]]
    ledger: list[tuple[Any, ...]]
    aside: list[tuple[str, str, str]]

    def rows(self, table: str, columns: list[str]) -> list[dict[str, Any]]:
        """Rows of a table, ordered by the columns; no value is ""."""
        shown = ", ".join(f'"{name}"' for name in columns)
        found = self.con.execute(f"select {shown} from {table} order by all nulls first").fetchall()
        return [{c: "" if v is None else v for c, v in zip(columns, row, strict=True)} for row in found]


@contextmanager
def read_case(case: Mapping[str, Any], extracts: Path, folder: Path) -> Iterator[Reading]:
    """The files of `extracts`, read by base rules and those of the case."""
    rules = folder / "system"
    (rules / "maps").mkdir(parents=True)
    (rules / "system.toml").write_text(case["rules"] + _NO_VALIDATION, encoding="utf-8")
    for name, text in case.get("maps", {}).items():
        (rules / "maps" / f"{name}.csv").write_text(text, encoding="utf-8")
    library = folder / "library"
    library.mkdir()
    (library / "extracts").symlink_to(extracts, target_is_directory=True)
    project, mistakes = build(
        Project, {"system": "system", "target": "self-load", **case.get("project", {})}, ""
    )
    assert project is not None, mistakes
    ruleset = load_rules([rules_home() / "base", rules], "system")
    plan = stage_plan(ruleset, project)
    with Spool(folder) as spool:
        planned = plan_sources(library, project, plan, spool)
        staged = stage_all(planned.sources, plan, 1, Silent())
        columns = {name: frozenset(table.schema.names) for name, table in staged.tables.items()}
        program = compile_rules(ruleset, project, AS_OF, columns)
        con = open_session(Settings())
        for name, table in {**staged.tables, **map_tables(ruleset)}.items():
            con.register(name, table)
        made = run_on([con], program, None)
        for name, rows in made.items():
            con.register(name, rows.to_table())
        yield _reading(con, staged, planned, made)
        con.close()


def _reading(con: Any, staged: Staged, planned: Planned, made: Mapping[str, Any]) -> Reading:
    outside: dict[tuple[str, str], int] = {}
    for aside in staged.aside:
        if not aside.came_through:
            key = aside.source.name, aside.kind
            outside[key] = outside.get(key, 0) + 1
    read_count = dict(staged.read_count)

    for key, count in embedded_counts(staged.tables, made["bib_drop"]).items():
        read_count[key] = read_count.get(key, 0) + count
    rows = ledger_rows(read_count, outside, made["ledger"].to_table().to_pylist(), {})
    ledger = [
        (r.source_file, r.kind, r.read_count, r.written_count, r.merged_count, r.set_aside_count)
        for r in rows
        if r.source_file != "(made)"
    ]
    issues = [*staged.issues, *made["issue"].to_table().to_pylist()]
    return Reading(con, staged, planned, issues, ledger, _aside(staged, planned, made))


def _aside(staged: Staged, planned: Planned, made: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    paths = {source.name: source.path for files in planned.sources.values() for source in files}
    places = [(a.kind, a.code, a.source.name, a.byte_start, a.byte_count) for a in staged.aside]
    places += [
        (row["kind"], row["code"], row["source_file"], row["byte_start"], row["byte_count"])
        for row in made["set_aside"].to_table().to_pylist()
    ]
    return sorted(
        (kind, code, paths[name].read_bytes()[start : start + count].decode("utf-8", "replace"))
        for kind, code, name, start, count in places
    )
