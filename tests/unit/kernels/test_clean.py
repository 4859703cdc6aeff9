"""Clean texts: the kernel and its twin agree, and the database's TRIM with both."""

from __future__ import annotations

import duckdb
import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.reference.clean import clean
from transformer.readers.clean import clean_columns, cleaned, cleaned_column

SPELLINGS = ("-  -", "0", "", " NEVER ", "né")
BLANKS = " \xa0\u1680\u2000\u200a\u202f\u205f\u3000"
texts = st.none() | st.text(st.sampled_from("-0aéNEVR\x1f\t" + BLANKS + "\u200b\u2028\xc2\ufeff"), max_size=9)


@settings(max_examples=500, deadline=None)
@given(st.lists(st.lists(texts, max_size=6), max_size=3), st.integers(0, 2))
@example([["a ", None, "  -  -  ", "NEVER", "b\x1f c "]], 1)
@example([["\u3000", "\xa0né\u2003"]], 0)
def test_agrees_with_its_twin(chunks: list[list[str | None]], skipped: int) -> None:
    """Also of slices, whose texts do not begin where their bytes do."""
    arrays = [pa.array(chunk, pa.string())[skipped:] for chunk in chunks]
    found, repeats = cleaned_column(pa.chunked_array(arrays, pa.string()), SPELLINGS)
    found.validate(full=True)
    given = [text for chunk in chunks for text in chunk[skipped:]]
    spelled = tuple(word.strip() for word in SPELLINGS)
    assert found.to_pylist() == [clean(text, spelled) for text in given]
    assert repeats == sum("\x1f" in (text or "") for text in given)


def test_blanks_are_those_of_the_database() -> None:
    points = [chr(point) for point in range(1, 0x10000) if not 0xD800 <= point < 0xE000 and point != 0x1F]
    table = pa.table({"text": [f"{one}x{one}" for one in points]})
    trimmed = duckdb.connect().from_arrow(table).project("trim(text) as text").to_arrow_table()
    assert cleaned_column(table.column("text"), ())[0].to_pylist() == trimmed.column("text").to_pylist()


def test_what_is_clean_is_told() -> None:
    one = cleaned(pa.table({"a": ["x "], "b": ["y"], "n": [1]}), {"a": (), "b": ()})
    other = cleaned(pa.table({"a": ["x\x1fy"], "c": ["-"]}), {"a": (), "c": ("-",)})
    assert one.to_pydict() == {"a": ["x"], "b": ["y"], "n": [1]}
    assert other.to_pydict() == {"a": ["x\x1fy"], "c": [None]}
    assert clean_columns([one.schema]) == {"a", "b"}
    assert clean_columns([one.schema, other.schema]) == {"b", "c"}
    assert clean_columns([]) == frozenset()
