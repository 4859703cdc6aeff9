"""The locked connection, and what an expression of a rule file may not do."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from transformer.database.expression import ExpressionError, check_expression
from transformer.database.session import Settings, open_session, run
from transformer.errors import MachineError, RulesError

MILLION = "create table t as select md5(i::varchar) as a, md5((i + 1)::varchar) as b from range(1000000) x(i)"


@pytest.mark.parametrize(
    ("digits", "check"),
    # real numbers of several libraries and two published test values (sources 1.1)
    [
        ("1057414", "1"), ("1388417", "7"), ("12763831", "3"), ("3384632", "7"), ("1125421", "x"),
        ("2434764", "4"), ("7326340", "0"), ("13899357", "9"),
    ],
)  # fmt: skip
def test_check_digit(digits: str, check: str) -> None:
    with open_session() as con:
        assert con.sql(f"select mod11('{digits}')").fetchall() == [(check,)]


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/hostname')",
        "select * from read_text('/etc/hostname')",
        "copy (select 1) to 'never'",
        "attach 'never.db'",
        "install httpfs",
        "load httpfs",
        "set memory_limit = '1GB'",
        "select * from 's3://bucket/x.parquet'",
        "select * from python_variable",
    ],
)
def test_the_session_reaches_nothing_but_what_is_registered(sql: str) -> None:
    python_variable = pa.table({"a": [1]})
    with open_session() as con, pytest.raises(duckdb.Error):
        con.sql(sql).fetchall()
    assert python_variable.num_rows == 1


def test_registered_tables_are_seen() -> None:
    with open_session() as con:
        con.register("given", pa.table({"a": ["x", None]}))
        assert con.sql("select count(a), count(*) from given").fetchall() == [(1, 2)]


def test_first_of_repeats() -> None:
    with open_session() as con:
        assert con.sql(
            "select first_of('a ' || chr(31) || 'b'), first_of(''), first_of(null)"
        ).fetchall() == [("a", None, None)]


def test_labels_agree_without_regard_to_signs() -> None:
    with open_session() as con:
        found = con.sql(
            "select label_agrees('LOST & PAID', 'x|Lost Paid'), label_agrees('Lost', 'Lost and Paid')"
        )
        assert found.fetchall() == [(True, False)]


def test_spilling_keeps_big_sorts_within_the_limit(tmp_path: Path) -> None:
    with open_session(Settings(memory_bytes=64 << 20, threads=1, spill=tmp_path)) as con:
        run(
            con,
            MILLION,
            "t",
        )
        assert con.sql("select count(*) from (select * from t order by a limit 999999)").fetchall() == [
            (999_999,)
        ]


def test_no_room_is_a_machine_error() -> None:
    with open_session(Settings(memory_bytes=16 << 20, threads=1)) as con, pytest.raises(MachineError):
        run(con, "create table t as select md5(i::varchar) as a from range(3000000) x(i)", "t")


def test_a_wrong_statement_is_a_rules_error() -> None:
    with open_session() as con, pytest.raises(RulesError, match="compiled rules"):
        run(con, "create table t as select nothing from nowhere", "t")


@pytest.mark.parametrize(
    "text",
    [
        "upper({barcode})",
        "{a} || '-' || coalesce({b}, 'x')",
        "case when {status} = 'm' then 'Missing' else {status} end",
        "try_strptime({created}, '%d.%m.%Y')::date",
        "regexp_replace({call}, '^Q ', '')",
        "{n}::integer between 1 and 5",
    ],
)
def test_expressions_that_may_run(text: str) -> None:
    check_expression(text)


@pytest.mark.parametrize(
    "text",
    [
        "random()", "now()", "current_date", "uuid()", "getenv('HOME')", "read_text('/etc/passwd')",
        "(select 1)", "exists (select 1)", "{a}; drop table item", "{a} from bib_key", "{a}, {b}",
        "sum({a})",
        "row_number() over ()", "unnest([1, 2])", "barcode", "list_transform([1], lambda x: x)", "{a} -- x",
        "repeat({a}, 1000000000)", "range(100000000000)", "sleep_ms(100000)", "current_setting('threads')",
        "",
        "{a",
        "query('select 1')", "* ", "{a} order by 1", "md5(" * 600 + "{a}" + ")" * 600,
    ],
)  # fmt: skip
def test_expressions_that_may_not(text: str) -> None:
    with pytest.raises(ExpressionError):
        check_expression(text)
