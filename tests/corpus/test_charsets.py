"""Real files that are not UTF-8: their verdicts, their twins in UTF-8, and yaz and pymarc beside us.

Where tools differ: yaz gives U+0361 and U+0360 where the tables of pymarc (and we) have the halves U+FE20 to
U+FE23, and so do the twins; neither decodes `&#x6F22;`; both drop a mark without a letter, we keep it and
tell it. pymarc does not know the escape sequence `ESC ) !E` back to ANSEL, gives an E for it and no marks
after it; yaz reads it as we do.
"""

from __future__ import annotations

import io
import logging
import re
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pymarc
import pytest
from lxml import etree

from tests.corpus.neutral import Record, of_batch, of_pymarc
from tests.fixtures import FIXTURES, fixture_files, needs_fixtures, short
from tests.reference.batches import records_of
from tests.unit.kernels.test_marc8 import decode
from transformer import api
from transformer.extracts.model import Source
from transformer.extracts.sniff import container_of
from transformer.readers import partitions_of_all, read
from transformer.readers.verdict import verdict_of
from transformer.schema.batch import SPAN_REPAIRED, SPAN_SET_ASIDE

pytestmark = [pytest.mark.corpus, needs_fixtures]
ENCODINGS = "permissive/encodings"
MARC4K = "copyleft/encodings/ppuffinburger+marc4k"

VERDICTS = {
    "copyleft/bulk/evergreen-library-system+Evergreen/jazz_1k.first500.mrc": "marc8",
    "copyleft/bulk/evergreen-library-system+Evergreen/lul_fre_500.first250.mrc": "marc8",
    "copyleft/encodings/marc4j+marc4j/cyrillic_capital_e.mrc": "marc8",
    f"{MARC4K}/MARC8_auth_record.mrc": "marc8",
    f"{MARC4K}/MARC8_bib_record_many_diacritics.mrc": "marc8",
    f"{MARC4K}/UTF8_auth_record.mrc": "utf-8",
    "copyleft/encodings/evergreen-library-system+Evergreen/nepali.first48.marc": "utf-8",
    f"{ENCODINGS}/edsu+pymarc/marc8.dat": "marc8",
    f"{ENCODINGS}/edsu+pymarc/diacritic.dat": "utf-8",
    f"{ENCODINGS}/gitpan+MARC-Charset/cjk1.marc": "marc8",
    f"{ENCODINGS}/gitpan+MARC-Charset/cjk4.marc": "marc8",
    f"{ENCODINGS}/gitpan+MARC-Charset/hebrew2.marc": "marc8",
    f"{ENCODINGS}/gitpan+MARC-Charset/hebrew3.marc": "marc8",
    f"{ENCODINGS}/jiaola+marc4js/marc8.mrc": "marc8",
    f"{ENCODINGS}/jiaola+marc4js/utf8.mrc": "utf-8",
    # Danish records in Latin-1, though leader/09 says MARC-8.
    f"{ENCODINGS}/indexdata+yaz/marc1.marc": "cp1252",
    f"{ENCODINGS}/indexdata+yaz/marc10.marc": "cp1252",
    f"{ENCODINGS}/indexdata+yaz/marc11.marc": "cp1252",
    "copyleft/malformed/pear+File_MARC/example.mrc": "cp1252",
    # 100 $a declares Unicode, the bytes are ISO 5426.
    "permissive/unimarc-and-others/reeset+data_packs/1000_unimarc_records_5426_bnf.first500.mrc": "iso5426",
    "permissive/unimarc-and-others/reeset+data_packs/1000_unimarc_records_utf8_bnf.first500.mrc": "utf-8",
    # UTF-8 twice over; in the second file even three times.
    "copyleft/unimarc-and-others/pkiraly+qa-catalogue/unimarc/short.bnr.1993.mrc": "utf-8-twice",
    "permissive/aleph/LibreCat+Catmandu-MARC/bu_bibs.mrc": "utf-8-twice",
    "permissive/symphony/solrmarc+solrmarc/uva_001_2000.first1000.mrc": "marc8",
    "permissive/bulk/kateefly+ToolsDataSet/LOC_Books_subset.first1000.mrc": "marc8",
    "permissive/bulk/reeset+data_packs/1000_random_from_harvard_open_data.first500.mrc": "utf-8",
}

TWINS = [
    (f"{MARC4K}/MARC8_auth_record.mrc", f"{MARC4K}/UTF8_auth_record.mrc"),
    (f"{MARC4K}/walktest/marc8/MARC8_auth_record.mrc", f"{MARC4K}/walktest/utf8/UTF8_auth_record.mrc"),
    (f"{ENCODINGS}/jiaola+marc4js/marc8.mrc", f"{ENCODINGS}/jiaola+marc4js/utf8.mrc"),
]

NOT_BY_PYMARC = {f"{MARC4K}/MARC8_auth_record.mrc"}
MARC8_FILES = [path for path in fixture_files("iso2709") if VERDICTS.get(short(path)) == "marc8"]


def source_of(name: str | Path, encoding: str = "auto") -> Source:
    path = FIXTURES / name
    return Source(path, container_of(path), encoding=encoding)


