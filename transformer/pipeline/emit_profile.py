"""Emit the settings of an import profile beside bibs that carry their items: profile/import-profile.*."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from transformer.pipeline.applied import Applied
from transformer.pipeline.results import OutputFact
from transformer.reports.import_profile import ProfilePage, Setting, page_json, page_text
from transformer.ruleset.compile.item_field import item_field
from transformer.ruleset.files.project import Project
from transformer.ruleset.files.rules import RuleSet


def emit_profile(applied: Applied, project: Project, ruleset: RuleSet, folder: Path) -> Iterator[OutputFact]:
    """Write both into `folder`. The files hold no records."""
    from transformer.writers.files import OutputFile

    page = profile_page(project, ruleset, applied.item_index.num_rows)
    for name, text in (("import-profile.md", page_text(page)), ("import-profile.json", page_json(page))):
        with OutputFile(folder / name) as file:
            file.write(text.encode())
        yield OutputFact(f"profile/{name}", 0, file.byte_count, file.sha256)


def profile_page(project: Project, ruleset: RuleSet, item_count: int) -> ProfilePage:
    """What the page says of these rules."""
    rules, field = ruleset.rules.import_profile, item_field(ruleset)
    note = ruleset.rules.item_status.note_in.replace("_", " ").title()
    said = {"tag": field.tag, "prefix": project.numbers.prefix_035 or "none was chosen", "note": note}
    parts: list[tuple[str, str, str]] = []
    indicators = [p for p in field.indicators.parts if not isinstance(p, str)]
    parts += [("first indicator", name, rules.means.get(name, "")) for names in indicators for name in names]
    for code, template in field.subfields:
        parts += [(f"${code}", name, rules.means.get(name, "")) for name in template.names]
    settings = tuple(
        Setting(s.page, s.name, _filled(s.value, said), s.verified == "seen") for s in rules.setting
    )
    return ProfilePage(project.site, field.tag, tuple(parts), settings, item_count, note)


def _filled(text: str, said: dict[str, str]) -> str:
    for name, value in said.items():
        text = text.replace(f"{{{name}}}", value)
    return text
