"""Text in UTF-16, rewritten in UTF-8 before it is read, since readers look for structure byte by byte.

Told by its first bytes: a byte order mark, or `<` with a zero beside it. A half of a pair that stands alone
becomes the three bytes that UTF-8 would give it, and a last odd byte 0xFF: both are no UTF-8, so the reader
finds them, keeps the record and tells it. An XML declaration is made to name UTF-8.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import IO, Any, Final

_MARKS: Final = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_BARE: Final = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_UTF32: Final = b"\xff\xfe\0\0"
_DECLARED: Final = re.compile(rb"""^(\s*<\?xml\s[^>]*?encoding\s*=\s*["'])[Uu][A-Za-z0-9._-]+(["'])""")
_PIECE: Final = 1 << 20


def wide_codec(head: bytes) -> str:
    """`utf-16-le` or `utf-16-be` by the first bytes of a file; empty for anything else."""
    if head.startswith(_UTF32):
        return ""
    # Behind a bare `<` the next character has a zero, too.
    starts = (*_MARKS, *_BARE) if head[2:4].count(0) == 1 else _MARKS
    return next((codec for start, codec in starts if head.startswith(start)), "")


def narrowed(head: bytes) -> bytes:
    """The first bytes of a file in UTF-8, as far as they go; the same bytes where it is not UTF-16."""
    codec = wide_codec(head)
    return head[: len(head) & ~1].decode(codec, "ignore").lstrip("\ufeff").encode() if codec else head


def narrow(stream: IO[bytes] | Any, codec: str) -> Iterator[bytes]:
    """A stream of UTF-16 in pieces of UTF-8. codec: as `wide_codec` says, or `utf-16` with a mark."""
    if codec == "utf-16":
        codec = "utf-16-le"
    odd, first = b"", True
    decoder = codecs.getincrementaldecoder(codec)("surrogatepass")
    while piece := stream.read(_PIECE):
        piece = odd + piece
        odd = piece[len(piece) & ~1 :]
        text = decoder.decode(piece[: len(piece) & ~1])
        data = text.encode("utf-8", "surrogatepass")
        if first:
            data, first = _DECLARED.sub(rb"\1UTF-8\2", data.removeprefix(b"\xef\xbb\xbf")), False
        yield data
    left = decoder.getstate()[0]
    if left or odd:
        yield b"\xff"