def source(name: str, encoding: str = "auto") -> Source:
    return Source(FIXTURES / name, "iso2709", encoding=encoding)


def records(source: Source) -> list[tuple[Record, str, bool, bytes]]:
    """(record, encoding, is it whole, its bytes as they came) of every record that comes through."""
    data, found = source.path.read_bytes(), []
    for partition in partitions_of_all((source,)):
        result = read(partition)
        spans = result.spans
        repaired = set(spans.record_no[spans.kind == SPAN_REPAIRED].tolist())
        for at in range(result.batch.record_count):
            start, count = int(result.batch.byte_start[at]), int(result.batch.byte_count[at])
            name = "utf-8" if result.encoding is None else result.encodings[result.encoding[at]]
            whole = int(result.batch.record_no[at]) not in repaired
            found.append((of_batch(result.batch, at), name, whole, data[start : start + count]))
    return found


def nfc(value: object) -> object:
    """All text of a record in NFC."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, (list, tuple)):
        return tuple(map(nfc, value))
    return value


def resolved(value: object) -> object:
    """References of another tool's text as characters."""
    if isinstance(value, str):
        return re.sub("&#x([0-9A-Fa-f]+);", lambda found: chr(int(found[1], 16)), value)
    return tuple(map(resolved, value)) if isinstance(value, (list, tuple)) else value


@pytest.mark.parametrize(("name", "encoding"), VERDICTS.items())
def test_verdicts(name: str, encoding: str) -> None:
    verdict = verdict_of(source(name))
    assert verdict.encoding == encoding
    assert verdict.encoding in verdict.sentence


@pytest.mark.parametrize("path", fixture_files("iso2709"), ids=short)
def test_everything_that_comes_out_is_utf8(path: Path) -> None:
    for part in partitions_of_all((Source(path, "iso2709"),)):
        result = read(part)
        batch = result.batch
        for found in records_of(batch):
            for field in found.fields:
                field.inner.decode("utf-8")
        numbered = int((result.spans.record_no >= 0).sum())
        aside = int((result.spans.kind == SPAN_SET_ASIDE).sum())
        assert batch.record_count == numbered - aside


def test_lines_of_marc8_and_utf8() -> None:
    """1,500 lines with characters of every set."""
    folder = FIXTURES / ENCODINGS / "edsu+pymarc"
    marc8 = (folder / "test_marc8.txt").read_bytes().split(b"\n")
    utf8 = (folder / "test_utf8.txt").read_text("utf-8").split("\n")
    done, faults = decode(marc8)
    assert [line.decode() for line in done] == [unicodedata.normalize("NFC", line) for line in utf8]
    assert len(utf8) > 1500
    assert not any(faults)


@pytest.mark.parametrize(("marc8", "utf8"), TWINS)
def test_twins(marc8: str, utf8: str) -> None:
    ours, theirs = records(source(marc8)), records(source(utf8))
    assert {name for _, name, _, _ in ours} == {"marc8"}
    for (mine, *_), (other, *_) in zip(ours, theirs, strict=True):
        assert [field[0] for field in mine[1]] == [field[0] for field in other[1]]
        assert [_halves(text) for text in _values(mine)] == [_halves(text) for text in _values(other)]


def test_one_record_in_three_spellings() -> None:
    """MARC-8 as ISO 2709 and as mnemonic text, UTF-8 as mnemonic text with marks of direction added."""
    marc8, text, utf8 = (
        [record for record, *_ in records(source_of(f"{MARC4K}/{name}"))]
        for name in ("MARC8_auth_record.mrc", "MRK_auth_record.mrk", "MRK_auth_record.mrk8")
    )
    assert [fields for _, fields in text] == [fields for _, fields in marc8]
    mine, other = (
        [_halves(value).replace("\u200e", "") for value in _values(record)] for (record,) in (text, utf8)
    )
    assert mine == other


@pytest.mark.parametrize("path", MARC8_FILES, ids=short)
@pytest.mark.parametrize("suffix", [".mrc", ".mrk"])
def test_out_again_in_marc8(path: Path, suffix: str, tmp_path: Path) -> None:
    """The same text after NFC; a record that .mrk cannot carry is set aside."""
    first = tmp_path / "first.mrc"
    api.convert(path, first, threads=1)
    out = tmp_path / f"out{suffix}"
    result = api.convert(first, out, to_encoding="marc-8", threads=1)
    assert out.read_bytes().isascii() or suffix == ".mrc"
    before = [nfc(record[1]) for record, *_ in records(Source(first, "iso2709"))]
    after = [record for record, *_ in records(source_of(out, "marc8"))]
    if not result.set_aside_count:
        assert [nfc(fields) for _, fields in after] == before
    else:
        assert all(nfc(fields) in before for _, fields in after)
    again = api.convert(first, tmp_path / "utf8.mrc", to_encoding="utf-8", threads=1)
    assert again.written_count == len(before)
    assert (tmp_path / "utf8.mrc").read_bytes() == first.read_bytes()


