"""Mistakes in what rules say about extracts: names, kinds, links, positions, keys of another container."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Protocol

from transformer.marc import LEADER_LENGTH
from transformer.ruleset.compile.context import check_pattern
from transformer.ruleset.compile.rows import place_names
from transformer.ruleset.files.rules import LINKED, Extract, Rules, RuleSet
from transformer.ruleset.files.validate import nearest
from transformer.ruleset.files.words import WordError, condition_names, is_spec, parse_template, position

Path = tuple[str, ...]
_PLACE = re.compile(r"\{[0-9]\}")
NUMBERED = ("bib", "holdings", "item", "patron")
KINDS = (*NUMBERED, *LINKED, "code_list")
"""What an extract may make."""
_OWN_KEYS = {
    "fixed": ("positions", "again", "rest", "record_bytes"),
    "dump": ("table",),
    "delimited": ("delimiter", "repeats", "order"),
    "embedded": ("field", "columns"),
    "marc": ("profile", "key", "suppress", "dump"),
}
"""Keys that only one container has."""


class Told(Protocol):
    """Collects mistakes: asks a question, and what it cannot understand is a mistake at the path."""

    @property
    def ruleset(self) -> RuleSet:
        """The rules that are asked about."""

    def ask(self, path: Path, question: Callable[[], object], key: str = "") -> None:
        """Run `question`."""


def wrong(
    found: str, known: Sequence[str] | Mapping[str, object] | set[str], expected: str = ""
) -> Callable[[], None]:
    """A question whose answer is a mistake; the nearest known word is named."""

    def say() -> None:
        raise WordError(
            found,
            expected or "one that the rules know",
            nearest(found.split("'")[1] if "'" in found else "", known),
        )

    return say


def check_extracts(told: Told) -> None:
    """Everything about numbers, dates and extracts that can be said without data."""
    rules = told.ruleset.rules
    for name, way in rules.dates.items():
        for pattern in way.patterns:
            told.ask(("dates", name, "patterns"), partial(check_pattern, pattern))
    for name, number in rules.number.items():
        if number.shape not in rules.number_shape:
            told.ask(("number", name, "shape"), wrong(f"shape {number.shape!r}", rules.number_shape))
    for name, extract in rules.extract.items():
        path = ("extract", name)
        _kind(told, rules, path, name, extract)
        _keys(told, path, extract)
        if extract.container == "embedded":
            _embedded(told, rules, path, extract)
        elif extract.container == "marc":
            _marc(told, rules, path, extract)
        else:
            _rows(told, path, extract)


def _kind(told: Told, rules: Rules, path: Path, name: str, extract: Extract) -> None:
    if extract.adds_to:
        if extract.makes:
            told.ask(path, wrong("both makes and adds_to", (), "one of them"))
        if extract.adds_to not in ("item", "patron"):
            told.ask((*path, "adds_to"), wrong(f"kind {extract.adds_to!r}", ("item", "patron")))
        if not any(key.startswith(f"{extract.adds_to}.") for key in extract.links):
            said = f'links = {{ "{extract.adds_to}.number" = "<column>" }}'
            told.ask(path, wrong("adds_to, but no links to its things", (), said))
        return
    kind = extract.makes or name
    if kind not in KINDS:
        told.ask((*path, "makes"), wrong(f"kind {kind!r}", KINDS))
        return
    needs = kind in NUMBERED and not (kind == "holdings" and (extract.inside or extract.key))
    if needs and kind not in rules.number:
        told.ask((*path, "makes"), wrong(f"numbers of {kind!r}", rules.number))
    if needs and not extract.number:
        told.ask(path, wrong("no number", (), "number: where the record number stands"))
    if kind in LINKED and not any(key.startswith("item.") for key in extract.links):
        told.ask(path, wrong("no links to items", (), 'links = { "item.number" = "<column>" }'))
    if kind == "holdings" and extract.is_rows and not (extract.parent or "bib.number" in extract.links):
        told.ask(path, wrong("no parent", (), "parent: the column with the bib's number"))
    for column in {"code_list": ("code", "label"), "item_status": ("code",)}.get(kind, ()):
        if extract.is_rows and column not in extract.named:
            told.ask(path, wrong(f"no column {column!r}", extract.named, f"a column called {column}"))


def _keys(told: Told, path: Path, extract: Extract) -> None:
    """Keys of another container, which would be passed over."""
    for container, names in _OWN_KEYS.items():
        for name in names if container != extract.container else ():
            if name == "columns" or not getattr(extract, name):
                continue
            found = f"{name!r} in an extract of container {extract.container}"
            told.ask((*path, name), wrong(found, (), f"container = {container!r}, or no such key"))


def _embedded(told: Told, rules: Rules, path: Path, extract: Extract) -> None:
    if extract.inside not in rules.extract:
        told.ask((*path, "inside"), wrong(f"extract {extract.inside!r}", rules.extract))
    if len(extract.field) != 3:
        told.ask((*path, "field"), wrong(f"tag {extract.field!r}", (), "a tag of three characters"))
    for column, code in extract.columns.items():
        if len(code) != 1:
            told.ask((*path, "columns", column), wrong(repr(code), (), "one subfield code"))
    # DuckDB does not tell columns apart by capitals.
    for code in {*extract.columns.values(), *extract.number}:
        if code != code.lower() and code.lower() in {*extract.columns.values(), *extract.number}:
            told.ask((*path, "columns"), wrong(f"both {code.lower()!r} and {code!r}", (), "one of the two"))


def _marc(told: Told, rules: Rules, path: Path, extract: Extract) -> None:
    specs = [*extract.number, *extract.parent, *extract.key]
    specs += [spec for p in extract.profile for column in p.columns.values() for spec in column]
    for spec in specs:
        if not is_spec(spec):
            told.ask(path, wrong(f"field spec {spec!r}", (), "a tag and subfield codes, e.g. 907a"))
    if extract.flat is not None and len(_PLACE.sub("x", extract.flat.leader)) != LEADER_LENGTH:
        said = "a leader of 24 characters, {0} to {9} for those of the field 000"
        told.ask((*path, "flat", "leader"), wrong(repr(extract.flat.leader), (), said))
    if extract.dump and not all(extract.dump.partition(".")[::2]):
        told.ask((*path, "dump"), wrong(repr(extract.dump), (), "table.column"))
    columns = {column for profile in extract.profile for column in profile.columns}
    if extract.suppress and extract.suppress not in columns:
        told.ask((*path, "suppress"), wrong(f"column {extract.suppress!r}", columns))
    if extract.inside and (extract.makes != "holdings" or extract.inside != "bib"):
        told.ask(
            (*path, "inside"), wrong(f"{extract.makes} inside {extract.inside}", (), "holdings inside bib")
        )
    inner = [e for e in rules.extract.values() if e.container == "marc" and e.inside == path[1]]
    for number, profile in enumerate(extract.profile):
        where = (*path, "profile", str(number))
        if profile.holdings and not any(e.makes == "holdings" and e.key for e in inner):
            said = f'an extract with makes = "holdings", inside = "{path[1]}" and key'
            told.ask(where, wrong("holdings, but no extract of holdings here", (), said))


def _rows(told: Told, path: Path, extract: Extract) -> None:
    named = set(extract.named)
    if not named:
        said = {"fixed": "positions", "delimited": "headers or order"}.get(extract.container, "headers")
        told.ask(path, wrong("no columns", (), said))
    if extract.container == "dump" and not extract.table:
        told.ask(path, wrong("no table", (), "table: its name in the dump"))
    if extract.flat is not None and extract.container != "flat":
        found = f"'flat' in an extract of container {extract.container}"
        told.ask((*path, "flat"), wrong(found, (), "container = 'flat', or 'marc'"))
    if extract.container == "flat" and extract.flat is None:
        told.ask(path, wrong("no flat", (), "[extract.<name>.flat] with boundary and the signs of a tag"))
    again = extract.again
    places = [*extract.positions.values(), *(again.positions.values() if again else ())]
    for text in [*places, *([again.times] if again and again.times else [])]:
        told.ask((*path, "positions"), partial(position, text))
    for text in (*extract.number, *extract.parent, *extract.links.values(), *extract.texts.values()):
        if "{" in text:
            told.ask(path, partial(_template, text, named))
    wanted = {*place_names(extract), *extract.required, *extract.blanks}
    wanted |= {text for text in extract.links.values() if "{" not in text}
    wanted |= {*extract.subfields, *(c for group in extract.together for c in group)} - {
        c for parts in extract.subfields.values() for c in parts.values()
    }
    for column in sorted(wanted - named):
        told.ask(path, wrong(f"column {column!r} that nothing in the extract gives", named))
    for key in extract.links:
        thing, _, column = key.partition(".")
        if "{" in column:
            told.ask((*path, "links", key), partial(parse_template, column))
        if thing not in ("bib", "item", "patron") or not column or (thing == "bib" and column != "number"):
            known = ("bib.number", "item.number", "patron.number")
            told.ask((*path, "links", key), wrong(f"link {key!r}", known, "item.number, patron.barcode ..."))
    for text in (extract.only_if, *extract.marks.values()):
        if text:
            told.ask(path, partial(_condition, text, named))


def _template(text: str, named: set[str]) -> None:
    for name in parse_template(text).names:
        if name not in named:
            raise WordError(f"column {name!r}", "a column of the extract", nearest(name, named))


def _condition(text: str, named: set[str]) -> None:
    for name in condition_names(text):
        if name not in named:
            raise WordError(f"column {name!r}", "a column of the extract", nearest(name, named))
