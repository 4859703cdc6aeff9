"""Leaders that say Unicode, against a twin in plain Python."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from transformer.kernels.leaders import put_unicode_leaders

leaders = st.builds(
    lambda coding, last: f"00000nam {coding}2200000 a 450{last}".encode(),
    st.sampled_from(" a0"),
    st.sampled_from(" 0"),
)


def laid_out(records: list[tuple[bytes, bool]]) -> tuple[bytearray, bytearray, list[int]]:
    """(data, added, place) of leaders, some of them in `added`."""
    buffers, places = (bytearray(), bytearray()), []
    for leader, apart in records:
        at = len(buffers[apart])
        buffers[apart].extend(leader)
        places.append(-1 - at if apart else at)
    return *buffers, places


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(leaders, st.booleans(), st.booleans()), max_size=12), st.integers(0, 50))
def test_agrees_with_a_twin(records: list[tuple[bytes, bool, bool]], before: int) -> None:
    data, added, places = laid_out([(leader, apart) for leader, apart, _ in records])
    wanted = np.array([w for _, _, w in records], np.uint8)
    new = np.array(places, np.int64)
    out = np.zeros(24 * int(wanted.sum()), np.uint8)
    used = put_unicode_leaders(
        np.frombuffer(data, np.uint8), np.frombuffer(added, np.uint8), np.array(places, np.int64), wanted,
        out, before, new,
    )  # fmt: skip
    expected, said = list(places), b""
    for at, (leader, _, asked) in enumerate(records):
        if asked and leader[9:10] != b"a" and leader[23:] != b" ":
            expected[at] = -1 - before - len(said)
            said += leader[:9] + b"a" + leader[10:]
    assert out[:used].tobytes() == said
    assert new.tolist() == expected
    if used:
        small = out[: used - 1].copy()
        assert put_unicode_leaders(
            np.frombuffer(data, np.uint8), np.frombuffer(added, np.uint8), np.array(places, np.int64),
            wanted, small, before, new,
        ) == -1  # fmt: skip
