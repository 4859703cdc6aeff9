"""The MARC formats as rule folders tell them: `marc/FORMAT.csv` and `marc/FORMAT_fixed.csv` -> `MarcFacts`.

Of a format, a row of a higher folder replaces the row of its tag (or of its field, material and position); so
a site adds national and local fields by a file of a few rows. Columns of FORMAT.csv: tag, repeats (yes or
no), ind1, ind2, codes, once. Of FORMAT_fixed.csv: field, material, position, codes: characters, or words with
blanks between, or `@country`, the codes of marc/country.csv. `#` is a blank. material.csv says which
leader/06 and 07 make a material. All mistakes are told together.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from transformer.errors import Mistake, RulesError
from transformer.schema.marc_facts import FieldFact, FixedFact, MarcFacts, Material

FOLDER: Final = "marc"
KINDS: Final = ("bib", "holdings", "authority")
_COLUMNS: Final = {
    "": ("tag", "repeats", "ind1", "ind2", "codes", "once"),
    "_fixed": ("field", "material", "position", "codes"),
    "material": ("material", "leader06", "leader07", "first006"),
}
_REQUIRED: Final = {
    "marc21_bib": ("008", "245"),
    "marc21_holdings": ("852",),
    "marc21_authority": ("008",),
    "unimarc_bib": ("100", "200"),
}
_REPEATS: Final = {"yes": True, "no": False}

Row = tuple[str, int, dict[str, str]]


def known_formats(folders: Sequence[Path]) -> tuple[str, ...]:
    """Formats of which some folder has a table."""
    found = {path.stem for folder in folders for path in (folder / FOLDER).glob("*_*.csv")}
    return tuple(sorted(name for name in found if not name.endswith("_fixed")))


def load_facts(folders: Sequence[Path], name: str) -> MarcFacts:
    """The facts of a format, of `folders` (lowest first). Raises RulesError with every mistake."""
    mistakes: list[Mistake] = []
    fields = _merged(folders, name, _COLUMNS[""], ("tag",), mistakes)
    fixed = _merged(folders, f"{name}_fixed", _COLUMNS["_fixed"], ("field", "material", "position"), mistakes)
    materials = _merged(folders, "material", _COLUMNS["material"], ("material",), mistakes)
    found = [_field(row, mistakes) for row in fields]
    checks = [check for row in fixed for check in _fixed(folders, row, mistakes)]
    known = {fact.tag for fact in found if fact}
    checks = [check for check in checks if check.field == "LDR" or check.field in known]
    if mistakes:
        raise RulesError(tuple(mistakes))
    return MarcFacts(
        name,
        tuple(sorted((fact for fact in found if fact), key=lambda fact: fact.tag)),
        tuple(checks),
        tuple(Material(*(row[2][c] for c in _COLUMNS["material"])) for row in materials) if fixed else (),
        tuple(tag for tag in _REQUIRED.get(name, ()) if tag in known),
    )


def _merged(
    folders: Sequence[Path],
    stem: str,
    columns: tuple[str, ...],
    keys: tuple[str, ...],
    mistakes: list[Mistake],
) -> list[Row]:
    """Rows of one table over all folders; later ones replace."""
    rows: dict[tuple[str, ...], Row] = {}
    for folder in folders:
        path = folder / FOLDER / f"{stem}.csv"
        if path.is_file():
            for row in _rows(path, columns, mistakes):
                rows[tuple(row[2][key] for key in keys)] = row
    return list(rows.values())


def _rows(path: Path, columns: tuple[str, ...], mistakes: list[Mistake]) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != columns:
            found = ", ".join(reader.fieldnames or ()) or "nothing"
            mistakes.append(Mistake(str(path), "line 1", found, ", ".join(columns)))
            return
        for row in reader:
            if None in row or None in row.values():
                mistakes.append(
                    Mistake(str(path), f"line {reader.line_num}", "other columns", ", ".join(columns))
                )
                continue
            yield str(path), reader.line_num, {key: value.strip() for key, value in row.items()}


def _field(row: Row, mistakes: list[Mistake]) -> FieldFact | None:
    path, line, values = row
    place = f"line {line}"
    if len(values["tag"]) != 3 or not values["tag"].isdigit():
        mistakes.append(Mistake(path, place, f"tag {values['tag']!r}", "three digits"))
    elif values["repeats"] not in _REPEATS:
        mistakes.append(Mistake(path, place, f"repeats {values['repeats']!r}", "yes or no"))
    elif not set(values["once"]) <= set(values["codes"]):
        mistakes.append(Mistake(path, place, f"once {values['once']!r}", "codes that `codes` has"))
    elif not all(value.isascii() for value in values.values()):
        mistakes.append(Mistake(path, place, "characters outside ASCII", "ASCII; # is a blank"))
    else:
        return FieldFact(
            values["tag"], _REPEATS[values["repeats"]], values["ind1"], values["ind2"], values["codes"],
            values["once"],
        )  # fmt: skip
    return None


def _fixed(folders: Sequence[Path], row: Row, mistakes: list[Mistake]) -> Iterator[FixedFact]:
    path, line, values = row
    first, _, last = values["position"].partition("-")
    if not first.isdigit() or (last and not last.isdigit()) or (last and int(last) < int(first)):
        mistakes.append(Mistake(path, f"line {line}", f"position {values['position']!r}", "e.g. 06 or 15-17"))
        return
    begin, end = int(first), int(last or first)
    width, codes = end - begin + 1, values["codes"]
    if codes.startswith("@"):
        words = _code_list(folders, codes[1:], width)
        if not words:
            mistakes.append(Mistake(path, f"line {line}", codes, f"a list marc/{codes[1:]}.csv"))
        yield FixedFact(values["field"], values["material"], begin, end, words=words)
    elif " " in codes:
        words = tuple(codes.split())
        wrong = [word for word in words if len(word) != width]
        if wrong:
            mistakes.append(Mistake(path, f"line {line}", wrong[0], f"words of {width} characters"))
        yield FixedFact(values["field"], values["material"], begin, end, words=words)
    else:
        yield FixedFact(values["field"], values["material"], begin, end, characters=codes)


def _code_list(folders: Sequence[Path], name: str, width: int) -> tuple[str, ...]:
    """Codes of marc/NAME.csv, filled up with blanks as they stand in a fixed field, and blanks themselves."""
    codes = {"#" * width}
    for folder in folders:
        path = folder / FOLDER / f"{name}.csv"
        if path.is_file():
            with path.open(encoding="utf-8-sig", newline="") as file:
                codes |= {row["code"].ljust(width, "#") for row in csv.DictReader(file)}
    return tuple(sorted(codes)) if len(codes) > 1 else ()
