"""One MARCXML record read by a full XML parser: for what the kernel declines, with the same result.

The bytes of one record (UTF-8) come with the DOCTYPE of their file, if that declares anything. Entities
declared there are resolved; external ones never are, nothing is fetched, no DTD is loaded, and the
parser's own limits hold (text of at most 10 MB, entities that grow to many times the document end in an
error), and a record that they make eight times as long is `xml-structure`. Names count without their prefix,
declared or not, since a record is seen apart from the elements around it; errors that only namespaces know
are none.

What is a MARC record, wherever the two ways differ from plain XML:
- two leaders are `xml-structure`; one that is not 24 printable ASCII characters is `leader`;
- a leader that is missing or empty becomes one of blanks with 22 and 4500 in their places, blanks after
  the 24th character are cut off, and lost ones are put back (`leaders`): repairs, with a note;
- text between elements is `xml-structure`, white space apart; so is an element in a leader,
  controlfield or subfield, or any but subfield in a datafield;
- other elements of the record are left out with a note, unless fields stand in them (`xml-structure`);
- an indicator that is missing or empty becomes blank, with a note;
- a tag must be three printable ASCII characters, an indicator one, a code one character of any kind;
- a code that is missing is `xml-structure`; an empty one stands for the bytes before the first delimiter
  and so must come first, unless its value is empty, too: that is a delimiter and nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from lxml import etree

from transformer.marc import LEADER_LENGTH, pack_tag
from transformer.readers.leaders import with_blanks

MOST: Final = 32 << 20
"""Bytes of a record beyond which it is not parsed: a tree takes several times as much memory."""

_GROWTH_MOST: Final = 8
_GROWTH_FREE: Final = 1024
"""Bytes that entities may make of each byte of a record, and of none: a million records of one entity each
must not become what no memory holds."""

_ELEMENT_PREFIX: Final = re.compile(rb"<([A-Za-z_][A-Za-z0-9_.-]*):")
_OTHER_PREFIX: Final = re.compile(rb"\s([A-Za-z_][A-Za-z0-9_.-]*):[A-Za-z_]")
_PREFIXES_MOST: Final = 64
_ERRORS_MOST: Final = 100
_BLANK_LEADER: Final = b"          22        4500"
_PARTS: Final = ("leader", "controlfield", "datafield", "subfield")

Note = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Reading:
    """A record that was read. leader: 24 bytes. fields: (packed tag, whether control, bytes in the inner
    form). notes: (issue code, tag or "", detail). repaired: whether the leader was mended.
    """

    leader: bytes
    fields: tuple[tuple[int, bool, bytes], ...]
    notes: tuple[Note, ...]
    repaired: bool


class Refused(Exception):
    """Not a MARC record; `reason` is one of schema.batch.REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read_record(xml: bytes, doctype: bytes = b"") -> Reading:
    """Read one `<record>...</record>`. Raises Refused, with the reason, if it is not a MARC record."""
    if len(xml) > MOST:
        raise Refused("xml-structure")
    try:
        xml.decode()
    except UnicodeDecodeError:
        raise Refused("not-utf8") from None
    # Declared, so that errors about them do not hide others. Text is full of colons, too: tags come first.
    found = dict.fromkeys(_ELEMENT_PREFIX.findall(xml) + _OTHER_PREFIX.findall(xml))
    prefixes = [prefix for prefix in found if prefix not in (b"xml", b"xmlns")][:_PREFIXES_MOST]
    declared = b"".join(b' xmlns:%b="urn:%d"' % (prefix, number) for number, prefix in enumerate(prefixes))
    # `recover` only because namespace errors stop the parser otherwise; any other error is one.
    parser = etree.XMLParser(
        resolve_entities="internal",
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
        recover=True,
    )
    try:
        whole = etree.fromstring(doctype + b"<x" + declared + b">" + xml + b"</x>", parser)
    except etree.XMLSyntaxError:
        raise Refused("xml-malformed") from None
    errors = parser.error_log.filter_from_errors()
    # libxml2 reports no more than a hundred errors, so behind so many others may hide.
    if len(parser.error_log) >= _ERRORS_MOST or not all(_is_about_namespaces(error) for error in errors):
        raise Refused("xml-malformed")
    if whole is None or len(whole) != 1 or _name(whole[0]) != "record" or whole.text or whole[0].tail:
        raise Refused("xml-malformed")
    reading = _record(whole[0])
    if doctype and sum(len(inner) for _, _, inner in reading.fields) > _GROWTH_MOST * len(xml) + _GROWTH_FREE:
        raise Refused("xml-structure")
    return reading


