"""ISO 2709 files as hypothesis draws them: made records, separators between them, and damage."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.makers import raw_record

LEADERS = ["00000nam a2200000 a 4500", "00000cz  a2200000n  4500", "00000nam  2200000   450 "]
PIECES = [
    "a", "Ω", "圖書", "😀", "0", "12345", "00026", "x" * 31, "é" * 20,
    "\x1fa", "\x1fb", "\x1f", "10", " ", "\n",
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=8).map(lambda pieces: "".join(pieces).encode())
tags = st.sampled_from(["001", "008", "00A", "100", "245", "245", "650", "9AB", "   "])

records = st.builds(
    raw_record, st.sampled_from(LEADERS), st.lists(st.tuples(tags, texts), max_size=5).map(tuple)
)
separators = st.sampled_from([b"", b"", b"", b"\n", b"\r\n", b"  ", b"\0\0\0", b"\x1a"])

ODD_BYTES = [0x1D, 0x1E, 0x1F, 0x1B, 0x0A, 0x20, 0x30, 0x39, 0x80, 0xC3, 0xED, 0xF0, 0xFF, 0x00, 0x41]
GARBAGE = [
    b"<html><body>504 Gateway Time-out</body></html>\n",
    b"\x1d",
    b"\x1e",
    b"00030",
    b"0003",
    b"x" * 40,
]


@st.composite
def damaged(draw: st.DrawFn, record: bytes) -> bytes:
    """The record after one accident: a changed byte, a changed number, a cut, something put in."""
    at = draw(st.integers(0, len(record) - 1))
    accident = draw(st.integers(0, 5))
    if accident == 0:
        return record[:at] + bytes([draw(st.sampled_from(ODD_BYTES))]) + record[at + 1 :]
    if accident == 1:
        place = draw(st.sampled_from([0, 12, 27, 31]))
        digits = b"%05d" % draw(st.integers(0, 400))
        return record[:place] + digits + record[place + 5 :]
    if accident == 2:
        return record[:at]
    if accident == 3:
        return record[at:]
    if accident == 4:
        return record[:at] + draw(st.sampled_from(GARBAGE)) + record[at:]
    end = draw(st.integers(at, len(record)))
    return record[:at] + record[end:]


@st.composite
def files(draw: st.DrawFn, damage: bool = True) -> bytes:
    """A file of up to eight records, some damaged, with separators, perhaps cut short."""
    data = draw(st.sampled_from([b"", b"", b"\xef\xbb\xbf"]))
    for record in draw(st.lists(records, max_size=8)):
        if damage and draw(st.integers(0, 2)) == 0:
            record = draw(damaged(record))
        data += record + draw(separators)
    if damage and draw(st.booleans()):
        data += draw(st.sampled_from(GARBAGE))
    return data
