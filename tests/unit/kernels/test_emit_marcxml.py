"""The MARCXML kernel writes what its slow twin writes, whatever the bytes and wherever they lie."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.reference import emit as slow
from tests.reference.batches import Field, Record, batch_of
from tests.reference.strategies import records
from transformer.kernels import emit_marcxml as kernels
from transformer.schema.batch import U8, MarcBatch
from transformer.writers import marcxml

LEADER = b"00000nam a2200000 a 4500"
WIDE = "".join(f"{i:02}" for i in range(40))


@settings(deadline=None, max_examples=400)
@given(records(odd=True), st.booleans(), st.sampled_from([b"", b"\x1e", b"-" * 40]))
@example([Record(LEADER, [Field("245", b"10\x1fa" + WIDE.encode())])], False, b"")
@example([Record(LEADER, [Field("245", b"")])], False, b"")
@example([Record(LEADER, [Field("245", b"10\x1f\x1f")])], True, b"")
def test_agrees_with_its_twin(found: list[Record], added: bool, gap: bytes) -> None:
    rendered = marcxml.render(batch_of(found, added=added, gap=gap))
    expected = [slow.marcxml(record) for record in found]
    assert rendered.data.tobytes() == b"".join(text for text, _ in expected)
    assert rendered.ends.tolist() == np.cumsum([len(text) for text, _ in expected]).tolist()
    assert rendered.failed == tuple((i, "bad-tag") for i, (text, _) in enumerate(expected) if not text)
    notes = [(code, r, tag) for r, (_, notes) in enumerate(expected) for code, tag in notes]
    assert [note[:3] for note in rendered.notes] == notes


@pytest.mark.parametrize("at", range(0, 70))
@pytest.mark.parametrize("special", ["&", "<", "\r", "\x1fb", "\uff0c", "\uffff"])
def test_special_bytes_at_every_place_of_a_step(at: int, special: str) -> None:
    text = (WIDE[:at] + special + WIDE[at : at + 40]).encode()
    record = Record(LEADER, [Field("500", b"  \x1fa" + text), Field("001", text.replace(b"\x1f", b""), True)])
    assert marcxml.render(batch_of([record])).data.tobytes() == slow.marcxml(record)[0]


def emit(batch: MarcBatch, out: U8) -> tuple[int, int, int]:
    """The kernel from the first record on."""
    records, fields = batch.record_count, batch.field_count
    scratch = np.empty(kernels.SCRATCH_BYTES, np.uint8)
    return kernels.emit_records(
        batch.data, batch.added, batch.leader, batch.field_from, batch.tag, batch.start, batch.length,
        batch.control, True, 0, 0, out, scratch,
        np.zeros(records, np.int64), np.zeros(records, np.uint8), np.zeros(fields, np.uint8),
        np.zeros(records, np.uint8),
    )  # fmt: skip


def test_goes_on_where_the_buffer_was_full() -> None:
    fields = [Field("999", b"\x1f" * 4_000), Field("001", b"&" * 3_000, True)]
    batch = batch_of([Record(LEADER, fields)] * 9)
    expected = slow.marcxml(Record(LEADER, fields))[0]
    assert len(expected) > 100_000
    out = np.full(3 * len(expected) + 2_000, 0xAA, np.uint8)
    done, used, need = emit(batch, out[:-1_000])
    assert done < 9
    assert need >= len(expected)
    assert out[:used].tobytes() == expected * done
    assert (out[-1_000:] == 0xAA).all()
    assert marcxml.render(batch).data.tobytes() == 9 * expected


@pytest.mark.parametrize(
    "field",
    [
        Field('"""', b'""' + b'"' * 50),
        Field('"""', b"\x1f" * 99),
        Field("001", b"&" * 99, True),
        Field('"""', b'""' + b'\x1f"' * 60),
        Field('"""', b""),
        Field('"""', b'""\x1f'),
    ],
)
def test_never_needs_more_room_than_it_says(field: Field) -> None:
    """Worst of each kind: every byte at its longest, the buffer exactly as large as asked for."""
    record = Record(LEADER, [field] * 200)
    batch = batch_of([record])
    need = emit(batch, np.empty(8, np.uint8))[2]
    guarded = np.full(need + 64, 0xAA, np.uint8)
    assert emit(batch, guarded[:need]) == (1, len(slow.marcxml(record)[0]), 0)
    assert (guarded[need:] == 0xAA).all()
