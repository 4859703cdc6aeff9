"""Packed files, standard input and patterns -> plain files on disk, as sources.

Packed is what its first bytes say: gzip, bzip2, xz, Zstandard, zip. Each member of a zip is a source of its
own, in the archive's order; folders, and what macOS adds (`__MACOSX/`), are passed over. What is packed twice
(a .gz in a .zip) is unpacked twice, not deeper.

Text in UTF-16 is rewritten in UTF-8 on the way (see `wide`).

Unpacked bytes lie in one folder under numbers that we give; a name in an archive is shown, never used as a
path, so `../x` and `C:\\x` are harmless. Bounds, for archives made to fill a disk, are those of `Limits`;
they are asked while unpacking goes on, so that a hundred GB of zeros end after the first bytes. ExtractError
says which was passed.

Environment: TRANSFORMER_UNPACK_RATIO is another `ratio_most`.
"""

from __future__ import annotations

import errno
import glob
import os
import shutil
import struct
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from transformer.errors import ExtractError, MachineError, UsageError
from transformer.extracts.charsets import AUTO, WIDE, as_read, wish_of
from transformer.extracts.model import Source
from transformer.extracts.sniff import container_of, head_of, packing_of
from transformer.extracts.wide import narrow, wide_codec

STDIN: Final = Path("-")
PIECE_BYTES: Final = 1 << 20
DEEPEST: Final = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """What unpacking may cost.

    ratio_most: unpacked bytes for one packed one, of the part of a file that was read, and of all members of
    an archive together; real extracts in MARCXML shrink to a 20th at most, made ones of equal records to a
    200th. free_bytes: so many are unpacked whatever the ratio. members_most: files in one archive.
    room_least: bytes that stay free on the disk.
    """

    ratio_most: int = 300
    free_bytes: int = 1 << 28
    members_most: int = 10_000
    room_least: int = 1 << 30


def usual_limits() -> Limits:
    """The limits, with the ratio that the user allows. Raises UsageError where that is no number."""
    said = os.environ.get("TRANSFORMER_UNPACK_RATIO", "")
    if not said:
        return Limits()
    if not said.isascii() or not said.isdigit() or int(said) < 1:
        raise UsageError(f"{said!r} is no ratio", "TRANSFORMER_UNPACK_RATIO", "a whole number, e.g. 1000")
    return Limits(ratio_most=int(said))


@dataclass(frozen=True, slots=True)
class Plain:
    """A file that can be read as it is. path: where it lies. shown: the name of the file that was given.
    member: its name in that archive. packing: gzip, zip ... from the outside in, joined by `+`."""

    path: Path
    shown: str
    member: str = ""
    packing: str = ""


