"""Bytes onto the disk: a file has its final name only when it is whole.

Written under a temporary name in the same folder (`.NAME.part`), renamed after the handle
is closed (Windows renames no open file). Whatever ends the work early, Ctrl-C too, removes the part.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple

import numpy as np

from transformer.errors import MachineError, TransformerError, UsageError
from transformer.schema.batch import I64, U8, Rendered
from transformer.writers.disk import BlockFile

WRITE_BYTES: Final = 4 << 20
"""Bytes hashed and written at a time: hashing brings them near, writing finds them there."""

_FULL: Final = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EFBIG}
_USER: Final = {
    errno.EACCES: "Choose another place, or mend the permissions of the folder.",
    errno.EPERM: "Choose another place, or mend the permissions of the folder.",
    errno.EROFS: "The disk is mounted read-only: choose another place.",
    errno.ENOENT: "Make the folder first, or mend its name.",
    errno.ENOTDIR: "Part of the path is a file, not a folder: mend the name.",
    errno.EISDIR: "A folder has this name: choose another.",
    errno.ENAMETOOLONG: "Choose a shorter name.",
}


def named_error(error: OSError, path: Path) -> TransformerError:
    """The error of the operating system in words for the one who gave the path."""
    reason = error.strerror or str(error)
    if error.errno in _FULL:
        return MachineError(
            f"cannot be written: {reason}", str(path), "room on the disk", "Free space, then run again."
        )
    if error.errno in _USER:
        return UsageError(f"cannot be written: {reason}", str(path), next_step=_USER[error.errno])
    return MachineError(f"cannot be written: {reason}", str(path), next_step="Look at the disk.")


def write_whole(path: Path, data: memoryview) -> str:
    """Bytes that are read again soon, through the page cache, under `path` when they are all there.

    Returns their SHA-256 in hex. A file that is there is replaced. Errors as of OutputFile.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        try:
            with io.FileIO(part, "w") as file:
                left = data.cast("B")
                while len(left):
                    left = left[file.write(left) or 0 :]
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise named_error(error, path) from None
    return hashlib.sha256(data).hexdigest()


class OutputFile:
    """A file that appears under `path` when the `with` block ends well, and not at all otherwise.

    hash: keep a SHA-256 of all bytes (`sha256` in hex after the end, "" without). byte_count: bytes
    written so far. overwrite: replace a file that is there. together: the group that gives the file its
    final name, with others, when all are whole, and says whether to overwrite. Raises UsageError where the
    path cannot be used or is taken, MachineError where the disk gives out.
    """

    def __init__(
        self, path: Path, hash: bool = True, *, overwrite: bool = False, together: Together | None = None
    ) -> None:
        self.path = path
        self.byte_count = 0
        self.sha256 = ""
        self._overwrite = overwrite if together is None else together.overwrite
        self._together = together
        self._part = path.with_name(f".{path.name}.part")
        self._digest = hashlib.sha256() if hash else None
        self._file: BlockFile | None = None

    def __enter__(self) -> OutputFile:
        try:
            if self.path.is_dir():
                raise UsageError("is a folder", str(self.path), "the name of a file", "Choose another name.")
            if self.path.exists() and not self._overwrite:
                raise UsageError(
                    "is there already",
                    str(self.path),
                    "a name not yet taken",
                    "Choose another, or remove it.",
                )
            self._open()
        except OSError as error:
            raise named_error(error, self.path) from None
        return self

    def _open(self) -> None:
        """Begin the file. What is interrupted here never came into the `with` block: nothing stays."""
        try:
            self._file = BlockFile(self._part)
        except BaseException:
            with contextlib.suppress(OSError):
                self._part.unlink(missing_ok=True)
            raise

    def write(self, data: bytes | bytearray | memoryview | U8) -> None:
        """Append bytes; a uint8 array is written without a copy."""
        assert self._file is not None, "write inside the with block only"
        view = (data.data if isinstance(data, np.ndarray) else memoryview(data)).cast("B")
        try:
            for at in range(0, len(view), WRITE_BYTES):
                piece = view[at : at + WRITE_BYTES]
                if self._digest is not None:
                    self._digest.update(piece)
                self._file.write(piece)
        except OSError as error:
            raise named_error(error, self.path) from None
        self.byte_count += len(view)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        whole = False
        try:
            file, self._file = self._file, None
            if file is not None and kind is not None:
                file.abandon()
            elif file is not None:
                file.close()
            if kind is None:
                self.sha256 = self._digest.hexdigest() if self._digest else ""
                if self._together is None:
                    self._part.replace(self.path)
                else:
                    self._together.take(self._part, self.path)
                    whole = True
        except OSError as failure:
            if kind is None:
                raise named_error(failure, self.path) from None
        finally:
            if not whole:
                self._part.unlink(missing_ok=True)


