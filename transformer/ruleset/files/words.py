"""Names, conditions and templates of rule files: one small grammar, read here and turned into SQL.

    name       a column (`barcode`), a field spec (`245abn`, `008/35-37`), or `bib.x`, `item.x`, `numbers.x`
    condition  clause (" and " clause)*
    clause     name | "not " name | name ("~" | "!~") kind | name ("=" | "!=") (name | 'text')
    kind       date | bib-number | item-number | ... | /regular expression/
    template   text with {name} or {name|name}: the first that is not blank
    field      TAG text | TAG [indicators] $c template ($c template)*

A `Resolve` gives the SQL of a name. Mistakes are `WordError`s with a sentence; the caller adds file and key.
`!~` and `!=` hold only where there is a value to look at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from transformer.database.session import literal

Resolve = Callable[[str], str]
Kind = Callable[[str, str], str]

_SPEC = re.compile(r"(LDR|[0-9][0-9A-Z]{2})(/[0-9]+(-[0-9]+)?|(\|[^|]*)?\|[a-z0-9]*|[a-z0-9]*)")
_CLAUSE = re.compile(r"(?P<left>\S+)\s*(?P<sign>!~|~|!=|=)\s*(?P<right>.+)")
_PART = re.compile(r"\{([^{}]*)\}")
_SUBFIELD = re.compile(r"\s*\$([a-z0-9])\s+")


class WordError(ValueError):
    """Something the grammar does not know. `remedy` may name the nearest known word."""

    def __init__(self, found: str, expected: str = "", remedy: str = "") -> None:
        super().__init__(found)
        self.found = found
        self.expected = expected
        self.remedy = remedy


def is_spec(name: str) -> bool:
    """Whether a name is a MARC field spec.

    >>> is_spec("245abn"), is_spec("LDR/06"), is_spec("barcode")
    (True, True, False)
    """
    return _SPEC.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of a condition. sign: `has`, `not`, `=`, `!=`, `~` or `!~`; right: what stands behind it."""

    left: str
    sign: str
    right: str = ""

    @property
    def pattern(self) -> str | None:
        """The regular expression between strokes, if that is what it asks for."""
        right = self.right
        is_one = self.sign in ("~", "!~") and len(right) > 1 and right[0] == right[-1] == "/"
        return right[1:-1] if is_one else None

    @property
    def other(self) -> str | None:
        """The name that it compares with, if it is one."""
        quotes = len(self.right) > 1 and self.right[0] == self.right[-1] == "'"
        return self.right if self.sign in ("=", "!=") and not quotes else None


def clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of a condition.

    >>> clauses("LDR/06 = 'a' and not 245h")
    (Clause(left='LDR/06', sign='=', right="'a'"), Clause(left='245h', sign='not', right=''))
    """
    return tuple(_parsed(part.strip()) for part in text.split(" and "))


def _parsed(text: str) -> Clause:
    found = _CLAUSE.fullmatch(text)
    if found is not None:
        return Clause(found["left"], found["sign"], found["right"].strip())
    if text.startswith("not "):
        return Clause(text[4:].strip(), "not")
    if not text or " " in text:
        raise WordError(f"condition {text!r}", "a name, `not` and a name, or name ~ kind, name = 'text'")
    return Clause(text, "has")


def condition(text: str, resolve: Resolve, kind: Kind) -> str:
    """SQL of a condition: true, false or null. kind(word, value) gives the SQL of `value ~ word`."""
    return " and ".join(clause_sql(clause, resolve, kind) for clause in clauses(text))


def clause_sql(clause: Clause, resolve: Resolve, kind: Kind) -> str:
    """SQL of one clause."""
    left = resolve(clause.left)
    if clause.sign in ("has", "not"):
        return f"{left} is {'not ' if clause.sign == 'has' else ''}null"
    if clause.sign in ("=", "!="):
        other = literal(clause.right[1:-1]) if clause.other is None else resolve(clause.right)
        return f"{left} {'=' if clause.sign == '=' else '<>'} {other}"
    if clause.pattern is not None:
        matched = f"regexp_matches({left}, {literal(clause.pattern)})"
    else:
        matched = kind(clause.right, left)
    return matched if clause.sign == "~" else f"({left} is not null and not coalesce({matched}, false))"


def condition_names(text: str) -> tuple[str, ...]:
    """The names a condition looks at."""
    return tuple(name for clause in clauses(text) for name in (clause.left, clause.other) if name is not None)


@dataclass(frozen=True, slots=True)
class Template:
    """Text and choices in turn: a `str` stands for itself, a tuple for the first of its names."""

    parts: tuple[str | tuple[str, ...], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All names in it."""
        return tuple(name for part in self.parts if not isinstance(part, str) for name in part)


