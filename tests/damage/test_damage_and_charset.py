"""Damage to the structure and text that is not UTF-8, in one record: it is repaired, then decoded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from tests.damage.case import RECORD
from tests.damage.check import Found, read_file
from tests.damage.converted import convert
from tests.damage.makers import MAKERS
from tests.damage.records import Made, Parts

LEADER_MARC8 = "00000nam  2200000 a 4500"
# "Čapek, Karel: Les misérables" with háček 0xE9 before C, acute 0xE2 before e, as ANSEL has them.
VALUE = b"10\x1fa\xe9Capek, Karel\x1fbLes mis\xe2erables"
TEXT = "10\x1faČapek, Karel\x1fbLes misérables"
KINDS = (
    "length-wrong", "base-wrong", "starts-shifted", "starts-zero", "one-length-wrong",
    "field-terminator-missing", "record-terminator-missing", "lengths-without-terminator",
)  # fmt: skip


def marc8(number: int) -> Made:
    fields = (("001", b"n%d" % number), ("245", VALUE), ("500", b"  \x1fa\xe2etude"), ("650", b" 0\x1faMoon"))
    return Made(LEADER_MARC8, fields)


def decoded(number: int) -> tuple[tuple[str, bytes], ...]:
    values = (f"n{number}", TEXT, "  \x1faétude", " 0\x1faMoon")
    tags = ("001", "245", "500", "650")
    return tuple((tag, value.encode()) for tag, value in zip(tags, values, strict=True))


def found_in(tmp_path: Path, pieces: list[bytes]) -> list[Found]:
    path = tmp_path / "bib.mrc"
    path.write_bytes(b"".join(pieces))
    return read_file(path)


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_marc8_among_marc8(kind: str, tmp_path: Path) -> None:
    random = Random(kind)
    pieces, damaged = [], set()
    for number in range(40):
        made = marc8(number)
        if number % 5 == 2:
            case = random.choice(list(MAKERS[kind](random, made, marc8(number + 1).raw)))
            assert [role for _, role in case.pieces] == [RECORD]
            pieces.append(case.raw)
            damaged.add(number)
        else:
            pieces.append(made.raw)
    found = found_in(tmp_path, pieces)
    assert len(found) == 40
    for number, record in enumerate(found):
        assert record.outcome == ("repaired" if number in damaged else "unchanged")
        assert record.fields == decoded(number)
        # Right numbers, written anew where they were not; leader/09 says what the text is now.
        right = marc8(number).raw[:24].decode()
        assert record.leader == right[:9] + "a" + right[10:]
    made_xml = convert(tmp_path / "bib.mrc")
    assert [fields for _, fields in made_xml.records] == [decoded(number) for number in range(40)]
    assert made_xml.aside == b"".join(pieces[number] for number in sorted(damaged))


def test_a_wrong_length_and_a_byte_that_is_no_utf8(tmp_path: Path) -> None:
    whole = Made(
        "00000nam a2200000 a 4500", (("001", b"1"), ("245", "10\x1faŒuvres complètes, éd. é".encode()))
    )
    bad = replace(whole, fields=(whole.fields[0], ("245", whole.fields[1][1] + b" \xff.")))
    broken = replace(Parts.of(bad), length=b"00026").raw()
    found = found_in(tmp_path, [whole.raw] * 20 + [broken] + [whole.raw])
    assert [record.outcome for record in found] == ["unchanged"] * 20 + ["repaired", "unchanged"]
    assert found[20].fields == (whole.fields[0], ("245", whole.fields[1][1] + " \ufffd.".encode()))
    assert found[20].leader == bad.raw[:24].decode()
    assert {code for code, _ in found[20].notes} == {"length-mended", "undecodable"}
    assert convert(tmp_path / "bib.mrc").aside == broken


def test_a_lost_byte_inside_a_character(tmp_path: Path) -> None:
    """The field is doubtful, what is left of the character is U+FFFD, all else is as it was."""
    fields = (("001", b"1"), ("245", "10\x1faŒuvres complètes, éd.".encode()), ("650", b" 0\x1faMoon"))
    whole = Made("00000nam a2200000 a 4500", fields)
    at = whole.raw.index("è".encode()) + 1
    broken = whole.raw[:at] + whole.raw[at + 1 :]
    found = found_in(tmp_path, [whole.raw] * 20 + [broken, whole.raw])
    assert found[20].outcome == "repaired"
    assert found[20].fields == (fields[0], ("245", "10\x1faŒuvres compl\ufffdtes, éd.".encode()), fields[2])
    assert set(found[20].notes) == {
        ("directory-mended", ""),
        ("field-doubtful", "245"),
        ("undecodable", ""),
    } | {note for note in found[20].notes if note[0] == "length-mended"}
