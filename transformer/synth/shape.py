"""The shape of a library system, read from its `synth.toml` and checked: templates, codes, shares, dirt.

Nothing here knows a system: tags, subfield letters, headers and codes are the file's. A mistake in the
file is a RulesError that names file and key.

A field template is `TTTii$a{name}$b{name}...`: tag, two indicators (`_` = blank), subfields; text before the
braces stands before each value, a subfield without braces is a constant; `{name*}` says that the value may
hold several, which repeat the subfield.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformer.errors import Mistake, RulesError
from transformer.marc import FIELD_TERMINATOR, SUBFIELD_DELIMITER
from transformer.synth.calendar import FORMATS
from transformer.synth.numbers import NumberShape

SD = bytes((SUBFIELD_DELIMITER,))
FT = bytes((FIELD_TERMINATOR,))
NUMBER_FORMS = frozenset({"dotted", "check", "bare", "letter-a"})
ENCODINGS = frozenset({"utf-8", "marc-8"})
_TEMPLATE = re.compile(
    r"(?P<tag>[0-9A-Z]{3})(?P<ind>[0-9_]{2})(?P<rest>(\$[0-9a-z][^${}]*(\{[a-z_0-9]+\*?\})?)+)"
)
_SUBFIELD = re.compile(r"\$(?P<code>[0-9a-z])(?P<before>[^${}]*)(?:\{(?P<name>[a-z_0-9]+)\*?\})?")


@dataclass(frozen=True, slots=True)
class FieldTemplate:
    """A field to be filled. parts: (delimiter, code and text before the value, its name or "")."""

    tag: bytes
    indicators: bytes
    parts: tuple[tuple[bytes, str], ...]

    def render(self, columns: Mapping[str, list[bytes]], count: int) -> list[bytes]:
        """One field for each row in inner form with its terminator; empty values leave out subfields.

        Several values for one subfield stand in one cell with bare delimiters between them.
        """
        cells: list[list[bytes]] = [[self.indicators] * count]
        for prefix, name in self.parts:
            if name:
                cells.append(
                    [prefix + value.replace(SD, prefix) if value else b"" for value in columns[name]]
                )
            else:
                cells.append([prefix] * count)
        cells.append([FT] * count)
        return list(map(b"".join, zip(*cells, strict=True)))


@dataclass(frozen=True, slots=True)
class Layout:
    """One of the system's export profiles. item is None where bibs carry no items.

    marc_form, list_form: how record numbers are written in MARC and in lists. split_bytes: a bib longer than
    that is written in several records, each with a part of its items; 0 = never.
    """

    date: str
    encoding: str
    marc_form: str
    list_form: str
    split_bytes: int
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

    def get(self, *keys: str, default: Any) -> Any:
        """What stands under this key, or `default`."""
        node: Any = self.tree
        for key in keys:
            if not isinstance(node, dict) or key not in node:
                return default
            node = node[key]
        return node

    def parts(self, code: str, values: Sequence[bytes]) -> dict[str, list[bytes]]:
        """Codes that are put together of several columns, taken apart: `[item.location] parts` names them.

        Where the shape says none, the code is one column of its own name.
        """
        names = self.get("item", f"{code}_parts", default=[code])
        if names == [code]:
            return {code: list(values)}
        apart = {value: value.split(b"/") for value in set(values)}
        return {name: [apart[value][at] for value in values] for at, name in enumerate(names)}

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
        (SD + m["code"].encode() + m["before"].encode(), m["name"] or "")
        for m in _SUBFIELD.finditer(match["rest"])
    )
    return FieldTemplate(match["tag"].encode(), match["ind"].replace("_", " ").encode(), parts)


def _layout(tree: dict[str, Any], path: Path, name: str) -> Layout:
    layouts = tree.get("layout", {})
    if name not in layouts:
        raise _mistake(path, f"layout.{name}", "missing", "one of " + ", ".join(layouts))
    raw, key = layouts[name], f"layout.{name}"
    if "like" in raw:
        raw = layouts[raw["like"]] | raw
    raw = {"encoding": "utf-8", "marc_form": "dotted", "split_bytes": 0, "pad": {}} | raw
    if raw["date"] not in FORMATS:
        raise _mistake(path, f"{key}.date", repr(raw["date"]), "one of " + ", ".join(sorted(FORMATS)))
    for word, known in (("list_form", NUMBER_FORMS), ("marc_form", NUMBER_FORMS), ("encoding", ENCODINGS)):
        if raw[word] not in known:
            raise _mistake(path, f"{key}.{word}", repr(raw[word]), "one of " + ", ".join(sorted(known)))
    return Layout(
        date=raw["date"],
        encoding=raw["encoding"],
        marc_form=raw["marc_form"],
        list_form=raw["list_form"],
        split_bytes=int(raw["split_bytes"]),
        call_form=raw["call_form"],
        pad=dict(raw["pad"]),
        fields=tuple(parse_template(text, path, f"{key}.fields") for text in raw["fields"]),
        item=parse_template(raw["item"], path, f"{key}.item") if raw["item"] else None,
    )


def _tree(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise _mistake(path, "", f"cannot be read ({error.strerror})", "a synth.toml") from error
    except tomllib.TOMLDecodeError as error:
        raise _mistake(path, "", f"is no TOML: {error}", "a synth.toml") from error


def layout_names(path: Path) -> tuple[str, ...]:
    """The names of its layouts, in the order of the file."""
    return tuple(_tree(path).get("layout", {}))


def load(path: Path, layout: str) -> Shape:
    """The shape in this file with one of its layouts. RulesError for a missing or wrong file."""
    tree = _tree(path)
    for key in ("name", "as_of", "number", "date", "list", "bib", "item", "patron", "dirt", "expected"):
        if key not in tree:
            raise _mistake(path, key, "missing", "see another synth.toml")
    raw = tree["number"]
    kinds = [kind for kind, value in raw.items() if isinstance(value, dict)]
    number = NumberShape(
        raw.get("weight_from", 2),
        raw.get("modulus", 0),
        raw.get("ten", "").encode(),
        {kind: raw[kind]["letter"].encode() for kind in kinds},
        {kind: int(raw[kind]["first"]) for kind in kinds},
    )
    return Shape(tree["name"], tree["as_of"], path, tree, number, _layout(tree, path, layout))
