"""The files of the bench's section `bytes`, made from its bibs by seed and kept in bench/work.

`marc8`: the bibs in MARC-8, by our own writer. `mixed`: one record in a hundred in Windows-1252, the rest in
UTF-8 as before. `damaged`: one in a hundred damaged, every kind that tests/damage makes but those that make
a record too long, which would change the size of the file. `marcxml` and `aleph_sequential`: the bibs in
these containers, by our own writer; lines get an FMT before each LDR, as extracts have it: Catmandu's
importer takes that for the beginning of a record. Which records were changed stands beside the file, one
number a line, in NAME.changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from bench import extracts
from tests.damage.makers import MAKERS
from tests.damage.records import Made, Parts

SHARE = 100
"""One record in so many is changed."""
TOO_LONG = {"record-oversize", "record-overflow", "field-oversize"}
FMT = b" FMT   L BK\n"


def marc8(bibs: Path, target: Path) -> list[int]:
    """Writes the bibs as MARC-8."""
    from transformer.writers.charset import render_marc8

    with target.open("wb") as file:
        for batch in _batches(bibs):
            file.write(render_marc8(batch).data.tobytes())
    return []


def marcxml(bibs: Path, target: Path) -> list[int]:
    """Writes the bibs as MARCXML."""
    from transformer.writers import marcxml as writer

    with target.open("wb") as file:
        file.write(writer.HEAD)
        for batch in _batches(bibs):
            file.write(writer.render(batch).data.tobytes())
        file.write(writer.TAIL)
    return []


def aleph_sequential(bibs: Path, target: Path) -> list[int]:
    """Writes the bibs as lines with system numbers, each record with its FMT."""
    from transformer.writers import aleph_sequential as writer

    with target.open("wb") as file:
        for batch in _batches(bibs):
            for line in writer.render(batch).data.tobytes().splitlines(keepends=True):
                if line[10:13] == b"LDR":
                    file.write(line[:9] + FMT)
                file.write(line)
    return []


def _batches(bibs: Path) -> Iterator[Any]:
    from transformer.extracts.model import Source
    from transformer.readers import partitions, read

    for partition in partitions(Source(bibs, "iso2709")):
        yield read(partition).batch


def mixed(bibs: Path, target: Path) -> list[int]:
    """Writes one record in a hundred in Windows-1252, of those that have other than ASCII and can be."""
    return _changed(bibs, target, _in_western)


def damaged(bibs: Path, target: Path) -> list[int]:
    """Writes one record in a hundred with damage."""
    return _changed(bibs, target, _with_damage)


def _changed(bibs: Path, target: Path, change: Callable[[Random, bytes, bytes], bytes | None]) -> list[int]:
    """Copies records, of a hundred one changed: the first that `change` can. Numbers of the changed."""
    random = Random(extracts.SEED)
    numbers: list[int] = []
    due = random.randrange(SHARE)
    with target.open("wb") as file:
        for number, (record, after) in enumerate(_records(bibs)):
            made = change(random, record, after) if number >= due and after else None
            if made is not None:
                numbers.append(number)
                due += SHARE
            file.write(record if made is None else made)
    return numbers


def _records(bibs: Path) -> Iterator[tuple[bytes, bytes]]:
    """Each record with the one that follows; after the last nothing."""
    before = b""
    with bibs.open("rb") as file:
        while length := file.read(5):
            record = length + file.read(int(length) - 5)
            if before:
                yield before, record
            before = record
    yield before, b""


def _parsed(record: bytes) -> Made:
    base = int(record[12:17])
    values = record[base:-2].split(b"\x1e")
    tags = [record[at : at + 3].decode() for at in range(24, base - 1, 12)]
    return Made(record[:24].decode(), tuple(zip(tags, values, strict=True)))


def _in_western(random: Random, record: bytes, after: bytes) -> bytes | None:
    if record.isascii():
        return None
    made = _parsed(record)
    try:
        fields = tuple((tag, value.decode().encode("cp1252")) for tag, value in made.fields)
    except UnicodeEncodeError:
        return None
    return Made(made.leader, fields).raw


def _with_damage(random: Random, record: bytes, after: bytes) -> bytes | None:
    kind = random.choice(sorted(set(MAKERS) - TOO_LONG))
    made = _parsed(record)
    assert Parts.of(made).raw() == record
    return random.choice(list(MAKERS[kind](random, made, after))).raw


MAKE = {
    "marc8": marc8,
    "mixed": mixed,
    "damaged": damaged,
    "marcxml": marcxml,
    "aleph_sequential": aleph_sequential,
}
SUFFIX = {"marcxml": ".xml", "aleph_sequential": ".seq"}


def bytes_file(name: str, records: int, work: Path = extracts.WORK) -> tuple[Path, list[int]]:
    """One of the files, and the numbers of the records that were changed; made if missing or outdated."""
    bibs, _ = extracts.bib_file(records, work)
    folder = work / f"bytes-{records}"
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}{SUFFIX.get(name, '.mrc')}"
    stamp, changed = path.with_suffix(".made-by"), path.with_suffix(".changed")
    if not stamp.is_file() or stamp.read_text("ascii") != _maker(bibs):
        half = path.with_suffix(".half")
        numbers = MAKE[name](bibs, half)
        changed.write_text("".join(f"{number}\n" for number in numbers), "ascii")
        half.replace(path)
        stamp.write_text(_maker(bibs), "ascii")
    return path, [int(line) for line in changed.read_text("ascii").split()]


def _maker(bibs: Path) -> str:
    """What the files depend on: the bibs, this module, the makers of damage."""
    digest = hashlib.sha256((bibs.parent / "made-by").read_bytes() + Path(__file__).read_bytes())
    for source in sorted((extracts.ROOT / "tests" / "damage").glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()
