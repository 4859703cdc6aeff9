"""Lines of CSV, plainly: the twin of `kernels/csv_lines.py`."""

from __future__ import annotations

from collections.abc import Sequence


def value(text: bytes, delimiter: bytes, always: bool, alone: bool) -> bytes:
    if always or b'"' in text or delimiter in text or (alone and not text):
        return b'"' + text.replace(b'"', b'""') + b'"'
    return text


def lines(rows: Sequence[Sequence[bytes]], delimiter: bytes, always: bool) -> bytes:
    return b"".join(
        delimiter.join(value(text, delimiter, always, len(row) == 1) for text in row) + b"\n" for row in rows
    )
