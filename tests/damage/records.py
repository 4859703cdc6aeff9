"""A thousand bibs of varied content, made by seed, and the parts of a record that makers of damage change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

WORDS = (
    "moon", "mice", "of", "and", "a", "Ökonomie", "Čapek", "圖書館", "日本", "Ωmega", "é", "😀", "1984-",
    "(Ed.)", "x" * 40, "Лунный", "00026", "45", "{brace}", "&amp;", "<b>",
)  # fmt: skip
TAGS = (
    "100",
    "245",
    "245",
    "260",
    "300",
    "490",
    "500",
    "500",
    "505",
    "650",
    "650",
    "700",
    "856",
    "949",
    "9AB",
)
LEADERS = ("00000nam a2200000 a 4500", "00000cas a2200000   4500", "00000ckm a2200000 i 4500")

Field = tuple[str, bytes]
"""Tag, and the bytes of the field without its terminator."""


@dataclass(frozen=True, slots=True)
class Made:
    """A record: leader without numbers, fields in order, none of them empty."""

    leader: str
    fields: tuple[Field, ...]

    @property
    def raw(self) -> bytes:
        """The record as ISO 2709 wants it."""
        return Parts.of(self).raw()


@dataclass(frozen=True, slots=True)
class Parts:
    """What ISO 2709 writes for a record, each part for itself, so that one of them can be wrong.

    length and base None: what is right for the other parts. entries: 12 bytes each. body: with terminators.
    """

    leader: str
    entries: tuple[bytes, ...]
    body: bytes
    length: bytes | None = None
    base: bytes | None = None
    end: bytes = b"\x1d"
    mark: bytes = b"\x1e"

    @staticmethod
    def of(made: Made) -> Parts:
        """The right parts."""
        entries, body = [], b""
        for tag, value in made.fields:
            entries.append(entry(tag, len(value) + 1, len(body)))
            body += value + b"\x1e"
        return Parts(made.leader, tuple(entries), body)

    def raw(self) -> bytes:
        """The record's bytes."""
        directory = b"".join(self.entries) + self.mark
        size = 24 + len(directory) + len(self.body) + len(self.end)
        length = b"%05d" % size if self.length is None else self.length
        base = b"%05d" % (24 + len(directory)) if self.base is None else self.base
        leader = self.leader.encode("latin-1")
        return length + leader[5:12] + base + leader[17:] + directory + self.body + self.end

    def with_entry(self, at: int, new: bytes) -> Parts:
        """One entry replaced."""
        return replace(self, entries=(*self.entries[:at], new, *self.entries[at + 1 :]))


def entry(tag: str, length: int, start: int) -> bytes:
    """Twelve bytes of a directory."""
    return tag.encode() + b"%04d%05d" % (length, start)


def text(random: Random, words: int) -> str:
    return " ".join(random.choice(WORDS) for _ in range(words))


def data_field(random: Random, tag: str, words: int) -> Field:
    """Two indicators, one to four subfields."""
    parts = [random.choice(("  ", "10", " 0", "1 "))]
    count = random.choice((1, 1, 2, 3, 4))
    parts += [f"\x1f{random.choice('abcz09')}{text(random, max(1, words // count))}" for _ in range(count)]
    return tag, "".join(parts).encode()


def made(random: Random, number: int) -> Made:
    """3 to 60 fields, some short and some long; the first has two bytes or more that are no ASCII."""
    fields = [("001", b"n%07d" % number), ("008", b"850101s1985    xxu           000 0 eng d")]
    tags = sorted(random.choices(TAGS, k=random.choice((1, 3, 8, 15, 20, 58))))
    fields += [data_field(random, tag, random.choice((1, 2, 4, 4, 8, 8, 60))) for tag in tags]
    tag, value = fields[-1]
    fields[-1] = (tag, value + f"\x1fzé {number} 圖".encode())
    return Made(random.choice(LEADERS), tuple(fields))


def thousand(seed: int) -> list[Made]:
    """The records of one file."""
    random = Random(seed)
    return [made(random, number) for number in range(1000)]
