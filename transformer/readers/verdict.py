"""What encoding a file is in, with the evidence: what its records declare, and what their bytes say.

The evidence is taken from a sample: the whole file up to 2 MiB, else 32 pieces of 64 KiB spread evenly
over it. So the verdict depends on the file alone, and costs the same for a file of any size. It guides
the reading of records that are not UTF-8 by themselves; a record may differ from its file.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from transformer import marc
from transformer.extracts import charsets
from transformer.extracts.model import Source
from transformer.extracts.window import read_window

_WHOLE: Final = 2 << 20
_PIECE: Final = 1 << 16
_PIECES: Final = 32
_MOST_TEXT: Final = 1 << 20
"""Bytes of records that are not UTF-8 that are weighed."""
_FEW_HUNDRED: Final = 300
"""Records that are asked what they declare, and whether they are UTF-8 twice over."""
PLAUSIBLE: Final = -0.3
"""Score from which an encoding is believed; below it another, unknown one is likelier."""
_DECLARED_BONUS: Final = 0.25
_DOUBLED: Final = re.compile(rb"\xc3[\x82\x83\x90\x91\xa2]|\xc2[\x80-\xbf]")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a file is taken for.

    encoding: of most of its records outside ASCII; `utf-8` where nothing speaks for another. other: what a
    record is decoded from that is not UTF-8, "" where no candidate is likely: such records are set aside.
    forced: the user said so. declared: name -> records that declare it, of a few hundred. Counts are of the
    sample: record_count, and of these ascii_count, utf8_count (with characters outside ASCII), escape_count
    (ASCII with escape sequences) and other_count (none of these). scores: candidate -> score of the records
    that are none of these (see `plausible`). shares: candidate -> share of them that it decodes without
    fault.
    """

    encoding: str
    other: str
    forced: bool
    declared: dict[str, int]
    record_count: int
    ascii_count: int
    utf8_count: int
    escape_count: int
    other_count: int
    scores: dict[str, float]
    shares: dict[str, float]

    @property
    def sentence(self) -> str:
        """The verdict and its evidence in one line."""
        declared = ", ".join(f"{name} {count:,}" for name, count in sorted(self.declared.items()))
        parts = [
            f"taken as {self.encoding}{' because it was said so' if self.forced else ''}",
            f"declared: {declared or 'nothing'}",
            f"of {self.record_count:,} records looked at {self.ascii_count:,} are ASCII, "
            f"{self.utf8_count:,} UTF-8, {self.escape_count:,} have escape sequences, "
            f"{self.other_count:,} none of these",
        ]
        if self.shares:
            shares = ", ".join(f"{name} {share:.0%}" for name, share in self.shares.items())
            parts.append(f"of the latter can be decoded: {shares}")
        return "; ".join(parts)

    @property
    def remarkable(self) -> bool:
        """True where the file is not UTF-8 as declared, or not sure to be."""
        plain = self.encoding in (charsets.UTF8, charsets.MARC8) and not self.forced
        return not plain or self.other_count > 0 or self.escape_count > 0


def verdict_of(source: Source) -> Verdict:
    """The verdict on a file, worked out once for a file that does not change. Raises as reading does."""
    status = source.path.stat()
    return _verdict(source.path, source.container, source.encoding, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=64)
def _verdict(path: Path, container: str, said: str, size: int, _changed: int) -> Verdict:
    records = _sample(path, size, b"\x1d" if container == "iso2709" else b"\n")
    return weigh(records, said, container == "iso2709")


def _sample(path: Path, size: int, end: bytes) -> list[bytes]:
    """Whole records (or lines) from the file."""
    if size <= _WHOLE:
        return [record for record in bytes(read_window(path, 0, size)).split(end) if record]
    records: list[bytes] = []
    for piece in range(_PIECES):
        start = (size - _PIECE) * piece // (_PIECES - 1)
        found = bytes(read_window(path, start, _PIECE)).split(end)
        records += [record for record in found[1:-1] if record]
    return records


