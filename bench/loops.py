"""The plain loops that the bench runs as processes of their own.

python -m bench.loops copy FROM TO            reads and writes of 1 MiB: the limit of any conversion
python -m bench.loops pymarc FROM TO COUNT    pymarc's reader into pymarc's MARCXML writer
python -m bench.loops read FILE CONTAINER     our readers: every record as a batch in the bytes form of MARC
python -m bench.loops pymarc-xml FILE         pymarc's map_xml
python -m bench.loops lxml FILE               lxml's iterparse, each record element dropped when it is done

The last three print how many records and fields there are.
"""

from __future__ import annotations

import os
import sys

CHUNK = 1 << 20


def copy(source: str, target: str) -> None:
    """Copies a file as plainly as it goes."""
    inside = os.open(source, os.O_RDONLY)
    outside = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    while data := os.read(inside, CHUNK):
        os.write(outside, data)
    os.close(outside)
    os.close(inside)


def pymarc_to_xml(source: str, target: str, count: str) -> None:
    """Converts the first `count` records with pymarc."""
    from itertools import islice

    from pymarc import MARCReader, XMLWriter

    with open(source, "rb") as inside, open(target, "wb") as outside:  # noqa: PTH123
        writer = XMLWriter(outside)
        for record in islice(MARCReader(inside), int(count)):
            writer.write(record)
        writer.close(close_fh=False)


def read(source: str, container: str) -> None:
    """Reads a file with as many threads as there are cores."""
    from pathlib import Path

    from transformer.engines import map_ordered, thread_count
    from transformer.extracts.model import Source
    from transformer.readers import partitions
    from transformer.readers import read as read_partition

    records = fields = 0
    parts = partitions(Source(Path(source), container))
    for result in map_ordered(read_partition, parts, thread_count(None)):
        records += result.batch.record_count
        fields += result.batch.field_count
    print(records, fields)


def pymarc_xml(source: str) -> None:
    """Reads MARCXML with pymarc; the number of fields is without the leader."""
    from pymarc import Record, map_xml

    counts = [0, 0]

    def count(record: Record) -> None:
        counts[0] += 1
        counts[1] += len(record.fields)

    map_xml(count, source)
    print(*counts)


def lxml_xml(source: str) -> None:
    """Reads MARCXML as elements."""
    from lxml import etree

    records = fields = 0
    for _, record in etree.iterparse(source, tag="{*}record", huge_tree=True):
        records += 1
        fields += len(record) - 1
        record.clear()
        while record.getprevious() is not None:
            del record.getparent()[0]
    print(records, fields)


LOOPS = {"copy": copy, "pymarc": pymarc_to_xml, "read": read, "pymarc-xml": pymarc_xml, "lxml": lxml_xml}

if __name__ == "__main__":
    LOOPS[sys.argv[1]](*sys.argv[2:])
