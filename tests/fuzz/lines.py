"""Files of MARCXML, aleph_sequential, MARC-in-JSON and mnemonic text with accidents among untouched records.

What is promised to a neighbour is what each container's reader says of itself. In MARCXML and JSON a record
is found wherever its beginning stands. In line containers a line that is no beginning goes on the one
before it, so there a record is safe only between line ends, and where another one's first line follows it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final
from xml.sax.saxutils import escape

from tests.fuzz.case import Case, Piece, random_of
from tests.fuzz.records import PAGE, record, rubble
from tests.reference.batches import Field, Record


@dataclass(frozen=True)
class Shape:
    """How a container is written. write: a record, and its number, in it. head, tail: of the file. specials:
    bytes that mean something there. first: bytes of a record that tell its reader that it begins; 0 where a
    record is found wherever it stands."""

    write: Callable[[Random, Record, int], bytes]
    specials: tuple[bytes, ...]
    head: bytes = b""
    tail: bytes = b""
    first: int = 0


def parts(field: Field) -> tuple[str, list[tuple[str, str]]]:
    """Indicators, and (code, value) of each subfield."""
    head, *subfields = field.inner.decode().split("\x1f")
    return head, [(text[0], text[1:]) for text in subfields]


def marcxml(random: Random, made: Record, _: int) -> bytes:
    gap = random.choice(("", "\n", "\n  "))
    out = [f"<record>{gap}<leader>{made.leader.decode()}</leader>"]
    for field in made.fields:
        if field.control:
            out.append(f'<controlfield tag="{field.tag}">{field.inner.decode()}</controlfield>')
            continue
        head, subfields = parts(field)
        inside = "".join(f'<subfield code="{code}">{escape(text)}</subfield>' for code, text in subfields)
        out.append(f'<datafield tag="{field.tag}" ind1="{head[0]}" ind2="{head[1]}">{inside}</datafield>')
    return (gap.join(out) + gap + "</record>").encode() + random.choice((b"\n", b""))


def aleph_sequential(_: Random, made: Record, number: int) -> bytes:
    # Numbers far apart, so that a changed digit does not make two records one.
    start = f"{number * 7_654_321 % 999_999_937 + 1:09d} "
    out = [f"{start}LDR   L {made.leader.decode()}\n"]
    for field in made.fields:
        if field.control:
            out.append(f"{start}{field.tag}   L {field.inner.decode()}\n")
            continue
        head, subfields = parts(field)
        inside = "".join(f"$${code}{text}" for code, text in subfields)
        out.append(f"{start}{field.tag}{head} L {inside}\n")
    return "".join(out).encode()


def marcjson(random: Random, made: Record, _: int) -> bytes:
    fields: list[object] = []
    for field in made.fields:
        if field.control:
            fields.append({field.tag: field.inner.decode()})
            continue
        head, subfields = parts(field)
        inside = [{code: text} for code, text in subfields]
        fields.append({field.tag: {"ind1": head[0], "ind2": head[1], "subfields": inside}})
    plain = {"leader": made.leader.decode(), "fields": fields}
    text = json.dumps(plain, indent=random.choice((None, None, 1)), ensure_ascii=random.random() < 0.5)
    return text.encode() + random.choice((b"\n", b",", b",\n"))


def mnemonic(_: Random, made: Record, _n: int) -> bytes:
    def blanks(text: str) -> str:
        return text.replace(" ", "\\")

    out = [f"=LDR  {blanks(made.leader.decode())}\n"]
    for field in made.fields:
        if field.control:
            out.append(f"={field.tag}  {blanks(field.inner.decode())}\n")
            continue
        head, subfields = parts(field)
        inside = "".join(f"${code}{text}" for code, text in subfields)
        out.append(f"={field.tag}  {blanks(head)}{inside}\n")
    return "".join(out).encode() + b"\n"


# Openers of XML without their closers: what stands between a lost `<!--` and somebody's `-->` is a comment.
SHAPES: Final = {
    "marcxml": Shape(
        marcxml,
        (
            b"<", b">", b"&", b'"', b"'", b"/", b"=", b"</record>", b"<record>", b"<!-- ", b"<![CDATA[",
            b"<?x", b"&#0;", b"&#xFFFE;", b"&#99999999;", b"&lol9;", b"<subfield code='a'>", b"</leader>",
            b"<m:record>", b"<!DOCTYPE x [", b"<record/>", b"\x1f", b"\x1e",
        ),
        b'<?xml version="1.0"?>\n<collection xmlns="http://www.loc.gov/MARC21/slim">\n',
        b"</collection>\n",
    ),
    "aleph_sequential": Shape(
        aleph_sequential,
        (b"$$", b"$", b"^", b"\n", b"\r\n", b"$$$$", b" L ", b"000000000 ", b"$$9", b"\x1f", b"\n\n", b"\t"),
        first=18,
    ),
    "marcjson": Shape(
        marcjson,
        (
            b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\", b"\\u0000", b"\\ud800", b"\n", b"null", b"1e999",
            b'{"leader"', b"[" * 300, b"9" * 400, b"//", b"\\u001f", b"true",
        ),
        b"[", b"]",
    ),
    "mnemonic": Shape(
        mnemonic,
        (b"$", b"\\", b"{", b"}", b"{esc}", b"{dollar}", b"{x}", b"=", b"\n", b"\r\n", b"\n\n", b"=001  ",
         b"\n=245  10$a", b"\n=LDR  ", b"\x1f", b"\x1d", b"{acute}e"),
        first=12,
    ),
}  # fmt: skip
ODD: Final = (
    b"\0",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\x1b",
    b"\x1a",
    b"\x7f",
    b"\xef\xbb\xbf",
    b" ",
    b"0",
)


def damaged(random: Random, data: bytes, other: bytes, shape: Shape) -> Piece:
    """A record after one accident."""
    at = random.randrange(len(data))
    kind = random.choice(KINDS)
    if kind == "flip":
        found = data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1 :]
    elif kind == "special":
        found = data[:at] + random.choice(shape.specials) + data[at + random.choice((0, 0, 1)) :]
    elif kind == "odd byte":
        found = data[:at] + random.choice(ODD) + data[at + random.choice((0, 1)) :]
    elif kind == "deleted":
        found = data[:at] + data[at + random.choice((1, 1, 2, 5, 40)) :]
    elif kind == "cut tail":
        found = data[:at]
    elif kind == "cut head":
        found = data[at:]
    elif kind == "glued":
        found = data[:at] + other[random.randrange(len(other)) :]
    elif kind == "page":
        found = data[:at] + PAGE + random.choice((b"", data[at:]))
    elif kind == "noise":
        found = rubble(random)
    else:
        found = lines_moved(random, data)
    return Piece(found, kind)


KINDS: Final = (
    "flip", "special", "special", "special", "odd byte", "deleted", "cut tail", "cut head", "glued", "page",
    "noise", "lines",
)  # fmt: skip


def lines_moved(random: Random, data: bytes) -> bytes:
    """Lines (or elements) lost, doubled or in another order."""
    mark = b"\n" if b"\n" in data[:-1] else b"<" if b"<" in data else b"{"
    found = data.split(mark)
    a, b = random.randrange(len(found)), random.randrange(len(found))
    how = random.randrange(3)
    if how == 0:
        del found[a]
    elif how == 1:
        found.insert(b, found[a])
    else:
        found[a], found[b] = found[b], found[a]
    return mark.join(found)


def made(container: str, seed: int, number: int, records: int = 300) -> Case:
    """A file of so many records. The share of damage and of bytes between records is each file's own."""
    random, shape = random_of(seed, container, number), SHAPES[container]
    share = random.choice((0.02, 0.3, 0.6, 0.95))
    pieces, other = [Piece(shape.head)], b"x"
    begins = [shape.head]
    for index in range(records):
        wanted = record(random, number * records + index)
        data = shape.write(random, wanted, number * records + index)
        touched = random.random() < share
        pieces.append(damaged(random, data, other, shape) if touched else Piece(data, "", wanted))
        begins.append(data[: shape.first])
        other = data
    pieces.append(Piece(shape.tail))
    if shape.first:
        pieces = between_line_ends(pieces, begins)
    return Case(f"{seed}/{container}/{number}", container, tuple(pieces), "auto", random.choice((700, 9_000)))


def between_line_ends(pieces: list[Piece], begins: list[bytes]) -> list[Piece]:
    """Nothing is promised of a record that the damaged ones before and behind it can run into."""
    found = list(pieces)
    for at, piece in enumerate(pieces[1:-1], 1):
        before, behind = pieces[at - 1], pieces[at + 1]
        last = at + 2 == len(pieces)
        open_before = before.kind and not before.data.endswith(b"\n")
        open_behind = not last and not behind.data.startswith(begins[at + 1])
        if piece.wanted is not None and (open_before or open_behind):
            found[at] = Piece(piece.data)
    return found
