"""What the MARC 21 slim schema demands of a file, in our own words, for lxml to judge with.

Facts: MARC21slim.xsd, Library of Congress (version 1.2). A collection of records, or one record. A record
is empty, or holds a leader, then control fields, then data fields (of both kinds any number); a data field
holds at least one subfield. `type` of a record is one of five words, `id` may stand on every element, and
the patterns are those below. Nothing else is allowed, `xml:space` neither.
"""

from __future__ import annotations

from pathlib import Path

from lxml import etree

LEADER = r"[\d ]{5}[\dA-Za-z ]{1}[\dA-Za-z]{1}[\dA-Za-z ]{3}(2| )(2| )[\d ]{5}[\dA-Za-z ]{3}(4500|    )"
CONTROL_TAG = "00[1-9A-Za-z]"
DATA_TAG = "(0([1-9A-Z][0-9A-Z])|0([1-9a-z][0-9a-z]))|(([1-9A-Z][0-9A-Z]{2})|([1-9a-z][0-9a-z]{2}))"
INDICATOR = r"[\da-z ]{1}"
CODE = r"""[\dA-Za-z!"#$%&'()*+,\-./:;<=>?\[\]\^_`~\{\}\\]{1}"""
TYPES = ("Bibliographic", "Authority", "Holdings", "Classification", "Community")


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _pattern(text: str) -> str:
    return f'<data type="string"><param name="pattern">{_escaped(text)}</param></data>'


def _attribute(name: str, pattern: str) -> str:
    return f'<attribute name="{name}">{_pattern(pattern)}</attribute>'


_ID = '<optional><attribute name="id"><data type="ID"/></attribute></optional>'
_GRAMMAR = f"""
<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="http://www.loc.gov/MARC21/slim"
    datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
  <start>
    <choice>
      <element name="collection">
        {_ID}<ref name="hint"/><zeroOrMore><ref name="record"/></zeroOrMore>
      </element>
      <ref name="record"/>
    </choice>
  </start>
  <define name="hint">
    <optional>
      <attribute name="schemaLocation" ns="http://www.w3.org/2001/XMLSchema-instance"/>
    </optional>
  </define>
  <define name="record">
    <element name="record">
      {_ID}<ref name="hint"/>
      <optional>
        <attribute name="type">
          <choice>{"".join(f"<value>{word}</value>" for word in TYPES)}</choice>
        </attribute>
      </optional>
      <optional>
        <element name="leader">{_ID}{_pattern(LEADER)}</element>
        <zeroOrMore>
          <element name="controlfield">{_ID}{_attribute("tag", CONTROL_TAG)}<text/></element>
        </zeroOrMore>
        <zeroOrMore>
          <element name="datafield">
            {_ID}{_attribute("tag", DATA_TAG)}{_attribute("ind1", INDICATOR)}{_attribute("ind2", INDICATOR)}
            <oneOrMore>
              <element name="subfield">{_ID}{_attribute("code", CODE)}<text/></element>
            </oneOrMore>
          </element>
        </zeroOrMore>
      </optional>
    </element>
  </define>
</grammar>
"""
_SCHEMA = etree.RelaxNG(etree.fromstring(_GRAMMAR))


def validate(xml: bytes | Path) -> list[str]:
    """What is wrong with a MARCXML file or text, one sentence each with its line; empty if nothing is."""
    data = xml.read_bytes() if isinstance(xml, Path) else xml
    try:
        tree = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        return [f"not well-formed: {error}"]
    if _SCHEMA.validate(tree):
        return []
    return [f"line {error.line}: {error.message}" for error in _SCHEMA.error_log] or ["not valid"]
