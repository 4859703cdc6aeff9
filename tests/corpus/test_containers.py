"""Real files of aleph_sequential, MARC-in-JSON and mnemonic text that nobody here wrote.

Expected is what lies beside a file where another tool or its maker put it there, what pymarc reads, or what
a plain reading of the lines gives; where one of these is wrong, it says so here.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pymarc
import pytest

from tests.corpus.neutral import Record, kept, of_batch, of_pymarc
from tests.fixtures import FIXTURES, fixture_files, needs_fixtures, short
from transformer.extracts.model import Source
from transformer.extracts.sniff import container_of
from transformer.readers import partitions, read, spans
from transformer.schema.batch import REASONS, SPAN_SEPARATOR

pytestmark = [pytest.mark.corpus, needs_fixtures]
CONTAINERS = ("aleph_sequential", "marcjson", "mnemonic")
FILES = [path for container in CONTAINERS for path in fixture_files(container)]
ALEPH = FIXTURES / "permissive/aleph"
MELINDA = ALEPH / "NatLibFi+marc-record-serializers/aleph-sequential"


def records_of(path: Path, container: str = "") -> list[Record]:
    found = []
    for partition in partitions(Source(path, container or container_of(path))):
        batch = read(partition).batch
        found += [of_batch(batch, at) for at in range(batch.record_count)]
    return found


@pytest.mark.parametrize("path", FILES, ids=short)
def test_spans_cover_the_file_exactly(path: Path) -> None:
    end = 0
    for part in spans(Source(path, container_of(path))):
        for start, count in zip(part.byte_start.tolist(), part.byte_count.tolist(), strict=True):
            assert start == end and count > 0
            end = start + count
    assert end == path.stat().st_size


@pytest.mark.parametrize("path", FILES, ids=short)
def test_what_is_set_aside_and_what_is_noted_is_stated(path: Path) -> None:
    aside, notes, count = [], set(), 0
    for partition in partitions(Source(path, container_of(path))):
        result = read(partition)
        aside += [REASONS[why] for why in result.spans.reason.tolist() if why]
        notes |= {code for code, _, _, _ in result.notes}
        count += int((result.spans.kind != SPAN_SEPARATOR).sum())
    wanted_aside, wanted_notes = FINDINGS.get(path.name, ([], set()))
    assert (aside, notes) == (wanted_aside, wanted_notes)
    assert count == numbered(path)


def numbered(path: Path) -> int:
    """Records counted another way: changes of the number, objects, lines of leaders."""
    text = path.read_text("utf-8-sig")
    kind = container_of(path)
    if kind == "aleph_sequential":
        numbers = [line[:9] for line in text.split("\n") if line[:9].isdigit() and line[:9] != "000000000"]
        return sum(1 for before, after in zip(["", *numbers], numbers, strict=False) if before != after)
    if kind == "mnemonic":
        return text.count("=LDR  ") or text.count("=LDR ")
    return text.count('"leader"')


# File -> (reasons of what is set aside, codes of notes), where there are any.
FINDINGS: dict[str, tuple[list[str], set[str]]] = {
    "alephseq-example6-error.txt": ([], {"leader-short"}),  # 23 characters
    "fc_bib_hol_2_examples.seq": ([], {"control-subfield"}),  # 004 $$a
    "2records.seq": ([], {"control-subfield"}),  # 005 $$a
    "from3": ([], {"pieces-joined"}),
    "splitfields-from3": ([], {"pieces-joined"}),
    "multiples_from3": ([], set()),
    "marc1.json": ([], {"json-foreign-member"}),  # ind3
    "marc2.json": ([], {"json-foreign-member"}),
    "e402_malformed_marcjson.json": (["truncated"], set()),
    "MRK_bib_records_with_extra_lines.mrk": ([], {"mnemonic-unknown"}),  # {zilch}, a test of its maker
    "noF001": ([], {"number-from-line"}),
}


def of_text(path: Path) -> list[Record]:
    """The expected records of NatLibFi: `TAG IN ‡atext`, LDR first."""
    records = []
    for block in ("\n" + path.read_text("utf-8")).split("\nLDR")[1:]:
        leader, fields = "", []
        for line in ("LDR" + block).strip("\n").split("\n"):
            tag, text = line[:3], line[7:]
            if tag == "LDR":
                leader = text
            elif "‡" not in text:
                fields.append((tag, text))
            else:
                subfields = [(piece[0], piece[1:]) for piece in text.split("‡")[1:]]
                fields.append((tag, line[4], line[5], subfields))
        records.append((leader, fields))
    return records


@pytest.mark.parametrize(
    "given, expected",
    [
        *((f"from{number}", f"to{number}") for number in (1, 3, 4, 7, 8)),
        ("noF001", "yesF001"),
        ("multiples_from3", "multiples_to3"),
        ("splitfields-from3", "splitfields-to3"),
    ],
)
def test_melinda(given: str, expected: str) -> None:
    """The expected files of NatLibFi's serializers. They leave FMT out; we keep it."""
    ours = [(leader, [f for f in fields if f[0] != "FMT"]) for leader, fields in records_of(MELINDA / given)]
    theirs = of_text(MELINDA / expected)
    if given == "multiples_from3":
        ours = ours[: len(theirs)]
    assert ours == theirs


