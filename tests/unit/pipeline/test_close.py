"""What close counts and writes: fields taken out of bibs, and tables whose bytes do not depend on batches."""

from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transformer.extracts.model import Source
from transformer.pipeline import embedded, run_tables, set_aside
from transformer.pipeline.applied import Rows
from transformer.pipeline.batches import in_groups
from transformer.pipeline.embedded import embedded_counts
from transformer.pipeline.run_tables import write_table
from transformer.pipeline.runs import RunFolder
from transformer.pipeline.staged import Aside, StagedTable, Stored

FIELD = pa.schema([("source_file", pa.string()), ("record_no", pa.int64()), ("field_no", pa.int32())])
PLACES = st.sets(st.tuples(st.integers(0, 12), st.integers(0, 3)))


def _cut(table: pa.Table, at: list[int]) -> list[pa.RecordBatch]:
    """The rows in batches that end at these rows."""
    ends = sorted({min(end, table.num_rows) for end in at} | {table.num_rows})
    return [
        batch
        for start, end in zip([0, *ends], ends, strict=False)
        for batch in table.slice(start, end - start).combine_chunks().to_batches()
    ]


def _fields(places: set[tuple[int, int]]) -> pa.Table:
    """Fields of two files: records 0 to 6 stand in the first."""
    rows = [
        {"source_file": "a.mrc" if record < 7 else "b.mrc", "record_no": record, "field_no": field}
        for record, field in sorted(places)
    ]
    return pa.Table.from_pylist(rows, FIELD)


def _staged(places: set[tuple[int, int]], cuts: list[int]) -> StagedTable:
    pieces = [pa.Table.from_batches([batch]) for batch in _cut(_fields(places), cuts)]
    return StagedTable.of([Stored(piece.num_rows, piece) for piece in pieces], FIELD)


@given(PLACES, PLACES, PLACES, PLACES, st.lists(st.integers(0, 30), max_size=4), st.integers(1, 7))
def test_fields_taken_out_are_counted_once_a_kind(items, others, holdings, dropped, cuts, step) -> None:
    tables = {
        "item_945_embedded": _staged(items, cuts),
        "item_949_embedded": _staged(others, cuts[:1]),
        "holdings_embedded": _staged(holdings, cuts[1:]),
        "bib_record": _staged(items, []),
    }
    gone = Rows(
        pa.Table.from_batches(_cut(_fields(dropped).drop_columns("source_file"), cuts), FIELD.remove(0))
    )
    wanted = Counter(
        ("a.mrc" if record < 7 else "b.mrc", kind)
        for kind, places in (("item", items | others), ("holdings", holdings))
        for record, _ in places & dropped
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedded, "STEP_ROWS", step)
        assert embedded_counts(tables, gone) == wanted


@given(st.lists(st.integers(0, 40), max_size=6), st.integers(1, 9), st.integers(0, 25))
def test_groups_hold_the_rows_in_order(cuts, size, count) -> None:
    table = pa.table({"number": pa.array(range(count), pa.int64())})
    groups = list(in_groups(_cut(table, cuts), table.schema, size))
    assert [n for group in groups for n in group["number"].to_pylist()] == list(range(count))
    assert [group.num_rows for group in groups[:-1]] == [size] * (len(groups) - 1)
    assert all(group.num_rows for group in groups)


def test_a_table_is_the_same_whatever_its_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_tables, "GROUP_ROWS", 1000)
    table = pa.table(
        {
            "number": [f"i{n:07}" for n in range(2500)],
            "line": pa.array([n * 3 if n % 7 else None for n in range(2500)], pa.int64()),
            "status": ["-", "m", None, "-", "-"] * 500,
        }
    )
    (tmp_path / "one").mkdir()
    (tmp_path / "many").mkdir()
    write_table(tmp_path / "one", "item", Rows(table))
    write_table(tmp_path / "many", "item", Rows(pa.Table.from_batches(_cut(table, [1, 700, 999, 2001]))))
    one = tmp_path / "one" / "item.parquet"
    assert one.read_bytes() == (tmp_path / "many" / "item.parquet").read_bytes()
    assert pq.read_table(one).equals(table)
    assert [pq.read_metadata(one).row_group(at).num_rows for at in range(3)] == [1000, 1000, 500]
    assert [path.name for path in one.parent.iterdir()] == ["item.parquet"]


