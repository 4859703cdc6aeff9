"""Apply: the same result in memory and in files, bucket by bucket and at once, whatever the threads."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.staged import AS_OF, apply_to, rules_of, staged_of
from transformer.database.session import Settings
from transformer.pipeline import apply_buckets, kept
from transformer.pipeline.applied import Applied, Rows
from transformer.pipeline.apply import apply
from transformer.pipeline.kept import Kept, keep
from transformer.ruleset.files.project import Project
from transformer.ruleset.plan import stage_plan
from transformer.schema.books import ISSUE, ISSUE_CODES

PROJECT = Project("sierra", target="self-load")
BIBS = [
    {
        "907a": f".b{1000000 + n}a",
        "001": str(n),
        "003": "OCoLC",
        "945": [{"y": f".i{2000000 + 3 * n + k}a", "l": "main", "s": "-"} for k in range(n % 3)],
    }
    for n in range(40)
]
ITEMS = [
    {"number": f"i{3000000 + n}a", "bib_number": f"b{1000000 + n}a", "location": "main", "status": "m"}
    for n in range(25)
]
PATRONS = [
    {"number": f"p{4000000 + n}a", "name": f"Invented{n}, Person", "email": "a@example.org"} for n in range(9)
]


def _site(tmp_path: Path) -> Path:
    (tmp_path / "maps").mkdir(parents=True, exist_ok=True)
    (tmp_path / "maps" / "location.csv").write_text("code,library,location\nmain,MAIN,STACKS\n")
    return tmp_path


def _same(a: Applied, b: Applied) -> None:
    for name in ("bib", "bib_new", "bib_drop", "holdings", "holdings_field", "item_decision", "bib_item",
                 "holdings_item", "issue", "set_aside", "key_index"):  # fmt: skip
        assert getattr(a, name).to_table().to_pylist() == getattr(b, name).to_table().to_pylist(), name
    for one, other in zip(a.delivered, b.delivered, strict=True):
        assert one.rows.to_table().to_pylist() == other.rows.to_table().to_pylist(), one.name


@pytest.fixture(scope="module")
def in_memory(tmp_path_factory: pytest.TempPathFactory) -> Applied:
    return apply_to(BIBS, ITEMS, PATRONS, PROJECT, _site(tmp_path_factory.mktemp("site")))


def test_in_memory_and_in_files(tmp_path: Path, in_memory: Applied) -> None:
    site, work = _site(tmp_path / "site"), tmp_path / "work"
    work.mkdir()
    in_files = apply_to(BIBS, ITEMS, PATRONS, PROJECT, site, work)
    assert isinstance(in_files.bib_new.source, Kept)
    _same(in_memory, in_files)
    assert in_memory.delivered[0].rows.num_rows == 39 + 25


def test_buckets_give_what_one_sort_gives(
    tmp_path: Path, in_memory: Applied, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, work = _site(tmp_path / "site"), tmp_path / "work"
    work.mkdir()
    monkeypatch.setattr(apply_buckets, "BUCKET_ROWS", 7)
    monkeypatch.setattr(kept._Rising, "hopeless", lambda *_: True)
    with pytest.raises(AssertionError, match="is not sorted"):
        apply_to(BIBS, ITEMS, PATRONS, PROJECT, site, work)
    monkeypatch.undo()
    monkeypatch.setattr(apply_buckets, "BUCKET_ROWS", 7)
    monkeypatch.setattr(kept, "RUN_ROWS", 1 << 40)
    monkeypatch.setattr(kept, "FEW_RUNS", 0)
    _same(in_memory, apply_to(BIBS, ITEMS, PATRONS, PROJECT, site, work))


@pytest.mark.parametrize("threads", [1, 4])
def test_threads_and_datasets_change_nothing(tmp_path: Path, in_memory: Applied, threads: int) -> None:
    ruleset = rules_of("sierra", _site(tmp_path))
    staged = staged_of(stage_plan(ruleset, PROJECT), BIBS, ITEMS, PATRONS)
    on_disk = {}
    for name, table in staged.items():
        pq.write_table(table, tmp_path / f"{name}.parquet", row_group_size=5)
        on_disk[name] = ds.dataset(tmp_path / f"{name}.parquet")
    other = apply(on_disk, ruleset, PROJECT, AS_OF, settings=Settings(threads=threads))
    _same(in_memory, other)


def test_items_come_in_the_order_of_their_bibs_then_of_the_rows(in_memory: Applied) -> None:
    rows = next(d for d in in_memory.delivered if d.name == "item").rows.to_table()
    numbers = [n[1:8] for n in rows.column("number").to_pylist()]
    assert numbers == sorted(numbers)


def test_a_run_of_bibs_only() -> None:
    applied = apply_to([{"907a": ".b10574141", "001": "x", "003": "Y"}])
    assert applied.bib.to_table().column("number").to_pylist() == ["b10574141"]
    assert [d.name for d in applied.delivered] == ["item"]
    assert applied.holdings.num_rows == 0
    assert applied.holdings_field.schema.names == ["record_no", "tag", "is_control", "inner"]


def test_bibs_without_any_embedded_table() -> None:
    ruleset = rules_of()
    staged = staged_of(stage_plan(ruleset, PROJECT), [{"907a": ".b10574141"}])
    applied = apply({"bib_record": staged["bib_record"]}, ruleset, PROJECT, AS_OF)
    assert applied.delivered == ()
    assert applied.bib_drop.num_rows == 0


def test_holdings_numbers_do_not_depend_on_order_or_neighbours(tmp_path: Path) -> None:
    site = _site(tmp_path)
    one = apply_to(BIBS, None, None, PROJECT, site).holdings.to_table()
    other = apply_to(list(reversed(BIBS)), None, None, PROJECT, site).holdings.to_table()
    assert one.column("number").to_pylist() == other.column("number").to_pylist()
    assert len(set(one.column("number").to_pylist())) == one.num_rows


def test_the_ledger_closes(tmp_path: Path) -> None:
    bibs = [*BIBS, {"907a": "none", "945": [{"y": ".i5000000a", "l": "main"}]}]
    items = [
        *ITEMS,
        {"number": "", "location": "main"},
        ITEMS[0],
        {"number": "i2000003a", "location": "main"},
    ]
    applied = apply_to(bibs, items, PATRONS, PROJECT, _site(tmp_path))
    ledger = {(r["source_file"], r["kind"]): r for r in applied.ledger.to_pylist()}
    fields = ledger["bibs.mrc", "item"]
    assert (fields["written_count"], fields["merged_count"], fields["set_aside_count"]) == (38, 1, 1)
    rows = ledger["items.csv", "item"]
    assert (rows["written_count"], rows["merged_count"], rows["set_aside_count"]) == (26, 0, 2)
    assert ledger["bibs.mrc", "bib"]["written_count"] == 40
    assert ledger["bibs.mrc", "bib"]["set_aside_count"] == 1
    assert ledger["patrons.csv", "patron"]["written_count"] == 9
    assert ledger["(made)", "holdings"]["made_count"] == applied.holdings.num_rows
    delivered = next(d for d in applied.delivered if d.name == "item").rows.num_rows
    assert delivered == fields["written_count"] + rows["written_count"]


def test_issues_have_known_codes_the_published_columns_and_no_personal_values(tmp_path: Path) -> None:
    people = [
        {"number": "p40000009", "name": "Secretname, Ada", "unique_id": "SECRET1", "expiry": "99-99-2020"}
    ] * 2
    people.append(
        {"number": "p40000017", "name": "Secretname, Bob", "unique_id": "SECRET1", "barcode": "SECRET2"}
    )
    applied = apply_to(BIBS, ITEMS, people, PROJECT, _site(tmp_path))
    rows = applied.issue.to_table()
    assert rows.schema.names == ISSUE.names
    assert set(rows.column("code").to_pylist()) <= set(ISSUE_CODES)
    assert {"duplicate-number", "value-duplicate", "bad-date"} <= set(rows.column("code").to_pylist())
    for row in rows.to_pylist():
        assert "secret" not in str(row).lower()


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.none() | st.integers(0, 9), st.integers(0, 3), st.sampled_from("ab")), max_size=40),
    st.lists(st.integers(1, 7), min_size=1, max_size=12),
    st.integers(0, 9),
)
def test_kept_rows_come_in_order(rows: list[tuple[int | None, int, str]], cuts: list[int], at: int) -> None:
    """Whatever the batches; not kept only where a text decides."""
    a, b, c = zip(*rows, strict=True) if rows else ((), (), ())
    table = pa.table(
        {"record_no": pa.array(a, pa.int64()), "b": pa.array(b, pa.int32()), "c": pa.array(c, pa.string())}
    )
    batches, start = [], 0
    for size in [*cuts, 40]:
        batches += table.slice(start, size).to_batches()
        start += size
    with tempfile.TemporaryDirectory() as folder:
        found = keep(Path(folder) / "t.arrow", table.schema, batches, ("record_no", "b", "c"))
        if found is None:
            assert len({row[:2] for row in rows}) < len(rows)
            return
        assert len({row[:2] for row in rows}) == len(rows) == found.num_rows
        expected = sorted(rows, key=lambda row: (row[0] is None, row[0] or 0, row[1]))
        assert [(*row.values(),) for row in Rows(found).to_table().to_pylist()] == expected
        some = Rows(found, ("c", "record_no")).between(at, at + 2).to_pylist()
        assert some == [{"c": c, "record_no": a} for a, _, c in expected if a in (at, at + 1)]


def test_rows_between_and_columns(tmp_path: Path) -> None:
    table = pa.table({"record_no": [0, 0, 2, 5], "a": ["p", "q", "r", "s"]})
    in_file = keep(tmp_path / "t.arrow", table.schema, table.to_batches(max_chunksize=2), ("record_no",))
    assert in_file
    for rows in (Rows(table), Rows(in_file)):
        assert rows.between(0, 3).column("a").to_pylist() == ["p", "q", "r"]
        assert rows.between(3, 5).num_rows == 0
        assert rows.between(100, 200).num_rows == 0
        shown = Rows(rows.source, ("a", "missing"))
        assert shown.schema.names == ["a", "missing"]
        assert shown.to_table().column("missing").to_pylist() == [None] * 4
        assert sum(batch.num_rows for batch in shown.batches()) == shown.num_rows == 4
