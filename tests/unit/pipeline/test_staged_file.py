"""Files of staged tables: what is read is what was written, and it takes the bytes that it should."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transformer.pipeline.staged_file import packed, schema_of, unpacked

TEXT = st.one_of(st.none(), st.just(""), st.text(max_size=3), st.text(min_size=250, max_size=300))
INT64 = st.integers(-(2**63), 2**63 - 1)
SMALL = st.integers(0, 300)


def _written(folder: Path, table: pa.Table) -> tuple[Path, str]:
    data = bytes(packed(table))
    path = folder / "table.piece"
    path.write_bytes(data)
    return path, hashlib.sha256(data).hexdigest()


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    """Tables of every kind that is staged, in one or two chunks, some of them cut out of longer ones."""
    count = draw(st.integers(0, 20))

    def drawn(values: st.SearchStrategy[object], kind: pa.DataType) -> pa.Array:
        return pa.array(draw(st.lists(values, min_size=count, max_size=count)), kind)

    dictionary = pa.dictionary(pa.int32(), pa.string())
    table = pa.table(
        {
            "text": drawn(TEXT, pa.string()),
            "word": drawn(st.sampled_from(["ab", "cd", None]), pa.string()),
            "same": pa.array(["same"] * count),
            "nothing": pa.nulls(count, pa.string()),
            "small": drawn(SMALL, pa.int64()),
            "large": drawn(INT64, pa.int64()),
            "int32": drawn(st.integers(-(2**31), 2**31 - 1), pa.int32()),
            "line": drawn(st.one_of(st.none(), SMALL), pa.int64()),
            "control": drawn(st.booleans(), pa.bool_()),
            "file": drawn(st.just("bib.mrc"), dictionary),
            "tag": drawn(st.sampled_from(["001", "245", None]), dictionary),
            "long": drawn(TEXT, pa.large_string()),
        }
    ).replace_schema_metadata({"clean": "word"})
    if draw(st.booleans()):
        table = pa.concat_tables([table, table])
    return table.slice(draw(st.integers(0, 3)), draw(st.integers(0, 40)))


@given(tables())
def test_comes_back(tmp_path_factory: pytest.TempPathFactory, table: pa.Table) -> None:
    path, digest = _written(tmp_path_factory.mktemp("piece"), table)
    back = unpacked(path, digest)
    back.validate(full=True)
    assert back.schema.equals(table.schema, check_metadata=True)
    assert back.to_pylist() == table.to_pylist()
    assert schema_of(path, digest).equals(table.schema, check_metadata=True)
    some = unpacked(path, digest, ["tag", "small", "not there", "text"])
    assert some.to_pylist() == table.select(["text", "small", "tag"]).to_pylist()
    assert unpacked(path, digest, ["not there"]).num_rows == table.num_rows


def test_size(tmp_path: Path) -> None:
    count = 10_000
    table = pa.table(
        {
            "number": np.arange(1_000_000, 1_000_000 + count),
            "barcode": [f"{n:014}" for n in range(count)],
            "short": ["x" * (n % 3) for n in range(count)],
            "status": ["-"] * count,
            "nothing": pa.nulls(count, pa.string()),
        }
    )
    path, digest = _written(tmp_path, table)
    # 2 bytes a number; 14 a barcode; a byte of length and one of text for each short text.
    assert 18 * count - 8 <= path.stat().st_size <= 18 * count + 3000
    assert unpacked(path, digest).to_pylist() == table.to_pylist()
