"""The table of damage holds: for each kind, alone and with all others, what it says comes out.

A thousand records, of which some are damaged, read by the reader that everybody uses and converted to MARCXML
that lxml reads back. Rebuilt after the measure that other programs were put to (see README.md).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from pathlib import Path
from random import Random

import pymarc
import pytest

from tests.damage import sizes
from tests.damage.case import RECORD, Case, case
from tests.damage.check import Found, faults, is_equal, read_file
from tests.damage.converted import Record, convert
from tests.damage.makers import MAKERS
from tests.damage.records import Made, thousand
from transformer.extracts.model import Source
from transformer.kernels.boundary import MOST
from transformer.readers import partitions_of_all, read
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


# What MARCXML has no place for, or another one: that these come out is for the reader's tests to say.
ODD = {
    "indicators-missing", "indicators-three", "code-missing", "text-before-delimiter",
    "nul-mark-newline-inside", "field-empty", "delimiters-inside",
}  # fmt: skip


def without(record: Record, touched: Sequence[int]) -> Record:
    """The record but for some fields."""
    return record[0], tuple(found for place, found in enumerate(record[1]) if place not in touched)


def difference(one: Record, two: Record) -> str:
    """Where two records part."""
    pairs = [pair for pair in zip_longest(one[1], two[1]) if pair[0] != pair[1]]
    return f"leader {one[0]!r} and {two[0]!r}, fields {pairs[:2]}"


def conversion_faults(pieces: Pieces, found: Sequence[Found], path: Path) -> list[str]:
    """What `convert` did otherwise than the reader said, or otherwise than the table says."""
    made = convert(path)
    wrong, expected, aside = [], [], b""
    codes: set[tuple[str, int]] = set()
    for piece, spans, at in each(pieces, found):
        for span in spans:
            raw = piece.raw[span.start - at :][: span.count]
            if span.outcome in ("repaired", "set aside"):
                aside += raw
                codes.add((span.code, span.start))
            if span.leader:
                # Leader/09 of what is written is `a`: it is UTF-8.
                leader = span.leader[5:9] + "a" + span.leader[10:12] + span.leader[17:]
                expected.append((piece, leader, span.fields))
    if made.aside != aside:
        wrong.append("the bytes set aside are others")
    if missing := codes - {(code, at) for code, at, _ in made.issues}:
        wrong.append(f"no issue row for {missing}")
    counts = (made.read_count, made.written_count, made.set_aside_count)
    kept, read = len(expected), sum(span.outcome != "separator" for span in found)
    if counts != (read, kept, read - kept) or len(made.records) != kept:
        return [*wrong, f"the books say {counts}"]
    for (piece, *record), seen in zip(expected, made.records, strict=True):
        touched = piece.case.touched if isinstance(piece, Broken) else ()
        odd = isinstance(piece, Broken) and piece.damage.kind in ODD
        if not odd and without(tuple(record), touched) != without(seen, touched):
            wrong.append(difference(tuple(record), seen))
    return wrong


@pytest.mark.parametrize("kind", list(KINDS))
def test_ten_of_a_thousand(kind: str, tmp_path: Path) -> None:
    pieces = file_of(1, [kind], places_of(1, kind))
    path = tmp_path / "bib.mrc"
    path.write_bytes(b"".join(piece.raw for piece in pieces))
    found = read_file(path)
    assert all_faults(pieces, found) == []
    assert shares(pieces, found) == {kind: KINDS[kind].share}
    assert conversion_faults(pieces, found, path) == []


# Kinds that leave no end, or no leader, before the next record: it must be found by its own leader.
ENDLESS = {"cut", "glued", "length-of-two", "record-terminator-missing", "directory-cut", "leader-short"}
NEIGHBOURS = ("length-wrong", "byte-lost", "starts-shifted", "record-terminator-missing", "one-length-wrong")


@pytest.mark.parametrize("seed", [6, 7])
def test_all_kinds_in_one_file(seed: int, tmp_path: Path) -> None:
    """Each kind twice, at random places; half of them with a damaged neighbour."""
    random = Random(seed)
    kinds = random.sample(BETWEEN, len(BETWEEN)) * 2
    places = [10 * number + random.randrange(8) for number in range(len(kinds))]
    pieces = file_of(seed, [*kinds, AT_END], [*places, 999])
    for kind, place in list(zip(kinds, places, strict=True))[::2]:
        if kind not in ENDLESS:
            other = random.choice(NEIGHBOURS)
            after = originals(seed)[place + 2].raw
            cases = list(MAKERS[other](random, originals(seed)[place + 1], after))
            pieces[place + 1] = Broken(KINDS[other], random.choice(cases))
    path = tmp_path / "bib.mrc"
    path.write_bytes(b"".join(piece.raw for piece in pieces))
    found = read_file(path)
    assert all_faults(pieces, found) == []
    assert {kind: KINDS[kind].share for kind in KINDS} == shares(pieces, found)
    assert conversion_faults(pieces, found, path) == []


@pytest.mark.parametrize("first", NEIGHBOURS)
@pytest.mark.parametrize("second", NEIGHBOURS)
def test_two_neighbours_at_once(first: str, second: str, tmp_path: Path) -> None:
    random = Random(first + second)
    made = originals(8)
    pieces: list[Whole | Broken] = [Whole(made[0])]
    for place in range(1, 40, 3):
        for at, kind in ((place, first), (place + 1, second)):
            cases = list(MAKERS[kind](random, made[at], made[at + 1].raw))
            pieces.append(Broken(KINDS[kind], random.choice(cases)))
        pieces.append(Whole(made[place + 2]))
    path = tmp_path / "bib.mrc"
    path.write_bytes(b"".join(piece.raw for piece in pieces))
    assert all_faults(pieces, read_file(path)) == []


def test_overflow_is_written_as_pymarc_writes_it() -> None:
    """The maker's long records are those of another program."""
    large = next(MAKERS["record-overflow"](Random(1), originals(1)[1], b""))
    theirs = pymarc.Record()
    theirs.leader = pymarc.Leader(large.leader[:9] + "a" + large.leader[10:])
    for tag, value in large.fields:
        head, *parts = value.decode().split("\x1f")
        subfields = [pymarc.Subfield(part[0], part[1:]) for part in parts]
        field = pymarc.Field(tag, data=head) if not parts else pymarc.Field(tag, list(head), subfields)
        theirs.add_field(field)
    ours = large.raw
    assert theirs.as_marc() == ours