@pytest.mark.parametrize("path", MARC8_FILES, ids=short)
def test_as_pymarc(path: Path) -> None:
    logging.disable(logging.CRITICAL)
    compared = 0
    for record, name, whole, raw in records(Source(path, "iso2709")):
        if name == "marc8" and whole and b"\x1b)!E" not in raw:
            theirs = of_pymarc(pymarc.Record(raw, to_unicode=True, hide_utf8_warnings=True))
            assert nfc(record[1]) == nfc(resolved(theirs[1]))
            compared += 1
    assert compared > 0 or short(path) in NOT_BY_PYMARC


@pytest.mark.skipif(shutil.which("yaz-marcdump") is None, reason="yaz-marcdump is not installed")
@pytest.mark.parametrize("path", MARC8_FILES, ids=short)
def test_as_yaz(path: Path, tmp_path: Path) -> None:
    _as_yaz([r for r in records(Source(path, "iso2709")) if r[1] == "marc8" and r[2]], "marc-8", tmp_path)


@pytest.mark.skipif(shutil.which("yaz-marcdump") is None, reason="yaz-marcdump is not installed")
def test_iso5426_as_yaz(tmp_path: Path) -> None:
    name = "permissive/unimarc-and-others/reeset+data_packs/1000_unimarc_records_5426_bnf.first500.mrc"
    found = records(source(name))
    assert {encoding for _, encoding, _, _ in found} == {"iso5426"}
    assert all(whole for _, _, whole, _ in found)
    _as_yaz(found, "iso5426", tmp_path)


def _as_yaz(found: list[tuple[Record, str, bool, bytes]], encoding: str, folder: Path) -> None:
    path = folder / "raw.mrc"
    path.write_bytes(b"".join(raw for *_, raw in found))
    command = ["yaz-marcdump", "-f", encoding, "-t", "utf-8", "-o", "marcxml", path]
    done = subprocess.run(command, capture_output=True, check=True)
    tree = etree.parse(io.BytesIO(done.stdout), etree.XMLParser(recover=True))
    theirs = [_texts(record) for record in tree.iter("{*}record")]
    ours = [[_halves(text) for text in _values(record)] for record, *_ in found]
    assert len(theirs) == len(ours) > 0
    for mine, other in zip(ours, theirs, strict=True):
        assert mine == [_clean(str(resolved(text))) for text in other]


def _values(record: Record) -> list[str]:
    return [
        _clean(text)
        for field in record[1]
        for text in ([field[1]] if len(field) == 2 else [value for _, value in field[3]])
    ]


def _texts(record: etree._Element) -> list[str]:
    return [e.text or "" for e in record.iter("{*}controlfield", "{*}subfield")]


def _clean(text: str) -> str:
    """Without the characters that XML has not, and with one kind of blank."""
    return unicodedata.normalize("NFC", re.sub("[\x00-\x1f]", "", text))


def _halves(text: str) -> str:
    for ours, theirs in (("\ufe20", "\u0361"), ("\ufe21", ""), ("\ufe22", "\u0360"), ("\ufe23", "")):
        text = text.replace(ours, theirs)
    return unicodedata.normalize("NFC", text)


def test_russian_where_the_user_says_so() -> None:
    """Windows-1251, found by nobody: set aside unless it is named. pymarc is told as well."""
    name = f"{ENCODINGS}/edsu+pymarc/1251.dat"
    assert records(source(name)) == []
    found = records(source(name, "cp1251"))
    reader = pymarc.MARCReader((FIXTURES / name).read_bytes(), file_encoding="cp1251")
    assert [nfc(record[1]) for record, *_ in found] == [nfc(of_pymarc(r)[1]) for r in reader if r]
    assert len(found) == 6


def test_iso8859_5_where_the_user_says_so() -> None:
    name = f"{MARC4K}/ISO-8859-5_bib_record.mrc"
    assert records(source(name)) == []
    ((record, encoding, whole, raw),) = records(source(name, "iso8859-5"))
    assert (encoding, whole) == ("iso8859-5", True)
    theirs = of_pymarc(pymarc.Record(raw, file_encoding="iso8859-5", to_unicode=True))
    assert nfc(record[1]) == nfc(theirs[1])


def test_numbers_in_braces_where_the_user_asks_for_them() -> None:
    name = (
        "permissive/malformed/FOLIO-FSE+folio_migration_tools/diacritics/diac-4-theo-directly-from-sierra.mrc"
    )
    plain, asked = records(source(name)), records(source(name, "auto brace-unicode"))
    assert sum(not whole for _, _, whole, _ in plain) == 3
    assert sum(not whole for _, _, whole, _ in asked) < 3
    text = " ".join(_values(asked[2][0]))
    assert "أراضي المقدسة" in text and "{u" not in text
    # MarcEdit's version of the same file, where it read the braces and no letter is lost.
    twin = records(source(name.replace("directly-from-sierra", "MarcEdit-utf8-processed")))
    compared = 0
    for (mine, *_), (other, *_) in zip(asked, twin, strict=True):
        for field, theirs in zip(mine[1], other[1], strict=True):
            if "{u" not in repr(theirs) and "\ufffd" not in repr(field):
                assert nfc(field) == nfc(theirs)
                compared += 1
    assert compared > 250
