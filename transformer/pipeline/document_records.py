r"""MARC records that stand as documents of tagged lines: written as mnemonic text, then read as any other.

    *** DOCUMENT BOUNDARY ***
    FORM=MARC
    .000. |aam a0n a
    .001. |a1853247
    .245. 10|aSilence :|bin the age of noise /|cErling Kagge

A tag, a blank, two indicators (none in 00X), then subfields. A line without a tag goes on with the one before
it, a blank between, none before a subfield. 000 is an abridged leader: the rules' template says which of its
characters stands where, `{5}` for the sixth. Every document becomes a record, so that the books count
documents: what is none stays as it is and is set aside by the reader of mnemonic text, as is what stands
before the first boundary. Bytes stay as they are, in any encoding. Offsets are those of the file written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from transformer.extracts.model import Source
from transformer.ruleset.files.rules import Flat

LEADER: Final = b"000"
_SIGNS: Final = {b"$": b"{dollar}", b"{": b"{lcub}", b"}": b"{rcub}", b"\\": b"{bsol}"}
_SIGN: Final = re.compile(rb"[$\\{}]")
_PLACE: Final = re.compile(r"\{(\d)\}")


@dataclass(slots=True)
class _Document:
    """Tag and value of each line; loose: lines that belong to no tag."""

    fields: list[tuple[bytes, bytes]] = field(default_factory=list)
    loose: list[bytes] = field(default_factory=list)


def shows_records(head: bytes, shape: Flat) -> bool:
    """Whether a file that begins so holds documents with MARC tags."""
    boundary = re.search(rb"^" + re.escape(shape.boundary.encode()), head, re.M)
    start, end = (re.escape(sign.encode()) for sign in (shape.tag_start, shape.tag_end))
    return boundary is not None and re.search(rb"^" + start + rb"00[0-9]" + end, head, re.M) is not None


def write_documents(source: Source, shape: Flat, path: Path) -> int:
    """Write the documents of a file to `path` as mnemonic text; gives how many there are."""
    count = 0
    with path.open("wb") as file:
        for document in _documents(source.path, shape):
            file.write(_record(document, shape))
            count += bool(document.fields)
    return count


def _documents(path: Path, shape: Flat) -> Iterator[_Document]:
    boundary, skip = shape.boundary.encode(), tuple(head.encode() for head in shape.skip)
    start, end = (re.escape(sign.encode()) for sign in (shape.tag_start, shape.tag_end))
    tagged = re.compile(rb"^" + start + rb"([^\s" + end + rb"]{3})" + end + rb" ?(.*)$", re.S)
    opens, join = shape.value_start.encode(), shape.join.encode()
    document = _Document()
    with path.open("rb") as file:
        for number, raw in enumerate(file):
            line = raw.rstrip(b"\r\n")
            if number == 0:
                line = line.removeprefix(b"\xef\xbb\xbf")
            if line.startswith(boundary):
                yield document
                document = _Document()
            elif found := tagged.match(line):
                document.fields.append((found[1], found[2]))
            elif not line or (skip and line.startswith(skip)):
                continue
            elif document.fields:
                tag, value = document.fields[-1]
                document.fields[-1] = (tag, value + (b"" if line.startswith(opens) else join) + line)
            else:
                document.loose.append(line)
    yield document


def _record(document: _Document, shape: Flat) -> bytes:
    """The lines of a record, an empty line behind."""
    lines = [_plain(line) for line in document.loose]
    if document.fields:
        lines.append(b"=LDR  " + _blank(_leader(dict(document.fields).get(LEADER, b""), shape)))
    opens = shape.value_start.encode()
    for tag, value in document.fields:
        if tag == LEADER:
            continue
        if tag.startswith(b"00"):
            lines.append(b"=" + tag + b"  " + _blank(_plain(value.removeprefix(opens + b"a"))))
            continue
        head, *parts = value.split(opens)
        subfields = b"".join(b"$" + _plain(part) for part in parts)
        lines.append(b"=" + tag + b"  " + _blank(head[:2].ljust(2)) + subfields)
    return b"\n".join((*lines, b"\n")) if lines else b""


def _leader(value: bytes, shape: Flat) -> bytes:
    short = value.removeprefix(shape.value_start.encode() + b"a").decode("latin-1").ljust(10)
    return _PLACE.sub(lambda place: short[int(place[1])], shape.leader).encode("latin-1", "replace")


def _plain(text: bytes) -> bytes:
    return _SIGN.sub(lambda sign: _SIGNS[sign[0]], text)


def _blank(text: bytes) -> bytes:
    return text.replace(b" ", b"\\")
