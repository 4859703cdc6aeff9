"""The outcome of every real Sierra extract, written down beforehand and met.

There are three kinds among the fixtures: MARC from Data Exchange with 907/998/945 (layout A, one file of it
in MARC-8), MARCXML made by SQL at the University of North Carolina (907 $a without dot and digit, items in
999 91), and MARC that is no output of a Sierra at all (orders to be loaded, another system's records) and has
no 907. What must come
out is counted here with pymarc and the rules of the reference, not with our reader: a bib is delivered
if it has a record number in 907, an item for each 945 whose $y (or 999 91 whose $i) is an item number.
No real Create Lists file, no loans, holds, checkin records or SQL tables as CSV are among the fixtures: lists
are tested with the maker's and in tests/cases/sierra. Two SQL scripts with invented rows are no extract, and
are refused.
"""

from __future__ import annotations

import csv
import functools
import io
import logging
import re
from collections import Counter
from pathlib import Path

import pymarc
import pytest

from tests.fixtures import FIXTURES, needs_fixtures, short
from transformer.errors import TransformerError
from transformer.pipeline.run import run
from transformer.pipeline.start import init

pytestmark = [pytest.mark.corpus, needs_fixtures]

FOLIO = FIXTURES / "permissive/malformed/FOLIO-FSE+folio_migration_tools"
DATA_IMPORT = (
    FIXTURES / "permissive/malformed/folio-org+data-import-processing-core"
    / "org/folio/processing/mapping/instance"
)  # fmt: skip
FILES = (
    *sorted((FIXTURES / "permissive/sierra").rglob("*.mrc")),
    *sorted((FIXTURES / "permissive/sierra").rglob("*.xml")),
    *(FOLIO / name for name in ("crashes.mrc", "corrupt_leader.mrc", "two020a.mrc")),
    *(
        FOLIO / "diacritics" / name
        for name in ("diac-4-theo-MarcEdit-utf8-processed.mrc", "diac_from_oclc.mrc")
    ),
    FOLIO / "diacritics/diac-4-theo-directly-from-sierra.mrc",
    FOLIO / "default/escape_chars.mrc",
    DATA_IMPORT / "test1_err.mrc",
    FIXTURES / "copyleft/malformed/internetarchive+openlibrary/bin_input/collingswood_520aa.mrc",
)
# A file whose only element is no record: refused with a message before the run begins.
REFUSED = {"99999901.xml"}

NUMBER = re.compile(r"\.?b\d{5,10}[0-9xa]?", re.IGNORECASE)
ITEM = re.compile(r"\.?i\d{5,10}[0-9xa]?", re.IGNORECASE)


@functools.cache
def expectations() -> dict[Path, Counter[str]]:
    """Of each file, in order; several hold the same bib, whose items come out once, from the first."""
    seen: set[str] = set()
    return {path: expected(path, seen) for path in FILES if path.name not in REFUSED}


def expected(path: Path, seen: set[str]) -> Counter[str]:
    """Counts by pymarc: bibs delivered and set aside, items by location, 945s and 999s that stay."""
    count: Counter[str] = Counter()
    for record in records(path):
        if record is None:
            count["bib set aside"] += 1
            continue
        numbers = [n.strip() for f in record.get_fields("907") for n in f.get_subfields("a", "y")]
        delivered = any(NUMBER.fullmatch(n) for n in numbers)
        count["bib" if delivered else "bib set aside"] += 1
        for field in record.get_fields("945", "999"):
            if field.control_field:
                continue
            code = "y" if field.tag == "945" else "i"
            value = (field.get_subfields(code) or [""])[0].strip()
            if not ITEM.fullmatch(value):
                count[f"{field.tag} stays"] += delivered
            elif delivered and value not in seen:
                seen.add(value)
                count["item at " + field.get_subfields("l")[0].strip()] += 1
                count["status " + (field.get_subfields("s") or [""])[0].strip()] += 1
                count["type " + (field.get_subfields("t") or [""])[0].strip()] += 1
    return count


