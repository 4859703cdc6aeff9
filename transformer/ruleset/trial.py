"""Check rule folders: shape, meaning, and a trial run of the compiled SQL on empty tables.

`check` collects every mistake it can find; only rules without one are tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from transformer.database.expression import ExpressionError
from transformer.errors import Mistake
from transformer.ruleset.check.meaning import AS_OF, meaning
from transformer.ruleset.check.values import check_values
from transformer.ruleset.compile.staging import staged_columns
from transformer.ruleset.files.project import Project
from transformer.ruleset.files.rules import RuleSet
from transformer.ruleset.files.words import WordError
from transformer.ruleset.load import try_load
from transformer.ruleset.plan import stage_plan

if TYPE_CHECKING:
    import pyarrow as pa


def check(folders: Sequence[Path], project: Project | None = None) -> list[Mistake]:
    """All mistakes in the rule folders (lowest first) and in what the project says about them."""
    ruleset, told = try_load(folders)
    if ruleset is None:
        return told
    project = project or Project("")
    more = [*meaning(ruleset, project), *check_values(ruleset)]
    # What was left out for its shape is missed elsewhere: that is told once.
    keys = [mistake.key for mistake in told if mistake.key.count(".")]
    known = {(mistake.file, key.rpartition(".")[0]) for mistake in told for key in keys if mistake.key == key}
    found = [*told, *(m for m in more if not any(f == m.file and _inside(m.key, k) for f, k in known))]
    return found or list(_trial(ruleset, project))


def _inside(key: str, table: str) -> bool:
    return key == table or key.startswith((f"{table}.", f"{table} "))


def _trial(ruleset: RuleSet, project: Project) -> Iterator[Mistake]:
    """Compile everything and run it on empty tables."""
    from transformer.database.trial import trial
    from transformer.ruleset.compile.program import compile_rules
    from transformer.ruleset.compile.registered import map_tables

    columns = staged_columns(stage_plan(ruleset, project))
    try:
        program = compile_rules(ruleset, project, AS_OF, columns)
    except (WordError, ExpressionError) as error:
        yield Mistake(ruleset.files[-1] if ruleset.files else "", "", str(error))
        return
    tables = {name: empty_table(names) for name, names in columns.items()}
    statements = [(s.name, s.sql, s.kind == "output") for s in program.statements]
    for name, said in trial(statements, {**tables, **map_tables(ruleset)}):
        yield Mistake(
            ruleset.files[-1] if ruleset.files else "", name, f"the compiled SQL does not run: {said}",
            remedy="Look at the columns and expressions that this table is made of: transformer rules show.",
        )  # fmt: skip


def empty_table(names: frozenset[str]) -> pa.Table:
    """A staged table of these columns without rows."""
    import pyarrow as pa

    types = {
        **dict.fromkeys(("record_no", "first_record_no", "place"), pa.int64()),
        **dict.fromkeys(("byte_start", "byte_count", "line"), pa.int64()),
        **dict.fromkeys(("field_no", "occurrence"), pa.int32()),
        **dict.fromkeys(("differs", "is_control"), pa.bool_()),
    }
    kinds = {name: types.get(name, pa.string()) for name in names}
    return pa.schema(sorted(kinds.items())).empty_table()
