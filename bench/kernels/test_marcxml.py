"""Speed of reading MARCXML on one core, in bytes of XML (`extra_info`), beside pymarc and lxml.

Run: python -m pytest bench/kernels/test_marcxml.py --benchmark-enable --benchmark-only
The same bibs pretty-printed, with prefix, and with CDATA; pymarc and lxml get the first part of them.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pymarc
import pytest
from lxml import etree

from bench.extracts import bib_file
from transformer.extracts.model import Partition, Source
from transformer.kernels.marcxml import FIELD_BYTES_LEAST, TAKEN, WIDTH, parse_records
from transformer.kernels.marcxml_boundary import STATE_SIZE, find_records
from transformer.readers import marcxml, partitions, read
from transformer.readers.marcxml_lxml import read_record
from transformer.writers import marcxml as writer

BIBS = 20_000
PEER_BYTES = 4 << 20


def dense() -> bytes:
    """The bench's bibs as our writer spells them: no white space between elements."""
    path, _ = bib_file(BIBS)
    batch = read(next(iter(partitions(Source(path, "iso2709"))))).batch
    return b"<collection>" + writer.render(batch).data.tobytes() + b"</collection>"


def pretty() -> bytes:
    """One element a line, indented."""
    text = dense()
    for name, indent in (
        (b"record", 1),
        (b"leader", 2),
        (b"controlfield", 2),
        (b"datafield", 2),
        (b"subfield", 3),
    ):
        text = text.replace(b"<" + name, b"\n" + b"  " * indent + b"<" + name)
    return text.replace(b"</datafield", b"\n    </datafield").replace(b"</record", b"\n  </record")


def prefixed() -> bytes:
    """Pretty-printed, every element with the prefix marc."""
    return pretty().replace(b"<", b"<marc:").replace(b"<marc:/", b"</marc:")


def sections() -> bytes:
    """Every subfield in a CDATA section."""
    text = dense().replace(b"</subfield>", b"]]></subfield>")
    return b'<subfield code="'.join(
        piece if not number else piece[:3] + b"<![CDATA[" + piece[3:]
        for number, piece in enumerate(text.split(b'<subfield code="'))
    )


SPELLINGS: list[Callable[[], bytes]] = [dense, pretty, prefixed, sections]


@pytest.fixture(scope="module", params=SPELLINGS, ids=lambda spelling: spelling.__name__)
def xml(request: pytest.FixtureRequest) -> bytes:
    """A partition's worth of MARCXML."""
    return bytes(request.param())


def measured(benchmark: Any, work: Callable[[], Any], byte_count: int, rounds: int = 9) -> None:
    """Runs of `work`; GB/s of the best beside the times."""
    work()  # compiled, and the processor awake
    benchmark.pedantic(work, rounds=rounds, iterations=1)
    benchmark.extra_info["GB/s"] = round(byte_count / benchmark.stats.stats.min / 1e9, 3)


def found(window: Any) -> tuple[Any, Any]:
    """Start and stop of every record."""
    start, stop, reason = (
        np.empty(1 << 17, np.int64),
        np.empty(1 << 17, np.int64),
        np.empty(1 << 17, np.uint8),
    )
    count, _ = find_records(window, 0, 0, True, np.zeros(STATE_SIZE, np.int64), start, stop, reason)
    return start[:count].copy(), stop[:count].copy()


def test_boundary(benchmark: Any, xml: bytes) -> None:
    """The boundary kernel over bytes in memory."""
    window = np.frombuffer(xml, np.uint8).copy()
    measured(benchmark, lambda: found(window), len(xml))


def test_parse(benchmark: Any, xml: bytes) -> None:
    """The parsing kernel over records that were found."""
    window = np.frombuffer(xml, np.uint8).copy()
    start, stop = found(window)
    room = len(xml) // FIELD_BYTES_LEAST
    out = np.empty(len(xml) + WIDTH, np.uint8)
    status, leader = np.empty(len(start), np.uint8), np.empty(len(start), np.int64)
    field_from, tag = np.empty(len(start) + 1, np.int64), np.empty(room, np.uint32)
    at, length, control = np.empty(room, np.int64), np.empty(room, np.int32), np.empty(room, np.uint8)

    def work() -> None:
        parse_records(window, start, stop, out, status, leader, field_from, tag, at, length, control)

    measured(benchmark, work, len(xml))
    assert (status == TAKEN).all()


def test_file(benchmark: Any, xml: bytes, tmp_path: Path) -> None:
    """A file to batches: boundary pass, windows, spans and all."""
    path = tmp_path / "bibs.xml"
    path.write_bytes(xml)

    def work() -> int:
        parts: list[Partition] = list(marcxml.partitions(Source(path, "marcxml")))
        return sum(marcxml.read(part).batch.record_count for part in parts)

    measured(benchmark, work, len(xml))


def first_part(xml: bytes) -> bytes:
    """A well-formed collection of the first records."""
    end = xml.find(b"</marc:record>" if b"<marc:" in xml else b"</record>", PEER_BYTES)
    end = xml.find(b">", end) + 1
    return (
        xml[:end].replace(b"<marc:collection", b'<marc:collection xmlns:marc="x"') + xml[xml.rfind(b"</") :]
    )


def test_declined(benchmark: Any, xml: bytes) -> None:
    """Records one by one through lxml, as those that the kernel declines."""
    part = np.frombuffer(first_part(xml), np.uint8).copy()
    start, stop = found(part)
    records = [part[a:b].tobytes() for a, b in zip(start.tolist(), stop.tolist(), strict=True)]
    measured(benchmark, lambda: [read_record(record) for record in records], len(part), 3)


def test_peer_pymarc(benchmark: Any, xml: bytes) -> None:
    """pymarc.parse_xml_to_array."""
    part = first_part(xml)
    measured(benchmark, lambda: pymarc.parse_xml_to_array(io.BytesIO(part)), len(part), 3)


def test_peer_lxml_iterparse(benchmark: Any, xml: bytes) -> None:
    """lxml.etree.iterparse, every text and attribute looked at once, elements cleared."""
    part = first_part(xml)

    def work() -> int:
        total = 0
        for _, element in etree.iterparse(io.BytesIO(part)):
            total += len(element.text or "") + len(element.attrib)
            if element.tag.endswith("record"):
                element.clear()
        return total

    measured(benchmark, work, len(part), 3)
