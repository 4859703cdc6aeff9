"""Every sound record of ISO 2709 in UTF-8 as yaz-marcdump reads it; other sets are in test_charsets.py.

yaz is handed the records that came through unchanged, one behind the other. Compared are leader/05-08 and
17-19 (yaz writes the rest anew), and all fields, without the control characters that its XML cannot carry.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.corpus.departures import YAZ
from tests.corpus.neutral import Record, of_batch
from tests.fixtures import fixture_files, needs_fixtures, short
from transformer.extracts.model import Source
from transformer.readers import partitions, read
from transformer.schema.batch import SPAN_REPAIRED

pytestmark = [
    pytest.mark.corpus,
    needs_fixtures,
    pytest.mark.skipif(shutil.which("yaz-marcdump") is None, reason="yaz-marcdump is not installed"),
]
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
FORBIDDEN_BYTES = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]|<!--.*?-->", re.DOTALL)


@pytest.mark.parametrize("path", fixture_files("iso2709"), ids=short)
def test_as_yaz(path: Path, tmp_path: Path) -> None:
    ours, raw = sound(path)
    theirs = by_yaz(raw, tmp_path / "raw.mrc")
    assert len(theirs) == len(ours)
    differ = sum(_clean(one) != two for one, two in zip(ours, theirs, strict=True))
    assert differ == YAZ.get(short(path), (0, ""))[0]


def sound(path: Path) -> tuple[list[Record], bytes]:
    """Records that were neither repaired nor decoded, and their bytes."""
    data, records, raw = path.read_bytes(), [], []
    for partition in partitions(Source(path, "iso2709")):
        result = read(partition)
        batch, spans = result.batch, result.spans
        repaired = set(spans.record_no[spans.kind == SPAN_REPAIRED].tolist())
        for at in range(batch.record_count):
            encoding = result.encodings[0 if result.encoding is None else int(result.encoding[at])]
            if encoding == "utf-8" and int(batch.record_no[at]) not in repaired:
                start, count = int(batch.byte_start[at]), int(batch.byte_count[at])
                records.append(of_batch(batch, at))
                raw.append(data[start : start + count])
    return records, b"".join(raw)


def by_yaz(raw: bytes, path: Path) -> list[Record]:
    """What yaz makes of the bytes."""
    if not raw:
        return []
    path.write_bytes(raw)
    command = ["yaz-marcdump", "-o", "marcxml", path]
    out = subprocess.run(command, capture_output=True, check=True).stdout
    tree = etree.fromstring(FORBIDDEN_BYTES.sub(b"", out), etree.XMLParser(huge_tree=True))
    return [_record(element) for element in tree.iter("{*}record")]


def _record(element: Any) -> Record:
    fields: list[tuple[Any, ...]] = []
    for child in element:
        if child.tag.endswith("controlfield"):
            fields.append((child.get("tag"), child.text or ""))
        elif child.tag.endswith("datafield"):
            subfields = [(part.get("code"), part.text or "") for part in child]
            fields.append((child.get("tag"), child.get("ind1"), child.get("ind2"), subfields))
    return _leader(element.findtext("{*}leader") or ""), fields


def _leader(leader: str) -> str:
    return leader[5:9] + leader[17:20]


def _clean(record: Record) -> Record:
    leader, fields = record
    clean: list[tuple[Any, ...]] = []
    for tag, *rest in fields:
        if len(rest) == 1:
            clean.append((tag, _text(rest[0])))
        else:
            clean.append((tag, rest[0], rest[1], [(code, _text(value)) for code, value in rest[2]]))
    return _leader(leader), clean


def _text(value: str) -> str:
    """As XML hands it over."""
    return FORBIDDEN.sub("", value).replace("\r\n", "\n").replace("\r", "\n")
