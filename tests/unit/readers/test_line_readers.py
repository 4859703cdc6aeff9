"""aleph_sequential, JSON and mnemonic text as files: partitions, windows, memory, and what a reader notes."""

from __future__ import annotations

import dataclasses
import json
import tracemalloc
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from tests.reference.batches import Field, records_of
from transformer.errors import ExtractError
from transformer.extracts.model import Source
from transformer.readers import aleph_sequential, marcjson, mnemonic, partitions_of_all
from transformer.schema.batch import REASONS, ReadResult

LEADER = "00000nam a2200000 a 4500"


def sequential(number: int) -> bytes:
    head = f"{number + 1:09d}"
    lines = (f"LDR   L {LEADER}", f"001   L {number}", f"500   L $$a{'x' * (number % 90)}")
    return "".join(f"{head} {line}\n" for line in lines).encode() + b"\n"


def jsonl(number: int) -> bytes:
    fields = [
        {"001": str(number)},
        {"500": {"ind1": " ", "ind2": " ", "subfields": [{"a": "x" * (number % 90)}]}},
    ]
    return json.dumps({"leader": LEADER, "fields": fields}, indent=number % 2 or None).encode() + b"\n"


def mrk(number: int) -> bytes:
    return f"=LDR  {LEADER}\n=001  {number}\n=500  \\\\$a{'x' * (number % 90)}\n\n".encode()


DAMAGE = b"<html>\n<body>503</body>\n</html>\n"
CASES = [(aleph_sequential, sequential), (marcjson, jsonl), (mnemonic, mrk)]


