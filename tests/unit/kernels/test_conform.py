"""Departures from the schema: the kernel agrees with its twin, and leaders with the pattern."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reference import conform as twin
from tests.reference.batches import Field, Record, batch_of
from transformer.kernels import conform as kernels
from transformer.writers.conform import conform

PIECES = [
    "\x1fa", "\x1fZ", "\x1f", "\x1f|", "\x1f@", "\x1f~", "\x1fé", "1", "0", " ", "z", "A", "圖",
    "x" * 29, "y" * 64, "\n",
]  # fmt: skip
inner = st.lists(st.sampled_from(PIECES), max_size=9).map("".join)
tags = st.sampled_from(
    ["001", "000", "00a", "00-", "245", "010", "0A1", "a11", "aB1", "ABC", "99 ", "0aA", "éaa", "24\x7f"]
)
fields = st.builds(lambda tag, text, control: Field(tag, text.encode(), control), tags, inner, st.booleans())
records = st.lists(
    st.builds(Record, st.just(b"00000nam a2200000 a 4500"), st.lists(fields, max_size=5)), max_size=4
)


@settings(deadline=None, max_examples=300)
@given(records, st.booleans(), st.sampled_from([b"", b"\x1f", b"x" * 80]))
def test_flags_agree_with_their_twin(found: list[Record], added: bool, gap: bytes) -> None:
    batch = batch_of(found, added=added, gap=gap)
    flags = np.zeros(batch.field_count, np.uint8)
    count = kernels.flag_departures(
        batch.data, batch.added, batch.field_from, batch.tag, batch.start, batch.length, batch.control,
        kernels.INDICATORS, kernels.CODES, kernels.TAG_CLASS, flags,
    )  # fmt: skip
    wanted = twin.departures(found)
    assert flags.tolist() == wanted
    assert count == sum(flag != 0 for flag in wanted)


@pytest.mark.parametrize(
    ("leader", "mended"),
    [
        (b"00000nam a2200000 a 4500", None),
        (b"xxxxxnam a22xxxxx a 4500", None),  # numbers are the writer's
        (b"00000nam a2200000 a     ", None),
        (b"00000nam  2200000   450 ", None),  # UNIMARC's entry map
        (b"00000n-m a2200000 a 4500", b"00000nam a2200000 a 4500"),
        (b"00000nam a3200000 a 4500", b"00000nam a2200000 a 4500"),
        (b"00000nam a2200000 a 45x0", b"00000nam a2200000 a 4500"),
    ],
)
@pytest.mark.parametrize("added", [False, True])
def test_leaders(leader: bytes, mended: bytes | None, added: bool) -> None:
    good = Record(b"00000nam a2200000 a 4500", [])
    batch, notes = conform(batch_of([good, Record(leader, [])], added=added))
    assert notes == (() if mended is None else (("marc-leader", 1, "LDR", leader.decode()),))
    start = int(batch.leader[1])
    text = batch.data[start:] if start >= 0 else batch.added[-1 - start :]
    assert text[:24].tobytes() == (mended or leader)
