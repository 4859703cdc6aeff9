"""Small made records, no two alike, as plain facts; each container writes them in its own way."""

from __future__ import annotations

from random import Random

from tests.reference.batches import Field, Record

LEADERS = (b"00000nam a2200000 a 4500", b"00000cam a2200000Ia 4500", b"00000nz  a2200000n  4500")
TAGS = ("020", "100", "245", "245", "500", "650", "650", "700", "852", "907", "9XX")
WORDS = (
    "Moon", "mice", "of", "and", "the", "Zürich", "Łódź", "história", "Ωδή", "圖書館", "книга", "12345",
    "1-84-5", "00026", "naïve", "Pt. 2", "c1999.", "x" * 40, "ﬁn", "𐐀", "a = b", "(pbk.)",
)  # fmt: skip
CODES = "abcdefghx0123"


def record(random: Random, number: int) -> Record:
    """A record with its number in 001, three to eight fields, 60 to some 400 bytes."""
    fields = [Field("001", b"n%d" % number, True)]
    if random.random() < 0.5:
        fields.append(Field("008", b"850101s1985    xxu           000 0 eng d", True))
    for tag in sorted(random.choices(TAGS, k=random.randint(1, 6))):
        fields.append(Field(tag, inner(random)))
    return Record(random.choice(LEADERS), fields)


def inner(random: Random) -> bytes:
    """A data field in the inner form."""
    indicators = random.choice(("  ", "10", " 0", "1 "))
    parts = [
        f"\x1f{random.choice(CODES)}{' '.join(random.choices(WORDS, k=random.randint(1, 4)))}"
        for _ in range(random.choice((1, 1, 2, 3)))
    ]
    return (indicators + "".join(parts)).encode()


PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>504</title></head>\n<body><p>Gateway Time-out: 12345 00026"
    b"</p></body></html>\n"
)


def rubble(random: Random) -> bytes:
    """Bytes of any kind, up to some hundred."""
    return random.randbytes(random.choice((1, 2, 5, 30, 300)))
