"""The books of a run against counts by pymarc and csv; set-aside bytes against the extracts; lost records."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.streaming.sites import Delivery, Site, make_site
from transformer import api
from transformer.errors import BooksError
from transformer.pipeline.staged import StagedTable
from transformer.schema.batch import MarcBatch, Rendered


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, Delivery]:
    site = make_site(tmp_path_factory.mktemp("books") / "lib", bibs=400, seed=31, dirt=0.1)
    return site, site.run()


def csv_rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_every_row_closes(library: tuple[Site, Delivery]) -> None:
    kinds = set()
    for row in library[1].result.ledger:
        assert row.read_count == row.written_count + row.merged_count + row.set_aside_count
        kinds.add(row.kind)
    assert kinds == {"bib", "holdings", "item", "loan", "patron", "request"}


def test_the_table_is_what_the_result_says(library: tuple[Site, Delivery]) -> None:
    from dataclasses import asdict

    _, delivery = library
    table = api.open_run(delivery.folder).table("ledger").to_pylist()
    assert table == [asdict(row) for row in delivery.result.ledger]


def test_what_was_read_by_other_counts(library: tuple[Site, Delivery]) -> None:
    """Bibs by their terminators (dirt leaves each record's in place but a cut one's), lists by csv."""
    site, delivery = library
    ledger = delivery.ledger()
    assert ledger["bib.mrc", "bib"].read_count == site.key.counts["bib"]["planted"]
    for name, kind in (("items.csv", "item"), ("patrons.csv", "patron")):
        assert ledger[name, kind].read_count == len(csv_rows(site.extracts / name)) - 1


def test_what_was_written_by_other_counts(library: tuple[Site, Delivery]) -> None:
    _, delivery = library
    ledger = delivery.ledger()
    bibs = len(delivery.bibs(False)) + len(delivery.bibs(True))
    assert ledger["bib.mrc", "bib"].written_count == bibs
    items = ledger["bib.mrc", "item"].written_count + ledger["items.csv", "item"].written_count
    assert items == len(delivery.rows("item", "item"))
    assert ledger["patrons.csv", "patron"].written_count == len(delivery.rows("patron", "patron"))
    holdings = [row for row in delivery.result.ledger if row.kind == "holdings"]
    assert sum(row.made_count for row in holdings) == len(delivery.holdings())
    for kind in ("bib", "item", "patron"):
        aside = sum(row.set_aside_count for row in delivery.result.ledger if row.kind == kind)
        assert aside == len(delivery.set_aside(kind)) > 0


@pytest.mark.parametrize("kind", ["bib", "item", "patron"])
def test_set_aside_bytes_are_those_of_the_extract(library: tuple[Site, Delivery], kind: str) -> None:
    """Each piece lies at `at`, byte for byte; embedded fields as their inner form inside the record."""
    site, delivery = library
    data, rows = delivery.set_aside_bytes(kind), delivery.set_aside(kind)
    ends = [int(row["at"]) for row in rows[1:]] + [len(data)]
    for row, end in zip(rows, ends, strict=True):
        piece = data[int(row["at"]) : end - 1]
        assert data[end - 1 : end] == b"\n"
        source = (site.extracts / row["source_file"]).read_bytes()
        start, count = int(row["byte_start"]), int(row["byte_count"])
        if row["field_no"]:
            assert piece + b"\x1e" in source[start : start + count]
            assert row["record_id"].encode() in piece.replace(b".", b"")
        else:
            assert piece == source[start : start + count]
        assert row["code"]


def test_spans_of_bibs_are_whole(library: tuple[Site, Delivery]) -> None:
    """What is set aside of the bib file and what was delivered add up to the file."""
    site, delivery = library
    index = api.open_run(delivery.folder).table("key_index").to_pylist()
    good = sum(row["byte_count"] for row in index if row["kind"] == "bib")
    aside = sum(int(row["byte_count"]) for row in delivery.set_aside("bib"))
    assert good + aside == (site.extracts / "bib.mrc").stat().st_size


# ------------------------------------------------------------------ records that get lost on the way


@pytest.fixture
def small(tmp_path: Path) -> Site:
    return make_site(tmp_path / "lib", bibs=40, seed=5, dirt=0.0)


def lost(site: Site) -> str:
    """The message of the run that must not end well; no `latest` may name it."""
    with pytest.raises(BooksError) as caught:
        site.run()
    assert caught.value.exit_code == 6
    assert not (site.folder / "runs" / "latest").exists()
    return str(caught.value)


def test_a_bib_lost_by_the_writer(small: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from transformer.writers import marcxml

    real, dropped = marcxml.render, []

    def one_short(batch: MarcBatch) -> Rendered:
        made = real(batch)
        if dropped or len(made.ends) < 2:
            return made
        dropped.append(1)
        size = int(made.ends[0])
        ends = made.ends - size
        ends[0] = 0
        return Rendered(made.data[size:].copy(), ends, made.failed, made.notes)

    monkeypatch.setattr(marcxml, "render", one_short)
    assert "bib" in lost(small)


def test_a_bib_lost_by_the_reader(small: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted in its spans, missing from its batch, and no word about it."""
    from transformer.pipeline import stage

    real = stage.read_once

    def one_short(partition: Any) -> Any:
        made = real(partition)
        made.spans.kind[0] = 0
        batch = made.batch
        cut = {name: getattr(batch, name) for name in MarcBatch.__dataclass_fields__}
        first = int(batch.field_from[1])
        for name in ("record_no", "leader", "byte_start", "byte_count"):
            cut[name] = cut[name][1:]
        for name in ("tag", "start", "length", "control"):
            cut[name] = cut[name][first:]
        cut["field_from"] = batch.field_from[1:] - first
        return type(made)(MarcBatch(**cut), made.spans, made.notes)

    monkeypatch.setattr(stage, "read_once", one_short)
    assert "bib" in lost(small)


