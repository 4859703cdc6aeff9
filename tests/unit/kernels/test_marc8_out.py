"""UTF-8 to MARC-8: every character of the tables and any text goes out and comes back; yaz reads the same."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree
from pymarc.marc8_mapping import CODESETS

from tests.exploring import examples
from tests.makers import LEADER, raw_record
from tests.reference import marc8 as twin
from tests.unit.kernels.test_marc8 import CODES, decode
from transformer.extracts.code_tables import out_tables
from transformer.kernels.marc8_out import ROOM, ROOM_FACTOR, encode_fields
from transformer.kernels.nfc import MAX_MARKS


def encode(texts: list[str], room: int | None = None, added: bool = False) -> list[bytes]:
    """Each text as a field, in MARC-8."""
    raws = [text.encode() for text in texts]
    blob = np.frombuffer(b"\x1e".join(raws) + b"\x1e", np.uint8).copy()
    length = np.array([len(raw) for raw in raws], np.int32)
    start = np.cumsum(length + 1, dtype=np.int64) - length - 1
    none = np.empty(0, np.uint8)
    out = np.full(8 * ROOM_FACTOR * len(blob) + 2 * ROOM if room is None else room, 0xEE, np.uint8)
    new_start, new_length = np.empty(len(raws), np.int64), np.empty(len(raws), np.int32)
    used = encode_fields(
        none if added else blob, blob if added else none, -1 - start if added else start, length,
        out_tables(), np.empty(MAX_MARKS + 8, np.int64), out, new_start, new_length,
        np.zeros(len(raws), np.uint8),
    )  # fmt: skip
    if used < 0:
        raise OverflowError
    return [
        out[at : at + size].tobytes() if at >= 0 else raw
        for at, size, raw in zip(new_start.tolist(), new_length.tolist(), raws, strict=True)
    ]


def test_every_character_of_every_table_comes_back() -> None:
    texts = [("e" + text if mark else text) for _, _, text, mark in CODES]
    sent = encode(texts)
    done, faults = decode(sent)
    assert [d.decode() for d in done] == [unicodedata.normalize("NFC", text) for text in texts]
    assert not any(faults)
    # None needs a reference but the one mark that the tables do not call a mark.
    assert {text for text, raw in zip(texts, sent, strict=True) if b"&#x" in raw} <= {"\u0670"}


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        ("Caf\u00e9", b"Caf\xe2e"),
        ("Cafe\u0301", b"Caf\xe2e"),
        ("Vi\u1ec7t", b"Vi\xf2\xe3et"),  # two marks, each before the letter
        ("\u6f22\u5b57 x", b"\x1b$1!HW!:R\x1b(B x"),
        ("\u0401\u0436 \u0491", b"\x1b(Qd\x1b(NV\x1b(B \x1b(Q@\x1b(B"),
        ("\u05e9\u05dc\u05d5\u05dd", b"\x1b(2ylem\x1b(B"),
        ("x\u00b2", b"x\x1bp2\x1bs"),
        ("\u01a0", b"\xac"),
        ("\u0439", b"\x1b(NJ\x1b(B"),  # a letter of its own, not i and breve
    ],
)
def test_as_yaz_writes_it(text: str, raw: bytes) -> None:
    """Expected bytes are those of `yaz-iconv -f utf-8 -t marc-8`."""
    assert encode([text]) == [raw]
    assert encode([text], added=True) == [raw]


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        ("\U0001f600", b"&#x1F600;"),
        ("\u0301x", b"&#x0301;x"),  # a mark on nothing
        ("a&#x1234;b & c", b"a&#x0026;#x1234;b & c"),
        ("t\u0361s", b"t&#x0361;s"),
        ("10\x1fa\u00e9\x1fb\u6f22\x1fc", b"10\x1fa\xe2e\x1fb\x1b$1!HW\x1b(B\x1fc"),
        ("a\x1bb", b"a&#x001B;b"),
        ("plain", b"plain"),
        ("", b""),
    ],
)
def test_by_hand(text: str, raw: bytes) -> None:
    assert encode([text]) == [raw]


letters = st.sampled_from(
    sorted({chr(point) for table in CODESETS.values() for point, _ in table.values() if point > 0x20})
)
texts = st.text(
    st.one_of(
        letters,
        st.sampled_from(
            "aeiouAEU &#x;{}1234\x1f\u0301\u0308\u0323\u031b\u0361\u0345\u1161\uac00\u212b\u0670"
        ),
        st.characters(codec="utf-8", exclude_categories=["Cc"]),
    ),
    max_size=30,
)


@settings(deadline=None, max_examples=examples(400, 1500))
@given(st.lists(texts, min_size=1, max_size=4))
@example(["e" + "\u0301" * 60])
@example(["\u01e0\u0323"])
def test_any_text_comes_back(values: list[str]) -> None:
    """The same after NFC, value by value, through the kernel and through its slow twin."""
    sent = encode(values)
    wanted = ["\x1f".join(map(kept, value.split("\x1f"))) for value in values]
    done, faults = decode(sent)
    assert [d.decode() for d in done] == wanted
    assert not any(faults)
    assert [twin.field(raw)[0].decode() for raw in sent] == wanted


def kept(value: str) -> str:
    return unicodedata.normalize("NFC", value)


@settings(deadline=None, max_examples=300)
@given(texts, st.integers(0, 600))
def test_never_beyond_its_room(value: str, room: int) -> None:
    with contextlib.suppress(OverflowError):
        assert len(encode([value], room)[0]) <= max(room, len(value.encode()))


@pytest.mark.skipif(shutil.which("yaz-marcdump") is None, reason="yaz-marcdump is not installed")
def test_yaz_reads_what_we_write(tmp_path: Path) -> None:
    """Every character in a subfield of its own, but the 63 for which the tables have private numbers: yaz has
    later ones for some of these."""
    known = sorted({text for _, _, text, mark in CODES if not mark and text.strip() and text != "\u0670"})
    known = [text for text in known if not "\ue000" <= text < "\uf900"]
    sent = encode(known)
    path = tmp_path / "all.mrc"
    with path.open("wb") as file:
        for at in range(0, len(sent), 500):
            field = b"  " + b"".join(b"\x1fa" + raw for raw in sent[at : at + 500])
            file.write(raw_record(LEADER[:9] + " " + LEADER[10:], [("500", field)]))
    command = ["yaz-marcdump", "-f", "marc-8", "-t", "utf-8", "-o", "marcxml", path]
    done = subprocess.run(command, capture_output=True, check=True)
    theirs = [subfield.text for subfield in etree.fromstring(done.stdout).iter("{*}subfield")]
    assert len(known) > 15_000
    assert [unicodedata.normalize("NFC", text or "") for text in theirs] == known
