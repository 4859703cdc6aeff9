"""How lxml reads MARCXML, in the neutral shape of tests/corpus/neutral.py.

A record is (leader, fields); a control field (tag, value); a data field (tag, ind1, ind2, subfields);
a subfield (code, value). Nothing is mended: what is missing is None.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

Record = tuple[str | None, list[tuple[Any, ...]]]

PARTS = ("leader", "controlfield", "datafield")


def lxml_xml(data: bytes) -> list[Record]:
    """Every innermost element `record` that has a leader or field as a child, in any namespace.

    It must be well-formed as a whole; raises etree.XMLSyntaxError if it is not.
    """
    parser = etree.XMLParser(
        resolve_entities="internal", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    tree = etree.fromstring(data, parser)
    records = []
    for element in tree.iter("{*}record"):
        inner = next(element.iterdescendants("{*}record"), None)
        if inner is None and any(_name(child) in PARTS for child in element):
            records.append(_record(element))
    return records


def _name(element: Any) -> str:
    return str(etree.QName(element).localname)


def _record(element: Any) -> Record:
    leader = None
    fields: list[tuple[Any, ...]] = []
    for child in element:
        name = _name(child)
        if name == "leader":
            leader = "".join(child.itertext())
        elif name == "controlfield":
            fields.append((child.get("tag"), "".join(child.itertext())))
        elif name == "datafield":
            subfields = [(part.get("code"), "".join(part.itertext())) for part in child.iter("{*}subfield")]
            fields.append((child.get("tag"), child.get("ind1"), child.get("ind2"), subfields))
    return leader, fields
