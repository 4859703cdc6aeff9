"""Bytes of a delimited file as Arrow strings: UTF-8 as it stands, other encodings by a table.

Encodings of one byte a character are read with the codecs of the standard library; each gives a table of
256 characters. Delimiters, qualifiers and line ends are ASCII in all of them, so rows are cut before
anything is decoded, and offsets stay those of the file.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transformer.errors import ExtractError
from transformer.extracts.shape import DelimitedShape
from transformer.kernels.single_byte import widen, widened_size
from transformer.schema.batch import I32, U8


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """How the bytes of a file become text.

    name: the encoding. utf8: bytes are UTF-8 already. allowed: uint8[256], 1 for bytes that the encoding
    has (all, for UTF-8). table: uint8[256, 4], see `kernels.single_byte`.
    """

    name: str
    utf8: bool
    allowed: U8
    table: npt.NDArray[np.uint8]

    def array(self, data: U8, offset: I32) -> pa.Array:
        """String array of the values data[offset[v]:offset[v + 1]], which are known to be text."""
        if not self.utf8 and len(data) and data.max() > 0x7F:
            wide, places = np.empty(widened_size(data, self.table), np.uint8), np.empty_like(offset)
            if not widen(data, offset, self.table, wide, places):
                raise AssertionError("a column was measured too small")
            data, offset = wide, places
        return pa.StringArray.from_buffers(len(offset) - 1, pa.py_buffer(offset), pa.py_buffer(data))

    def fault(self, data: U8) -> str:
        """What is wrong with a row that is not text: its first bad byte, counted from 0 in the row."""
        try:
            data.tobytes().decode(self.name)
        except UnicodeDecodeError as error:
            return f"byte 0x{data[error.start]:02X} at {error.start} of the row"
        return ""


def text_of(shape: DelimitedShape) -> Text:
    """How to read the encoding of a shape. Raises ExtractError for one of several bytes a character."""
    return _text(codecs.lookup(shape.encoding).name)


@cache
def _text(name: str) -> Text:
    if name in ("utf-8", "utf-8-sig"):
        return Text("utf-8", True, np.ones(256, np.uint8), np.zeros((256, 4), np.uint8))
    allowed, table = np.zeros(256, np.uint8), np.zeros((256, 4), np.uint8)
    for byte in range(256):
        try:
            character = bytes([byte]).decode(name)
        except UnicodeError:
            continue
        code = character.encode()
        allowed[byte], table[byte, 0] = 1, len(code)
        table[byte, 1 : 1 + len(code)] = np.frombuffer(code, np.uint8)
    ascii_same = np.array_equal(table[:128, 1], np.arange(128)) and allowed[:128].all()
    if not ascii_same or _has_long_characters(name, allowed):
        raise ExtractError(
            f"{name} cannot be read directly",
            expected="utf-8, or an encoding of one byte a character such as latin-1 or cp1252",
            next_step="Export in UTF-8, or convert the file first.",
        )
    return Text(name, False, allowed, table)


def _has_long_characters(name: str, allowed: U8) -> bool:
    """True for encodings where a byte that means nothing alone begins a longer character."""
    if name.startswith(("iso2022", "hz")):
        return True
    for byte in np.flatnonzero(allowed == 0):
        for following in (0x40, 0xA1):
            try:
                bytes([byte, following]).decode(name)
            except UnicodeError:
                continue
            return True
    return False
