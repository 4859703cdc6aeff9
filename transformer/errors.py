"""Exceptions that stop a run. Findings about data are issue rows, never exceptions.

    TransformerError
    ├── UsageError      wrong words on the command line or wrong arguments   exit 2
    ├── RulesError      a rule folder or project file is wrong               exit 3
    ├── ExtractError    an extract is missing, unreadable or not what it says exit 4
    ├── MachineError    disk, memory or a lock gave out                      exit 5
    └── BooksError      read is not written + merged + set aside             exit 6

Each carries its facts as attributes and builds its message from them: what, where, what was expected,
what to do next. Each survives pickling, since workers may raise it in another process.
"""

from __future__ import annotations

from dataclasses import dataclass


def printable(text: str) -> str:
    r"""Text in which what no screen shows as it is stands as an escape: line breaks, control characters, and
    bytes of a file's name that are no character.

    >>> printable("a\nb.mrc")
    'a\\nb.mrc'
    """
    return text if text.isprintable() else "".join(c if c.isprintable() else _escape(c) for c in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")


class TransformerError(Exception):
    """Base of all errors of this package. `exit_code` is what the command ends with.

    what: one sentence of what is wrong. where: file, key, offset or line (empty when it is the whole
    run). expected: what would have been right. next_step: what the reader should do now.
    """

    exit_code = 5

    def __init__(self, what: str, where: str = "", expected: str = "", next_step: str = "") -> None:
        super().__init__(what, where, expected, next_step)
        self.what = what
        self.where = where
        self.expected = expected
        self.next_step = next_step

    def __str__(self) -> str:
        lines = [f"{printable(self.where)}: {self.what}" if self.where else self.what]
        if self.expected:
            lines.append(f"  expected: {self.expected}")
        if self.next_step:
            lines.append(f"  next: {self.next_step}")
        return "\n".join(lines)


class UsageError(TransformerError):
    """Wrong words on the command line, or arguments that do not fit together."""

    exit_code = 2


class ExtractError(TransformerError):
    """An extract is missing, unreadable, empty, or not of the container it was said to be."""

    exit_code = 4


class MachineError(TransformerError):
    """Disk, memory or a lock gave out; the data is not to blame."""

    exit_code = 5


class BooksError(TransformerError):
    """The ledger does not close: a record was lost or counted twice. Never to be ignored."""

    exit_code = 6


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in a rule, map or project file: file, key, what was found, expected, remedy."""

    file: str
    key: str
    found: str
    expected: str = ""
    remedy: str = ""

    def __str__(self) -> str:
        parts = [f"{self.file}: {self.key}: {self.found}" if self.key else f"{self.file}: {self.found}"]
        if self.expected:
            parts.append(f"    expected: {self.expected}")
        if self.remedy:
            parts.append(f"    do: {self.remedy}")
        return "\n".join(parts)


class RulesError(TransformerError):
    """The rule folders or the project file are wrong. Holds every mistake found, not the first only."""

    exit_code = 3

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        count = len(mistakes)
        super().__init__(f"{count} mistake{'s' if count != 1 else ''} in rules, maps or project file")
        self.mistakes = tuple(mistakes)

    def __reduce__(self) -> tuple[type[RulesError], tuple[tuple[Mistake, ...]]]:
        return (RulesError, (self.mistakes,))

    def __str__(self) -> str:
        return "\n".join([self.what, *(str(m) for m in self.mistakes)])
