"""A rule pack that means harm: refused by name, or bounded. Nothing of it may run before it is refused."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from transformer.database.expression import ExpressionError, check_expression
from transformer.errors import MachineError, RulesError
from transformer.ruleset.files.project import Project, load_project
from transformer.ruleset.load import load_rules, rules_home
from transformer.ruleset.trial import check

BASE = [rules_home() / "base", rules_home() / "sierra"]


def _pack(tmp_path: Path, text: str) -> list[Path]:
    (tmp_path / "site.toml").write_text(text, encoding="utf-8")
    return [*BASE, tmp_path]


def _refused(tmp_path: Path, text: str) -> str:
    with pytest.raises(RulesError) as error:
        load_rules(_pack(tmp_path, text))
    return str(error.value)


READING = [
    "(select content from read_text('/etc/passwd'))",
    "read_text('/etc/passwd')",
    "read_blob('/etc/passwd')",
    "(from read_csv('https://example.org/x.csv'))",
    "(select * from glob('/*'))",
    "getenv('HOME')",
    "current_setting('secret_directory')",
    "getvariable('x')",
    "pg_read_file('x')",
    "(select 1 from duckdb_settings())",
    "query('select 1')",
    "list_aggregate([1], 'sum')",
    "random()",
    "now()",
    "uuid()",
    "nextval('s')",
    "sleep_ms(100000)",
    "1; attach '/x.db'",
    "1; install httpfs",
    "1; load 'x.duckdb_extension'",
    "1; copy (select 1) to '/x'",
    "1; set enable_external_access = true",
    "1 -- {copy}",
    "1 /* {copy} */",
    "(with recursive t as (select 1 union all select * from t) select * from t)",
    "x",
    "bib_record.\"001\"",
    "{copy} over ()",
    "sum({copy}::int)",
    "list_transform([{copy}], lambda v: v)",
    "?",
    "$1",
]  # fmt: skip


@pytest.mark.parametrize("sql", READING)
def test_an_expression_that_reaches_out_is_refused(tmp_path: Path, sql: str) -> None:
    escaped = sql.replace("\\", "\\\\").replace('"', '\\"')
    assert "item.copy_id" in _refused(tmp_path, f'[item.copy_id]\nsql = "{escaped}"\n')


GROWING = [
    "repeat('x', 1000000000)",
    "lpad({copy}, 1000000000, 'x')",
    "rpad('', {copy}::int, 'x')",
    "replace(replace(replace({copy}, 'a', 'A'), 'a', 'A'), 'a', 'A')".replace("A", "a" * 90),
    "regexp_replace({copy}, '', '" + "x" * 1800 + "', 'g')",
    "regexp_replace(regexp_replace({copy}, '.', '" + r"\0" * 60 + "', 'g'), '.', '" + r"\0" * 60 + "', 'g')",
    "{copy}||" * 700 + "''",
    "range(1000000000)::varchar",
    "'" + "x" * 3000 + "'",
]  # fmt: skip


@pytest.mark.parametrize("sql", GROWING, ids=[sql[:30] for sql in GROWING])
def test_an_expression_that_fills_the_memory_is_refused(sql: str) -> None:
    with pytest.raises(ExpressionError):
        check_expression(sql)


def test_what_libraries_need_is_allowed() -> None:
    for sql in (
        "lpad({copy}, 9, '0')",
        "replace({copy}, 'c.', 'copy ')",
        "regexp_replace({volume}, '^v', 'Vol. ')",
        "case when {copy} = '1' then null else {copy} end",
        "upper(left({copy}, 1)) || substr({copy}, 2)",
        "{a} || ' ' || {b} || ' ' || {c}",
        "coalesce({a}, {b}, 'none')",
    ):
        assert check_expression(sql) <= 100_000, sql


def test_columns_that_multiply_one_another_are_refused(tmp_path: Path) -> None:
    """Each is ten times the one before: twenty of them would be 10 to the 23rd characters."""
    text = '[item.x0]\nfrom = "copy"\n' + "".join(
        f'[item.x{n}]\nfrom = [{", ".join([f"{chr(34)}item.x{n - 1}{chr(34)}"] * 10)}]\njoin = ""\n'
        for n in range(1, 21)
    )
    said = _refused(tmp_path, text)
    assert "item.x4: its value may come to more than 1,000,000 characters" in said
    assert said.count("its value may come to") == 1, "told once, not for all that follow"


def test_columns_in_a_circle_are_refused(tmp_path: Path) -> None:
    assert "need one another" in _refused(tmp_path, '[item.a]\nfrom = "item.b"\n[item.b]\nfrom = "item.a"\n')


PATHS = ["..", "../../x", "/etc", "a/b", "C:\\x", ".", "", "a b", "-x"]


@pytest.mark.parametrize("folder", PATHS)
def test_the_delivery_stays_in_its_folder(tmp_path: Path, folder: str) -> None:
    said = _refused(tmp_path, f"[child.patron_note]\nfolder = '{folder}'\n")
    assert "child.patron_note.folder" in said


NAMES = ["../x", "x; drop table bib_key", "x y", "a-b", "1x", 'x"', "select *", "", "x" * 100, "é"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("section", ["map", "extract", "dates"])
def test_names_become_no_statements_and_no_paths(tmp_path: Path, section: str, name: str) -> None:
    keys = {
        "map": 'keys = ["code"]\ncolumns = ["x"]',
        "extract": 'container = "delimited"\nmakes = "code_list"\nheaders = { "C" = "code", "L" = "label" }',
        "dates": 'patterns = ["YYYY-MM-DD"]',
    }[section]
    key = '"' + name.replace('"', '\\"') + '"'
    assert "letters, digits and underscores" in _refused(tmp_path, f"[{section}.{key}]\n{keys}\n")


@pytest.mark.parametrize("column", ["x\\u0000", "x\\ny", 'a\\"b'])
def test_columns_are_plain_names(tmp_path: Path, column: str) -> None:
    text = f'[extract.more]\ncontainer = "delimited"\nadds_to = "item"\nheaders = {{ "N" = "{column}" }}\n'
    assert "extract.more" in _refused(tmp_path, text)


@pytest.mark.parametrize("header", ["=cmd|' /C calc'!A0", "+1", "-1+1", "@SUM(A1)", "\\t=1"])
def test_headers_are_no_formulas(tmp_path: Path, header: str) -> None:
    assert "spreadsheet" in _refused(tmp_path, f'[child.patron_note.headers]\nnote_text = "{header}"\n')
    project = Project("sierra", headers={"item": {"barcode": header.encode().decode("unicode_escape")}})
    said = check(BASE, project)
    assert [m.key for m in said] == ["headers.item.barcode"]


FILES = ["../other/*.mrc", "extracts/../../x.mrc", "/etc/*", "/home/*/.ssh/id_*", "", "a\\nb"]


@pytest.mark.parametrize("pattern", FILES)
def test_the_project_reads_no_files_of_others(tmp_path: Path, pattern: str) -> None:
    (tmp_path / "transformer.toml").write_text(f'system = "sierra"\n[extract.bib]\nfiles = ["{pattern}"]\n')
    with pytest.raises(RulesError, match="below the library's folder"):
        load_project(tmp_path)


def test_the_whole_path_of_one_file_may_be_named(tmp_path: Path) -> None:
    (tmp_path / "transformer.toml").write_text(
        f"system = \"sierra\"\n[extract.bib]\nfiles = ['{tmp_path / 'bib.mrc'}', 'extracts/*.mrc']\n"
    )
    assert len(load_project(tmp_path).extract["bib"].files) == 2


def test_regular_expressions_that_explode_elsewhere_take_time_in_proportion() -> None:
    """RE2 has no backtracking: (a+)+$ on 40 letters would take others a day."""
    from transformer.database.session import open_session

    con = open_session()
    try:
        began = time.process_time()
        con.execute("select regexp_matches(repeat('a', 50000) || 'b', '(a+)+$')").fetchall()
        con.execute("select regexp_matches(repeat('a', 50000), '(a|aa)*b|(x+x+)+y')").fetchall()
        assert time.process_time() - began < 5
    finally:
        con.close()


@pytest.mark.parametrize("pattern", ["((a{900}){900}){900}", "(?=a)", r"(a)\\1", "a{100000}", "[", "*"])
def test_patterns_that_are_too_large_or_none_are_named(tmp_path: Path, pattern: str) -> None:
    said = check(_pack(tmp_path, f'[item.copy_id]\nfrom = "copy"\nmatch = "{pattern}"\n'))
    assert [m.key for m in said] == ["item.copy_id.match"]


def test_texts_without_end_are_refused(tmp_path: Path) -> None:
    said = _refused(tmp_path, f'[item.copy_id]\nvalue = "{"x" * 5000}"\n')
    assert "item.copy_id.value: a text of 5,000 characters" in said


def test_a_file_of_brackets_is_refused(tmp_path: Path) -> None:
    assert "nested too deeply" in _refused(tmp_path, f"a = {'[' * 50_000}\n")


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "huge.toml").open("wb") as file:
        file.truncate(1 << 40)
    began = time.process_time()
    with pytest.raises(RulesError, match="at most"):
        load_rules([*BASE, tmp_path])
    assert time.process_time() - began < 5


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "maps").mkdir()
    os.mkfifo(tmp_path / "maps" / "location.csv")
    with pytest.raises(RulesError, match="is no file"):
        load_rules([*BASE, tmp_path])


def test_the_session_itself_reaches_nothing(tmp_path: Path) -> None:
    """Even if an expression slipped through: no files, no network, no extensions, no change of settings."""
    import duckdb

    from transformer.database.session import open_session

    path = tmp_path / "x.csv"
    path.write_text("a\n1\n")
    con = open_session()
    try:
        for sql in (
            f"select * from read_csv('{path}')",
            f"select * from '{path}'",
            f"copy (select 1) to '{tmp_path / 'y.csv'}'",
            f"attach '{tmp_path / 'z.db'}'",
            "install httpfs",
            "load httpfs",
            "set enable_external_access = true",
            "set lock_configuration = false",
            f"export database '{tmp_path / 'e'}'",
        ):
            with pytest.raises(duckdb.Error):
                con.execute(sql).fetchall()
        assert sorted(p.name for p in tmp_path.iterdir()) == ["x.csv"]
    finally:
        con.close()


def test_memory_gives_out_with_a_message_not_with_the_machine(tmp_path: Path) -> None:
    from transformer.database.session import Settings, open_session, run

    con = open_session(Settings(memory_bytes=64 << 20))
    try:
        with pytest.raises(MachineError):
            run(con, "create table t as select i, md5(i::varchar) as m from range(30000000) r(i)", "t")
    finally:
        con.close()


def test_a_good_pack_is_not_refused(tmp_path: Path) -> None:
    text = '[item.copy_id]\nsql = "lpad({copy}, 3, \'0\')"\n[[bib.edit]]\nid = "x"\ndrop = ["590"]\n'
    assert load_rules(_pack(tmp_path, text)).rules.item["copy_id"][0].sql
