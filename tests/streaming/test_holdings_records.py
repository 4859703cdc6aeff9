"""MARC holdings of an extract in a whole run: edited, placed by the location map, and found by their items.

What is expected is written by hand; what came out is read by pymarc and Python's csv.
"""

from __future__ import annotations

import csv
import datetime
import shutil
from pathlib import Path
from typing import Any

import pymarc
import pytest

from tests.fixtures import ROOT
from transformer import api

RULES = """
[number.holdings]
shape  = "record"
letter = "c"

[extract.holdings]
container = "marc"
makes     = "holdings"
files     = ["mfhd*.mrc"]
number    = ["001"]
parent    = ["004"]

[extract.item.headers]
"MFHD" = "mfhd"

[item.public_note]
from = "mfhd"

[item.statistics_note_1]
from = "volume"

[holdings.match]
number  = "mfhd"
columns = { library = "852b", location = "852c" }

[[holdings.summary]]
id    = "volumes"
each  = "statistics_note_1"
field = "866 _0 $a {value}"

[[bib.list]]
id      = "p2e"
when    = "item.location = 'ARCH' and 245a"
columns = { number = "{number}", type = "portfolio" }

[[holdings.list]]
id      = "suppressed"
when    = "901a = 'x'"
columns = { holding_number = "{number}" }

[[holdings.edit]]
id  = "place"
map = { field = "852c", map = "location", into = { b = "library", c = "location" } }

[[holdings.edit]]
id   = "local"
drop = ["9XX"]

[[holdings.edit]]
id      = "statement"
replace = { field = "866a", pattern = "^Lib[.] has ", with = "" }

[[holdings.edit]]
id   = "private"
drop = ["866|1*|"]
when = "852c = 'ARCH'"

[[holdings.edit]]
id  = "bib-note"
add = "866 _0 $a See {bib_number}"
when = "not 866"
"""
PROJECT = """
system = "sierra"
target = "self-load"

[numbers]
check_digit = false

[extract.bib]
profile = "number-only"

[extract.holdings]
check_digit = false

[limits]
set_aside_share = 1.0
errors = 1000
unmapped_locations = 100
"""
LOCATIONS = "code,library,location\nstx,MAIN,STACKS\narc,MAIN,ARCH\nmap,MAPS,ROOM\n"
ITEMS = """RECORD #(ITEM),RECORD #(BIBLIO),I LOCATION,VOLUME,MFHD
i2000000,b1000000,stx,v.1,
i2000001,b1000000,arc,v.2,
i2000002,b1000000,map,v.3,
i2000003,b1000000,map,v.4,
i2000004,b1000001,stx,,c3000002
i2000005,"b1000000";"b1000001",stx,,
"""


def _marc(fields: list[str], kind: str) -> bytes:
    record = pymarc.Record(leader=f"00000n{kind}  2200000   4500", force_utf8=True)
    for text in fields:
        tag, rest = text[:3], text[4:]
        if "$" not in rest:
            record.add_field(pymarc.Field(tag, data=rest))
            continue
        ind, *parts = rest.split("$")
        made = [pymarc.Subfield(part[0], part[1:].strip()) for part in parts]
        record.add_field(pymarc.Field(tag, pymarc.Indicators(*ind[:2].replace("_", " ")), made))
    return record.as_marc()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    folder = tmp_path_factory.mktemp("site") / "library"
    shutil.copytree(ROOT / "rules" / "sierra" / "sample", folder)
    (folder / "transformer.toml").write_text(PROJECT, "utf-8")
    (folder / "rules" / "site.toml").write_text(RULES, "utf-8")
    (folder / "rules" / "maps" / "location.csv").write_text(LOCATIONS, "utf-8")
    extracts = folder / "extracts"
    extracts.mkdir()
    bibs = [_marc([f"245 00$aTitle {n}", f"907 __$a.b100000{n}"], "am") for n in range(2)]
    (extracts / "bib.mrc").write_bytes(b"".join(bibs))
    holdings = [
        ["001 c3000000", "004 .b1000000", "852 0_$bold$cstx$hQA1$i.B2", "866 _0$aLib. has v.1-", "901 __$ax"],
        ["001 c3000001", "004 b1000000", "852 0_$carc$hQA1", "866 1_$aprivate", "866 _0$apublic"],
        ["001 c3000002", "004 b1000001", "852 0_$bB$cgone"],
        ["001 c3000003", "004 b1999999", "852 0_$cstx"],
    ]
    (extracts / "mfhd.mrc").write_bytes(b"".join(_marc(fields, "y") for fields in holdings))
    (extracts / "items.csv").write_text(ITEMS, "utf-8")
    return folder, api.run(folder, threads=1, as_of=datetime.date(2026, 6, 30))


