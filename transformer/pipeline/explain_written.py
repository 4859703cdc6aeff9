"""Where a thing was written: the files of the delivery are looked through for its number.

Files are read in pieces, never mapped. A row of the items is found by its place in `item_index`, which
has them in the order of the files; everything else by its number, beginning with the file where it most
likely stands.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from transformer.pipeline.explain_run import AskedRun
from transformer.reports.explained import Pair, WentTo

PIECE_BYTES: Final = 8 << 20
LONGEST: Final = 1 << 20
"""Longest line or record that is shown; what is longer is cut."""


@dataclass(frozen=True, slots=True)
class OutFile:
    """A delivered file that is there, and its records or rows."""

    name: str
    record_count: int


def files_of(run: AskedRun, begin: str) -> list[OutFile]:
    """Delivered files whose name begins so, in the order of writing."""
    return [
        OutFile(str(file["name"]), int(file["record_count"]))
        for file in run.opened.manifest["outputs"]
        if str(file["name"]).startswith(begin) and (run.folder / "out" / str(file["name"])).is_file()
    ]


def places(path: Path, needle: bytes, share: float = 0.0) -> Iterator[int]:
    """Bytes of a file where `needle` begins; first those near a share of the file, from 0 to 1."""
    size = path.stat().st_size
    likely = int(share * size) // PIECE_BYTES
    with path.open("rb", buffering=0) as file:
        for piece in sorted(range(-(-size // PIECE_BYTES)), key=lambda n: abs(n - likely)):
            file.seek(piece * PIECE_BYTES)
            # What begins in this piece may end in the next.
            data = file.read(PIECE_BYTES + len(needle) - 1)
            found = data.find(needle)
            while found >= 0:
                yield piece * PIECE_BYTES + found
                found = data.find(needle, found + 1)


def record_in_xml(run: AskedRun, begin: str, number: str, share: float) -> WentTo | None:
    """The MARCXML record with that 001. share: about how far in the files it stands, 0 to 1."""
    files = [file for file in files_of(run, begin) if file.name.endswith(".xml")]
    about = share * sum(file.record_count for file in files)
    likely, within, before = 0, 0.0, 0
    for place, file in enumerate(files):
        if before <= about:
            likely, within = place, (about - before) / max(1, file.record_count)
        before += file.record_count
    needle = f'<controlfield tag="001">{_escaped(number)}</controlfield>'.encode()
    for place in sorted(range(len(files)), key=lambda n: abs(n - likely)):
        path = run.folder / "out" / files[place].name
        for at in places(path, needle, within):
            return WentTo(files[place].name, f"at byte {at:,}", tuple(_xml_fields(path, at)))
    return None


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _xml_fields(path: Path, at: int) -> Iterator[Pair]:
    """The fields of the record around a byte."""
    from lxml import etree

    with path.open("rb") as file:
        first = max(0, at - 4096)
        file.seek(first)
        data = file.read(LONGEST)
    begin = data.rfind(b"<record", 0, at - first)
    end = data.find(b"</record>", at - first)
    if begin < 0 or end < 0:
        return
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    record: Any = etree.fromstring(data[begin : end + len(b"</record>")], parser)
    for field in record:
        name = etree.QName(field).localname
        if name == "leader":
            yield "LDR", field.text or ""
        elif name == "controlfield":
            yield field.get("tag"), field.text or ""
        else:
            marks = f"{field.get('ind1')}{field.get('ind2')}".replace(" ", "_")
            inner = "".join(f"${sub.get('code')}{sub.text or ''}" for sub in field)
            yield field.get("tag"), f"{marks} {inner}"


def item_row(run: AskedRun, number: str) -> WentTo | None:
    """The row of the delivered items."""
    row = run.row_number("item_index", number=number)
    if row is None:
        return None
    for file in files_of(run, "item/item-"):
        if row < file.record_count:
            path = run.folder / "out" / file.name
            header, line = _lines(path, 0), _lines(path, row + 1)
            return WentTo(file.name, f"row {row + 1:,} (line {row + 2:,})", _cells(header, line))
        row -= file.record_count
    return None


def rows_of(run: AskedRun, begin: str, number: str, most: int = 20) -> Iterator[WentTo]:
    """Rows of delimited files whose first value is the number."""
    needle = f"\n{number},".encode()
    quoted = f'\n"{number}",'.encode()
    for file in files_of(run, begin):
        if not file.name.endswith(".csv"):
            continue
        path = run.folder / "out" / file.name
        header = _lines(path, 0)
        for wanted in (needle, quoted):
            for at in places(path, wanted):
                line = _line_at(path, at + 1)
                yield WentTo(file.name, f"at byte {at + 1:,}", _cells(header, line))
                most -= 1
                if most <= 0:
                    return


def line_with(path: Path, text: str) -> Iterator[list[str]]:
    """The values of the lines that hold a value which is exactly this text."""
    seen = -1
    for at in places(path, text.encode()):
        if at < seen:
            continue
        begin = _line_begin(path, at)
        line = _line_at(path, begin)
        seen = begin + len(line)
        cells = next(csv.reader([line.decode("utf-8", "replace")]), [])
        if text in cells:
            yield cells


def _line_begin(path: Path, at: int) -> int:
    first = max(0, at - LONGEST)
    with path.open("rb") as file:
        file.seek(first)
        data = file.read(at - first)
    return first + data.rfind(b"\n") + 1


def _line_at(path: Path, begin: int) -> bytes:
    with path.open("rb") as file:
        file.seek(begin)
        return file.readline(LONGEST)


def _lines(path: Path, number: int) -> bytes:
    """A line by its number from 0. Every row is one line: line breaks inside values became blanks."""
    with path.open("rb", buffering=0) as file:
        at = 0
        while number and (piece := file.read(PIECE_BYTES)):
            count = piece.count(b"\n")
            if count < number:
                number, at = number - count, at + len(piece)
                continue
            place = -1
            for _ in range(number):
                place = piece.find(b"\n", place + 1)
            number, at = 0, at + place + 1
    return _line_at(path, at)


def _cells(header: bytes, line: bytes) -> tuple[Pair, ...]:
    names, values = (next(csv.reader([x.decode("utf-8-sig", "replace")]), []) for x in (header, line))
    return tuple((name, value) for name, value in zip(names, values, strict=False) if value)
