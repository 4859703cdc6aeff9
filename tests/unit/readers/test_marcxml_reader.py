"""The MARCXML reader on whole files: spans, partitions, wrappers, damage, encodings."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.reference import marcxml as twin
from tests.reference.batches import Field, Record
from tests.reference.marcxml_files import GOOD, GOOD_RECORD, LEADER, read_all, source_of
from tests.reference.marcxml_spelling import record_xml
from tests.reference.strategies import records
from transformer.errors import ExtractError
from transformer.extracts.model import Source
from transformer.kernels.marcxml_boundary import LOOKAHEAD
from transformer.readers import marcxml
from transformer.schema.batch import REASONS, SPAN_REPAIRED, SPAN_SEPARATOR, Spans


def span_texts(source: Source) -> list[tuple[str, str]]:
    """(kind and reason, text) of all spans."""
    data = source.path.read_bytes()
    named = []
    for spans in marcxml.spans(source):
        for k in range(len(spans.kind)):
            kind = ["record", "repaired", "aside", ""][spans.kind[k]]
            text = data[spans.byte_start[k] : spans.byte_start[k] + spans.byte_count[k]].decode(
                "utf-8", "replace"
            )
            named.append(((kind + " " + REASONS[spans.reason[k]]).strip(), text))
    return named


def test_a_broken_record_costs_no_neighbour(tmp_path: Path) -> None:
    broken = [
        (f"<record>{LEADER}<controlfield tag='001'>a", "xml-malformed"),
        (f"<record>{LEADER}<controlfield tag='001'>a</record>", "xml-malformed"),
        (f"<record>{LEADER}<controlfield tag='001'>a & b</controlfield></record>", "xml-malformed"),
        (f"<record>{LEADER}<controlfield tag='001'>a\x02</controlfield></record>", "xml-malformed"),
        (f"<record>{LEADER}<controlfield tag='001'>a<!-- </controlfield></record>", "xml-malformed"),
        (f"<record>{LEADER}<controlfield tag='001'>a<![CDATA[ </controlfield></record>", "xml-malformed"),
        (f"<record>{LEADER}<controlfield tag='01'>a</controlfield></record>", "xml-structure"),
        (f"<record>{LEADER}{LEADER}</record>", "xml-structure"),
        (f"<record>{LEADER}<datafield tag='245' ind1='é' ind2=' '/></record>", "xml-structure"),
        (
            f"<record>{LEADER}<datafield tag='245' ind1='1' ind2=' '>text</datafield></record>",
            "xml-structure",
        ),
        ("<record><leader>00000nam a22</leader></record>", "leader"),
        ("<record/>", "xml-structure"),
        ("<record><header status='deleted'/></record>", "xml-structure"),
        (f"{LEADER}<controlfield tag='001'>a</controlfield></record>", "xml-structure"),
    ]
    for text, reason in broken:
        source = source_of(tmp_path, f"<collection>{GOOD}{text}{GOOD}</collection>")
        assert read_all(source) == ([GOOD_RECORD, GOOD_RECORD], [reason], []), text
        assert ("aside " + reason, text) in span_texts(source)


def test_what_the_end_of_the_file_cuts_is_truncated(tmp_path: Path) -> None:
    for cut in (f"<record>{LEADER}<controlf", "<record", f"<record>{LEADER}</record"):
        source = source_of(tmp_path, f"<collection>{GOOD}\n{cut}")
        assert read_all(source) == ([GOOD_RECORD], ["truncated"], [])
        assert span_texts(source)[-1] == ("aside truncated", cut)


def test_one_record_with_a_byte_that_is_not_utf8(tmp_path: Path) -> None:
    """A single byte proves nothing: U+FFFD, told; its neighbours are untouched."""
    bad = GOOD.replace("b1", "b\xe91").encode("latin-1")
    source = source_of(tmp_path, b"<collection>" + GOOD.encode() + bad + GOOD.encode() + b"</collection>")
    hurt = Record(GOOD_RECORD.leader, [Field("001", "b\ufffd1".encode(), True)])
    records, reasons, notes = read_all(source)
    assert (records, reasons) == ([GOOD_RECORD, hurt, GOOD_RECORD], ["undecodable"])
    assert [note[0] for note in notes] == ["file-encoding", "undecodable"]


def test_wrappers_and_all_between_records_are_separators(tmp_path: Path) -> None:
    inner = GOOD.replace("<", "<marc:").replace("<marc:/", "</marc:")
    source = source_of(
        tmp_path,
        f'<?xml version="1.0"?><!-- {GOOD} --><?pi record> 245 ?><OAI-PMH><ListRecords>'
        f'<record a="1"><header/><metadata>'
        f"{inner}</metadata></record>\n<record><header/><metadata>{GOOD}</metadata></record></ListRecords></OAI-PMH>",
    )
    assert read_all(source) == ([GOOD_RECORD, GOOD_RECORD], [], [])
    assert [text for kind, text in span_texts(source) if kind] == [inner, GOOD]


@pytest.mark.parametrize(
    "text", [GOOD, GOOD + "\n" + GOOD, "\ufeff" + GOOD, " \n" + GOOD, GOOD + "</collection>"]
)
def test_bare_records_and_odd_files_are_read(tmp_path: Path, text: str) -> None:
    assert read_all(source_of(tmp_path, text)) == ([GOOD_RECORD] * text.count("<record"), [], [])


def test_repairs_and_what_is_left_out_are_noted(tmp_path: Path) -> None:
    blank = b"          22        4500"
    fields = "<controlfield tag='001'>b1</controlfield>"
    for leader, expected, note in (
        ("", blank, ("leader-missing", "", "missing")),
        ("<leader/>", blank, ("leader-missing", "", "empty")),
        (
            "<leader>00000nam a2200000 a 4500 \n</leader>",
            GOOD_RECORD.leader,
            ("leader-padded", "", "26 characters"),
        ),
        (
            "<leader>00000nam a2200000 a 450</leader>",
            GOOD_RECORD.leader,
            ("leader-blanks-lost", "", "23 characters"),
        ),
    ):
        source = source_of(tmp_path, f"<record>{leader}{fields}</record>")
        assert read_all(source) == ([Record(expected, GOOD_RECORD.fields)], [], [note])
        assert [kind for kind, _ in span_texts(source)] == ["repaired"]
        assert next(marcxml.spans(source)).kind[0] == SPAN_REPAIRED
    source = source_of(
        tmp_path,
        f"<record><identifier>x</identifier>{LEADER}<datafield tag='500' ind2='1'/>{fields}</record>",
    )
    assert read_all(source) == (
        [Record(GOOD_RECORD.leader, [Field("500", b" 1"), *GOOD_RECORD.fields])],
        [],
        [("xml-foreign-element", "", "identifier"), ("indicator-missing", "500", "ind1")],
    )


def test_codes_beyond_one_letter(tmp_path: Path) -> None:
    def field(content: str) -> tuple[list[Record], list[str], list[tuple[str, ...]]]:
        xml = f"<record>{LEADER}<datafield tag='500' ind1='1' ind2='2'>{content}</datafield></record>"
        return read_all(source_of(tmp_path, xml))

    def read_as(inner: bytes) -> tuple[list[Record], list[str], list[tuple[str, ...]]]:
        return [Record(GOOD_RECORD.leader, [Field("500", inner)])], [], []

    aside: tuple[list[Record], list[str], list[tuple[str, ...]]] = ([], ["xml-structure"], [])
    assert field("<subfield code='é'>x</subfield>") == read_as("12\x1féx".encode())
    assert field("<subfield code='😂'>x</subfield>") == read_as("12\x1f😂x".encode())
    assert field("<subfield code=''>x</subfield><subfield code='a'>y</subfield>") == read_as(b"12x\x1fay")
    assert field("<subfield code='a'>y</subfield><subfield code=''/>") == read_as(b"12\x1fay\x1f")
    assert field("<subfield code='a'>y</subfield><subfield code=''>x</subfield>") == aside
    assert field("<subfield code='ab'>y</subfield>") == aside
    assert field("<subfield>y</subfield>") == aside


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(records(), max_size=6),
    st.integers(0, 2**32).map(Random),
    st.sampled_from([1, 700, 5000, 1 << 24]),
)
def test_partitions_do_not_change_what_is_read(
    tmp_path: Path, made: list[list[Record]], random: Random, size: int
) -> None:
    expected = [record for some in made for record in some]
    text = "<collection>" + "\n".join(record_xml(random, record) for record in expected) + "</collection>"
    assert read_all(source_of(tmp_path, text), size) == (expected, [], [])


def test_partitions_are_cut_at_the_first_record_end_after_their_size(tmp_path: Path) -> None:
    source = source_of(tmp_path, "<collection>" + GOOD * 10 + "</collection>")
    size = len(GOOD)
    cut = list(marcxml.partitions(source, 3, 100, partition_bytes=3 * size))
    assert [part.record_count for part in cut] == [3, 3, 3, 1]
    assert [part.byte_count for part in cut] == [12 + 3 * size, 3 * size, 3 * size, size + 13]
    assert [(part.index, part.first_record_no) for part in cut] == [(3, 100), (4, 103), (5, 106), (6, 109)]


def test_windows_of_the_walk_do_not_change_what_is_found(tmp_path: Path) -> None:
    """Comments, sections and records far longer than a window, at every place of its edge."""
    random = Random(7)
    long = "x" * (3 * LOOKAHEAD)
    odd = [
        f"<!-- {long} {GOOD} -->",
        f"<?p {long} {GOOD} ?>",
        f"<![CDATA[{long}{GOOD}]]>",
        f"<!-- {long} -- -->",
    ]
    odd += [f"<record>{LEADER}<!-- {long} </record>--></record>", "<header/>", "<record><header>", "<!-- "]
    for _ in range(6):
        pieces = [random.choice([GOOD + " " * random.randrange(9)] * 12 + odd) for _ in range(1500)]
        data = ("<collection>" + "".join(pieces)).encode() + b"<!-- never closed " + GOOD.encode()
        source = source_of(tmp_path, data)
        found: list[tuple[int, int, str]] = []
        for start, stop, reason in marcxml.Walk(source, 0, len(data), 1).records():
            found += zip(start.tolist(), stop.tolist(), [REASONS[r] for r in reason], strict=True)
        assert found == twin.find_records(data)


def test_the_same_spans_by_the_twin(tmp_path: Path) -> None:
    source = source_of(tmp_path, f"<collection>{GOOD}<record>{GOOD}<!-- -- --><leader>{GOOD}</collection>")
    numbered = [
        (int(s.byte_start[k]), int(s.byte_start[k] + s.byte_count[k]))
        for s in marcxml.spans(source)
        for k in numbers(s)
    ]
    assert numbered == [(start, stop) for start, stop, _ in twin.find_records(source.path.read_bytes())]


def numbers(spans: Spans) -> list[int]:
    return [k for k in range(len(spans.kind)) if spans.kind[k] != SPAN_SEPARATOR]


def test_a_file_that_changed_is_an_error(tmp_path: Path) -> None:
    source = source_of(tmp_path, "<collection>" + GOOD * 3 + "</collection>")
    (partition,) = marcxml.partitions(source)
    source_of(tmp_path, "<collection>" + GOOD * 2 + " " * len(GOOD) + "</collection>")
    with pytest.raises(ExtractError, match="changed"):
        marcxml.read(partition)
    source_of(tmp_path, GOOD)
    with pytest.raises(ExtractError, match="changed"):
        marcxml.read(partition)


def test_a_file_without_records_is_an_error_but_an_empty_collection_is_none(tmp_path: Path) -> None:
    for text in ("<modsCollection><mods/></modsCollection>", "<collection><notarecord/></collection>"):
        with pytest.raises(ExtractError, match="no MARC record"):
            list(marcxml.partitions(source_of(tmp_path, text)))
    for text in ("<collection/>", "<?xml version='1.0'?>\n<collection></collection>\n"):
        (partition,) = marcxml.partitions(source_of(tmp_path, text))
        assert (partition.record_count, partition.byte_count) == (0, len(text))
        assert marcxml.read(partition).batch.record_count == 0
    assert list(marcxml.partitions(source_of(tmp_path, ""))) == []


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ExtractError, match="cannot be read"):
        list(marcxml.partitions(Source(tmp_path / "none.xml", "marcxml")))


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"<collection>", True),
        (b"\xef\xbb\xbf\r\n<?xml version='1.0'?><marc:record xmlns:marc='x'>", True),
        (b"<!-- licence --><records><record><leader>", True),
        (b"<OAI-PMH xmlns='http://www.openarchives.org/OAI/2.0/'>", True),
        ("<collection>".encode("utf-16"), True),
        (b"<modsCollection><mods>", False),
        (b"<html><body>", False),
        (b"00063nam a2200049 a 4500", False),
        (b"RECORD #(ITEM)", False),
        (b"", False),
    ],
)
def test_looks_like(head: bytes, expected: bool) -> None:
    assert marcxml.looks_like(head) is expected
