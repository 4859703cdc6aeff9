"""Questions in SQL: tables, field specs, what is read for them, errors, files; memory within its bound."""

from __future__ import annotations

import _thread
import csv
import gzip
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import transformer
from tests.makers import raw_record, record
from transformer import api
from transformer.errors import ExtractError, MachineError, UsageError
from transformer.extracts.fieldspec import FieldSpecError
from transformer.pipeline import streams
from transformer.readers import tables

RECORDS = [
    record(
        "00000nam a2200000 a 4500",
        [
            ("001", "b1"),
            ("008", "710101s1971    gw            000 1 ger d"),
            ("020", " ", " ", [("a", "111"), ("q", "Leinen"), ("a", "222")]),
            ("245", "1", "0", [("a", "Gruppenbild mit Dame :"), ("b", "Roman")]),
            ("650", " ", "0", [("a", "Köln"), ("x", "Fiction")]),
            ("650", " ", "7", [("a", "Krieg")]),
        ],
    ),
    record(
        "00000nas a2200000 a 4500",
        [
            ("001", "b2"),
            ("008", "540101s1854    mau           000 0 eng d"),
            ("245", "1", "0", [("a", "Walden;")]),
            ("650", " ", "0", [("a", "Ponds")]),
        ],
    ),
    record(
        "00000nx  a2200000n  4500",
        [("001", "h1"), ("852", "1", " ", [("b", "MAIN"), ("h", "PT"), ("H", "x")])],
    ),
]


@pytest.fixture
def bibs(tmp_path: Path) -> Path:
    path = tmp_path / "bib.mrc"
    path.write_bytes(b"".join(RECORDS))
    return path


def rows(query: str, *paths: Path) -> list[tuple[object, ...]]:
    columns = transformer.sql(query, paths).columns
    return list(zip(*(column.to_pylist() for column in columns), strict=True))


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        (
            "select tag, code, count(*) from subfield where tag in ('020', '650') group by all",
            [("020", "a", 2), ("020", "q", 1), ("650", "a", 3), ("650", "x", 1)],
        ),
        ("select distinct kind from record", [("bib",), ("holdings",)]),
        ("select control_number from record", [("b1",), ("b2",), ("h1",)]),
        ("select value from field where tag = '001' and is_control order by 1", [("b1",), ("b2",), ("h1",)]),
        ("select spec('001'), spec('245ab') from record where spec('008/35-37') = 'ger'",
         [("b1", "Gruppenbild mit Dame : Roman")]),
        ("select specs('020a'), specs('650|*7|a'), spec('020a'), spec('LDR/07') from record limit 1",
         [(["111", "222"], ["Krieg"], "111", "m")]),
        ("select record_no, unnest(specs('650a')) from record", [(0, "Köln"), (0, "Krieg"), (1, "Ponds")]),
        ("from spec('650ax')", [(0, 4, "Köln Fiction"), (0, 5, "Krieg"), (1, 3, "Ponds")]),
        ("from spec('LDR/06')", [(0, None, "a"), (1, None, "a"), (2, None, "x")]),
        ("select SPEC('852h'), Spec ( '852H' ) from record where record_no = 2", [("PT", "x")]),
        ("select 'ä spec(''1'')' /* spec('2') */, upper(spec('245a')) from record -- spec('3')\n limit 1",
         [("ä spec('1')", "GRUPPENBILD MIT DAME :")]),
        ("with t as (select spec('001') as id, kind from record) select kind, max(id) from t group by all",
         [("bib", "b2"), ("holdings", "h1")]),
        (
            "select r.control_number, s.value from record r left join spec('650|*0|a') s using (record_no)"
            " order by 1",
            [("b1", "Köln"), ("b2", "Ponds"), ("h1", None)],
        ),
        (
            "select a.value, b.value from subfield a join subfield b using (record_no)"
            " where a.tag = '245' and a.code = 'a' and b.tag = '650' and b.code = 'a' order by all",
            [("Gruppenbild mit Dame :", "Krieg"), ("Gruppenbild mit Dame :", "Köln"), ("Walden;", "Ponds")],
        ),
        ("select count(*) from subfield where tag = '650' or tag in ('020', '245')", [(10,)]),
        ("select count(*) from subfield where tag = '650' and tag = '020'", [(0,)]),
        ("select count(*) from subfield where tag <> '650'", [(9,)]),
        ("select count(*) from spec('650a') a join spec('650a') b using (record_no)", [(5,)]),
        ("from (pivot (select kind from record) on kind using count(*))", [(2, 1)]),
        ("select column_name from (describe subfield)",
         [("record_no",), ("field_no",), ("subfield_no",), ("tag",), ("code",), ("value",)]),
        ("select 1 as one", [(1,)]),
    ],
)  # fmt: skip
def test_answers(bibs: Path, query: str, answer: list[tuple[object, ...]]) -> None:
    assert rows(query, bibs) == answer