def _is_about_namespaces(error: etree._LogEntry) -> bool:
    """Whether an error is of namespaces alone. A name such as `:a` or `a:b:c` is worse: it may be lost."""
    return bool(error.domain == etree.ErrorDomains.NAMESPACE and error.type != etree.ErrorTypes.NS_ERR_QNAME)


def _name(element: etree._Element) -> str:
    """Name without namespace. Refuses an entity that stayed unresolved."""
    if not isinstance(element.tag, str):
        raise Refused("xml-malformed")
    return element.tag.rpartition("}")[2].rpartition(":")[2]


def _record(record: etree._Element) -> Reading:
    leaders: list[bytes] = []
    fields: list[tuple[int, bool, bytes]] = []
    notes: list[Note] = []
    _no_text(record)
    for child in record:
        name = _name(child)
        if name == "leader":
            leaders.append(_text(child))
        elif name == "controlfield":
            fields.append((_tag(child), True, _text(child)))
        elif name == "datafield":
            fields.append((_tag(child), False, _data_field(child, notes)))
        elif any(_name(part) in _PARTS for part in child.iter()):
            raise Refused("xml-structure")
        else:
            notes.append(("xml-foreign-element", "", name))
    leader, repaired = _leader(leaders, notes)
    return Reading(leader, tuple(fields), tuple(notes), repaired)


def _leader(leaders: list[bytes], notes: list[Note]) -> tuple[bytes, bool]:
    """The leader, and whether it was mended."""
    if len(leaders) > 1:
        raise Refused("xml-structure")
    leader = leaders[0] if leaders else b""
    repaired = False
    if not leader:
        leader, repaired = _BLANK_LEADER, True
        notes.append(("leader-missing", "", "empty" if leaders else "missing"))
    elif len(leader) > LEADER_LENGTH and not leader[LEADER_LENGTH:].strip(b" \t\r\n"):
        notes.append(("leader-padded", "", f"{len(leader)} characters"))
        leader, repaired = leader[:LEADER_LENGTH], True
    elif whole := with_blanks(leader):
        notes.append(("leader-blanks-lost", "", f"{len(leader)} characters"))
        leader, repaired = whole, True
    if len(leader) != LEADER_LENGTH or not all(0x20 <= byte < 0x7F for byte in leader):
        raise Refused("leader")
    return leader, repaired


def _no_text(element: etree._Element) -> None:
    """Refuse text between the children of an element."""
    for text in (element.text, *(child.tail for child in element)):
        if text and text.strip(" \t\r\n"):
            raise Refused("xml-structure")


def _text(element: etree._Element) -> bytes:
    """Text of an element that has no others inside."""
    if len(element):
        raise Refused("xml-structure")
    return (element.text or "").encode()


def _printable(text: str, count: int) -> bool:
    return len(text) == count and all(" " <= character < "\x7f" for character in text)


def _tag(field: etree._Element) -> int:
    tag = field.get("tag") or ""
    if not _printable(tag, 3):
        raise Refused("xml-structure")
    return pack_tag(tag)


def _indicator(field: etree._Element, name: str, notes: list[Note]) -> bytes:
    value = field.get(name) or ""
    if not value:
        notes.append(("indicator-missing", field.get("tag") or "", name))
        return b" "
    if not _printable(value, 1):
        raise Refused("xml-structure")
    return value.encode()


def _data_field(field: etree._Element, notes: list[Note]) -> bytes:
    parts = [_indicator(field, "ind1", notes), _indicator(field, "ind2", notes)]
    _no_text(field)
    for number, child in enumerate(field):
        code = child.get("code")
        value = _text(child)
        if _name(child) != "subfield" or code is None or len(code) > 1 or "\0" < code < " " or code == "\x7f":
            raise Refused("xml-structure")
        if code or not value:
            parts.append(b"\x1f" + code.encode() + value)
        elif number == 0:
            parts.append(value)
        else:
            raise Refused("xml-structure")
    return b"".join(parts)
