"""The head of a delimited file: its header, and what its first rows say about its shape."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np

from transformer.errors import ExtractError
from transformer.extracts.model import Source
from transformer.extracts.shape import CANDIDATES, DelimitedShape, Found
from transformer.extracts.window import read_window
from transformer.kernels import delimited as kernels
from transformer.kernels import delimited_fill as filling
from transformer.readers.delimited_text import text_of
from transformer.schema.batch import I32, U8

SAMPLE_BYTES: Final = 1 << 20
"""What `find_shape` looks at: some thousand rows."""
FIT_SHARE: Final = 0.8
"""A delimiter is believed if at least this share of the rows has as many values as the header."""
OWN_COLUMNS: Final = ("line", "byte_start", "byte_count")
_BOM: Final = b"\xef\xbb\xbf"
_MOST_COLUMNS: Final = 16_384
_ZEROS_ONE_IN: Final = 100
"""A file is no text if more than one byte in so many is 0, or one in the header: UTF-16 has every second.
A few are accidents in values, which cost nobody else's row."""


class Marks(NamedTuple):
    """Byte values for the kernels; `kernels.NONE` where there is none."""

    delimiter: int
    qualifier: int
    repeat: int


@dataclass(frozen=True, slots=True)
class Head:
    """Header of a file. values: its values, not yet stripped. byte_count, line_count: what stands before
    the first row, byte order mark and blank lines included (0 where the file has no header)."""

    values: tuple[str, ...]
    byte_count: int
    line_count: int


def marks_of(shape: DelimitedShape) -> Marks:
    """The three special bytes of a settled shape."""
    assert shape.delimiter is not None
    return Marks(
        ord(shape.delimiter),
        ord(shape.qualifier) if shape.qualifier else kernels.NONE,
        ord(shape.repeat) if shape.repeat else kernels.NONE,
    )


def settled(source: Source, shape: DelimitedShape) -> DelimitedShape:
    """The shape itself if its delimiter is known, else what `find_shape` finds."""
    return shape if shape.delimiter is not None else find_shape(source, shape)


def find_shape(source: Source, shape: DelimitedShape) -> DelimitedShape:
    """The shape with its delimiter and the evidence in `found`, from the first MiB of the file.

    A delimiter that is named stays, whatever the rows say; `found.share` tells how many fit. One that is
    None is the candidate (`, | tab ~ ;`) with which most rows have as many values as the header, at least
    two; if equal, the one with most columns. A file without any of them in its header has one column.
    A repeat delimiter that turns out to be the delimiter is none. Raises ExtractError where no delimiter
    fits FIT_SHARE of the rows, or the file is missing, empty or not text. Where no row stands behind the
    header, it alone decides.
    """
    sample = _sample(source)
    if shape.delimiter is not None:
        return replace(shape, found=_looked(source, sample, shape, ()))
    tried: list[tuple[str, int, float]] = []
    looked: list[tuple[DelimitedShape, Found]] = []
    for delimiter in CANDIDATES:
        if delimiter == shape.qualifier:
            continue
        repeat = "" if delimiter == shape.repeat else shape.repeat
        candidate = replace(shape, delimiter=delimiter, repeat=repeat)
        found = _looked(source, sample, candidate, ())
        tried.append((delimiter, found.columns, found.share))
        looked.append((candidate, found))
    several = [
        one for one in looked if one[1].columns > 1 and (one[1].share >= FIT_SHARE or not one[1].row_count)
    ]
    if not several and all(found.columns == 1 for _, found in looked):
        several = looked[:1]
    if not several:
        shown = ", ".join(
            f"{name!r} {share:.0%} of rows, {columns} columns" for name, columns, share in tried
        )
        raise ExtractError(
            f"no delimiter fits the header and {FIT_SHARE:.0%} of the rows ({shown})",
            str(source.path),
            "rows with as many values as the header, divided by one of , | tab ~ ;",
            "Name delimiter and qualifier in the project file, or look at the export's settings.",
        )
    best, found = max(several, key=lambda one: (one[1].share, one[1].columns))
    return replace(best, found=replace(found, tried=tuple(tried)))


def head_of(source: Source, shape: DelimitedShape) -> Head:
    """The header of a file. Raises ExtractError if there is none."""
    return _head(source, _sample(source), shape)


def names_of(head: Head, shape: DelimitedShape) -> tuple[str, ...]:
    """Names of the columns, every one different; see `readers.delimited.read_header`."""
    if not shape.header:
        return tuple(f"column {number}" for number in range(1, len(head.values) + 1))
    taken = set(OWN_COLUMNS)
    plain = [" ".join(value.split("\n")).strip() for value in head.values]
    names = []
    for number, value in enumerate(plain, 1):
        value = value or f"column {number}"
        name, count = value, 1
        while name in taken or (count > 1 and name in plain):
            count += 1
            name = f"{value} ({count})"
        taken.add(name)
        names.append(name)
    return tuple(names)


