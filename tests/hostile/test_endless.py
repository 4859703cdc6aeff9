"""What has no end where one is due: lines, quotes, headers, nesting, numbers. Memory and time are bounded.

The files here have 300 MB; `python -m tests.hostile.endless` reads 10 GB of each, which `make fuzz` does.
"""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from tests.delimited import COMMA, read_all, values
from tests.hostile.endless import BEGINNINGS
from tests.hostile.typed import run, typed
from transformer.errors import ExtractError
from transformer.extracts.model import Source
from transformer.extracts.shape import DelimitedShape
from transformer.readers import delimited

LEADER = "00000nam a2200000 a 4500"
BEGIN = f'{{"leader": "{LEADER}", "fields": '
LINE = 300 << 20
READ_MOST = 400 << 20
"""Memory of a process that reads: the interpreter, Arrow and the kernels are 150 MB of it."""


@pytest.mark.parametrize("name", sorted(BEGINNINGS))
def test_a_line_without_an_end(tmp_path: Path, name: str) -> None:
    container, begin, filling = BEGINNINGS[name]
    path = tmp_path / "x"
    with path.open("wb") as file:
        file.write(begin)
        for _ in range(LINE >> 20):
            file.write(filling * ((1 << 20) // len(filling)))
    said = run("-m", "tests.hostile.endless", container, path)
    said.stays_calm(READ_MOST)
    assert said.exit_code == 0, said
    told = json.loads(said.out)
    assert (told["covered"], told["records"]) == (path.stat().st_size, 0)


def test_a_conversion_of_a_line_without_an_end(tmp_path: Path) -> None:
    """Set aside as it came, beside what was read before it."""
    path = tmp_path / "x.mrk"
    good = f"=LDR  {LEADER}\n=001  b1\n\n".encode()
    with path.open("wb") as file:
        file.write(good + b"=LDR  ")
        for _ in range(LINE >> 20):
            file.write(b"x" * (1 << 20))
    said = typed("convert", path, tmp_path / "out.jsonl")
    said.stays_calm()
    assert said.exit_code == 1, said
    assert len((tmp_path / "out.jsonl").read_bytes().splitlines()) == 1
    assert (tmp_path / "out.jsonl.set-aside").stat().st_size == path.stat().st_size - len(good)


# --- JSON ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "inside",
    [
        f'{{"leader": {"[" * 1_000_000 + "]" * 1_000_000}}}',
        BEGIN + '[{"a":' * 500_000,
        f'{{"leader": {"9" * 1_000_000}, "fields": []}}',
        BEGIN + f'[{{"001": {"1" + "0" * 1_000_000}}}]}}',
        BEGIN + f'[{{"001": -1e{"9" * 1_000_000}}}]}}',
        BEGIN + "[" + ",".join(['{"001": null}'] * 3) + ",{}" * 400_000 + "]}",
    ],
    ids=["nested", "nested and cut", "number", "number in a field", "exponent", "empty objects"],
)  # fmt: skip
def test_json_made_to_be_parsed(tmp_path: Path, inside: str) -> None:
    good = BEGIN + '[{"001": "b1"}]}\n'
    (tmp_path / "x.json").write_text(good + inside + "\n" + good)
    said = typed("convert", tmp_path / "x.json", tmp_path / "out.jsonl", limit_s=60)
    said.stays_calm()
    assert said.exit_code in (0, 1), said
    assert (tmp_path / "out.jsonl").read_bytes().count(b'"b1"') == 2


# --- delimited files ----------------------------------------------------------------------------------


def peak_of(source: Source, shape: DelimitedShape) -> int:
    """Most memory that reading a file needs, beside what was there before."""
    tracemalloc.start()
    try:
        header = delimited.read_header(source, shape)
        for part in delimited.partitions(source, shape):
            delimited.read(part, shape, header)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("shape", [COMMA, DelimitedShape(None, '"')], ids=["named", "to be found"])
@pytest.mark.parametrize(
    "head",
    [b",".join(b"c%d" % n for n in range(1_000_000)) + b"\n", b"x" * (1 << 27), b'"x' * (1 << 25)],
    ids=["a million columns", "a line without an end", "quotes without an end"],
)
def test_a_header_made_to_fill_the_memory(tmp_path: Path, shape: DelimitedShape, head: bytes) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(head + b"1,2,3\n" * 10)
    with pytest.raises(ExtractError) as told:
        peak_of(Source(path, "delimited"), shape)
    assert str(path) in str(told.value) and told.value.expected and told.value.next_step


def test_a_quote_that_is_never_closed_costs_its_line(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b'"A","B"\n"a","open\n' + b'"b","c"\n' * 200_000)
    results = read_all(Source(path, "delimited"))
    assert [row.code for result in results for row in result.set_aside] == ["row-open-quote"]
    assert len(values(results)) == 200_000


def test_rows_without_an_end_and_quotes_in_every_line(tmp_path: Path) -> None:
    """Each line opens a quote, and none closes it: every one is tried a bounded number of times."""
    path = tmp_path / "x.csv"
    with path.open("wb") as file:
        file.write(b"A,B\n1,2\n")
        file.write(b'x,"open\n' * 100_000)
        for _ in range(64):
            file.write(b'y,"' + b"z" * (1 << 20))
    source = Source(path, "delimited")
    assert peak_of(source, COMMA) < 256 << 20