def _latest(folder: Path) -> Path:
    return next(path for path in (folder / "runs").iterdir() if path.name.isdigit())


def test_marc_holdings_are_edited_and_placed(made: tuple[Path, Any]) -> None:
    records = _written(made[0], "holdings-record-*.xml")
    assert records == {
        "c3000000": ["004  b1000000", "852 0_$b MAIN $c STACKS $h QA1 $i .B2", "866 _0$a v.1-"],
        "c3000001": ["004  b1000000", "852 0_$b MAIN $c ARCH $h QA1", "866 _0$a public"],
        "c3000002": ["004  b1000001", "852 0_$b B $c gone", "866 _0$a See b1000001"],
    }


def test_items_find_them_by_number_or_place_and_others_get_their_own(made: tuple[Path, Any]) -> None:
    with (_latest(made[0]) / "out" / "item" / "item-0001.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["item_number"]: row["holding_number"] for row in csv.DictReader(file)}
    own = rows["i2000002"]
    assert rows == {
        "i2000000": "c3000000", "i2000001": "c3000001", "i2000002": own, "i2000003": own,
        "i2000004": "c3000002", "i2000005": "c3000000",
    }  # fmt: skip
    assert own.startswith("b1000000-")
    assert _written(made[0], "holdings-[0-9]*.xml") == {
        own: ["004  b1000000", "852 __$b MAPS $c ROOM", "866 _0$a v.3", "866 _0$a v.4"]
    }


def test_each_finding_is_told(made: tuple[Path, Any]) -> None:
    with (_latest(made[0]) / "reports" / "issues.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = {(row["code"], row["rule"]): row["message"] for row in rows if row["kind"] != "bib"}
    assert found["code-unmapped", "holdings.edit place"] == (
        "1 fields have this value, for instance in c3000002"
    )
    assert found["holdings-made-beside", "holdings.match"] == (
        "2 items found none of the MARC holdings of their bib, for instance i2000002, i2000003"
    )
    assert any(code == "holdings-no-bib" for code, _ in found)


def test_lists_stand_beside_the_records(made: tuple[Path, Any]) -> None:
    out = _latest(made[0]) / "out"
    read = {
        name: (out / name).read_text("utf-8").replace(chr(34), "").split()
        for name in ("bib/p2e-0001.csv", "holdings/suppressed-0001.csv", "item/bound_with-0001.csv")
    }
    assert read == {
        "bib/p2e-0001.csv": ["number,type", "b1000000,portfolio"],
        "holdings/suppressed-0001.csv": ["holding_number", "c3000000"],
        "item/bound_with-0001.csv": ["item_number,bib_number", "i2000005,b1000000", "i2000005,b1000001"],
    }


def _written(folder: Path, pattern: str) -> dict[str, list[str]]:
    """Records by number: their fields but 001 and 008, with `$a` and a blank before values."""
    found: dict[str, list[str]] = {}
    for path in sorted((_latest(folder) / "out" / "holdings").glob(pattern)):
        for record in pymarc.parse_xml_to_array(str(path)):
            lines = []
            for field in record.fields:
                if field.tag in ("001", "008"):
                    continue
                if field.is_control_field():
                    lines.append(f"{field.tag}  {field.data}")
                    continue
                head = "".join(field.indicators).replace(" ", "_")
                values = " ".join(f"${part.code} {part.value}" for part in field.subfields)
                lines.append(f"{field.tag} {head}{values}")
            found[record["001"].data] = lines
    return found