def test_rows_lost_by_the_writer_of_tables(small: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """An item row that never reached its file."""
    from transformer.writers import csv as writer

    real = writer.write_csv_files

    def one_short(folder: Path, name: str, schema: Any, batches: Iterator[Any], **words: Any) -> Any:
        kept = [batch.slice(1) if name == "item" and at == 0 else batch for at, batch in enumerate(batches)]
        return real(folder, name, schema, iter(kept), **words)

    monkeypatch.setattr(writer, "write_csv_files", one_short)
    assert "item" in lost(small)


def test_holdings_lost_by_the_writer(small: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from transformer.pipeline import emit_holdings

    monkeypatch.setattr(emit_holdings, "PIECE_RECORDS", 20)
    from transformer.writers import marcxml

    real = marcxml.render

    def one_short(batch: MarcBatch) -> Rendered:
        made = real(batch)
        if batch.record_count != 20:
            return made
        return Rendered(made.data[: int(made.ends[18])], np.append(made.ends[:19], made.ends[18]))

    monkeypatch.setattr(marcxml, "render", one_short)
    assert "holdings" in lost(small)


def test_an_item_field_lost_on_the_way_to_its_table(small: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken out of its bib, and not in the table of items."""
    from transformer.pipeline import run as corridor

    real = corridor.stage_all

    def one_short(*words: Any, **named: Any) -> Any:
        staged = real(*words, **named)
        name = next(n for n, t in staged.tables.items() if n.endswith("_embedded") and t.num_rows)
        staged.tables[name] = StagedTable.of_table(staged.tables[name].to_table().slice(1))
        return staged

    monkeypatch.setattr(corridor, "stage_all", one_short)
    before = small.key.counts["item"]["embedded_fields"]
    try:
        made = small.run()
    except BooksError:
        return
    # The field was never taken out, so it stays in its bib as a note: nothing is lost.
    assert made.ledger()["bib.mrc", "item"].read_count == before - 1
    notes = sum(len(r.get_fields("945")) for stream in (False, True) for r in made.bibs(stream))
    assert notes == small.key.counts["bib"]["local_note_fields"] + 1
