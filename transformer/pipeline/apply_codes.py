"""Code tables for the migration form: every code met, how often, and what the maps make of it."""

from __future__ import annotations

from transformer.pipeline.applied import Delivered, Rows
from transformer.ruleset.compile.program import Program
from transformer.ruleset.files.project import Project
from transformer.ruleset.files.rules import RuleSet


def code_tables(
    program: Program, made: dict[str, Rows], ruleset: RuleSet, project: Project
) -> list[Delivered]:
    """One table `codes/<map>` for each map the target names: code, label, count, target columns."""
    wanted = ruleset.rules.delivery[project.target].code_table
    tables = []
    for name, columns in wanted.items():
        output = f"codes_{name}"
        if output in made:
            headers = (
                "Source code",
                "Source label",
                "Count",
                *(c.replace("_", " ").capitalize() for c in columns),
            )
            tables.append(Delivered("codes", name, headers, made[output]))
    return tables
