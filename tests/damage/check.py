"""What a file of whole and damaged records became, told record by record, and what is wrong with that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.damage.case import RECORD, SEPARATOR, Case
from tests.damage.records import Field
from transformer.extracts.model import Source
from transformer.marc import unpack_tag
from transformer.readers import partitions_of_all, read
from transformer.schema.batch import (
    REASONS,
    SPAN_RECORD,
    SPAN_REPAIRED,
    SPAN_SEPARATOR,
    SPAN_SET_ASIDE,
    MarcBatch,
)
from transformer.schema.damage import Damage

OUTCOMES = {SPAN_RECORD: "unchanged", SPAN_REPAIRED: "repaired", SPAN_SET_ASIDE: "set aside"}


@dataclass(frozen=True, slots=True)
class Found:
    """A span as it was read. outcome: as in schema/damage.py, or `separator`. leader, fields: empty where
    it is no record that came out. notes: (issue code, tag)."""

    start: int
    count: int
    outcome: str
    code: str
    leader: str
    fields: tuple[Field, ...]
    notes: tuple[tuple[str, str], ...]


def taken(batch: MarcBatch, start: int, length: int) -> bytes:
    """Bytes of the batch."""
    held, at = (batch.data, start) if start >= 0 else (batch.added, -1 - start)
    return held[at : at + length].tobytes()


def read_file(path: Path) -> list[Found]:
    """All spans of a file of ISO 2709, as the reader that everybody uses has them."""
    found: list[Found] = []
    for partition in partitions_of_all((Source(path, "iso2709"),)):
        result = read(partition)
        batch, spans = result.batch, result.spans
        place = {number: record for record, number in enumerate(batch.record_no.tolist())}
        notes: dict[int, list[tuple[str, str]]] = {}
        for code, number, tag, _ in result.notes:
            if code == "file-encoding":
                continue  # of the file, not of its first record
            notes.setdefault(number, []).append((code, tag))
        for span, number in enumerate(spans.record_no.tolist()):
            kind = int(spans.kind[span])
            record = place.get(number)
            found.append(
                Found(
                    int(spans.byte_start[span]),
                    int(spans.byte_count[span]),
                    "separator" if kind == SPAN_SEPARATOR else OUTCOMES[kind],
                    REASONS[spans.reason[span]],
                    "" if record is None else taken(batch, int(batch.leader[record]), 24).decode(),
                    () if record is None else fields_of(batch, record),
                    tuple(notes.get(number, ())) if number >= 0 else (),
                )
            )
    return found


def fields_of(batch: MarcBatch, record: int) -> tuple[Field, ...]:
    """Tag and bytes of each field."""
    return tuple(
        (unpack_tag(int(batch.tag[f])), taken(batch, int(batch.start[f]), int(batch.length[f])))
        for f in range(int(batch.field_from[record]), int(batch.field_from[record + 1]))
    )


def is_equal(case: Case, found: Found) -> bool:
    """True if the record came out with all that it held: leader but for its numbers, fields in order."""
    leader = (found.leader[5:12], found.leader[17:])
    return found.fields == case.fields and leader == (case.leader[5:12], case.leader[17:])


def faults(damage: Damage, case: Case, found: Sequence[Found], at: int) -> list[str]:
    """What of the spans of one case, which begins at byte `at`, is not as the table says."""
    wrong = []
    pieces = [(piece.start, piece.count) for piece in found]
    expected = []
    for piece, _ in case.pieces:
        expected.append((at, len(piece)))
        at += len(piece)
    if pieces != expected:
        return [f"spans {pieces}, not {expected}"]
    for (_, role), piece in zip(case.pieces, found, strict=True):
        if role == RECORD:
            wrong += record_faults(damage, case, piece)
        elif role == SEPARATOR and piece.outcome != "separator":
            wrong.append(f"a separator is {piece.outcome}")
        elif role not in (RECORD, SEPARATOR) and (piece.outcome, piece.code) != ("set aside", damage.code):
            wrong.append(f"garbage is {piece.outcome} as {piece.code}")
    return wrong


def record_faults(damage: Damage, case: Case, found: Found) -> list[str]:
    """The same for the record of a case."""
    wrong = []
    garbage = any(role not in (RECORD, SEPARATOR) for _, role in case.pieces)
    code = "" if garbage else damage.code
    if (found.outcome, found.code) != (damage.outcome, code):
        return [f"{found.outcome} as {found.code or 'nothing'}, not {damage.outcome} as {code or 'nothing'}"]
    if damage.share == 100 and not is_equal(case, found):
        wrong.append("the record is not the original")
    if found.outcome == "set aside":
        return wrong
    if damage.share == 0 and case.touched and is_equal(case, found):
        wrong.append("the record is the original, against the table")
    others = [f for p, f in enumerate(case.fields) if p not in case.touched]
    kept = [f for p, f in enumerate(found.fields) if p not in case.touched]
    if others != kept:
        wrong.append("a field comes out that was in no original")
    doubtful = {tag for note, tag in found.notes if note == "field-doubtful"}
    if not {case.fields[p][0] for p in case.touched} >= doubtful:
        wrong.append(f"doubtful is said to be {doubtful}")
    if case.touched and [f for f, _ in found.fields] != [f for f, _ in case.fields]:
        wrong.append("tags differ")
    if code and code not in [note for note, _ in found.notes]:
        wrong.append(f"the notes are {found.notes}")
    return wrong
