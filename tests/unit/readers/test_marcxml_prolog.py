"""What stands before the first element: encodings, DOCTYPE, entities good and evil."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.reference.batches import Field, Record
from tests.reference.marcxml_files import GOOD, GOOD_RECORD, LEADER, read_all, source_of
from transformer.errors import ExtractError
from transformer.readers import marcxml

TITLE = f"<record>{LEADER}<controlfield tag='001'>%s</controlfield></record>"


def titled(value: str) -> Record:
    return Record(GOOD_RECORD.leader, [Field("001", value.encode(), True)])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ISO-8859-1", "Élan & ¿qué?"), ("windows-1252", "“Œuvre” – €"), ("ISO-8859-5", "Война и мир"),
        ("KOI8-R", "Война и мир"), ("GB18030", "红楼梦"), ("Big5", "紅樓夢"),
        ("Shift_JIS", "源氏物語ソ"), ("EUC-KR", "춘향전"),
    ],
)  # fmt: skip
def test_other_encodings_in_which_markup_is_ascii(tmp_path: Path, name: str, text: str) -> None:
    title = TITLE % text.replace("&", "&amp;")
    xml = f"<?xml version='1.0' encoding='{name}'?>\n<collection>{title}{GOOD}</collection>"
    source = source_of(tmp_path, xml.encode(name))
    records, aside, notes = read_all(source)
    assert (records, aside) == ([titled(text), GOOD_RECORD], [])
    ((code, _, verdict),) = notes
    assert code == "file-encoding" and verdict.startswith("taken as ") and "100%" in verdict
    assert "false" not in verdict
    (partition,) = marcxml.partitions(source)
    start = xml.encode(name).find(b"<record", 100 + len(TITLE) // 2)
    assert marcxml.read(partition).batch.byte_start[1] == start


def test_bytes_that_the_encoding_does_not_know_become_u_fffd(tmp_path: Path) -> None:
    """Windows-1253 has no 0xAA: the record is kept and told, and so are its raw bytes."""
    greek = "".join(TITLE % text for text in ("Ιλιάς", "Οδύσσεια", "Αντιγόνη", "Πολιτεία", "αb"))
    xml = b"<?xml version='1.0' encoding='windows-1253'?><c>" + greek.encode("cp1253").replace(
        b"b<", b"\xaa<"
    )
    records, reasons, notes = read_all(source_of(tmp_path, xml + GOOD.encode() + b"</c>"))
    assert records[4:] == [titled("α\ufffd"), GOOD_RECORD]
    assert reasons == ["undecodable"]
    assert notes[1] == ("undecodable", "", "1 of them, read as cp1253")


@pytest.mark.parametrize("name", ["utf-8", "UTF-8", "us-ascii", "utf-16", "UTF-16LE", "ISO-10646-UCS-2"])
def test_what_is_utf8_whatever_it_says(tmp_path: Path, name: str) -> None:
    """A false declaration is told."""
    source = source_of(tmp_path, f"<?xml version='1.0' encoding='{name}'?><c>{TITLE % 'é'}</c>")
    records, reasons, notes = read_all(source)
    assert (records, reasons) == ([titled("é")], [])
    wide = "16" in name or "UCS" in name
    assert [note[0] for note in notes] == (["file-encoding"] if wide else [])
    assert not wide or "declared: utf-16, which is false" in notes[0][2]


@pytest.mark.parametrize("name", ["ISO-8859-1", "windows-1252", "KOI8-R", "GB18030"])
def test_utf8_that_says_another_encoding(tmp_path: Path, name: str) -> None:
    title = "Élan d’été, œuvre – où ça ? Война и мир 红楼梦"
    records, reasons, notes = read_all(
        source_of(tmp_path, f"<?xml version='1.0' encoding='{name}'?><c>{TITLE % title}{GOOD}</c>")
    )
    assert (records, reasons) == ([titled(title), GOOD_RECORD], [])
    ((code, _, verdict),) = notes
    assert code == "file-encoding" and "which is false" in verdict


def test_latin1_that_says_utf8_or_nothing(tmp_path: Path) -> None:
    titles = ["Élan d'été", "où ça ?", "Les élèves de l'école", "théâtre"]
    for declaration in ("<?xml version='1.0' encoding='UTF-8'?>", "<?xml version='1.0'?>", ""):
        xml = f"{declaration}<c>{''.join(TITLE % text for text in titles)}{GOOD}</c>"
        records, reasons, notes = read_all(source_of(tmp_path, xml.encode("latin-1")))
        assert (records, reasons) == ([*map(titled, titles), GOOD_RECORD], [])
        ((code, _, verdict),) = notes
        assert code == "file-encoding" and verdict.startswith("taken as cp1252")
        assert ("utf-8, which is false" in verdict) == ("UTF" in declaration)


def test_quotes_of_windows_in_what_says_latin_1(tmp_path: Path) -> None:
    xml = f"<?xml version='1.0' encoding='ISO-8859-1'?><c>{TITLE % '“Œuvre” – été'}</c>"
    records, _, notes = read_all(source_of(tmp_path, xml.encode("cp1252")))
    assert records == [titled("“Œuvre” – été")]
    assert "taken as cp1252; declared: latin-1, which is false" in notes[0][2]


def test_the_user_knows_better(tmp_path: Path) -> None:
    xml = f"<?xml version='1.0' encoding='ISO-8859-1'?><c>{TITLE % 'Война и мир'}</c>"
    source = replace(source_of(tmp_path, xml.encode("cp866")), encoding="cp866")
    assert read_all(source)[0] == [titled("Война и мир")]
    unknown = xml.replace("ISO-8859-1", "no-such-code")
    source = replace(source_of(tmp_path, unknown.encode("cp866")), encoding="cp866")
    assert read_all(source)[0] == [titled("Война и мир")]


@pytest.mark.parametrize("name", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp037"])
def test_wide_encodings_are_refused_with_a_word(tmp_path: Path, name: str) -> None:
    source = source_of(tmp_path, f"<?xml version='1.0'?><c>{GOOD}</c>".encode(name))
    with pytest.raises(ExtractError, match=r"is XML in (UTF|EBCDIC)"):
        list(marcxml.partitions(source))


@pytest.mark.parametrize("name", ["utf-7", "no-such-code", "ISO-2022-JP", "rot13"])
def test_encodings_that_are_not_read_are_refused_with_a_word(tmp_path: Path, name: str) -> None:
    source = source_of(tmp_path, f"<?xml version='1.0' encoding='{name}'?><c>{GOOD}</c>")
    with pytest.raises(ExtractError, match=name):
        list(marcxml.partitions(source))


DOCTYPES = [
    "<!DOCTYPE collection>",
    "<!DOCTYPE collection SYSTEM 'http://localhost:1/marc.dtd'>",
    '<!DOCTYPE collection PUBLIC "-//x//<record>" "/no/such/file" >',
    "<!DOCTYPE c [ <!ENTITY one 'Eins &#38;#38; &two;'> <!ENTITY two \"zwei > ]>\">"
    " <!-- ' <record> ]> --> <?p ]> ?> ]>",
    "<!DOCTYPE c [ <!ELEMENT record ANY> <!ENTITY % p '<!ENTITY one \"Eins\">'> %p; ]  >",
]


@pytest.mark.parametrize("doctype", DOCTYPES)
@pytest.mark.parametrize("head", ["", "<?xml version='1.0'?>\n<!-- <!DOCTYPE x [ -->\n", "\ufeff"])
def test_records_behind_a_doctype(tmp_path: Path, head: str, doctype: str) -> None:
    source = source_of(tmp_path, f"{head}{doctype}<collection>{GOOD}{TITLE % 'a &lt; b'}</collection>")
    assert read_all(source, 1) == ([GOOD_RECORD, titled("a < b")], [], [])


def test_internal_entities_are_resolved(tmp_path: Path) -> None:
    source = source_of(
        tmp_path, f"{DOCTYPES[3]}<collection>{TITLE % 'x &one;'}{TITLE % '&none;'}</collection>"
    )
    assert read_all(source, 1) == ([titled("x Eins & zwei > ]>")], ["xml-malformed"], [])
    fields = "<!DOCTYPE c [ <!ENTITY f \"<controlfield tag='001'>b1</controlfield>\"> ]>"
    assert read_all(source_of(tmp_path, f"{fields}<c><record>{LEADER}&f;</record></c>")) == (
        [GOOD_RECORD],
        [],
        [],
    )


def test_defaults_of_attributes_are_applied(tmp_path: Path) -> None:
    doctype = "<!DOCTYPE c [ <!ATTLIST datafield ind1 CDATA '7' ind2 CDATA '8'> ]>"
    xml = f"{doctype}<c><record>{LEADER}<datafield tag='500'/></record></c>"
    assert read_all(source_of(tmp_path, xml)) == ([Record(GOOD_RECORD.leader, [Field("500", b"78")])], [], [])


@pytest.mark.parametrize(
    "entity", [GOOD.replace("'", "&#39;"), "&#60;m:record>", "&#x3C;&#114;ecord/>", "</record>"]
)
def test_records_inside_entities_are_refused_with_a_word(tmp_path: Path, entity: str) -> None:
    source = source_of(tmp_path, f"<!DOCTYPE c [ <!ENTITY r '{entity}'> ]><c>{GOOD}&r;</c>")
    with pytest.raises(ExtractError, match="entities"):
        list(marcxml.partitions(source))


def test_a_doctype_without_end_is_refused_with_a_word(tmp_path: Path) -> None:
    with pytest.raises(ExtractError, match="DOCTYPE"):
        list(marcxml.partitions(source_of(tmp_path, f"<!DOCTYPE c [ <c>{GOOD}</c>")))


def test_external_entities_are_never_resolved(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET")
    for kind in (f"SYSTEM '{secret.as_uri()}'", f"SYSTEM '{secret}'", f"PUBLIC 'x' '{secret.as_uri()}'"):
        doctype = f"<!DOCTYPE c [ <!ENTITY e {kind}> <!ENTITY % p {kind}> %p; <!ENTITY i 'x&e;'> ]>"
        source = source_of(tmp_path, f"{doctype}<c>{TITLE % '&e;'}{TITLE % '&i;'}{GOOD}</c>")
        found, aside, _ = read_all(source)
        assert (found, aside) == ([GOOD_RECORD], ["xml-malformed", "xml-malformed"])


def peak_of(code: str, *arguments: str) -> int:
    """Peak memory of another process that runs `code`, in MiB."""
    done = subprocess.run(
        [sys.executable, "-c", code + PEAK, *arguments],
        check=True,
        timeout=300,
        capture_output=True,
        text=True,
    )
    return int(done.stdout.split()[-1])


PEAK = """
from tests.memory import peak_bytes
print(peak_bytes() >> 20)
"""
READ = """
import sys
from dataclasses import replace
from pathlib import Path
from transformer.extracts.model import Source
from transformer.readers import marcxml
results = [marcxml.read(p) for p in marcxml.partitions(Source(Path(sys.argv[1]), "marcxml"))]
good = sum(r.batch.record_count for r in results)
numbered = sum(int((r.spans.record_no >= 0).sum()) for r in results)
assert (good, numbered) == (int(sys.argv[2]), int(sys.argv[3])), (good, numbered)
"""


@pytest.mark.slow
def test_entity_bombs_die_quietly(tmp_path: Path) -> None:
    laughs = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
    quadratic = f"<!ENTITY q '{'q' * 50_000}'>"
    doctype = f"<!DOCTYPE c [ <!ENTITY l0 'lol'>{laughs}{quadratic} ]>"
    bombs = (TITLE % "&l9;") + (TITLE % ("&q;" * 20_000)) + f"<record a='&l9;'>{LEADER}</record>"
    source = source_of(tmp_path, f"{doctype}<c>{bombs}{GOOD}</c>")
    assert read_all(source) == ([GOOD_RECORD], ["xml-malformed"] * 3, [])
    assert peak_of(READ, str(source.path), "1", "4") < 700


@pytest.mark.slow
def test_a_record_of_100_mb_is_read_and_one_without_an_end_is_not(tmp_path: Path) -> None:
    long = TITLE % ("A title &amp; more. " * (100 * 2**20 // 20))
    source = source_of(tmp_path, f"<c>{GOOD}{long}{GOOD}</c>")
    assert peak_of(READ, str(source.path), "3", "3") < 700
    endless = f"<c>{GOOD}<record>{LEADER}" + "<controlfield tag='001'>x</controlfield>" * (300 * 2**20 // 40)
    source = source_of(tmp_path, endless)
    assert peak_of(READ, str(source.path), "1", "2") < 700
