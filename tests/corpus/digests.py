"""Records as MARC::Record (perl) sees them: digests made by oracles/marc_record.pl, and the same of ours.

`oracles/marc_record.tsv` holds one line a file of ISO 2709 or MARCXML: its path, the number of records, and
10 hexadecimal digits for each (see the script, which says what is digested). It was made with the versions
in its first line, by

    .venv/bin/python -m tests.corpus.digests | perl tests/corpus/oracles/marc_record.pl > marc_record.tsv
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import re
import sys
import tempfile
import unicodedata
from pathlib import Path

from tests.corpus.expected import expectations
from tests.corpus.neutral import Record, kept
from tests.fixtures import FIXTURES

STORED = Path(__file__).parent / "oracles" / "marc_record.tsv"
WIDTH = 10
LEADER = 2
UNREAD = "-" * WIDTH
_MARKS = str.maketrans({"\ufe20": "\u0361", "\ufe22": "\u0360", "\ufe21": None, "\ufe23": None})


@functools.cache
def stored() -> dict[str, list[str]]:
    """File -> the digests of its records as MARC::Record reads them."""
    found = {}
    for line in STORED.read_text("ascii").splitlines()[1:]:
        name, count, text = line.split("\t")
        found[name] = [text[at : at + WIDTH] for at in range(0, len(text), WIDTH)]
        assert len(found[name]) == int(count)
    return found


def digest(record: Record, converted: bool) -> str:
    """The same of one of our records. converted: it came out of MARC-8, so both are compared in NFC.

    MARC::Record makes a blank of an indicator that is no letter, digit or blank of ASCII: so it is done here.
    """
    leader, fields = record
    text = ""
    for tag, *rest in fields:
        if len(rest) == 1:
            own = rest[0]
        else:
            indicators = re.sub("[^0-9A-Za-z ]", " ", rest[0] + rest[1])
            own = indicators + "".join(f"\x1f{code}{value}" for code, value in rest[2])
        text += f"{tag}{own}\x1e"
    if converted:
        text = unicodedata.normalize("NFC", text.translate(_MARKS))
    first, second = (hashlib.sha256(part.encode()).hexdigest() for part in (kept(leader), text))
    return first[:LEADER] + second[: WIDTH - LEADER]


@functools.cache
def plain(name: str) -> Path:
    """The fixture file, unpacked into a temporary file where it is packed."""
    path = FIXTURES / name
    if not name.endswith(".gz"):
        return path
    unpacked = Path(tempfile.mkdtemp()) / path.name
    unpacked.write_bytes(gzip.decompress(path.read_bytes()))
    return unpacked


def main() -> None:
    """Print what oracles/marc_record.pl reads: container, path, name of every file of the two containers."""
    for row in expectations().values():
        if row.is_marc and row.what in ("iso2709", "marcxml"):
            sys.stdout.write(f"{row.what}\t{plain(row.path)}\t{row.path}\n")


if __name__ == "__main__":
    main()
