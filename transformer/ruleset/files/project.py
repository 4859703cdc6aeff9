"""The site's project file, LIB/transformer.toml: the choices that are the library's own.

`load_project(LIB)` reads and checks it; all mistakes are told at once in a `RulesError`. What a library
must decide and has not (values that suppress a bib, the 035 prefix) stays empty here: there is no
default, and the run counts and reports instead.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from transformer.errors import Mistake, UsageError
from transformer.extracts.charsets import AUTO, wish_of
from transformer.ruleset.files.shapes import Shape

PROJECT_FILE = "transformer.toml"


@dataclass(frozen=True)
class Numbers(Shape):
    """The one delivered form of record numbers, the same in 001, 004, 035, item, patron and lists.

    check_digit: with the check digit where the system has one. letter: with the letter of the kind
    (`b`, `i`). prefix: put before every number, e.g. when two libraries become one institution.
    prefix_035: what stands in brackets in `035 $a (prefix)number`; empty = undecided, none is added.
    former_003: stands in for a missing 003 when an old 001 is kept as 035; empty = such a 001 is
    counted and reported, not kept.
    """

    check_digit: bool = True
    letter: bool = True
    prefix: str = ""
    prefix_035: str = ""
    former_003: str = ""


@dataclass(frozen=True)
class Bib(Shape):
    """suppress: source values that suppress a bib; none = undecided. undecided values are reported."""

    suppress: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Item(Shape):
    """wins: where an embedded item and its row differ, `rows` or `embedded`.

    call_number: tags of the bib to take a call number from, in order; empty = as the rules say.
    withdrawn: what becomes of withdrawn and discarded items: `keep` delivers them with their status, `drop`
    sets them aside unless they are on loan or on the hold shelf, `list` delivers and tells them.
    """

    wins: Literal["rows", "embedded"] = "rows"
    call_number: tuple[str, ...] = ()
    withdrawn: Literal["keep", "drop", "list"] = "keep"


@dataclass(frozen=True)
class ExtractChoice(Shape):
    """What the site says about one extract: files (globs below LIB), profile, shape of the file.

    encoding: what its files are in, a name as `transformer convert --encoding` has them; empty = MARC is
    looked at, rows are as the rules say. headers: header as it stands in the file -> column name of the
    rules. check_digit: whether numbers end in a check digit, where looking does not settle it.
    """

    files: tuple[str, ...] = ()
    profile: str = ""
    delimiter: str | None = None
    quote: str | None = None
    repeats: tuple[str, ...] | None = None
    encoding: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    check_digit: bool | None = None
    date_order: str = ""


@dataclass(frozen=True)
class Limits(Shape):
    """What a run may show and still end with exit 0.

    set_aside_share: of all units read, 0 to 1. errors: issues of severity error. unmapped_locations:
    rows set aside for an unmapped library or location.
    """

    set_aside_share: float = 0.01
    errors: int = 0
    unmapped_locations: int = 0


@dataclass(frozen=True)
class Output(Shape):
    """Splitting of the delivery: records a bib file, bytes a file, rows a delimited file (0 = no split)."""

    bibs_per_file: int = 50_000
    bytes_per_file: int = 1_900_000_000
    rows_per_file: int = 400_000


@dataclass(frozen=True)
class DeliveryChoice(Shape):
    """shape of a self-load: `tables` beside the bibs, or items in fields of bibs for an `import-profile`."""

    shape: Literal["tables", "import-profile"] = "tables"

    @property
    def items_in_bibs(self) -> bool:
        """Whether each item is a field of its bib."""
        return self.shape == "import-profile"


@dataclass(frozen=True)
class Project(Shape):
    """The whole project file.

    headers: delivered table -> column -> header the site wants. as_of: the day that counts as today;
    None = the day of the run, given by the caller.
    """

    system: str
    site: str = ""
    target: Literal["migration", "self-load"] = "migration"
    as_of: datetime.date | None = None
    numbers: Numbers = field(default_factory=Numbers)
    bib: Bib = field(default_factory=Bib)
    item: Item = field(default_factory=Item)
    extract: dict[str, ExtractChoice] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    output: Output = field(default_factory=Output)
    delivery: DeliveryChoice = field(default_factory=DeliveryChoice)


def load_project(folder: Path) -> Project:
    """The checked project file of `folder`.

    Raises RulesError with every mistake, UsageError if there is none.
    """
    from transformer.ruleset.files.read import read_toml
    from transformer.ruleset.files.validate import build

    path = folder / PROJECT_FILE
    if not path.is_file():
        raise UsageError(
            "no project file",
            str(path),
            f"a folder with {PROJECT_FILE}",
            "Make one: transformer init SYSTEM FOLDER",
        )
    project, mistakes = build(Project, read_toml(path), PROJECT_FILE)
    if project is not None:
        mistakes += [*_wrong_encodings(project), *_wrong_files(project)]
    if mistakes or project is None:
        from transformer.errors import RulesError

        raise RulesError(tuple(mistakes))
    return project


def _wrong_files(project: Project) -> list[Mistake]:
    """Patterns that would read what is no extract: only a whole path names a file outside the folder."""
    mistakes = []
    for name, choice in project.extract.items():
        for pattern in choice.files:
            path = Path(pattern)
            wild = bool(set("*?[") & set(pattern)) and not path.exists()
            outside = ".." in path.parts or (path.is_absolute() and wild)
            if outside or not pattern.strip() or not pattern.isprintable():
                expected = "a pattern below the library's folder, or the whole path of one file"
                mistakes.append(Mistake(PROJECT_FILE, f"extract.{name}.files", repr(pattern), expected))
    return mistakes


def _wrong_encodings(project: Project) -> list[Mistake]:
    """Encodings of extracts that nobody knows."""
    mistakes = []
    for name, choice in project.extract.items():
        try:
            wish_of(choice.encoding or AUTO)
        except UsageError as error:
            key = f"extract.{name}.encoding"
            mistakes.append(Mistake(PROJECT_FILE, key, error.what, error.expected, error.next_step))
    return mistakes
