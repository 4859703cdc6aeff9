"""Arrow string columns as the arrays kernels take: bytes, starts, lengths. No Python loop over rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transformer.errors import UsageError
from transformer.schema.batch import I64, U8, U32

_NOTHING = pa.array([], pa.large_string())


def text_column(column: pa.ChunkedArray | pa.Array) -> tuple[U8, I64, I64]:
    """(bytes, start of each row, length of each row in bytes) of a column of strings of any Arrow kind.

    Null counts as empty. `bytes` may hold more than the rows (the column may be a slice). The arrays share
    Arrow's memory: never write to them.
    """
    # Cast before chunks are joined: strings with 32-bit offsets end at 2 GiB.
    if column.type != pa.large_string():
        column = column.cast(pa.large_string())
    if isinstance(column, pa.ChunkedArray):
        column = column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays([*column.chunks, _NOTHING])
    if column.null_count:
        column = pc.fill_null(column, "")
    _, offset_buffer, data_buffer = column.buffers()
    if offset_buffer is None or len(column) == 0:
        return np.empty(0, np.uint8), np.empty(0, np.int64), np.empty(0, np.int64)
    offsets = _shared(np.frombuffer(offset_buffer, np.int64))[column.offset : column.offset + len(column) + 1]
    data = np.frombuffer(data_buffer if data_buffer is not None else b"", np.uint8)
    return _shared(data), offsets[:-1], np.diff(offsets)


class _Held:
    """Memory of an array that numpy may take for writable; keeps it alive as the base of others."""

    def __init__(self, array: npt.NDArray[Any]) -> None:
        self.array = array
        address, _ = array.__array_interface__["data"]
        self.__array_interface__ = {**array.__array_interface__, "data": (address, False)}


def _shared(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The same memory, not marked read-only as Arrow's is, and aligned as its type wants (copied only where
    it is not): numba would compile every kernel once more for each kind. Nobody writes to it."""
    array = np.require(array, requirements="A")
    return array if array.flags.writeable else np.asarray(_Held(array))


def number_column(column: pa.ChunkedArray) -> I64:
    """A column of integers without nulls as int64."""
    _no_nulls(column)
    return _shared(np.ascontiguousarray(column.to_numpy(), np.int64))


def truth_column(column: pa.ChunkedArray) -> U8:
    """A column of truth values without nulls as uint8, 1 = true."""
    _no_nulls(column)
    return _shared(np.ascontiguousarray(column.to_numpy(), np.uint8))


def _no_nulls(column: pa.ChunkedArray) -> None:
    if column.null_count:
        raise UsageError("a value is missing (null) where none may be", expected="no nulls")


def tag_column(column: pa.ChunkedArray | pa.Array) -> U32:
    """Packed tags of a column of tags; raises UsageError where one is not three bytes long."""
    data, starts, lengths = text_column(column)
    wrong = np.flatnonzero(lengths != 3)
    if len(wrong):
        raise UsageError(
            f"the tag {column[int(wrong[0])].as_py()!r} is not three characters", f"row {int(wrong[0])}",
            "three ASCII characters",
        )  # fmt: skip
    if not len(starts):
        return np.empty(0, np.uint32)
    first, second, third = (data[starts + i].astype(np.uint32) for i in range(3))
    return first << np.uint32(16) | second << np.uint32(8) | third
