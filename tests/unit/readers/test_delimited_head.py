"""The head of a delimited file: what is found by looking, names of columns, what stops a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.delimited import COMMA, read_all, source, values
from transformer.errors import ExtractError, UsageError
from transformer.extracts.model import Source
from transformer.extracts.shape import DelimitedShape
from transformer.readers import delimited


@pytest.mark.parametrize("delimiter", [",", "|", "\t", "~", ";"])
@pytest.mark.parametrize("quote", ['"', ""])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str, quote: str) -> None:
    rows = [["RECORD #", "TITLE", "NOTE"]] + [
        [f"i{n}", f"Title {n}" + ", second" * bool(quote), ""] for n in range(50)
    ]
    text = "\n".join(delimiter.join(f"{quote}{cell}{quote}" for cell in row) for row in rows)
    shape = delimited.find_shape(source(tmp_path, text.encode()), DelimitedShape(None, quote or None))
    assert shape.delimiter == delimiter
    assert shape.repeat == ("" if delimiter == ";" else ";")
    assert shape.found is not None
    assert (shape.found.columns, shape.found.row_count, shape.found.share) == (3, 50, 1.0)
    assert shape.found.quoted_share == (1.0 if quote else 0.0)
    assert {one[0] for one in shape.found.tried} == set(",|\t~;")


def test_the_share_of_rows_decides(tmp_path: Path) -> None:
    text = "no|title, subtitle|year\n" + "1|One, two, three|1999\n" * 9 + "2|short\n"
    shape = delimited.find_shape(source(tmp_path, text.encode()), DelimitedShape(None, None))
    assert shape.delimiter == "|"
    assert shape.found is not None and shape.found.share == 0.9
    with pytest.raises(ExtractError, match="no delimiter fits") as error:
        delimited.find_shape(source(tmp_path, text.encode() + b"x\n" * 10), DelimitedShape(None, None))
    assert "Name delimiter" in str(error.value)


def test_a_named_delimiter_stays(tmp_path: Path) -> None:
    shape = delimited.find_shape(source(tmp_path, b"a|b\n1|2\n"), DelimitedShape(",", '"'))
    assert shape == DelimitedShape(",", '"')
    assert shape.found is not None and shape.found.columns == 1


def test_a_list_of_one_column(tmp_path: Path) -> None:
    file = source(tmp_path, b"RECORD #(BIBLIO)\nb1000001\nb1000002\n")
    shape = delimited.find_shape(file, DelimitedShape(None, '"'))
    assert values(read_all(file, shape)) == [("b1000001",), ("b1000002",)]


def test_names_of_columns(tmp_path: Path) -> None:
    file = source(tmp_path, b'"A"," B ","A","","line","A (2)","two\nlines"\n1,2,3,4,5,6,7\n')
    assert delimited.read_header(file, COMMA) == (
        "A", "B", "A (3)", "column 4", "line (2)", "A (2)", "two lines",
    )  # fmt: skip
    found = delimited.find_shape(file, COMMA).found
    assert found is not None and found.duplicates == ("A",)
    assert values(read_all(file)) == [("1", "2", "3", "4", "5", "6", "7")]


def test_no_header(tmp_path: Path) -> None:
    shape = DelimitedShape("|", None, "", header=False)
    file = source(tmp_path, b"\xef\xbb\xbf11|3|1|\n11|4|1|\n")
    results = read_all(file, shape)
    assert results[0].table.column_names[3:] == ["column 1", "column 2", "column 3", "column 4"]
    assert values(results) == [("11", "3", "1", ""), ("11", "4", "1", "")]


@pytest.mark.parametrize("data", [b'"A";"B"\n', b'"A";"B"\n\n\r\n', b'"A";"B"'])
def test_a_header_without_rows_is_a_table_without_rows(tmp_path: Path, data: bytes) -> None:
    file = source(tmp_path, data)
    shape = delimited.find_shape(file, DelimitedShape(None, '"'))
    assert shape.delimiter == ";"
    results = read_all(file, shape)
    assert [result.table.column_names[3:] for result in results] == [["A", "B"]]
    assert values(results) == []


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "the file is empty"),
        (b"\n\r\n", "blank lines only"),
        (b"A,B\n1,\x002\n", "not text: byte 0 at 6"),
        ("A,B\n1,2\n".encode("utf-16"), "UTF-16"),
        (b"N\xe4me,B\n1,2\n", "header is not utf-8: byte 0xE4"),
        (b'"A,"B\n1,2\n', "header cannot be read"),
    ],
)
def test_files_that_stop_a_run(tmp_path: Path, data: bytes, what: str) -> None:
    file = source(tmp_path, data)
    for act in (
        lambda: delimited.find_shape(file, COMMA),
        lambda: delimited.read_header(file, COMMA),
        lambda: list(delimited.partitions(file, COMMA)),
    ):
        with pytest.raises(ExtractError, match=what) as error:
            act()
        assert error.value.where == str(file.path)
        assert error.value.expected and error.value.next_step


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_no_such_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(ExtractError, match="cannot be read"):
        delimited.find_shape(Source(tmp_path / name, "delimited"), COMMA)


@pytest.mark.parametrize(
    "wrong",
    [
        {"delimiter": ";"},
        {"delimiter": "||"},
        {"delimiter": "é"},
        {"delimiter": "\n"},
        {"delimiter": ""},
        {"qualifier": ","},
        {"encoding": "no-such"},
    ],
)
def test_shapes_that_cannot_be(wrong: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        DelimitedShape(**({"delimiter": ",", "qualifier": '"'} | wrong))  # type: ignore[arg-type]
