"""What records have that their MARC format does not allow: findings of the readers, added up and told.

A million bibs may have a million findings of twenty kinds. So each kind (file, code, tag, value) is one issue
row with its count and the first record it was met in, and every single finding is a row of
`tables/marc_fault.parquet`, for who wants to mend them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import pyarrow as pa

from transformer.marc import AUTHORITY_TYPE, HOLDINGS_TYPES, RECORD_TYPE_AT
from transformer.pipeline.findings import Row
from transformer.readers.validity import FAULT, faults, prepared
from transformer.schema.batch import U8, MarcBatch
from transformer.schema.books import ISSUE_CODES
from transformer.schema.marc_facts import MarcFacts

TABLE = "marc_fault"
_NOTHING = (
    FAULT.append(pa.field("kind", pa.dictionary(pa.int32(), pa.string())))
    .append(pa.field("byte_start", pa.int64()))
    .empty_table()
)
_NUMBERS: Final = {"bib": 0, "holdings": 1, "authority": 2}
_NAMES: Final = pa.array(list(_NUMBERS))
_NONE: Final = 255


def faults_of(batch: MarcBatch, formats: tuple[tuple[str, MarcFacts], ...]) -> pa.Table:
    """Findings in a batch: columns of `FAULT`, kind and byte_start of the record. formats: kind of record and
    what its format allows, for the kinds that are looked at."""
    kinds = _kinds(batch)
    found = []
    for kind, facts in formats:
        wanted = kinds == _NUMBERS.get(kind, _NONE)
        if not wanted.any():
            continue
        rows = pa.Table.from_batches([faults(batch, prepared(facts), wanted.view(np.uint8))])
        record = np.searchsorted(batch.record_no, rows.column("record_no").to_numpy())
        names = pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(record), np.int32)), [kind])
        found.append(
            rows.append_column("kind", names).append_column("byte_start", pa.array(batch.byte_start[record]))
        )
    return pa.concat_tables(found) if found else _NOTHING


def _kinds(batch: MarcBatch) -> U8:
    """uint8[R]: number of the kind of each record, by leader/06."""
    kinds = np.full(256, _NUMBERS["bib"], np.uint8)
    kinds[[ord(c) for c in HOLDINGS_TYPES]] = _NUMBERS["holdings"]
    kinds[ord(AUTHORITY_TYPE)] = _NUMBERS["authority"]
    return kinds[batch.leader_byte(RECORD_TYPE_AT)]


def kinds_of(batch: MarcBatch) -> pa.Array:
    """string[R]: bib, holdings or authority, by leader/06."""
    return _NAMES.take(pa.array(_kinds(batch)))


def rows_of_faults(tables: Iterable[pa.Table]) -> Iterable[Row]:
    """One issue row a kind of finding. tables: `FAULT` with source_file, kind and byte_start beside it; no
    record in two of them."""
    keys = ["source_file", "kind", "code", "tag", "value"]
    counts: dict[tuple[str, ...], tuple[int, int, int]] = {}
    for table in tables:
        plain = table.select([*keys, "byte_start", "record_no"]).combine_chunks()
        grouped = plain.group_by(keys).aggregate(
            [("byte_start", "min"), ("record_no", "count_distinct"), ("record_no", "count")]
        )
        for row in grouped.to_pylist():
            key = tuple(row[name] for name in keys)
            first, records, times = counts.get(key, (row["byte_start_min"], 0, 0))
            counts[key] = (
                min(first, row["byte_start_min"]),
                records + row["record_no_count_distinct"],
                times + row["record_no_count"],
            )
    for key in sorted(counts):
        row = dict(zip(keys, key, strict=True))
        first, records, times = counts[key]
        known = ISSUE_CODES[row["code"]]
        places = "once" if times == 1 else f"{times:,} times in {records:,} records"
        yield {
            "severity": known.severity,
            "code": row["code"],
            "kind": row["kind"],
            "record_id": "",
            "source_file": row["source_file"],
            "byte_start": first,
            "line": None,
            "tag": row["tag"],
            "column": "",
            "rule": "",
            "value": row["value"],
            "message": f"{known.sentence} ({places}; the first stands here)",
        }
