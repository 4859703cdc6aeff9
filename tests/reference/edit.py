"""Edits of one record's fields, slowly and plainly."""

from __future__ import annotations

from tests.reference.batches import Field


def edited(fields: list[Field], drop: set[int], changed: dict[int, Field], new: list[Field]) -> list[Field]:
    """drop and changed by number of the field; new in the order wanted."""
    out = [changed.get(number, field) for number, field in enumerate(fields) if number not in drop]
    for field in new:
        tags = [f.tag for f in out]
        if field.tag in tags:
            place = len(tags) - tags[::-1].index(field.tag)
        else:
            higher = [i for i, tag in enumerate(tags) if tag > field.tag]
            place = higher[0] if higher else len(tags)
        out.insert(place, field)
    return out
