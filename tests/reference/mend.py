"""The repair of one damaged ISO 2709 record, the slow way, by the rules of schema/damage.py."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from tests.reference.boundary import SEPARATORS, number

FT = b"\x1e"
ORDER = ("length", "base", "directory", "terminator", "leader", "oversize", "unnamed", "doubtful")
"""What may be wrong with a record, in the order of the bits of `mends`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """size: bytes of the value (-1 where the directory says 0), start: None where not digits.

    silent: all starts of the record are the same and say nothing.
    """

    tag: bytes
    size: int | None
    start: int | None
    place: int
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes between two field terminators; ended: a terminator follows."""

    at: int
    text: bytes
    ended: bool = True


@dataclass(slots=True)
class Reading:
    """Fields by place in the directory, what was wrong, which are doubtful."""

    fields: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)
    wrong: set[str] = field(default_factory=set)
    doubtful: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Mended:
    """A repaired record: leader, (tag, value, control, doubtful) in the order of the directory."""

    leader: bytes
    fields: list[tuple[str, bytes, bool, bool]]
    wrong: frozenset[str]


# --- pieces and entries ------------------------------------------------------------------------------------


def pieces_of(body: bytes) -> list[Piece]:
    found, at = [], 0
    for text in body.split(FT):
        found.append(Piece(at, text))
        at += len(text) + 1
    last = found.pop()
    return [*found, replace(last, ended=False)] if last.text else found


def entries_of(directory: bytes, pieces: list[Piece]) -> list[Entry] | None:
    """Twelve bytes an entry, or more where the numbers of its piece need more digits and stand there."""
    found: list[Entry] = []
    at = 0
    while at < len(directory):
        tag, digits = directory[at : at + 3], directory[at + 3 : at + 12]
        if len(digits) < 9 or any(not 0x20 <= byte < 0x7F for byte in tag):
            return None
        size, start = number(digits[:4], 4), number(digits[4:], 5)
        if len(found) < len(pieces):
            piece = pieces[len(found)]
            full = b"%04d%05d" % (len(piece.text) + 1, piece.at)
            if len(full) > 9 and directory.startswith(full, at + 3):
                size, start, digits = len(piece.text) + 1, piece.at, full
        found.append(Entry(tag, None if size is None else size - 1, start, len(found)))
        at += 3 + len(digits)
    return found


def right_numbers(entries: list[Entry], pieces: list[Piece]) -> int:
    """How many numbers are right if entries and pieces belong together in this order."""
    found = 0
    for place, entry in enumerate(entries):
        if place < len(pieces):
            found += (entry.size == len(pieces[place].text)) + (entry.start == pieces[place].at)
        if place > 0:
            before = entries[place - 1]
            known = before.start is not None and before.size is not None
            found += known and entry.start == before.start + before.size + 1
    return found


# --- a directory that is right -----------------------------------------------------------------------------


def named_by_none(text: bytes) -> set[str]:
    """What bytes that no entry names are: terminators and separators, or text."""
    return {"terminator" if byte == 0x1E or byte in SEPARATORS else "unnamed" for byte in text}


def agreement(entries: list[Entry], body: bytes) -> Reading | None:
    """Every entry lies between two terminators, and no two share a byte."""
    found, before = Reading(), 0
    for entry in entries:
        if (
            entry.start is None
            or entry.silent
            or entry.size is None
            or entry.size < 0
            or entry.start < before
        ):
            return None
        end = entry.start + entry.size
        if body[end : end + 1] != FT or (entry.start > 0 and body[entry.start - 1 : entry.start] != FT):
            return None
        found.fields[entry.place] = entry.tag, body[entry.start : end]
        found.wrong |= named_by_none(body[before : entry.start])
        before = end + 1
    found.wrong |= named_by_none(body[before:])
    return found


# --- one that is not ---------------------------------------------------------------------------------------


def counted_otherwise(entries: list[Entry], pieces: list[Piece]) -> list[Entry]:
    """Entries with the pieces' lengths, if all of theirs are characters or lack the terminator."""
    for without in (0, 1):
        off = 0
        for entry, piece in zip(entries, pieces, strict=True):
            size = -2 if entry.size is None else entry.size
            ways = (len(piece.text), sum(byte & 0xC0 != 0x80 for byte in piece.text))
            if len(piece.text) < 9999 and size + without not in ways:
                break
            off += min(len(piece.text) - size, 9999)
        else:
            if off > 1:
                return [replace(e, size=len(p.text)) for e, p in zip(entries, pieces, strict=True)]
    return entries


def next_says(entry: Entry, following: Entry | None, size: int) -> bool | None:
    """Whether the next start confirms this size; None where one of the starts is not known."""
    if following is None or None in (entry.start, following.start) or entry.silent:
        return None
    assert entry.start is not None and following.start is not None
    return following.start - entry.start == size + 1