def _sample(source: Source) -> U8:
    """The first MiB. Raises ExtractError if the file cannot be read, is empty, or is not text."""
    sample = read_window(source.path, 0, SAMPLE_BYTES)
    where = str(source.path)
    if not len(sample):
        raise ExtractError("the file is empty", where, "a header and rows", "Export it again.")
    header = sample[: int(np.argmax(sample == 10)) or len(sample)]
    zeros = len(sample) - int(np.count_nonzero(sample))
    if zeros * _ZEROS_ONE_IN > len(sample) or not header.all():
        wide = sample[:2].tobytes() in (b"\xff\xfe", b"\xfe\xff")
        raise ExtractError(
            "the file is UTF-16" if wide else f"the file is not text: byte 0 at {int(np.argmin(sample))}",
            where,
            "delimited text in UTF-8, or in an encoding of one byte a character",
            "Export in UTF-8, or convert the file first."
            if wide
            else "Check that this is the file you meant.",
        )
    return sample


def _head(source: Source, sample: U8, shape: DelimitedShape) -> Head:
    where = str(source.path)
    at = len(_BOM) if sample[:3].tobytes() == _BOM else 0
    begin, lines = at, 0
    while at < len(sample) and kernels.is_line_end(sample, at, len(sample)):
        at = kernels.find_either(sample, at, len(sample), 10, 10) + 1
        lines += 1
    if at >= len(sample):
        raise ExtractError("the file holds blank lines only", where, "a header and rows", "Export it again.")
    start, packed = np.empty(_MOST_COLUMNS, np.int32), np.empty(_MOST_COLUMNS, np.int32)
    marks = marks_of(shape)
    for loose, breaks_allowed in ((0, 0), (1, 0), (0, kernels.MAX_BREAKS)):
        after, columns, breaks, status = kernels.walk_row(
            sample, at, len(sample), *marks, loose, breaks_allowed, start, packed, 0, _MOST_COLUMNS
        )
        if status == 0:
            break
    if status or columns > _MOST_COLUMNS or after >= SAMPLE_BYTES:
        raise ExtractError(
            "the header cannot be read: a quotation mark is not closed, or it is far too long",
            where,
            f"one line of names divided by {shape.delimiter!r}",
            "Look at the first line; name delimiter and qualifier in the project file.",
        )
    values = _texts(source, sample, shape, start[:columns], packed[:columns])
    if not shape.header:
        return Head(values, begin, 0)
    return Head(values, after, lines + breaks + 1)


def _texts(source: Source, sample: U8, shape: DelimitedShape, start: I32, packed: I32) -> tuple[str, ...]:
    """The values of the header as text."""
    columns, text = len(start), text_of(shape)
    place = np.empty(columns + 1, np.int64)
    filling.measure_columns(packed, 1, columns, place)
    offset, out = np.empty((columns, 2), np.int32), np.empty(int(place[columns]), np.uint8)
    marks = marks_of(shape)
    filling.fill_columns(sample, start, packed, 1, columns, marks.qualifier, marks.repeat, place, offset, out)
    values = [out[place[c] : place[c] + offset[c, 1]].tobytes() for c in range(columns)]
    try:
        return tuple(value.decode(text.name) for value in values)
    except UnicodeDecodeError as error:
        raise ExtractError(
            f"the header is not {text.name}: byte 0x{error.object[error.start]:02X}",
            str(source.path),
            f"names of columns in {text.name}",
            "Name the encoding in the project file, or export in UTF-8.",
        ) from None


def _looked(
    source: Source, sample: U8, shape: DelimitedShape, tried: tuple[tuple[str, int, float], ...]
) -> Found:
    """What the sample's rows say about a shape with a delimiter."""
    head, text = _head(source, sample, shape), text_of(shape)
    columns = len(head.values)
    rows = sample[head.byte_count :]
    if len(sample) == SAMPLE_BYTES:  # the last row may be cut
        rows = rows[: rows.nbytes - int(np.argmax(rows[::-1] == 10))]
    room = int(np.count_nonzero(rows == 10)) + 1
    span = np.empty((room, 5), np.int64)
    values = (min(room, len(rows) // columns + 1) + 1) * columns
    start, packed = np.empty(values, np.int32), np.empty(values, np.int32)
    _, spans, taken = kernels.read_rows(
        rows,
        *marks_of(shape),
        columns,
        SAMPLE_BYTES,
        False,
        1,
        False,
        np.ones(256, np.uint8),
        span,
        start,
        packed,
    )
    count = int(np.count_nonzero(span[:spans, 2] != kernels.ROW_BLANK))
    quoted = 0.0
    if shape.qualifier and taken:
        first = start[: taken * columns]
        quoted = float(np.mean((first > 0) & (rows[first - 1] == ord(shape.qualifier))))
    names = [value.strip() for value in head.values] if shape.header else []
    duplicates = tuple(dict.fromkeys(name for at, name in enumerate(names) if name in names[:at]))
    why = (
        f"{taken} of {count} rows looked at have {columns} values like the header, divided by "
        f"{shape.delimiter!r}; {quoted:.0%} of values are quoted; read as {text.name}"
    )
    return Found(columns, count, taken, quoted, tried, duplicates, why)
