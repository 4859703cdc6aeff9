"""JSON: the boundary kernel and its twin agree on any bytes; sound records are found as json finds them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.reference import marcjson as twin
from transformer.kernels.marcjson import AHEAD, DONE, FULL, MORE, MOST, count_pairs, find_spans
from transformer.readers.walk import empty_spans
from transformer.schema.batch import SPAN_RECORD, SPAN_SEPARATOR

LEADER = "00000nam a2200000 a 4500"
ONE = {"leader": LEADER, "fields": [{"001": 'q"\\{'}, {"245": {"subfields": [{"a": "}"}]}}]}
TWO = {"fields": [["001", "b]2"]], "type": "marc-hash", "leader": LEADER}
PIECES = [
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b'"',
        b"\\",
        b"\n",
        b" ",
        b",",
        b":",
        b"leader",
        b'"leader"',
        b'{"fields"',
        b"x",
    ),
    *(b"\xef\xbb\xbf", b'{"type":', b"\n{", b"\x00", b" " * 130, "é".encode()),
    *(json.dumps(ONE).encode(), json.dumps(TWO, indent=1).encode()),
]


def found(data: bytes, most: int = MOST) -> list[twin.Span]:
    text, spans = np.frombuffer(bytearray(data), np.uint8), empty_spans(1000)
    arrays = (spans.byte_start, spans.byte_count, spans.kind, spans.reason)
    at, filled, state = find_spans(text, 0, len(data), 0, True, most, *arrays)
    assert (at, state) == (len(data), DONE)
    return list(zip(*(array[:filled].tolist() for array in arrays), strict=True))


@settings(deadline=None, max_examples=500)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map(b"".join), st.sampled_from([5, 60, MOST]))
@example(b'{"leader":"a', 5)
def test_agrees_with_its_twin(data: bytes, most: int) -> None:
    assert found(data, most) == twin.spans(data, most)


values = st.recursive(
    st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)
objects = st.dictionaries(st.sampled_from(["001", "a", "ind1", "}"]), values, max_size=4)


@settings(deadline=None, max_examples=200)
@given(st.lists(objects, max_size=4), st.sampled_from([None, 0, 2]), st.booleans(), st.booleans())
def test_sound_objects_are_found_as_json_finds_them(
    objects: list[dict[str, object]], indent: int | None, ascii_only: bool, listed: bool
) -> None:
    if listed:
        data = json.dumps(objects, indent=indent, ensure_ascii=ascii_only).encode()
    else:
        data = "\n".join(json.dumps(o, indent=indent, ensure_ascii=ascii_only) for o in objects).encode()
    spans = found(data)
    texts = [data[at : at + n] for at, n, kind, _ in spans if kind == SPAN_RECORD]
    assert [json.loads(text) for text in texts] == objects
    assert {kind for _, _, kind, _ in spans} <= {SPAN_RECORD, SPAN_SEPARATOR}
    counted = np.empty(len(texts), np.int64)
    ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
    sizes = np.array([len(text) for text in texts], np.int64)
    count_pairs(np.frombuffer(bytearray(b"".join(texts)), np.uint8), ends - sizes, sizes, counted)
    assert counted.tolist() == [pairs(json.loads(text)) for text in texts]


def pairs(value: object) -> int:
    if isinstance(value, dict):
        return len(value) + sum(map(pairs, value.values()))
    return sum(map(pairs, value)) if isinstance(value, list) else 0


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize("lost", [b'"', b"}", b"]", b"{"])
def test_damage_never_costs_a_neighbour(lost: bytes, listed: bool, indent: int | None) -> None:
    texts = [json.dumps(ONE, indent=indent).encode() for _ in range(3)]
    for at in [i for i in range(1, len(texts[1])) if texts[1][i : i + 1] == lost]:
        broken = texts[1][:at] + texts[1][at + 1 :]
        glue = b",\n" if listed else b"\n"
        data = glue.join([texts[0], broken, texts[2]])
        data = b"[" + data + b"]" if listed else data
        whole = [(a, n) for a, n, kind, _ in found(data) if kind == SPAN_RECORD]
        assert whole[0] == (data.index(texts[0]), len(texts[0]))
        assert whole[-1] == (data.rindex(texts[2]), len(texts[2]))


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(PIECES), max_size=10).map(b"".join), st.integers(0, 300))
def test_a_window_decides_as_the_file_does(data: bytes, cut: int) -> None:
    data += b'{"leader":1}' * 10
    whole = found(data)
    text, spans = np.frombuffer(bytearray(data[: max(0, len(data) - cut)]), np.uint8), empty_spans(1000)
    arrays = (spans.byte_start, spans.byte_count, spans.kind, spans.reason)
    _, filled, state = find_spans(text, 0, len(text), 0, False, MOST, *arrays)
    assert state in (DONE, MORE)
    assert list(zip(*(array[:filled].tolist() for array in arrays), strict=True)) == whole[:filled]


def test_full_is_reported() -> None:
    text, spans = np.frombuffer(bytearray(b'{"a":1}\n{"b":2}' + b" " * AHEAD), np.uint8), empty_spans(1)
    arrays = (spans.byte_start, spans.byte_count, spans.kind, spans.reason)
    assert find_spans(text, 0, len(text), 0, True, MOST, *arrays) == (7, 1, FULL)
