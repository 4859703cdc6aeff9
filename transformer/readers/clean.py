"""Columns of text as rules want them: without outer blanks, and null where nothing is said.

What a table's columns came to is told in its schema, under CLEAN: which of them are clean and have one value
in every row, so that statements need not look again (a third of the processor time of an item's columns went
into trimming, spellings of nothing and looking for repeats).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
import pyarrow as pa

from transformer.kernels.clean import I32, U8, clean_texts, copy_texts

CLEAN: Final = b"clean"
"""Key of a schema's metadata: names of its clean columns, joined with U+001F."""
_SEPARATOR: Final = "\x1f"


def cleaned(table: pa.Table, blanks: Mapping[str, tuple[str, ...]]) -> pa.Table:
    """The table with these columns of text cleaned. blanks: column -> spellings of nothing.

    A text of several values (U+001F between them) stays as it is, and its column is not told as clean.
    """
    single = []
    for name in table.schema.names:
        if name not in blanks:
            continue
        column, repeats = cleaned_column(table.column(name), blanks[name])
        table = table.set_column(table.schema.get_field_index(name), name, column)
        if not repeats:
            single.append(name)
    return table.replace_schema_metadata({CLEAN: _SEPARATOR.join(single)})


def clean_columns(schemas: Iterable[pa.Schema]) -> frozenset[str]:
    """Columns that are clean in every one of these that has them."""
    names, others = set[str](), set[str]()
    for schema in schemas:
        told = (schema.metadata or {}).get(CLEAN, b"").decode().split(_SEPARATOR)
        names.update(schema.names)
        others.update({*schema.names} - {*told})
    return frozenset(names - others)


def cleaned_column(column: pa.ChunkedArray, spellings: tuple[str, ...]) -> tuple[pa.ChunkedArray, int]:
    """The column cleaned, and how many of its texts have several values."""
    words = [word.strip().encode() for word in spellings]
    blank = np.frombuffer(b"".join(words), np.uint8)
    blank_from = np.cumsum([0, *map(len, words)], dtype=np.int32)
    chunks, several = [], 0
    for chunk in column.chunks:
        made, repeats = _cleaned(chunk, blank, blank_from)
        chunks.append(made)
        several += repeats
    return pa.chunked_array(chunks, pa.string()), several


def _cleaned(chunk: pa.Array, blank: U8, blank_from: I32) -> tuple[pa.Array, int]:
    count = len(chunk)
    _, begins_buffer, data_buffer = chunk.buffers()
    if count == 0 or data_buffer is None:
        return chunk, 0
    begins = np.frombuffer(begins_buffer, np.int32)[chunk.offset : chunk.offset + count + 1]
    data = np.frombuffer(data_buffer, np.uint8)
    valid = np.ones(count, np.uint8)
    if chunk.null_count:
        valid = chunk.is_valid().to_numpy(zero_copy_only=False).astype(np.uint8)
    start, end = np.empty(count, np.int32), np.empty(count, np.int32)
    changed, total, repeats = clean_texts(data, begins, valid, blank, blank_from, start, end)
    missing = int(count - np.count_nonzero(valid))
    bits = None if not missing else pa.py_buffer(np.packbits(valid, bitorder="little"))
    if changed:
        begins, text = np.empty(count + 1, np.int32), np.empty(total, np.uint8)
        copy_texts(data, start, end, begins, text)
        data_buffer = pa.py_buffer(text)
    buffers = [bits, pa.py_buffer(begins), data_buffer]
    return pa.Array.from_buffers(pa.string(), count, buffers, missing), repeats
