"""The parts of a run: what it has done, kept so that a run that was cut off can go on.

A part is one step whose outcome the steps after it need: a partition that was staged, the tables that the
rules made, one file of the delivery. `Parts` just does the steps, and keeps tables in memory. `LoggedParts`
keeps tables as files, and writes a line of `work/parts.jsonl` behind each step: its name, its files with
size and SHA-256, and the file with its result. The files come first, then the line, and the line alone is
synced to the disk: what of the files a power cut may have lost, their digests show.

A run that goes on (`going_on`) looks at every logged part; what is whole is not done again, all else in
the run's folder is removed first, and done as if it were new.

A result is a pickle of our own plain records. Reading it makes nothing else: what a pickle from another hand
might ask for beyond these is refused. Sources and paths in it are told by their place, so that a library may
be moved between, and packed extracts be unpacked elsewhere.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import pickle
import shutil
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, is_dataclass
from importlib import import_module
from pathlib import Path, PurePath
from typing import Any, TypeVar

import pyarrow as pa

from transformer.extracts.model import Source
from transformer.pipeline.results import OutputFact
from transformer.pipeline.runs import FOLDERS, LOG
from transformer.pipeline.staged import Stored

T = TypeVar("T")


class Parts:
    """Steps that are done once, in memory: nothing is kept beyond the process."""

    def step(self, name: str, make: Callable[[], T], files_of: Callable[[T], Iterable[Known]]) -> T:
        """The result of a step. files_of: the files it wrote, with what is known of them."""
        return make()

    def keep(self, name: str, table: pa.Table) -> Stored:
        """Keep a table; from any thread."""
        return Stored(table.num_rows, table)


@dataclass(frozen=True, slots=True)
class Known:
    """A file that a step wrote: its size and SHA-256, or an empty digest where it has still to be read."""

    path: Path
    byte_count: int = -1
    sha256: str = ""

    @classmethod
    def of(cls, stored: Stored) -> Known:
        """The file of a staged piece."""
        assert stored.path is not None
        return cls(stored.path, stored.byte_count, stored.sha256)


def known_files(out: Path, files: Iterable[OutputFact]) -> list[Known]:
    """Files of the delivery in folder `out`."""
    return [Known(out / file.name, file.byte_count, file.sha256) for file in files]


class LoggedParts(Parts):
    """The parts of the run in folder `run`, with its log. `begin` and `go_on` make one."""

    def __init__(self, run: Path, sources: Mapping[str, tuple[Source, ...]]) -> None:
        self._run, self._sources = run, sources
        self._done: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._log = -1
        self._waiting: list[dict[str, Any]] = []

    def begin_afresh(self) -> None:
        """Remove what a run left that was cut off before its log began."""
        for name in FOLDERS:
            _remove_others(self._run / name, set())

    def begin(self, facts: Mapping[str, Any]) -> None:
        """Begin the log of a new run with `facts`, all that its bytes depend on.

        Steps that were done before, in other threads, come behind them: until now they are not logged.
        """
        with self._lock:
            self._write_log([{"run": dict(facts)}, *self._waiting])
            self._waiting = []

    def go_on(self, lines: list[dict[str, Any]], threads: int) -> None:
        """Go on with a run whose log holds these lines: look at its parts, remove all else."""
        from transformer.engines import map_ordered

        whole = [lines[0]]
        kept: set[Path] = {self._run / LOG}
        parts = [line for line in lines if "part" in line]
        for line, paths in zip(parts, map_ordered(self._whole, parts, threads), strict=True):
            if paths:
                self._done[line["part"]] = line
                whole.append(line)
                kept.update(paths)
        for name in FOLDERS:
            _remove_others(self._run / name, kept)
        self._write_log(whole)

    def close(self) -> None:
        """Let the log go."""
        if self._log >= 0:
            os.close(self._log)
            self._log = -1

    def step(self, name: str, make: Callable[[], T], files_of: Callable[[T], Iterable[Known]]) -> T:
        """The result of a step: as it was logged, or made and logged now. From any thread."""
        line = self._done.get(name)
        if line is not None:
            result: T = self._loaded(line["result"][0])
            return result
        made = make()
        self.log(name, made, files_of(made))
        return made

    def done(self, name: str) -> bool:
        """Whether a step is logged, and whole."""
        return name in self._done

    def log(self, name: str, result: object, files: Iterable[Known] = ()) -> None:
        """Log a step that is done."""
        place = self._run / "work" / "parts" / f"{name}.pickle"
        place.parent.mkdir(parents=True, exist_ok=True)
        stored = self._dumped(place, result)
        line = {"part": name, "files": [self._told(file) for file in files], "result": self._told(stored)}
        self._append(line)

    def starters(self, maps: Mapping[str, str]) -> None:
        """Log the starter maps that the run is about to write: path below the library -> SHA-256."""
        self._append({"starters": dict(maps)})

    def keep(self, name: str, table: pa.Table) -> Stored:
        """Keep a table as a file in the work folder (see `staged_file`); from any thread."""
        from transformer.pipeline.staged_file import packed
        from transformer.writers.files import write_whole

        data = packed(table)
        path = self._run / "work" / "staged" / f"{name}.piece"
        path.parent.mkdir(exist_ok=True)
        digest = write_whole(path, data)
        return Stored(table.num_rows, None, path, len(data), digest)

    def _told(self, file: Known) -> list[Any]:
        """[path below the run's folder, size, SHA-256]."""
        size = file.path.stat().st_size if file.byte_count < 0 else file.byte_count
        name = file.path.relative_to(self._run).as_posix()
        return [name, size, file.sha256 or sha256_of(file.path)]

    def _whole(self, line: dict[str, Any]) -> list[Path]:
        """The files of a logged part; none if any is missing or differs."""
        paths = []
        for name, size, digest in [*line["files"], line["result"]]:
            path = self._run / name
            if not path.is_file() or path.stat().st_size != size or sha256_of(path) != digest:
                return []
            paths.append(path)
        return paths

    def _write_log(self, lines: list[dict[str, Any]]) -> None:
        """A log of these lines alone, in one step; it stays open for more."""
        import orjson

        path = self._run / LOG
        part = path.with_name(f".{path.name}.part")
        with part.open("wb") as file:
            for line in lines:
                file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        self._log = os.open(path, os.O_WRONLY | os.O_APPEND)

    def _append(self, line: dict[str, Any]) -> None:
        import orjson

        from transformer.writers.files import named_error

        text = orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
        try:
            with self._lock:
                if self._log < 0:
                    self._waiting.append(line)
                elif os.write(self._log, text) < len(text):
                    raise OSError(errno.ENOSPC, "no space left")
                else:
                    os.fsync(self._log)
        except OSError as error:
            raise named_error(error, self._run / LOG) from None

    def _dumped(self, place: Path, result: object) -> Known:
        from transformer.writers.files import write_whole

        buffer = io.BytesIO()
        _Pickler(buffer, self._run, self._sources).dump(result)
        data = buffer.getbuffer()
        return Known(place, len(data), write_whole(place, data))

    def _loaded(self, name: str) -> Any:
        with (self._run / name).open("rb") as file:
            return _Unpickler(file, self._run, self._sources).load()


class _Pickler(pickle.Pickler):
    """Sources by extract and place, paths below the run's folder.

    Told by `reducer_override`, which is asked about objects of classes only: `persistent_id` is asked about
    every word and number, 170,000 of them in the findings of 1,000,000 bibs (0.5 of 0.9 s, profiled).
    """

    def __init__(self, file: Any, run: Path, sources: Mapping[str, tuple[Source, ...]]) -> None:
        super().__init__(file, protocol=5)
        self._run = run
        self._place = {
            source: (extract, at) for extract, files in sources.items() for at, source in enumerate(files)
        }

    def reducer_override(self, value: Any) -> Any:
        """What could not be read again is refused here, while whoever wrote it looks on."""
        if isinstance(value, Source):
            return _source_at, self._place[value]
        if isinstance(value, PurePath):
            return _path_below, (value.relative_to(self._run).as_posix(),)
        kind = value if isinstance(value, type) else type(value)
        if _is_ours(kind) or value in (_source_at, _path_below):
            return NotImplemented
        raise pickle.PicklingError(f"{kind.__module__}.{kind.__qualname__} is no part of a result")


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: Any, run: Path, sources: Mapping[str, tuple[Source, ...]]) -> None:
        super().__init__(file)
        self._run, self._sources = run, sources

    def find_class(self, module: str, name: str) -> Any:
        if module == __name__ and name == _source_at.__name__:
            return lambda extract, at: self._sources[extract][at]
        if module == __name__ and name == _path_below.__name__:
            return lambda path: self._run / path
        if module.startswith("transformer.") and "." not in name:
            found = getattr(import_module(module), name)
            if _is_ours(found):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a result")


