"""Memory goes back when nobody sees it any more, and never before."""

from __future__ import annotations

import gc

import numpy as np

from tests.reference.batches import Field, Record, batch_of
from transformer.writers import buffers, marcxml

LEADER = b"00000nam a2200000 a 4500"


def address(array: np.ndarray) -> int:
    return int(array.__array_interface__["data"][0])


def test_is_used_again_when_the_last_view_is_gone() -> None:
    buffers.give_up()
    first = buffers.lend(1_000)
    assert len(first) >= 1_000
    where, part = address(first), first[10:20]
    part[:] = 7
    del first
    gc.collect()
    other = buffers.lend(1_000)
    other[:] = 9
    assert address(other) != where
    assert part.tolist() == [7] * 10
    del part
    gc.collect()
    assert address(buffers.lend(1_000)) == where


def test_a_piece_that_does_not_fit_waits_for_who_wants_it() -> None:
    buffers.give_up()
    large = buffers.lend(64 << 20)
    where = address(large)
    del large
    gc.collect()
    small = buffers.lend(1)
    assert len(small) < 64 << 20
    assert address(buffers.lend(64 << 20)) == where
    gc.collect()
    for count in range(1, buffers.KEPT + 1):  # each too small for the next
        buffers.lend(count * 200 << 20)
        gc.collect()
    assert len(buffers._free) == buffers.KEPT
    buffers.give_up()


def test_results_that_are_kept_keep_their_bytes() -> None:
    batches = [batch_of([Record(LEADER, [Field("001", b"%d" % n * 50, True)])]) for n in range(1, 9)]
    kept = [marcxml.render(batch).data for batch in batches]
    texts = [data.tobytes() for data in kept]
    for batch in batches:
        marcxml.render(batch)
    assert [data.tobytes() for data in kept] == texts
    assert len(set(texts)) == 8
