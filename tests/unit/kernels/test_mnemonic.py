"""Mnemonic text: the kernels and their twin agree on any lines; names in braces are put in by the list."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pymarc.marc8
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.reference import mnemonic as twin
from tests.reference.batches import Field, Record, records_of
from transformer.extracts.mnemonics import names
from transformer.kernels.mnemonic import DONE, FULL, MORE, MOST, find_spans
from transformer.readers.mnemonic import decode, read_window
from transformer.readers.walk import empty_spans
from transformer.schema.batch import REASONS, SPAN_RECORD, SPAN_SEPARATOR, SPAN_SET_ASIDE, Spans

ONE = b"=LDR  00000nam\\\\2200000\\a\\4500\n=001  tes1\\\n=245  10$aNew test\n /$cby {lcub}x{rcub}.\n\n"
TWO = b"=LDR  00000nam  2200000 a 4500\r\n=001  b2\r\n=650  \\0$aMoon{dollar}\r\n"
HEADS = [
    b"=LDR  ",
    b"=000  ",
    b"=001  ",
    b"=008 ",
    b"=245  ",
    b"=FMT  ",
    b"=245",
    b"=24 ",
    b"",
    b" ",
    b"=650\t",
]
VALUES = [
    *(
        b"",
        b"00000nam\\a2200000 a 4500",
        b"00000nam\\a2200000 a 450",
        b"nam",
        b"10$aMoon",
        b"\\\\$a",
        b"  $a$b",
    ),
    *(b"BK", b"\\\\HO", b"{lcub}", b"{dollar}5", b"{acute}e", b"{esc}$1", b"{", b"{}", b"{abcdefghijklmnop}"),
    *(
        b"{a b}",
        b"\x1f\x1d",
        b"\xc3",
        "Ω圖".encode(),
        b"\x1b",
        b"12$c",
        b"<!DOCTYPE html>",
        b"<html>x",
        b"x" * 40,
    ),
]
ENDS = [b"\n", b"\n", b"\n", b"\r\n", b"\n\n", b"\n \n", b"", b"\r"]
lines = st.builds(
    lambda *p: b"".join(p), st.sampled_from(HEADS), st.sampled_from(VALUES), st.sampled_from(ENDS)
)
files = st.lists(lines, max_size=12).map(b"".join)


def found(data: bytes, most: int = MOST) -> Spans:
    text, spans = np.frombuffer(bytearray(data), np.uint8), empty_spans(1000)
    arrays = (spans.byte_start, spans.byte_count, spans.kind, spans.reason)
    at, filled, state = find_spans(text, 0, len(data), 0, True, most, *arrays)
    assert (at, state) == (len(data), DONE)
    number = np.cumsum(spans.kind[:filled] != SPAN_SEPARATOR) - 1
    return Spans(*(array[:filled] for array in arrays), number)


def listed(spans: Spans) -> list[twin.Span]:
    columns = (spans.byte_start, spans.byte_count, spans.kind, spans.reason)
    return list(zip(*(column.tolist() for column in columns), strict=True))


@settings(deadline=None, max_examples=600)
@given(files, st.sampled_from([30, 70, MOST]))
@example(ONE + TWO, MOST)
def test_spans_agree_with_the_twin(data: bytes, most: int) -> None:
    assert listed(found(data, most)) == twin.spans(data, most)


def plain(record: Record) -> Record:
    """The record with the names put in, by `decode`, which has tests of its own."""
    fields = [Field(f.tag, decode(f.inner.decode())[0].encode(), f.control) for f in record.fields]
    return Record(record.leader, fields)


@settings(deadline=None, max_examples=600)
@given(files)
@example(ONE + b"<html>\n<body>\n" + TWO)
def test_records_agree_with_the_twin(data: bytes) -> None:
    spans = found(data)
    wanted, refused = [], []
    for text in [data[at : at + n] for at, n, kind, _ in listed(spans) if kind == SPAN_RECORD]:
        try:
            wanted.append(plain(twin.record(text)))
        except twin.Refused as why:
            refused.append(str(why))
    before = [REASONS[why] for _, _, kind, why in listed(spans) if kind == SPAN_SET_ASIDE]
    window = np.frombuffer(bytearray(data), np.uint8)
    result = read_window(window, spans, spans.byte_start, spans.byte_count)
    assert records_of(result.batch) == wanted
    after = [REASONS[why] for _, _, kind, why in listed(result.spans) if kind == SPAN_SET_ASIDE]
    assert sorted(after) == sorted(before + refused)


@settings(deadline=None, max_examples=200)
@given(files, st.integers(0, 80))
def test_a_window_decides_as_the_file_does(data: bytes, cut: int) -> None:
    whole = listed(found(data + TWO))
    text, spans = np.frombuffer(bytearray((data + TWO)[: len(data + TWO) - cut]), np.uint8), empty_spans(1000)
    arrays = (spans.byte_start, spans.byte_count, spans.kind, spans.reason)
    _, filled, state = find_spans(text, 0, len(text), 0, False, MOST, *arrays)
    assert state in (DONE, MORE)
    assert list(zip(*(array[:filled].tolist() for array in arrays), strict=True)) == whole[:filled]


def test_full_is_reported() -> None:
    text, spans = np.frombuffer(bytearray(ONE + TWO), np.uint8), empty_spans(1)
    arrays = (spans.byte_start, spans.byte_count, spans.kind, spans.reason)
    assert find_spans(text, 0, len(text), 0, True, MOST, *arrays) == (len(ONE), 1, FULL)


@pytest.mark.parametrize(
    "written, meant",
    [
        ("{Lstrok}{acute}od{acute}z", "Łódź"),
        ("d{llig}i{rlig}a", "di\ufe20a\ufe21"),
        ("{circ}{acute}a", "\u1ea5"),
        ("rech{softsign}", "rechʹ"),
        ("{deg}", "°"),
        ("{24}5", "$5"),
        ("{Eacute}t{eacute}", "Été"),
        ("like {zilch}", "like {zilch}"),
        ("{acute}\x1fb", "\u0301\x1fb"),
        ("end{acute}", "end\u0301"),
        ("", ""),
    ],
)
def test_names(written: str, meant: str) -> None:
    """By hand, from the Library of Congress's test of MARCMaker and the code table of ANSEL."""
    marked = re.sub(r"\{([^}]*)\}", "\x1d\\1\x1e", written)
    text, unknown = decode(marked)
    assert (text, unknown) == (meant, ["zilch"] if "zilch" in written else [])


def test_the_list_agrees_with_the_code_table_of_marc8() -> None:
    """Every name that is a byte of ANSEL in hexadecimal is what pymarc's MARC-8 tables make of that byte."""
    checked = 0
    for name, (text, combining) in names().items():
        if re.fullmatch(r"[A-F][0-9A-F]", name):
            theirs = pymarc.marc8.marc8_to_unicode(bytes([int(name, 16)]) + b"a")
            assert unicodedata.normalize("NFC", "a" + text if combining else text + "a") == theirs
            checked += 1
    assert checked > 60
