"""Records that are not UTF-8: what a file is taken for, what each record becomes, what is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.makers import LEADER, raw_record, record
from tests.reference.batches import records_of
from transformer.errors import UsageError
from transformer.extracts.charsets import Wish, wish_of
from transformer.extracts.model import Source
from transformer.readers import partitions_of_all, read
from transformer.readers.iso2709 import partitions
from transformer.readers.tables import record_table
from transformer.readers.verdict import declaration, verdict_of, was_doubled
from transformer.schema.batch import REASONS, SPAN_RECORD, SPAN_REPAIRED, SPAN_SET_ASIDE

MARC8 = LEADER[:9] + " " + LEADER[10:]
FRENCH = (
    "Études générales sur la littérature française, précédées d'une préface de l'éditeur à ses élèves ; "
    "où l'être naît, « théâtre » et poésie, Noël, maïs, œuvre, forêt, août"
)
GERMAN = "Über die Größe der Völker : Märchen für müde Köpfe, gehört in österreichischen Mühlen"


def title(number: int, text: bytes, leader: str = MARC8) -> bytes:
    return raw_record(leader, [("001", b"b%d" % number), ("245", b"10\x1fa" + text)])


def source_of(path: Path, data: bytes, encoding: str = "auto") -> Source:
    path.write_bytes(data)
    return Source(path, "iso2709", encoding=encoding)


def titles(source: Source) -> tuple[list[str], list[str], list[tuple[str, int, str, str]]]:
    """(245 $a of each record, what it was decoded from, notes)."""
    texts, names, notes = [], [], []
    for partition in partitions_of_all((source,)):
        result = read(partition)
        batch = result.batch
        for at, found in enumerate(records_of(batch)):
            texts.append(found.fields[1].inner.decode()[4:])
            names.append("utf-8" if result.encoding is None else result.encodings[result.encoding[at]])
        notes += result.notes
    return texts, names, notes


def in_marc8(text: str) -> bytes:
    from tests.unit.kernels.test_marc8_out import encode

    return encode([text])[0]


def test_a_file_of_marc8(tmp_path: Path) -> None:
    data = title(1, in_marc8(FRENCH)) + title(2, b"Plain") + title(3, b"&#x6F22; & co")
    texts, names, notes = titles(source_of(tmp_path / "a.mrc", data))
    assert texts == [FRENCH, "Plain", "漢 & co"]
    assert names == ["marc8", "utf-8", "marc8"]
    assert [note[0] for note in notes] == ["file-encoding"]


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_a_file_of_latin_1_that_says_marc8(tmp_path: Path, encoding: str) -> None:
    data = b"".join(title(n, text.encode(encoding, "ignore")) for n, text in enumerate((FRENCH, GERMAN)))
    texts, names, _ = titles(source_of(tmp_path / "a.mrc", data))
    assert texts == [text.encode(encoding, "ignore").decode(encoding) for text in (FRENCH, GERMAN)]
    assert names == ["cp1252"] * 2


def test_one_record_of_another_encoding(tmp_path: Path) -> None:
    """In a file of UTF-8, one of MARC-8 and one of Windows-1252; each is told."""
    rest = [title(n, FRENCH.encode(), LEADER) for n in range(10)]
    odd = [title(20, in_marc8(FRENCH)), title(21, GERMAN.encode("cp1252"))]
    texts, names, notes = titles(source_of(tmp_path / "a.mrc", b"".join([*rest[:5], *odd, *rest[5:]])))
    assert texts == [FRENCH] * 5 + [FRENCH, GERMAN] + [FRENCH] * 5
    assert names[5:7] == ["marc8", "cp1252"]
    assert [(note[0], note[1]) for note in notes] == [
        ("file-encoding", 0),
        ("record-encoding", 5),
        ("record-encoding", 6),
    ]


def test_one_record_of_utf8_in_a_file_of_marc8(tmp_path: Path) -> None:
    data = b"".join(title(n, in_marc8(FRENCH)) for n in range(5)) + title(9, GERMAN.encode())
    texts, names, notes = titles(source_of(tmp_path / "a.mrc", data))
    assert texts == [FRENCH] * 5 + [GERMAN]
    assert names == ["marc8"] * 5 + ["utf-8"]
    assert ("record-encoding", 5) in [(note[0], note[1]) for note in notes]


def test_utf8_keeps_its_form(tmp_path: Path) -> None:
    """Not composed, and with what looks like a reference, though the leader says MARC-8."""
    text = "Cafe\u0301 &#x6F22; {u00E9}"
    data = title(1, text.encode()) + title(2, text.encode(), LEADER)
    assert titles(source_of(tmp_path / "a.mrc", data)) == ([text] * 2, ["utf-8"] * 2, [])


def test_isolated_bad_bytes(tmp_path: Path) -> None:
    """One byte lost of a record in UTF-8: U+FFFD, repaired, told."""
    hurt = FRENCH.encode().replace("è".encode(), b"\xc3", 1)
    source = source_of(tmp_path / "a.mrc", title(1, hurt, LEADER) + title(2, FRENCH.encode(), LEADER))
    texts, names, notes = titles(source)
    assert texts == [FRENCH.replace("è", "\ufffd", 1), FRENCH]
    assert ("undecodable", 0, "", "1 of them, read as utf-8") in notes
    (partition,) = partitions(source)
    spans = read(partition).spans
    assert spans.kind.tolist() == [SPAN_REPAIRED, SPAN_RECORD]
    assert [REASONS[why] for why in spans.reason] == ["undecodable", ""]
    assert names == ["utf-8", "utf-8"]


def test_what_nobody_knows_is_set_aside(tmp_path: Path) -> None:
    noise = bytes(byte | 0x80 for byte in b"Nobody can tell what these letters once were")
    source = source_of(tmp_path / "a.mrc", title(1, b"One") + title(2, noise) + title(3, b"Three"))
    texts, *_ = titles(source)
    assert texts == ["One", "Three"]
    (partition,) = partitions(source)
    result = read(partition)
    assert result.spans.kind.tolist() == [SPAN_RECORD, SPAN_SET_ASIDE, SPAN_RECORD]
    assert result.batch.record_no.tolist() == [0, 2]


@pytest.mark.parametrize("times", [1, 2])
def test_utf8_twice_and_three_times(tmp_path: Path, times: int) -> None:
    raw = FRENCH.encode()
    for _ in range(times):
        raw = b"".join(bytes([b]).decode("cp1252", "ignore").encode() or chr(b).encode() for b in raw)
    assert was_doubled(raw.decode()) == FRENCH
    texts, names, _ = titles(source_of(tmp_path / "a.mrc", title(1, raw, LEADER) + title(2, b"x", LEADER)))
    assert texts == [FRENCH, "x"]
    assert names == ["utf-8-twice", "utf-8"]


def test_doubled_text_and_text_that_is_not() -> None:
    assert was_doubled("plain") is None
    assert was_doubled("café") is None
    assert was_doubled("Ã©") == "é"
    assert was_doubled("漢字") is None


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("gb18030", "中国文学史研究资料丛刊，北京大学出版社，上海古籍图书馆藏书目录，人民的历史"),
        ("big5", "中國文學史研究資料叢刊，臺北大學出版社，上海古籍圖書館藏書目錄，人民的歷史"),
        ("euc_kr", "한국 문학사 연구 자료 총서, 서울대학교 출판부, 국립중앙도서관 소장 도서 목록"),
        ("euc_jp", "日本の文学についての研究、東京大学出版会、これはとてもおもしろいほんです、カタログ"),
        ("shift_jis", "日本の文学についての研究、東京大学出版会、これはとてもおもしろいほんです、カタログ"),
    ],
)
def test_east_asian(tmp_path: Path, encoding: str, text: str) -> None:
    """Found by their bytes, and the same when they are named."""
    raw = title(1, text.encode(encoding)) + title(2, b"Plain")
    source = source_of(tmp_path / "a.mrc", raw)
    assert verdict_of(source).encoding == encoding
    assert titles(source)[:2] == ([text, "Plain"], [encoding, "utf-8"])
    assert titles(source_of(tmp_path / "b.mrc", raw, encoding))[0] == [text, "Plain"]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp850", GERMAN),
        ("cp852", "Příliš žluťoučký kůň"),
        ("cp866", "Война и мир"),
        ("koi8-r", "Война и мир"),
    ],
)
def test_named_by_the_user(tmp_path: Path, encoding: str, text: str) -> None:
    source = source_of(tmp_path / "a.mrc", title(1, text.encode(encoding)), encoding)
    assert titles(source)[:2] == ([text], [encoding])
    assert verdict_of(source).forced


def test_named_utf8_decodes_nothing_else(tmp_path: Path) -> None:
    source = source_of(tmp_path / "a.mrc", title(1, b"M\xfcnchen"), "utf-8")
    texts, _, notes = titles(source)
    assert texts == ["M\ufffdnchen"]
    assert "undecodable" in [note[0] for note in notes]


def test_braces(tmp_path: Path) -> None:
    data = title(1, b"caf{u00E9} e{u0301} {u}", LEADER)
    assert titles(source_of(tmp_path / "a.mrc", data))[0] == ["caf{u00E9} e{u0301} {u}"]
    assert titles(source_of(tmp_path / "b.mrc", data, "brace-unicode"))[0] == ["café é {u}"]


def test_the_same_however_the_file_is_cut(tmp_path: Path) -> None:
    pieces = [in_marc8(FRENCH), GERMAN.encode("cp1252"), FRENCH.encode(), b"\xff", b"Plain &#x6F22;"]
    data = b"".join(title(n, pieces[n % len(pieces)]) for n in range(60))
    source = source_of(tmp_path / "a.mrc", data)
    whole = titles(source)
    cut = [read(partition) for partition in partitions(source, partition_bytes=1)]
    notes = [note for result in cut for note in result.notes]
    assert len(cut) == 60
    assert sorted(notes) == sorted(whole[2])
    names = []
    for result in cut:
        places = [0] * result.batch.record_count if result.encoding is None else result.encoding
        names += [result.encodings[place] for place in places]
    assert names == whole[1]


ENCODINGS = ["auto", "marc8", "iso5426", "cp1252", "gb18030", "utf-8", "utf-8-twice", "auto brace-unicode"]
values = st.binary(max_size=60).map(lambda raw: re.sub(b"[\x1d-\x1e]", b"", raw))


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(values, min_size=1, max_size=6), st.sampled_from(ENCODINGS))
def test_any_bytes_become_utf8_or_are_set_aside(tmp_path: Path, pieces: list[bytes], encoding: str) -> None:
    """Books close, neighbours in ASCII come out as they are, nothing grows beyond measure."""
    data = b"".join(title(n, value) + title(n, b"Neighbour") for n, value in enumerate(pieces))
    source = source_of(tmp_path / "a.mrc", data, encoding)
    (partition,) = partitions(source)
    result = read(partition)
    batch = result.batch
    aside = int((result.spans.kind == SPAN_SET_ASIDE).sum())
    assert batch.record_count + aside == 2 * len(pieces)
    size = sum(len(field.inner.decode()) for record in records_of(batch) for field in record.fields)
    assert size <= 3 * len(data)
    assert titles(source)[0].count("Neighbour") >= len(pieces)


def test_the_record_table_tells_the_encoding(tmp_path: Path) -> None:
    source = source_of(tmp_path / "a.mrc", title(1, in_marc8(FRENCH)) + title(2, b"Plain"))
    (partition,) = partitions(source)
    result = read(partition)
    table = record_table(result.batch, source, result.spans, result.encodings, result.encoding)
    assert table.column("encoding").to_pylist() == ["marc8", "utf-8"]


def test_what_records_declare() -> None:
    fields = [("001", "1"), ("200", "1", " ", [("a", "T")])]
    unimarc = [(code, f"20200101d2020    m  y0frey{code}    ba") for code in ("50  ", "0103", "01  ")]
    assert declaration(record(LEADER, [("001", "1")])) == "utf-8"
    assert declaration(record(MARC8, [("001", "1")])) == "marc8"
    said = [declaration(record(MARC8, [*fields, ("100", " ", " ", [("a", text)])])) for _, text in unimarc]
    assert said == ["utf-8", "iso5426", "ascii"]
    assert declaration(b"") == declaration(b"\xff" * 50) == ""


def test_wishes() -> None:
    assert wish_of("auto") == Wish("auto")
    assert wish_of("Windows-1252") == Wish("cp1252")
    assert wish_of("MARC-8 brace-unicode") == Wish("marc8", True)
    assert wish_of("brace-unicode") == Wish("auto", True)
    for wrong in ("klingon", "marc8 latin-1", "hex", "base64"):
        with pytest.raises(UsageError):
            wish_of(wrong)
