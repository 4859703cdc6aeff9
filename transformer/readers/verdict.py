"""What encoding a file is in, with the evidence: what is declared, and what the bytes say.

The evidence is taken from a sample: the whole file up to 2 MiB, else 32 pieces of 64 KiB spread evenly
over it. So the verdict depends on the file alone, and costs the same for a file of any size. It guides
the reading of records that are not UTF-8 by themselves; a record may differ from its file.

ISO 2709, and text of the same, declares in each record (`declared`); that is a hint, since many old systems
declare nothing or anything. XML declares in its first line; that is believed unless the bytes prove it wrong.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Final

from transformer import marc
from transformer.extracts import charsets
from transformer.extracts.model import Source
from transformer.extracts.window import read_window
from transformer.readers.declared import sets_at, sets_named

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
_BELIEVED: Final = 0.8
"""Share of records that what a file declares must decode without fault to be believed."""
_ENDS: Final = {
    container: re.compile(end)
    for container, end in (("iso2709", b"\x1d"), ("marcxml", b"</[^<>]*record>"), ("marcjson", b'"leader"'))
}
_LINE_END: Final = re.compile(b"\n")
"""What stands between records in the sample; lines count where there is nothing."""
_UNITS: Final = {"aleph_sequential": "lines", "mnemonic": "lines"}
_LINE_LEADER: Final = re.compile(rb"(?:=LDR {1,2}|=000 {1,2}|[0-9]{9} LDR   L )[^\r\n]{9}([^\r\n])")
_JSON_LEADER: Final = re.compile(rb'\s*:\s*"[^"]{9}([^"])')
_CONTROLS: Final = re.compile(b"[\x80-\x9f]")
_CYRILLIC_BELOW: Final = "iso5427+"
_CAPITALS: Final = bytes(range(0x41, 0x5B))
_SIGN_IN_WORD: Final = re.compile(rb"[A-Z][@\[\\\]^_][A-Z]")
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
    fault. file_says: what the file declares as a whole, "" where it does not. trusted: `other` is that.
    unit: what was counted.
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
    file_says: str = ""
    trusted: bool = False
    unit: str = "records"

    @property
    def false_claim(self) -> bool:
        """True where the file as a whole declares what it is not."""
        return bool(self.file_says) and not self.forced and self.file_says != self.encoding

    @property
    def sentence(self) -> str:
        """The verdict and its evidence in one line."""
        declared = ", ".join(f"{name} {count:,}" for name, count in sorted(self.declared.items()))
        if self.file_says:
            declared = f"{self.file_says}{', which is false' if self.false_claim else ''}"
        parts = [
            f"taken as {self.encoding}{' because it was said so' if self.forced else ''}",
            f"declared: {declared or 'nothing'}",
            f"of {self.record_count:,} {self.unit} looked at {self.ascii_count:,} are ASCII, "
            f"{self.utf8_count:,} UTF-8, {self.escape_count:,} have escape sequences, "
            f"{self.other_count:,} none of these",
        ]
        if self.shares:
            shares = ", ".join(f"{name} {share:.0%}" for name, share in self.shares.items())
            parts.append(f"of the latter can be decoded: {shares}")
        if self.encoding != charsets.UTF8 or self.other_count:
            parts.append("decoded records say now that they are Unicode, in leader/09 or UNIMARC 100 $a")
        return "; ".join(parts)

    @property
    def remarkable(self) -> bool:
        """True where the file is not UTF-8 as declared, or not sure to be."""
        if self.trusted:
            return self.other_count > 0
        plain = self.encoding in (charsets.UTF8, charsets.MARC8) and not self.forced
        return not plain or self.other_count > 0 or self.escape_count > 0 or self.false_claim


def verdict_of(source: Source) -> Verdict:
    """The verdict on a file, worked out once for a file that does not change. Raises as reading does."""
    status = source.path.stat()
    return _verdict(source.path, source.container, source.encoding, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=64)
def _verdict(path: Path, container: str, said: str, size: int, _changed: int) -> Verdict:
    records = _sample(path, size, _ENDS.get(container, _LINE_END))
    says = None
    if container == "marcxml":
        from transformer.readers.marcxml_prolog import read_prolog

        says = read_prolog(path, said).declared
    return weigh(records, said, container, says)


def _sample(path: Path, size: int, end: re.Pattern[bytes]) -> list[bytes]:
    """Whole records (or lines) from the file."""
    if size <= _WHOLE:
        return [record for record in end.split(bytes(read_window(path, 0, size))) if record]
    records: list[bytes] = []
    for piece in range(_PIECES):
        start = (size - _PIECE) * piece // (_PIECES - 1)
        found = end.split(bytes(read_window(path, start, _PIECE)))
        records += [record for record in found[1:-1] if record]
    return records


def weigh(
    records: list[bytes], said: str = charsets.AUTO, container: str = "iso2709", file_says: str | None = None
) -> Verdict:
    """The verdict on records, or lines, of a container. said: by the user. file_says: by the file as a whole;
    None where such files say nothing."""
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
    declares = partial(declaration, container=container)
    declared = Counter(filter(None, map(declares, _some(records))))
    usual = max(declared, key=lambda name: declared[name]) if declared else ""
    scores, shares = _candidates(b"\x1d".join(others + escapes)[:_MOST_TEXT], others, usual)
    if others and file_says not in (None, "", charsets.UTF8, *charsets.WIDE):
        shares[file_says] = _share(others, file_says)
    encoding, other, trusted = _judged(
        wish.encoding, file_says or "", usual, good, others, escapes, scores, shares
    )
    if wish.encoding == charsets.AUTO and _is_lower_script(usual, records):
        encoding = other = usual
    return Verdict(
        encoding, other, wish.encoding != charsets.AUTO, dict(declared), len(records), plain, len(good),
        len(escapes), len(others), scores, shares, file_says or "", trusted, _UNITS.get(container, "records"),
    )  # fmt: skip


def _is_lower_script(usual: str, records: list[bytes]) -> bool:
    """True where Cyrillic letters are declared for the bytes below 0x80, and these are no Latin text.

    ISO 5427 has small letters where ASCII has capitals and the signs beside them, so that Russian read as
    ASCII is mostly capitals, with `[ ] ^ _ @` within words. All-capital Latin has none of these signs.
    """
    if not usual.startswith(_CYRILLIC_BELOW):
        return False
    text = b"".join(records)
    capitals = sum(text.count(letter) for letter in _CAPITALS)
    small = sum(text.count(letter) for letter in _CAPITALS.lower())
    signs = len(_SIGN_IN_WORD.findall(text))
    return capitals > small and 100 * signs > capitals


def _judged(
    wish: str, file_says: str, usual: str, good: list[bytes], others: list[bytes], escapes: list[bytes],
    scores: dict[str, float], shares: dict[str, float],
) -> tuple[str, str, bool]:  # fmt: skip
    """(encoding, other, trusted) of a verdict, by the evidence."""
    if wish != charsets.AUTO:
        return wish, wish, False
    if file_says not in ("", charsets.UTF8, *charsets.WIDE):
        if len(others) >= len(good) and _share(others, file_says) >= _BELIEVED:
            return _with_quotes(file_says, others), _with_quotes(file_says, others), True
        if good and not others:
            return charsets.UTF8, file_says, False
    other = max(scores, key=lambda name: scores[name]) if scores else ""
    if other and (scores[other] < PLAUSIBLE or (len(others) > 1 and not shares[other])):
        other = ""
    if len(others) + len(escapes) > len(good):
        encoding = other or charsets.UTF8
    elif good and _mostly_doubled(_some(good)):
        encoding = charsets.TWICE
    elif not good and usual == charsets.MARC8:
        encoding = other = charsets.MARC8
    else:
        encoding = charsets.UTF8
    return encoding, other, False


def _with_quotes(declared: str, others: list[bytes]) -> str:
    """Windows-1252 where ISO 8859-1 is declared and its quotation marks and dashes stand in the text."""
    if declared == "latin-1" and any(map(_CONTROLS.search, others)):
        return charsets.WESTERN
    return declared


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
        for name in dict.fromkeys((*charsets.CANDIDATES, *_scored(usual)))
    }
    asian, common = east_asian(text)
    if asian:
        scores[asian] = round(2 * common, 3)
    # Shares of records that are decoded without fault.
    shares = {name: float(records.sound(name).mean()) for name in scores} if others else {}
    return scores, shares


def _scored(usual: str) -> tuple[str, ...]:
    """What is declared, if it is a set of UNIMARC: these are found only where they are."""
    return (usual,) if usual.rpartition("+")[2] in charsets.SETS else ()


def _share(records: list[bytes], encoding: str) -> float:
    """Share of records that an encoding decodes without fault; 1 where there are none."""
    from transformer.readers.plausible import Texts

    return float(Texts(records).sound(encoding).mean()) if records else 1.0


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


def declaration(record: bytes, container: str = "iso2709") -> str:
    """What a record, or line, says of its encoding: `utf-8`, `marc8`, sets of UNIMARC, or ""."""
    if container == "iso2709":
        if len(record) < marc.MIN_RECORD_BYTES:
            return ""
        named = _unimarc(record)
        if named is not None:
            return named
        coding = record[marc.CHARACTER_CODING_AT : marc.CHARACTER_CODING_AT + 1]
    elif container == "marcxml":
        return ""
    else:
        found = (_JSON_LEADER if container == "marcjson" else _LINE_LEADER).match(record)
        coding = found[1].replace(b"^", b" ").replace(b"\\", b" ") if found else b""
    return {b"a": charsets.UTF8, b" ": charsets.MARC8}.get(coding, "")


def _unimarc(record: bytes) -> str | None:
    """The sets that a record of UNIMARC names, "" where it names none; None where it is no UNIMARC."""
    base = record[marc.BASE_ADDRESS_AT : marc.BASE_ADDRESS_AT + marc.BASE_ADDRESS_DIGITS]
    if not base.isdigit():
        return None
    tags, general = set(), b""
    for at in range(marc.LEADER_LENGTH, min(int(base), len(record)) - marc.ENTRY_LENGTH, marc.ENTRY_LENGTH):
        entry = record[at : at + marc.ENTRY_LENGTH]
        tags.add(entry[: marc.TAG_LENGTH])
        if entry.startswith(b"100") and entry[3:].isdigit():
            start = int(base) + int(entry[7:12])
            general = record[start : start + int(entry[3:7]) - 1]
    kind = record[marc.RECORD_TYPE_AT : marc.RECORD_TYPE_AT + 1]
    place = sets_at(general, kind, b"200" in tags and b"245" not in tags)
    return sets_named(general[place : place + 4]) if place >= 0 else None