@pytest.mark.parametrize(
    ("window", "gap", "rows"), [(1 << 24, 1 << 16, 16384), (9, 4, 2), (9, -1, 1), (40, 0, 3)]
)
def test_set_aside_lies_byte_for_byte_beside_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, window: int, gap: int, rows: int
) -> None:
    """Whatever is read together: pieces of two files, side by side, apart, backwards, empty, huge."""
    for name, value in (("WINDOW_BYTES", window), ("GAP_BYTES", gap), ("BATCH_ROWS", rows)):
        monkeypatch.setattr(set_aside, name, value)
    text = {"a.csv": b"one\ntwo\nthree\nfour and twenty\nfive\n", "b.csv": b"other rows\nof another file\n"}
    sources = [Source(tmp_path / name, "delimited", extract="item") for name in text]
    for source in sources:
        source.path.write_bytes(text[source.name])
    first, other = sources
    # (file, kind, first byte, bytes, code, rule)
    ruled = [
        ("a.csv", "item", 0, 3, "orphan", "item.bib"), ("a.csv", "item", 4, 3, "orphan", "item.bib"),
        ("a.csv", "patron", 8, 5, "expired", None), ("a.csv", "item", 14, 15, "", "no-x"),
        ("b.csv", "item", 0, 10, "orphan", "item.bib"), ("b.csv", "item", 11, 15, "orphan", "item.bib"),
        ("a.csv", "item", 4, 0, "orphan", "item.bib"), ("a.csv", "item", 4, 3, "orphan", "item.bib"),
    ]  # fmt: skip
    names = ("source_file", "kind", "byte_start", "byte_count", "code", "rule")
    table = pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in ruled], set_aside.PIECE)
    pieces = set_aside.Pieces(
        sources,
        [Aside(first, "item", 30, 4, "not-a-row", line=5), Aside(other, "item", 0, 5, "mended", None, True)],
        Rows(table),
        [set_aside.Piece(other, "item", 11, 2, "too-long")],
    )
    assert pieces.reasons() == {
        ("item", "not-a-row", ""): 1, ("item-repaired", "mended", ""): 1, ("item", "orphan", "item.bib"): 6,
        ("patron", "expired", ""): 1, ("item", "", "no-x"): 1, ("item", "too-long", ""): 1,
    }  # fmt: skip
    kinds = ["item", "patron", "item-repaired"]
    assert set_aside.write_set_aside(RunFolder(tmp_path), pieces, kinds) == {
        "item": "set-aside/item.bytes",
        "item-repaired": "set-aside/item-repaired.bytes",
        "patron": "set-aside/patron/patron.bytes",
    }
    place = tmp_path / "set-aside"
    assert (place / "item.bytes").read_bytes() == (
        b"five\none\ntwo\nfour and twenty\nother rows\nof another file\n\ntwo\nof\n"
    )
    assert (place / "item-repaired.bytes").read_bytes() == b"other\n"
    assert (place / "patron" / "patron.bytes").read_bytes() == b"three\n"
    lines = (place / "item.csv").read_text().splitlines()
    assert (
        lines[0].replace('"', "") == "source_file,record_id,line,byte_start,byte_count,field_no,at,code,rule"
    )
    assert lines[1].replace('"', "") == "a.csv,,5,30,4,,0,not-a-row,"
    assert [line.replace('"', "").split(",")[6] for line in lines[1:]] == [
        "0", "5", "9", "13", "29", "40", "56", "57", "61",
    ]  # fmt: skip
