"""Files appear whole or not at all."""

from __future__ import annotations

import errno
import hashlib
import io
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transformer.errors import MachineError, UsageError
from transformer.schema.batch import Rendered
from transformer.writers import disk
from transformer.writers.files import OutputFile, SplitFiles


def rendered(*texts: bytes) -> Rendered:
    ends = np.cumsum([len(text) for text in texts]).astype(np.int64)
    return Rendered(np.frombuffer(b"".join(texts), np.uint8), ends)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_appears_at_the_end_only(tmp_path: Path) -> None:
    path = tmp_path / "bib.xml"
    with OutputFile(path) as file:
        file.write(b"abc")
        file.write(np.frombuffer(b"defgh", np.uint8))
        assert names_in(tmp_path) == [".bib.xml.part"]
    assert names_in(tmp_path) == ["bib.xml"]
    assert path.read_bytes() == b"abcdefgh"
    assert (file.byte_count, file.sha256) == (8, hashlib.sha256(b"abcdefgh").hexdigest())


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(errno.ENOMEM, "no memory")])
def test_is_gone_when_it_was_just_begun(
    tmp_path: Path, error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between opening the file and the first line of the block."""

    def block() -> None:
        assert names_in(tmp_path) == [".bib.xml.part"]
        raise error

    monkeypatch.setattr(disk, "_block", block)
    with pytest.raises((KeyboardInterrupt, MachineError)), OutputFile(tmp_path / "bib.xml"):
        pass
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_is_gone_after_an_error(tmp_path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), OutputFile(tmp_path / "bib.xml") as file:
        file.write(b"abc")
        raise error
    assert names_in(tmp_path) == []


def test_never_over_another_unless_told(tmp_path: Path) -> None:
    path = tmp_path / "bib.xml"
    path.write_bytes(b"old")
    with pytest.raises(UsageError, match="is there already"), OutputFile(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"old"
    with pytest.raises(ValueError), OutputFile(path, overwrite=True) as file:
        file.write(b"new")
        raise ValueError
    assert path.read_bytes() == b"old"
    with OutputFile(path, hash=False, overwrite=True) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"
    assert file.sha256 == ""


@pytest.mark.parametrize("name", ["missing/bib.xml", "folder", "plain/bib.xml", "n" * 300])
def test_places_that_cannot_be(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "plain").write_bytes(b"")
    with pytest.raises(UsageError) as caught, OutputFile(tmp_path / name):
        raise AssertionError("not reached")
    assert name in caught.value.where
    assert caught.value.next_step


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_disk_full_for_real(tmp_path: Path) -> None:
    """/dev/full, by way of the part's name, refuses every byte."""
    (tmp_path / ".bib.xml.part").symlink_to("/dev/full")
    with pytest.raises(MachineError, match="No space") as caught, OutputFile(tmp_path / "bib.xml") as file:
        file.write(b"abc")
    assert caught.value.next_step
    assert names_in(tmp_path) == []


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, MachineError),
        (errno.EIO, MachineError),
        (errno.EACCES, UsageError),
        (errno.EROFS, UsageError),
    ],
)
def test_errors_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, expected: type[Exception]
) -> None:
    class Failing(io.FileIO):
        def write(self, data: object) -> int:
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr("transformer.writers.disk.io.FileIO", Failing)
    with pytest.raises(expected, match="cannot be written"), OutputFile(tmp_path / "bib.xml") as file:
        file.write(b"abc")
    assert names_in(tmp_path) == []


def test_short_writes_are_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Short(io.FileIO):
        def write(self, data: memoryview) -> int:
            return super().write(data[:3])

    monkeypatch.setattr("transformer.writers.disk.io.FileIO", Short)
    with OutputFile(tmp_path / "bib.xml") as file:
        file.write(bytes(range(100)))
    assert (tmp_path / "bib.xml").read_bytes() == bytes(range(100))


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.lists(st.binary(max_size=9), max_size=9), max_size=5),
    st.one_of(st.none(), st.integers(1, 9)),
    st.one_of(st.none(), st.integers(1, 40)),
)
def test_split(
    tmp_path_factory: pytest.TempPathFactory,
    batches: list[list[bytes]],
    max_records: int | None,
    max_bytes: int | None,
) -> None:
    """One record at a time into the open file, while it fits; records without bytes do not count."""
    folder = tmp_path_factory.mktemp("split")
    with SplitFiles(folder, "bib", ".xml", b"<h>", b"</h>", max_records, max_bytes) as files:
        for batch in batches:
            files.append(rendered(*batch))
    expected: list[list[bytes]] = []
    for text in (text for batch in batches for text in batch if text):
        last = expected[-1] if expected else None
        full = last is None or (max_records is not None and len(last) == max_records)
        if last is not None and max_bytes is not None:
            full |= 7 + sum(map(len, last)) + len(text) > max_bytes
        if full or last is None:
            expected.append([text])
        else:
            last.append(text)
    contents = [b"<h>" + b"".join(texts) + b"</h>" for texts in expected]
    names = [f"bib-{number:04}.xml" for number in range(1, len(expected) + 1)]
    assert names_in(folder) == names
    assert [(folder / name).read_bytes() for name in names] == contents
    assert files.files == [
        (name, len(texts), len(content), hashlib.sha256(content).hexdigest())
        for name, texts, content in zip(names, expected, contents, strict=True)
    ]


def test_split_leaves_no_half_file(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), SplitFiles(tmp_path, "bib", ".xml", max_records=2) as files:
        files.append(rendered(b"1", b"2", b"3"))
        raise KeyboardInterrupt
    assert names_in(tmp_path) == ["bib-0001.xml"]
    assert [file.name for file in files.files] == ["bib-0001.xml"]


@pytest.mark.parametrize("limits", [{"max_records": 0}, {"max_bytes": -1}])
def test_split_needs_a_limit_that_can_be(tmp_path: Path, limits: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        SplitFiles(tmp_path, "bib", ".xml", **limits)
