"""Delimited files: shape found, header, partitions, values, rows set aside. All people are invented."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.delimited import COMMA, aside, one, read_all, source, values
from transformer.errors import ExtractError
from transformer.extracts.shape import DelimitedShape
from transformer.readers import delimited
from transformer.schema.batch import REASONS, SPAN_RECORD, SPAN_SEPARATOR, SPAN_SET_ASIDE

# --- values -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('"i24347644","04-04-2016 16:29","  -  -  "', ("i24347644", "04-04-2016 16:29", "  -  -  ")),
        ('"31000000000011";"31000000000029","",""', ("31000000000011\x1f31000000000029", "", "")),
        ('"";"b","a";"","";""', ("\x1fb", "a\x1f", "\x1f")),
        ('"a;b","x, y","z"', ("a;b", "x, y", "z")),
        ("a;b,x,z", ("a;b", "x", "z")),
        ('"He said ""no"" to it","next","""q"""', ('He said "no" to it', "next", '"q"')),
        ('"He said "no" to it","next",""quoted""', ('He said "no" to it', "next", '"quoted"')),
        ('"8"";""9""","x","y"', ('8";"9"', "x", "y")),
        ('5" disk,plain "quoted" text, blanks ', ('5" disk', 'plain "quoted" text', " blanks ")),
        (",,", ("", "", "")),
        ('"","",""', ("", "", "")),
    ],
)
def test_values_of_a_row(tmp_path: Path, line: str, expected: tuple[str, ...]) -> None:
    for end in ("\n", "\r\n", ""):
        result = one(tmp_path, f'"A","B","C"{end or chr(10)}{line}{end}'.encode())
        assert values([result]) == [expected]
        assert result.set_aside == ()


def test_without_a_qualifier_every_repeat_delimiter_counts(tmp_path: Path) -> None:
    shape = DelimitedShape("\t", None)
    assert values([one(tmp_path, b'A\tB\n"a";b\tc\n', shape)]) == [('"a"\x1fb', "c")]
    assert values([one(tmp_path, b"A\tB\na;b\tc\n", DelimitedShape("\t", None, ""))]) == [("a;b", "c")]


def test_loose_quotes_are_counted(tmp_path: Path) -> None:
    result = one(tmp_path, b'"A","B"\n"x "y" z","1"\n"x ""y"" z","2"\n"","3"\n')
    assert result.loose_count == 1
    assert values([result])[:2] == [('x "y" z', "1"), ('x "y" z', "2")]


def test_positions_are_those_of_the_file(tmp_path: Path) -> None:
    data = '\ufeff\n"N\u00e1me","B"\r\n\r\n"\u00e9","1"\r\n"x\ny","2"\r\n\n"z","3"'.encode()
    result = one(tmp_path, data)
    assert result.table.column_names == ["line", "byte_start", "byte_count", "N\u00e1me", "B"]
    assert result.table["line"].to_pylist() == [4, 5, 8]
    found = zip(result.table["byte_start"].to_pylist(), result.table["byte_count"].to_pylist(), strict=True)
    assert [data[start : start + count].decode() for start, count in found] == [
        '"\u00e9","1"\r\n',
        '"x\ny","2"\r\n',
        '"z","3"',
    ]
    assert result.spans.kind.tolist() == [3, 3, 0, 0, 3, 0]
    assert result.notes == (("line-break-in-value", 5, "N\u00e1me", "1 line break"),)


# --- rows set aside -----------------------------------------------------------------------------------


def thousand(damaged: str, at: int = 17) -> bytes:
    lines = ['"NO","NOTE","LAST"'] + [f'"i{n}","note, {n}","x{n}"' for n in range(1, 1001)]
    lines[at] = damaged
    return "\n".join([*lines, ""]).encode()


@pytest.mark.parametrize(
    ("damaged", "code", "found"),
    [
        ('"i17","never closed,"x17"', "row-field-count", "2 values"),
        (
            '"i17","never closed","x17',
            "row-open-quote",
            "a quotation mark opens in value 3 and is not closed",
        ),
        ('"i17","never closed', "row-open-quote", "a quotation mark opens in value 2 and is not closed"),
        ('"i17', "row-open-quote", "a quotation mark opens in value 1 and is not closed"),
        ('"', "row-open-quote", "a quotation mark opens in value 1 and is not closed"),
        ('"i17","one too few"', "row-field-count", "2 values"),
        ('"i17","one","too","many"', "row-field-count", "4 values"),
        ('"i17","said "no", then left","x17"', "row-field-count", "4 values"),
    ],
)
def test_a_damaged_row_costs_itself_only(tmp_path: Path, damaged: str, code: str, found: str) -> None:
    for partition_bytes in (1 << 24, 1):
        results = read_all(source(tmp_path, thousand(damaged)), COMMA, partition_bytes)
        rows = values(results)
        assert rows == [(f"i{n}", f"note, {n}", f"x{n}") for n in range(1, 1001) if n != 17]
        (row,) = aside(results)
        data = thousand(damaged)
        assert data[row.byte_start : row.byte_start + row.byte_count].decode() == damaged + "\n"
        assert (row.line, row.code, row.found) == (18, code, found)