class Together:
    """Files that get their final names when the `with` block ends well, and none of them otherwise.

    Named in the reverse order of their ends: what is written last, such as the findings about a file, has
    its name before that file has. So no file stands without what is to be known about it, even where the
    work is cut off between two names. Files that `outdate` names are removed last, unless they are new.
    overwrite: replace files that are there. Raises as OutputFile does; files not yet named are gone then.
    """

    def __init__(self, overwrite: bool = False) -> None:
        self.overwrite = overwrite
        self._whole: list[tuple[Path, Path]] = []
        self._outdated: list[Path] = []

    def __enter__(self) -> Together:
        return self

    def take(self, part: Path, path: Path) -> None:
        """A file is whole: `part` becomes `path` at the end. Called by OutputFile, from any thread."""
        self._whole.append((part, path))

    def outdate(self, *paths: Path) -> None:
        """Files of an earlier time that say nothing of the new ones."""
        self._outdated += paths

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        new = {path for _, path in self._whole}
        try:
            while kind is None and self._whole:
                part, path = self._whole[-1]
                try:
                    part.replace(path)
                except OSError as failure:
                    raise named_error(failure, path) from None
                self._whole.pop()
            for path in self._outdated if kind is None else ():
                if path not in new:
                    path.unlink(missing_ok=True)
        finally:
            for part, _ in self._whole:
                part.unlink(missing_ok=True)


class WrittenFile(NamedTuple):
    """One finished file: name without folder, its records, bytes and SHA-256 in hex."""

    name: str
    record_count: int
    byte_count: int
    sha256: str


class SplitFiles:
    """Rendered batches into numbered files `STEM-0001SUFFIX`, `STEM-0002SUFFIX` ... in `folder`.

    A new file begins where the next record would make it more than `max_records` records or more than
    `max_bytes` bytes, head and tail included (None = no limit); a record larger than that alone gets a
    file of its own. Every file has `head` before and `tail` behind its records. No record, no file. After
    an error the finished files stay; the unfinished one is gone. `files` lists the finished ones.
    first_bare: the first file is `STEM` + `SUFFIX`, the next `STEM-0002SUFFIX`: for who numbers himself.
    """

    def __init__(
        self,
        folder: Path,
        stem: str,
        suffix: str,
        head: bytes = b"",
        tail: bytes = b"",
        max_records: int | None = None,
        max_bytes: int | None = None,
        *,
        first_bare: bool = False,
        hash: bool = True,
        overwrite: bool = False,
    ) -> None:
        if (max_records is not None and max_records < 1) or (max_bytes is not None and max_bytes < 1):
            raise UsageError("a file cannot be limited to less than one", stem, "at least 1")
        self.files: list[WrittenFile] = []
        self._folder, self._stem, self._suffix = folder, stem, suffix
        self._head, self._tail = head, tail
        self._max_records, self._max_bytes = max_records, max_bytes
        self._hash, self._overwrite, self._first_bare = hash, overwrite, first_bare
        self._open: OutputFile | None = None
        self._records = 0

    def __enter__(self) -> SplitFiles:
        return self

    def append(self, rendered: Rendered) -> None:
        """Write the records of a batch; those without bytes (failed) are not counted."""
        self.append_bytes(rendered.data, rendered.ends)

    def append_bytes(self, data: U8, ends: I64) -> None:
        """Write records that lie one behind the other in `data`, record i ending at ends[i]."""
        starts = np.concatenate((np.zeros(1, np.int64), ends))
        ends = ends[starts[1:] > starts[:-1]]
        done = at = 0
        while done < len(ends):
            last = self._last_fitting(ends, done, at)
            if last == done:  # not one more: the next file takes at least this one
                self._finish()
                self._begin()
                last = max(self._last_fitting(ends, done, at), done + 1)
            assert self._open is not None
            end = int(ends[last - 1])
            self._open.write(data[at:end])
            self._records += last - done
            done, at = last, end

    def close(self) -> list[WrittenFile]:
        """Finish the last file; returns all, in order."""
        self._finish()
        return self.files

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._finish()
        elif self._open is not None:
            self._open.__exit__(kind, error, trace)
            self._open = None

    def _last_fitting(self, ends: I64, done: int, at: int) -> int:
        """Index behind the last record that the open file can take; `done` if none, or none is open."""
        if self._open is None:
            return done
        last = len(ends)
        if self._max_records is not None:
            last = min(last, done + self._max_records - self._records)
        if self._max_bytes is not None:
            room = self._max_bytes - self._open.byte_count - len(self._tail)
            last = min(last, int(np.searchsorted(ends, at + room, side="right")))
        return max(last, done)

    def _begin(self) -> None:
        """Open the next file and write its head."""
        bare = self._first_bare and not self.files
        name = f"{self._stem}{'' if bare else f'-{len(self.files) + 1:04}'}{self._suffix}"
        self._open = OutputFile(self._folder / name, self._hash, overwrite=self._overwrite).__enter__()
        self._records = 0
        self._open.write(self._head)

    def _finish(self) -> None:
        """Write the tail, close and rename."""
        if self._open is None:
            return
        self._open.write(self._tail)
        file, self._open = self._open, None
        file.__exit__(None, None, None)
        self.files.append(WrittenFile(file.path.name, self._records, file.byte_count, file.sha256))
