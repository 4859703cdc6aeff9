"""MARC in JSON: a list, one object a line, and the shape marc-hash; they become spans and batches.

Three shapes of fields, told apart by looking at each one:
- MARC-in-JSON: `{"001": "value"}`, `{"245": {"ind1": "1", "ind2": "0", "subfields": [{"a": "text"}]}}`
  (Ross Singer's proposal of 2010; pymarc, ruby-marc and yaz write it). Several names in one object are
  several fields, or several subfields, in their order.
- marc-hash: `["001", "value"]`, `["245", "1", "0", [["a", "text"]]]` (Bill Dueber's proposal of 2010).
- named members: `{"tag": "001", "value": "value"}`, `{"tag": "245", "ind1": "1", "ind2": "0",
  "subfields": [{"code": "a", "value": "text"}]}` (the marc-record packages of NatLibFi).

A field with a plain value is a control field, whatever its tag. The first subfield with empty code and
text is the text before the first delimiter, as in MARCXML. null is an empty value.
Text is UTF-8; a record that is not is decoded first (see `recoding`).

Notes: `indicator-missing`, `json-foreign-member` (a member of a field that MARC does not have, left out),
and of repaired records `leader-missing`, `leader-short`, `leader-padded`, `delimiter-in-value`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import orjson

from transformer.extracts.model import PARTITION_BYTES, Partition, Source
from transformer.kernels import marcjson as kernels
from transformer.marc import LEADER_LENGTH, SUBFIELD_DELIMITER
from transformer.readers import walk
from transformer.readers.built import Field, Note, Notes, Refused, batch_of, clean, leader_of, packed
from transformer.readers.recoding import recoded
from transformer.schema.batch import (
    I64,
    REASON_CODE,
    SPAN_RECORD,
    SPAN_REPAIRED,
    SPAN_SET_ASIDE,
    U8,
    ReadResult,
    Spans,
)

BOUNDS: Final = walk.Bounds(kernels.find_spans, kernels.MOST, kernels.AHEAD)
_DELIMITER: Final = chr(SUBFIELD_DELIMITER)
_NAMES: Final = {"ind1", "ind2", "subfields"}
_PAIR: Final = {"code", "value"}


def partitions(
    source: Source,
    first_index: int = 0,
    first_record_no: int = 0,
    partition_bytes: int = PARTITION_BYTES,
    bounds: walk.Bounds = BOUNDS,
) -> Iterator[Partition]:
    """Cut a file at record ends; see `walk.partitions`."""
    return walk.partitions(source, bounds, first_index, first_record_no, partition_bytes)


def spans(source: Source, first_record_no: int = 0, bounds: walk.Bounds = BOUNDS) -> Iterator[Spans]:
    """All spans of a file in order; damage inside a record is seen by `read` only."""
    return walk.spans(source, bounds, first_record_no)


def read(partition: Partition, bounds: walk.Bounds = BOUNDS) -> ReadResult:
    """Read one partition: its spans, a batch of the records that are good, and notes about some.

    Raises ExtractError if the file cannot be read or is not what it was when the partition was cut.
    """
    window, found = walk.window_of(partition, bounds)
    text = recoded(
        window, found.byte_start - partition.byte_start, found.byte_count, found.kind, found.reason,
        found.record_no, partition,
    )  # fmt: skip
    return text.finished(read_window(text.window, found, text.start, text.count))


def read_window(window: U8, found: Spans, local: I64, sizes: I64) -> ReadResult:
    """The records of these spans, whose text in UTF-8 is window[local:local + sizes]."""
    whole = np.flatnonzero(found.kind == SPAN_RECORD)
    start, count = local[whole], sizes[whole]
    pairs = np.empty(len(whole), np.int64)
    kernels.count_pairs(window, start, count, pairs)
    text = memoryview(window.data)
    records: list[tuple[int, bytes, list[Field]]] = []
    notes: list[Note] = []
    columns = (whole.tolist(), start.tolist(), count.tolist(), pairs.tolist())
    for span, at, size, members in zip(*columns, strict=True):
        noted = Notes(int(found.record_no[span]))
        try:
            leader, fields = _record(text[at : at + size], members, noted)
        except Refused as refused:
            found.kind[span], found.reason[span] = SPAN_SET_ASIDE, REASON_CODE[refused.reason]
            continue
        records.append((span, leader, fields))
        notes += noted.found
        if noted.repaired:
            found.kind[span] = SPAN_REPAIRED
    return ReadResult(batch_of(records, found), found, tuple(notes))


def _record(text: memoryview, members: int, notes: Notes) -> tuple[bytes, list[Field]]:
    """Leader and fields of one object. members: names and values that its text has."""
    try:
        record = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Refused(_why(bytes(text))) from None
    try:
        if _pairs(record) != members:
            raise Refused("json-structure")  # an object names something twice
        fields = [field for entry in record["fields"] for field in _fields(entry, notes)]
        if (leader := record.get("leader")) is None:
            notes.add("leader-missing", "LDR", repaired=True)
            return b" " * LEADER_LENGTH, fields
        return leader_of(leader, notes), fields
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise Refused("json-structure") from None


def _why(text: bytes) -> str:
    try:
        text.decode()
    except UnicodeDecodeError:
        return "not-utf8"
    return "json-malformed"


def _pairs(value: Any) -> int:
    """Names with values in all objects of `value`."""
    if isinstance(value, dict):
        return len(value) + sum(_pairs(v) for v in value.values() if not isinstance(v, str))
    if isinstance(value, list):
        return sum(_pairs(v) for v in value if not isinstance(v, str))
    return 0


def _fields(entry: Any, notes: Notes) -> Iterator[Field]:
    """The fields of one entry of the list. Raises Refused, TypeError or ValueError where it is none."""
    if isinstance(entry, dict) and isinstance(entry.get("tag"), str) and len(entry) > 1:
        tag = entry["tag"]
        _foreign(entry.keys() - _NAMES - {"tag", "value"}, tag, notes)
        if "subfields" in entry:
            if "value" in entry:
                raise Refused("json-structure")
            yield _data(tag, entry.get("ind1"), entry.get("ind2"), _named(entry["subfields"]), notes)
        else:
            yield _control(tag, entry["value"], notes)
    elif isinstance(entry, dict):
        for tag, value in entry.items():
            if isinstance(value, dict):
                _foreign(value.keys() - _NAMES, tag, notes)
                subfields = [pair for one in value["subfields"] for pair in one.items()]
                yield _data(tag, value.get("ind1"), value.get("ind2"), subfields, notes)
            else:
                yield _control(tag, value, notes)
    elif len(entry) == 2:
        yield _control(entry[0], entry[1], notes)
    else:
        tag, ind1, ind2, subfields = entry
        yield _data(tag, ind1, ind2, [(code, value) for code, value in subfields], notes)


def _foreign(names: set[str], tag: str, notes: Notes) -> None:
    for name in sorted(names):
        notes.add("json-foreign-member", tag, name[:20])


def _named(subfields: list[dict[str, str | None]]) -> list[tuple[str, str | None]]:
    """Code and value of subfields that name both."""
    if any(one.keys() != _PAIR for one in subfields):
        raise Refused("json-structure")
    return [(one["code"] or "", one["value"]) for one in subfields]


def _control(tag: str, value: str | None, notes: Notes) -> Field:
    return packed(tag), True, clean(_text(value), tag, notes).encode()


def _data(
    tag: str, ind1: str | None, ind2: str | None, subfields: list[tuple[str, str | None]], notes: Notes
) -> Field:
    indicators = (ind1 or " ") + (ind2 or " ")
    if not (ind1 and ind2):
        notes.add("indicator-missing", tag)
    if len(indicators) != 2:
        raise Refused("json-structure")
    pieces = [clean(indicators, tag, notes)]
    for number, (code, value) in enumerate(subfields):
        text = clean(_text(value), tag, notes)
        if len(code) > 1:
            raise Refused("json-structure")
        if code or number or not text:
            pieces.append(_DELIMITER + clean(code, tag, notes))
        pieces.append(text)
    return packed(tag), False, "".join(pieces).encode()


def _text(value: str | None) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Refused("json-structure")
    return value