def records(path: Path):
    """The records of a file by pymarc, which decodes MARC-8 too; None for one that it cannot read."""
    data = path.read_bytes()
    if data.lstrip().startswith(b"<"):
        try:
            yield from pymarc.parse_xml_to_array(io.BytesIO(data))
        except Exception:
            yield None
        return
    for piece in data.split(b"\x1d")[:-1]:
        try:
            piece.decode("utf-8")
            utf8 = b"\x1b" not in piece
        except UnicodeDecodeError:
            utf8 = False
        try:
            yield pymarc.Record(piece.lstrip() + b"\x1d", to_unicode=True, force_utf8=utf8)
        except Exception:
            yield None


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory):
    """All files as one extract, run once, with a map in which every location is known."""
    logging.disable(logging.CRITICAL)
    library = tmp_path_factory.mktemp("sierra") / "library"
    init("sierra", library)
    files = [path for path in FILES if path.name not in REFUSED]
    named = "\n".join(f'  "{path}",' for path in files)
    with (library / "transformer.toml").open("a") as project:
        project.write(f"\n[extract.bib]\nfiles = [\n{named}\n]\n")
    places = {key[8:] for count in expectations().values() for key in count if key.startswith("item at ")}
    rows = "".join(f"{place},MAIN,{place}\n" for place in sorted(places))
    (library / "rules/maps/location.csv").write_text("code,library,location\n" + rows)
    return run(library)


def test_every_file_is_named_once() -> None:
    assert len({path.name for path in FILES}) == len(FILES)


@pytest.mark.parametrize("path", [p for p in FILES if p.name not in REFUSED], ids=short)
def test_bibs_and_items_of_a_file(path: Path, delivered) -> None:
    count = expectations()[path]
    rows = {row.kind: row for row in delivered.ledger if row.source_file == path.name}
    assert rows["bib"].written_count == count["bib"]
    assert rows["bib"].set_aside_count == count["bib set aside"]
    items = sum(n for key, n in count.items() if key.startswith("item at "))
    assert (rows["item"].written_count if "item" in rows else 0) == items


@pytest.mark.parametrize(
    ("column", "what"), [("Location", "item at "), ("Item status", "status "), ("Item type", "type ")]
)
def test_items_by_location_status_and_type(column: str, what: str, delivered) -> None:
    count = sum(expectations().values(), Counter())
    written: Counter[str] = Counter()
    for file in sorted((delivered.folder / "out/item").glob("item-*.csv")):
        with file.open(newline="", encoding="utf-8") as lines:
            written.update(row[column] for row in csv.DictReader(lines))
    assert written == {key.removeprefix(what): n for key, n in count.items() if key.startswith(what)}


def test_what_the_statuses_come_to(delivered) -> None:
    """408 items: - (231) and o (170) are in place, m (2) is not; e, j and u are this library's own codes, of
    which nobody gave the labels, so that nothing is decided."""
    count = sum(expectations().values(), Counter())
    statuses = {key.removeprefix("status "): n for key, n in count.items() if key.startswith("status ")}
    assert statuses == {"-": 231, "o": 170, "m": 2, "j": 2, "u": 2, "e": 1}
    found: Counter[tuple[str, str]] = Counter()
    for file in sorted((delivered.folder / "out/item").glob("item-*.csv")):
        with file.open(newline="", encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                found[row["Expected base status"], row["Internal note 1"].partition("|")[0][:8]] += 1
    by_base: Counter[str] = Counter()
    for (base, _), n in found.items():
        by_base[base] += n
    assert by_base == {"1": 401, "0": 2, "": 5}
    assert sum(n for (base, note), n in found.items() if note == "Status: ") == by_base["0"]


def test_other_945_and_999_stay_in_the_bib(delivered) -> None:
    count = sum(expectations().values(), Counter())
    found: Counter[str] = Counter()
    for file in sorted((delivered.folder / "out/bib").glob("*.xml")):
        for record in pymarc.parse_xml_to_array(str(file)):
            found.update(field.tag for field in record.get_fields("945", "999"))
    assert found == {tag: count[f"{tag} stays"] for tag in ("945", "999")}


def test_scripts_for_a_database_are_no_extract(tmp_path: Path) -> None:
    """They fill a schema of tables, whose names are no table that a rule reads."""
    library = tmp_path / "library"
    init("sierra", library)
    for path in sorted((FIXTURES / "permissive/sierra/cincinnatilibrary+ils-reports").glob("*.sql")):
        (library / "extracts" / path.name).symlink_to(path)
    with pytest.raises(TransformerError) as told:
        run(library)
    assert "sierra_seed.sql: no rule reads one of its tables" in str(told.value)
