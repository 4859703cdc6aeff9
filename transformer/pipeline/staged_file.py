"""A staged table as a file of the work folder: every column in as few bytes as its values need.

A staged byte costs more than it seems: it is copied, digested, put into the page cache, and copied out of it
again by every statement that reads it: 2.7 ns for the first three (1,000,000 bibs, 1.02 GB as Arrow files:
1.5 s in write, 0.6 in SHA-256, 0.5 in copies). Four in ten of these bytes were offsets of short texts, and
many columns say the same in every row, or nothing. Packed they are 0.54 GB, and time in the system fell from
3.1 to 1.1 s. To read costs more where all columns are wanted (300,000 bibs and their items: 0.055 s against
0.026) and less where few are (0.004 against 0.010, three columns of each).

A file: the columns one behind the other, each at a multiple of 8, then the table's schema as Arrow writes it,
then what `_Head` holds as JSON, then the lengths of both (uint64, little-endian). A column is one of:

    nothing   null in every row: no bytes
    same      one text in every row: it stands in the head
    text      bits of what is there, unless all is; lengths of 0 (all alike), 1, 2 or 4 bytes; the texts
    number    distance from the least, in 1, 2, 4 or 8 bytes
    arrow     anything else, as an Arrow stream

No format for anybody else, and of one version: a run that goes on has the program that began it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transformer.readers.kept import kept
from transformer.schema.batch import I32, U8

_TAIL: Final = 16
_ALIGN: Final = 8
_SPARE: Final = 4096
"""Bytes that a column may take beyond its Arrow form: padding, its line in the head, heads of a stream."""
_WIDTHS: Final = (np.uint8, np.uint16, np.int32)
_DICTIONARY: Final = pa.dictionary(pa.int32(), pa.string())
_LONGEST_SAME: Final = 256


@dataclass(frozen=True, slots=True)
class _Column:
    """Where a column lies and what it is. width: bytes of a length or number. base: the least number, or the
    length of all texts. nulls: how many. text_count: bytes of text. value: the text that all rows have."""

    form: str
    start: int = 0
    byte_count: int = 0
    width: int = 0
    base: int = 0
    nulls: int = 0
    text_count: int = 0
    value: str = ""


@dataclass(frozen=True, slots=True)
class _Head:
    """row_count: of the table. columns: in the order of the schema."""

    row_count: int
    columns: tuple[_Column, ...]


class _Room:
    """Bytes that are filled from the front."""

    def __init__(self, size: int) -> None:
        # Into memory of this thread: what grows as it is filled takes fresh pages for every table.
        self.data: U8 = kept("staged", size, np.uint8)
        self.at = 0

    def take(self, count: int, kind: npt.DTypeLike) -> npt.NDArray[Any]:
        """The next `count` numbers, to be filled."""
        size = count * np.dtype(kind).itemsize
        if self.at + size > len(self.data):
            raise AssertionError("a staged table was measured too small")
        taken = self.data[self.at : self.at + size].view(kind)
        self.at += _padded(size)
        return taken

    def put(self, data: U8) -> None:
        """Bytes as they are."""
        self.take(len(data), np.uint8)[:] = data


def packed(table: pa.Table) -> memoryview:
    """The bytes of a file with the table; the thread's next call overwrites them."""
    import orjson

    schema = np.frombuffer(table.schema.serialize(), np.uint8)
    room = _Room(table.nbytes + _SPARE * (table.num_columns + 1) + len(schema))
    columns = [_pack(room, column) for column in table.columns]
    room.put(schema)
    head = orjson.dumps(_Head(table.num_rows, tuple(columns)))
    room.put(np.frombuffer(head, np.uint8))
    room.take(2, np.uint64)[:] = len(schema), len(head)
    return room.data[: room.at].data


def _pack(room: _Room, column: pa.ChunkedArray) -> _Column:
    start, kind = room.at, column.type
    if column.null_count == len(column):
        return _Column("nothing")
    array = _one(column)
    if kind == pa.string():
        return _pack_text(room, array)
    if kind in (pa.int32(), pa.int64()) and not array.null_count:
        return _pack_numbers(room, array)
    if kind == _DICTIONARY and not array.null_count and array.dictionary.is_valid().to_pylist() == [True]:
        return _Column("same", value=array.dictionary[0].as_py())
    sink = pa.BufferOutputStream()
    batch = pa.record_batch([array], ["column"])
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    room.put(np.frombuffer(sink.getvalue(), np.uint8))
    return _Column("arrow", start, room.at - start)


def _one(column: pa.ChunkedArray) -> pa.Array:
    """A column as one array that begins where its buffers begin."""
    array = column.chunk(0) if column.num_chunks == 1 else column.unify_dictionaries().combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        raise AssertionError("a staged column has more text than one array can hold")
    return pa.concat_arrays([array, array.slice(0, 0)]) if array.offset else array


