"""Delimited files with accidents among untouched rows, and what must hold for them.

Promised to a neighbour: a quote that opens and is not closed costs its own line and no other, where the next
line is by itself a sound row that begins like the damaged one (see kernels/delimited.py).
"""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Final

from tests.delimited import read_all
from tests.fuzz.case import Case, Piece, random_of
from tests.fuzz.lines import Shape, damaged
from tests.fuzz.records import WORDS
from transformer.extracts.model import PARTITION_BYTES, Source
from transformer.extracts.shape import DelimitedShape
from transformer.readers.delimited import DelimitedResult

SHAPES: Final = {
    "comma": DelimitedShape(",", '"'),
    "pipe": DelimitedShape("|", None, ""),
    "tab": DelimitedShape("\t", '"', "", "cp1252"),
}
COLUMNS: Final = 5
TEXT_FACTOR: Final = 4
_SPECIAL: Final = Shape(
    lambda *_: b"",
    (b'"', b'"', b'""', b",", b"|", b"\t", b"\n", b"\r\n", b'"\n', b'\n"', b'","', b'";"', b'"\n"', b"\r",
     b'""",', b";"),
)  # fmt: skip


def row(random: Random, shape: DelimitedShape, number: int) -> tuple[bytes, tuple[str, ...]]:
    """A row as it is written, and its values."""
    words = [word for word in WORDS if shape.encoding == "utf-8" or word.isascii()]
    values = [f"i{number}"]
    for _ in range(COLUMNS - 1):
        text = " ".join(random.choices(words, k=random.randint(0, 4)))
        if shape.qualifier and random.random() < 0.1:
            text += random.choice((' "quoted" text', ", and more", "\nsecond line"))
        values.append(text)
    mark, delimiter = shape.qualifier or "", shape.delimiter or ""
    shown = [f"{mark}{value.replace(mark, mark * 2) if mark else value}{mark}" for value in values]
    line = delimiter.join(shown) + random.choice(("\n", "\n", "\r\n"))
    return line.encode(shape.encoding), tuple(values)


def made(seed: int, number: int, records: int = 600) -> Case:
    """A file of so many rows behind a header."""
    random = random_of(seed, "delimited", number)
    name = random.choice(sorted(SHAPES))
    shape, share = SHAPES[name], random.choice((0.02, 0.3, 0.6))
    delimiter = shape.delimiter or ""
    head = delimiter.join(f"column{column}" for column in "ABCDE") + "\n"
    pieces, other = [Piece(head.encode()), Piece(*_first(shape))], b"x"
    for index in range(records):
        data, values = row(random, shape, number * records + index)
        touched = random.random() < share
        pieces.append(damaged(random, data, other, _SPECIAL) if touched else Piece(data, "", values))
        other = data
    return Case(
        f"{seed}/delimited/{number}", "delimited", tuple(promised(pieces)), name, random.choice((300, 5_000))
    )


def _first(shape: DelimitedShape) -> tuple[bytes, str, tuple[str, ...]]:
    """A row behind the header, so that there is one."""
    data, values = row(Random(0), shape, 0)
    return data, "", values


def promised(pieces: list[Piece]) -> list[Piece]:
    """Nothing is promised of a row that the damaged ones before it may take for a value's next line."""
    found, rubble = list(pieces), b""
    for at, piece in enumerate(pieces):
        if piece.kind:
            rubble += piece.data
            continue
        lines = [line for line in rubble.split(b"\n") if line.strip()]
        alike = all(line.startswith(b'"') == piece.data.startswith(b'"') for line in lines)
        sound = rubble.endswith(b"\n") and piece.data.count(b"\n") == 1 and alike
        if rubble and not sound:
            found[at] = Piece(piece.data)
        rubble = b""
    return found


def check(case: Case, folder: Path) -> dict[str, int]:
    """Read the case's file in both ways; that spans cover it and numbers follow is checked on the way."""
    path = folder / "fuzzed"
    path.write_bytes(case.data)
    source, shape = Source(path, "delimited"), SHAPES[case.encoding]
    whole = read_all(source, shape, PARTITION_BYTES)
    rows = rows_of(whole)
    at = 0
    for piece in case.pieces:
        if piece.wanted is not None:
            assert rows.get(at) == piece.wanted, f"the untouched row at {at} was read as {rows.get(at)}"
        at += len(piece.data)
    other = read_all(source, shape, case.partition_bytes)
    assert rows_of(other) == rows, "other rows for other partitions"
    for name in ("set_aside", "notes"):
        one, two = ([item for r in results for item in getattr(r, name)] for results in (whole, other))
        assert one == two, f"other {name} for other partitions"
    assert sum(r.loose_count for r in whole) == sum(r.loose_count for r in other)
    return {"records": len(rows), "set aside": sum(len(result.set_aside) for result in whole)}


def rows_of(results: list[DelimitedResult]) -> dict[int, tuple[str, ...]]:
    """Values by the place of their row. Arrow checks that they are UTF-8."""
    rows = {}
    for result in results:
        result.table.validate(full=True)
        columns = [column.to_pylist() for column in result.table.columns]
        for _, start, count, *values in zip(*columns, strict=True):
            rows[start] = tuple(values)
            assert sum(len(value.encode()) for value in values) <= TEXT_FACTOR * count
    return rows
