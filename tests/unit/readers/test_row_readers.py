"""Fixed columns, documents and dumps: what was written comes back, wherever partitions and windows end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.reference.flat import documents
from transformer.errors import ExtractError
from transformer.extracts.model import Source
from transformer.readers import dump, fixed, flat, lines
from transformer.readers.delimited import DelimitedResult
from transformer.schema.batch import SPAN_SEPARATOR

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
BOUNDARY = "*** DOCUMENT BOUNDARY ***"
FIXTURES = Path(__file__).resolve().parents[3] / "../shared/fixtures"


def written(path: Path, data: bytes) -> Source:
    path.write_bytes(data)
    return Source(path, "delimited", extract="x")


def checked_spans(results: list[DelimitedResult], parts: list[Any], data: bytes) -> None:
    """Spans cover the file exactly, rows and rows set aside are numbered without a gap."""
    at, numbers = 0, []
    for result in results:
        for start, count, kind, number in zip(
            result.spans.byte_start, result.spans.byte_count, result.spans.kind, result.spans.record_no,
            strict=True,
        ):  # fmt: skip
            assert start == at
            at += int(count)
            if kind != SPAN_SEPARATOR:
                numbers.append(int(number))
    assert at == len(data)
    assert numbers == list(range(sum(part.record_count for part in parts)))


# ------------------------------------------------------------------------------------------ fixed

cell = st.text(st.characters(codec="latin-1", exclude_characters="\r\n\x1f\0"), max_size=6)


@QUICK
@given(
    rows=st.lists(st.tuples(cell, cell, st.lists(cell, max_size=3)), max_size=8),
    size=st.integers(8, 60),
    lf=st.sampled_from([b"\n", b"\r\n"]),
)
def test_fixed_columns_come_back(
    tmp_path: Path, rows: list[tuple[str, str, list[str]]], size: int, lf: bytes
) -> None:
    data = b"".join(
        f"{a:<6}{b:<6}{len(c)}{''.join(f'{x:<6}' for x in c)}".encode("latin-1") + lf for a, b, c in rows
    )
    source = written(tmp_path / "f", data)
    shape = fixed.FixedShape(
        (("a", (0, 6)), ("b", (6, 12))), (("c", (13, 19)),), 6, (12, 13), "rest", 13, encoding="latin-1"
    )
    parts = list(lines.partitions(source, partition_bytes=size))
    results = [fixed.read(part, shape) for part in parts]
    found = [row for result in results for row in result.table.to_pylist()]
    assert [(r["a"], r["b"]) for r in found] == [(f"{a:<6}", f"{b:<6}") for a, b, _ in rows]
    assert [r["c"] for r in found] == ["\x1f".join(x.rstrip(" ") for x in c) for _, _, c in rows]
    assert [r["line"] for r in found] == list(range(1, len(rows) + 1))
    for row in found:
        start, count = row["byte_start"], row["byte_count"]
        assert data[start : start + count].endswith(lf)
    checked_spans(results, parts, data)


def test_fixed_rows_of_one_length_without_line_ends(tmp_path: Path) -> None:
    source = written(tmp_path / "f", b"1ab2cd3e")
    shape = fixed.FixedShape((("n", (0, 1)), ("t", (1, 3))), record_bytes=3)
    parts = list(lines.partitions(source, record_bytes=3))
    result = fixed.read(parts[0], shape)
    assert result.table.column("t").to_pylist() == ["ab", "cd"]
    assert [(row.byte_start, row.byte_count, row.code) for row in result.set_aside] == [(6, 2, "row-length")]
    # The same file with line ends is lines, whatever the rules say of its length.
    lined = written(tmp_path / "g", b"1ab\n2cd\n")
    assert fixed.source_shape(lined, shape).record_bytes == 0


def test_fixed_cuts_bytes_before_it_decodes(tmp_path: Path) -> None:
    """ü is two bytes in UTF-8: the next column begins where it begins in bytes."""
    source = written(tmp_path / "f", "üab\n".encode() + b"\xffab\n")
    shape = fixed.FixedShape((("a", (0, 2)), ("b", (2, 4))))
    result = fixed.read(next(iter(lines.partitions(source))), shape)
    assert (result.table["a"].to_pylist(), result.table["b"].to_pylist()) == (["ü"], ["ab"])
    assert [row.code for row in result.set_aside] == ["not-utf8"]


# ------------------------------------------------------------------------------------------ flat

line_text = st.one_of(
    st.sampled_from(
        [
            BOUNDARY,
            ".A.   |ax",
            ".A. |a",
            ".B.|ay z",
            ".N_BEGIN.",
            ".N_END.",
            "goes on",
            "FORM=X",
            "",
            ".A.\t|aé",
        ]
    ),
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x1f\0"), max_size=5),
)


@QUICK
@given(text=st.lists(line_text, max_size=14), size=st.integers(10, 80), lf=st.sampled_from(["\n", "\r\n"]))
def test_flat_agrees_with_its_twin(tmp_path: Path, text: list[str], size: int, lf: str) -> None:
    data = "".join(line + lf for line in text)
    source = written(tmp_path / "f", data.encode())
    shape = flat.FlatShape(BOUNDARY, ".", ".", "|a", "_BEGIN", "_END", " ", ("FORM=",))
    wanted = documents(data.replace("\r\n", "\n"), BOUNDARY, "_BEGIN", "_END", "FORM=")
    parts = list(lines.partitions(source, BOUNDARY.encode(), partition_bytes=size))
    results = [flat.read(part, shape) for part in parts]
    good = [
        {k: v for k, v in row.items() if k not in lines.Lines.OWN and v}
        for result in results
        for row in result.table.to_pylist()
    ]
    made = [{k: "\x1f".join(v) for k, v in one.items()} for one in wanted if one is not None]
    # A value that is there and empty cannot be told from one that is not, as in every row container.
    assert good == [{k: v for k, v in one.items() if v} for one in made]
    assert sum(len(result.set_aside) for result in results) == sum(one is None for one in wanted)
    checked_spans(results, parts, data.encode())


# ------------------------------------------------------------------------------------------ dump

value = st.one_of(
    st.none(),
    st.integers(-99, 99),
    st.text(st.one_of(st.sampled_from("'\\\n\t(),;\"\0 é"), st.characters(codec="utf-8")), max_size=6),
)
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\0": "\\0", "\x1a": "\\Z"}


def said(value: str | int | None, doubled: bool) -> str:
    """A value as a dump writes it (MySQL 8.0 reference manual, 11.1.1 String Literals)."""
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    text = "".join(_ESCAPES.get(c, c) for c in value)
    return "'" + text.replace("'", "''" if doubled else "\\'") + "'"


@QUICK
@given(
    rows=st.lists(st.tuples(value, value, value), min_size=1, max_size=9),
    breaks=st.sampled_from([",", ",\n", " ,\r\n "]),
    doubled=st.booleans(),
    window=st.integers(40, 400),
    cut=st.integers(1, 4),
)
def test_dump_values_come_back(
    tmp_path: Path, rows: list[tuple[Any, ...]], breaks: str, doubled: bool, window: int, cut: int
) -> None:
    text = "CREATE TABLE `t` (\n  `a` int COMMENT 'x, (y)',\n  `b` text, `c` text,\n  KEY `k` (`a`)\n);\n"
    text += "INSERT INTO `other` VALUES (1,'INSERT INTO `t`');\n"
    for begin in range(0, len(rows), cut):
        made = breaks.join(
            f"({','.join(said(v, doubled) for v in row)})" for row in rows[begin : begin + cut]
        )
        text += f"INSERT INTO `t` VALUES {made};\n"
    source = written(tmp_path / "f.sql", text.encode())
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dump, "WINDOW_BYTES", window)
        for columns, piece in dump.read(source, "T"):
            assert columns == ("a", "b", "c")
            assert not piece.set_aside
            found += piece.table.to_pylist()
    wanted = [tuple("" if v is None else str(v) for v in row) for row in rows]
    assert [(r["a"], r["b"], r["c"]) for r in found] == wanted
    for row in found:
        start, count = row["byte_start"], row["byte_count"]
        piece = text.encode()[start : start + count]
        assert (piece[:1], piece[-1:]) == (b"(", b")")
        assert row["line"] == text.encode()[:start].count(b"\n") + 1


def test_dump_sets_aside_what_is_no_row(tmp_path: Path) -> None:
    data = b"insert into t (a, b) values (1,'x'),(2),(3,'\xff'),(4,'y'),(5,'open"
    rows = [piece for _, piece in dump.read(written(tmp_path / "f", data), "t")]
    assert [r for piece in rows for r in piece.table["a"].to_pylist()] == ["1", "4"]
    aside = [row for piece in rows for row in piece.set_aside]
    assert [(row.code, data[row.byte_start :][: row.byte_count]) for row in aside] == [
        ("row-field-count", b"(2)"),
        ("not-utf8", b"(3,'\xff')"),
        ("row-syntax", b",(5,'open"),
    ]
    assert sum(piece.record_count for piece in rows) == 5


def test_dump_without_columns_or_table(tmp_path: Path) -> None:
    source = written(tmp_path / "f", b"INSERT INTO t VALUES (1);\n")
    with pytest.raises(ExtractError, match="does not say the columns"):
        list(dump.read(source, "t"))
    with pytest.raises(ExtractError, match="has no table"):
        list(dump.read(source, "u"))
    assert dump.tables_of(source) == ("t",)


def test_dump_with_blank_lines_between_statements(tmp_path: Path) -> None:
    """As in the sample data of an installer: a comment that looks like a statement, then a blank line."""
    data = b"-- INSERT INTO u (a) VALUES\n\n \nINSERT INTO t (a) VALUES\n\n('1'),\n('2')\n;\n"
    data += b"\nINSERT INTO t (a) VALUES (3);\n"
    rows = [
        row for _, piece in dump.read(written(tmp_path / "f", data), "t") for row in piece.table.to_pylist()
    ]
    assert [(row["line"], row["a"]) for row in rows] == [(6, "1"), (7, "2"), (10, "3")]


def test_dump_of_a_real_library() -> None:
    """Rows and a few values counted by grep and read by eye in the file."""
    path = FIXTURES / "copyleft/koha/joubu+koha-misc4dev/items.sql"
    if not path.is_file():
        pytest.skip("the fixtures are not there")
    text = path.read_text(encoding="utf-8")
    found = [row for _, piece in dump.read(Source(path, "dump"), "items") for row in piece.table.to_pylist()]
    assert len(found) == sum(line.startswith("(") for line in text.splitlines())
    assert found[0]["barcode"] == "3999900000001"
    assert (found[0]["itemnumber"], found[0]["homebranch"], found[0]["price"]) == ("1", "CPL", "")
    assert (found[-1]["itemnumber"], found[-1]["barcode"]) == ("972", "39999000019193")
