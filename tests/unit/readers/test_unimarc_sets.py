"""The sets of UNIMARC: their tables against iconv's, declared in 100 $a and forced; what decoded records say.

Texts in these sets are written by hand from the standards' tables.
"""

from __future__ import annotations

import shutil
import subprocess
import unicodedata
from pathlib import Path

import numpy as np
import pytest

from tests.makers import raw_record
from tests.reference.batches import records_of
from tests.unit.readers.test_charset import FRENCH
from transformer.extracts.code_tables import code_tables, coding_of, marc8_rows
from transformer.extracts.model import Source
from transformer.extracts.unimarc_sets import ISO6438, ISO10586
from transformer.kernels.iso2022 import MARK
from transformer.readers import partitions_of_all, read
from transformer.readers.declared import sets_named
from transformer.readers.verdict import verdict_of

LEADER = "00000nam  2200000   450 "
AUTHORITY = "00000nx   2200000   45  "

# Name, codes in 100 $a/26-29, bytes, text.
SETS = [
    ("iso5427", "0102", b"\xf7\xcf\xca\xce\xc1 \xc9 \xed\xc9\xd2, 1869", "Война и Мир, 1869"),
    ("iso5428", "0105", b"\xa5\xd2\xe5\xa2\xf9\xf6\xf6\xe6\xec\xe1 \xb0a\xb1", "Ὀδύσσεια «a»"),
    ("iso6438", "0106", b"E\xf4egbe \xb7", "Eʋegbe ɛ"),
    ("iso10586", "0107", b"\xe3\xd0\xe8\xd0\xe2\xd8\xd5\xd4\xdb\xdf", "საქართველო"),
    ("iso5426", "0103", b"\xc2El\xc1eves, \xfauvres", "Élèves, œuvres"),
]
LONG = {name: (raw + b". ") * 6 for name, _, raw, _ in SETS}


def bib(number: int, title: bytes, sets: str, further: str = "    ", leader: str = LEADER) -> bytes:
    general = f"20200101d2020    m  y0frey{sets}{further}ba"
    fields = [
        ("001", b"b%d" % number),
        ("100", b"  \x1fa" + general.encode()),
        ("200", b"1 \x1fa" + title + b"\x1ff" + title),
    ]
    return raw_record(leader, fields)


def source_of(path: Path, data: bytes, encoding: str = "auto") -> Source:
    path.write_bytes(data)
    return Source(path, "iso2709", encoding=encoding)


def told(source: Source) -> tuple[list[tuple[str, str, str]], list[str]]:
    """((100 $a/26-33, 200 $a, what it was decoded from) of each record, codes of notes)."""
    found, codes = [], []
    for partition in partitions_of_all((source,)):
        result = read(partition)
        for at, record in enumerate(records_of(result.batch)):
            name = "utf-8" if result.encoding is None else result.encodings[result.encoding[at]]
            values = {field.tag: field.inner.decode() for field in record.fields}
            first, second = values["200"][4:].split("\x1ff")
            assert first == second
            found.append((values["100"][30:38], first, name))
            assert record.leader[9:10] == b" "
        codes += [code for code, *_ in result.notes]
    return found, codes


@pytest.mark.parametrize(("name", "sets", "raw", "text"), SETS)
def test_forced(tmp_path: Path, name: str, sets: str, raw: bytes, text: str) -> None:
    """Whatever is declared; the sets are Unicode's afterwards, but of what was decoded only."""
    data = bib(1, raw, "50  ") + bib(2, b"Plain", sets)
    found, _ = told(source_of(tmp_path / "x", data, name))
    assert found == [("50      ", text, name), (f"{sets}    ", "Plain", "utf-8")]


@pytest.mark.parametrize(("name", "sets", "raw", "text"), SETS)
def test_declared(tmp_path: Path, name: str, sets: str, raw: bytes, text: str) -> None:
    source = source_of(tmp_path / "x", bib(1, LONG[name], sets, "03  ") + bib(2, b"Plain", sets))
    verdict = verdict_of(source)
    assert (verdict.encoding, verdict.declared) == (name, {name: 2})
    found, codes = told(source)
    assert found == [("50      ", f"{text}. " * 6, name), (f"{sets}    ", "Plain", "utf-8")]
    assert codes == ["file-encoding"]
    assert "100 $a" in verdict.sentence


@pytest.mark.parametrize("sets", ["0102", "0105", "0107", "0103"])
def test_declared_falsely(tmp_path: Path, sets: str) -> None:
    """French in Windows-1252 is that, whatever it says."""
    found, _ = told(source_of(tmp_path / "x", bib(1, FRENCH.encode("cp1252"), sets)))
    assert found == [("50      ", FRENCH, "cp1252")]


def test_utf8_is_left_as_it_is(tmp_path: Path) -> None:
    data = bib(1, FRENCH.encode(), "0103") + bib(2, b"Plain", "0103")
    assert told(source_of(tmp_path / "x", data)) == (
        [("0103    ", FRENCH, "utf-8"), ("0103    ", "Plain", "utf-8")], [],
    )  # fmt: skip


