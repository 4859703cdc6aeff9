"""The plain loops that the bench runs as processes of their own.

python -m bench.loops copy FROM TO            reads and writes of 1 MiB: the limit of any conversion
python -m bench.loops pymarc FROM TO COUNT    pymarc's reader into pymarc's MARCXML writer
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


if __name__ == "__main__":
    if sys.argv[1] == "copy":
        copy(*sys.argv[2:])
    else:
        pymarc_to_xml(*sys.argv[2:])
