"""What container an extract file is, found by looking at its first bytes, never by its name."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from transformer import marc
from transformer.errors import ExtractError

HEAD_BYTES: Final = 1 << 16
MARC_CONTAINERS: Final = ("iso2709", "marcxml")

_PACKED: Final = {
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "zip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
}


def head_of(path: Path) -> bytes:
    """The first 64 KiB. Raises ExtractError where there is no such file, no permission, or no byte."""
    if not path.exists():
        raise ExtractError("no such file", str(path), next_step="Check the name and the folder.")
    if path.is_dir():
        raise ExtractError(
            "is a folder", str(path), "a file", "Name the files in it, e.g. with a pattern such as *.mrc."
        )
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


def container_of(path: Path) -> str:
    """iso2709 or marcxml, by the first bytes that are not blank. Raises ExtractError for anything else.

    ISO 2709: the first record's leader begins with five digits and has the entry map 45 in 20-21, or a
    0x1D and a 0x1E stand in the head (a damaged first record must not hide a whole file). XML: the
    first character is `<`, in UTF-8 or UTF-16.
    """
    head = head_of(path)
    for magic, kind in _PACKED.items():
        if head.startswith(magic):
            raise ExtractError(
                f"is packed ({kind})", str(path), "an unpacked file", "Unpack it first, then name that file."
            )
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x00\x1a")
    if text.startswith(b"<") or head.startswith((b"\xff\xfe<", b"\xfe\xff\x00<")):
        return "marcxml"
    entry_map = text[marc.ENTRY_MAP_AT : marc.ENTRY_MAP_AT + 2] == marc.ENTRY_MAP_MARC21[:2]
    if (text[:5].isdigit() and entry_map) or (b"\x1d" in head and b"\x1e" in head):
        return "iso2709"
    raise ExtractError(
        "is not MARC",
        str(path),
        "ISO 2709 (begins with a record length of five digits) or MARCXML (begins with `<`); "
        f"found {head[:20]!r}",
        "Check that this is the file you meant; a delimited file is not a bib extract.",
    )