@pytest.mark.parametrize("write", [sizes.nines, sizes.zeros, sizes.last, sizes.all_of_them])
def test_three_million_bytes(write: sizes.Write, tmp_path: Path) -> None:
    """Hundreds of fields, some over 9,999 bytes, between two records that are whole."""
    random, one, two = Random(9), *originals(9)[:2]
    large = sizes.grown(random, one, 3_000_000)
    long = ("505", b"0 \x1fa" + b"chapter " * 4000)
    large = Made(large.leader, (*large.fields[:200], long, *large.fields[200:]))
    pieces = [
        Whole(one),
        Broken(KINDS["record-oversize"], case(write.__name__, sizes.written(large, write), large)),
        Whole(two),
    ]
    path = tmp_path / "bib.mrc"
    path.write_bytes(b"".join(piece.raw for piece in pieces))
    assert all_faults(pieces, read_file(path)) == []


RUBBLE = {
    "digits": b"0123456789",
    "blanks": b" ",
    "terminators": b"\x1e",
    "leaders without an end": b"00026nam a2200037 a 4500",
    "leaders with a directory, without an end": b"00026nam a2200037 a 4500001000100000\x1e",
    "lengths that lead to an end": b"99998" + b"1" * 14 + b"\x1d",
}


@pytest.mark.parametrize("unit", RUBBLE.values(), ids=RUBBLE)
def test_time_grows_with_the_file_only(unit: bytes, tmp_path: Path) -> None:
    """Twice the bytes take about twice the time, and spans are bounded."""

    def seconds(size: int) -> float:
        path = tmp_path / f"{size}.mrc"
        path.write_bytes(unit * (size // len(unit)))
        best = 9.0
        for _ in range(3):
            began = time.process_time()
            found = [read(partition) for partition in partitions_of_all((Source(path, "iso2709"),))]
            best = min(best, time.process_time() - began)
        assert sum(result.spans.byte_count.sum() for result in found) == path.stat().st_size
        assert max(result.spans.byte_count.max() for result in found) <= MOST
        return best

    seconds(100_000)
    assert seconds(4 << 20) < 4 * seconds(2 << 20) + 0.02


def test_the_readme_has_the_table() -> None:
    rows = [line.split("|") for line in (Path(__file__).parent / "README.md").read_text().splitlines()]
    shown = [(row[1].strip(" `"), row[2].strip(), row[3].strip()) for row in rows if len(row) == 8][2:]
    expected = []
    for damage in DAMAGE:
        outcome = f"{damage.outcome} (`{damage.code}`)" if damage.code else damage.outcome
        expected.append((damage.kind, outcome, str(damage.share)))
    assert shown == expected