def _pack_text(room: _Room, array: pa.Array) -> _Column:
    count, start = len(array), room.at
    valid, offset_buffer, data = array.buffers()
    offsets: I32 = np.frombuffer(offset_buffer, np.int32)[: count + 1]
    first, last = int(offsets[0]), int(offsets[-1])
    text = np.frombuffer(data, np.uint8)[first:last] if data is not None else np.empty(0, np.uint8)
    lengths = np.subtract(offsets[1:], offsets[:-1], out=kept("lengths", count, np.int32))
    least, most = int(lengths.min()), int(lengths.max())
    if not array.null_count and least == most and _is_same(text, most):
        return _Column("same", value=text[:most].tobytes().decode())
    if array.null_count:
        room.put(np.frombuffer(valid, np.uint8)[: (count + 7) // 8])
    width = 0 if least == most else 1 if most < 1 << 8 else 2 if most < 1 << 16 else 4
    if width:
        np.copyto(room.take(count, _WIDTHS[width // 2]), lengths, casting="unsafe")
    room.put(text)
    return _Column("text", start, room.at - start, width, least, array.null_count, len(text))


def _is_same(text: U8, length: int) -> bool:
    """Whether texts of one length are one text."""
    if length == 0:
        return True
    if length > _LONGEST_SAME or text[:length].tobytes() != text[-length:].tobytes():
        return False
    return bool((text[length:] == text[:-length]).all())


def _pack_numbers(room: _Room, array: pa.Array) -> _Column:
    start, numbers = room.at, array.to_numpy()
    least, most = int(numbers.min()), int(numbers.max())
    width = next((w for w in (1, 2, 4) if most - least < 1 << 8 * w), 8)
    if width == 8:
        least = 0
    np.subtract(numbers, least, out=room.take(len(numbers), f"u{width}"), casting="unsafe")
    return _Column("number", start, room.at - start, width, least)


@lru_cache(maxsize=4096)
def _opened(path: Path, sha256: str) -> tuple[pa.Schema, _Head]:
    """Schema and head of a file. sha256: of its bytes, which say what is remembered."""
    import orjson

    with path.open("rb", buffering=0) as file:
        file.seek(-_TAIL, 2)
        end = file.tell()
        schema_size, head_size = np.frombuffer(file.read(_TAIL), np.uint64).tolist()
        padded = [_padded(schema_size), _padded(head_size)]
        file.seek(end - sum(padded))
        data = file.read(sum(padded))
    schema = pa.ipc.read_schema(pa.py_buffer(data[:schema_size]))
    head = orjson.loads(data[padded[0] : padded[0] + head_size])
    return schema, _Head(head["row_count"], tuple(_Column(**column) for column in head["columns"]))


def schema_of(path: Path, sha256: str) -> pa.Schema:
    """Names and types of the table in a file with this digest."""
    return _opened(path, sha256)[0]


def unpacked(path: Path, sha256: str, names: Sequence[str] | None = None) -> pa.RecordBatch:
    """The table in a file with this digest, with those of the columns that it has, in its own order."""
    schema, head = _opened(path, sha256)
    # Where it has none of them, the first: a batch without columns would have no rows.
    places = [at for at, name in enumerate(schema.names) if names is None or name in names] or [0]
    arrays = []
    with path.open("rb", buffering=0) as file:
        for at in places:
            column = head.columns[at]
            region = pa.allocate_buffer(column.byte_count)
            if column.byte_count:
                file.seek(column.start)
                _filled(file, memoryview(region))
            arrays.append(_unpack(column, schema.field(at).type, head.row_count, region))
    wanted = pa.schema([schema.field(at) for at in places], schema.metadata)
    return pa.RecordBatch.from_arrays(arrays, schema=wanted)


def _filled(file: Any, view: memoryview) -> None:
    while len(view):
        count = file.readinto(view)
        if not count:
            raise OSError(f"{file.name} is shorter than it was")
        view = view[count:]


def _unpack(column: _Column, kind: pa.DataType, rows: int, region: pa.Buffer) -> pa.Array:
    if column.form == "nothing":
        return pa.nulls(rows, kind)
    if column.form == "arrow":
        return pa.ipc.open_stream(region).read_next_batch().column(0)
    if column.form == "number":
        return _numbers(column, kind, rows, region)
    if column.form == "same" and kind == _DICTIONARY:
        return all_of(column.value, rows)
    if column.form == "same":
        return pa.repeat(column.value, rows)
    return _texts(column, rows, region)


def _numbers(column: _Column, kind: pa.DataType, rows: int, region: pa.Buffer) -> pa.Array:
    whole = kind.to_pandas_dtype()
    made = pa.allocate_buffer(rows * np.dtype(whole).itemsize)
    # Distances that need 8 bytes are the numbers themselves.
    numbers = np.frombuffer(region, np.int64 if column.width == 8 else f"u{column.width}", rows)
    np.add(numbers, whole(column.base), out=np.frombuffer(made, whole), casting="unsafe")
    return pa.Array.from_buffers(kind, rows, [None, made], 0)


def _texts(column: _Column, rows: int, region: pa.Buffer) -> pa.Array:
    made = pa.allocate_buffer(4 * (rows + 1))
    offsets = np.frombuffer(made, np.int32)
    at = _padded((rows + 7) // 8) if column.nulls else 0
    valid = region.slice(0, at) if column.nulls else None
    if column.width:
        size = rows * column.width
        lengths = np.frombuffer(region, _WIDTHS[column.width // 2], rows, at)
        offsets[0] = 0
        np.cumsum(lengths, dtype=np.int32, out=offsets[1:])
        at += _padded(size)
    else:
        np.multiply(np.arange(rows + 1, dtype=np.int32), np.int32(column.base), out=offsets)
    text = region.slice(at, column.text_count)
    return pa.Array.from_buffers(pa.string(), rows, [valid, made, text], column.nulls)


def _padded(size: int) -> int:
    return size + -size % _ALIGN


def all_of(value: str, rows: int) -> pa.DictionaryArray:
    """One value in every row, as a dictionary of it."""
    indices = pa.Array.from_buffers(pa.int32(), rows, [None, _zeros(1 << max(rows, 1).bit_length())], 0)
    return pa.DictionaryArray.from_arrays(indices, pa.array([value], pa.string()), safe=False)


@lru_cache(maxsize=4)
def _zeros(count: int) -> pa.Buffer:
    """int32[count]; the same bytes for whoever asks."""
    return pa.py_buffer(np.zeros(count, np.int32))
