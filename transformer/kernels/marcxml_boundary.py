"""Find the records in bytes of MARCXML, hopping from `<` to `<`; comments, CDATA and the like are passed.

A start tag never holds a `<`, so the hop sees every tag of a well-formed file; what stands inside a
record is looked at only as far as needed to find its end. Names are compared without their prefix, and
namespaces are not resolved.

- A record runs from `<record` to the end of its end tag, and holds a leader, controlfield or datafield.
- An element `record` around another one (OAI-PMH, SRU) is no record; the inner one is.
- An element `record` with neither (an OAI-PMH record that was deleted) is set aside.
- A record that another start tag `record` cuts short is set aside up to there; a record that the file's
  end cuts short is set aside as truncated. Leader or fields outside any record are set aside, too, and what
  the end of one without its beginning leaves: from its text on, up to the next record.
- A start tag `record` under another prefix cuts a record short only if a leader or field of that prefix
  follows at once: it is the next record. Any other stands in the record, for its parser to refuse.
- A comment, CDATA section or processing instruction without an end is no such thing: only `<` is passed.
  So is a comment with `--` inside, which XML forbids: thus an unclosed comment ends before the next one; and
  an instruction with `<` inside, which XML allows and nobody writes: the declaration of a second file in the
  same one does not end what a damaged record began.
- A `<` within an attribute's value is passed (XML forbids it; it must not split a record in two).

What is decided at a `<` depends on at most LOOKBACK bytes before and LOOKAHEAD bytes after it, so any
windows that hold those find the same records.

Speed, one core, data in memory, 1.4 KB records, one `<` in 25 bytes: see bench/kernels/test_marcxml.py.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from transformer.kernels.bytesops import equal64, load8, trailing_zeros
from transformer.kernels.jit import inlined, kernel
from transformer.schema.batch import I64, REASON_CODE, U8

LOOKAHEAD: Final = 1 << 16
"""Longest tag that is understood as one."""
LOOKBACK: Final = 1 << 12
_NAME_MOST: Final = 256

# Places in `state`, int64[8], which the kernel keeps from window to window. All start at 0.
MODE, START, PREFIX, PASSING, PASSED_FROM, ENDLESS, ELEMENTS = 0, 1, 2, 3, 4, 5, 6
STATE_SIZE: Final = 8
"""MODE: one of the four below. START: offset of the open record. PREFIX: bytes of its name's prefix,
colon included. PASSING: kind of what is being passed, 0 = nothing. PASSED_FROM: its offset. ENDLESS: bits
of the kinds that have no end in the rest of the file. ELEMENTS: start tags outside records."""

OUTSIDE, WRAPPER, INSIDE, STRAY = 0, 1, 2, 3
"""No record is open; one is open but no field was seen; a record; fields outside any record."""

COMMENT, _CDATA, _INSTRUCTION = 1, 2, 4
_OTHER, _RECORD, _PART = 0, 1, 2

_MALFORMED: Final = REASON_CODE["xml-malformed"]
_STRUCTURE: Final = REASON_CODE["xml-structure"]

_LT: Final = 0x3C
_GT: Final = 0x3E
_SLASH: Final = 0x2F
_RECORD_WORD: Final = np.uint64(int.from_bytes(b"record", "little"))
_LEADER_WORD: Final = np.uint64(int.from_bytes(b"leader", "little"))
_DATAFIELD_WORD: Final = np.uint64(int.from_bytes(b"datafiel", "little"))
_SUBFIELD_WORD: Final = np.uint64(int.from_bytes(b"subfield", "little"))
_CONTROLFIELD_WORD: Final = np.uint64(int.from_bytes(b"controlf", "little"))
_SIX_BYTES: Final = np.uint64(0xFFFFFFFFFFFF)
_1 = np.uint64(1)


@inlined
def is_space(byte):  # type: ignore[no-untyped-def]
    """White space of XML: blank, tab, LF, CR."""
    return byte == 0x20 or byte == 0x0A or byte == 0x09 or byte == 0x0D


@kernel
def word_at(b: U8, start: int, end: int) -> np.uint64:
    """Up to eight bytes of b[start:end] as an integer, the first lowest."""
    word = np.uint64(0)
    for k in range(min(end - start, 8)):
        word |= np.uint64(b[start + k]) << np.uint64(8 * k)
    return word


@kernel
def name_at(b: U8, start: int, end: int) -> tuple[int, int, int]:
    """The name at b[start]: (kind, start of its local part, end). Kind: _RECORD, _PART or _OTHER."""
    local = start
    i = start
    stop = min(end, start + _NAME_MOST)
    while i < stop:
        c = b[i]
        if is_space(c) or c in (_GT, _SLASH, _LT) or c == 61:
            break
        i += 1
        if c == 0x3A:
            local = i
    size = i - local
    if size < 6 or size > 12:
        return _OTHER, local, i
    word = word_at(b, local, i)
    if size == 6 and word == _RECORD_WORD:
        return _RECORD, local, i
    if (size == 6 and word == _LEADER_WORD) or (size == 8 and word == _SUBFIELD_WORD):
        return _PART, local, i
    if size == 9 and word == _DATAFIELD_WORD and b[local + 8] == 0x64:
        return _PART, local, i
    if size == 12 and word == _CONTROLFIELD_WORD and word_at(b, local + 8, i) == 0x646C6569:
        return _PART, local, i
    return _OTHER, local, i


@kernel
def tag_end(b: U8, start: int, end: int) -> int:
    """Index after the `>` that ends the start tag whose name ends at `start`; -1 if there is none.

    A `>` within quotes does not end it; a `<` anywhere, or LOOKAHEAD bytes, mean that none does.
    """
    quote: Any = 0
    for i in range(start, min(end, start + LOOKAHEAD - _NAME_MOST)):
        c = b[i]
        if c == _LT:
            return -1
        if quote != 0:
            if c == quote:
                quote = 0
        elif c == 0x22 or c == 0x27:
            quote = np.int64(c)
        elif c == _GT:
            return i + 1
    return -1


@kernel
def in_attribute(b: U8, at: int, start: int, end: int) -> bool:
    """Whether b[at], a `<`, stands in an attribute's value of the tag before it.

    So it does where, from the `<` before it on, no `>` comes, a quote opens after `=`, and that quote
    closes again before the next `<`.
    """
    k = at - 1
    low = max(start, at - LOOKBACK)
    while k >= low and b[k] != _LT:
        if b[k] == _GT:
            return False
        k -= 1
    if k < low:
        return False
    quote: Any = 0
    equals = False
    for i in range(k + 1, at):
        c = b[i]
        if quote != 0:
            if c == quote:
                quote = 0
        elif (c == 0x22 or c == 0x27) and equals:
            quote = np.int64(c)
        if not is_space(c):
            equals = c == 0x3D
    if quote == 0:
        return False
    for i in range(at + 1, min(end, at + LOOKBACK)):
        if b[i] == _LT:
            return False
        if b[i] == quote:
            return True
    return False


@kernel
def next_byte(b: U8, i: int, end: int, byte: int) -> int:
    """Index of the first `byte` in b[i:end], or `end`."""
    while i + 64 <= end:
        bits = equal64(b, i, byte)
        if bits != 0:
            return i + trailing_zeros(bits)
        i += 64
    while i < end and b[i] != byte:
        i += 1
    return i


@kernel
def passed(b: U8, start: int, end: int, kind: int) -> int:
    """Index after the end of a comment, CDATA section or instruction, whose body begins at `start`.

    -1: not in these bytes. -2: a comment with `--` inside, an instruction with `<`.
    """
    i = start
    if kind == _INSTRUCTION:
        tag = next_byte(b, i, end, _LT)
        while True:
            i = next_byte(b, i, tag, 0x3F)
            if i + 1 >= tag:
                return -2 if tag < end else -1
            if b[i + 1] == _GT:
                return i + 2
            i += 1
    # Both end in a byte twice, then `>`.
    byte = 0x2D if kind == COMMENT else 0x5D
    while True:
        i = next_byte(b, i, end, byte)
        if i + 2 >= end:
            return -1
        if b[i + 1] == byte:
            if b[i + 2] == _GT:
                return i + 3
            if kind == COMMENT:
                return -2
        i += 1


@kernel
def pass_over(b: U8, base: int, j: int, begin: int, end: int, final: bool, state: I64) -> int:
    """What follows `<!` or `<?` at b[j]: index to go on from, or -1 where the window ends before it does."""
    kind = 0
    body = j + 2
    if b[j + 1] == 0x3F:
        kind = _INSTRUCTION
    elif j + 4 <= end and b[j + 2] == 0x2D and b[j + 3] == 0x2D:
        kind = COMMENT
        body = j + 4
    elif j + 9 <= end and b[j + 2] == 0x5B and word_at(b, j + 2, j + 9) == 0x5B41544144435B:
        kind = _CDATA
        body = j + 9
    if kind == 0 or state[ENDLESS] & kind or in_attribute(b, j, begin, end):
        return j + 1
    after = passed(b, body, end, kind)
    if after >= 0:
        return after
    if after == -2:
        return j + 1
    if final:
        state[ENDLESS] |= kind
        return j + 1
    state[PASSING] = kind
    state[PASSED_FROM] = base + j
    return -1


@inlined
def text_start(b, j, begin):  # type: ignore[no-untyped-def]
    """Where the text before the tag at b[j] begins: behind the tag before it, and white space."""
    low = max(begin, j - LOOKBACK)
    k = j
    while k > low and b[k - 1] != _GT and b[k - 1] != _LT:
        k -= 1
    while k < j and is_space(b[k]):
        k += 1
    return k


@kernel
def fields_follow(b: U8, j: int, prefix: int, after: int, end: int) -> bool:
    """Whether the start tag at b[j], its name ending at `after`, is followed by a leader or field whose name
    has as long a prefix."""
    end = min(end, j + LOOKAHEAD)
    i = tag_end(b, after, end)
    while 0 <= i < end and is_space(b[i]):
        i += 1
    if i < 0 or i >= end or b[i] != _LT:
        return False
    kind, local, _ = name_at(b, i + 1, end)
    return kind == _PART and local - i - 1 == prefix


@kernel
def at_tag(
    b: U8, base: int, j: int, begin: int, end: int, state: I64, found: int, start: I64, stop: I64, reason: U8
) -> tuple[int, int]:
    """What the tag at b[j] means for `state` and the list of records: (records, index to go on from)."""
    closing = b[j + 1] == _SLASH
    kind, local, after = name_at(b, j + 2 if closing else j + 1, end)
    mode = state[MODE]
    if kind == _OTHER:
        if not closing and mode == OUTSIDE and after > j + 1:
            state[ELEMENTS] += 1
        return found, j + 1
    if kind == _PART:
        if not closing and mode == WRAPPER:
            state[MODE] = INSIDE
        elif mode == OUTSIDE:
            state[MODE] = STRAY
            state[START] = base + (text_start(b, j, begin) if closing else j)
        return found, j + 1
    other_prefix = mode == INSIDE and local - j - 1 - closing != state[PREFIX]
    if other_prefix and (closing or not fields_follow(b, j, local - j - 1, after, end)):
        return found, j + 1
    if in_attribute(b, j, begin, end):
        return found, j + 1
    if not closing:
        if mode in (INSIDE, STRAY):
            start[found], stop[found] = state[START], base + j
            reason[found] = _MALFORMED if mode == INSIDE else _STRUCTURE
            found += 1
        tag_stop = tag_end(b, after, end)
        state[MODE] = mode = WRAPPER
        state[START] = base + j
        state[PREFIX] = local - j - 1
        if tag_stop < 0 or b[tag_stop - 2] != _SLASH:
            return found, j + 1 if tag_stop < 0 else tag_stop
    else:
        if mode == OUTSIDE:
            return found, j + 1
        tag_stop = after
        while tag_stop < min(end, j + LOOKAHEAD) and is_space(b[tag_stop]):
            tag_stop += 1
        if tag_stop >= end or b[tag_stop] != _GT:
            return found, j + 1
        tag_stop += 1
    start[found], stop[found] = state[START], base + tag_stop
    reason[found] = 0 if mode == INSIDE else _STRUCTURE
    state[MODE] = OUTSIDE
    return found + 1, tag_stop


@inlined
def names_field(word):  # type: ignore[no-untyped-def]
    """Whether these eight bytes begin the name of a field or its part."""
    return word in (_SUBFIELD_WORD, _DATAFIELD_WORD, _CONTROLFIELD_WORD)


@kernel
def find_records(
    b: U8, base: int, first: int, final: bool, state: I64, start: I64, stop: I64, reason: U8
) -> tuple[int, int]:
    """Records of one window: (how many were found, offset in the file to go on from).

    b: uint8[n], the window. base: offset of b[0] in the file. first: index to begin at; bytes before it
    are for looking back. final: the file (or partition) ends with the window. state: int64[STATE_SIZE],
    kept between calls. start, stop: int64[room], offsets in the file; reason: uint8[room], 0 = a record,
    else an index into REASONS. Where the arrays are full, or the window holds too little of what follows,
    the second value lies before the window's end: call again with a window from there on (and what can
    be had of LOOKBACK before it). A window that is not final must be larger than LOOKBACK + LOOKAHEAD.
    """
    n = len(b)
    limit = n if final else n - LOOKAHEAD
    room = min(len(start), len(stop), len(reason)) - 2
    found = 0
    i = first
    if state[PASSING] != 0:
        i = passed(b, first, n, state[PASSING])
        if i == -1 and not final:
            return 0, base + max(first, n - 2)
        if i == -1:
            state[ENDLESS] |= state[PASSING]
        state[PASSING] = 0
        if i < 0:
            return 0, state[PASSED_FROM] + 1
    while i < limit:
        go_on = min(i + 64, n)
        if i + 64 <= n:
            bits = equal64(b, i, _LT)
        else:
            bits = np.uint64(0)
            for k in range(n - i):
                if b[i + k] == _LT:
                    bits |= _1 << np.uint64(k)
        while bits != 0:
            j = i + trailing_zeros(bits)
            bits &= bits - _1
            if j >= limit or found > room:
                return found, base + j
            if j + 1 >= n:
                break
            c = b[j + 1]
            if c == 0x21 or c == 0x3F:
                after = pass_over(b, base, j, 0, n, final, state)
                if after < 0:
                    return found, base + n - 2
            else:
                if state[MODE] == INSIDE:
                    # Most tags are those of fields: one look at the name tells.
                    at = j + 1 + state[PREFIX] + (c == _SLASH)
                    if at + 8 <= n and names_field(load8(b, at)):
                        continue
                found, after = at_tag(b, base, j, 0, n, state, found, start, stop, reason)
            if after > j + 1:
                go_on = after
                break
        i = go_on
    return found, base + max(i, first)
