"""Slow twins of the MARCXML kernels: records found one `<` at a time, records read with expat.

`find_records` states what is a record in a file. `read` states what a record means, over expat's events
(expat shares no code with lxml): a Record in the inner form, or the reason why it is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from tests.reference.batches import Field, Record

NAME = re.compile(rb"</?([^ \t\r\n<>/=]{0,256})")
START_TAG = re.compile(rb"""(?:[^<>"']|"[^"<]*"|'[^'<]*')*>""")
END_TAG = re.compile(rb"[ \t\r\n]*>")
# A name has one colon at most, and it parts two names.
QUALIFIED = re.compile(r"[^:0-9.-][^:]*(:[^:0-9.-][^:]*)?")
PARTS = (b"leader", b"controlfield", b"datafield", b"subfield")


def find_records(data: bytes) -> list[tuple[int, int, str]]:
    """(start, stop, reason or "") of every record in a file without a DOCTYPE."""
    found: list[tuple[int, int, str]] = []
    mode, start, prefix = "outside", 0, 0
    at = data.find(b"<")
    while at >= 0:
        after = at + 1
        if data[after : after + 1] in (b"!", b"?"):
            after = passed(data, at)
        else:
            name = NAME.match(data, at)[1]  # type: ignore[index]
            local = name.rpartition(b":")[2]
            closing = data[after : after + 1] == b"/"
            name_end = at + 1 + closing + len(name)
            if local in PARTS and mode == "outside":
                # The end of a field without its beginning: its text comes before it.
                text = re.split(rb"[<>]", data[max(0, at - 4096) : at])[-1].lstrip(b" \t\r\n")
                mode, start = "stray", at - len(text) * closing
            elif local in PARTS and not closing and mode == "wrapper":
                mode = "inside"
            elif local != b"record" or in_attribute(data, at):
                pass
            elif (
                mode == "inside"
                and len(name) - 6 != prefix
                and (closing or not fields_follow(data[: at + (1 << 16)], name_end, len(name) - 6))
            ):
                pass  # a record within a record, under another prefix: its reader refuses it
            elif closing:
                if mode != "outside" and (tag := END_TAG.match(data, name_end)):
                    found.append((start, tag.end(), "" if mode == "inside" else "xml-structure"))
                    mode, after = "outside", tag.end()
            else:
                if mode in ("inside", "stray"):
                    found.append((start, at, "xml-malformed" if mode == "inside" else "xml-structure"))
                mode, start, prefix = "wrapper", at, len(name) - 6
                if tag := START_TAG.match(data, name_end):
                    after = tag.end()
                    if data[after - 2 : after] == b"/>":
                        found.append((start, after, "xml-structure"))
                        mode = "outside"
        at = data.find(b"<", after)
    if mode != "outside":
        found.append((start, len(data), "xml-structure" if mode == "stray" else "truncated"))
    return found


def fields_follow(data: bytes, name_end: int, prefix: int) -> bool:
    """Whether the start tag ends, and the next one is that of a leader or field with as long a prefix."""
    tag = START_TAG.match(data, name_end)
    rest = data[tag.end() :].lstrip(b" \t\r\n") if tag else b""
    name = NAME.match(rest)
    if not name or rest[1:2] == b"/":
        return False
    head, colon, local = name[1].rpartition(b":")
    return local in PARTS and len(head + colon) == prefix


def passed(data: bytes, at: int) -> int:
    """Where to go on after a comment, CDATA section or instruction at `at`; after the `<` if it is none."""
    if in_attribute(data, at):
        return at + 1
    if data.startswith(b"<!--", at):
        dashes = data.find(b"--", at + 4)
        return dashes + 3 if dashes >= 0 and data[dashes + 2 : dashes + 3] == b">" else at + 1
    for opening, ending in ((b"<![CDATA[", b"]]>"), (b"<?", b"?>")):
        if data.startswith(opening, at):
            end = data.find(ending, at + len(opening))
            if opening == b"<?" and b"<" in data[at + 2 : end]:
                end = -1
            return end + len(ending) if end >= 0 else at + 1
    return at + 1


def in_attribute(data: bytes, at: int) -> bool:
    """Whether the `<` at `at` stands in quotes after `=` in a tag that has begun."""
    head = data[max(0, at - 4096) : at]
    if head.rfind(b"<") < 0 or head.rfind(b">") > head.rfind(b"<"):
        return False
    quote, before = b"", b""
    for byte in (head[k : k + 1] for k in range(head.rfind(b"<") + 1, len(head))):
        if quote:
            quote = b"" if byte == quote else quote
        elif byte in (b'"', b"'") and before == b"=":
            quote = byte
        before = before if byte in b" \t\r\n" else byte
    rest = data[at + 1 : at + 4096].partition(b"<")[0]
    return bool(quote) and quote in rest


class Refused(Exception):
    """Not a MARC record; the argument is the reason."""


@dataclass
class Element:
    name: str
    attributes: dict[str, str]
    text: str = ""
    children: list[Element] = field(default_factory=list)


def read(xml: bytes) -> Record:
    """The record of `<record>...</record>`; raises Refused with the reason if it is none."""
    try:
        xml.decode()
    except UnicodeDecodeError:
        raise Refused("not-utf8") from None
    root = tree(xml)
    leaders = [child for child in root.children if child.name == "leader"]
    if root.text.strip(" \t\r\n") or len(leaders) > 1:
        raise Refused("xml-structure")
    fields = []
    for child in root.children:
        if child.name == "leader" and child.children:
            raise Refused("xml-structure")
        if child.name in ("controlfield", "datafield"):
            fields.append(read_field(child))
        elif child.name != "leader" and parts_in(child):
            raise Refused("xml-structure")
    text = leaders[0].text if leaders else ""
    leader = (text or "          22        4500").encode()
    if leader[24:].strip(b" \t\r\n") == b"":
        leader = leader[:24]
    if len(leader) != 24 or not all(32 <= byte < 127 for byte in leader):
        raise Refused("leader")
    return Record(leader, fields)


def tree(xml: bytes) -> Element:
    """The elements of a document, names without prefix. `text` joins what stands around the children."""
    top = Element("", {})
    stack = [top]

    def start(name: str, attributes: dict[str, str]) -> None:
        if not all(QUALIFIED.fullmatch(each) for each in (name, *attributes)):
            raise Refused("xml-malformed")
        element = Element(name.rpartition(":")[2], attributes)
        stack[-1].children.append(element)
        stack.append(element)

    def text(characters: str) -> None:
        stack[-1].text += characters

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: stack.pop()
    parser.CharacterDataHandler = text
    try:
        parser.Parse(xml, True)
    except expat.ExpatError:
        raise Refused("xml-malformed") from None
    return top.children[0]


def parts_in(element: Element) -> bool:
    return element.name.encode() in PARTS or any(parts_in(child) for child in element.children)


def read_field(element: Element) -> Field:
    tag = element.attributes.get("tag", "")
    if len(tag) != 3 or not all(" " <= character < "\x7f" for character in tag):
        raise Refused("xml-structure")
    if element.name == "controlfield":
        if element.children:
            raise Refused("xml-structure")
        return Field(tag, element.text.encode(), control=True)
    inner = ""
    for name in ("ind1", "ind2"):
        indicator = element.attributes.get(name, "") or " "
        if len(indicator) != 1 or not " " <= indicator < "\x7f":
            raise Refused("xml-structure")
        inner += indicator
    if element.text.strip(" \t\r\n"):
        raise Refused("xml-structure")
    for number, child in enumerate(element.children):
        code = child.attributes.get("code")
        if child.name != "subfield" or child.children or code is None:
            raise Refused("xml-structure")
        if len(code) > 1 or code in ("\t", "\n", "\r", "\x7f") or (not code and child.text and number):
            raise Refused("xml-structure")
        inner += child.text if not code and child.text else "\x1f" + code + child.text
    return Field(tag, inner.encode())
