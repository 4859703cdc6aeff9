"""Text as rules want it: composed, and with something in place of what XML forbids."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reference.batches import Field, Record, batch_of, records_of
from transformer.writers import marcxml
from transformer.writers.text import AS_IT_IS, TextForm, shaped

LEADER = b"00000nam a2200000 a 4500"
DECOMPOSED = "10\x1faCafe\u0301\x1fc\u0301\u212b"
BAD = "10\x1fa\x08a\ufffeb\x1bc\td\x1fbo\uffff"


def one(*fields: Field) -> Record:
    return Record(LEADER, list(fields))


def after(records: list[Record], form: TextForm) -> tuple[list[list[str]], list[tuple[str, int, str, str]]]:
    batch, notes = shaped(batch_of(records), form)
    return [[field.inner.decode() for field in record.fields] for record in records_of(batch)], list(notes)


def test_nothing_is_done_unless_a_rule_asks() -> None:
    batch = batch_of([one(Field("245", DECOMPOSED.encode()), Field("500", BAD.encode()))])
    same, notes = shaped(batch, AS_IT_IS)
    assert same is batch and not notes


def test_composed() -> None:
    """A subfield code takes no mark; what is composed keeps its bytes."""
    plain = Field("246", "10\x1faÉtude".encode())
    found, notes = after([one(Field("245", DECOMPOSED.encode()), plain), one(plain)], TextForm(nfc=True))
    assert found == [["10\x1faCafé\x1fc\u0301Å", "10\x1faÉtude"], ["10\x1faÉtude"]]
    assert notes == []


@pytest.mark.parametrize("sign", [" ", "\ufffd"])
def test_what_xml_forbids_is_replaced_and_told(sign: str) -> None:
    records = [
        one(Field("245", b"10\x1faGood")),
        one(Field("001", b"a\x1fb", True), Field("500", BAD.encode())),
    ]
    found, notes = after(records, TextForm(forbidden=sign))
    assert found == [["10\x1faGood"], [f"a{sign}b", f"10\x1fa{sign}a{sign}b{sign}c\td\x1fbo{sign}"]]
    assert notes == [
        ("xml-forbidden-character", 1, "001", "U+001F x1"),
        ("xml-forbidden-character", 1, "500", "U+0008 x1, U+001B x1, U+FFFE x1, U+FFFF x1"),
    ]
    batch, _ = shaped(batch_of(records), TextForm(forbidden=sign))
    assert marcxml.render(batch).notes == ()


values = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from("\u0301\u0308e\x08\ufffe\x1b"), max_size=12
).map(lambda text: text.replace("\x1d", "").replace("\x1e", "").replace("\x1f", ""))


@given(st.lists(st.lists(values, max_size=4), max_size=4), st.sampled_from(["", " "]), st.booleans())
def test_as_said_value_by_value(records: list[list[str]], sign: str, nfc: bool) -> None:
    made = [one(*(Field("500", f"  \x1fa{value}".encode()) for value in record)) for record in records]
    found, _ = after(made, TextForm(nfc, sign))
    bad = {*map(chr, range(0x20)), "\ufffe", "\uffff"} - {"\t", "\n", "\r"}
    for record, fields in zip(records, found, strict=True):
        for value, field in zip(record, fields, strict=True):
            wanted = "".join(sign if sign and c in bad else c for c in value)
            assert field == "  \x1fa" + (unicodedata.normalize("NFC", wanted) if nfc else wanted)
