"""The slow twin of `kernels.conform`: MARC21slim.xsd as regular expressions, field by field."""

from __future__ import annotations

import re

from tests.reference.batches import Record
from transformer.kernels.conform import BAD_CODE, BAD_INDICATOR, BAD_TAG, CONTROL_AFTER_DATA

# Patterns as they stand in MARC21slim.xsd (Library of Congress).
CONTROL_TAG = re.compile(r"00[1-9A-Za-z]")
DATA_TAG = re.compile(
    r"(0([1-9A-Z][0-9A-Z])|0([1-9a-z][0-9a-z]))|(([1-9A-Z][0-9A-Z]{2})|([1-9a-z][0-9a-z]{2}))"
)
CODE = re.compile(rb"[!-?a-zA-Z_\[\]\\{}^`~]")
INDICATOR = re.compile(rb"[0-9a-z ]")


def departures(records: list[Record]) -> list[int]:
    """The flags of every field."""
    flags = []
    for record in records:
        seen = False
        for field in record.fields:
            flag, text = 0, field.inner
            if field.control:
                flag |= CONTROL_AFTER_DATA if seen else 0
            else:
                seen = True
                good = len(text) >= 2 and all(INDICATOR.fullmatch(text[at : at + 1]) for at in (0, 1))
                flag |= 0 if good else BAD_INDICATOR
                after = [text[m.end() : m.end() + 1] for m in re.finditer(b"\x1f", text)]
                right = text[2:3] in (b"", b"\x1f") and all(CODE.fullmatch(code) for code in after)
                flag |= 0 if right else BAD_CODE
            pattern = CONTROL_TAG if field.control else DATA_TAG
            flags.append(flag | (0 if pattern.fullmatch(field.tag) else BAD_TAG))
    return flags
