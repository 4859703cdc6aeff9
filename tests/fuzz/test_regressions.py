"""What fuzzing found and what was mended: one test each, the bytes made as small as they show it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.delimited import one, values
from tests.reference.batches import records_of
from transformer.extracts.model import Source
from transformer.readers import marcjson, marcxml
from transformer.schema.batch import REASONS

LEADER = "00000nam a2200000 a 4500"


def xml(number: int, prefix: str = "") -> str:
    return (
        f"<{prefix}record><{prefix}leader>{LEADER}</{prefix}leader>"
        f'<{prefix}controlfield tag="001">b{number}</{prefix}controlfield></{prefix}record>'
    )


def numbers(source: Source) -> list[bytes]:
    """The 001 of every record that was read."""
    (partition,) = (marcxml if source.container == "marcxml" else marcjson).partitions(source)
    result = (marcxml if source.container == "marcxml" else marcjson).read(partition)
    return [record.fields[0].inner for record in records_of(result.batch)]


def test_a_record_of_another_prefix_that_is_cut_short_costs_none_behind_it(tmp_path: Path) -> None:
    """Two files in one, the first cut: all of the second was part of its last record."""
    path = tmp_path / "x"
    path.write_text(xml(1, "marc:") + xml(2, "marc:")[:-16] + xml(3) + xml(4))
    assert numbers(Source(path, "marcxml")) == [b"b1", b"b3", b"b4"]
    path.write_text(xml(1) + xml(2)[:-16] + xml(3, "m:") + xml(4, "m:"))
    assert numbers(Source(path, "marcxml")) == [b"b1", b"b3", b"b4"]


def test_a_foreign_record_inside_is_still_inside(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text(xml(1).replace("</record>", "<x:record><x:note>a</x:note></x:record></record>") + xml(2))
    assert numbers(Source(path, "marcxml")) == [b"b1", b"b2"]


def test_a_record_cut_short_has_one_reason_wherever_partitions_end(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text(xml(1) + xml(2)[:-16] + xml(3) + xml(4)[:-16])
    source = Source(path, "marcxml")
    for size in (1, 1 << 20):
        found = [marcxml.read(part).spans for part in marcxml.partitions(source, partition_bytes=size)]
        reasons = np.concatenate([spans.reason for spans in found]).tolist()
        assert [REASONS[reason] for reason in reasons if reason] == ["xml-malformed", "truncated"]


def test_a_record_cut_behind_a_backslash_costs_none_behind_it(tmp_path: Path) -> None:
    path = tmp_path / "x"
    record = '{"leader": "%s", "fields": [{"001": "b%d"}]}'
    path.write_text(record % (LEADER, 1) + '{"leader": "\\' + record % (LEADER, 2))
    assert numbers(Source(path, "marcjson")) == [b"b1", b"b2"]


def test_a_nul_in_one_row_costs_no_other(tmp_path: Path) -> None:
    data = b"A,B\n" + b"one,two\n" * 20 + b"th\0ree,four\n"
    assert values([one(tmp_path, data)])[-2:] == [("one", "two"), ("th\0ree", "four")]
