"""Extract files of a system, staged and with its rules applied: for cases that begin with native files.

The files are read as a run reads them, by what they show; nothing is written but the files themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.staged import AS_OF, rules_of
from transformer.engines.progress import Silent
from transformer.extracts.spool import Spool
from transformer.pipeline.applied import Applied
from transformer.pipeline.apply import apply
from transformer.pipeline.plan import Planned, plan_sources
from transformer.pipeline.stage import stage_all
from transformer.ruleset.files.project import Project
from transformer.ruleset.plan import stage_plan


def apply_files(
    files: Mapping[str, str], project: Project, site: Path, folder: Path
) -> tuple[Applied, Planned]:
    """The rules of the project's system and of a site's folder, applied to files: name -> text.

    Gives what came of it, and which file was taken for which extract.
    """
    library = folder / "library"
    (library / "extracts").mkdir(parents=True)
    for name, text in files.items():
        (library / "extracts" / name).write_text(text.lstrip("\n"), encoding="utf-8", newline="")
    ruleset = rules_of(project.system, site)
    plan = stage_plan(ruleset, project)
    with Spool(folder) as spool:
        planned = plan_sources(library, project, plan, spool)
        staged = stage_all(planned.sources, plan, 1, Silent())
        return apply(staged.tables, ruleset, project, project.as_of or AS_OF), planned
