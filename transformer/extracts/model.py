"""An extract file and the partitions it is read in. Plain, picklable facts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from transformer.errors import printable

PARTITION_BYTES: Final = 16 << 20
"""Aim of a partition's size. A constant, never derived from threads or memory, so that results do not
depend on them. 16 MiB of MARC become about 50 MiB of MARCXML; two workers and a writer stay far below
1 GiB."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file of an extract.

    path: the file as it lies on disk. container: iso2709, marcxml, aleph_sequential,
    marcjson, mnemonic or delimited. member: name inside an
    archive, empty for a plain file. extract: name of the extract in the rules (bib, item, patron ...),
    or `bib` where there are none. encoding: `auto`, or what the user says it is (`charsets.wish_of`).
    shown: name of the file that was given, where `path` is not it (unpacked, or from standard input).
    """

    path: Path
    container: str
    member: str = ""
    extract: str = "bib"
    encoding: str = "auto"
    shown: str = ""

    @property
    def name(self) -> str:
        """The file's name without its folder, and its name in the archive: what ledgers and issues show. A
        character that cannot be shown is an escape: a name may hold line breaks and bytes of no text."""
        name = self.shown or self.path.name
        return printable(f"{name}/{self.member}" if self.member else name)


@dataclass(frozen=True, slots=True)
class Partition:
    """A run of whole spans of one source, small enough to be read at once.

    byte_start, byte_count: in the unpacked file. first_record_no: number of its first span that is not
    a separator. index: number of the partition in its extract, from 0.
    """

    source: Source
    index: int
    byte_start: int
    byte_count: int
    first_record_no: int
    record_count: int
