"""MARC records that stand in a column of a dump: written as one MARCXML file, then read as any other.

Every row becomes a record, so that the books count rows: one without a record, or that cannot be read as a
row, stands there as text and is set aside by the reader of MARCXML. Offsets are those of the file written.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from transformer.errors import ExtractError
from transformer.extracts.model import Source
from transformer.extracts.window import read_window
from transformer.readers import dump

HEAD: Final = b'<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="http://www.loc.gov/MARC21/slim">\n'
TAIL: Final = b"</collection>\n"
_PROLOG: Final = re.compile(r"^\s*(?:<\?xml[^>]*\?>)?\s*")
_RECORD: Final = re.compile(r"^<(?:\w+:)?record[\s>]")


def write_records(source: Source, table: str, column: str, path: Path) -> int:
    """Write the records of a dump's column to `path`; gives the number of rows.

    Raises ExtractError where table or column is not there.
    """
    count = 0
    with path.open("wb") as file:
        file.write(HEAD)
        for columns, rows in dump.read(source, table):
            there = {name.casefold(): name for name in columns}
            if column.casefold() not in there:
                raise ExtractError(
                    f"has no column {column} in its table {table}",
                    str(source.path),
                    f"one of {', '.join(columns)}",
                )
            for value in rows.table.column(there[column.casefold()]).to_pylist():
                file.write(_record(value))
            for row in rows.set_aside:
                raw = read_window(source.path, row.byte_start, row.byte_count).tobytes()
                file.write(_record(raw.decode("utf-8", "replace")))
            count += rows.record_count
        file.write(TAIL)
    return count


def _record(value: str) -> bytes:
    text = value[_PROLOG.match(value).end() :].strip()  # type: ignore[union-attr]
    if not _RECORD.match(text):
        text = f"<record>{escape(text)}</record>"
    return text.encode() + b"\n"
