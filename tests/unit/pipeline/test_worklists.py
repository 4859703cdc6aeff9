"""Worklists of a run written by hand: which items come on which list, and what the page says.

The procedures are those of the seed document on Technical - Migration (reference on Alma, 6.1, 6.2), the
expected page was written from them by hand.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.fixtures import ROOT
from transformer.errors import UsageError
from transformer.pipeline.decisions import OF_ITEM, OF_STATUS
from transformer.pipeline.worklists import write_worklists
from transformer.reports.worklists import WorkPage, page_text

PAGE = Path(__file__).parents[1] / "reports" / "worklists" / "damaged.md"


def decision(number: str, barcode: str, note: str, after: str, **more: str) -> dict[str, Any]:
    words = {"number": number, "bib_number": "b1", "barcode": barcode, "kind": "status", "source_status": "x"}
    words |= {"matched_by": "label", "status_label": note.upper(), "process_type": "TECHNICAL"}
    return words | {"status_note": note and f"Status: {note}", "after_go_live": after} | more


ROWS = [
    decision("i1", "101", "Damaged", "set-condition", status_condition="Damaged"),
    decision("i2", "102", "Damaged", "set-condition", status_condition="Damaged"),
    decision("i2", "102", "Missing", "set-missing"),
    decision("i3", "102", "Damaged", "set-condition", status_condition="Damaged"),
    decision("i4", "", "Damaged", "set-condition", status_condition="Damaged"),
    decision("i5", '1"05,x', "Damaged", "set-condition", status_condition="Damaged"),
    decision("i6", "106", "Damaged Billed", "set-condition", status_condition="Damaged"),
    decision("i7", "107", "Damaged Billed", "set-condition", status_condition="Damaged"),
    decision("i8", "108", "Missing", "set-missing", loan="yes", process_type="LOAN"),
    decision("i9", "109", "Missing", "set-missing", request="yes", process_type="HOLDSHELF"),
    decision("i10", "110", "Lost", "lost-on-loan|missing-or-withdraw"),
    decision("i11", "111", "Lost", "lost-on-loan|missing-or-withdraw", loan="yes", process_type="LOAN"),
    decision("i12", "112", "", "", matched_by="", source_status="9"),
    decision("i13", "113", "", "", source_status="-"),
]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run's folder with nothing but what the lists are made of."""
    for folder in ("tables", "rules"):
        (tmp_path / "0001" / folder).mkdir(parents=True)
    for number, name in enumerate(("base", "sierra"), start=1):
        shutil.copytree(ROOT / "rules" / name, tmp_path / "0001" / "rules" / f"{number}-{name}")
    (tmp_path / "0001" / "rules" / "2-sierra" / "synth.toml").unlink()
    manifest = {"system": "sierra", "site": "Sample", "target": "migration"}
    (tmp_path / "0001" / "manifest.json").write_bytes(orjson.dumps(manifest))
    write_rows(tmp_path / "0001")
    return tmp_path / "0001"


def write_rows(run: Path, without: str = "") -> None:
    names = [name for name in (*OF_ITEM, *OF_STATUS) if name != without]
    columns = {name: pa.array([row.get(name) or None for row in ROWS], pa.string()) for name in names}
    pq.write_table(pa.table(columns), run / "tables" / "item_decision.parquet")


def test_each_item_is_on_the_list_of_what_is_to_be_done(run: Path) -> None:
    """Lost goes by whether there is a loan; what is in use waits; two statuses are two lists."""
    result = write_worklists(run)
    counts = {one.folder: (one.item_count, one.barcode_count, one.no_barcode_count) for one in result.lists}
    assert counts == {
        "damaged/set-condition": (5, 3, 1),
        "damaged-billed/set-condition": (2, 2, 0),
        "lost/lost-on-loan": (1, 1, 0),
        "lost/missing-or-withdraw": (1, 1, 0),
        "missing/set-missing": (1, 1, 0),
        "missing/after-loan": (2, 2, 0),
    }
    assert result.undecided == (("9", 1),)
    assert (result.folder / "lost/lost-on-loan/barcodes.csv").read_text() == "Barcode\n111\n"
    assert (result.folder / "lost/missing-or-withdraw/barcodes.csv").read_text() == "Barcode\n110\n"
    assert (result.folder / "missing/after-loan/barcodes.csv").read_text() == "Barcode\n108\n109\n"


def test_the_page_of_damaged_items(run: Path) -> None:
    result = write_worklists(run)
    folder = result.folder / "damaged" / "set-condition"
    assert (folder / "steps.md").read_text("utf-8") == PAGE.read_text("utf-8")
    assert (folder / "barcodes.csv").read_text("utf-8") == 'Barcode\n101\n102\n"1""05,x"\n'
    assert (folder / "no-barcode.csv").read_text("utf-8") == "Item number,Bib number\ni4,b1\n"
    assert (folder / "search.txt").read_text("utf-8") == (
        'Process Type equals "Technical - Migration" and '
        'Internal Note 1 contains keywords "Status: Damaged"\n'
    )