def test_cyrillic_below_0x80(tmp_path: Path) -> None:
    """G0 is ISO 5427, G1 its extension, as declared; ASCII by an escape sequence, subfield codes by none."""
    raw = b"nO@BR\\; mA^TA [IROKOJ RE]I, \xc6, \x1b(BPlain\x1b(N WE]I "
    text = "Ноюбрэ; Мачта широкой рещи, і, Plain вещи "
    source = source_of(tmp_path / "x", bib(1, raw, "0204") + bib(2, b"RU^KA [", "0204"))
    assert verdict_of(source).encoding == "iso5427+iso5427-extended"
    found, _ = told(source)
    assert found[0] == ("50      ", text, "iso5427+iso5427-extended")
    assert found[1] == ("50      ", "ручка ш", "iso5427+iso5427-extended")
    # Latin text that declares it nevertheless stays what it is; capitals as well.
    for plain in (b"War and Peace, a novel", b"WAR AND PEACE"):
        found, _ = told(source_of(tmp_path / "y", bib(1, plain, "0204")))
        assert found == [("0204    ", plain.decode(), "utf-8")]


def test_escape_sequences_of_other_sets(tmp_path: Path) -> None:
    """Cyrillic, Greek and African letters within ISO 5426."""
    raw = b"\xc2Etude \x1b(NmIR\x1b(B \x1b)S\xc1\xe2\x1b)P \x1b)M\xb7\x1b)P\xc1e"
    found, _ = told(source_of(tmp_path / "x", bib(1, raw, "0103", "0205"), "iso5426"))
    assert found == [("50      ", "Étude Мир Αβ ɛè", "iso5426")]


def test_authorities_say_it_elsewhere(tmp_path: Path) -> None:
    general = b"  \x1fa20200101afrey0103    ba0 "
    fields = [("001", b"a1"), ("100", general), ("200", b" 1\x1fa" + LONG["iso5426"])]
    source = source_of(tmp_path / "x", raw_record(AUTHORITY, fields))
    assert verdict_of(source).declared == {"iso5426": 1}
    (partition,) = partitions_of_all((source,))
    (record,) = records_of(read(partition).batch)
    assert record.fields[1].inner == b"  \x1fa20200101afrey50      ba0 "
    assert record.fields[2].inner.decode().startswith(" 1\x1faÉlèves")


def test_marc21_says_a_and_keeps_its_100(tmp_path: Path) -> None:
    leader = "00000nam  2200000 a 4500"
    fields = [
        ("001", b"1"),
        ("100", b"1 \x1fa20200101 Caf\xe9"),
        ("245", b"10\x1fa" + FRENCH.encode("cp1252")),
    ]
    source = source_of(tmp_path / "x", raw_record(leader, fields) + raw_record(leader, [("001", b"2")]))
    (partition,) = partitions_of_all((source,))
    one, two = records_of(read(partition).batch)
    assert (one.leader[9:10], two.leader[9:10]) == (b"a", b" ")
    assert one.fields[1].inner.decode() == "1 \x1fa20200101 Café"


def test_what_the_codes_mean() -> None:
    named = {
        code: sets_named(code) for code in (b"0103", b"01  ", b"50  ", b"5050", b"0202", b"0204", b"||||")
    }
    assert list(named.values()) == [
        "iso5426", "ascii", "utf-8", "utf-8", "iso5427", "iso5427+iso5427-extended", "",
    ]  # fmt: skip


@pytest.mark.skipif(shutil.which("iconv") is None, reason="iconv is not installed")
@pytest.mark.parametrize(
    ("name", "other"),
    [("iso5427", "ISO_5427"), ("iso5427-extended", "ISO_5427-EXT"), ("iso5428", "ISO_5428")],
)
def test_tables_as_iconv_has_them(name: str, other: str) -> None:
    """Letters and signs, not marks, of which iconv knows some pairs only. Its table of ISO 5428 has the two
    quotation marks the other way round than the Library of Congress's, which we follow."""
    coding = coding_of(name)
    assert coding is not None
    row = code_tables().sets[coding.g1]
    for byte in range(0x21, 0x7F):
        entry = int(row[byte])
        if entry >= MARK:
            continue
        command = ["iconv", "-f", other, "-t", "UTF-8"]
        done = subprocess.run(command, input=bytes([byte]), capture_output=True)
        if done.returncode and b"not supported" in done.stderr:
            pytest.skip(f"this iconv has no {other}")
        theirs = unicodedata.normalize("NFC", done.stdout.decode()) if not done.returncode else ""
        if name == "iso5428":
            theirs = theirs.translate({0x201C: 0x201D, 0x201D: 0x201C})
        assert theirs == (chr(entry) if entry else "")


def test_tables_of_no_library() -> None:
    """As many characters as the standards have, each once, where the registration puts them."""
    assert len(set(ISO6438.values())) == len(ISO6438) == 60
    assert len(set(ISO10586.values())) == len(ISO10586) == 42
    assert [chr(ISO6438[byte]) for byte in (0xA2, 0xAF, 0xC0, 0xDF, 0xE7, 0xFE)] == list("ƁƗƘʃƷǁ")
    assert [chr(ISO10586[byte]) for byte in (0xCD, 0xD0, 0xDF, 0xE0, 0xEF, 0xF6)] == list("\u0589აოპწჶ")
    rows = marc8_rows()
    assert np.count_nonzero(code_tables().sets[rows[0x4D]]) == 60
