"""Extracts in several encodings in one library: found, named, checked; text in the form that rules want."""

from __future__ import annotations

import json
from pathlib import Path

import pymarc
import pytest

from tests.makers import raw_record
from tests.unit.readers.test_charset import FRENCH, GERMAN
from transformer import api
from transformer.cli.main import main

LEADER = "00000nam  2200000 a 4500"
DECOMPOSED = "Cafe\u0301\x08 noir"


def bib(number: int, title: bytes) -> bytes:
    own = b"  \x1fa.b%07d" % number
    return raw_record(LEADER, [("001", b"b%07d" % number), ("907", own), ("245", b"10\x1fa" + title)])


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "lib"
    api.init("sierra", folder)
    (folder / "extracts").mkdir(exist_ok=True)
    return folder


def put(library: Path, **files: bytes) -> None:
    for name, data in files.items():
        (library / "extracts" / f"{name}.mrc").write_bytes(data)


def say(library: Path, text: str, file: str = "transformer.toml") -> None:
    path = library / file
    path.parent.mkdir(exist_ok=True)
    path.write_text((path.read_text() if path.exists() else "") + text)


def titles(library: Path) -> tuple[list[str], list[tuple[str, str]]]:
    """(delivered titles, (code, value) of the issues about text)."""
    import pyarrow.parquet as pq

    result = api.run(library, threads=1)
    files = sorted((result.folder / "out" / "bib").glob("*.xml"))
    records = [record for file in files for record in pymarc.parse_xml_to_array(str(file))]
    issues = pq.read_table(result.folder / "tables" / "issue.parquet").to_pylist()
    codes = ("file-encoding", "xml-forbidden-character", "undecodable", "record-encoding")
    told = [(row["code"], row["value"]) for row in issues if row["code"] in codes]
    return [record["245"]["a"] for record in records], told


def test_one_in_utf8_beside_another_in_latin_1(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(library, one=bib(1000001, FRENCH.encode()), two=bib(1000002, GERMAN.encode("cp1252")))
    found = api.encodings_of(library)
    assert [(file.extract, file.file, file.encoding) for file in found] == [
        ("bib", "one.mrc", "utf-8"), ("bib", "two.mrc", "cp1252"),
    ]  # fmt: skip
    assert main(["check", str(library)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "two.mrc: cp1252 taken as cp1252; declared: marc8 1; of 1 records looked at" in said
    assert main(["check", str(library), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["encodings"][1]["encoding"] == "cp1252"
    assert titles(library) == ([FRENCH, GERMAN], [("file-encoding", "")])


def test_named_in_the_project_file(library: Path) -> None:
    put(library, one=bib(1000001, "Война и мир".encode("cp866")))
    say(library, '\n[extract.bib]\nencoding = "cp866"\n')
    assert "because it was said so" in api.encodings_of(library)[0].evidence
    assert titles(library)[0] == ["Война и мир"]


@pytest.mark.parametrize(
    ("encoding", "said"), [("utf-16", ""), ("utf-16", "utf-16"), ("cp1252", "windows-1252")]
)
def test_rows_in_another_encoding(library: Path, encoding: str, said: str) -> None:
    """Delimited text in UTF-16, as spreadsheets write it, found by its mark; in Windows-1252, named.

    The row is read, and set aside by a rule: nobody has mapped its location.
    """
    put(library, one=bib(1000001, FRENCH.encode()))
    row = '"i10000017x","b1000001x","Déjà vu – œuvre"\r\n'
    rows = '"RECORD #(ITEM)","RECORD #(BIBLIO)","NOTE(ITEM)"\r\n' + row
    (library / "extracts" / "item.csv").write_bytes(rows.encode(encoding))
    if said:
        say(library, f'\n[extract.item]\nencoding = "{said}"\n')
    result = api.run(library, threads=1)
    aside = result.folder / "set-aside"
    assert "i10000017" in (aside / "item.csv").read_text()
    assert "location-unmapped" in (aside / "item.csv").read_text()
    kept = row.encode("utf-8" if encoding == "utf-16" else encoding)
    assert (aside / "item.bytes").read_bytes().startswith(kept)


def test_a_wrong_name_is_a_mistake(library: Path) -> None:
    put(library, one=bib(1000001, b"One"))
    say(library, '\n[extract.bib]\nencoding = "klingon"\n')
    (mistake,) = api.check(library)
    assert (mistake.key, mistake.found) == ("extract.bib.encoding", "no encoding is called 'klingon'")
    assert "iso5426" in mistake.expected


def test_text_keeps_its_form_unless_a_rule_asks(library: Path) -> None:
    put(library, one=bib(1000001, DECOMPOSED.encode()))
    assert titles(library) == (["Cafe\u0301 noir"], [("xml-forbidden-character", "U+0008")])
    say(library, '[bib]\nnfc = true\nforbidden = "\\ufffd"\n', "rules/text.toml")
    assert api.check(library) == ()
    assert titles(library) == (["Café\ufffd noir"], [("xml-forbidden-character", "U+0008")])
    report = (library / "runs" / "0002" / "reports" / "report.md").read_text()
    assert "U+0008 in 1 field" in report
    say(library, 'forbidden = "?"\n', "rules/text.toml")
    assert [mistake.key for mistake in api.check(library)] != []


def test_convert_keeps_the_form(tmp_path: Path) -> None:
    (tmp_path / "a.mrc").write_bytes(bib(1, DECOMPOSED.encode()) * 2 + bib(2, b"a\x08\x01b"))
    result = api.convert(tmp_path / "a.mrc", tmp_path / "a.xml", threads=1)
    first = pymarc.parse_xml_to_array(str(tmp_path / "a.xml"))[0]
    assert first["245"]["a"] == "Cafe\u0301 noir"
    (issue,) = [issue for issue in result.issues if issue.code == "xml-forbidden-character"]
    assert issue.count == 4
    assert issue.example.startswith("U+0001 in 1 field, first a.mrc byte ")
    assert "; U+0008 in 3 fields, first a.mrc byte 0 245" in issue.example
