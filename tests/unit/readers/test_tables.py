"""The three tables of a file, beside what pymarc reads, and in the hands of DuckDB and Parquet."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pymarc
import pytest

from tests.makers import LEADER, record
from transformer.extracts.model import Source
from transformer.readers import tables
from transformer.readers.iso2709 import partitions, read
from transformer.schema.batch import MarcBatch
from transformer.schema.marc import FIELD, RECORD, SUBFIELD

MADE = [
    record(LEADER, [
        ("001", "b1000001"), ("008", "860506s1957    nyuab    b    001 0 eng  "),
        ("245", "1", "0", [("a", "История книги :"), ("b", "圖書館 & <more> /"), ("c", "N. N.")]),
        ("650", " ", "0", [("a", "Moon"), ("x", "Mice"), ("0", "(made)1")]),
        ("9AB", " ", " ", [("a", ""), ("a", "long enough to lie in the window")]),
    ]),
    record("00000cy  a2200000n  4500", [("004", "b1000001"), ("852", "0", "1", [("b", "MAIN")])]),
    record("00000nz  a2200000n  4500", [("001", "a1"), ("001", "a2"), ("100", "1", " ", [("a", "Someone")])]),
]  # fmt: skip


@pytest.fixture
def source(tmp_path: Path) -> Source:
    path = tmp_path / "bib.mrc"
    path.write_bytes(b"".join(MADE))
    return Source(path, "iso2709")


@pytest.fixture
def batch(source: Source) -> MarcBatch:
    (partition,) = partitions(source)
    return read(partition).batch


def test_record_table(batch: MarcBatch, source: Source) -> None:
    table = tables.record_table(batch, source)
    table.validate(full=True)
    same = {
        "container": "iso2709",
        "encoding": "utf-8",
        "status": "record",
        "source_file": "bib.mrc",
        "member": "",
    }
    starts = [0, len(MADE[0]), len(MADE[0]) + len(MADE[1])]
    expected = zip(
        range(3), ["b1000001", None, "a1"], ["bib", "holdings", "authority"], MADE, starts, strict=True
    )
    assert table.to_pylist() == [
        {
            "record_no": number,
            "control_number": control_number,
            "leader": made[:24].decode(),
            "kind": kind,
            **same,
            "byte_start": start,
            "byte_count": len(made),
        }
        for number, control_number, kind, made, start in expected
    ]


def test_subfields_are_pymarcs(batch: MarcBatch) -> None:
    expected = [
        (number, place, field.tag, subfield.code, subfield.value)
        for number, made in enumerate(MADE)
        for place, field in enumerate(pymarc.Record(made).fields)
        if not field.control_field
        for subfield in field.subfields
    ]
    assert [
        (row["record_no"], row["field_no"], row["tag"], row["code"], row["value"])
        for row in tables.subfield_table(batch).to_pylist()
    ] == expected


def test_fields_are_pymarcs(batch: MarcBatch) -> None:
    expected = [
        (number, place, field.tag, field.indicator1, field.indicator2, None, False)
        if not field.control_field
        else (number, place, field.tag, None, None, field.data, True)
        for number, made in enumerate(MADE)
        for place, field in enumerate(pymarc.Record(made).fields)
    ]
    assert [tuple(row.values()) for row in tables.field_table(batch).to_pylist()] == expected


def test_plain_form_is_the_schema(batch: MarcBatch, source: Source, tmp_path: Path) -> None:
    made = (tables.record_table(batch, source), tables.field_table(batch), tables.subfield_table(batch))
    for table, schema in zip(made, (RECORD, FIELD, SUBFIELD), strict=True):
        plain = tables.to_plain(table)
        assert plain.schema.equals(schema, check_metadata=True)
        assert plain.to_pylist() == table.to_pylist()
        pq.write_table(pa.Table.from_batches([plain]), tmp_path / "table.parquet")
        assert pq.read_table(tmp_path / "table.parquet").to_pylist() == table.to_pylist()


def test_duckdb_takes_the_fast_form(batch: MarcBatch) -> None:
    connection = duckdb.connect()
    connection.register("subfield", pa.Table.from_batches([tables.subfield_table(batch)]))
    connection.register("field", pa.Table.from_batches([tables.field_table(batch)]))
    assert connection.sql("select value from subfield where tag = '650' and code = 'x'").fetchall() == [
        ("Mice",)
    ]
    assert connection.sql("select count(*) from field where is_control and value like 'b1%'").fetchall() == [
        (2,)
    ]


def test_batches_share_one_dictionary(tmp_path: Path) -> None:
    path = tmp_path / "two.mrc"
    path.write_bytes(MADE[1] + MADE[2])
    first, second = (
        tables.subfield_table(read(partition).batch)
        for partition in partitions(Source(path, "iso2709"), partition_bytes=1)
    )
    for name in ("tag", "code"):
        assert first.column(name).dictionary.equals(second.column(name).dictionary)
    assert pa.Table.from_batches([first, second]).num_rows == 2
