"""Files of ISO 2709 with accidents: made records, some damaged among untouched ones.

Each accident is a function (random, record, other record) -> bytes, named as its kind. `swallow` makes a
record whose length and directory rightly take in its neighbour: what lies wholly inside another may be lost.
All others leave their neighbours where they can be found.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Final

from tests.fuzz.case import Case, Piece, random_of
from tests.fuzz.records import PAGE, record, rubble
from tests.makers import raw_record

Accident = Callable[[Random, bytes, bytes], bytes]
ODD: Final = bytes(
    (0x1D, 0x1E, 0x1F, 0x1B, 0x0A, 0x0D, 0x20, 0x30, 0x39, 0x7F, 0x80, 0xC3, 0xED, 0xF0, 0xFF, 0)
)
NUMBERS: Final = (0, 1, 12, 24, 25, 26, 37, 49, 99, 9_999, 10_000, 32_767, 65_536, 99_998, 99_999)


def _base(data: bytes) -> int:
    return int(data[12:17])


def _entry(random: Random, data: bytes) -> int:
    """Where one entry of the directory begins."""
    return 24 + 12 * random.randrange((_base(data) - 25) // 12)


def _put(data: bytes, at: int, piece: bytes) -> bytes:
    return data[:at] + piece + data[at + len(piece) :]


def _near(random: Random, value: int, digits: int) -> bytes:
    """A wrong number in place of `value`: near it, any, or a famous one."""
    chosen = random.choice((value + random.randint(-13, 13), random.randrange(2000), random.choice(NUMBERS)))
    return b"%0*d" % (digits, max(0, chosen) % 10**digits)


def flip(random: Random, data: bytes, _: bytes) -> bytes:
    found = bytearray(data)
    for _i in range(random.choice((1, 1, 1, 2, 5))):
        found[random.randrange(len(found))] ^= 1 << random.randrange(8)
    return bytes(found)


def odd_byte(random: Random, data: bytes, _: bytes) -> bytes:
    return _put(data, random.randrange(len(data)), bytes([random.choice(ODD)]))


def inserted(random: Random, data: bytes, _: bytes) -> bytes:
    at = random.randrange(len(data))
    piece = random.choice((bytes([random.choice(ODD)]), b"\r\n", b"\0" * 9, rubble(random), b"\xef\xbb\xbf"))
    return data[:at] + piece + data[at:]


def deleted(random: Random, data: bytes, _: bytes) -> bytes:
    at = random.randrange(len(data))
    return data[:at] + data[at + random.choice((1, 1, 2, 5, 12, 40)) :]


def cut_tail(random: Random, data: bytes, _: bytes) -> bytes:
    return data[: random.randrange(1, len(data))]


def cut_head(random: Random, data: bytes, _: bytes) -> bytes:
    return data[random.randrange(1, len(data)) :]


def glued(random: Random, data: bytes, other: bytes) -> bytes:
    """Two records in one: at a terminator or anywhere, with the length of the first, of both, or any."""
    keep = random.choice((len(data) - 1, len(data) - 2, random.randrange(24, len(data))))
    both = data[:keep] + other[random.choice((0, 0, 5, 24, _base(other))) :]
    length = random.choice((int(data[:5]), len(both), random.randrange(99_999)))
    return _put(both, 0, b"%05d" % min(length, 99_999))


def swapped_entries(random: Random, data: bytes, _: bytes) -> bytes:
    a, b = _entry(random, data), _entry(random, data)
    return _put(_put(data, a, data[b : b + 12]), b, data[a : a + 12])


def duplicate_entry(random: Random, data: bytes, _: bytes) -> bytes:
    """An entry twice: the directory grows, or another entry is written over."""
    a = _entry(random, data)
    if random.random() < 0.3:
        return _put(data, _entry(random, data), data[a : a + 12])
    longer = data[: a + 12] + data[a : a + 12] + data[a + 12 :]
    if random.random() < 0.7:
        longer = _put(longer, 12, b"%05d" % (_base(data) + 12))
    return _put(longer, 0, b"%05d" % len(longer)) if random.random() < 0.7 else longer


def lost_entry(random: Random, data: bytes, _: bytes) -> bytes:
    a = _entry(random, data)
    shorter = data[:a] + data[a + 12 :]
    if random.random() < 0.5:
        shorter = _put(_put(shorter, 12, b"%05d" % (_base(data) - 12)), 0, b"%05d" % len(shorter))
    return shorter


def overlap(random: Random, data: bytes, _: bytes) -> bytes:
    """An entry reaches into the field of another one."""
    a, b = _entry(random, data), _entry(random, data)
    begin, end = int(data[a + 7 : a + 12]), int(data[b + 7 : b + 12]) + int(data[b + 3 : b + 7])
    return _put(data, a + 3, b"%04d" % max(1, min(9999, end - begin)))


def entry_length(random: Random, data: bytes, _: bytes) -> bytes:
    a = _entry(random, data)
    return _put(data, a + 3, _near(random, int(data[a + 3 : a + 7]), 4))


def entry_start(random: Random, data: bytes, _: bytes) -> bytes:
    a = _entry(random, data)
    return _put(data, a + 7, _near(random, int(data[a + 7 : a + 12]), 5))


def entry_text(random: Random, data: bytes, _: bytes) -> bytes:
    return _put(
        data, _entry(random, data) + random.randrange(12), bytes([random.choice(b" -xX\x1e\x1f\x00\xff")])
    )


def shifted(random: Random, data: bytes, _: bytes) -> bytes:
    """All starts are off by the same few bytes."""
    by = random.choice((-2, -1, 1, 2, 12))
    for a in range(24, _base(data) - 1, 12):
        data = _put(data, a + 7, b"%05d" % max(0, int(data[a + 7 : a + 12]) + by))
    return data


def length(random: Random, data: bytes, _: bytes) -> bytes:
    return _put(data, 0, _near(random, len(data), 5))


def base(random: Random, data: bytes, _: bytes) -> bytes:
    return _put(data, 12, _near(random, _base(data), 5))


def leader(random: Random, data: bytes, _: bytes) -> bytes:
    """Bytes of the leader changed, lost or put in."""
    at = random.randrange(24)
    piece = bytes([random.choice(b" 0a\x02\x1b\x1d\x1e\x1f\x00\xe9")])
    return random.choice((_put(data, at, piece), data[:at] + data[at + 1 :], data[:at] + piece + data[at:]))


def _terminators(data: bytes, kind: int) -> list[int]:
    return [at for at, byte in enumerate(data) if byte == kind]


def terminator_lost(random: Random, data: bytes, _: bytes) -> bytes:
    at = random.choice(_terminators(data, 0x1E))
    return data[:at] + random.choice((b"", b" ")) + data[at + 1 :]


def terminator_doubled(random: Random, data: bytes, _: bytes) -> bytes:
    at = random.choice(_terminators(data, random.choice((0x1E, 0x1D))))
    return data[:at] + data[at : at + 1] * random.choice((2, 2, 3)) + data[at + 1 :]


def end_lost(random: Random, data: bytes, _: bytes) -> bytes:
    return data[: -random.choice((1, 1, 2))]


def delimiter_inside(random: Random, data: bytes, _: bytes) -> bytes:
    """A delimiter within a value, lengths made to fit: a record all the same."""
    value = b"10\x1faone" + bytes([random.choice((0x1D, 0x1E, 0x1F))]) + b"two"
    return raw_record("00000nam a2200000 a 4500", [("001", b"d"), ("245", value), ("500", b"  \x1fax")])


def record_inside(random: Random, data: bytes, other: bytes) -> bytes:
    """A whole record in a value, lengths made to fit, or nearly so."""
    inside = raw_record(
        "00000nam a2200000 a 4500", [("001", b"o"), ("500", b"  \x1fa" + other), ("599", b"  ")]
    )
    return inside if random.random() < 0.5 else random.choice(ACCIDENTS)(random, inside, data)


def oversize(random: Random, _: bytes, other: bytes) -> bytes:
    """A field beyond 9,999 bytes or a record beyond 99,999, with numbers cut to their digits, 9s or 0s."""
    count = random.choice((10_000, 10_500, 99_000, 120_000))
    value = b"  \x1fa" + b"long text " * (count // 10)
    head, bound = b"00000nam a22%05d a 4500", random.choice((9_999, 0, -1))
    directory, body = b"001000300000", b"ov\x1e"
    for tag, text in ((b"500", value), (b"651", b" 0\x1faMoon")):
        size = len(text) + 1
        shown = size % 10_000 if bound < 0 else min(size, 9_999) if bound else size % 10_000 and 0
        directory += tag + b"%04d%05d" % (shown, len(body) % 100_000)
        body += text + b"\x1e"
    data = head % (25 + len(directory)) + directory + b"\x1e" + body + b"\x1d"
    size = random.choice((min(len(data), 99_999), 99_999, 0, len(data) % 100_000))
    return b"%05d" % size + data[5:]


def page(random: Random, data: bytes, _: bytes) -> bytes:
    """An error page in place of a record, or in the middle of one."""
    at = random.choice((0, random.randrange(len(data))))
    return data[:at] + PAGE + random.choice((b"", data[at:]))


def noise(random: Random, _: bytes, _o: bytes) -> bytes:
    return rubble(random)


def digits(random: Random, _: bytes, _o: bytes) -> bytes:
    """Nothing but what looks like leaders and directories."""
    return bytes(random.choices(b"0123456789\x1e\x1d\x1f ", k=random.randint(1, 200)))


ACCIDENTS: Final[tuple[Accident, ...]] = (
    flip, odd_byte, inserted, deleted, cut_tail, cut_head, glued, swapped_entries, duplicate_entry,
    lost_entry, overlap, entry_length, entry_start, entry_text, shifted, length, base, leader,
    terminator_lost, terminator_doubled, end_lost, delimiter_inside, page, noise, digits,
)  # fmt: skip
RARE: Final[tuple[Accident, ...]] = (record_inside, oversize)


def swallow(data: bytes, other: bytes) -> bytes:
    """The head of a record whose last field and length take in `other`, which follows, and its terminator.

    The bytes up to `other`; behind it come a field and a record terminator. Empty where 9,999 do not suffice.
    """
    at = _base(data) - 13
    room = int(data[at + 3 : at + 7]) + len(other)
    if room > 9_999:
        return b""
    grown = _put(data, at + 3, b"%04d" % room)[:-2]
    return _put(grown, 0, b"%05d" % (len(data) + len(other)))


def damaged(random: Random, data: bytes, other: bytes) -> Piece:
    """A record after one accident, sometimes two."""
    accident = random.choice(RARE) if random.random() < 0.004 else random.choice(ACCIDENTS)
    found, kind = accident(random, data, other), accident.__name__
    if (
        random.random() < 0.12
        and len(found) > 40
        and found[12:17].isdigit()
        and 37 <= _base(found) < len(found)
    ):
        more = random.choice((flip, odd_byte, inserted, deleted, length, base, cut_tail, leader))
        found, kind = more(random, found, other), f"{kind}+{more.__name__}"
    return Piece(found, kind)


def made(seed: int, number: int, records: int = 1000) -> Case:
    """A file of about so many records. Share of damage, separators and encoding are each file's own."""
    random = random_of(seed, "iso2709", number)
    share = random.choice((0.02, 0.3, 0.6, 0.6, 0.95))
    between = random.choice((0.0, 0.0, 0.3))
    pieces = [Piece(random.choice((b"", b"", b"\xef\xbb\xbf", b"\n")))]
    other = raw_record("00000nam a2200000 a 4500", [("001", b"first")])
    for index in range(records):
        wanted = record(random, number * records + index)
        data = raw_record(wanted.leader.decode(), [(f.tag, f.inner) for f in wanted.fields])
        wanted = wanted.__class__(data[:24], wanted.fields)
        if random.random() < share:
            head = swallow(other, data) if random.random() < 0.02 else b""
            if head:
                pieces += [Piece(head, "swallow"), Piece(data, "", wanted), Piece(b"\x1e\x1d")]
            else:
                pieces.append(damaged(random, data, other))
        else:
            pieces.append(Piece(data, "", wanted))
        if random.random() < between:
            pieces.append(Piece(random.choice((b"\n", b"\r\n", b"  ", b"\0" * 7, b"\x1a", PAGE))))
        other = data
    tail = random.choice((b"", b"", b"\x1a", b"\0" * 512, b"00123nam"))
    encoding = random.choice(("utf-8", "auto", "auto", "auto"))
    return Case(
        f"{seed}/iso2709/{number}", "iso2709", (*pieces, Piece(tail)), encoding,
        random.choice((1_500, 20_000, 100_000)),
    )  # fmt: skip
