r"""Twin of kernels/mnemonic.py: lines and regular expressions, one at a time.

Facts: makrtest.src of the Perl module MARC (the Library of Congress's test of MARCMaker): wrapped lines go on
without anything between, `\` is a blank in data too, `{bsol}` a real backslash, empty lines part records.
"""

from __future__ import annotations

import re

from tests.reference.aleph_sequential import BLANKS, MARKUP, Refused
from tests.reference.batches import Field, Record
from transformer.schema.batch import REASON_CODE, SPAN_RECORD, SPAN_SEPARATOR, SPAN_SET_ASIDE

Span = tuple[int, int, int, int]

LINE = re.compile(rb"=([!-~]{3})(?=[\x00- ]|\Z)")
NAME = re.compile(rb"\{([0-9A-Za-z]{1,12})\}")
KNOWN = {b"dollar": b"$", b"lcub": b"{", b"rcub": b"}", b"bsol": b"\\"}


def spans(text: bytes, most: int) -> list[Span]:
    found: list[Span] = []
    at = 0
    while at < len(text):
        limit = min(len(text), at + most)
        end = at + 3 if at == 0 and text[:limit].startswith(b"\xef\xbb\xbf") else at
        while end < limit and text[end] in BLANKS:
            end += 1
        kind, why = SPAN_SEPARATOR, ""
        if end == at:
            end, why = span_end(text, at, most)
            kind = SPAN_SET_ASIDE if why else SPAN_RECORD
        found.append((at, end - at, kind, REASON_CODE[why]))
        at = end
    return found


def span_end(text: bytes, at: int, most: int) -> tuple[int, str]:
    first = LINE.match(text, at)
    limit = min(len(text), at + most)
    numbered = first is not None and first[1] == b"001"
    line = at
    while True:
        end = text.find(b"\n", line, limit)
        if end < 0:
            if at + most <= len(text):
                return at + most, "record-too-large"
            return len(text), "" if first else "garbage"
        empty = not text[line:end].strip(BLANKS)
        line = end + 1
        here = LINE.match(text, line)
        if line == len(text) or (here and not first) or (first and MARKUP.match(text, line)):
            return line, "" if first else "garbage"
        if here and (here[1] in (b"LDR", b"000") or (here[1] == b"001" and numbered and empty)):
            return line, ""
        numbered = numbered or (here is not None and here[1] == b"001")


def decoded(value: bytes, control: bool) -> bytes:
    """Names that are not known stand between 0x1D and 0x1E."""
    out, at = b"", 0
    while at < len(value):
        name = NAME.match(value, at)
        if name and name[1] == b"esc":
            raise Refused("escape-sequence")
        if name:
            out += KNOWN.get(name[1], b"\x1d" + name[1] + b"\x1e")
            at = name.end()
            continue
        byte = value[at : at + 1]
        if byte == b"\\" or byte in (b"\x1d", b"\x1e", b"\x1f"):
            byte = b" "
        elif byte == b"$" and not control:
            byte = b"\x1f"
        out += byte
        at += 1
    return out


def is_control(tag: bytes, value: bytes) -> bool:
    if tag.startswith(b"00"):
        return not re.match(rb"[0-9 \\]{2}\$", value)
    return tag == b"FMT" and value != b"" and not value.startswith(b"\\") and b"$" not in value


def leader_of(value: bytes) -> bytes:
    while len(value) > 24 and value[-1:] in (b" ", b"\\"):
        value = value[:-1]
    if not 20 <= len(value) <= 24 or re.search(rb"[^ -~]", value):
        raise Refused("leader")
    return value.replace(b"\\", b" ").ljust(24)


def record(text: bytes) -> Record:
    """The record that these lines are, names that are not known marked. Raises Refused."""
    try:
        text.decode()
    except UnicodeDecodeError:
        raise Refused("not-utf8") from None
    if b"\x1b" in text:
        raise Refused("escape-sequence")
    leader = b" " * 24
    fields: list[Field] = []
    last = b""
    for line in text.split(b"\n"):
        here = LINE.match(line)
        line = line.removesuffix(b"\r")
        if here:
            last = here[1]
            value = re.sub(rb"^ {1,2}", b"", line[4:])
            if last in (b"LDR", b"000"):
                leader = leader_of(value)
            else:
                control = is_control(last, value)
                fields.append(Field(last.decode(), decoded(value, control), control))
        elif line.strip(BLANKS):
            if last in (b"LDR", b"000", b""):
                raise Refused("leader")
            before = fields[-1]
            more = decoded(line, before.control)
            fields[-1] = Field(before.tag, before.inner + more, before.control)
    return Record(leader, fields)
