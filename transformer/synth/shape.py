"""The shape of a library system, read from its `synth.toml` and checked: templates, codes, shares, dirt.

Nothing here knows a system: tags, subfield letters, headers and codes are the file's. A mistake in the
file is a RulesError that names file and key.

A field template is `TTTii$a{name}$b{name}...`: tag, two indicators (`_` = blank), subfields; a subfield
without braces is a constant; `{name*}` says that the value may hold several, which repeat the subfield.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformer.errors import Mistake, RulesError
from transformer.marc import FIELD_TERMINATOR, SUBFIELD_DELIMITER
from transformer.synth.calendar import FORMATS
from transformer.synth.numbers import NumberShape

SD = bytes((SUBFIELD_DELIMITER,))
FT = bytes((FIELD_TERMINATOR,))
LIST_FORMS = frozenset({"check", "bare", "letter-a"})
_TEMPLATE = re.compile(
    r"(?P<tag>[0-9A-Z]{3})(?P<ind>[0-9_]{2})(?P<rest>(\$[0-9a-z](\{[a-z_0-9]+\*?\}|[^${}]*))+)"
)
_SUBFIELD = re.compile(r"\$(?P<code>[0-9a-z])(?:\{(?P<name>[a-z_0-9]+)\*?\}|(?P<constant>[^${}]*))")


@dataclass(frozen=True, slots=True)
class FieldTemplate:
    """A field to be filled. parts: (delimiter and code, name of the value or "", constant)."""

    tag: bytes
    indicators: bytes
    parts: tuple[tuple[bytes, str, bytes], ...]

    def render(self, columns: Mapping[str, list[bytes]], count: int) -> list[bytes]:
        """One field for each row in inner form with its terminator; empty values leave out subfields.

        Several values for one subfield stand in one cell with bare delimiters between them.
        """
        cells: list[list[bytes]] = [[self.indicators] * count]
        for prefix, name, constant in self.parts:
            if name:
                cells.append(
                    [prefix + value.replace(SD, prefix) if value else b"" for value in columns[name]]
                )
            else:
                cells.append([prefix + constant] * count)
        cells.append([FT] * count)
        return list(map(b"".join, zip(*cells, strict=True)))


@dataclass(frozen=True, slots=True)
class Layout:
    """One of the system's export profiles. item is None where bibs carry no items."""

    date: str
    list_form: str
    call_form: str
    pad: dict[str, int]
    fields: tuple[FieldTemplate, ...]
    item: FieldTemplate | None


@dataclass(frozen=True, slots=True)
class Codes:
    """Codes and how often each is drawn."""

    codes: tuple[str, ...]
    shares: tuple[float, ...]

    @property
    def written(self) -> list[bytes]:
        """The codes as bytes."""
        return [code.encode() for code in self.codes]


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape file, checked. `tree` is the file itself, for what needs no object of its own."""

    name: str
    as_of: str
    path: Path
    tree: dict[str, Any]
    number: NumberShape
    layout: Layout

    def codes(self, *keys: str) -> Codes:
        """A table of code = share."""
        table = self.at(*keys)
        return Codes(tuple(table), tuple(float(share) for share in table.values()))

    def at(self, *keys: str) -> Any:
        """What stands under this key. RulesError if nothing does."""
        node: Any = self.tree
        for depth, key in enumerate(keys):
            if not isinstance(node, dict) or key not in node:
                raise _mistake(self.path, ".".join(keys[: depth + 1]), "missing", "see another synth.toml")
            node = node[key]
        return node

    def share(self, *keys: str) -> float:
        """A share between 0 and 1."""
        value = self.at(*keys)
        if not isinstance(value, int | float) or not 0 <= value <= 1:
            raise _mistake(self.path, ".".join(keys), repr(value), "a number from 0 to 1")
        return float(value)

    def texts(self, *keys: str) -> list[bytes]:
        """A list of texts, as bytes."""
        return [str(value).encode() for value in self.at(*keys)]


def _mistake(path: Path, key: str, found: str, expected: str) -> RulesError:
    return RulesError((Mistake(path.name, key, found, expected),))


def parse_template(text: str, path: Path, key: str) -> FieldTemplate:
    """A field template from its one line of text."""
    match = _TEMPLATE.fullmatch(text)
    if match is None:
        raise _mistake(path, key, repr(text), "tag, two indicators (_ = blank), $code{name} ...")
    parts = tuple(
        (SD + m["code"].encode(), m["name"] or "", (m["constant"] or "").encode())
        for m in _SUBFIELD.finditer(match["rest"])
    )
    return FieldTemplate(match["tag"].encode(), match["ind"].replace("_", " ").encode(), parts)


def _layout(tree: dict[str, Any], path: Path, name: str) -> Layout:
    layouts = tree.get("layout", {})
    if name not in layouts:
        raise _mistake(path, f"layout.{name}", "missing", "one of " + ", ".join(layouts))
    raw, key = layouts[name], f"layout.{name}"
    if raw["date"] not in FORMATS:
        raise _mistake(path, f"{key}.date", repr(raw["date"]), "one of " + ", ".join(sorted(FORMATS)))
    if raw["list_form"] not in LIST_FORMS:
        raise _mistake(path, f"{key}.list_form", repr(raw["list_form"]), "one of " + ", ".join(LIST_FORMS))
    return Layout(
        date=raw["date"],
        list_form=raw["list_form"],
        call_form=raw["call_form"],
        pad=dict(raw["pad"]),
        fields=tuple(parse_template(text, path, f"{key}.fields") for text in raw["fields"]),
        item=parse_template(raw["item"], path, f"{key}.item") if raw["item"] else None,
    )


def load(path: Path, layout: str) -> Shape:
    """The shape in this file with one of its layouts. RulesError for a missing or wrong file."""
    try:
        tree = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise _mistake(path, "", f"cannot be read ({error.strerror})", "a synth.toml") from error
    except tomllib.TOMLDecodeError as error:
        raise _mistake(path, "", f"is no TOML: {error}", "a synth.toml") from error
    for key in ("name", "as_of", "number", "date", "list", "bib", "item", "patron", "dirt", "expected"):
        if key not in tree:
            raise _mistake(path, key, "missing", "see another synth.toml")
    raw = tree["number"]
    kinds = ("bib", "item", "patron")
    number = NumberShape(
        raw["weight_from"],
        raw["modulus"],
        raw["ten"].encode(),
        {kind: raw[kind]["letter"].encode() for kind in kinds},
        {kind: int(raw[kind]["first"]) for kind in kinds},
    )
    return Shape(tree["name"], tree["as_of"], path, tree, number, _layout(tree, path, layout))
