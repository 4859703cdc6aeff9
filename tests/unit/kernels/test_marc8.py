"""MARC-8 to UTF-8: every code of the tables, the kernel and its twin on any bytes, yaz beside us."""

from __future__ import annotations

import shutil
import subprocess
import unicodedata
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pymarc.marc8_mapping import CODESETS, ODD_MAP

from tests.exploring import examples
from tests.reference import marc8 as twin
from transformer.extracts.code_tables import code_tables, coding_of
from transformer.kernels.marc8 import (
    ASCII_ONLY,
    DECODE,
    IF_ASCII,
    ROOM_FACTOR,
    ROOM_MORE,
    decode_fields,
    short_forms,
)
from transformer.kernels.marc8_survey import survey_fields
from transformer.kernels.nfc import MAX_MARKS, composition
from transformer.readers.decoding import composed
from transformer.schema.batch import I32, I64, U8


def decode(
    fields: list[bytes],
    encoding: str = "marc8",
    task: int = DECODE,
    braces: bool = False,
    control: bool = False,
    room: int | None = None,
) -> tuple[list[bytes], list[int]]:
    """(fields as the reader hands them on, faults), one record a field, with junk around them."""
    data, start, length = laid_out(fields)
    count = len(fields)
    out = np.full(len(data) * ROOM_FACTOR + ROOM_MORE if room is None else room, 0xEE, np.uint8)
    faults, unsure = np.zeros(count, np.int32), np.zeros(count, np.uint8)
    new_start, new_length, changed = start.copy(), length.copy(), np.zeros(count, np.uint8)
    coding = coding_of(encoding, braces)
    assert coding is not None
    used = decode_fields(
        data, data[:0], np.arange(count + 1), np.full(count, task, np.uint8), start, length,
        np.full(count, control, np.uint8), code_tables(), short_forms(code_tables().sets, coding.g1),
        composition(), coding, np.empty(MAX_MARKS + 4, np.int64), np.empty(count, np.uint8),
        np.empty(count, np.uint8), out, 7, new_start, new_length, changed, faults, unsure,
    )  # fmt: skip
    if used < 0:
        raise OverflowError
    assert used <= len(out)
    done = [
        out[-8 - a : -8 - a + n].tobytes() if a < 0 else field
        for field, a, n in zip(fields, new_start.tolist(), new_length.tolist(), strict=True)
    ]
    assert changed.tolist() == (new_start < 0).tolist()
    return [composed(f) if u else f for f, u in zip(done, unsure, strict=True)], faults.tolist()


def laid_out(fields: list[bytes], between: bytes = b"\x1e") -> tuple[U8, I64, I32]:
    """(bytes, start, length) of fields one after another."""
    blob = between.join([*fields, b""])
    length = np.array([len(field) for field in fields], np.int32)
    start = np.cumsum(length + len(between), dtype=np.int64) - length - len(between)
    return np.frombuffer(blob, np.uint8), start, length


def designate(final: int, high: bool) -> bytes:
    """The escape sequence that puts a set where its codes lie, as the standard writes it."""
    if final in (0x67, 0x62, 0x70):
        return bytes([0x1B, final])
    if final == 0x31:
        return b"\x1b$1"
    return b"\x1b" + (b")" if high else b"(") + (b"!E" if final == 0x45 else bytes([final]))


def codes() -> list[tuple[int, bytes, str, bool]]:
    """(final, bytes, character in NFC, is mark) of every code of every table."""
    found = []
    for final, table in CODESETS.items():
        for code, (point, mark) in table.items():
            raw = code.to_bytes(3, "big") if final == 0x31 else bytes([code])
            if final == 0x31 or (code >= 0x20 and not 0x80 <= code < 0xA0):
                found.append((final, raw, unicodedata.normalize("NFC", chr(point)), bool(mark)))
    return found


CODES = codes()


