"""Lines, JSON and XML that are not UTF-8: the same records as their twins in UTF-8, told the same way."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.reference.batches import records_of
from tests.unit.readers.test_charset import FRENCH, GERMAN, in_marc8
from transformer.extracts.model import Source
from transformer.extracts.wide import wide_codec
from transformer.readers import partitions_of_all, read
from transformer.schema.batch import REASONS, SPAN_REPAIRED, SPAN_SET_ASIDE

LEADER = "00000nam a2200000 a 4500"
CHINESE = "中国文学史研究资料丛刊，北京大学出版社，上海古籍图书馆藏书目录，人民的历史"
# In Big5 and Shift JIS second bytes of these are `\\`, `^`, `{` and `|`.
TRICKY = {"big5": "許功蓋珮育跚功尐中", "shift_jis": "表ソ能十予欺申構日", "gb18030": "誠乗乗乕誠慮"}
JAPANESE = "これはとてもおもしろいほんです"


def sequential(number: int, title: bytes, marc8: bool = False) -> bytes:
    head = b"%09d " % (number + 1)
    leader = (LEADER[:9] + " " + LEADER[10:] if marc8 else LEADER).replace(" ", "^").encode()
    lines = (b"LDR   L " + leader, b"001   L %d" % number, b"24510 L $$a" + title + b"$$cN. N.")
    return b"".join(head + line + b"\n" for line in lines)


def mrk(number: int, title: bytes, marc8: bool = False) -> bytes:
    leader = (LEADER[:9] + " " + LEADER[10:] if marc8 else LEADER).encode()
    return b"=LDR  %b\n=001  %d\n=245  10$a%b$cN. N.\n\n" % (leader, number, title)


def jsonl(number: int, title: bytes, marc8: bool = False) -> bytes:
    leader = LEADER[:9] + " " + LEADER[10:] if marc8 else LEADER
    subfields = [{"a": "TITLE"}, {"c": "N. N."}]
    fields = [{"001": str(number)}, {"245": {"ind1": "1", "ind2": "0", "subfields": subfields}}]
    quoted = title.replace(b"\\", b"\\\\") if title.isascii() else title
    return json.dumps({"leader": leader, "fields": fields}).encode().replace(b"TITLE", quoted) + b"\n"


def xml(number: int, title: bytes, marc8: bool = False) -> bytes:
    leader = LEADER[:9] + " " + LEADER[10:] if marc8 else LEADER
    head = f"<record><leader>{leader}</leader><controlfield tag='001'>{number}</controlfield>"
    data = "<datafield tag='245' ind1='1' ind2='0'><subfield code='a'>TITLE</subfield>"
    end = "<subfield code='c'>N. N.</subfield></datafield></record>\n"
    return (head + data + end).encode().replace(b"TITLE", title)


Make = Callable[..., bytes]
CASES: list[tuple[str, Make]] = [
    ("aleph_sequential", sequential), ("mnemonic", mrk), ("marcjson", jsonl), ("marcxml", xml),
]  # fmt: skip
both = pytest.mark.parametrize(("container", "make"), CASES)


def source_of(path: Path, container: str, data: bytes, encoding: str = "auto") -> Source:
    path.write_bytes(data)
    return Source(path, container, encoding=encoding)


def told(source: Source) -> tuple[list[str], list[str], list[tuple[str, int, str, str]]]:
    """(245 $a of each record, what it was decoded from, notes); 245 $c and 001 are looked at on the way."""
    texts, names, notes = [], [], []
    for partition in partitions_of_all((source,)):
        result = read(partition)
        for at, record in enumerate(records_of(result.batch)):
            title, rest = record.fields[1].inner.decode().removeprefix("10\x1fa").split("\x1f")
            assert rest == "cN. N."
            texts.append(title)
            names.append("utf-8" if result.encoding is None else result.encodings[result.encoding[at]])
            if names[-1] != "utf-8":
                assert record.leader[9:10] == b"a"
        notes += result.notes
    return texts, names, notes


@both
@pytest.mark.parametrize(
    ("encoding", "texts"),
    [("latin-1", [FRENCH.replace("œ", "oe"), GERMAN]), ("cp1252", [FRENCH, GERMAN]), ("gb18030", [CHINESE])],
)
def test_found(tmp_path: Path, container: str, make: Make, encoding: str, texts: list[str]) -> None:
    data = b"".join(make(n, text.encode(encoding)) for n, text in enumerate([*texts, "Plain"]))
    found, names, notes = told(source_of(tmp_path / "x", container, data))
    assert found == [*texts, "Plain"]
    name = "cp1252" if encoding == "latin-1" else encoding
    assert names == [name] * len(texts) + ["utf-8"]
    assert [note[0] for note in notes] == ["file-encoding"]
    assert notes[0][3].startswith(f"taken as {name}")


@both
@pytest.mark.parametrize("encoding", ["cp850", "cp866", "koi8-r", "big5", "shift_jis", "gb18030", "euc_kr"])
def test_named(tmp_path: Path, container: str, make: Make, encoding: str) -> None:
    texts = {"cp850": GERMAN, "cp866": "Война и мир", "koi8-r": "Война и мир", "euc_kr": "한국 문학사"}
    text = texts.get(encoding) or TRICKY[encoding]
    data = make(0, text.encode(encoding)) + make(1, b"Plain")
    found, names, notes = told(source_of(tmp_path / "x", container, data, encoding))
    assert (found, names[0]) == ([text, "Plain"], encoding)
    assert "because it was said so" in notes[0][3]


def test_the_tricky_ones_are_tricky() -> None:
    for encoding, text in TRICKY.items():
        assert set(text.encode(encoding)) & set(b"\\^{|}~")


@both
def test_one_record_of_another_encoding(tmp_path: Path, container: str, make: Make) -> None:
    rest = [make(n, FRENCH.encode()) for n in range(8)]
    data = b"".join([*rest[:4], make(8, GERMAN.encode("cp1252")), *rest[4:]])
    found, names, notes = told(source_of(tmp_path / "x", container, data))
    assert found == [FRENCH] * 4 + [GERMAN] + [FRENCH] * 4
    assert names == ["utf-8"] * 4 + ["cp1252"] + ["utf-8"] * 4
    assert [(note[0], note[1]) for note in notes] == [("file-encoding", 0), ("record-encoding", 4)]


@both
def test_isolated_bad_bytes_and_noise(tmp_path: Path, container: str, make: Make) -> None:
    hurt = FRENCH.encode().replace("è".encode(), b"\xc3", 1)
    noise = bytes(byte | 0x80 for byte in b"Nobody can tell what these letters once were")
    data = make(0, hurt) + make(1, noise) + make(2, FRENCH.encode())
    source = source_of(tmp_path / "x", container, data)
    found, _, notes = told(source)
    assert found == [FRENCH.replace("è", "\ufffd", 1), FRENCH]
    assert ("undecodable", 0, "", "1 of them, read as utf-8") in notes
    (partition,) = partitions_of_all((source,))
    spans = read(partition).spans
    numbered = spans.record_no >= 0
    assert spans.kind[numbered].tolist()[:2] == [SPAN_REPAIRED, SPAN_SET_ASIDE]
    assert [REASONS[why] for why in spans.reason[numbered]] == ["undecodable", "not-utf8", ""]
    assert int(spans.byte_count.sum()) == len(data)


@both
def test_utf8_keeps_its_form(tmp_path: Path, container: str, make: Make) -> None:
    text = "Cafe\u0301 r\u00e9el"
    data = make(0, text.encode()) + make(1, b"Plain")
    assert told(source_of(tmp_path / "x", container, data)) == ([text, "Plain"], ["utf-8"] * 2, [])


@both
def test_braces(tmp_path: Path, container: str, make: Make) -> None:
    data = make(0, b"caf{u00E9} e{u0301} {u0022}a{u003C}") + make(1, "Ö{u00fc}".encode())
    asked = told(source_of(tmp_path / "x", container, data, "brace-unicode"))
    assert asked[:1] == (['café é "a<', "Öü"],)
    assert [note[0] for note in asked[2]] == []
    assert told(source_of(tmp_path / "y", container, data))[0][0].startswith("caf{u00E9}")


@both
def test_marc8(tmp_path: Path, container: str, make: Make) -> None:
    """Marks before letters, a reference, and neighbours in ASCII."""
    texts = [in_marc8(FRENCH), b"Plain", b"&#x6F22; B"]
    if container == "marcxml":
        texts[2] = b"C"  # there it is XML's own
    data = b"".join(make(n, text, True) for n, text in enumerate(texts))
    found, names, _ = told(source_of(tmp_path / "x", container, data, "marc8"))
    assert found == [FRENCH, "Plain", "C" if container == "marcxml" else "漢 B"]
    assert names[0] == "marc8"


def test_marc8_with_escape_sequences_in_lines(tmp_path: Path) -> None:
    """Hiragana of EACC hold `$$`, which separates subfields in these lines."""
    raw = in_marc8(f"{JAPANESE} / {FRENCH}")
    assert b"$$" in raw and b"\x1b$1" in raw
    source = source_of(tmp_path / "x", "aleph_sequential", sequential(0, raw, True))
    assert told(source)[:2] == ([f"{JAPANESE} / {FRENCH}"], ["marc8"])
    # A set that is not put back before the next subfield.
    stuck = in_marc8(JAPANESE).removesuffix(b"\x1b(B")
    source = source_of(tmp_path / "y", "aleph_sequential", sequential(0, stuck, True))
    assert told(source)[0] == [JAPANESE]


def test_marc8_with_escape_sequences_in_mnemonic_text(tmp_path: Path) -> None:
    """By hand: Cyrillic with a letter of G1 by its name in the default set, EACC with `{dollar}` and `\\`."""
    title = (
        b"Aim{acute}e {esc}(N{esc})QtENZIN g{euro}ACO{esc}(B {nobody} "
        b"{esc}{dollar}1!\\9!08!A{dollar}{esc}(B {dollar}1 {lcub}a{rcub}"
    )
    source = source_of(tmp_path / "x", "mnemonic", mrk(0, title, True) + mrk(1, b"Aim{acute}e", True))
    found, names, notes = told(source)
    assert found == ["Aimé Тензин Гјацо {nobody} 達丹措 $1 {a}", "Aimé"]
    assert names == ["marc8", "utf-8"]
    assert ("mnemonic-unknown", 0, "245", "{nobody}") in notes


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-be", "utf-16-le"])
def test_utf16_is_rewritten_before_it_is_read(tmp_path: Path, codec: str) -> None:
    from transformer.extracts.spool import Spool

    text = f"<?xml version='1.0' encoding='UTF-16'?><c>{xml(0, (FRENCH + '😀').encode()).decode()}</c>"
    raw = text.encode(codec)
    assert wide_codec(raw) == ("utf-16-le" if codec == "utf-16" else codec)
    (tmp_path / "x.xml").write_bytes(raw)
    with Spool(tmp_path) as spool:
        (source,) = spool.sources([tmp_path / "x.xml"])
        assert (source.container, source.name) == ("marcxml", "x.xml")
        assert told(source) == ([FRENCH + "😀"], ["utf-8"], [])
    # Half a pair, and half a unit at the end.
    (tmp_path / "y.mrk").write_bytes(
        b"\xff\xfe" + mrk(0, b"One").decode().encode("utf-16-le")
        + mrk(1, "Äöü ÄÖÜ".encode()).decode().encode("utf-16-le").replace(b" \0", b"\x3d\xd8", 1)[:-4]
        + b"\n\0\n"
    )  # fmt: skip
    with Spool(tmp_path) as spool:
        (source,) = spool.sources([tmp_path / "y.mrk"])
        assert source.container == "mnemonic"


def test_utf16_without_a_mark_where_the_user_says_so(tmp_path: Path) -> None:
    from transformer.extracts.spool import Spool

    (tmp_path / "x").write_bytes((mrk(0, FRENCH.encode()) + mrk(1, b"b")).decode().encode("utf-16-le"))
    with Spool(tmp_path) as spool:
        (source,) = spool.sources([tmp_path / "x"], encoding="utf-16le")
        assert told(source)[:2] == ([FRENCH, "b"], ["utf-8"] * 2)


values = st.binary(max_size=40).map(lambda raw: bytes(b for b in raw if b not in b'\r\n"<&\\{}$^\x00'))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(values, min_size=1, max_size=4),
    st.sampled_from(["auto", "marc8", "iso5426", "cp1252", "gb18030", "utf-8", "auto brace-unicode"]),
    st.sampled_from(CASES),
)
def test_any_bytes_become_utf8_or_are_set_aside(
    tmp_path: Path, pieces: list[bytes], encoding: str, case: tuple[str, Make]
) -> None:
    """Books close, and neighbours in ASCII come out as they are."""
    container, make = case
    data = b"".join(make(2 * n, raw) + make(2 * n + 1, b"Neighbour") for n, raw in enumerate(pieces))
    source = source_of(tmp_path / "x", container, data, encoding)
    read_count = aside = neighbours = 0
    for partition in partitions_of_all((source,)):
        result = read(partition)
        read_count += partition.record_count
        aside += int((result.spans.kind == SPAN_SET_ASIDE).sum())
        assert result.batch.record_count + int((result.spans.kind == SPAN_SET_ASIDE).sum()) == read_count
        for record in records_of(result.batch):
            for field in record.fields:
                field.inner.decode()
                neighbours += field.inner == b"10\x1faNeighbour\x1fcN. N."
    assert neighbours >= len(pieces)
