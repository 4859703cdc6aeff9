"""What a project file names and the rules do not know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from transformer.errors import Mistake
from transformer.ruleset.check.safety import is_formula
from transformer.ruleset.files.project import Project
from transformer.ruleset.files.rules import RuleSet
from transformer.ruleset.files.validate import nearest


def project_mistakes(ruleset: RuleSet, project: Project) -> list[Mistake]:
    """What the project file names and the rules do not know."""
    rules = ruleset.rules
    file = "transformer.toml"
    found: list[Mistake] = []

    def say(key: str, value: str, known: Sequence[str] | Mapping[str, object]) -> None:
        found.append(Mistake(file, key, repr(value), "one that the rules know", nearest(value, known)))

    for name, choice in project.extract.items():
        if name not in rules.extract:
            say(f"extract.{name}", name, rules.extract)
        elif choice.profile and choice.profile not in [p.name for p in rules.extract[name].profile]:
            say(f"extract.{name}.profile", choice.profile, [p.name for p in rules.extract[name].profile])
    for tag in project.item.call_number:
        if tag not in [t.tag for t in rules.bib.call_number]:
            say("item.call_number", tag, [t.tag for t in rules.bib.call_number])
    tables = ["item", "patron", *rules.child]
    if project.delivery.shape != "tables" and project.target != "self-load":
        wanted = 'target = "self-load", or no shape'
        found.append(Mistake(file, "delivery.shape", repr(project.delivery.shape), wanted))
    for name in project.headers:
        if name not in tables:
            say(f"headers.{name}", name, tables)
        for column, header in project.headers[name].items():
            if is_formula(header):
                key = f"headers.{name}.{column}"
                found.append(Mistake(file, key, repr(header), "a header that no spreadsheet computes"))
    return found