def test_a_quote_opened_in_plain_rows_does_not_reach_a_later_inch_mark(tmp_path: Path) -> None:
    lines = ["NO,NOTE,LAST"] + [f"i{n},note {n},x{n}" for n in range(1, 101)]
    lines[17] = 'i17,"never closed,x17'
    lines[30] = 'i30,height 6",x30'
    results = [one(tmp_path, "\n".join([*lines, ""]).encode())]
    assert len(values(results)) == 99
    assert ("i30", 'height 6"', "x30") in values(results)
    assert [(row.line, row.code) for row in aside(results)] == [(18, "row-open-quote")]


def test_bytes_that_are_not_text(tmp_path: Path) -> None:
    data = b'"A","B"\n"Andr\xe9 Beispiel","1"\n"ok","2"\n"\xc3","\xa9"\n"\xed\xa0\x80","4"\n'
    result = one(tmp_path, data)
    assert values([result]) == [("ok", "2")]
    assert [(row.line, row.code, row.found, row.expected) for row in result.set_aside] == [
        (2, "not-utf8", "byte 0xE9 at 5 of the row", "utf-8"),
        (4, "not-utf8", "byte 0xC3 at 1 of the row", "utf-8"),
        (5, "not-utf8", "byte 0xED at 1 of the row", "utf-8"),
    ]
    assert [REASONS[code] for code in result.spans.reason] == ["", "not-utf8", "", "not-utf8", "not-utf8"]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_encodings_of_one_byte_a_character(tmp_path: Path, encoding: str) -> None:
    shape = DelimitedShape(",", '"', encoding=encoding)
    text = (
        '"Náme","B"\n"André ""Beispiel""","über";"ñ"\n"plain","\x80"\n'
        if encoding == "latin-1"
        else ('"Náme","B"\n"André ""Beispiel""","über";"ñ"\n"plain","€ ’"\n')
    )
    result = one(tmp_path, text.encode(encoding), shape)
    assert result.table.column_names[3:] == ["Náme", "B"]
    assert values([result]) == [('André "Beispiel"', "über\x1fñ"), ("plain", text.split('"')[-2])]


def test_bytes_that_an_encoding_does_not_have(tmp_path: Path) -> None:
    shape = DelimitedShape(",", '"', encoding="cp1252")
    result = one(tmp_path, b'"A","B"\n"x\x81","1"\n"y","2"\n', shape)
    assert values([result]) == [("y", "2")]
    assert [(row.code, row.found, row.expected) for row in result.set_aside] == [
        ("not-utf8", "byte 0x81 at 2 of the row", "cp1252")
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030", "shift_jis", "cp037", "iso2022_jp"])
def test_other_encodings_are_refused(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(ExtractError, match="cannot be read directly"):
        one(tmp_path, b"A,B\n1,2\n", DelimitedShape(",", '"', encoding=encoding))


def test_a_line_longer_than_any_row_is_cut(tmp_path: Path) -> None:
    limit = delimited.ROW_LIMIT
    data = b"A,B\n1,2\n" + b"x" * (3 * limit + 5) + b"\n3,4\n" + b"y" * (limit - 1) + b"\n5,6\n"
    for partition_bytes in (1 << 24, 1):
        file = source(tmp_path, data)
        results = read_all(file, COMMA, partition_bytes)
        assert values(results) == [("1", "2"), ("3", "4"), ("5", "6")]
        assert [(row.line, row.byte_count, row.code) for row in aside(results)] == [
            (3, limit, "row-too-long"),
            (3, limit, "row-too-long"),
            (3, limit, "row-too-long"),
            (3, 6, "row-too-long"),
            (5, limit, "row-too-long"),
        ]
        assert [line for r in results for line in r.table["line"].to_pylist()] == [2, 4, 6]


def test_the_longest_row_that_is_read(tmp_path: Path) -> None:
    text = b"y" * (delimited.ROW_LIMIT - 4)
    assert len(values([one(tmp_path, b"A,B\n" + text + b",1\n")])) == 1
    assert len(values([one(tmp_path, b"A,B\ny" + text + b",1\n")])) == 0


# --- partitions ---------------------------------------------------------------------------------------

cells = st.text(st.sampled_from('ab",;\n\r é\u20ac'), max_size=6)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=25),
    st.integers(1, 60),
    st.booleans(),
)
def test_partitions_make_no_difference(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], partition_bytes: int, quoted: bool
) -> None:
    style = '"{}"' if quoted else "{}"
    text = "A,B,C\n" + "".join(",".join(style.format(cell) for cell in row) + "\n" for row in rows) + "1,2,3"
    file = source(tmp_path_factory.mktemp("parts"), text.encode())
    whole, parts = read_all(file), read_all(file, COMMA, partition_bytes)
    for name in whole[0].table.column_names:
        assert [v for r in parts for v in r.table[name].to_pylist()] == whole[0].table[name].to_pylist()
    for array in ("byte_start", "byte_count", "kind", "reason", "record_no"):
        joined = np.concatenate([getattr(result.spans, array) for result in parts])
        assert joined.tolist() == getattr(whole[0].spans, array).tolist()
    assert aside(parts) == aside(whole)
    assert [note for r in parts for note in r.notes] == list(whole[0].notes)
    assert sum(r.loose_count for r in parts) == whole[0].loose_count


