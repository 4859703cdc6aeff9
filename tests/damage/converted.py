"""What `convert` makes of a file with damage: MARCXML as lxml reads it, and what lies beside it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

import transformer
from tests.damage.records import Field

SLIM = "{http://www.loc.gov/MARC21/slim}"
Record = tuple[str, tuple[Field, ...]]
"""Leader without its numbers, and the fields in the inner form of ISO 2709."""


@dataclass(frozen=True, slots=True)
class Converted:
    """records: in order. aside: the bytes set aside and copied. issues: (code, byte in the file, tag)."""

    read_count: int
    written_count: int
    set_aside_count: int
    records: list[Record]
    aside: bytes
    issues: set[tuple[str, int, str]]


def convert(path: Path) -> Converted:
    """Convert a file of ISO 2709 to MARCXML beside it.

    Where the file begins with a page of HTML, or a length of six digits, its container must be named.
    """
    output = path.with_suffix(".xml")
    head = path.read_bytes()[:6]
    container = "iso2709" if head.startswith(b"<") or head.isdigit() else None
    result = transformer.convert(path, output, container=container, threads=1, overwrite=True)
    aside, issues = Path(f"{output}.set-aside"), Path(f"{output}.issues.csv")
    rows: set[tuple[str, int, str]] = set()
    if issues.exists():
        with issues.open(encoding="utf-8-sig", newline="") as file:
            rows = {(row["code"], int(row["byte_start"] or -1), row["tag"]) for row in csv.DictReader(file)}
    return Converted(
        result.read_count,
        result.written_count,
        result.set_aside_count,
        [record_of(found) for _, found in etree.iterparse(output, tag=f"{SLIM}record", huge_tree=True)],
        aside.read_bytes() if aside.exists() else b"",
        rows,
    )


def record_of(element: etree._Element) -> Record:
    """One record; the element is emptied."""
    leader, fields = "", []
    for child in element:
        text = child.text or ""
        if child.tag == f"{SLIM}leader":
            leader = text[5:12] + text[17:]
        elif child.tag == f"{SLIM}controlfield":
            fields.append((child.get("tag"), text.encode()))
        else:
            inner = child.get("ind1") + child.get("ind2")
            inner += "".join(f"\x1f{part.get('code')}{part.text or ''}" for part in child)
            fields.append((child.get("tag"), inner.encode()))
    element.clear()
    return leader, tuple(fields)