def test_every_code_of_every_table() -> None:
    """Alone, and each mark on a letter: 16,000 codes."""
    fields, wanted = [], []
    for final, raw, text, mark in CODES:
        before = designate(final, raw[0] >= 0x80) + raw
        fields.append(b"10\x1fa" + before + (b"\x1b(Be" if mark else b""))
        wanted.append("10\x1fa" + unicodedata.normalize("NFC", "e" + text if mark else text))
    done, faults = decode(fields)
    assert len(fields) > 16_000
    assert [d.decode() for d in done] == wanted
    assert not any(faults)


def test_every_code_in_the_other_half() -> None:
    """A set may be put into G0 or G1, where the same codes lie above 0x80; but not the three small ones."""
    fields, wanted = [], []
    for final, raw, text, mark in CODES:
        if final in (0x42, 0x45, 0x67, 0x62, 0x70) or 0x20 in raw:
            continue
        high = raw[0] < 0x80
        moved = bytes(byte ^ 0x80 for byte in raw)
        lead = b"\x1b$)1" if final == 0x31 else b"\x1b" + (b")" if high else b"(") + bytes([final])
        fields.append(lead + moved + (b"e" if mark and high else b"\x1b(Be" if mark else b""))
        wanted.append(unicodedata.normalize("NFC", "e" + text if mark else text))
    done, faults = decode(fields)
    assert len(fields) > 15_900
    assert [d.decode() for d in done] == wanted
    assert not any(faults)


def test_the_four_codes_below_0xa0() -> None:
    done, faults = decode([b"\x88The \x89End", b"a\x8db\x8ec"])
    assert [d.decode() for d in done] == ["\x98The \x9cEnd", "a‍b‌c"]
    assert faults == [0, 0]


def test_odd_codes_of_old_files() -> None:
    done, faults = decode([b"\x1b$1" + code.to_bytes(3, "big") for code in ODD_MAP])
    assert [d.decode() for d in done] == [chr(point) for point in ODD_MAP.values()]
    assert not any(faults)


@pytest.mark.parametrize("letter", [chr(c) for c in (*range(0x41, 0x5B), *range(0x61, 0x7B))])
def test_two_marks_on_every_letter(letter: str) -> None:
    """Every pair of ANSEL's marks, in both orders, composes as Unicode says."""
    marks = [(code, chr(point)) for code, (point, mark) in CODESETS[0x45].items() if mark]
    pairs = [(one, two) for one in marks for two in marks]
    done, _ = decode([bytes([one[0], two[0]]) + letter.encode() for one, two in pairs])
    wanted = [unicodedata.normalize("NFC", letter + one[1] + two[1]) for one, two in pairs]
    assert [d.decode() for d in done] == wanted


@pytest.mark.parametrize(
    ("raw", "text", "faults"),
    [
        (b"", "", 0),
        (b"plain ASCII, longer than any register of any processor there is", None, 0),
        (b"10\x1faCaf\xe2e\x1fb\xe8u", "10\x1faCafé\x1fbü", 0),
        (b"Vi\xf2\xe3et Nam", "Việt Nam", 0),
        (b"\x1b(NAB\x1b(B x \x1b(2\x60\x1b(B", "аб x א", 0),  # Cyrillic, Hebrew
        (b"H\x1bb2\x1bsO, m\x1bp2\x1bs, \x1bga\x1bs", "H₂O, m², α", 0),
        (b"\x1b$1!0A !0B\x1b(B!", "乍 乒!", 0),  # a blank between characters of three bytes
        (b"\x1b)Q\xe4\x1b)!Ee \xe2e", "Ёe é", 0),  # extended Cyrillic in G1, ANSEL back again
        (b"\x1b$)1\xa1\xb0\xc1\x1b)!E", "乍", 0),  # three bytes a character in G1
        (b"\xe2\x1b(BE", "É", 0),  # an escape sequence between mark and letter
        (b"\x1b(N\x1fba\x1fcb", "\x1fba\x1fcb", 0),  # back to ASCII at every delimiter
        (b"&#x6F22;&#X41;&#x1F;&#xD800;&#x110000;&#x;&", "漢&#X41;&#x1F;&#xD800;&#x110000;&#x;&", 0),
        (b"e&#x0301;", "é", 0),
        (b"a \xe2", "a \u0301", 1),  # no letter: kept behind the blank, told
        (b"  \x1fa\xe2\x1fb", "  \x1fa\u0301\x1fb", 1),  # a code is no letter
        (b"\xff\xa0\x80", "���", 3),
        (b"\x1bZ", "�Z", 1),
        (b"\x1b", "�", 1),
        (b"\x1b$1!0", "��", 2),  # two of three bytes
        (b"\x1b$1!!~", "�", 1),  # three bytes that no table knows
        (b"a\x01\x7fb", "a\x01\x7fb", 0),
    ],
)  # fmt: skip
def test_by_hand(raw: bytes, text: str | None, faults: int) -> None:
    done, told = decode([raw])
    assert done[0].decode() == (raw.decode() if text is None else text)
    assert told == [faults]
    assert twin.field(raw) == (done[0], faults)