def has_shape(tag: bytes, text: bytes) -> bool:
    """A control field has no delimiter; a tag of digits from 010 on has one."""
    if tag.startswith(b"00"):
        return b"\x1f" not in text
    return b"\x1f" in text or any(byte >= 0x3A for byte in tag)


def goes_on(text: bytes, at: int) -> bool:
    return text[at : at + 1] != b"" and text[at] & 0xC0 == 0x80


class Pairing:
    """Entries and pieces laid side by side, in order."""

    def __init__(self, entries: list[Entry], body: bytes, whole: bool) -> None:
        self.entries, self.body, self.whole = entries, body, whole
        self.pieces = pieces_of(body)
        self.shift = 0
        self.found = Reading()

    def result(self) -> Reading | None:
        todo = list(self.entries)
        while todo:
            while self.pieces and not self.pieces[0].text and todo[0].size != 0:
                self.found.wrong.add("terminator")
                self.pieces.pop(0)
            done = self.step(todo[0], todo[1] if len(todo) > 1 else None) if self.pieces else 0
            if not done:
                return None
            del todo[:done]
        for piece in self.pieces:
            if piece.text and piece.ended:
                return None
            self.found.wrong |= {"terminator"} | named_by_none(piece.text)
        if 2 * len(self.found.doubtful) > len(self.entries):
            return None
        self.found.wrong |= {"doubtful"} if self.found.doubtful else set()
        self.found.wrong = self.found.wrong or {"directory"}
        return self.found

    def put(self, entry: Entry, at: int, size: int, doubtful: bool = False) -> None:
        self.found.fields[entry.place] = entry.tag, self.body[at : at + size]
        if doubtful:
            self.found.doubtful.add(entry.place)

    def step(self, entry: Entry, following: Entry | None) -> int:
        """Take what belongs to the first entry: how many entries were served, 0 if it does not fit."""
        piece = self.pieces[0]
        no_start = entry.start is None
        served, wrong = 1, {"directory"} if no_start else set()
        if entry.size == len(piece.text):
            self.put(entry, piece.at, entry.size, no_start)
            taken = 1
        elif many := self.joined(entry, following):
            assert entry.size is not None
            self.put(entry, piece.at, entry.size, no_start)
            taken = many
        elif self.two_in_one(entry, following):
            assert entry.size is not None and following is not None and following.size is not None
            second = piece.at + len(piece.text) - following.size
            if goes_on(self.body, piece.at + entry.size) or goes_on(self.body, second):
                return 0
            self.put(entry, piece.at, entry.size, no_start)
            self.put(following, second, following.size)
            taken, served = 1, 2
            wrong.add("terminator")
        elif not piece.ended:
            if entry.size is None or not 0 <= entry.size <= len(piece.text):
                return 0
            if goes_on(self.body, piece.at + entry.size):
                return 0
            self.put(entry, piece.at, entry.size, no_start)
            wrong |= named_by_none(piece.text[entry.size + 1 :])
            taken = 1
        else:
            sure = self.fits(entry, following, piece)
            if sure is None:
                return 0
            self.put(entry, piece.at, len(piece.text), no_start or not sure)
            wrong.add("directory")
            taken = 1
        if not self.pieces[taken - 1].ended:
            wrong.add("terminator")
        elif (entry.start != piece.at or entry.silent) and "terminator" not in self.found.wrong | wrong:
            wrong.add("directory")
        self.found.wrong |= wrong
        if entry.start is not None and not entry.silent:
            self.shift = entry.start - piece.at
        del self.pieces[:taken]
        return served

    def joined(self, entry: Entry, following: Entry | None) -> int:
        """Pieces that a value with terminators inside fills exactly, if the next start does not object."""
        if entry.size is None or entry.size < 0 or next_says(entry, following, entry.size) is False:
            return 0
        for many in range(2, len(self.pieces) + 1):
            last = self.pieces[many - 1]
            if last.at + len(last.text) - self.pieces[0].at == entry.size:
                return many
        return 0

    def two_in_one(self, entry: Entry, following: Entry | None) -> bool:
        """The terminator between two fields is lost, or another byte stands in its place."""
        if (
            following is None
            or entry.size is None
            or following.size is None
            or min(entry.size, following.size) < 0
        ):
            return False
        both = entry.size + following.size
        return next_says(entry, following, entry.size) is not False and len(self.pieces[0].text) in (
            both,
            both + 1,
        )

    def fits(self, entry: Entry, following: Entry | None, piece: Piece) -> bool | None:
        """A length that is not the piece's: True surely wrong, False doubtful, None another field."""
        if len(piece.text) >= 9999:
            return True
        known = entry.start is not None and not entry.silent
        away = (entry.start or 0) - piece.at
        if known and piece.at <= 99_999 and away not in (0, self.shift):
            return None
        if not (known and entry.start == piece.at) and not has_shape(entry.tag, piece.text):
            return None
        if not known or entry.size is None:
            return False
        return next_says(entry, following, len(piece.text)) is True or (following is None and self.whole)


