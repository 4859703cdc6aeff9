"""Twin of kernels/aleph_sequential*.py: lines and regular expressions, one at a time.

The layout: columns 1-9 system number, 10 blank, 11-13 tag, 14-15 indicators, 16 blank, 17 script letter,
18 blank, 19- value (README of marc_alephsequential; AlephseqLine.java of metadata-qa-marc; the importer of
Catmandu-MARC). That a line break is left out where lines are joined: `spec/data/newline.seq` there
(`$$xManus` + `cripts.`). How pieces of long fields join: `splitfields-from3` and `-to3` of NatLibFi.
"""

from __future__ import annotations

import re

from tests.reference.batches import Field, Record
from transformer.schema.batch import (
    REASON_CODE,
    SPAN_RECORD,
    SPAN_SEPARATOR,
    SPAN_SET_ASIDE,
)

Span = tuple[int, int, int, int]

LINE = re.compile(rb"[0-9]{9} [ -~]{3}[ -~]{2} [A-Za-z ](?: |\r|\n|\Z)")
ZERO = re.compile(rb"000000000(?:[\x00-\x20]|\Z)")
MARKUP = re.compile(rb"<(?:[!?].{3}|(?i:html))", re.DOTALL)
BLANKS = b" \t\r\n\0\x1a"
COLUMNS = [re.compile(p) for p in [rb"[0-9]"] * 9 + [rb" "] + [rb"[ -~]"] * 5 + [rb" ", rb"[A-Za-z ]"]]


def is_cut(rest: bytes) -> bool:
    """The last, unfinished line of a file: as far as it goes it is a field's."""
    return 0 < len(rest) < 17 and all(COLUMNS[i].fullmatch(rest[i : i + 1]) for i in range(len(rest)))


def is_line(text: bytes, at: int) -> bool:
    return LINE.match(text, at) is not None and ZERO.match(text, at) is None


def separators(text: bytes, at: int, most: int) -> int:
    start, limit = at, min(len(text), at + most)
    if at == 0 and text.startswith(b"\xef\xbb\xbf"):
        at = 3
    while at < limit:
        if text[at] in BLANKS:
            at += 1
        elif ZERO.match(text, at):
            end = text.find(b"\n", at, limit)
            at = limit if end < 0 else end + 1
        else:
            break
    return max(at, start)


def record_end(text: bytes, at: int, most: int) -> tuple[int, str]:
    limit = min(len(text), at + most)
    number = text[at : at + 9]
    record = is_line(text, at)
    leader = record and text[at + 10 : at + 13] == b"LDR"
    line = at
    while True:
        end = text.find(b"\n", line, limit)
        if end < 0:
            if at + most <= len(text):
                return at + most, "record-too-large"
            return len(text), "" if record else "garbage"
        line = end + 1
        if line == len(text):
            return line, "" if record else "garbage"
        if not record:
            if is_line(text, line) or ZERO.match(text, line):
                return line, "garbage"
            continue
        if ZERO.match(text, line) or (not is_line(text, line) and MARKUP.match(text, line)):
            return line, ""
        if not is_line(text, line):
            rest = text[line:]
            if is_cut(rest) and not (len(rest) > 9 and rest[:9] == number):
                return line, ""
            continue
        if text[line : line + 9] != number:
            return line, ""
        tag = text[line + 10 : line + 13]
        following = re.compile(rb"[^\n]{18,25}\n" + number + rb" LDR.{5}", re.DOTALL)
        short = following.match(text, line) or re.compile(
            rb"[^\n]{17}\n" + number + rb" LDR.{5}", re.DOTALL
        ).match(text, line)
        if leader and (tag == b"LDR" or (tag == b"FMT" and short)):
            return line, ""
        leader = leader or tag == b"LDR"


def spans(text: bytes, most: int) -> list[Span]:
    found: list[Span] = []
    at = 0
    while at < len(text):
        end = separators(text, at, most)
        if end > at:
            found.append((at, end - at, SPAN_SEPARATOR, 0))
        else:
            end, why = record_end(text, at, most)
            if why == "garbage" and is_cut(text[at:]):
                why = "truncated"
            found.append((at, end - at, SPAN_SET_ASIDE if why else SPAN_RECORD, REASON_CODE[why]))
        at = end
    return found