def test_braces_are_read_where_they_are_asked_for() -> None:
    """In whatever set they stand: real records have them within Arabic."""
    raw = b"\x1b(3G{u0654}\x1b(B caf{u00E9} {u12} {x}"
    assert decode([raw], braces=True)[0][0].decode() == "أ café \x12 {x}".replace("\x12", "{u12}")
    assert decode([b"e{u0301}"])[0] == [b"e{u0301}"]


def test_a_mark_in_a_control_field_is_a_fault() -> None:
    """Its positions count: 008 of one real record has 0xF6 in it."""
    assert decode([b"      \xf6000 0"], control=True) == (["      �000 0".encode()], [1])


def test_ascii_fields_only() -> None:
    """A field with bytes outside ASCII, or with a fault, stays."""
    fields = [b"\xe2e", b"\x1b(NA", b"\x1bZ", b"&#x6F22;"]
    assert decode(fields, task=ASCII_ONLY)[0] == [b"\xe2e", "а".encode(), b"\x1bZ", "漢".encode()]
    assert decode(fields, task=IF_ASCII)[0] == [b"\xe2e", "а".encode(), "�Z".encode(), "漢".encode()]


@pytest.mark.parametrize("room", [0, 1, 31, 200])
def test_too_little_room_is_told(room: int) -> None:
    with pytest.raises(OverflowError):
        decode([b"\xe2e" * 100], room=room)


def test_every_pair_of_bytes_as_its_twin() -> None:
    """What is looked up by two bytes; and every byte in every set that an escape sequence names."""
    pairs = [bytes([one, two]) for one in range(0x80, 0x100) for two in range(0x100) if two != 0x1E]
    singles = [
        designate(final, high=False) + bytes([byte]) + b"e"
        for final in (*CODESETS, 0x4D, 0x50)
        for byte in range(0x100)
        if byte != 0x1E
    ]
    done, faults = decode(pairs + singles)
    for raw, text, wrong in zip(pairs + singles, done, faults, strict=True):
        assert (text, wrong) == twin.field(raw), raw


PIECES = [
    *(b"\x1b" + rest for rest in (
        b"", b"$", b"(", b"(B", b"(N", b")Q", b")!E", b"(!E", b"(3", b")4", b"(2", b"(S", b"$1", b"$)1",
        b"$,1", b",N", b"-Q", b"g", b"b", b"p", b"s", b"(P", b"$B",
    )),
    b"&#x", b"&#x301;", b"&#x6F22;", b"&#x1100;", b"&#x1161;", b"&#x212B;", b"{u", b"{u0301}", b"\x1fa",
    b"\x1f", b"\xe2", b"\xe2\xf2", b"\xac", b"\xbc", b"e", b"A", b"u", b" ", b"!0A", b"!0", b"\x7f \x14",
    b"\xa1\xb0\xc1", b"\x88", b"\x00", b"\xff", b"t", b"G",
    b"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
]  # fmt: skip
soups = st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=4)), max_size=24).map(b"".join)


