"""The ISO 2709 kernel writes what its slow twin writes."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reference import emit as slow
from tests.reference.batches import Record, batch_of
from tests.reference.strategies import records
from transformer.kernels import emit_iso2709 as kernels
from transformer.writers import iso2709


@settings(deadline=None, max_examples=300)
@given(records(odd=True), st.booleans(), st.sampled_from([b"", b"\x1e", b"-" * 40]))
def test_agrees_with_its_twin(found: list[Record], added: bool, gap: bytes) -> None:
    rendered = iso2709.render(batch_of(found, added=added, gap=gap))
    expected = [slow.iso2709(record) for record in found]
    assert rendered.data.tobytes() == b"".join(text for text, _ in expected)
    assert rendered.ends.tolist() == np.cumsum([len(text) for text, _ in expected]).tolist()
    assert rendered.failed == tuple((r, code) for r, (_, code) in enumerate(expected) if code)


@settings(deadline=None, max_examples=50)
@given(records(), st.integers(1, 200))
def test_says_full_and_writes_nothing_behind(found: list[Record], missing: int) -> None:
    batch = batch_of(found, gap=b"\x1e")
    size = sum(len(slow.iso2709(record)[0]) for record in found)
    out = np.full(size + 64, 0xAA, np.uint8)
    capacity = max(0, size - missing)
    used = kernels.emit_records(
        batch.data, batch.added, batch.leader, batch.field_from, batch.tag, batch.start, batch.length,
        True, out[:capacity], np.zeros(len(found), np.int64), np.zeros(len(found), np.uint8),
    )  # fmt: skip
    assert used == (-1 if found else 0)
    assert (out[capacity:] == 0xAA).all()
