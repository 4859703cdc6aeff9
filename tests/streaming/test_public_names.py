"""`import transformer` as a notebook uses it: the public names of the package on a small extract."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pymarc
import pytest

import transformer
from tests.streaming.sites import DAY, Site, make_site
from transformer.errors import UsageError


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return make_site(tmp_path_factory.mktemp("names") / "lib", bibs=120, seed=19, dirt=0.0)


@pytest.fixture(scope="module")
def bibs(site: Site) -> Path:
    return site.extracts / "bib.mrc"


@pytest.fixture(scope="module")
def records(bibs: Path) -> list[pymarc.Record]:
    with bibs.open("rb") as file:
        return [record for record in pymarc.MARCReader(file, to_unicode=True, force_utf8=True) if record]


def test_the_names() -> None:
    assert transformer.__all__ == ["check", "convert", "open_run", "read", "run", "scan", "sql", "write"]
    for name in transformer.__all__:
        assert getattr(transformer, name).__doc__


def test_importing_is_light() -> None:
    code = "import sys, transformer; print([m for m in ('numba', 'pyarrow', 'duckdb') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "[]\n"


def test_read(bibs: Path, records: list[pymarc.Record]) -> None:
    tables = transformer.read(str(bibs))
    assert tables.record.num_rows == len(records)
    fields = tables.field.select(["record_no", "tag"]).to_pylist()
    wanted = [{"record_no": at, "tag": f.tag} for at, r in enumerate(records) for f in r.fields]
    assert fields == wanted
    parts = tables.subfield.select(["record_no", "tag", "code", "value"]).to_pylist()
    assert parts == [
        {"record_no": at, "tag": field.tag, "code": part.code, "value": part.value}
        for at, record in enumerate(records)
        for field in record.fields
        if not field.control_field
        for part in field.subfields
    ]


def test_scan_restarts(bibs: Path, records: list[pymarc.Record]) -> None:
    lazy = transformer.scan(bibs, tags=["245"])
    counts = [sum(batch["field"].num_rows for batch in lazy.batches("field")) for _ in range(2)]
    assert counts == [len(records)] * 2
    titles = [r["245"]["a"] for r in records]
    for _ in range(2):
        table = lazy.table("subfield")
        found = [row["value"] for row in table.to_pylist() if row["code"] == "a"]
        assert found == titles
    reader = lazy.reader("subfield")
    assert reader.read_all().num_rows == lazy.table("subfield").num_rows


def test_write_and_read_back(bibs: Path, tmp_path: Path) -> None:
    tables = transformer.read(bibs)
    assert transformer.write(tables, tmp_path / "same.mrc").record_count == tables.record.num_rows
    assert (tmp_path / "same.mrc").read_bytes() == bibs.read_bytes()
    transformer.write(tables, tmp_path / "same.xml")
    again = transformer.read(tmp_path / "same.xml")
    assert again.field.equals(tables.field)
    assert again.subfield.equals(tables.subfield)
    with pytest.raises(UsageError):
        transformer.write(tables, tmp_path / "same.mrc")


def test_several_inputs_are_one_extract(bibs: Path, records: list[pymarc.Record]) -> None:
    tables = transformer.read([bibs, str(bibs)])
    assert tables.record.column("record_no").to_pylist() == list(range(2 * len(records)))


def test_sql(bibs: Path, records: list[pymarc.Record]) -> None:
    query = "select count(*) as n from record"
    assert transformer.sql(query, bibs).to_pylist() == [{"n": len(records)}]
    joined = transformer.sql(
        "select r.record_no, r.control_number, s.value from record r join subfield s using (record_no)"
        " where s.tag = '245' and s.code = 'a' order by 1",
        bibs,
    ).to_pylist()
    assert [(row["control_number"], row["value"]) for row in joined] == [
        (r["001"].data, r["245"]["a"]) for r in records
    ]


def test_sql_with_a_table_twice(bibs: Path, records: list[pymarc.Record]) -> None:
    pairs = transformer.sql(
        "select count(*) as n from subfield a join subfield b"
        " on a.record_no = b.record_no and a.tag = '245' and b.tag = '650' and a.code = 'a' and b.code = 'a'",
        bibs,
        threads=2,
    ).to_pylist()
    wanted = sum(len(field.get_subfields("a")) for r in records for field in r.get_fields("650"))
    assert pairs == [{"n": wanted}]


@pytest.mark.parametrize(
    "query",
    [
        "select * from nothing",
        "select",
        "select * from read_csv('/etc/passwd')",
        "copy record to 'x.csv'",
        "select * from read_text('/etc/hostname')",
        "install httpfs",
        "attach 'x.db'",
        "set memory_limit = '1GB'",
    ],
)
def test_sql_reaches_nothing_else(
    bibs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="cannot be answered"):
        transformer.sql(query, bibs)
    assert list(tmp_path.iterdir()) == []


def test_convert(bibs: Path, tmp_path: Path, records: list[pymarc.Record]) -> None:
    done = transformer.convert(str(bibs), str(tmp_path / "out.xml"))
    assert (done.read_count, done.written_count, done.set_aside_count) == (len(records), len(records), 0)
    back = transformer.convert(tmp_path / "out.xml", tmp_path / "back.mrc", parts=2)
    assert [file.name for file in back.files] == ["back-01.mrc", "back-02.mrc"]
    data = b"".join((tmp_path / file.name).read_bytes() for file in back.files)
    assert data == bibs.read_bytes()
    made = transformer.convert(bibs, tmp_path / "out.parquet")
    assert {file.name for file in made.files} == {f"out.{t}.parquet" for t in ("record", "field", "subfield")}


def test_check_run_and_open(site: Site) -> None:
    assert transformer.check(site.folder) == ()
    result = transformer.run(str(site.folder), as_of=DAY, threads=1)
    opened, latest = transformer.open_run(result.folder), transformer.open_run(site.folder)
    assert opened == latest
    assert opened.folder == result.folder
    assert {"issue", "ledger", "key_index", "item_decision"} <= set(opened.tables)
    assert opened.table("ledger").num_rows == len(result.ledger)
    assert opened.manifest["as_of"] == DAY.isoformat()
    with pytest.raises(UsageError, match="no table"):
        opened.table("nothing")


def test_open_where_nothing_was_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no finished run"):
        transformer.open_run(tmp_path)
