"""Every record of ISO 2709 and MARCXML as MARC::Record reads it, by digests (see digests.py).

Left out by rule, since these differences are MARC::Record's ways and not readings: indicators that are no
letter, digit or blank (it blanks them), and the leader of a MARCXML record that has none (it has 24 blanks)
or has lost blanks (it takes it as it is).
All else that differs is in `departures.MARC_RECORD`, file by file. What we set aside is stated in
expectations.csv.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.corpus.departures import MARC_RECORD
from tests.corpus.digests import LEADER, UNREAD, digest, plain, stored
from tests.corpus.expected import expectations
from tests.corpus.neutral import of_batch
from tests.fixtures import FIXTURES, needs_fixtures
from transformer.extracts.model import Source
from transformer.readers import partitions, read

pytestmark = [pytest.mark.corpus, needs_fixtures]
NAMES = list(stored()) if FIXTURES.is_dir() else []
SEPARATORS = b"\r\n \0\x1a"


def ours(path: Path, container: str) -> dict[int, tuple[str, bool]]:
    """Place or number of a record -> its digest, and whether its leader was in the file."""
    found = {}
    for partition in partitions(Source(path, container)):
        result = read(partition)
        batch = result.batch
        made = {
            number for code, number, _, _ in result.notes if code in ("leader-missing", "leader-blanks-lost")
        }
        for at in range(batch.record_count):
            marc8 = result.encoding is not None and result.encodings[result.encoding[at]] == "marc8"
            number = int(batch.record_no[at])
            key = int(batch.byte_start[at]) if container == "iso2709" else number
            found[key] = digest(of_batch(batch, at), marc8), number not in made
    return found


def places(path: Path, container: str, count: int) -> Iterator[int]:
    """Where each of the other tool's records begins; their numbers, in MARCXML."""
    if container == "marcxml":
        yield from range(count)
        return
    at, data = 0, path.read_bytes()
    for chunk in data.split(b"\x1d"):
        body = (chunk.removeprefix(b"\xef\xbb\xbf") if at == 0 else chunk).lstrip(SEPARATORS)
        if body:
            yield at + len(chunk) - len(body)
        at += len(chunk) + 1


@pytest.mark.parametrize("name", NAMES)
def test_as_marc_record(name: str) -> None:
    path, theirs = plain(name), stored()[name]
    container = "marcxml" if path.read_bytes()[:200].lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<" else "iso2709"
    mine = ours(path, container)
    differ = 0
    for place, other in zip(places(path, container, len(theirs)), theirs, strict=True):
        if place not in mine:
            continue
        own, has_leader = mine[place]
        same = own == other if has_leader else own[LEADER:] == other[LEADER:]
        differ += not same or other == UNREAD
    assert differ == MARC_RECORD.get(name, (0, ""))[0] or expectations()[name].waits
