"""Names of characters in braces, as MARCMaker and MarcEdit write them: rules/base/mnemonics.csv.

Readers ask what a name stands for, writers what byte of MARC-8 has which name.
"""

from __future__ import annotations

import csv
import functools
import re
from pathlib import Path
from typing import Final

ESC_NAME: Final = "esc"
_ANSEL_FINAL: Final = 0x45
_HEX: Final = re.compile("[0-9A-F]{2}")


@functools.cache
def names() -> dict[str, tuple[str, bool]]:
    """Name -> (characters, whether it is a combining mark)."""
    package = Path(__file__).resolve().parents[1]
    folders = (package / "_rules", package.parent / "rules")
    path = next(f for f in folders if f.is_dir()) / "base" / "mnemonics.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return {
            row["mnemonic"]: (
                "".join(chr(int(point, 16)) for point in row["code_points"].split()),
                row["combining"] == "yes",
            )
            for row in csv.DictReader(file)
        }


@functools.cache
def bytes_of_names() -> dict[str, bytes]:
    """Name -> its bytes in MARC-8 with the default sets, of those that have any: `{circ}` -> 0xE3."""
    from pymarc.marc8_mapping import CODESETS

    ansel = {chr(point): bytes([byte]) for byte, (point, _) in CODESETS[_ANSEL_FINAL].items()}
    found = {ESC_NAME: b"\x1b"}
    for name, (text, _) in names().items():
        if text.isascii():
            found[name] = text.encode()
        elif text in ansel:
            found[name] = ansel[text]
    return found


@functools.cache
def names_of_bytes() -> dict[int, bytes]:
    """Byte of MARC-8 from 0x80 on -> `{name}`, a word where there is one: `{acute}`, not `{E2}`.

    The two marks round what is not filed have no name; a reference stands for them.
    """
    found = {0x88: b"&#x0098;", 0x89: b"&#x009C;"}
    known = bytes_of_names()
    for name in sorted(known, key=lambda name: (bool(_HEX.fullmatch(name)), name)):
        if known[name][0] >= 0x80:
            found.setdefault(known[name][0], f"{{{name}}}".encode())
    return found
