"""CSV files: quoting, nulls, line breaks, splitting; Python's csv module reads and writes the same."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transformer.errors import UsageError
from transformer.writers.csv import write_csv, write_csv_files

ITEMS = pa.table(
    {
        "number": ["i1000001", "i1000002", "i1000003"],
        "note": ['says "no", twice', None, ""],
        "copy": pa.array([1, None, 3], pa.int32()),
        "kept": [True, False, None],
    }
)


def text_of(table: pa.Table, folder: Path, **options: object) -> bytes:
    path = folder / "out.csv"
    write_csv(path, table, overwrite=True, **options)  # type: ignore[arg-type]
    return path.read_bytes()


def test_every_value_is_quoted(tmp_path: Path) -> None:
    assert text_of(ITEMS, tmp_path) == (
        b'"number","note","copy","kept"\n'
        b'"i1000001","says ""no"", twice","1","true"\n'
        b'"i1000002","","","false"\n'
        b'"i1000003","","3",""\n'
    )


def test_quoted_where_needed(tmp_path: Path) -> None:
    assert text_of(ITEMS, tmp_path, quote="needed") == (
        b'number,note,copy,kept\ni1000001,"says ""no"", twice",1,true\ni1000002,,,false\ni1000003,,3,\n'
    )


def test_other_delimiters(tmp_path: Path) -> None:
    table = pa.table({"a": ["x|y", "x^y", "x]y", "x\\y", "x-y", "x;y"], "b": ["1"] * 6})
    for delimiter in "|^]\\-;":
        lines = text_of(table, tmp_path, quote="needed", delimiter=delimiter).decode().split("\n")
        assert [line for line in lines if line.startswith('"')] == [f'"x{delimiter}y"{delimiter}1']


def test_headers(tmp_path: Path) -> None:
    renamed = {"number": "RECORD #(ITEM)", "note": None, "kept": 'Kept "so"'}
    first = text_of(ITEMS, tmp_path, headers=renamed).split(b"\n")
    assert first[:2] == [b'"RECORD #(ITEM)","copy","Kept ""so"""', b'"i1000001","1","true"']
    assert text_of(ITEMS, tmp_path, headers=("A", "B", "C", "C")).split(b"\n")[0] == b'"A","B","C","C"'


def test_control_characters_become_blanks_and_are_counted(tmp_path: Path) -> None:
    table = pa.table(
        {
            "note": ["two\r\nlines", "a\rb\nc", "tab\there", "nul\0 del\x7f", "nel\x85 é \u00a0ok", "plain"],
            "other": ["x"] * 6,
        }
    )
    written = write_csv(tmp_path / "out.csv", table)
    assert (tmp_path / "out.csv").read_text("utf-8").split("\n")[1:] == [
        '"two lines","x"',
        '"a b c","x"',
        '"tab here","x"',
        '"nul  del ","x"',
        '"nel  é \u00a0ok","x"',
        '"plain","x"',
        "",
    ]
    assert written.changed == {"note": 5}


def test_what_is_told(tmp_path: Path) -> None:
    written = write_csv(tmp_path / "out.csv", ITEMS)
    data = (tmp_path / "out.csv").read_bytes()
    assert (written.name, written.row_count, written.byte_count) == ("out.csv", 3, len(data))
    assert written.sha256 == hashlib.sha256(data).hexdigest()
    assert written.changed == {}


def test_split_by_rows(tmp_path: Path) -> None:
    table = pa.table({"n": list(range(10))})
    for size in (1, 3, 10):
        written = write_csv_files(
            tmp_path, "item", table.schema, table.to_batches(size), max_rows=4, overwrite=True
        )
        assert [(file.name, file.row_count) for file in written.files] == [
            ("item-0001.csv", 4),
            ("item-0002.csv", 4),
            ("item-0003.csv", 2),
        ]
        assert written.row_count == 10
        assert (tmp_path / "item-0003.csv").read_bytes() == b'"n"\n"8"\n"9"\n'
    exact = write_csv_files(tmp_path, "exact", table.schema, [table], max_rows=5)
    assert [file.row_count for file in exact.files] == [5, 5]
    whole = write_csv_files(tmp_path, "whole", table.schema, [table], max_rows=0)
    assert [(file.name, file.row_count) for file in whole.files] == [("whole.csv", 10)]


def test_no_rows_make_a_header(tmp_path: Path) -> None:
    written = write_csv_files(tmp_path, "item", ITEMS.schema, [])
    assert [(file.name, file.row_count) for file in written.files] == [("item-0001.csv", 0)]
    assert (tmp_path / "item-0001.csv").read_bytes() == b'"number","note","copy","kept"\n'