@settings(deadline=None, max_examples=examples(400, 1500))
@given(st.lists(soups.map(lambda text: text.replace(b"\x1e", b"")), max_size=4), st.booleans(), st.booleans())
@example([b"\xe2" * 60 + b"e"], False, False)
def test_agrees_with_its_twin(fields: list[bytes], braces: bool, control: bool) -> None:
    done, faults = decode(fields, braces=braces, control=control) if fields else ([], [])
    assert list(zip(done, faults, strict=True)) == [twin.field(field, braces, control) for field in fields]


@settings(deadline=None, max_examples=examples(200, 500))
@given(
    st.lists(st.lists(soups.map(lambda text: text.replace(b"\x1e", b"")), max_size=6), max_size=4),
    st.booleans(),
    st.sampled_from([b"", b"\x1e", b"\xff\x1b&#x{u", b"\xe2" * 65]),
    st.integers(0, 2**32).map(Random),
)
def test_what_fields_are(records: list[list[bytes]], braces: bool, between: bytes, chance: Random) -> None:
    """As the twin says, whatever stands between the fields, and in whatever order and buffer they lie."""
    fields = [field for record in records for field in record]
    data, start, length = laid_out(fields, between)
    order = list(range(len(fields)))
    if chance.random() < 0.3:
        chance.shuffle(order)
    start, length = start[order], length[order]
    fields = [fields[at] for at in order]
    start = np.where([chance.random() < 0.1 for _ in fields], -1 - start, start)
    look = np.array([chance.random() < 0.8 for _ in records], np.uint8)
    field_from = np.cumsum([0, *map(len, records)])
    kind, record_kind = np.full(len(fields), 9, np.uint8), np.full(len(records), 9, np.uint8)
    survey_fields(data, data, field_from, start, length, look, braces, kind, record_kind)
    wanted = [twin.kind(field, braces) for field in fields]
    for at, (one, last) in enumerate(pairwise(field_from.tolist())):
        expected = wanted[one:last] if look[at] else [9] * (last - one)
        assert kind[one:last].tolist() == expected
        assert record_kind[at] == (max(expected, default=0) if look[at] else 9)


@settings(deadline=None, max_examples=examples(200, 500))
@given(st.binary(max_size=400), st.sampled_from(["marc8", "iso5426", "cp1252", "cp866"]))
def test_any_bytes_become_utf8_of_bounded_size(raw: bytes, encoding: str) -> None:
    done, faults = decode([raw], encoding)
    text = done[0].decode()
    assert len(done[0]) <= 3 * len(raw)
    assert (faults[0] > 0) >= ("�" in text and b"&#" not in raw)
    assert text.count("\x1f") == raw.count(b"\x1f")


@pytest.mark.parametrize("encoding", ["cp1252", "cp850", "cp852", "cp866", "latin-1", "iso8859-5"])
def test_one_byte_a_character_as_pythons_codec(encoding: str) -> None:
    raw = bytes(b for b in range(0x20, 0x100) if bytes([b]).decode(encoding, "ignore"))
    assert decode([raw], encoding)[0][0].decode() == unicodedata.normalize("NFC", raw.decode(encoding))


@pytest.mark.skipif(shutil.which("yaz-iconv") is None, reason="yaz-iconv is not installed")
def test_iso5426_as_yaz() -> None:
    raws = [bytes([byte]) + b"e" for byte in range(0xA1, 0xFF)]
    done, faults = decode(raws, "iso5426")
    for raw, mine, wrong in zip(raws, done, faults, strict=True):
        theirs = subprocess.run(
            ["yaz-iconv", "-f", "iso5426", "-t", "utf-8"], input=raw, capture_output=True, check=True
        ).stdout
        if theirs == b"e":
            assert wrong == 1 and mine == "�e".encode(), raw
        else:
            assert mine.decode() == unicodedata.normalize("NFC", theirs.decode()), raw