class Spool:
    """A folder for unpacked files, made when first needed inside `beside` (None: where the system keeps
    temporary files), and removed at `close`, at the end of a `with` block, or with the object."""

    def __init__(self, beside: Path | None = None, limits: Limits | None = None) -> None:
        self._beside, self._limits = beside, limits or usual_limits()
        # Of the packed file that was given, and what came out of it so far, whatever is packed in what.
        self._packed_bytes = self._unpacked_bytes = 0
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._count = 0

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove what was unpacked."""
        folder, self._folder = self._folder, None
        if folder is not None:
            folder.cleanup()

    def sources(
        self,
        inputs: Sequence[Path],
        container: str | None = None,
        extract: str = "bib",
        encoding: str = AUTO,
    ) -> tuple[Source, ...]:
        """Every input, pattern and member as a source, its container found by its bytes unless it is given.

        encoding: what they are in (`charsets.wish_of`). Raises ExtractError for what is not there, cannot be
        unpacked, or is no MARC.
        """
        found = []
        for given in expanded(inputs):
            for plain in self.plain(given, encoding):
                kind = container or _container(plain)
                found.append(Source(plain.path, kind, plain.member, extract, as_read(encoding), plain.shown))
        return tuple(found)

    def plain(self, path: Path, encoding: str = AUTO) -> Iterator[Plain]:
        """The plain files that `path` holds: itself, or what is packed in it, none of them in UTF-16."""
        for plain in self._packed_in(path):
            yield self._narrowed(plain, encoding)

    def _narrowed(self, held: Plain, encoding: str) -> Plain:
        """The same, or its text in UTF-8 where it is in UTF-16 or is said to be."""
        if not held.path.stat().st_size:
            return held
        wished = wish_of(encoding).encoding
        codec = wide_codec(head_of(held.path)) or (wished if wished in WIDE else "")
        if not codec:
            return held
        path, where = self._fresh(), _shown(held)
        with _named_errors(where), held.path.open("rb") as stream, path.open("wb") as file:
            for piece in narrow(stream, codec):
                file.write(piece)
        return Plain(path, held.shown or held.path.name, held.member, f"{held.packing}+utf-16".lstrip("+"))

    def _packed_in(self, path: Path) -> Iterator[Plain]:
        """The plain files that `path` holds, as they are."""
        if path == STDIN:
            copied = self._fresh()
            with _named_errors("standard input"):
                self._copy(sys.stdin.buffer, copied, None, "standard input")
            yield from self._unpacked(Plain(copied, "stdin"), 0)
        else:
            yield from self._unpacked(Plain(path, ""), 0)

    def _unpacked(self, held: Plain, depth: int) -> Iterator[Plain]:
        packing = packing_of(held.path)
        if not packing:
            yield held
            return
        where = _shown(held)
        if depth == 0:
            self._packed_bytes, self._unpacked_bytes = held.path.stat().st_size, 0
        if depth == DEEPEST:
            raise ExtractError(f"is packed more than {DEEPEST} times", where, next_step="Unpack it first.")
        shown = held.shown or held.path.name
        packings = f"{held.packing}+{packing}".lstrip("+")
        if packing == "zip":
            for member, path in self._members(held.path, where):
                name = f"{held.member}/{member}".lstrip("/")
                yield from self._unpacked(Plain(path, shown, name, packings), depth + 1)
            return
        path = self._fresh()
        with _named_errors(where), _opened(held.path, packing) as (stream, consumed):
            self._copy(stream, path, consumed, where)
        yield from self._unpacked(Plain(path, shown, held.member, packings), depth + 1)

    def _members(self, path: Path, where: str) -> Iterator[tuple[str, Path]]:
        """(name, unpacked file) of each member of a zip."""
        with _named_errors(where), path.open("rb") as file, zipfile.ZipFile(file) as archive:
            listed = archive.infolist()
            entries = [e for e in listed if not e.is_dir() and not e.filename.startswith("__MACOSX/")]
            if len(entries) > self._limits.members_most:
                raise _bomb(where, f"{len(entries):,} members", f"at most {self._limits.members_most:,}")
            if any(entry.filename == "[Content_Types].xml" for entry in entries):
                raise ExtractError("is an office document", where, "text, e.g. CSV, saved from it")
            if not entries:
                raise ExtractError("is an archive without a file", where, "one file or more in it")
            for entry in entries:
                unpacked = self._fresh()
                with archive.open(entry) as stream:
                    begun = file.tell()
                    consumed = partial(_behind, file, begun)
                    self._copy(stream, unpacked, consumed, f"{where}: {entry.filename}")
                yield entry.filename, unpacked

    def fresh(self) -> Path:
        """A name not yet used in the folder, for a file that whoever asks writes himself."""
        return self._fresh()

    def _fresh(self) -> Path:
        """A name not yet used in the folder."""
        if self._folder is None:
            try:
                self._folder = tempfile.TemporaryDirectory(prefix=".unpacked-", dir=self._beside)
            except OSError as error:
                raise MachineError(
                    f"a folder for unpacked files cannot be made: {error.strerror}", str(self._beside)
                ) from None
        self._count += 1
        return Path(self._folder.name) / f"{self._count:06d}"

    def _copy(self, stream: Any, path: Path, consumed: Callable[[], int] | None, where: str) -> None:
        """Write the stream to `path`, within the limits. consumed: packed bytes read so far, None where they
        are not packed."""
        size = 0
        with path.open("wb") as file:
            while piece := stream.read(PIECE_BYTES):
                size += len(piece)
                if consumed is not None:
                    self._unpacked_bytes += len(piece)
                    self._ask_limits(size, consumed(), where)
                    self._ask_limits(self._unpacked_bytes, self._packed_bytes, where)
                if size % (64 * PIECE_BYTES) < PIECE_BYTES:
                    _check_room(path, where, self._limits.room_least)
                file.write(piece)

    def _ask_limits(self, unpacked: int, packed: int, where: str) -> None:
        limits = self._limits
        # Whatever has a beginning was read by a buffer at once, so few packed bytes count as one buffer.
        if unpacked > max(limits.free_bytes, limits.ratio_most * max(packed, 1)):
            raise _bomb(
                where, f"over {unpacked:,} bytes from {packed:,}", f"at most {limits.ratio_most} times"
            )


def expanded(inputs: Sequence[Path]) -> tuple[Path, ...]:
    """The inputs, patterns among them replaced by the files they match, sorted: for shells that do not.

    A name that exists is a name, even with `*` or `[` in it. A pattern that matches nothing stays, so that
    it is reported as a file that is not there.
    """
    found: list[Path] = []
    for path in inputs:
        if path == STDIN or path.exists() or not glob.has_magic(str(path)):
            found.append(path)
        else:
            matches = glob.glob(str(path), recursive=True)  # noqa: PTH207 - it may begin at the root
            found += [Path(match) for match in sorted(matches)] or [path]
    return tuple(found)


def _container(plain: Plain) -> str:
    try:
        return container_of(plain.path)
    except ExtractError as error:
        if not plain.shown:
            raise
        raise ExtractError(error.what, _shown(plain), error.expected, error.next_step) from None


def _shown(plain: Plain) -> str:
    name = plain.shown or str(plain.path)
    return f"{name}: {plain.member}" if plain.member else name


def _behind(file: Any, begun: int) -> int:
    """How far a file has been read from `begun` on."""
    return int(file.tell()) - begun


@contextmanager
def _opened(path: Path, packing: str) -> Iterator[tuple[Any, Callable[[], int]]]:
    """(unpacked bytes of a file as a stream, packed bytes read so far). Imports here: none is needed for
    plain files."""
    if packing == "zstd":
        import pyarrow as pa

        with pa.OSFile(str(path)) as file, pa.CompressedInputStream(file, "zstd") as stream:
            yield stream, partial(_behind, file, 0)
        return
    module = import_module({"gzip": "gzip", "bzip2": "bz2", "xz": "lzma"}[packing])
    with path.open("rb") as raw, module.open(raw, "rb") as stream:
        yield stream, partial(_behind, raw, 0)


# What zipfile raises where an archive's own directory is damaged, as found by changing bytes of one.
_DAMAGED: Final = (EOFError, zipfile.BadZipFile, NotImplementedError, UnicodeError, struct.error)


@contextmanager
def _named_errors(where: str) -> Iterator[None]:
    """What goes wrong while unpacking, in words: a damaged archive, a password, a full disk."""
    import lzma
    import zlib

    try:
        yield
    except (*_DAMAGED, zlib.error, lzma.LZMAError) as error:
        raise ExtractError(
            f"cannot be unpacked: {error or 'it is cut short'}",
            where,
            "a whole archive",
            "Check that the copy of the file was complete, or unpack it with another program.",
        ) from None
    except RuntimeError as error:
        # zipfile has no class of its own for a password.
        raise ExtractError(f"cannot be unpacked: {error}", where, next_step="Unpack it first.") from None
    except OSError as error:
        # A damaged directory of a zip leads to places before the file's start.
        if error.errno not in (None, errno.EINVAL):
            raise MachineError(f"cannot be unpacked: {error.strerror}", where) from None
        raise ExtractError(
            f"cannot be unpacked: {error.strerror or error}",
            where,
            "a whole archive",
            "Check that the copy of the file was complete.",
        ) from None


def _check_room(path: Path, where: str, least: int) -> None:
    if shutil.disk_usage(path.parent).free < least:
        raise MachineError(
            "the disk is nearly full while it is unpacked",
            where,
            f"room for the unpacked file, and {least:,} bytes more",
            "Free space, or unpack it elsewhere and name the unpacked file.",
        )


def _bomb(where: str, found: str, expected: str) -> ExtractError:
    return ExtractError(
        f"becomes too large when it is unpacked: {found}",
        where,
        expected,
        "If the file is as it should be, unpack it with another program and name the unpacked file, or set "
        "TRANSFORMER_UNPACK_RATIO to a larger number.",
    )