def weigh(records: list[bytes], said: str = charsets.AUTO, has_leaders: bool = True) -> Verdict:
    """The verdict on records; has_leaders: each begins with a leader that may declare something."""
    wish = charsets.wish_of(said)
    plain = 0
    good: list[bytes] = []
    escapes: list[bytes] = []
    others: list[bytes] = []
    for record in records:
        if record.isascii():
            if b"\x1b" in record:
                escapes.append(record)
            else:
                plain += 1
        elif _is_utf8(record):
            good.append(record)
        else:
            others.append(record)
    utf8 = len(good)
    declared = Counter(filter(None, map(declaration, _some(records)))) if has_leaders else Counter()
    usual = max(declared, key=lambda name: declared[name]) if declared else ""
    scores, shares = _candidates(b"\x1d".join(others + escapes)[:_MOST_TEXT], others, usual)
    other = max(scores, key=lambda name: scores[name]) if scores else ""
    if other and (scores[other] < PLAUSIBLE or (len(others) > 1 and not shares[other])):
        other = ""
    if wish.encoding != charsets.AUTO:
        encoding = other = wish.encoding
    elif len(others) + len(escapes) > utf8:
        encoding = other or charsets.UTF8
    elif good and _mostly_doubled(_some(good)):
        encoding = charsets.TWICE
    elif not utf8 and usual == charsets.MARC8:
        encoding = other = charsets.MARC8
    else:
        encoding = charsets.UTF8
    return Verdict(
        encoding, other, wish.encoding != charsets.AUTO, dict(declared), len(records), plain, utf8,
        len(escapes), len(others), scores, shares,
    )  # fmt: skip


def _some(records: list[bytes]) -> list[bytes]:
    """A few hundred of the records, evenly chosen."""
    return records[:: -(-len(records) // _FEW_HUNDRED) or 1]


def _mostly_doubled(records: list[bytes]) -> bool:
    doubled = sum(
        bool(_DOUBLED.search(record)) and was_doubled(record.decode()) is not None for record in records
    )
    return 2 * doubled > len(records)


def _is_utf8(record: bytes) -> bool:
    try:
        record.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _candidates(text: bytes, others: list[bytes], usual: str) -> tuple[dict[str, float], dict[str, float]]:
    """(scores, shares) of all candidates for text that is not UTF-8."""
    if not text:
        return {}, {}
    from transformer.readers.plausible import Texts, east_asian

    weighed, records = Texts([text]), Texts(others)
    scores = {
        name: round(float(weighed.scores(name)[0]) + (_DECLARED_BONUS if name == usual else 0.0), 3)
        for name in charsets.CANDIDATES
    }
    asian, common = east_asian(text)
    if asian:
        scores[asian] = round(2 * common, 3)
    # Shares of records that are decoded without fault.
    shares = {name: float(records.sound(name).mean()) for name in scores} if others else {}
    return scores, shares


def was_doubled(text: str) -> str | None:
    """Text that was UTF-8, taken for Windows-1252 and made UTF-8 again, as it was; None where it was not.

    Text that this befell twice is met as well, so it is undone as often as it can be.
    """
    found = None
    while not text.isascii():
        try:
            text = found = b"".join(map(_western_byte, text)).decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            break
    return found


def _western_byte(character: str) -> bytes:
    # Windows-1252 has no character for five bytes; programs write the control character of that number.
    try:
        return character.encode(charsets.WESTERN)
    except UnicodeEncodeError:
        return character.encode("latin-1")


def declaration(record: bytes) -> str:
    """What an ISO 2709 record says of its encoding: `utf-8`, `marc8`, a set of UNIMARC, or "".

    MARC 21: leader/09. UNIMARC (a field 100 $a that begins with a date, a 200 and no 245): 100 $a/26-29, of
    two sets the one that is not ISO 646.
    """
    if len(record) < marc.MIN_RECORD_BYTES:
        return ""
    tags, general = _general_data(record)
    if general and b"200" in tags and b"245" not in tags:
        sets = [charsets.UNIMARC_CODES.get(general[at : at + 2], "") for at in (26, 28)]
        return next((name for name in sets if name not in ("", "ascii")), sets[0])
    coding = record[marc.CHARACTER_CODING_AT : marc.CHARACTER_CODING_AT + 1]
    return {b"a": charsets.UTF8, b" ": charsets.MARC8}.get(coding, "")


def _general_data(record: bytes) -> tuple[set[bytes], str]:
    """(tags of the directory, UNIMARC 100 $a or "")."""
    base = record[marc.BASE_ADDRESS_AT : marc.BASE_ADDRESS_AT + marc.BASE_ADDRESS_DIGITS]
    if not base.isdigit():
        return set(), ""
    tags, general = set(), ""
    for at in range(marc.LEADER_LENGTH, min(int(base), len(record)) - marc.ENTRY_LENGTH, marc.ENTRY_LENGTH):
        entry = record[at : at + marc.ENTRY_LENGTH]
        tags.add(entry[: marc.TAG_LENGTH])
        if entry.startswith(b"100") and entry[3:].isdigit():
            start = int(base) + int(entry[7:12])
            field = record[start : start + int(entry[3:7])]
            if field[2:4] == b"\x1fa" and field[4:12].isdigit() and len(field) >= 40:
                general = field[4:].split(b"\x1f")[0].decode("latin-1")
    return tags, general
