"""Damaged records of real files that come out repaired: their values, by a plain reading of the bytes.

Plain: the directory says tags, the field terminators say where fields end; as many of one as of the other.
Two files need more: in one a length has five digits, in the other lengths count characters.
"""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from tests.corpus.expected import expectations
from tests.corpus.neutral import of_batch
from tests.fixtures import FIXTURES, needs_fixtures, short
from transformer.extracts.model import Source
from transformer.readers import partitions, read
from transformer.schema.batch import REASONS, SPAN_REPAIRED

pytestmark = [pytest.mark.corpus, needs_fixtures]
Field = tuple[Any, ...]
FILES = [
    FIXTURES / row.path
    for row in expectations().values()
    if FIXTURES.is_dir() and row.what == "iso2709" and row.repaired != "0"
]
IN_CHARACTERS = "bu_bibs.mrc"
FIVE_DIGITS = (b"5201124200338", b"520000000000")


def by_terminators(raw: bytes) -> list[Field]:
    """Fields of a record whose directory has as many entries as there are fields."""
    end = raw.index(b"\x1e")
    directory = raw[24:end].replace(*FIVE_DIGITS)
    values = raw[end + 1 :].split(b"\x1e")[:-1]
    assert len(directory) == 12 * len(values)
    return [
        field(directory[12 * at : 12 * at + 3].decode(), value.decode()) for at, value in enumerate(values)
    ]


def by_characters(raw: bytes) -> list[Field]:
    """Fields of a record in UTF-8 three times over whose numbers count characters of the first."""
    text = raw.decode()
    base, found = int(text[12:17]), []
    for at in range(24, base - 1, 12):
        start = base + int(text[at + 7 : at + 12])
        value = text[start : start + int(text[at + 3 : at + 7])]
        assert value[-1] == "\x1e"
        decoded = value[:-1].encode("latin-1").decode().encode("latin-1").decode()
        found.append(field(text[at : at + 3], decoded))
    return found


def field(tag: str, value: str) -> Field:
    if tag.startswith("00"):
        return tag, value
    head, *rest = value.split("\x1f")
    return tag, (head + "  ")[0], (head + "  ")[1], [(part[0], part[1:]) for part in rest if part]


def _nfc(fields: list[Field]) -> str:
    return unicodedata.normalize("NFC", repr(fields))


@pytest.mark.parametrize("path", FILES, ids=short)
def test_values_are_those_between_the_terminators(path: Any) -> None:
    data, compared = path.read_bytes(), 0
    plainly = by_characters if path.name == IN_CHARACTERS else by_terminators
    for partition in partitions(Source(path, "iso2709")):
        result = read(partition)
        spans, batch = result.spans, result.batch
        why = dict(zip(spans.record_no.tolist(), spans.reason.tolist(), strict=True))
        repaired = set(spans.record_no[spans.kind == SPAN_REPAIRED].tolist())
        for at, number in enumerate(batch.record_no.tolist()):
            if number in repaired:
                start, count = int(batch.byte_start[at]), int(batch.byte_count[at])
                compared += 1
                if REASONS[why[number]] != "undecodable":  # those are in test_charsets.py
                    expected = plainly(data[start : start + count])
                    assert _nfc(of_batch(batch, at)[1]) == _nfc(expected)
    row = expectations()[short(path)]
    assert compared == int(row.repaired) or row.waits
