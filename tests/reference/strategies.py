"""Records as hypothesis draws them: texts around the widths of the kernels, full of what is special."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.reference.batches import Field, Record

PLAIN = [
    "a",
    "Z",
    "0",
    " ",
    "abc def ghi ",
    "x" * 15,
    "y" * 16,
    "z" * 31,
    "w" * 33,
    "\u00e9",
    "\u4e2d",
    "\U0001f602",
]
SPECIAL = ["&", "<", ">", '"', "'", "\r", "\n", "\t", "\uff0c", "\ufffd", "\u0085", "\x7f"]
FORBIDDEN = ["\x00", "\x08", "\x1b", "\ufffe", "\uffff"]

texts = st.lists(st.sampled_from([*PLAIN, *PLAIN, *SPECIAL]), max_size=12).map("".join)
odd_texts = st.lists(st.sampled_from([*PLAIN, *SPECIAL, *FORBIDDEN]), max_size=12).map("".join)
codes = st.sampled_from(["a", "b", "z", "0", "9"])
tags = st.sampled_from(["001", "008", "245", "100", "650", "999", "9AB"])


@st.composite
def fields(draw: st.DrawFn, *, odd: bool = False) -> Field:
    """A field. odd: also with missing indicators, strange codes, characters that XML forbids."""
    if draw(st.booleans()):
        return Field(draw(tags), draw(odd_texts if odd else texts).encode(), True)
    if odd:
        parts = draw(
            st.lists(st.sampled_from([*PLAIN, *SPECIAL, *FORBIDDEN, "\x1f", "\x1f", "\x1f"]), max_size=20)
        )
        tag = draw(
            st.one_of(
                tags, tags, st.sampled_from(['<&"', "a>b", "24\u00e9", "2\x015", "2\x7f5", "~~~", "\u00ff00"])
            )
        )
        return Field(tag, "".join(parts).encode())
    inner = draw(st.sampled_from(["  ", "10", "0 "]))
    inner += "".join(draw(st.lists(st.builds(lambda c, v: f"\x1f{c}{v}", codes, texts), max_size=4)))
    return Field(draw(tags), inner.encode())


LEADERS = [
    b"00000nam a2200000 a 4500",
    b"00000cam  2200000 i 4500",
    b"00000nam  2200000   450 ",
    b"                        ",
    b"00000na<&>22\r0000   45\x01 ",
]


def records(*, odd: bool = False) -> st.SearchStrategy[list[Record]]:
    """Up to four records."""
    leaders = st.sampled_from(LEADERS if odd else LEADERS[:1])
    one = st.builds(Record, leaders, st.lists(fields(odd=odd), max_size=6))
    return st.lists(one, max_size=4)