def parse_template(text: str) -> Template:
    """The template's parts.

    >>> parse_template("({003|numbers.former_003}){001}").names
    ('003', 'numbers.former_003', '001')
    """
    parts: list[str | tuple[str, ...]] = []
    at = 0
    for found in _PART.finditer(text):
        if found.start() > at:
            parts.append(text[at : found.start()])
        names = tuple(name.strip() for name in found[1].split("|"))
        if not all(names):
            raise WordError(f"template {text!r}", "{name} or {name|name}")
        parts.append(names)
        at = found.end()
    if at < len(text):
        parts.append(text[at:])
    if any(isinstance(p, str) and ("{" in p or "}" in p) for p in parts):
        raise WordError(f"template {text!r}", "every { closed by a }")
    return Template(tuple(parts))


def template_sql(template: Template, resolve: Resolve) -> str:
    """SQL of the text; null where any choice has nothing."""
    return " || ".join(
        literal(part) if isinstance(part, str) else _first(part, resolve) for part in template.parts
    )


def _first(names: Sequence[str], resolve: Resolve) -> str:
    found = [resolve(name) for name in names]
    return found[0] if len(found) == 1 else f"coalesce({', '.join(found)})"


@dataclass(frozen=True, slots=True)
class FieldTemplate:
    """A MARC field to be made: tag, indicators (a template of two characters) and subfields, or a value."""

    tag: str
    indicators: Template
    subfields: tuple[tuple[str, Template], ...]
    value: Template | None

    @property
    def is_control(self) -> bool:
        """It has no subfields."""
        return self.value is not None

    @property
    def names(self) -> tuple[str, ...]:
        """All names in it."""
        inner = [self.indicators, *(t for _, t in self.subfields), *([self.value] if self.value else [])]
        return tuple(name for template in inner for name in template.names)


def parse_field(text: str) -> FieldTemplate:
    """A field template. `_` in the indicators is a blank.

    >>> field = parse_field("035 $a ({prefix}){number}")
    >>> field.tag, field.subfields[0][0], field.names
    ('035', 'a', ('prefix', 'number'))
    >>> parse_field("001 {number}").is_control
    True
    """
    tag, _, rest = text.partition(" ")
    if len(tag) != 3 or not tag[0].isdigit():
        raise WordError(f"field {text!r}", "a tag of three characters, then `$a ...` or a value")
    pieces = _SUBFIELD.split(" " + rest)
    if len(pieces) == 1:
        if not rest:
            raise WordError(f"field {text!r}", "something after the tag")
        return FieldTemplate(tag, Template(()), (), parse_template(rest))
    indicators = parse_template(pieces[0].strip() or "__")
    width = sum(len(p) if isinstance(p, str) else 1 for p in indicators.parts)
    if width != 2:
        raise WordError(f"indicators {pieces[0].strip()!r}", "two characters, `_` for a blank")
    codes = zip(pieces[1::2], pieces[2::2], strict=True)
    return FieldTemplate(tag, indicators, tuple((c, parse_template(t.strip())) for c, t in codes), None)


def field_sql(field: FieldTemplate, resolve: Resolve) -> str:
    """SQL of the field's inner form, null where there is nothing to say.

    A subfield none of whose names has a value is left out; one with some but not all makes the whole
    field null, as does a field without subfields.
    """
    if field.value is not None:
        return template_sql(field.value, resolve)
    indicators = " || ".join(
        literal(p.replace("_", " ")) if isinstance(p, str) else f"coalesce({_first(p, resolve)}, ' ')"
        for p in field.indicators.parts
    )
    pieces = [_subfield_sql(code, template, resolve) for code, template in field.subfields]
    return f"{indicators} || nullif({' || '.join(pieces)}, '')"


def _subfield_sql(code: str, template: Template, resolve: Resolve) -> str:
    made = f"chr(31) || {literal(code)} || {template_sql(template, resolve)}"
    choices = [_first(part, resolve) for part in template.parts if not isinstance(part, str)]
    if not choices:
        return f"({made})"
    if len(choices) == 1:
        return f"coalesce({made}, '')"
    nothing = " and ".join(f"{choice} is null" for choice in choices)
    return f"(case when {nothing} then '' else {made} end)"


def position(text: str) -> tuple[int, int]:
    """First byte from 0 and end of `1-10` or `5`, which count from 1. WordError for anything else.

    >>> position("1-10"), position("5")
    ((0, 10), (4, 5))
    """
    first, _, last = text.partition("-")
    if not first.isdigit() or (last or first).isdigit() is False or not 0 < int(first) <= int(last or first):
        raise WordError(f"positions {text!r}", "first and last byte, counted from 1: 1-10")
    return int(first) - 1, int(last or first)
