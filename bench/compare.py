"""Are the outputs the same? Speeds count only after these.

Records are compared as pymarc, lxml and the program see them: leader without what a conversion must change
(00-04, 09, 12-16), tags, indicators, codes and values, in order.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

Plain = tuple[str, tuple[Any, ...]]
CHUNK = 1 << 24


class Different(Exception):
    """Two outputs that should be the same are not."""


def _leader(text: str) -> str:
    return text[5:9] + text[10:12] + text[17:24]


def of_xml(path: Path) -> Iterator[Plain]:
    """The records of a MARCXML file."""
    from lxml import etree

    for _, record in etree.iterparse(path, tag="{*}record", huge_tree=True):
        fields: list[Any] = []
        leader = ""
        for node in record:
            kind = etree.QName(node).localname
            if kind == "leader":
                leader = node.text or ""
            elif kind == "controlfield":
                fields.append((node.get("tag"), node.text or ""))
            else:
                pairs = tuple((sub.get("code"), sub.text or "") for sub in node)
                fields.append((node.get("tag"), node.get("ind1"), node.get("ind2"), pairs))
        yield _leader(leader), tuple(fields)
        record.clear()
        while record.getprevious() is not None:
            del record.getparent()[0]


def of_marc(path: Path) -> Iterator[Plain]:
    """The records of an ISO 2709 file, as pymarc reads them."""
    import pymarc

    with path.open("rb") as file:
        for record in pymarc.MARCReader(file):
            fields: list[Any] = []
            for field in record.fields:
                if field.is_control_field():
                    fields.append((field.tag, field.data))
                else:
                    pairs = tuple((sub.code, sub.value) for sub in field.subfields)
                    fields.append((field.tag, field.indicators.first, field.indicators.second, pairs))
            yield _leader(str(record.leader)), tuple(fields)


def same(one: Iterable[Plain], other: Iterable[Plain], count: int, names: str) -> int:
    """Compares the first `count` records of two readings; returns how many. Raises Different."""
    for number, (a, b) in enumerate(zip_longest(islice(one, count), islice(other, count))):
        if a != b:
            raise Different(f"{names}: record {number} differs:\n  {a}\n  {b}")
    return number + 1


def record_count(path: Path) -> int:
    """How many record elements a MARCXML file has, by looking at its bytes."""
    count, end = 0, b""
    with path.open("rb") as file:
        while data := file.read(CHUNK):
            count += (end + data).count(b"</record>")
            end = data[-8:]
    return count


def rows_of_marc(path: Path) -> list[int]:
    """Records, fields and subfields of a well-formed ISO 2709 file, told from its delimiters alone."""
    ends = [0, 0, 0]
    with path.open("rb") as file:
        while data := file.read(CHUNK):
            for at, delimiter in enumerate((b"\x1d", b"\x1e", b"\x1f")):
                ends[at] += data.count(delimiter)
    return [ends[0], ends[1] - ends[0], ends[2]]


def payload_sum(paths: list[Path]) -> str:
    """Checksum over the records of MARCXML files one after another, without heads, ends and line breaks."""
    total = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            head = file.read(4096)
            file.seek(head.index(b"<record"))
            before = b""
            while data := file.read(CHUNK):
                total.update(before.replace(b"\n", b""))
                before = data
        total.update(before[: before.rindex(b"</record>") + 9].replace(b"\n", b""))
    return total.hexdigest()


def same_columns(parquet: Path, marc: Path, specs: list[str], count: int) -> int:
    """Compares the first `count` rows of a file of columns with what pymarc reads; returns how many rows
    the file has. A cell is the list of all occurrences, in order; null is an empty list."""
    import pyarrow.parquet as pq

    file = pq.ParquetFile(parquet)
    rows: Iterator[dict[str, Any]] = (
        row for batch in file.iter_batches(4096, columns=specs) for row in batch.to_pylist()
    )
    for number, (row, (_, fields)) in enumerate(zip(islice(rows, count), of_marc(marc), strict=False)):
        for spec in specs:
            found = row[spec] or []
            expected = _values(fields, spec[:3], spec[3:])
            if (found if isinstance(found, list) else [found]) != expected:
                raise Different(f"{parquet.name}: row {number}, {spec}: {found!r}, expected {expected!r}")
    return int(file.metadata.num_rows)


def _values(fields: tuple[Any, ...], tag: str, codes: str) -> list[str]:
    made: list[str] = []
    for field in fields:
        if field[0] == tag:
            made += [field[1]] if not codes else [value for code, value in field[3] if code in codes]
    return made