def test_fields_that_name_their_tag() -> None:
    """Expected by a plain reading of the file."""
    (record,) = records_of(MELINDA / "emptySubfield")
    assert record[0] == "12345cam a22002417i 4500"
    assert record[1] == [
        ("001", "000123456"),
        ("003", "(FI-MELINDA)"),
        ("005", "20210730133112.0"),
        ("500", " ", " ", [("a", "")]),
    ]


@pytest.mark.parametrize("name, code", [("emptySubAlephSeq", ""), ("spaceSubAlephSeq", " ")])
def test_melinda_empty_subfields(name: str, code: str) -> None:
    (record,) = records_of(MELINDA / name)
    expected = json.loads((MELINDA / "emptySubfield").read_text("utf-8"))
    assert record[0] == expected["leader"]
    assert record[1][-1] == ("500", " ", " ", [("a", code)])


@pytest.mark.parametrize("name", ["fc_bib_2_examples", "fc_bib_hol_2_examples"])
def test_a_twin_in_mnemonic_text(name: str) -> None:
    """Made from the .seq by MarcEdit's users; they differ as stated: FMT, and 004, where the twin has the
    marks of a subfield as text."""
    folder = ALEPH / "SIBiUSP+aleph2folio_examples/holdings_examples"
    ours, theirs = records_of(folder / f"{name}.seq"), records_of(folder / f"{name}.mrk")
    for one, two in zip(ours, theirs, strict=True):
        assert kept(one[0]) == kept(two[0])
        plain = [[f for f in record[1] if f[0] not in ("FMT", "004")] for record in (one, two)]
        assert sorted(map(str, plain[0])) == sorted(map(str, plain[1]))
        assert [f for f in two[1] if f[0] == "004"] == [
            ("004", "$$a" + f[1]) for f in one[1] if f[0] == "004"
        ]


MARC4K = "copyleft/encodings/ppuffinburger+marc4k"
CAMEL = "permissive/marcmaker/perl4lib+marc-perl/marc-marcmaker/camel"
YAZ = "permissive/encodings/indexdata+yaz/marc"
TWINS = [
    (f"{CAMEL}.mrk", f"{CAMEL}.usmarc"),
    ("permissive/aleph/LibreCat+Catmandu-MARC/camel.mrk", f"{CAMEL}.usmarc"),
    # The text of the twin is composed, and lacks U+200E.
    (f"{MARC4K}/MRK_auth_record.mrk8", f"{MARC4K}/UTF8_auth_record.mrc"),
    (f"{MARC4K}/MRK_auth_record.mrk", f"{MARC4K}/MARC8_auth_record.mrc"),
    *((f"{YAZ}{number}.json", f"{YAZ}{number}.xml") for number in (3, 10, 11)),
]


def composed(fields: object) -> str:
    return unicodedata.normalize("NFC", repr(fields)).replace("\\u200e", "")


@pytest.mark.parametrize("text, other", TWINS, ids=lambda name: name.rsplit("/", 1)[-1])
def test_the_same_records_in_another_container(text: str, other: str) -> None:
    one, two = records_of(FIXTURES / text), records_of(FIXTURES / other)
    assert [kept(leader) for leader, _ in one] == [kept(leader) for leader, _ in two]
    assert [composed(fields) for _, fields in one] == [composed(fields) for _, fields in two]


def marc_objects(text: str) -> Iterator[dict[str, object]]:
    """Objects with a leader and pairs of tag and value, one behind the other."""
    at, decoder = 0, json.JSONDecoder()
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        at += len(text[at:]) - len(text[at:].lstrip())
        yield from [value] if isinstance(value, dict) else value


NAMED = "NatLibFi+marc-record-serializers"
"""Files whose fields name tag and value: a shape that pymarc takes for fields called `tag` and `value`."""


@pytest.mark.parametrize(
    "path", [p for p in FILES if container_of(p) == "marcjson" and NAMED not in str(p)], ids=short
)
def test_json_reads_as_pymarc_does(path: Path) -> None:
    """pymarc drops members it does not know without a word, as we do with one (`json-foreign-member`)."""
    if path.name in FINDINGS and FINDINGS[path.name][0]:
        return
    objects = list(marc_objects(path.read_text("utf-8")))
    ours = records_of(path)
    theirs = [of_pymarc(next(iter(pymarc.JSONReader(json.dumps([one]))))) for one in objects]
    assert len(ours) == len(theirs)
    for one, two in zip(ours, theirs, strict=True):
        assert kept(one[0]) == kept(two[0])
        assert len(one[1]) == len(two[1])
        for mine, other in zip(one[1], two[1], strict=True):
            # A field 00X with subfields: we keep them, pymarc has no place for them.
            assert mine == other or (mine[0].startswith("00") and len(mine) == 4), (mine, other)