def cleaned(value: bytes) -> bytes:
    return re.sub(rb"[\x1d-\x1f]", b" ", value)


def subfields(value: bytes) -> bytes:
    """`$$` to delimiters, from the left; the character behind is the code, even a `$`."""
    out = b""
    while value:
        at = value.find(b"$$")
        if at < 0:
            return out + cleaned(value)
        out += cleaned(value[:at]) + b"\x1f" + cleaned(value[at + 2 : at + 3])
        value = value[at + 3 :]
    return out


class Refused(Exception):
    """The record is set aside; the argument says why."""


def leader_of(value: bytes) -> bytes:
    while len(value) > 24 and value[-1:] in (b" ", b"^"):
        value = value[:-1]
    if not 20 <= len(value) <= 24 or re.search(rb"[^ -~]", value):
        raise Refused("leader")
    return value.replace(b"^", b" ").ljust(24)


def record(text: bytes) -> Record:
    """The record that these lines are. Raises Refused."""
    try:
        text.decode()
    except UnicodeDecodeError:
        raise Refused("not-utf8") from None
    if b"\x1b" in text:
        raise Refused("escape-sequence")
    leader: bytes | None = None
    fields: list[tuple[bytes, bytes, bool]] = []
    heading = b""  # tag and indicators of the last field
    last = ""
    lines = text.split(b"\n")
    ended = text.endswith(b"\n")
    for number, line in enumerate(lines):
        is_last = number == len(lines) - 1
        if is_last and not line:
            continue
        whole, line = line, line.removesuffix(b"\r")
        if is_line(whole if is_last else whole + b"\n", 0):
            tag, value = line[10:13], line[18:]
            last = "LDR" if tag == b"LDR" else "field"
            if tag == b"LDR":
                leader, heading = leader_of(value), b""
                continue
            piece = re.match(rb"\$\$9\^\^?(\$\$.+)\Z", value, re.DOTALL)
            if piece and heading == line[10:15] and not fields[-1][2]:
                fields[-1] = (tag, joined(fields[-1][1], piece[1]), False)
            else:
                fields.append(field(tag, line[13:15], value))
            heading = line[10:15]
        elif whole[:9] == text[:9] and whole[9:10] == b" ":
            raise Refused("truncated" if is_last and not ended else "line-layout")
        elif line.strip(BLANKS):
            if last != "field":
                raise Refused("line-layout")
            tag, value, control = fields[-1]
            more = cleaned(line) if control else subfields(line)
            if control and tag[:2] == b"00":
                more = more.replace(b"^", b" ")
            fields[-1] = (tag, value + more, control)
    if not any(tag == b"001" for tag, _, _ in fields):
        fields.insert(0, (b"001", text[:9], True))
    return Record(leader or b" " * 24, [Field(t.decode(), v, c) for t, v, c in fields])


def joined(before: bytes, piece: bytes) -> bytes:
    """A piece (it begins with `$$`) behind the field it was split off."""
    at = before.rfind(b"\x1f")
    head, tail = before[: at + 2], before[at + 2 :]
    if at < 0:
        head, tail = before[:1], before[1:]
    if tail.endswith(b"^"):
        tail = tail[:-1]
        if tail.endswith(b" "):
            tail = tail[:-1]
    before = head + tail
    if at >= 0 and before[at + 1 : at + 2] == piece[2:3]:
        return before + b" " + subfields(piece[3:])
    return before + subfields(piece)


def field(tag: bytes, indicators: bytes, value: bytes) -> tuple[bytes, bytes, bool]:
    zeros = tag.startswith(b"00")
    if zeros or tag == b"FMT":
        single = re.fullmatch(rb"\$\$a(.*)", value, re.DOTALL) if zeros else None
        if single and b"$$" not in single[1]:
            return tag, cleaned(single[1]).replace(b"^", b" "), True
        if not value.startswith(b"$$"):
            value = cleaned(value)
            return tag, value.replace(b"^", b" ") if zeros else value, True
    if value and not value.startswith(b"$$"):
        value = b"$$a" + value
    return tag, indicators + subfields(value), False
