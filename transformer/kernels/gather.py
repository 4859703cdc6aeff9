"""Chosen fields' bytes side by side: for columns of text, and for fields that get other indicators."""

from __future__ import annotations

from typing import Any

from transformer.kernels.copying import copy_run, memory, poke
from transformer.kernels.jit import kernel

SLACK = 32
"""Bytes of `out` behind the last field that wide copies may touch."""


@kernel
def gather(
    data: Any, added: Any, start: Any, length: Any, ind1: Any, ind2: Any, out: Any, out_from: Any
) -> int:
    """Copy C fields into `out`, one behind the other; returns the bytes used, -1 where they do not fit.

    data, added uint8[]; start int64[C] (negative: in `added`, as in MarcBatch); length int32[C]. ind1, ind2
    uint8[C]: an indicator to put in place of the field's, 0 = as it is; fields shorter than two bytes stay.
    out: uint8[bytes + SLACK]. out_from: int64[C + 1], where each begins, and the end.
    """
    to, of_data, of_added = memory(out), memory(data), memory(added)
    w = 0
    for f in range(len(start)):
        out_from[f] = w
        count = length[f]
        if w + count + SLACK > len(out):
            return -1
        if start[f] >= 0:
            copy_run(to, w, of_data, start[f], count)
        else:
            copy_run(to, w, of_added, -1 - start[f], count)
        if count >= 2:
            if ind1[f]:
                poke(to, w, ind1[f])
            if ind2[f]:
                poke(to, w + 1, ind2[f])
        w += count
    out_from[len(start)] = w
    return w
