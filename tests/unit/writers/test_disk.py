"""Blocks past the page cache: the file is what was written, whatever the sizes and whatever fails."""

from __future__ import annotations

import hashlib
import io
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transformer.writers import disk
from transformer.writers.disk import BlockFile


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 40_000), max_size=12))
def test_the_file_is_what_was_written(tmp_path_factory: pytest.TempPathFactory, sizes: list[int]) -> None:
    path = tmp_path_factory.mktemp("disk") / "out"
    pieces = [bytes([number % 251]) * size for number, size in enumerate(sizes)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(disk, "BLOCK_BYTES", 8192)
        file = BlockFile(path)
        for piece in pieces:
            file.write(memoryview(piece))
        file.close()
    assert path.read_bytes() == b"".join(pieces)


@pytest.mark.parametrize("slow", [0, 1 << 60], ids=["fast-disk", "slow-disk"])
def test_a_big_file_of_odd_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, slow: int) -> None:
    """90 MB and 7 bytes: over the trial, so that both ways are taken and the tail is no full block."""
    monkeypatch.setattr(disk, "SLOW_BYTES_PER_S", slow)
    piece = bytes(range(256)) * 4096
    digest = hashlib.sha256()
    file = BlockFile(tmp_path / "out")
    for _ in range(86):
        file.write(memoryview(piece))
        digest.update(piece)
    file.write(memoryview(b"the end"))
    digest.update(b"the end")
    file.close()
    assert hashlib.sha256((tmp_path / "out").read_bytes()).digest() == digest.digest()


def test_a_burst_is_held_while_the_disk_is_slow_and_no_more_than_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk takes no block until the file has all that it may have; every byte comes in its order."""
    monkeypatch.setattr(disk, "BLOCK_BYTES", 8192)
    write, full, most = disk._write_all, threading.Event(), 0

    def late(file: io.FileIO, data: memoryview) -> None:
        assert full.wait(10)
        write(file, data)

    monkeypatch.setattr(disk, "_write_all", late)
    file = BlockFile(tmp_path / "out")
    for number in range(20):
        if number == disk.FILE_BLOCKS - 1:
            full.set()
        file.write(memoryview(bytes([number]) * 8192))
        most = max(most, len(file._blocks))
    file.close()
    assert most == disk.FILE_BLOCKS
    assert (tmp_path / "out").read_bytes() == b"".join(bytes([number]) * 8192 for number in range(20))


def test_blocks_of_an_ended_file_serve_the_next(tmp_path: Path) -> None:
    blocks = []
    for name in ("one", "two"):
        file = BlockFile(tmp_path / name)
        blocks += file._blocks
        file.write(memoryview(name.encode()))
        file.close()
    assert blocks[0] is blocks[1]
    assert [(tmp_path / name).read_bytes() for name in ("one", "two")] == [b"one", b"two"]


def test_a_failing_block_is_told_at_the_latest_on_closing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_file: object, _data: memoryview) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk, "_write_all", refuse)
    file = BlockFile(tmp_path / "out")
    with pytest.raises(OSError, match="No space"):
        for _ in range(3):
            file.write(memoryview(bytes(disk.BLOCK_BYTES)))
        file.close()
    file.abandon()