def test_types_that_are_not_strings(tmp_path: Path) -> None:
    table = pa.table(
        {
            "view": pa.array(["a", None], pa.string_view()),
            "large": pa.array(["é", ""], pa.large_string()),
            "code": pa.array(["x", None]).dictionary_encode(),
            "none": pa.nulls(2),
        }
    )
    sliced = pa.concat_tables([table, table]).slice(1, 2)
    assert text_of(sliced, tmp_path) == b'"view","large","code","none"\n"","","",""\n"a","\xc3\xa9","x",""\n'


@pytest.mark.parametrize("start", [0, 1])
def test_bytes_that_stand_behind_a_null_are_nothing(tmp_path: Path, start: int) -> None:
    """Arrow lets them be there, as masking without copying leaves them."""
    buffers = [pa.py_buffer(bytes([0b0101])), pa.array([0, 2, 5, 6], pa.int32()).buffers()[1]]
    masked = pa.Array.from_buffers(pa.string(), 3, [*buffers, pa.py_buffer(b"ab\ncdx")])
    assert masked.to_pylist() == ["ab", None, "x"]
    written = write_csv(tmp_path / "out.csv", pa.table({"n": masked.slice(start)}))
    assert (tmp_path / "out.csv").read_bytes() == (
        b'"n"\n"ab"\n""\n"x"\n' if not start else b'"n"\n""\n"x"\n'
    )
    assert not written.changed


def test_mistakes(tmp_path: Path) -> None:
    (tmp_path / "taken.csv").write_bytes(b"mine")
    for headers, options in (
        ({"nobody": "x"}, {}),
        (("a", "b"), {}),
        ({"number": None, "note": None, "copy": None, "kept": None}, {}),
        (None, {"delimiter": ""}),
        (None, {"delimiter": '"'}),
        (None, {"delimiter": "é"}),
        (None, {"quote": "never"}),
    ):
        with pytest.raises(UsageError):
            write_csv(tmp_path / "out.csv", ITEMS, headers, **options)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="is there already"):
        write_csv(tmp_path / "taken.csv", ITEMS)
    with pytest.raises(UsageError, match="rows a file"):
        write_csv_files(tmp_path, "item", ITEMS.schema, [ITEMS], max_rows=-1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["taken.csv"]


cells = st.one_of(
    st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=10), st.text('a",|\r\n\x85é')
)
grids = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.lists(cells, min_size=n, max_size=n), min_size=1, max_size=20)
)


@settings(max_examples=200, deadline=None)
@given(
    grids,
    st.sampled_from(["always", "needed"]),
    st.sampled_from(",|\t;"),
    st.integers(1, 7),
    st.integers(0, 9),
)
def test_python_writes_and_reads_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    grid: list[list[str | None]],
    quote: Literal["always", "needed"],
    delimiter: str,
    batch_rows: int,
    max_rows: int,
) -> None:
    names = [f"c{n}" for n in range(len(grid[0]))]
    table = pa.table([pa.array(column, pa.string()) for column in zip(*grid, strict=True)], names=names)
    folder = tmp_path_factory.mktemp("csv")
    written = write_csv_files(
        folder,
        "t",
        table.schema,
        table.to_batches(batch_rows),
        max_rows=max_rows,
        delimiter=delimiter,
        quote=quote,
    )
    blanked = [[re.sub("\r\n|[\0-\x1f\x7f-\x9f]", " ", cell or "") for cell in row] for row in grid]
    size = max_rows or len(grid)
    assert len(written.files) == -(-len(grid) // size)
    for number, file in enumerate(written.files):
        part = blanked[number * size : (number + 1) * size]
        out = io.StringIO(newline="")
        style = csv.QUOTE_ALL if quote == "always" else csv.QUOTE_MINIMAL
        writer = csv.writer(out, delimiter=delimiter, quoting=style, lineterminator="\n")
        writer.writerows([names, *part])
        data = (folder / file.name).read_bytes()
        assert data == out.getvalue().encode()
        assert list(csv.reader(io.StringIO(data.decode(), newline=""), delimiter=delimiter)) == [names, *part]
        assert (file.row_count, file.byte_count) == (len(part), len(data))
    for column, name in enumerate(names):
        changed = sum((row[column] or "") != clean[column] for row, clean in zip(grid, blanked, strict=True))
        assert written.changed.get(name, 0) == changed
