"""What container a file is, by its bytes: every one that could be taken for another is told apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures import FIXTURES, needs_fixtures
from tests.makers import LEADER, record
from transformer.errors import ExtractError
from transformer.extracts.sniff import HEAD_BYTES, container_of, container_of_head

ISO = record(LEADER, [("001", "b1"), ("245", "1", "0", [("a", "Moon")])])
LINE = b"000000450 LDR   L 00450nam^a2200301^i^4500\n"


@pytest.mark.parametrize(
    "head, container",
    [
        (ISO, "iso2709"),
        (b"\n\n" + ISO, "iso2709"),
        (b"=LDR lost\x1e\x1d" + ISO, "mnemonic"),
        (b"rubble\x1d" + ISO, "iso2709"),
        (b"00026009142200025003370 \x1e\x1d", "iso2709"),  # no field, no entry map
        (b"01087cam a2200277 a 4500\n001    70813420\n245 10 $a Moon\n", ""),  # printed as lines
        (b"<?xml version='1.0'?><collection/>", "marcxml"),
        (b"<html><body>Gateway Time-out</body></html>\n" + ISO, "iso2709"),
        (b"<collection><record><leader/></record>" + ISO, "marcxml"),  # two files in one: told by its begin
        (b"117263nam a2200194 a 450000100\x1e", "iso2709"),  # longer than five digits can say
        (LINE, "aleph_sequential"),  # its 20-21 are `45`, as in the leader of ISO 2709
        (b"\xef\xbb\xbf" + LINE * 3, "aleph_sequential"),
        (LINE[:-1] + b"\r\n" + b"cut off", "aleph_sequential"),
        (b"HTTP/1.1 200 OK\n" + LINE * 3, "aleph_sequential"),
        (LINE[:17], "aleph_sequential"),
        (b'"000000450","LDR","L 00450nam"\n', ""),
        (b"000000450,LDR   L 00450nam,x\n", ""),
        (b"000000450 Miller, Jane, 12 Acorn Lane\n", ""),
        (b"000000450\tLDR\tL\t00450nam\n", ""),
        (b"number,title\n000000450,Moon\n", ""),
        (b'[{"leader":"","fields":[]}]', "marcjson"),
        (b'\n {"type":"marc-hash", "leader" : ""', "marcjson"),
        (b'{"bib":[{"mms_id":"99"}]}', ""),
        (b"[section]\nkey = 1\n", ""),
        (b"=LDR  00000nam a2200000 a 4500\n", "mnemonic"),
        (b"\r\n=000  00000nam a2200000 a 4500\r\n", "mnemonic"),
        (b"=001  x\n=245  10$aMoon\n", "mnemonic"),
        (b"=1+1,=2\n", ""),
        (b"nothing at all", ""),
    ],
)
def test_told_apart(head: bytes, container: str) -> None:
    assert container_of_head(head) == container


def test_a_line_cut_by_the_end_of_what_is_seen_does_not_count(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(LINE + b"000000450 500   L $$a" + b"x" * HEAD_BYTES)
    assert container_of(path) == "aleph_sequential"


@pytest.mark.parametrize(
    "data, words",
    [
        (b"", "empty"),
        (b"{}", "no MARC record"),
        (b"\x1f\x8b", "packed"),
        (b"hello", "not MARC"),
        (b"a.mrc".ljust(257, b"\0") + b"ustar\x0000" + ISO, "tar archive"),
    ],
)
def test_what_is_no_marc_says_why(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    with pytest.raises(ExtractError, match=words):
        container_of(path)


SUFFIX = {
    ".alephseq": "aleph_sequential",
    ".seq": "aleph_sequential",
    ".aleph": "aleph_sequential",
    ".mrk": "mnemonic",
    ".mrk8": "mnemonic",
    ".jsonl": "marcjson",
    ".ndj": "marcjson",
}


@needs_fixtures
@pytest.mark.corpus
def test_every_real_file_is_found_for_what_its_name_says() -> None:
    found = {p: container_of(p) for p in sorted(FIXTURES.rglob("*")) if p.suffix in SUFFIX}
    assert len(found) > 30
    assert {p.name: c for p, c in found.items() if c != SUFFIX[p.suffix]} == {}
