"""Two outputs that are sorted in the same folder at the same time know nothing of one another."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from transformer.pipeline import apply_buckets
from transformer.ruleset.compile.context import Statement

ROWS = 40


def _batches(name: str) -> list[pa.RecordBatch]:
    table = pa.table({"record_no": [*range(ROWS)][::-1], "said": [name] * ROWS})
    return table.to_batches(max_chunksize=7)


def test_each_gets_its_own_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply_buckets, "BUCKET_ROWS", 9)
    con = duckdb.connect()
    con.execute(f"create table narrow as select range as record_no from range({ROWS})")
    under_way, found = [], {}
    for name in ("one", "other"):
        statement = Statement(name, "output", "", order="record_no", bucket=("narrow", "record_no"))
        batches = _batches(name)
        rows = apply_buckets.in_order(con, statement, batches[0].schema, batches, tmp_path, 100)
        under_way.append((name, [next(rows)], rows))
    for name, first, rows in under_way:
        found[name] = pa.Table.from_batches([*first, *rows]).to_pydict()
    for name, columns in found.items():
        assert columns == {"record_no": [*range(ROWS)], "said": [name] * ROWS}
    assert not [*tmp_path.iterdir()]
