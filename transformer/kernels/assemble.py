"""The flat field and subfield tables back to field bytes in the inner form of ISO 2709."""

from __future__ import annotations

from typing import Any, Final

from transformer.kernels.copying import Memory, copy_run, memory, poke
from transformer.kernels.jit import inlined, kernel

DONE: Final = 0
FULL: Final = 1
FIELD_ORDER: Final = 2
FIELD_WITHOUT_RECORD: Final = 3
SUBFIELD_WITHOUT_FIELD: Final = 4
"""What `assemble` says; the row it stopped at stands beside."""


@inlined
def before(record_a: int, number_a: int, record_b: int, number_b: int) -> bool:
    """(record_a, number_a) < (record_b, number_b)."""
    return record_a < record_b or (record_a == record_b and number_a < number_b)


@inlined
def put_indicator(out: Memory, w: int, text: Memory, start: int, length: int) -> int:
    """An indicator, or a blank where it is empty. Returns the new w."""
    if length == 0:
        poke(out, w, 0x20)
        return w + 1
    copy_run(out, w, text, start, length)
    return w + length


@kernel
def assemble(
    record_no: Any, field_record: Any, field_no: Any, control: Any,
    ind1: Any, ind1_start: Any, ind1_length: Any, ind2: Any, ind2_start: Any, ind2_length: Any,
    field_value: Any, field_value_start: Any, field_value_length: Any,
    subfield_record: Any, subfield_field: Any, code: Any, code_start: Any, code_length: Any,
    value: Any, value_start: Any, value_length: Any,
    w: int, out: Any, field_from: Any, start: Any, length: Any,
) -> tuple[int, int, int]:  # fmt: skip
    """R records, F fields, S subfields, each ordered by their numbers, into `out` from `w` on.

    record_no int64[R]. field_record, field_no int64[F], control uint8[F]. subfield_record,
    subfield_field (its field_no) int64[S]. Every text is bytes, start int64[], length int64[]; those of
    fields F long, of subfields S long. out: uint8[capacity], of which the last 31 bytes are slack.
    field_from int64[R + 1], start int64[F], length int32[F] as in MarcBatch.
    Returns (DONE or what is wrong, row at which, bytes used).
    """
    to, of_ind1, of_ind2, of_field = memory(out), memory(ind1), memory(ind2), memory(field_value)
    of_code, of_value = memory(code), memory(value)
    f, s = 0, 0
    fields, subfields = len(field_record), len(subfield_record)
    for r in range(len(record_no)):
        field_from[r] = f
        while f < fields and field_record[f] == record_no[r]:
            if f > field_from[r] and field_no[f] <= field_no[f - 1]:
                return FIELD_ORDER, f, w
            start[f] = w
            room = len(out) - w - 64
            if ind1_length[f] + ind2_length[f] + field_value_length[f] > room:
                return FULL, f, w
            if control[f]:
                copy_run(to, w, of_field, field_value_start[f], field_value_length[f])
                w += field_value_length[f]
            else:
                w = put_indicator(to, w, of_ind1, ind1_start[f], ind1_length[f])
                w = put_indicator(to, w, of_ind2, ind2_start[f], ind2_length[f])
                first = True
                while (
                    s < subfields and subfield_record[s] == record_no[r] and subfield_field[s] == field_no[f]
                ):
                    if code_length[s] + value_length[s] > len(out) - w - 64:
                        return FULL, f, w
                    # Text before the first delimiter has an empty code; an empty text has a delimiter.
                    if not first or code_length[s] or not value_length[s]:
                        poke(to, w, 0x1F)
                        w += 1
                    copy_run(to, w, of_code, code_start[s], code_length[s])
                    w += code_length[s]
                    copy_run(to, w, of_value, value_start[s], value_length[s])
                    w += value_length[s]
                    first = False
                    s += 1
            if s < subfields and not before(record_no[r], field_no[f], subfield_record[s], subfield_field[s]):
                return SUBFIELD_WITHOUT_FIELD, s, w
            length[f] = w - start[f]
            f += 1
    field_from[len(record_no)] = f
    if f < fields:
        return FIELD_WITHOUT_RECORD, f, w
    if s < subfields:
        return SUBFIELD_WITHOUT_FIELD, s, w
    return DONE, 0, w