def test_the_job_s_parameters_come_in_threes(run: Path) -> None:
    """Reference 2.4: NAME_selected, NAME_value, NAME_condition, `Null` = unconditionally."""
    folder = write_worklists(run).folder / "damaged" / "set-condition"
    runs = [json.loads((folder / f"job-{n}.json").read_text("utf-8")) for n in (1, 2)]
    said = [[(one["name"]["value"], one["value"]) for one in body["parameter"]] for body in runs]
    assert said == [
        [
            ("PHYSICAL_CONDITION_selected", "true"),
            ("PHYSICAL_CONDITION_value", "Damaged"),
            ("PHYSICAL_CONDITION_condition", "Null"),
            ("MISSING_STATUS_selected", "true"),
            ("MISSING_STATUS_value", "MISSING"),
            ("MISSING_STATUS_condition", "Null"),
            ("set_id", "SET_ID"),
        ],
        [
            ("MISSING_STATUS_selected", "true"),
            ("MISSING_STATUS_value", "Null"),
            ("MISSING_STATUS_condition", "Null"),
            ("set_id", "SET_ID"),
        ],
    ]
    assert not (folder / "job-3.json").exists()


def test_a_library_that_loads_itself_searches_by_the_note_alone(run: Path) -> None:
    manifest = orjson.loads((run / "manifest.json").read_bytes())
    (run / "manifest.json").write_bytes(orjson.dumps({**manifest, "target": "self-load"}))
    folder = write_worklists(run).folder / "missing" / "set-missing"
    assert (folder / "search.txt").read_text() == 'Internal Note 1 contains keywords "Status: Missing"\n'
    page = (folder / "steps.md").read_text("utf-8")
    assert "before the library opens" in page
    assert "itemized\nsets do not survive a cutover" in page


def test_every_page_says_when_and_what_was_not_verified(run: Path) -> None:
    pages = list(write_worklists(run).folder.glob("*/*/steps.md"))
    assert len(pages) == 6
    for page in pages:
        text = page.read_text("utf-8")
        assert "Make the sets after cutover, not before: itemized sets do not survive it." in text
        assert "was not\nverified against Alma" in text


def test_the_slip_of_circulation_review_is_put_right(run: Path) -> None:
    ROWS.append(decision("i20", "120", "Circulation Review", "circulation-review"))
    try:
        write_rows(run)
        page = write_worklists(run).folder / "circulation-review" / "circulation-review" / "steps.md"
    finally:
        ROWS.pop()
    text = page.read_text("utf-8")
    assert "**Put right.**" in text
    assert "it is about Circulation Review" in text
    assert "Alma has no status Circulation Review" in text


def test_the_index_counts_and_links(run: Path) -> None:
    index = (write_worklists(run).folder / "index.md").read_text("utf-8")
    line = "| Damaged | Set the physical condition | 5 | 4 | 1 | [damaged/set-condition]"
    assert f"{line}(damaged/set-condition/steps.md) |" in index
    assert "- `9`: 1 item" in index
    assert "itemized sets do not survive it" in index


def test_the_site_s_own_procedure_replaces_that_of_base(run: Path) -> None:
    site = run / "rules" / "3-site"
    site.mkdir()
    (site / "own.toml").write_text('[worklist.set-missing]\nsteps = ["Ask Ada."]\n', "utf-8")
    page = write_worklists(run).folder / "missing" / "set-missing" / "steps.md"
    assert page.read_text("utf-8").endswith("## Steps\n\n1. Ask Ada.\n")


def test_lists_are_made_anew_in_the_run_and_nowhere_over_others(run: Path, tmp_path: Path) -> None:
    first = write_worklists(run).folder
    (first / "left-over").mkdir()
    assert not (write_worklists(run).folder / "left-over").exists()
    other = tmp_path / "lists"
    assert write_worklists(run, other).folder == other
    with pytest.raises(UsageError, match="is not empty"):
        write_worklists(run, other)


def test_a_run_of_an_older_version_says_so(run: Path) -> None:
    write_rows(run, without="after_go_live")
    with pytest.raises(UsageError, match="older version"):
        write_worklists(run)


def test_a_note_with_bare_text_is_searched_by_contains() -> None:
    """Reference 6.1: Internal Note 3 is searched by contains, Internal Note 1 by keywords."""
    page = WorkPage(
        folder="missing/set-missing", status="Missing", note="Missing", note_name="Internal Note 3",
        title="T", steps=("Do.",), put_right="", jobs=(), barcodes=("1",), no_barcode=(), item_count=1,
        shared_count=0, alike=(), also=(), process_types=("TECHNICAL",), self_load=False,
    )  # fmt: skip
    assert (
        '- Process Type equals "Technical - Migration" and Internal Note 3 contains "Missing"'
        in page_text(page)
    )
    assert "## The job" not in page_text(page)
