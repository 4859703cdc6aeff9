"""A system of its own, made of one folder of data, through a whole run: no line of program code knows it.

The folder begins as a copy of the template, as its README says: how bibs and items are read is said anew,
loans, patrons and statuses stay as they are. The extract is a real dump with split titles and holdings among
the bibs; what is expected is counted with pymarc in the file.
"""

from __future__ import annotations

import datetime
import shutil
import warnings
from typing import Any

import pymarc
import pytest

from tests.corpus.test_split_titles import FILE, RULES
from transformer.pipeline.results import RunResult
from transformer.pipeline.run import run
from transformer.ruleset import load


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunResult, list[Any]]:
    if not FILE.is_file():
        pytest.skip("the fixtures are not there")
    folder = tmp_path_factory.mktemp("system")
    home = folder / "rules"
    shutil.copytree(load.rules_home() / "_template", home / "newcomer")
    for name in ("transformer.toml", "bibs.toml", "items.toml"):
        (home / "newcomer" / name).unlink()
    (home / "base").symlink_to(load.rules_home() / "base")
    (home / "newcomer" / "system.toml").write_text(RULES, encoding="utf-8")
    library = folder / "library"
    (library / "rules" / "maps").mkdir(parents=True)
    (library / "rules" / "maps" / "location.csv").write_text("code,library,location\n*,MAIN,stacks\n")
    (library / "extracts").mkdir()
    (library / "extracts" / "titles.mrc").symlink_to(FILE)
    (library / "transformer.toml").write_text('system = "newcomer"\nsite = "A"\ntarget = "self-load"\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(load, "rules_home", lambda: home)
        result = run(library, as_of=datetime.date(2026, 11, 21))
    with FILE.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return result, list(pymarc.MARCReader(file, to_unicode=True, permissive=True))


def test_one_bib_a_title(made: tuple[RunResult, list[Any]]) -> None:
    result, records = made
    numbers = [
        r["001"].data for path in written(result, "bib/*.xml") for r in pymarc.parse_xml_to_array(path)
    ]
    wanted = dict.fromkeys(r["001"].data.strip() for r in records if r.leader[6] not in "uvxy")
    assert numbers == list(wanted)


def test_holdings_go_out_with_numbers_of_their_own(made: tuple[RunResult, list[Any]]) -> None:
    result, records = made
    paths = written(result, "holdings/holdings-record-*.xml")
    found = [record for path in paths for record in pymarc.parse_xml_to_array(path)]
    old = [record for record in records if record.leader[6] in "uvxy"]
    assert len({record["001"].data for record in found}) == len(found) == len(old)
    for new, before in zip(found, old, strict=True):
        assert [f.data for f in new.get_fields("004")] == [before["001"].data.strip()]
        assert new["001"].data.startswith(before["001"].data.strip() + "-")
        rest = [f.tag for f in before.fields if f.tag not in ("001", "004")]
        assert [f.tag for f in new.fields if f.tag not in ("001", "004")] == rest


def test_the_books_close(made: tuple[RunResult, list[Any]]) -> None:
    result, records = made
    rows = {(row.source_file, row.kind): row for row in result.ledger}
    assert rows["titles.mrc", "holdings"].written_count == sum(r.leader[6] in "uvxy" for r in records)
    assert rows["titles.mrc", "bib"].merged_count == 13
    assert result.exit_code in (0, 1)


def written(result: RunResult, pattern: str) -> list[str]:
    return [str(path) for path in sorted((result.folder / "out").glob(pattern))]
