"""What the MARC extracts of a library are in: as the project file says, else as their bytes show.

The project file says it by extract, `[extract.bib] encoding = "latin-1"`; extracts that it does not speak of
are looked at, file by file, so that one may be in UTF-8 beside another in Latin-1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from transformer.errors import TransformerError
from transformer.extracts.charsets import as_read
from transformer.extracts.model import Source
from transformer.extracts.spool import Spool
from transformer.pipeline.plan import Planned, plan_sources
from transformer.ruleset.compile.stage_plan import StagePlan
from transformer.ruleset.files.project import Project


@dataclass(frozen=True, slots=True)
class FileEncoding:
    """The verdict on one file of an extract: its encoding, and the evidence in a sentence."""

    extract: str
    file: str
    encoding: str
    evidence: str


def with_encodings(planned: Planned, project: Project, stage: StagePlan) -> Planned:
    """The plan, with what the project file says of MARC extracts."""
    sources: dict[str, tuple[Source, ...]] = {}
    for extract, files in planned.sources.items():
        choice = project.extract.get(extract)
        said = choice.encoding if choice and extract in stage.marc else ""
        sources[extract] = tuple(replace(f, encoding=as_read(said)) for f in files) if said else files
    return replace(planned, sources=sources)


def encodings_of(library: Path) -> tuple[FileEncoding, ...]:
    """The verdicts on all MARC files of a library, in the order of extracts; a sample of each is read.

    Empty where no extract is there yet, or what is there cannot be read: `run` says so in more words.
    """
    from transformer.readers.verdict import verdict_of
    from transformer.ruleset.files.project import load_project
    from transformer.ruleset.load import load_rules, rule_folders
    from transformer.ruleset.plan import stage_plan

    project = load_project(library)
    stage = stage_plan(load_rules(rule_folders(project.system, library), project.system), project)
    found = []
    try:
        with Spool() as spool:
            planned = with_encodings(plan_sources(library, project, stage, spool), project, stage)
            for extract, files in planned.sources.items():
                for source in files if extract in stage.marc else ():
                    verdict = verdict_of(source)
                    found.append(FileEncoding(extract, source.name, verdict.encoding, verdict.sentence))
    except TransformerError:
        return ()
    return tuple(found)
