"""A whole run against the answer key: what was planted in the extracts is what comes out, nothing else.

The key is told from the planting and from a table written by hand (rules/sierra/synth.toml), never from
rules or maps; the delivery is read with pymarc and Python's csv.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.streaming.sites import DAY, Delivery, Site, make_site
from transformer import api

LIBRARIES: dict[str, dict[str, Any]] = {
    "A with lists, dirt": {"layout": "A", "seed": 7, "bibs": 800, "dirt": 0.05},
    "A with lists, clean": {"layout": "A", "seed": 11, "bibs": 300, "dirt": 0.0},
    "A embedded only, dirt": {"layout": "A", "seed": 3, "bibs": 400, "dirt": 0.05, "with_csv_items": False},
    "B with lists, dirt": {"layout": "B", "seed": 5, "bibs": 500, "dirt": 0.05},
    "B embedded only, clean": {"layout": "B", "seed": 8, "bibs": 300, "dirt": 0.0, "with_csv_items": False},
    "C lists only, dirt": {"layout": "C", "seed": 13, "bibs": 500, "dirt": 0.05},
}

BIB_REASONS = {"wrong-length": "length-mended", "cut": "record-length", "bad-utf8": "not-utf8"}
"""Damage planted -> issue code. A wrong length is mended, and the raw record kept. A record cut short in the
middle of a file is one whose length leads nowhere; `truncated` is the code where the file ends."""

ITEM_REASONS = {
    "bib-missing": "item-no-bib",
    "location-unmapped": "location-unmapped",
    "field-count": "row-field-count",
}


@pytest.fixture(scope="module", params=list(LIBRARIES))
def library(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Site, Delivery]:
    folder = tmp_path_factory.mktemp("site") / "lib"
    site = make_site(folder, **LIBRARIES[request.param])
    return site, site.run()


def test_bibs_by_count(library: tuple[Site, Delivery]) -> None:
    site, delivery = library
    key = site.key.counts["bib"]
    open_, suppressed = delivery.bibs(False), delivery.bibs(True)
    assert len(suppressed) == key["suppressed"]
    assert len(open_) + len(suppressed) == key["delivered"]
    wanted: Counter[str] = Counter()
    for damage, count in key["set_aside"].items():
        wanted[BIB_REASONS[damage]] += count
    assert delivery.reasons("bib") == dict(wanted)
    assert delivery.reasons("bib-repaired") == {BIB_REASONS[k]: n for k, n in key["repaired"].items()}


def test_suppressed_bibs_are_listed(library: tuple[Site, Delivery]) -> None:
    """The numbers of the list are those of the records in the suppressed files."""
    _, delivery = library
    listed = [row["bib_number"] for row in delivery.rows("bib", "suppressed")]
    assert sorted(listed) == sorted(record["001"].data for record in delivery.bibs(True))
    assert listed


def test_bibs_row_by_row(library: tuple[Site, Delivery]) -> None:
    site, delivery = library
    made = {r["001"].data: (r, stream) for stream in (False, True) for r in delivery.bibs(stream)}
    assert len(site.key.bib_rows) >= 200
    for row in site.key.bib_rows:
        number = row["number_written"].removeprefix(".")
        if row["outcome"] != "delivered":
            assert number not in made
            continue
        record, stream = made[number]
        assert stream is row["suppressed"], number
        assert record["245"]["a"] == row["title"]
        assert str(record.leader)[6:8] == row["leader_06_07"]
        assert record.get_fields("003", "907", "998", "902", "999") == []
        said = [value for field in record.get_fields("035") for value in field.get_subfields("a")]
        assert said.count(f"(SAMPLE){number}") == 1
        if row["control_source"]:
            assert said.count(row["expected_035"]) == 1, (number, said)
        assert len(said) == 1 + bool(row["control_source"])
        for tag, (first, second) in row["call_numbers"].items():
            field = record[tag]
            assert (field.get("a"), field.get("b") or "") == (first, second)


def test_items_by_count(library: tuple[Site, Delivery]) -> None:
    site, delivery = library
    key, rows = site.key.counts["item"], delivery.rows("item", "item")
    assert len(rows) == key["delivered"]
    for name, column in (("location", "source_location"), ("status", "source_status")):
        assert Counter(row[column] for row in rows) == key["delivered_by"][name], name
    assert Counter(row["source_item_type"] for row in rows) == key["delivered_by"]["item_type"]
    assert sum(row["process_type"] == "LOAN" for row in rows) == key["on_loan"]


def test_items_set_aside(library: tuple[Site, Delivery]) -> None:
    """Pieces, not items: an item in bib and list that is set aside lies there twice; a wrong row of an
    item that stands in its bib too costs the row only."""
    site, delivery = library
    key, aside = site.key.counts["item"], delivery.set_aside("item")
    by_item = {(row["record_id"], row["code"]) for row in aside if row["code"] != "row-field-count"}
    told = Counter(code for _, code in by_item)
    for reason in ("bib-missing", "location-unmapped"):
        assert told[ITEM_REASONS[reason]] == key["set_aside"].get(reason, 0), reason
    assert delivery.reasons("item").get("row-field-count", 0) == key["list_rows_wrong"]
    assert set(delivery.reasons("item")) <= set(ITEM_REASONS.values())


def test_items_in_the_books(library: tuple[Site, Delivery]) -> None:
    site, delivery = library
    key, ledger = site.key.counts["item"], delivery.ledger()
    if "items.csv" in site.key.files:
        assert ledger["items.csv", "item"].read_count == key["list_rows"]
        written = key["delivered_from"].get("list", 0) + key["delivered_from"].get("both", 0)
        assert ledger["items.csv", "item"].written_count == written
    if key["embedded_fields"]:
        embedded = ledger["bib.mrc", "item"]
        assert embedded.read_count == key["embedded_fields"]
        assert embedded.written_count == key["delivered_from"].get("embedded", 0)


def test_items_row_by_row(library: tuple[Site, Delivery]) -> None:
    site, delivery = library
    made = {row["item_number"]: row for row in delivery.rows("item", "item")}
    bib_numbers = {row["number"]: row["number_written"][1:] for row in site.key.bib_rows}
    assert len(site.key.item_rows) >= 200
    for row in site.key.item_rows:
        number = row["number_written"].removeprefix(".")
        if row["outcome"] != "delivered":
            assert number not in made, row
            continue
        found = made[number]
        wanted = wanted_item(row)
        if row["source"] == "embedded" and site.key.settings["layout"] == "B":
            wanted["fulfillment_note"] = ""  # 945 of layout B has no subfield for a message
        assert {name: found[name] for name in wanted} == wanted, (number, row["dirt"])
        if row["bib_number"] in bib_numbers:
            assert found["bib_number"] == bib_numbers[row["bib_number"]]


def wanted_item(row: dict[str, Any]) -> dict[str, str]:
    """What the key says of an item, under the headers of the self-load delivery."""
    status = row["expected_status"]
    library, location = row["expected_library_location"]
    policy, material = row["expected_policy_material"]
    return {
        "barcode": row["barcode"],
        "library": library,
        "location": location,
        "policy": policy,
        "physical_material_type": material,
        "base_status": status["base_status"],
        "process_type": status["process_type"],
        "physical_condition": status["condition"],
        "internal_note_1": "|".join(filter(None, [status["note"], *row["notes"]])),
        "fulfillment_note": row["message"],
        "arrival_date": row["created"],
        "description": row["volume"],
        "call_number": " ".join(filter(None, row["call_number"])),
        "call_number_type": row["expected_scheme"],
        "source_location": row["location"],
        "source_status": row["status"],
        "source_item_type": row["item_type"],
    }


def test_holdings_are_those_that_items_name(library: tuple[Site, Delivery]) -> None:
    """One for each bib, library, location and call number, and for checkin records that no item goes with;
    each says so in 004 and 852."""
    site, delivery = library
    items, holdings = delivery.rows("item", "item"), delivery.holdings()
    by_number = {record["001"].data: record for record in holdings}
    assert len(by_number) == len(holdings)
    named = {row["holding_number"] for row in items}
    assert named <= by_number.keys()
    assert len(holdings) == site.key.counts["holdings"]["delivered"]
    assert all("035" in by_number[number] for number in by_number.keys() - named)
    said = set()
    for row in items:
        record = by_number[row["holding_number"]]
        place, field = record["004"].data, record["852"]
        assert (place, field["b"], field["c"]) == (row["bib_number"], row["library"], row["location"])
        assert field.indicators.first.strip() == row["call_number_type"]
        assert " ".join(field.get_subfields("h", "i")) == row["call_number"]
        said.add((place, str(field)))
    assert len(said) == len(named)
    bibs = {r["001"].data for stream in (False, True) for r in delivery.bibs(stream)}
    assert {row["bib_number"] for row in items} <= bibs


def test_patrons(library: tuple[Site, Delivery]) -> None:
    site, delivery = library
    key, rows = site.key.counts["patron"], delivery.rows("patron", "patron")
    assert len(rows) == key["delivered"]
    assert Counter(row["source_patron_type"] for row in rows) == key["delivered_by_type"]
    expired = sum(row["expiry_date"] <= DAY.isoformat() for row in rows)
    assert expired == key["expired_delivered"]
    assert delivery.reasons("patron").get("row-field-count", 0) == key["set_aside"]["field-count"]
    values = key["delivered_values"]
    identifiers = Counter(row["id_type"] for row in delivery.rows("patron", "patron_identifier"))
    assert (identifiers["BARCODE"], identifiers["UNIV_ID"]) == (values["BARCODE"], values["UNIV_ID"])
    for name in ("address", "phone", "email", "note"):
        assert len(delivery.rows("patron", f"patron_{name}")) == values[name], name


def test_patrons_row_by_row(library: tuple[Site, Delivery]) -> None:
    site, delivery = library
    main = {row["patron_number"][1:-1]: row for row in delivery.rows("patron", "patron")}
    children: dict[str, dict[str, list[dict[str, str]]]] = {}
    for name in ("identifier", "address", "phone", "email"):
        for row in delivery.rows("patron", f"patron_{name}"):
            children.setdefault(row["patron_number"][1:-1], {}).setdefault(name, []).append(row)
    for row in site.key.patron_rows:
        if row["outcome"] != "delivered":
            assert row["number"] not in main
            continue
        found, of = main[row["number"]], children[row["number"]]
        last, _, rest = row["name"].partition(", ")
        assert f"{found['first_name']} {found['middle_name']}".strip() == rest
        assert found["last_name"] == last
        assert found["primary_id"] == row["university_id"]
        assert found["user_group"] == row["expected_user_group"]
        said = {(i["id_type"], i["value"]) for i in of["identifier"]}
        assert said == {("UNIV_ID", row["university_id"])} | {("BARCODE", b) for b in row["barcodes"]}
        emails = {e["email_address"]: e["preferred"] for e in of.get("email", [])}
        assert emails == dict(zip(row["emails"], ("true", "false"), strict=False))
        assert [p["phone_number"] for p in of.get("phone", [])] == row["phones"]
        assert [p["preferred"] for p in of.get("phone", [])] == ["true", "false"][: len(row["phones"])]
        addresses = {a["address_type"]: (lines(a), a["preferred"]) for a in of.get("address", [])}
        kinds = (("home", "true"), ("alternative", "false"))
        wanted = zip(kinds, row["addresses"], strict=False)
        assert addresses == {kind: (address, preferred) for (kind, preferred), address in wanted}


def lines(address: dict[str, str]) -> list[str]:
    """A delivered address as the lines it was written in."""
    last = f"{address['city']}, {address['state_province']} {address['postal_code']}"
    return [*filter(None, (address[f"line{n}"] for n in range(1, 6))), last]


def issues_of(delivery: Delivery) -> list[dict[str, Any]]:
    return list(api.open_run(delivery.folder).table("issue").to_pylist())


def test_lists_differ_from_bibs_where_planted(library: tuple[Site, Delivery]) -> None:
    """Each item whose field and row disagree is counted as a conflict, by column."""
    site, delivery = library
    found: Counter[str] = Counter()
    for row in issues_of(delivery):
        if row["code"] == "source-conflict":
            found[row["column"]] += 1
    wanted = {name for name, count in site.key.counts["item"]["conflict"].items() if count}
    assert set(found) & {"location", "status"} == wanted


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, Delivery]:
    """A library in which second barcodes and equal identifiers are sure to be."""
    site = make_site(tmp_path_factory.mktemp("dirty") / "lib", bibs=200, patrons=200, seed=7, dirt=0.1)
    return site, site.run()


def test_nothing_of_an_item_is_lost_in_silence(dirty: tuple[Site, Delivery]) -> None:
    """A second barcode is delivered somewhere, or an issue says how many are not."""
    site, delivery = dirty
    made = {row["item_number"]: row for row in delivery.rows("item", "item")}
    lost = [
        row["more_barcode"]
        for row in site.key.item_rows
        if row["outcome"] == "delivered"
        and row["more_barcode"]
        and not any(row["more_barcode"] in value for value in made[row["number_written"][1:]].values())
    ]
    told = [row for row in issues_of(delivery) if row["kind"] == "item" and row["column"] == "barcode"]
    assert any(row["more_barcode"] for row in site.key.item_rows if row["outcome"] == "delivered")
    assert not lost or any(row["code"] not in ("value-duplicate", "value-missing") for row in told)


def test_equal_identifiers_of_patrons_are_told(dirty: tuple[Site, Delivery]) -> None:
    """Alma does not tell capitals from small letters in a primary id; the key plants just that."""
    site, delivery = dirty
    planted = sum(row["dirt"] == "duplicate-id" for row in site.key.patron_rows)
    told = [r for r in issues_of(delivery) if r["kind"] == "patron" and r["code"] == "value-duplicate"]
    assert planted
    assert told
    assert not any(row["value"] for row in told)