# --- a record ----------------------------------------------------------------------------------------------


def by_start(entries: list[Entry], pieces: list[Piece], large: bool) -> tuple[list[Entry], bool]:
    """The entries by start where all have one, and whether each stands there once."""
    starts = [entry.start for entry in entries]
    if None in starts:
        return entries, True
    if len(entries) > 1 and len(set(starts)) == 1:
        return [replace(entry, silent=True) for entry in entries], True
    ordered = sorted(entries, key=lambda entry: (entry.start, entry.place))
    doubled = any(
        (a.tag, a.size, a.start) == (b.tag, b.size, b.start) and not (large and a.start in (0, 99_999))
        for a, b in pairwise(ordered)
    )
    return ordered, not doubled


def read(directory: bytes, body: bytes, whole: bool) -> Reading | None:
    """The fields of a record with this directory and these bytes behind it, up to its end."""
    content = body.removesuffix(b"\x1d")
    pieces = pieces_of(content)
    entries = entries_of(directory, pieces)
    if not entries:
        return None
    ordered, once = by_start(entries, pieces, len(content) > 99_999)
    found = agreement(ordered, content)
    if found is None and once:
        if ordered != entries and right_numbers(entries, pieces) > right_numbers(ordered, pieces):
            ordered = entries
        if len(ordered) == len(pieces):
            ordered = counted_otherwise(ordered, pieces)
        found = Pairing(ordered, content, whole).result()
    if found is not None and content == body:
        found.wrong.add("terminator")
    return found


def directory_ends(record: bytes, head: int, told: int | None) -> Iterator[tuple[int, int]]:
    """Where the directory's own terminator may have stood and where fields begin, if it is lost."""
    if told is not None and told > 24 and told + head - 24 < len(record):
        stop = told + head - 25
        for body in (stop + 1, stop):
            if stop > head and not goes_on(record, body):
                yield stop, body


def head_of(record: bytes) -> int:
    """Bytes of the leader: more than 24 where the length has more than five digits."""
    for more in (1, 2, 3):
        length, base = number(record[: 5 + more], 5 + more), number(record[12 + more : 17 + more], 5)
        long = length is not None and length > 99_999 and record[:1] != b"0" and len(record) > 24 + more
        if long and record[20 + more : 22 + more] == b"45" and base is not None:
            return 24 + more
    return 24


def mend(record: bytes) -> Mended | str:
    """The repaired record, or why not: an issue code, "" where it stays what it was."""
    head = head_of(record)
    if len(record) < head + 12:
        return ""
    near = record.find(FT, head)
    told = number(record[head - 12 : head - 7], 5)
    whole = number(record[:5], 5) == len(record)
    found = read(record[head:near], record[near + 1 :], whole) if near >= 0 else None
    if found is None and told is not None and told + head - 25 != near:
        for stop, body in directory_ends(record, head, told):
            found = read(record[head:stop], record[body:], whole)
            if found is not None and "doubtful" not in found.wrong:
                found.wrong.add("terminator")
                break
            found = None
    if found is not None:
        return finish(record, head, told, found)
    lost = (24 - near) % 12
    if near >= 0 and lost:
        short = read(record[24 - lost : near], record[near + 1 :], False)
        if short is not None and "directory" not in short.wrong:
            return "leader"
        if number(record[head + 3 : head + 12], 9) is not None:
            return "directory"
    return ""


def finish(record: bytes, head: int, told: int | None, found: Reading) -> Mended:
    """Leader and what is wrong with its numbers."""
    fields = [found.fields[place] for place in sorted(found.fields)]
    size = 26 + sum(13 + len(value) for _, value in fields)
    base = 25 + 12 * len(fields)
    if size > 99_999 or any(len(value) >= 9999 for _, value in fields):
        found.wrong.add("oversize")
    if size <= 99_999 and number(record[:5], 5) not in (size, len(record)):
        found.wrong.add("length")
    if "oversize" not in found.wrong and told != base:
        found.wrong.add("base")
    leader = record[head - 24 : head]
    plain = bytes(byte if 0x20 <= byte < 0x7F else 0x20 for byte in leader)
    if (plain[5:12], plain[17:]) != (leader[5:12], leader[17:]):
        found.wrong.add("leader")
    return Mended(
        b"%05d" % min(size, 99_999) + plain[5:12] + b"%05d" % min(base, 99_999) + plain[17:],
        [
            (tag.decode(), value, tag.startswith(b"00") and b"\x1f" not in value, place in found.doubtful)
            for place, (tag, value) in enumerate(fields)
        ],
        frozenset(found.wrong),
    )