def _source_at(extract: str, at: int) -> Source:
    """Stands for a source in a result; `_Unpickler` knows which."""
    raise NotImplementedError


def _path_below(path: str) -> Path:
    """Stands for a path of the run in a result."""
    raise NotImplementedError


def _is_ours(kind: Any) -> bool:
    """A dataclass of this package: made of its fields, by no code of its own."""
    return isinstance(kind, type) and is_dataclass(kind) and kind.__module__.startswith("transformer.")


def _remove_others(folder: Path, kept: set[Path]) -> None:
    """Remove every file below a folder that is not kept, and folders that are empty then."""
    if not folder.is_dir():
        return
    if not any(path.is_relative_to(folder) for path in kept):
        shutil.rmtree(folder)
        folder.mkdir()
        return
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            if not any(path.iterdir()):
                path.rmdir()
        elif path not in kept:
            path.unlink()


def sha256_of(path: Path, stopped: Callable[[], bool] = lambda: False) -> str:
    """Digest of a file in hexadecimal, read in pieces of 1 MiB; wrong where `stopped` came true meanwhile."""
    digest, piece = hashlib.sha256(), bytearray(1 << 20)
    with path.open("rb", buffering=0) as file:
        while (count := file.readinto(piece)) and not stopped():
            digest.update(memoryview(piece)[:count])
    return digest.hexdigest()
