"""What a run collects from its extracts, if the project names nothing that the rules do not know."""

from __future__ import annotations

from transformer.errors import RulesError
from transformer.ruleset.check.project import project_mistakes
from transformer.ruleset.compile.stage_plan import StagePlan
from transformer.ruleset.compile.staging import staging_of
from transformer.ruleset.files.project import Project
from transformer.ruleset.files.rules import RuleSet


def stage_plan(ruleset: RuleSet, project: Project) -> StagePlan:
    """See `compile.staging`. Raises RulesError where the project names what the rules do not know."""
    if mistakes := project_mistakes(ruleset, project):
        raise RulesError(tuple(mistakes))
    return staging_of(ruleset, project)
