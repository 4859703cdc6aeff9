"""The table of damage holds: for each kind, alone and with all others, what it says comes out.

A thousand records, of which some are damaged, read by the reader that everybody uses and converted to MARCXML
that lxml reads back. Rebuilt after the measure that other programs were put to (see README.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

import pytest

from tests.damage.case import RECORD, Case
from tests.damage.check import Found, faults, is_equal, read_file
from tests.damage.makers import MAKERS
from tests.damage.records import Made, thousand
from transformer.schema.books import ISSUE_CODES
from transformer.schema.damage import DAMAGE, Damage

KINDS = {damage.kind: damage for damage in DAMAGE}
SLIM = "{http://www.loc.gov/MARC21/slim}"
AT_END = "cut-at-end"
BETWEEN = [damage.kind for damage in DAMAGE if damage.kind != AT_END]


@dataclass(frozen=True, slots=True)
class Whole:
    """An undamaged record of a file."""

    made: Made

    @property
    def raw(self) -> bytes:
        """All bytes."""
        return self.made.raw


@dataclass(frozen=True, slots=True)
class Broken:
    """A damaged record of a file, and what the table says of it."""

    damage: Damage
    case: Case

    @property
    def raw(self) -> bytes:
        """All bytes."""
        return self.case.raw


Pieces = Sequence[Whole | Broken]


@cache
def originals(seed: int) -> tuple[Made, ...]:
    return tuple(thousand(seed))


def file_of(seed: int, kinds: Sequence[str], places: Sequence[int]) -> list[Whole | Broken]:
    """A thousand records, those at `places` damaged, kind after kind, variant after variant."""
    random = Random(seed)
    made = originals(seed)
    pieces: list[Whole | Broken] = [Whole(one) for one in made]
    variants: dict[str, int] = {}
    for number, place in enumerate(places):
        kind = kinds[number % len(kinds)]
        after = made[place + 1].raw if place + 1 < len(made) else b""
        cases = list(MAKERS[kind](random, made[place], after))
        chosen = variants.setdefault(kind, random.randrange(len(cases)))
        variants[kind] += 1
        pieces[place] = Broken(KINDS[kind], cases[chosen % len(cases)])
    return pieces


def each(pieces: Pieces, found: Sequence[Found]) -> Iterator[tuple[Whole | Broken, Sequence[Found], int]]:
    """Each piece with the spans that begin in it, and where it begins."""
    at = place = 0
    for piece in pieces:
        first = place
        while place < len(found) and found[place].start < at + len(piece.raw):
            place += 1
        yield piece, found[first:place], at
        at += len(piece.raw)
    assert place == len(found)


def all_faults(pieces: Pieces, found: Sequence[Found]) -> list[str]:
    """All that is not as the table says."""
    at = 0
    for span in found:
        assert span.start == at and span.count > 0
        at += span.count
    assert at == sum(len(piece.raw) for piece in pieces)
    wrong = []
    for piece, spans, begin in each(pieces, found):
        if isinstance(piece, Broken):
            told = faults(piece.damage, piece.case, spans, begin)
            wrong += [f"{piece.damage.kind} ({piece.case.variant}): {fault}" for fault in told]
        else:
            expected = ("unchanged", "", piece.raw[:24].decode(), piece.made.fields, ())
            seen = [(s.outcome, s.code, s.leader, s.fields, s.notes) for s in spans]
            if seen != [expected] or (spans[0].start, spans[0].count) != (begin, len(piece.raw)):
                wrong.append(f"a whole record at {begin} was lost or changed")
    return wrong


def shares(pieces: Pieces, found: Sequence[Found]) -> dict[str, float]:
    """Percent of the damaged records of each kind that came out equal to the original."""
    equal: dict[str, list[bool]] = {}
    for piece, spans, _ in each(pieces, found):
        if isinstance(piece, Broken):
            records = [s for s, (_, role) in zip(spans, piece.case.pieces, strict=True) if role == RECORD]
            original = piece.case
            if piece.damage.kind in ("entry-lost", "leader-control-character"):
                # What is to come out is less than there was.
                equal.setdefault(piece.damage.kind, []).append(False)
                continue
            equal.setdefault(piece.damage.kind, []).append(all(is_equal(original, s) for s in records))
    return {kind: 100 * sum(told) / len(told) for kind, told in equal.items()}


def places_of(seed: int, kind: str) -> list[int]:
    """Ten of the thousand: the first, the last, two neighbours and six more."""
    if kind == AT_END:
        return [999]
    random = Random(seed)
    two = random.randrange(400, 500)
    last = 998 if kind in ("length-of-two", "cut") else 999
    # A leader without its directory, behind a record without an end, could be any text.
    return [
        0,
        two,
        two + (2 if kind == "cut" else 1),
        last,
        *random.sample(range(2, 400), 3),
        *random.sample(range(510, 990), 3),
    ]


def test_every_kind_has_a_maker_and_every_maker_a_kind() -> None:
    assert set(MAKERS) == set(KINDS)


def test_every_code_of_the_table_is_a_code() -> None:
    for damage in DAMAGE:
        assert damage.outcome in ("unchanged", "repaired", "set aside")
        assert (damage.code == "") or damage.code in ISSUE_CODES
        assert damage.outcome != "set aside" or damage.share == 0


@pytest.mark.parametrize("kind", list(KINDS))
def test_ten_of_a_thousand(kind: str, tmp_path: Path) -> None:
    for seed in (1, 2):
        pieces = file_of(seed, [kind], places_of(seed, kind))
        path = tmp_path / f"{seed}.mrc"
        path.write_bytes(b"".join(piece.raw for piece in pieces))
        found = read_file(path)
        assert all_faults(pieces, found) == []
        assert shares(pieces, found) == {kind: KINDS[kind].share}


@pytest.mark.parametrize("kind", BETWEEN)
def test_every_variant_between_whole_records(kind: str, tmp_path: Path) -> None:
    random = Random(kind)
    made = originals(3)
    pieces: list[Whole | Broken] = [Whole(made[0])]
    for place in random.sample(range(1, 999), 4):
        for found in MAKERS[kind](random, made[place], made[place + 1].raw):
            pieces += [Broken(KINDS[kind], found), Whole(made[place + 1])]
    path = tmp_path / "bib.mrc"
    path.write_bytes(b"".join(piece.raw for piece in pieces))
    assert all_faults(pieces, read_file(path)) == []


@pytest.mark.parametrize("variant", range(6))
def test_the_end_is_cut(variant: int, tmp_path: Path) -> None:
    made = originals(4)
    cases = list(MAKERS[AT_END](Random(variant), made[9], b""))
    pieces = [Whole(made[0]), Whole(made[1]), Broken(KINDS[AT_END], cases[variant])]
    path = tmp_path / "bib.mrc"
    path.write_bytes(b"".join(piece.raw for piece in pieces))
    assert all_faults(pieces, read_file(path)) == []
