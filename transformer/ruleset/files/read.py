"""Rule files from disk: TOML documents and CSV maps, as plain values with the place they came from.

Mistakes that keep a file from being read at all (bad TOML, a map with rows of the wrong length, text
that is not UTF-8) are raised as RulesError; everything later is collected.
"""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path
from typing import Any, Final

from transformer.errors import Mistake, RulesError

BYTES_MOST: Final = 32 << 20
"""Size of a rule file or map; a map of 300,000 codes has 10 MB."""


def read_toml(path: Path) -> dict[str, Any]:
    """The document as nested dicts and lists. RulesError with the line where TOML ends to make sense."""
    _plain_file(path)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except RecursionError:
        raise RulesError((Mistake(str(path), "", "nested too deeply", "tables and lists"),)) from None
    except tomllib.TOMLDecodeError as error:
        raise RulesError(
            (
                Mistake(
                    str(path), "", f"not TOML: {error}", "name = value, texts in quotes", "Mend that line."
                ),
            )
        ) from None
    except UnicodeDecodeError:
        raise RulesError(
            (Mistake(str(path), "", "not UTF-8", "a text file in UTF-8", "Save it as UTF-8."),)
        ) from None
    except OSError as error:
        raise RulesError((Mistake(str(path), "", f"cannot be read: {error.strerror}"),)) from None


def _plain_file(path: Path) -> None:
    """RulesError for what is no file (a pipe would never end), and for one larger than any list of codes."""
    if not path.is_file():
        raise RulesError((Mistake(str(path), "", "is no file", "a text file"),))
    size = path.stat().st_size
    if size > BYTES_MOST:
        found = f"{size:,} bytes"
        raise RulesError((Mistake(str(path), "", found, f"at most {BYTES_MOST:,}", "Is it an extract?"),))


def read_map(path: Path) -> tuple[list[str], list[tuple[int, list[str]]], list[Mistake]]:
    """Header, rows as (line, values) and mistakes of a CSV map; every value is text, outer blanks cut off.

    A row of another length than the header is a mistake and left out. Empty lines are no rows.
    """
    mistakes: list[Mistake] = []
    try:
        _plain_file(path)
        text = path.read_text(encoding="utf-8-sig")
    except RulesError as error:
        return [], [], list(error.mistakes)
    except UnicodeDecodeError:
        found = Mistake(str(path), "", "not UTF-8", "a CSV file in UTF-8", "Save it as CSV UTF-8.")
        return [], [], [found]
    reader = csv.reader(text.splitlines(), strict=True)
    header: list[str] = []
    rows: list[tuple[int, list[str]]] = []
    try:
        for values in reader:
            cells = [value.strip() for value in values]
            if not any(cells):
                continue
            if not header:
                header = cells
            elif len(cells) != len(header):
                mistakes.append(
                    Mistake(
                        str(path),
                        f"line {reader.line_num}",
                        f"{len(cells)} values",
                        f"{len(header)}, as in the first line",
                        "Put values that hold a comma in double quotes.",
                    )
                )
            else:
                rows.append((reader.line_num, cells))
    except csv.Error as error:
        mistakes.append(Mistake(str(path), f"line {reader.line_num}", f"not CSV: {error}"))
    if not header:
        mistakes.append(Mistake(str(path), "", "empty", "a first line with column names"))
    return header, rows, mistakes
