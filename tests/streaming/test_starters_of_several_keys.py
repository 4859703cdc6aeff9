"""A first run where several codes together tell a place, and lists say what codes are called."""

from __future__ import annotations

import csv
from pathlib import Path

from transformer.pipeline.run import run
from transformer.pipeline.start import init

BIBS = """\
=LDR  00000nam a2200000 a 4500
=245  10$aA title
=952  \\\\$91001$aCPL$cREF$8MAPS$yBK
=952  \\\\$91002$aCPL$cREF$8MAPS$yBK$71
=952  \\\\$91003$aCPL$yVM
=999  \\\\$c10
"""
LISTS = """\
INSERT INTO `itemtypes` (`itemtype`,`description`) VALUES ('BK','Books'),('MU','Music');
INSERT INTO `authorised_values` (`category`,`authorised_value`,`lib`) VALUES ('NOT_LOAN','1','Not for loan');
"""


def test_starters(tmp_path: Path) -> None:
    """Places with their codes in columns of their own; labels of the lists; no blank where none is needed."""
    library = tmp_path / "library"
    init("koha", library)
    (library / "extracts/bibs.mrk").write_text(BIBS)
    (library / "extracts/lists.sql").write_text(LISTS)
    run(library)
    found = {}
    for path in sorted((library / "rules/maps").glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as lines:
            found[path.name] = [tuple(row.values()) for row in csv.DictReader(lines)]
    assert found == {
        "location.csv": [
            ("CPL", "REF", "MAPS", "", "", "", "", "2"),
            ("CPL", "", "", "", "", "", "", "1"),
        ],
        "item_type.csv": [("BK", "Books", "", "", "2"), ("VM", "", "", "", "1")],
        "not_for_loan.csv": [("1", "Not for loan", "", "1")],
    }
