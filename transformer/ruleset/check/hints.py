"""Hints: what in rules is probably meant otherwise, though it may be right. No hint stops a run.

A tag or subfield that MARC 21 does not have may be local; a column that no table of the delivery has and no
other rule reads is never seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from transformer.errors import Mistake, RulesError
from transformer.ruleset.compile.columns import rule_names
from transformer.ruleset.files.marc_facts import known_formats, load_facts
from transformer.ruleset.files.rules import THINGS, ColumnRule, RuleSet
from transformer.ruleset.files.validate import nearest
from transformer.ruleset.files.words import WordError, condition_names, parse_field, parse_template
from transformer.schema.marc_facts import FieldFact

_FORMAT = "marc21_bib"
_SPEC = re.compile(r"([0-9]{3})(?:\|[^|]*\|)?([a-z0-9]*)")
_LOCAL = re.compile(r"9..|.9.|..9")
"""Tags that MARC 21 leaves to libraries."""


def hints(ruleset: RuleSet, folders: Sequence[Path]) -> list[Mistake]:
    """Everything of that kind, in the order of the rules."""
    return [*_marc(ruleset, folders), *_unseen(ruleset)]


def _marc(ruleset: RuleSet, folders: Sequence[Path]) -> Iterator[Mistake]:
    facts = dict(ruleset.formats).get("bib")
    if facts is None:
        if _FORMAT not in known_formats(folders):
            return
        try:
            facts = load_facts(folders, _FORMAT)
        except RulesError:
            return
    known = {fact.tag: fact for fact in facts.fields}
    seen: set[tuple[str, str]] = set()
    for path, key, spec in _specs(ruleset):
        said = _unknown(spec, known)
        if said and (key, spec) not in seen:
            seen.add((key, spec))
            yield Mistake(
                ruleset.origin(*path), key, said, f"a field of {facts.name}, or a local one",
                "If it is local, add it to rules/marc; else correct it.",
            )  # fmt: skip


def _unknown(spec: str, known: dict[str, FieldFact]) -> str:
    """What the format does not have of a field spec; empty if all is there, or the tag is a local one."""
    found = _SPEC.fullmatch(spec)
    if found is None or _LOCAL.fullmatch(found[1]):
        return ""
    fact = known.get(found[1])
    if fact is None:
        return f"MARC 21 has no field {found[1]}"
    if not fact.codes or not found[2]:
        return ""
    missing = [code for code in found[2] if code not in fact.codes]
    return f"field {found[1]} has no subfield ${', $'.join(missing)} in MARC 21" if missing else ""


def _specs(ruleset: RuleSet) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """(path, key, field spec) of everything that names MARC fields."""
    rules = ruleset.rules
    for name, extract in rules.extract.items():
        # The specs are compared with the bib format; 004 of holdings is no field of it.
        if extract.container != "marc" or (extract.makes or name) == "holdings":
            continue
        for spec in (*extract.number, *extract.parent):
            yield ("extract", name, "number"), f"extract.{name}", spec
        for number, profile in enumerate(extract.profile):
            where = ("extract", name, "profile", str(number))
            for specs in profile.columns.values():
                for spec in specs:
                    yield where, f"extract.{name}.profile {profile.name}", spec
    for number, edit in enumerate(rules.bib.edit):
        path, key = ("bib", "edit", str(number)), f"bib.edit {edit.id}"
        for spec in (*_made(edit.add), *_made(edit.set), *_asked(edit.when)):
            yield path, key, spec
    for thing in THINGS:
        for column, cases in getattr(rules, thing).items():
            for rule in cases:
                for name in _names(rule):
                    if name.startswith("bib."):
                        yield (thing, column), f"{thing}.{column}", name.removeprefix("bib.")


def _made(text: str) -> list[str]:
    """Specs of what a field template makes and reads."""
    if not text:
        return []
    try:
        field = parse_field(text)
    except WordError:
        return []
    return [*(field.tag + code for code, _ in field.subfields), *field.names]


def _asked(text: str) -> tuple[str, ...]:
    try:
        return condition_names(text) if text else ()
    except WordError:
        return ()


def _names(rule: ColumnRule) -> tuple[str, ...]:
    try:
        return rule_names(rule)
    except WordError:
        return ()


def _unseen(ruleset: RuleSet) -> Iterator[Mistake]:
    """Columns that go nowhere."""
    rules = ruleset.rules
    for thing in ("item", "patron"):
        columns = getattr(rules, thing)
        shown = {
            column
            for target in rules.delivery.values()
            for column in (target.item if thing == "item" else target.patron).columns
        }
        if thing == "item" and rules.holdings is not None:
            shown |= set(rules.holdings.key)
            for text in rules.holdings.field:
                shown |= set(_made(text))
        read = {
            name.removeprefix(f"{thing}.")
            for cases in columns.values()
            for rule in cases
            for name in _names(rule)
        }
        read |= {
            name.removeprefix(f"{thing}.")
            for edit in rules.bib.edit
            for name in (*_asked(edit.when), *_template(edit.add), *_template(edit.set))
        }
        for column in columns:
            if shown and column not in shown and column not in read:
                yield Mistake(
                    ruleset.origin(thing, column), f"{thing}.{column}",
                    "no table of the delivery has this column, and no rule reads it",
                    "a column of Alma, as base/delivery.toml names them",
                    nearest(column, shown) if nearest(column, shown).startswith("Did") else "",
                )  # fmt: skip


def _template(text: str) -> tuple[str, ...]:
    try:
        return parse_template(text).names if text else ()
    except WordError:
        return ()
