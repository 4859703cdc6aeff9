"""What fuzzing found and what was mended: one test each, the bytes made as small as they show it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tests.delimited import one, values
from tests.makers import record
from tests.reference.batches import records_of
from transformer.extracts.model import Source
from transformer.readers import iso2709, marcjson, marcxml, mnemonic
from transformer.schema.batch import REASONS

LEADER = "00000nam a2200000 a 4500"
MNEMONIC = f"=LDR  {LEADER}\n=245  10$aOf mice and moons\n\n".encode()


def bib(number: int) -> bytes:
    return record(LEADER, [("001", f"b{number}"), ("245", "1", "0", [("a", "Of mice and moons")])])


def xml(number: int, prefix: str = "") -> str:
    return (
        f"<{prefix}record><{prefix}leader>{LEADER}</{prefix}leader>"
        f'<{prefix}controlfield tag="001">b{number}</{prefix}controlfield></{prefix}record>'
    )


def numbers(source: Source) -> list[bytes]:
    """The 001 of every record that was read."""
    reader: Any = {"iso2709": iso2709, "marcxml": marcxml, "marcjson": marcjson}[source.container]
    (partition,) = reader.partitions(source)
    result = reader.read(partition)
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


def test_a_wrong_number_that_leads_to_the_end_of_a_neighbour_costs_it_nothing(tmp_path: Path) -> None:
    """An entry of the first record ends, by accident, on the last field terminator of the third."""
    damaged, path = bib(1), tmp_path / "x"
    start = int(damaged[12:17]) + int(damaged[43:48])
    reach = 3 * len(damaged) - 1 - start
    damaged = damaged[:39] + b"%04d" % reach + damaged[43:]
    path.write_bytes(damaged + bib(2) + bib(3) + bib(4))
    assert numbers(Source(path, "iso2709"))[-3:] == [b"b2", b"b3", b"b4"]


def test_the_end_of_a_field_without_its_beginning_is_set_aside(tmp_path: Path) -> None:
    """Half a record: its text was taken for something between records, and nobody was told."""
    path = tmp_path / "x"
    half = "half a title</subfield></datafield></record>"
    path.write_text(xml(1) + "\n " + half + xml(2))
    source = Source(path, "marcxml")
    assert numbers(source) == [b"b1", b"b2"]
    (partition,) = marcxml.partitions(source)
    spans = marcxml.read(partition).spans
    aside = [
        (at, count)
        for at, count, kind in zip(
            spans.byte_start.tolist(), spans.byte_count.tolist(), spans.kind.tolist(), strict=True
        )
        if kind == 2
    ]
    assert aside == [(len(xml(1)) + 2, len(half))]


def test_a_bad_byte_at_the_end_of_a_file_is_seen_whatever_the_partition(tmp_path: Path) -> None:
    """A last byte that begins no character was taken for one that a window cuts, and the record lost."""
    path = tmp_path / "x"
    path.write_bytes(MNEMONIC + MNEMONIC[:-2] + "né".encode() + b"e\xe1")
    source = Source(path, "mnemonic")
    told = []
    for size in (1, 1 << 24):
        results = [mnemonic.read(part) for part in mnemonic.partitions(source, partition_bytes=size)]
        told.append([REASONS[reason] for result in results for reason in result.spans.reason.tolist()])
        assert sum(result.batch.record_count for result in results) == 2
    assert told == [["", "undecodable"]] * 2


def test_an_instruction_without_an_end_is_not_ended_by_the_next_file(tmp_path: Path) -> None:
    """Two files in one: what a lost byte began in the first went on to the declaration of the second."""
    path = tmp_path / "x"
    path.write_text(xml(1).replace("</leader>", "</leader<?") + xml(2) + "<?xml version='1.0'?>" + xml(3))
    assert numbers(Source(path, "marcxml")) == [b"b2", b"b3"]
