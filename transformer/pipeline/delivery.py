"""What the writers of a delivery work with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from transformer.pipeline.applied import Applied
from transformer.pipeline.parts import Parts
from transformer.pipeline.plan import Planned
from transformer.pipeline.runs import RunFolder
from transformer.pipeline.staged import Staged
from transformer.ruleset.files.project import Output, Project
from transformer.ruleset.files.rules import RuleSet

if TYPE_CHECKING:
    from transformer.writers.text import TextForm


@dataclass(frozen=True, slots=True, eq=False)
class Delivery:
    """What the rules decided, what they decided it about, how the site wants it, and where it goes."""

    applied: Applied
    staged: Staged
    planned: Planned
    project: Project
    ruleset: RuleSet
    folder: RunFolder
    parts: Parts

    @property
    def output(self) -> Output:
        """How files are cut."""
        return self.project.output

    @property
    def bib_form(self) -> TextForm:
        """The form of text in bibs."""
        from transformer.writers.text import TextForm

        return TextForm(self.ruleset.rules.bib.nfc, self.ruleset.rules.bib.forbidden)

    @property
    def holdings_form(self) -> TextForm:
        """The form of text in holdings."""
        from transformer.writers.text import TextForm

        made = self.ruleset.rules.holdings
        return TextForm(made.nfc, made.forbidden) if made else TextForm()