def test_windows_of_the_boundary_pass_make_no_difference(tmp_path: Path) -> None:
    lines = [f'"i{n}","{"note " * (n % 50)}","x""{n}"\n' for n in range(60_000)]
    file = source(tmp_path, ('"A","B","C"\n' + "\n".join(lines)).encode())
    assert file.path.stat().st_size > 5 << 20
    parts = [
        list(delimited.partitions(file, COMMA, partition_bytes=300_000, walk_bytes=size))
        for size in (1 << 25, 2 << 20, (2 << 20) + 12_345)
    ]
    assert parts[0] == parts[1] == parts[2]
    assert sum(part.record_count for part in parts[0]) == 60_000
    assert all(300_000 <= part.byte_count < 300_400 for part in parts[0][:-1])


def test_numbers_go_on_from_those_given(tmp_path: Path) -> None:
    file = source(tmp_path, b"A,B\n1,2\n3,4\n")
    (part,) = delimited.partitions(file, COMMA, first_index=4, first_record_no=100)
    assert (part.index, part.first_record_no, part.record_count) == (4, 100, 2)
    assert delimited.read(part, COMMA, ("A", "B")).spans.record_no.tolist() == [-1, 100, 101]


def test_many_blank_lines(tmp_path: Path) -> None:
    """A run of them is one span, cut at the limit of a row, so that it needs little memory."""
    limit = delimited.ROW_LIMIT
    data = b"A,B\n" + b"\r\n\n" * limit + b"1,2\n" + b"\n" * 5_000 + b"3,4\n\n5,6"
    for partition_bytes in (1 << 24, 1 << 20, 1):
        results = read_all(source(tmp_path, data), COMMA, partition_bytes)
        assert values(results) == [("1", "2"), ("3", "4"), ("5", "6")]
        lines = [line for r in results for line in r.table["line"].to_pylist()]
        assert lines == [2 * limit + 2, 2 * limit + 5_003, 2 * limit + 5_005]
        kinds = np.concatenate([r.spans.kind for r in results]).tolist()
        assert kinds == [3, 3, 3, 3, 0, 3, 0, 3, 0]


def test_a_file_that_changed_is_noticed(tmp_path: Path) -> None:
    file = source(tmp_path, b"A,B\n1,2\n3,4\n")
    (part,) = delimited.partitions(file, COMMA)
    file.path.write_bytes(b"A,B\n1,2\n3\n4\n")
    with pytest.raises(ExtractError, match="other rows than when it was first read"):
        delimited.read(part, COMMA, ("A", "B"))


# --- the standard, against Python's csv ---------------------------------------------------------------

plain_cells = st.text(st.characters(exclude_characters="\r\n\0\x1f", exclude_categories=["Cs"]), max_size=12)
broken_cells = st.text(st.sampled_from('ab"\n;é'), max_size=8).filter(lambda cell: '\n"' not in cell)


def grid_of(cell: st.SearchStrategy[str]) -> st.SearchStrategy[list[list[str]]]:
    return st.integers(2, 5).flatmap(
        lambda n: st.lists(st.lists(cell, min_size=n, max_size=n), min_size=1, max_size=12)
    )


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(grid_of(plain_cells), grid_of(broken_cells)),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from(",|\t~"),
    st.sampled_from(["\n", "\r\n"]),
)
def test_standard_csv_is_read_as_python_reads_it(
    tmp_path_factory: pytest.TempPathFactory, grid: list[list[str]], quoting: int, delimiter: str, end: str
) -> None:
    """Without repeated values, and with no line inside a value that could itself be a whole row: there we
    differ on purpose (rule 5). So delimiters and line breaks are not in the same file, and no line inside
    a value begins with a quotation mark."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end)
    writer.writerow([f"c{n}" for n in range(len(grid[0]))])
    writer.writerows(grid)
    file = source(tmp_path_factory.mktemp("csv"), out.getvalue().encode())
    expected = list(csv.reader(io.StringIO(out.getvalue(), newline=""), delimiter=delimiter))[1:]
    assert expected == grid
    results = read_all(file, DelimitedShape(delimiter, '"', ""))
    assert [list(row) for row in values(results)] == grid
    assert aside(results) == []


# --- shape and header ---------------------------------------------------------------------------------


def test_kinds_of_spans(tmp_path: Path) -> None:
    spans = one(tmp_path, b"A,B\n1,2\n3\n\n").spans
    assert spans.kind.tolist() == [SPAN_SEPARATOR, SPAN_RECORD, SPAN_SET_ASIDE, SPAN_SEPARATOR]
    assert spans.record_no.tolist() == [-1, 0, 1, -1]
    assert [REASONS[code] for code in spans.reason] == ["", "", "row-field-count", ""]