@pytest.fixture(params=CASES, ids=lambda case: case[0].__name__.rsplit(".", 1)[-1])
def case(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[ModuleType, Source]:
    module, make = request.param
    path = tmp_path / "x"
    path.write_bytes(DAMAGE + b"".join(make(n) + (DAMAGE if n % 50 == 7 else b"") for n in range(200)))
    return module, Source(path, module.__name__.rsplit(".", 1)[-1])


def summary(results: list[ReadResult]) -> object:
    columns = [
        np.concatenate([getattr(r.spans, name) for r in results]).tolist()
        for name in ("byte_start", "byte_count", "kind", "reason", "record_no")
    ]
    records = [record for r in results for record in records_of(r.batch)]
    return columns, records, [note for r in results for note in r.notes]


@pytest.mark.parametrize("partition_bytes", [1, 500, 7000])
@pytest.mark.parametrize("walk_bytes", [300, 4096])
def test_results_do_not_depend_on_partitions_or_buffers(
    case: tuple[ModuleType, Source], partition_bytes: int, walk_bytes: int
) -> None:
    module, source = case
    whole = [module.read(part) for part in module.partitions(source)]
    bounds = dataclasses.replace(module.BOUNDS, walk_bytes=walk_bytes)
    parts = list(module.partitions(source, partition_bytes=partition_bytes, bounds=bounds))
    assert len(parts) > 2
    assert summary([module.read(part) for part in parts]) == summary(whole)
    columns = summary(whole)[0]  # type: ignore[index]
    assert sum(columns[1]) == source.path.stat().st_size
    assert [n for n in columns[4] if n >= 0] == list(range(200 + 5))


def test_numbers_go_on_over_files(case: tuple[ModuleType, Source]) -> None:
    _, source = case
    parts = list(partitions_of_all((source, source)))
    assert [(p.index, p.first_record_no) for p in parts] == [(0, 0), (1, 205)]


def test_a_file_that_changes_is_told(case: tuple[ModuleType, Source]) -> None:
    module, source = case
    (part,) = module.partitions(source)
    source.path.write_bytes(source.path.read_bytes()[:-400])
    with pytest.raises(ExtractError, match="has changed"):
        module.read(part)


def test_one_endless_line_costs_bounded_memory(case: tuple[ModuleType, Source], tmp_path: Path) -> None:
    """60 MB without a line end: set aside in pieces, and never in memory as a whole."""
    module, source = case
    source.path.write_bytes(b"")
    with source.path.open("wb") as file:
        file.write(
            sequential(1)[:40]
            if module is aleph_sequential
            else b'{"leader":"'
            if module is marcjson
            else b"=LDR  "
        )
        for _ in range(60):
            file.write(b"x" * (1 << 20))
    bounds = dataclasses.replace(module.BOUNDS, most=1 << 20)
    tracemalloc.start()
    total = 0
    for part in module.partitions(source, partition_bytes=1 << 20, bounds=bounds):
        result = module.read(part, bounds)
        total += int(result.spans.byte_count.sum())
        assert result.batch.record_count == 0
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == source.path.stat().st_size
    assert peak < 16 << 20


def read_json(tmp_path: Path, *objects: object) -> ReadResult:
    path = tmp_path / "x.json"
    path.write_text("\n".join(o if isinstance(o, str) else json.dumps(o) for o in objects), "utf-8")
    (part,) = marcjson.partitions(Source(path, "marcjson"))
    return marcjson.read(part)


def test_shapes_of_json(tmp_path: Path) -> None:
    wanted = [Field("001", b"b1", True), Field("245", b"10\x1faMoon\x1fb"), Field("FMT", b"BK", True)]
    plain = [
        {"001": "b1"},
        {"245": {"ind1": "1", "ind2": "0", "subfields": [{"a": "Moon"}, {"b": None}]}},
        {"FMT": "BK"},
    ]
    hashed = [["001", "b1"], ["245", "1", "0", [["a", "Moon"], ["b", ""]]], ["FMT", "BK"]]
    named = [
        {"tag": "001", "value": "b1"},
        {
            "tag": "245",
            "ind1": "1",
            "ind2": "0",
            "subfields": [{"code": "a", "value": "Moon"}, {"code": "b", "value": ""}],
        },
        {"tag": "FMT", "value": "BK"},
    ]
    result = read_json(tmp_path, *({"leader": LEADER, "fields": fields} for fields in (plain, hashed, named)))
    assert [record.fields for record in records_of(result.batch)] == [wanted] * 3
    assert result.notes == ()


@pytest.mark.parametrize(
    "record, reason",
    [
        ({"leader": LEADER}, "json-structure"),
        ({"leader": LEADER, "fields": {"001": "x"}}, "json-structure"),
        ({"leader": LEADER, "fields": [{"245": {"ind1": "1"}}]}, "json-structure"),
        ({"leader": LEADER, "fields": [{"24": "x"}]}, "json-structure"),
        ({"leader": LEADER, "fields": [{"001": 5}]}, "json-structure"),
        ({"leader": LEADER, "fields": [{"245": {"ind1": "10", "subfields": []}}]}, "json-structure"),
        ({"leader": LEADER, "fields": [["245", "1", "0"]]}, "json-structure"),
        ({"leader": 5, "fields": []}, "json-structure"),
        ({"leader": "short", "fields": []}, "leader"),
        ('{"leader": "' + LEADER + '", "fields": [{"001": "a", "001": "b"}]}', "json-structure"),
        ('{"leader": "' + LEADER + '", "fields": [{"001": "\\ud800"}]}', "json-malformed"),
        ('{"leader": "' + LEADER + '", "fields": [1 2]}', "json-malformed"),
        ('{"leader": ' + "[" * 100_000 + "]" * 100_000 + "}", "json-malformed"),
    ],
)  # fmt: skip
def test_json_that_is_no_marc_is_set_aside(tmp_path: Path, record: object, reason: str) -> None:
    good = {"leader": LEADER, "fields": [{"001": "b1"}]}
    result = read_json(tmp_path, good, record, good)
    assert [REASONS[why] for why in result.spans.reason.tolist() if why] == [reason]
    assert result.batch.record_no.tolist() == [0, 2]


def test_what_json_readers_mend_is_noted(tmp_path: Path) -> None:
    fields = [{"245": {"ind2": "", "subfields": [{"": "bare"}, {"a": "x\u001fy"}], "ind3": "1"}}]
    result = read_json(
        tmp_path,
        {"fields": fields},
        {"leader": LEADER[:22], "fields": []},
        {"leader": LEADER + "  ", "fields": []},
    )
    assert records_of(result.batch)[0].fields == [Field("245", b"  bare\x1fax y")]
    assert [(code, number, tag) for code, number, tag, _ in result.notes] == [
        ("json-foreign-member", 0, "245"),
        ("indicator-missing", 0, "245"),
        ("delimiter-in-value", 0, "245"),
        ("leader-missing", 0, "LDR"),
        ("leader-short", 1, "LDR"),
        ("leader-padded", 2, "LDR"),
    ]
