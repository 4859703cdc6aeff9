"""Packed files, standard input and patterns -> plain files on disk, as sources.

Packed is what its first bytes say: gzip, bzip2, xz, Zstandard, zip. Each member of a zip is a source of its
own, in the archive's order; folders, and what macOS adds (`__MACOSX/`), are passed over. What is packed twice
(a .gz in a .zip) is unpacked twice, not deeper.

Text in UTF-16 is rewritten in UTF-8 on the way (see `wide`).

Unpacked bytes lie in one folder under numbers that we give; a name in an archive is shown, never used as a
path, so `../x` and `C:\\x` are harmless. Bounds, for archives made to fill a disk: no file may become larger
than RATIO_MOST times its packed size once it is over FREE_BYTES, nor larger than BYTES_MOST, and an archive
may have MEMBERS_MOST members. ExtractError says which was passed.
"""

from __future__ import annotations

import glob
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final

from transformer.errors import ExtractError, MachineError
from transformer.extracts.charsets import AUTO, WIDE, as_read, wish_of
from transformer.extracts.model import Source
from transformer.extracts.sniff import container_of, head_of, packing_of
from transformer.extracts.wide import narrow, wide_codec

STDIN: Final = Path("-")
PIECE_BYTES: Final = 1 << 20
DEEPEST: Final = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """What unpacking may cost; other values than the defaults are for tests. See the module.

    Real extracts: MARCXML shrinks to a 20th at most, made ones of equal records to a 200th.
    """

    ratio_most: int = 1000
    free_bytes: int = 1 << 28
    bytes_most: int = 1 << 40
    members_most: int = 10_000


USUAL: Final = Limits()


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

    def __init__(self, beside: Path | None = None, limits: Limits = USUAL) -> None:
        self._beside, self._limits = beside, limits
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
        with _named_errors(path, where), held.path.open("rb") as stream, path.open("wb") as file:
            for piece in narrow(stream, codec):
                file.write(piece)
        return Plain(path, held.shown or held.path.name, held.member, f"{held.packing}+utf-16".lstrip("+"))

    def _packed_in(self, path: Path) -> Iterator[Plain]:
        """The plain files that `path` holds, as they are."""
        if path == STDIN:
            copied = self._fresh()
            with _named_errors(copied, "standard input"):
                self._copy(sys.stdin.buffer, copied, 0, "standard input")
            yield from self._unpacked(Plain(copied, "stdin"), 0)
        else:
            yield from self._unpacked(Plain(path, ""), 0)

    def _unpacked(self, held: Plain, depth: int) -> Iterator[Plain]:
        packing = packing_of(held.path)
        if not packing:
            yield held
            return
        where = _shown(held)
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
        with _named_errors(path, where), _opened(held.path, packing) as stream:
            self._copy(stream, path, held.path.stat().st_size, where)
        yield from self._unpacked(Plain(path, shown, held.member, packings), depth + 1)

    def _members(self, path: Path, where: str) -> Iterator[tuple[str, Path]]:
        """(name, unpacked file) of each member of a zip."""
        with _named_errors(path, where), zipfile.ZipFile(path) as archive:
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
                    self._copy(stream, unpacked, entry.compress_size, f"{where}: {entry.filename}")
                yield entry.filename, unpacked

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

    def _copy(self, stream: IO[bytes] | Any, path: Path, packed: int, where: str) -> None:
        """Write the stream to `path`, within the limits. packed: bytes it comes from, 0 for not packed."""
        limits, size = self._limits, 0
        with path.open("wb") as file:
            while piece := stream.read(PIECE_BYTES):
                size += len(piece)
                if size > limits.bytes_most:
                    raise _bomb(where, "more than that", f"at most {limits.bytes_most:,} bytes unpacked")
                if packed and size > max(limits.free_bytes, limits.ratio_most * packed):
                    raise _bomb(
                        where, f"over {size:,} bytes from {packed:,}", f"at most {limits.ratio_most:,} times"
                    )
                if size % (256 * PIECE_BYTES) < PIECE_BYTES:
                    _check_room(path, where)
                file.write(piece)


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


@contextmanager
def _opened(path: Path, packing: str) -> Iterator[Any]:
    """The unpacked bytes of a file as a stream. Imports here: none is needed for plain files."""
    if packing == "gzip":
        import gzip

        with gzip.open(path, "rb") as stream:
            yield stream
    elif packing == "bzip2":
        import bz2

        with bz2.open(path, "rb") as stream:
            yield stream
    elif packing == "xz":
        import lzma

        with lzma.open(path, "rb") as stream:
            yield stream
    else:
        import pyarrow as pa

        with pa.OSFile(str(path)) as file, pa.CompressedInputStream(file, "zstd") as stream:
            yield stream


@contextmanager
def _named_errors(path: Path, where: str) -> Iterator[None]:
    """What goes wrong while unpacking, in words: a damaged archive, a password, a full disk."""
    import lzma
    import zlib

    try:
        yield
    except (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError) as error:
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
        if error.errno is not None:
            raise MachineError(f"cannot be unpacked: {error.strerror}", where) from None
        raise ExtractError(
            f"cannot be unpacked: {error}",
            where,
            "a whole archive",
            "Check that the copy of the file was complete.",
        ) from None


def _check_room(path: Path, where: str) -> None:
    free = shutil.disk_usage(path.parent).free
    if free < 256 * PIECE_BYTES:
        raise MachineError(
            "the disk is nearly full while it is unpacked",
            where,
            "room for the unpacked file",
            "Free space, or unpack it elsewhere and name the unpacked file.",
        )


def _bomb(where: str, found: str, expected: str) -> ExtractError:
    return ExtractError(
        f"becomes too large when it is unpacked: {found}",
        where,
        expected,
        "If the file is as it should be, unpack it with another program, then name the unpacked file.",
    )
