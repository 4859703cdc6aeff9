"""What `rules check` and `rules show` say to a person, as blocks for `draw`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from transformer.cli.draw import Block, Line, Table
from transformer.pipeline.showing import Checked
from transformer.reports.words import counted
from transformer.ruleset.show import Said, Target


def of_checked(place: Path, checked: Checked) -> list[Block]:
    """Blocks for rules without mistakes: what was looked at, and the hints."""
    blocks: list[Block] = [Line(f"No mistakes in the rules of {place}.", "good")]
    blocks += [Line(folder, "faint", 2) for folder in checked.folders]
    if checked.hints:
        blocks += [
            Line(""),
            Line(f"{counted(len(checked.hints), 'hint')}: look whether it is meant so.", "strong"),
        ]
    for hint in checked.hints:
        blocks.append(Line(f"{hint.file}: {hint.key}: {hint.found}", indent=2))
        blocks += [Line(text, "faint", 6) for text in (hint.expected, hint.remedy) if text]
    return blocks


def of_shown(found: Sequence[Target], name: str) -> list[Block]:
    """Blocks for targets: one in full, or a list of them."""
    if len(found) != 1 or found[0].name != name:
        rows = tuple((t.name, t.wins.place, _lower(t)) for t in found)
        return [Table("", ("target", "decided by", "replaces"), rows)]
    target = found[0]
    blocks: list[Block] = [Line(f"{target.name}  {target.wins.place}", "strong"), *_keys(target.wins)]
    for said in target.replaced:
        words = "over it, whose other keys still hold" if target.merged else "in place of"
        blocks += [Line(""), Line(f"{words}  {said.place}", "strong"), *_keys(said, "faint")]
    if target.rows:
        blocks += [Line(""), Line("Rows that stand", "strong")]
        blocks += [Line(f"{file}: {counted(count, 'row')}", indent=2) for file, count in target.rows]
    if target.sql:
        blocks += [Line(""), Line("SQL", "strong")]
    for title, sql in target.sql:
        blocks.append(Line(title, "faint", 2))
        blocks += [Line(line, indent=4) for line in sql.split("\n")]
    return blocks


def _keys(said: Said, weight: str = "") -> list[Block]:
    return [Line(text, weight, 2) for text in said.text]


def _lower(target: Target) -> str:
    return ", ".join(said.place for said in target.replaced)
