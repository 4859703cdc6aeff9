"""Plain values against the shapes: every mistake at once, each with key, expectation and nearest name.

pydantic is imported inside: it costs 0.1 s, and most commands that fail early never need it.
"""

from __future__ import annotations

import dataclasses
import difflib
import typing
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from transformer.errors import Mistake

T = TypeVar("T")
Place = Callable[[tuple[str, ...]], str]
ROUNDS_MOST = 20
"""Times that `build_rest` looks again at what it left over."""

_WORDS = {
    "string_type": "a text in quotes",
    "tuple_type": 'a list: ["..."]',
    "dict_type": "a table of keys and values",
    "mapping_type": "a table of keys and values",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "date_type": "a date: 2026-01-31",
    "date_parsing": "a date: 2026-01-31",
    "dataclass_type": "a table of keys and values",
}


def build(
    shape: type[T], values: Mapping[str, Any], file: str, place: Place | None = None
) -> tuple[T | None, list[Mistake]]:
    """`values` as an object of `shape`, or None with all mistakes. place: path of a key -> its file."""
    import pydantic

    try:
        return _adapter(shape).validate_python(values), []
    except pydantic.ValidationError as error:
        return None, [
            _mistake(shape, dict(detail), file if place is None else place(_path(detail["loc"])))
            for detail in error.errors(include_url=False, include_context=True)
        ]


def build_rest(shape: type[T], values: Mapping[str, Any]) -> T | None:
    """An object of what is right in `values`: what has the wrong shape is left out, with the table that lacks
    a key it must have. None where nothing can be made of it."""
    import copy

    import pydantic

    left = copy.deepcopy(dict(values))
    for _ in range(ROUNDS_MOST):
        try:
            made: T = _adapter(shape).validate_python(left)
            return made
        except pydantic.ValidationError as error:
            paths = set()
            for detail in error.errors(include_url=False, include_context=False):
                lacking = detail["type"] in ("missing", "missing_argument")
                paths.add(detail["loc"][:-1] if lacking else detail["loc"])
        # Later ones of a list first, so that the numbers of the others stay.
        for path in sorted(paths, key=str, reverse=True):
            if not path or not _left_out(left, path):
                return None
    return None


def _left_out(values: Any, path: tuple[int | str, ...]) -> bool:
    """Take out what stands at the path, or the innermost thing on the way that is there."""
    *way, last = path
    here = values
    for number, part in enumerate(way):
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            return _left_out(values, tuple(path[:number])) if number else False
    try:
        del here[last]
    except (KeyError, IndexError, TypeError):
        return _left_out(values, tuple(way)) if way else False
    return True


def nearest(word: str, known: typing.Iterable[str]) -> str:
    """A remedy that names the nearest known word, or the known ones if they are few; empty if none."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if close:
        return f"Did you mean {close[0]!r}?"
    return f"Known: {', '.join(names)}." if 0 < len(names) <= 12 else ""


def _adapter(shape: type[T]) -> Any:
    import pydantic

    return pydantic.TypeAdapter(shape)


def _path(loc: tuple[int | str, ...]) -> tuple[str, ...]:
    return tuple("from" if part == "source" else str(part) for part in loc)


def _mistake(shape: type[Any], detail: dict[str, Any], file: str) -> Mistake:
    loc, kind = detail["loc"], detail["type"]
    key = ".".join(_path(loc))
    if kind in ("unexpected_keyword_argument", "extra_forbidden"):
        known = ["from" if name == "source" else name for name in _fields_at(shape, loc[:-1])]
        return Mistake(file, key, "no such key", remedy=nearest(str(loc[-1]), known))
    if kind in ("missing", "missing_argument"):
        return Mistake(file, key, "missing", "this key must be there", f"Add {key} = ...")
    if kind == "literal_error":
        return Mistake(file, key, repr(detail["input"]), f"one of {detail['ctx']['expected']}")
    found = detail["input"]
    shown = repr(found) if len(repr(found)) <= 60 else type(found).__name__
    return Mistake(file, key, shown, _WORDS.get(kind, str(detail["msg"])))


def _fields_at(shape: Any, loc: tuple[int | str, ...]) -> list[str]:
    """Names of the keys allowed at `loc` below `shape`."""
    here: Any = shape
    for part in loc:
        if dataclasses.is_dataclass(here):
            hints = typing.get_type_hints(here)
            here = hints.get(str(part))
        else:
            arguments = [a for a in typing.get_args(here) if a is not Ellipsis and a is not type(None)]
            here = arguments[-1] if arguments else None
        here = _plain(here)
    return [f.name for f in dataclasses.fields(here)] if dataclasses.is_dataclass(here) else []


def _plain(hint: Any) -> Any:
    """`X | None` as X."""
    arguments = [a for a in typing.get_args(hint) if a is not type(None)]
    if len(arguments) == 1 and type(None) in typing.get_args(hint):
        return arguments[0]
    return hint
