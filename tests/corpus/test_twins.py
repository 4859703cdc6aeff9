"""The same records in two files that lie beside each other, written by other tools: ours must be the same.

yaz's regression tests: marcN.xml, and what yaz made of it and of marcN.marc in other containers. Others: the
.mrc and .xml of a project's tests; NatLibFi's expected text; Stanford's records as JSON and in a tar archive.
Known differences are stated with each pair.
"""

from __future__ import annotations

import tarfile
import unicodedata
from pathlib import Path

import pytest

from tests.corpus.neutral import Record, of_batch
from tests.corpus.test_containers import of_text
from tests.fixtures import FIXTURES, needs_fixtures
from transformer.extracts.model import Source
from transformer.extracts.spool import Spool
from transformer.readers import partitions_of_all, read

pytestmark = [pytest.mark.corpus, needs_fixtures]
YAZ = FIXTURES / "permissive/encodings/indexdata+yaz"
NATLIBFI = FIXTURES / "permissive/marcxml/NatLibFi+marc-record-serializers"
STANFORD = FIXTURES / "permissive/symphony/sul-dlss+searchworks_traject_indexer"
TAR = FIXTURES / "permissive/malformed/pod4lib+aggregator/multifile-tar-gz.tar.gz"
OPENLIBRARY = "copyleft/malformed/internetarchive+openlibrary"
MARC4J = "copyleft/malformed/marc4j+marc4j"
MARC4K = "copyleft/encodings/ppuffinburger+marc4k"
PEAR = "copyleft/malformed/pear+File_MARC"
POD = "permissive/malformed/pod4lib+aggregator"

PAIRS = [
    *(
        (f"{OPENLIBRARY}/bin_input/{name}_meta.mrc", f"{OPENLIBRARY}/xml_input/{name}_marc.xml")
        for name in ("13dipolarcycload00burk", "flatlandromanceo00abbouoft", "warofrebellionco1473unit")
    ),
    (f"{MARC4J}/chabon.mrc", f"{MARC4J}/chabon.xml"),
    (f"{MARC4J}/summerland.mrc", f"{MARC4J}/summerland.xml"),
    (f"{MARC4J}/summerland.xml", f"{MARC4K}/UTF8_bib_record.mrc"),
    (f"{MARC4J}/chabon.xml", f"{MARC4K}/MARCXML_bib_records.xml"),
    (f"{PEAR}/sandburg.mrc", f"{PEAR}/sandburg.xml"),
    (f"{PEAR}/music.mrc", f"{PEAR}/compressed.mrc.gz"),
    (f"{POD}/1297245.marc", f"{POD}/1297245.marc.gz"),
    (f"{MARC4K}/UTF8_auth_record.mrc", f"{MARC4K}/walktest/utf8/UTF8_auth_record.mrc"),
]
# Files of which yaz's XML says something else, and why.
YAZ_DIFFERS = {
    "marc3.marc": "yaz takes bytes of the next field for an empty one",
    "marc4.marc": "yaz reads an empty record: it goes by the length that stands there twice",
    "marc5.marc": "yaz takes a `2` for the delimiter that is missing",
    "marc10.marc": "yaz was told to resolve danMARC's own references (@01A1)",
    "marc11.marc": "the same",
}
# Stanford changed these after the archive was made, or packed them within it.
CHANGED = {"allfieldsTests", "oclcNumTests", "subjectLaneBlacklistTests"}


def records(path: Path) -> list[Record]:
    with Spool() as spool:
        return records_of(spool.sources((path,)))


def records_of(sources: tuple[Source, ...]) -> list[Record]:
    found = []
    for partition in partitions_of_all(sources):
        batch = read(partition).batch
        found += [of_batch(batch, at) for at in range(batch.record_count)]
    return found


def composed(fields: object) -> str:
    return unicodedata.normalize("NFC", repr(fields))


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_pairs(one: str, other: str) -> None:
    mine, theirs = records(FIXTURES / one), records(FIXTURES / other)
    assert [composed(fields) for _, fields in mine] == [composed(fields) for _, fields in theirs]
    assert len(mine) > 0


def family() -> list[Path]:
    """marcN.marc and what yaz made of it, without turbomarc. marc0.xml is set aside: an indicator is `á`."""
    found = YAZ.glob("*marc[0-9]*.*") if YAZ.is_dir() else []
    taken = [path for path in found if path.suffix in (".marc", ".json", ".xml") and path.name != "marc0.xml"]
    turbo = ("tmarc", "xml2tmarc")
    return sorted(
        path
        for path in taken
        if path.name != "xml2marc0.xml" and not (path.suffix == ".xml" and path.name.startswith(turbo))
    )


@pytest.mark.parametrize("path", family(), ids=lambda path: path.name)
def test_what_yaz_made_of_a_record(path: Path) -> None:
    number = path.name.split("marc")[1].split(".")[0]
    mine = records(path)
    theirs = records(YAZ / ("marc0.json" if number == "0" else f"marc{number}.xml"))
    same = [composed(fields) for _, fields in mine] == [composed(fields) for _, fields in theirs]
    assert same == (path.name not in YAZ_DIFFERS)
    assert len(mine) == 1


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("iso2709/from1", "iso2709/to1"),
        *((f"marcxml/from{name}", f"marcxml/to{name}") for name in ("1", "3", "4", "-namespace-xml1")),
        ("marcxml/2RecordsFrom1", "marcxml/2RecordsTo1"),
        ("marcxml/2RecordsFrom2", "marcxml/2RecordsTo2"),
        ("marcxml/to-indent", "marcxml/from-indent"),
        ("marcxml/to-no-xml-decl", "marcxml/from-no-xml-decl"),
    ],
)
def test_natlibfi(given: str, expected: str) -> None:
    mine, theirs = records(NATLIBFI / given), of_text(NATLIBFI / expected)
    assert [fields for _, fields in mine] == [fields for _, fields in theirs]
    assert len(mine) > 0


@pytest.mark.parametrize(
    "path", [p for p in sorted(STANFORD.glob("*.jsonl")) if p.stem not in CHANGED], ids=lambda path: path.name
)
def test_stanford_in_json_and_in_iso2709(path: Path, tmp_path: Path) -> None:
    """The records of ISO 2709 have 0xED in the entry map, so their leaders are mended."""
    with tarfile.open(TAR) as archive:
        member = archive.extractfile(f"{path.stem}.mrc")
        assert member is not None
        plain = tmp_path / "x.mrc"
        plain.write_bytes(member.read())
    mine, theirs = records(plain), records(path)
    assert [composed(fields) for _, fields in mine] == [composed(fields) for _, fields in theirs]
