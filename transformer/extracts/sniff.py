"""What container an extract file is, found by looking at its first bytes, never by its name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from transformer import marc
from transformer.errors import ExtractError
from transformer.extracts.wide import narrowed

HEAD_BYTES: Final = 1 << 16
MARC_CONTAINERS: Final = ("iso2709", "marcxml", "aleph_sequential", "marcjson", "mnemonic")
_BLANKS: Final = b" \t\r\n\x00\x1a"
_JSON_NAME: Final = re.compile(rb'"(?:leader|fields)"[ \t\r\n]*:')
_MNEMONIC: Final = re.compile(rb"=[0-9A-Za-z]{3}(?: |$)")
_SEQUENTIAL: Final = re.compile(rb"[0-9]{9} [ -~]{5} [A-Za-z ](?: |$)")

# Five digits, five characters, indicator and code counts, five digits, three characters, entry map.
_LEADER: Final = re.compile(rb"[0-9]{5}[ -~]{5}22[0-9]{5}[ -~]{3}45")
# A length of more than 99,999 takes more than its five digits and moves the rest.
_OVERFLOWING: Final = re.compile(rb"[0-9]{6,8}[ -~]{5}22[0-9]{5,6}[ -~]{3}45")
_XML_RECORD: Final = re.compile(rb"<(?:\w+:)?(?:record|leader)\b")
_TAR: Final = b"ustar"
_TAR_AT: Final = 257
_PACKED: Final = {
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "zip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
}


def head_of(path: Path) -> bytes:
    """The first 64 KiB. Raises ExtractError where there is no such file, no permission, or no byte."""
    refuse_odd(path)
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise ExtractError(
            f"cannot be read: {error.strerror}", str(path), next_step="Check the file and its permissions."
        ) from None
    if not head:
        raise ExtractError(
            "is empty (0 bytes)", str(path), "a MARC file", "Check that the export or the copy was complete."
        )
    return head


def refuse_odd(path: Path) -> None:
    """Raise ExtractError unless a file lies there that has a beginning and an end; nothing is opened.

    A link is what it leads to. A pipe can be read once only, and a device may never end.
    """
    if path.is_symlink() and not path.exists():
        raise ExtractError(
            "is a link that leads to no file", str(path), "a file, or a link to one", "Name the file itself."
        )
    if not path.exists():
        raise ExtractError("no such file", str(path), next_step="Check the name and the folder.")
    if path.is_dir():
        raise ExtractError(
            "is a folder", str(path), "a file", "Name the files in it, e.g. with a pattern such as *.mrc."
        )
    if not path.is_file():
        raise ExtractError(
            "is a pipe" if path.is_fifo() else "is a device or a socket",
            str(path),
            "a file",
            "Name `-` and give it as standard input, or write it to a file first.",
        )


def packing_of(path: Path) -> str:
    """gzip, zip, zstd, bzip2 or xz by the first bytes; empty for a plain file."""
    head = head_of(path)
    return next((kind for magic, kind in _PACKED.items() if head.startswith(magic)), "")


def container_of(path: Path) -> str:
    """The MARC container of a plain file, by its first bytes. Raises ExtractError for anything else.

    See `container_of_head`; a packed file is to be unpacked first (`extracts.spool`).
    """
    head = head_of(path)
    for magic, kind in _PACKED.items():
        if head.startswith(magic):
            raise ExtractError(
                f"is packed ({kind})", str(path), "an unpacked file", "Unpack it first, then name that file."
            )
    if head[_TAR_AT : _TAR_AT + len(_TAR)] == _TAR:
        raise ExtractError(
            "is a tar archive", str(path), "a file, plain or packed", "Unpack it first, then name its files."
        )
    container = container_of_head(head)
    if container:
        return container
    if head.lstrip(_BLANKS)[:1] in (b"{", b"["):
        raise ExtractError(
            "is JSON, but shows no MARC record",
            str(path),
            'objects with "leader" and "fields"',
            "Check that this is the file you meant.",
        )
    raise ExtractError(
        "is not MARC",
        str(path),
        "ISO 2709 (begins with a record length of five digits), MARCXML (`<`), MARC-in-JSON (`{`), "
        f"mnemonic text (`=LDR`) or lines with a system number of nine digits; found {head[:20]!r}",
        "Check that this is the file you meant; a delimited file is not a bib extract.",
    )


def container_of_head(head: bytes) -> str:
    """Container of a file that begins so (64 KiB, or all of it); empty for none that we know.

    UTF-16 is looked at as the UTF-8 that it becomes before it is read (see `extracts.wide`).
    - marcxml: the first character is `<`; but a page of a web server before records of ISO 2709 is not.
    - marcjson: the first is `{` or `[`, and the head shows "leader" or "fields" as a name.
    - mnemonic: a line begins with =LDR or =000, or at least half of all lines with `=`, a tag and a blank.
    - aleph_sequential: at least half of all whole lines, and one of the first ten, have its columns (nine
      digits, blank, tag, indicators, blank, letter, blank). A CSV that begins with nine digits has not.
    - iso2709: five digits at the start are the first record's length (0x1E 0x1D end it) or are followed by
      the entry map 45 in 20-21 and, behind the leader, no line end (that would be a record printed as
      lines); or 0x1D, 0x1E and a whole leader stand somewhere in the head (a damaged first record must not
      hide a whole file; random bytes hold the delimiters, and a dump of a database holds leaders).
    """
    text = narrowed(head).removeprefix(b"\xef\xbb\xbf").lstrip(_BLANKS)
    delimited = b"\x1d" in head and b"\x1e" in head and _LEADER.search(head) is not None
    if text.startswith(b"<") and (not delimited or _XML_RECORD.search(text)):
        return "marcxml"
    if text[:1] in (b"{", b"[") and _JSON_NAME.search(text):
        return "marcjson"
    lines = text.splitlines()
    if len(head) == HEAD_BYTES and len(lines) > 1:
        lines.pop()  # cut by the end of what we see
    lines = [line for line in lines if line.strip()]
    if any(line.startswith((b"=LDR", b"=000 ")) for line in lines) or _share(_MNEMONIC, lines) >= 0.5:
        return "mnemonic"
    if any(_SEQUENTIAL.match(line) for line in lines[:10]) and _share(_SEQUENTIAL, lines) >= 0.5:
        return "aleph_sequential"
    return "iso2709" if delimited or _begins_a_record(text) else ""


def _begins_a_record(text: bytes) -> bool:
    """True if a record of ISO 2709 begins the text: by its entry map, or by its length, also where that has
    overflown its five digits."""
    if not text[:5].isdigit():
        return False
    if _OVERFLOWING.match(text) and b"\x1e" in text:
        return True
    end = int(text[:5])
    entry_map, behind = text[marc.ENTRY_MAP_AT : marc.ENTRY_MAP_AT + 2], text[marc.LEADER_LENGTH :][:1]
    known = entry_map == marc.ENTRY_MAP_MARC21[:2] and (text[12:17].isdigit() or b"\x1e" in text)
    return (known and behind not in (b"\r", b"\n")) or text[max(0, end - 2) : end] == b"\x1e\x1d"


def _share(pattern: re.Pattern[bytes], lines: list[bytes]) -> float:
    """Share of lines that begin like the pattern, 0.0 to 1.0."""
    return sum(1 for line in lines if pattern.match(line)) / max(1, len(lines))
