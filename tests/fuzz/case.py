"""A fuzz case: a file in pieces, some of them untouched records that must come out whatever the others are.

A case is made by (seed, container, number) and by nothing else, so a worker that dies can be replayed. A
failing one is kept as bytes beside a JSON file of its pieces, so that it outlives changes of the maker.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from tests.reference.batches import Field, Record

Row = tuple[str, ...]


@dataclass(frozen=True)
class Piece:
    """Some bytes of the file. kind: what was done to them, empty where they are as they were made. wanted:
    the record (or row of a delimited file) that must be read from here, None where nothing is promised."""

    data: bytes
    kind: str = ""
    wanted: Record | Row | None = None


@dataclass(frozen=True)
class Case:
    """name: seed/container/number. container: as `Source.container`. encoding: as `Source.encoding`.
    partition_bytes: the second way in which the file is cut."""

    name: str
    container: str
    pieces: tuple[Piece, ...]
    encoding: str = "auto"
    partition_bytes: int = 1 << 14

    @property
    def data(self) -> bytes:
        """The file."""
        return b"".join(piece.data for piece in self.pieces)


def random_of(seed: int, container: str, number: int) -> Random:
    """The only source of chance of one case."""
    return Random(f"{seed}/{container}/{number}")


def save(case: Case, folder: Path, why: str) -> Path:
    """Keep a failing case: NAME.bin, and NAME.json with its pieces and what was found."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (case.name.replace("/", "-") + ".json")
    path.with_suffix(".bin").write_bytes(case.data)
    facts = {
        "name": case.name,
        "container": case.container,
        "encoding": case.encoding,
        "partition_bytes": case.partition_bytes,
        "why": why,
        "pieces": [[len(p.data), p.kind, _plain(p.wanted)] for p in case.pieces],
    }
    path.write_text(json.dumps(facts, indent=1), "utf-8")
    return path


def load(path: Path) -> Case:
    """A case that was kept; `path` is its JSON file or the one of its bytes."""
    facts = json.loads(path.with_suffix(".json").read_text("utf-8"))
    data, at, pieces = path.with_suffix(".bin").read_bytes(), 0, []
    for length, kind, wanted in facts["pieces"]:
        pieces.append(Piece(data[at : at + length], kind, _record(wanted)))
        at += length
    return Case(facts["name"], facts["container"], tuple(pieces), facts["encoding"], facts["partition_bytes"])


def without(case: Case, begin: int, end: int) -> Case:
    """The case without some of its pieces."""
    return replace(case, pieces=case.pieces[:begin] + case.pieces[end:])


def _plain(wanted: Record | Row | None) -> object:
    if isinstance(wanted, Record):
        fields = [[f.tag, f.inner.decode("latin-1"), f.control] for f in wanted.fields]
        return {"leader": wanted.leader.decode("latin-1"), "fields": fields}
    return wanted


def _record(plain: object) -> Record | Row | None:
    if isinstance(plain, dict):
        fields = [Field(tag, inner.encode("latin-1"), control) for tag, inner, control in plain["fields"]]
        return Record(plain["leader"].encode("latin-1"), fields)
    return None if plain is None else tuple(plain)  # type: ignore[arg-type]
