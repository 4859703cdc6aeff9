"""Our statement of the slim schema: each of its demands, met and broken."""

from __future__ import annotations

import pytest

from tests.slim import validate

SLIM = 'xmlns="http://www.loc.gov/MARC21/slim"'
LEADER = "<leader>00000nam a2200000 a 4500</leader>"
CONTROL = '<controlfield tag="001">1</controlfield>'
DATA = '<datafield tag="245" ind1="1" ind2=" "><subfield code="a">x</subfield></datafield>'


def record(content: str, attributes: str = "") -> bytes:
    return f"<record {SLIM} {attributes}>{content}</record>".encode()


@pytest.mark.parametrize(
    "xml",
    [
        record(LEADER + CONTROL + DATA),
        record(LEADER + CONTROL + CONTROL + DATA + DATA),
        record("", 'type="Holdings"'),
        f"<collection {SLIM}/>".encode(),
        f"<m:collection xmlns:m='http://www.loc.gov/MARC21/slim'><record {SLIM}/></m:collection>".encode(),
        record(LEADER.replace("a2200000 a 4500", " " * 15)),
        record(LEADER + CONTROL.replace("001", "00A") + DATA.replace("245", "9AB")),
        record(LEADER + DATA.replace('"a"', '"&lt;"')),
        record(LEADER + DATA.replace('ind1="1"', 'ind1="z"')),
        record(LEADER.replace("<leader>", '<leader id="i1">')),
    ],
)
def test_what_the_schema_allows(xml: bytes) -> None:
    assert validate(xml) == []


@pytest.mark.parametrize(
    "xml",
    [
        b"<record>" + LEADER.encode() + b"</record>",
        record(DATA + LEADER),
        record(LEADER + DATA + CONTROL),
        record(LEADER + LEADER),
        record(LEADER.replace("22", "33")),
        record(LEADER.replace("4500", "4501")),
        record(LEADER.replace("00000nam", "0000nam")),
        record(LEADER.replace("nam", "n m")),
        record(LEADER + CONTROL.replace("001", "000")),
        record(LEADER + CONTROL.replace("001", "010")),
        record(LEADER + DATA.replace("245", "001")),
        record(LEADER + DATA.replace("245", "24")),
        record(LEADER + DATA.replace("245", "9aB")),
        record(LEADER + DATA.replace('ind1="1"', "")),
        record(LEADER + DATA.replace('ind1="1"', 'ind1="A"')),
        record(LEADER + DATA.replace('ind2=" "', 'ind2=""')),
        record(LEADER + DATA.replace('"a"', '"ab"')),
        record(LEADER + DATA.replace('"a"', '"é"')),
        record(LEADER + DATA.replace('code="a"', "")),
        record(LEADER + '<datafield tag="245" ind1="1" ind2=" "/>'),
        record(LEADER + DATA.replace(">x<", "><b/><")),
        record("<other/>"),
        record("", 'type="Book"'),
        record("", 'kind="Book"'),
        b"<record",
        record(DATA),
        record(LEADER.replace("<leader>", '<leader xml:space="preserve">')),
    ],
)
def test_what_the_schema_forbids(xml: bytes) -> None:
    assert validate(xml) != []
