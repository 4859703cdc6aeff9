"""Three folders over one another: base, system, site.

Tables merge by key. A list of tables with an `id`, `name` or `tag` merges by that, later ones replacing
keys of earlier ones and new ones going last; any other list replaces the one below. A column of a thing
that says anew where its value comes from (`from`, `value`, `text`, `sql`) replaces the column below as a
whole, so that a map of base does not linger on a site's constant; so does an edit that says a verb. Maps
merge row by row on their key columns.
"""

from __future__ import annotations

from typing import Any

Path = tuple[str, ...]
_MAKING = ("from", "value", "text", "sql")
_NAMED = ("id", "name", "tag")
_THINGS = ("item", "patron", "holdings_row")
_EDITED = ("bib", "holdings")
_NO_VERB = ("id", "when", "unless_there", "off", "why")


def merge(
    below: dict[str, Any], above: dict[str, Any], file: str, origins: dict[Path, str]
) -> dict[str, Any]:
    """`above` over `below`; `origins` learns which file says each key."""
    return _tables((), below, above, file, origins)


def _tables(
    path: Path, below: dict[str, Any], above: dict[str, Any], file: str, origins: dict[Path, str]
) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        here = (*path, key)
        old = merged.get(key)
        origins[here] = file
        if isinstance(value, dict) and isinstance(old, dict) and not _made_anew(here, value):
            merged[key] = _tables(here, old, value, file, origins)
        elif isinstance(old, list) and _named(value) and _named(old):
            merged[key] = _lists(here, old, value, file, origins)
        else:
            merged[key] = value
            if isinstance(old, dict | list):
                for gone in [known for known in origins if known[: len(here)] == here]:
                    del origins[gone]
            _note(here, value, file, origins)
    return merged


def _made_anew(path: Path, value: dict[str, Any]) -> bool:
    return len(path) == 2 and path[0] in _THINGS and any(verb in value for verb in _MAKING)


def _edited_anew(path: Path, value: dict[str, Any]) -> bool:
    return path[1:] == ("edit",) and path[0] in _EDITED and any(key not in _NO_VERB for key in value)


def _named(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) and name_of(v) for v in value)


def name_of(value: dict[str, Any]) -> str:
    """What tells an entry of a list from the others: its id, name or tag."""
    return next((str(value[key]) for key in _NAMED if key in value), "")


def _lists(path: Path, below: list[Any], above: list[Any], file: str, origins: dict[Path, str]) -> list[Any]:
    merged = list(below)
    places = {name_of(value): number for number, value in enumerate(merged)}
    for value in above:
        number = places.get(name_of(value))
        if number is None:
            places[name_of(value)] = number = len(merged)
            merged.append(value)
            _note((*path, str(number)), value, file, origins)
        else:
            here = (*path, str(number))
            origins[here] = file
            if _edited_anew(path, value):
                merged[number] = value
                _note(here, value, file, origins)
            else:
                merged[number] = _tables(here, merged[number], value, file, origins)
    return merged


def _note(path: Path, value: Any, file: str, origins: dict[Path, str]) -> None:
    origins[path] = file
    if isinstance(value, dict):
        for key, inner in value.items():
            _note((*path, key), inner, file, origins)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _note((*path, str(number)), inner, file, origins)