def test_the_answers_are_the_same_where_duckdb_asks_for_everything(
    bibs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the class by which DuckDB says what it needs."""
    monkeypatch.setitem(sys.modules, "duckdb._sources.nodes", None)
    assert rows("select count(*) from subfield where tag = '650'", bibs) == [(4,)]
    assert rows("select spec('001') from record where kind = 'holdings'", bibs) == [("h1",)]


def test_any_container_packed_and_several(bibs: Path, tmp_path: Path) -> None:
    transformer.convert(bibs, tmp_path / "bib.xml")
    (tmp_path / "bib.xml.gz").write_bytes(gzip.compress((tmp_path / "bib.xml").read_bytes()))
    query = "select source_file, count(*), max(spec('650a')) from record group by all"
    found = rows(query, tmp_path / "bib.xml*", bibs)
    assert found == [("bib.mrc", 3, "Ponds"), ("bib.xml", 3, "Ponds"), ("bib.xml.gz", 3, "Ponds")]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bib.mrc", "bib.xml", "bib.xml.gz"]


def test_only_what_is_asked_for_is_made(bibs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[str, tuple[str, ...]]] = []
    real = streams._table

    def spy(stream, names, tags, source, result):  # type: ignore[no-untyped-def]
        made.append((stream.name, names, *([tags] if tags else [])))
        return real(stream, names, tags, source, result)

    monkeypatch.setattr(streams, "_table", spy)
    for name in ("field_table", "subfield_table"):
        monkeypatch.setattr(streams, name, None)
    assert rows("select kind, count(*) from record group by all", bibs) == [("bib", 2), ("holdings", 1)]
    assert made == [("record", ("kind",))]
    monkeypatch.setattr(streams, "subfield_table", tables.subfield_table)
    made.clear()
    assert rows("select max(value) from subfield where tag = '650'", bibs) == [("Ponds",)]
    assert made == [("subfield", ("value",), frozenset(("650",)))]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("select tagg from subfield", 'Referenced column "tagg" not found'),
        ("select * from subfields", "Did you mean"),
        ("selec tag from subfield", "syntax error at or near"),
        ("", "there is no statement"),
        ("select 1; drop table record", "2 statements were given"),
        ("create table x as from record", "create is no query"),
        ("copy record to 'x.csv'", "copy is no query"),
        ("set memory_limit = '1TB'", "set is no query"),
        ("from read_csv('/etc/passwd')", "file system operations are disabled"),
        ("select * from glob('*')", "file system operations are disabled"),
        ("from 'bib.mrc'", "does not exist"),
        ("select spec(tag) from subfield", "takes one field spec, in quotes"),
        ("from spec(tag)", "takes one field spec, in quotes"),
        ("select spec('245a', '1') from record", "takes one field spec, in quotes"),
        ("select spec('245a') from subfield", 'Referenced column "245a" not found'),
    ],
)
def test_wrong_queries(bibs: Path, monkeypatch: pytest.MonkeyPatch, query: str, said: str) -> None:
    monkeypatch.chdir(bibs.parent)
    with pytest.raises(UsageError) as error:
        transformer.sql(query, bibs)
    assert said in str(error.value)
    if "cannot be answered:" in error.value.what and "Error" in error.value.what:
        assert "subfield: record_no, field_no, subfield_no, tag, code, value" in error.value.expected
    assert [path.name for path in bibs.parent.iterdir()] == ["bib.mrc"]


@pytest.mark.parametrize(
    "query", ["from spec('{}')", "select specs('{}') from record", "pivot spec('{}') on value"]
)
def test_wrong_field_specs_are_told_as_in_rules(bibs: Path, query: str) -> None:
    with pytest.raises(FieldSpecError, match="field spec '24': does not begin with a tag"):
        transformer.sql(query.format("24"), bibs)


def test_errors_of_reading_are_told_as_they_are(bibs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(partition: object) -> None:
        raise ExtractError("cannot be read: Input/output error", "bib.mrc")

    monkeypatch.setattr(streams, "read", gone)
    with pytest.raises(ExtractError, match=r"^bib.mrc: cannot be read"):
        transformer.sql("select count(*) from record", bibs)


def test_what_was_set_aside_is_told(tmp_path: Path) -> None:
    path = tmp_path / "bib.mrc"
    path.write_bytes(RECORDS[0] + b"rubble" * 5 + RECORDS[1][:-9])
    found = api.ask("select count(*) from record a, record b", path)
    assert (found.rows.to_pylist(), found.read_count, found.to_the_end) == ([{"count_star()": 1}], 3, True)
    assert (found.set_aside_count, found.finding_count) == (2, 2)
    with pytest.warns(UserWarning, match="2 records could not be read"):
        issues = transformer.sql("select severity, code, byte_start from issue", path)
    assert [row["severity"] for row in issues.to_pylist()] == ["error", "error"]
    assert issues.column("byte_start").to_pylist() == [len(RECORDS[0]), len(RECORDS[0]) + 30]


QUERY = """
    select spec('001') as id, specs('650a') as s, record_no::hugeint as n, 'a' || chr(10) || '"b",' as t,
        null::varchar as nothing
    from record
"""
ANSWER = [
    {"id": "b1", "s": ["Köln", "Krieg"], "n": 0, "t": 'a\n"b",', "nothing": None},
    {"id": "b2", "s": ["Ponds"], "n": 1, "t": 'a\n"b",', "nothing": None},
    {"id": "h1", "s": [], "n": 2, "t": 'a\n"b",', "nothing": None},
]


def test_files(bibs: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    for suffix in ("csv", "parquet", "json", "jsonl"):
        done = api.ask(QUERY, bibs, output=folder / f"a.{suffix}")
        assert (done.row_count, done.rows.num_rows, done.files[0].name) == (3, 0, f"a.{suffix}")
        assert done.changed_count == (3 if suffix == "csv" else 0)
    assert json.loads((folder / "a.json").read_text("utf-8")) == ANSWER
    assert [json.loads(line) for line in (folder / "a.jsonl").read_text("utf-8").splitlines()] == ANSWER
    assert pq.read_table(folder / "a.parquet").to_pylist() == ANSWER
    with (folder / "a.csv").open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    assert [row["id"] for row in read] == ["b1", "b2", "h1"]
    assert [json.loads(row["s"]) for row in read] == [row["s"] for row in ANSWER]
    assert {(row["n"] in "012", row["t"], row["nothing"]) for row in read} == {(True, 'a "b",', "")}
    assert len(list(folder.iterdir())) == 4, "no folder for spilling is left"


def test_files_without_rows(bibs: Path, tmp_path: Path) -> None:
    texts = {"csv": "tag\n", "json": "[\n]\n", "jsonl": ""}
    for suffix, text in texts.items():
        assert (
            api.ask("select tag from field where false", bibs, output=tmp_path / f"a.{suffix}").row_count == 0
        )
        assert (tmp_path / f"a.{suffix}").read_text() == text
    api.ask("select tag from field where false", bibs, output=tmp_path / "a.parquet")
    assert pq.read_table(tmp_path / "a.parquet").column_names == ["tag"]


def test_files_that_may_not_be(bibs: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"suffix '\.xls'"):
        api.ask("select 1", bibs, output=tmp_path / "a.xls")
    (tmp_path / "a.csv").write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        api.ask("select 1", bibs, output=tmp_path / "a.csv")
    with pytest.raises(UsageError):
        api.ask("select nothing", bibs, output=tmp_path / "a.csv", overwrite=True)
    assert (tmp_path / "a.csv").read_text() == "mine"
    api.ask("select 1 as x", bibs, output=tmp_path / "a.csv", overwrite=True)
    assert (tmp_path / "a.csv").read_text() == "x\n1\n"


def test_some_rows_are_kept_and_all_are_counted(bibs: Path) -> None:
    found = api.ask("select * from subfield", bibs, most_rows=2)
    assert (found.rows.num_rows, found.row_count) == (2, 13)


def test_too_little_memory_is_the_machines_matter(bibs: Path) -> None:
    with pytest.raises(UsageError, match="too little memory"):
        api.ask("select 1", bibs, memory_bytes=1000)
    big = "select list(md5(i::varchar)) from range(20000000) t(i)"
    with pytest.raises(MachineError, match="does not fit"):
        api.ask(big, bibs, memory_bytes=100_000_000)


def test_ctrl_c_is_heard_in_the_middle_of_a_group(bibs: Path, tmp_path: Path) -> None:
    """A query of hours, without a batch of its answer before the end."""
    began = time.monotonic()
    timer = threading.Timer(1.0, _thread.interrupt_main)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        api.ask("select sum(i) from range(10000000000000) t(i)", bibs, output=tmp_path / "a.csv")
    timer.join()
    assert time.monotonic() - began < 60
    assert [path.name for path in tmp_path.iterdir()] == ["bib.mrc"]


def test_the_encoding_may_be_said(tmp_path: Path) -> None:
    """The same bytes: 0xE9 is é in Latin-1 and a letter of its own in CP850; see the tables of Unicode."""
    path = tmp_path / "bib.mrc"
    path.write_bytes(raw_record("00000nam  2200000 a 4500", [("245", b"10\x1fa\xe9")]))
    query = "select spec('245a') as title from record"
    assert transformer.sql(query, path, encoding="latin-1").to_pylist() == [{"title": "é"}]
    assert transformer.sql(query, path, encoding="cp850").to_pylist() == [{"title": "Ú"}]


PEAK = """
import sys
from tests.memory import peak_bytes
from transformer import api
found = api.ask(sys.argv[2], sys.argv[1], memory_bytes=150_000_000, threads=2)
print(peak_bytes() >> 20, found.read_count, found.rows.to_pylist())
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is asked of the Linux kernel")
@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("select count(*) as n from record", "1"),
        ("select tag, code, count(*) as n from subfield where tag = '020' and code = 'a' group by all", "2"),
        # Every subfield of the file is held for the join: more than the memory, so it goes to disk.
        ("select count(*) as n, max(a.value) from subfield a join subfield b using (record_no, field_no)"
         " where a.code = 'a' and b.code <> 'z'", "11"),
    ],
)  # fmt: skip
def test_memory_does_not_grow_with_the_file(tmp_path: Path, query: str, answer: str) -> None:
    """Two files that fill the memory, one twice the other: 150 MB of DuckDB's, and 650 MiB beside."""
    peaks = []
    times = [400_000, 800_000]
    for count in times:
        path = tmp_path / f"{count}.mrc"
        path.write_bytes(RECORDS[0] * count)
        done = subprocess.run(
            [sys.executable, "-c", PEAK, path, query], capture_output=True, text=True, check=True
        )
        peak, read, found = done.stdout.split(maxsplit=2)
        path.unlink()
        assert int(read) == count
        assert f"'n': {int(answer) * count}" in found
        peaks.append(int(peak))
    assert peaks[1] < 150 + 650, peaks
    assert peaks[1] < peaks[0] + 100, peaks
