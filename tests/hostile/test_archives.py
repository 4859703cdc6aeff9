"""Archives made to do harm: bombs of every packing, odd names, passwords, archives in archives."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from tests.hostile.typed import typed
from tests.makers import LEADER, record
from transformer.errors import ExtractError, MachineError, UsageError
from transformer.extracts.spool import Limits, Spool, usual_limits

ONE = record(LEADER, [("001", "b1"), ("245", "1", "0", [("a", "Of mice and moons")])])
PIECE = 1 << 27
ROOM = (1 << 28) + (1 << 26)
"""What is unpacked at most before the bomb is seen."""


def zstd(data: bytes) -> bytes:
    return bytes(pa.compress(data, codec="zstd", asbytes=True))


PACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": lambda data: gzip.compress(data),
    "bz2": lambda data: bz2.compress(data, 1),
    "xz": lambda data: lzma.compress(data, preset=0),
    "zst": zstd,
}


@pytest.mark.parametrize("packing", sorted(PACK))
def test_a_hundred_gigabytes_in_a_small_file(tmp_path: Path, packing: str) -> None:
    """800 streams of 128 MiB of zeros, one behind the other: each packing reads them as one file."""
    path = tmp_path / f"bomb.{packing}"
    one = PACK[packing](bytes(PIECE))
    with path.open("wb") as file:
        for _ in range(800):
            file.write(one)
    said = typed("convert", path, tmp_path / "out.xml")
    said.fails(4, "bomb", "becomes too large", "TRANSFORMER_UNPACK_RATIO")
    assert list(tmp_path.iterdir()) == [path]


def test_a_bomb_in_a_zip(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(16):
            archive.writestr(f"{number}.mrc", ONE + bytes(1 << 25))
    typed("convert", path, tmp_path / "out.xml").fails(4, "bomb.zip", "becomes too large")
    assert list(tmp_path.iterdir()) == [path]


def test_a_bomb_packed_twice(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.gz", gzip.compress(bytes(PIECE) * 3))
    typed("convert", path, tmp_path / "out.xml").fails(4, "x.gz", "becomes too large")


def test_members_that_share_their_bytes(tmp_path: Path) -> None:
    """One stream of zeros, listed two thousand times: each member is small enough, all together are not."""
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0.mrc", bytes(1 << 25))
        (entry,) = archive.filelist
        archive.filelist += [entry] * 2000
    said = typed("convert", path, tmp_path / "out.xml")
    assert said.exit_code == 4, said
    said.stays_calm()
    assert list(tmp_path.iterdir()) == [path]


def test_a_large_honest_archive_is_unpacked(tmp_path: Path) -> None:
    """Text of a library shrinks to a tenth; equal records to a hundredth and less, below the free bytes."""
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(ONE * 200_000))
    with Spool(tmp_path) as spool:
        assert spool.sources([path])[0].path.stat().st_size == len(ONE) * 200_000


def test_the_user_may_allow_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(ONE * 20_000))
    with Spool(tmp_path, Limits(ratio_most=50, free_bytes=1)) as spool, pytest.raises(ExtractError):
        spool.sources([path])
    monkeypatch.setenv("TRANSFORMER_UNPACK_RATIO", "1000")
    assert usual_limits().ratio_most == 1000
    monkeypatch.setenv("TRANSFORMER_UNPACK_RATIO", "many")
    with pytest.raises(UsageError, match="TRANSFORMER_UNPACK_RATIO"):
        usual_limits()


def test_a_disk_that_fills_is_left_some_room(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(ONE))
    with Spool(tmp_path, Limits(room_least=1 << 62)) as spool, pytest.raises(MachineError, match="disk"):
        spool.sources([path])


def test_a_password(tmp_path: Path) -> None:
    """The bit that says so is set by hand: the standard library writes no passwords."""
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.mrc", ONE)
    data = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(signature) + flags] |= 1
    path.write_bytes(bytes(data))
    typed("convert", path, tmp_path / "out.xml").fails(4, "x.zip", "encrypted")


def test_members_that_are_links_are_files_of_text(tmp_path: Path) -> None:
    """A link in an archive holds the name it leads to; nobody follows it."""
    secret = tmp_path / "secret.mrc"
    secret.write_bytes(ONE)
    path = tmp_path / "x.zip"
    link = zipfile.ZipInfo("link.mrc")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, str(secret))
    typed("convert", path, tmp_path / "out.xml").fails(4, "link.mrc", "is not MARC")


def test_more_members_than_files_may_be_open(tmp_path: Path) -> None:
    """A process may have 1,024 files open at once, as systems are set up."""
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(1500):
            archive.writestr(f"{number:05d}.mrc", ONE)
    said = typed("convert", path, tmp_path / "out.jsonl")
    assert said.exit_code == 0, said
    said.stays_calm()
    assert len((tmp_path / "out.jsonl").read_bytes().splitlines()) == 1500


def test_archives_of_chance(tmp_path: Path) -> None:
    """Damaged anywhere, an archive is unpacked or refused, never more."""
    draw = random.Random(4)
    path = tmp_path / "x"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.mrc", ONE * 50)
        archive.writestr("b.mrc", ONE)
    packed = [path.read_bytes(), *(pack(ONE * 50) for pack in PACK.values())]
    for number in range(400):
        data = bytearray(packed[number % len(packed)])
        for _ in range(draw.choice((1, 2, 10))):
            data[draw.randrange(len(data))] ^= 1 << draw.randrange(8)
        if draw.random() < 0.2:
            del data[draw.randrange(len(data)) :]
        path.write_bytes(bytes(data) or b"x")
        with Spool(tmp_path) as spool:
            try:
                assert all(source.path.stat().st_size <= ROOM for source in spool.sources([path]))
            except ExtractError as error:
                assert str(path) in str(error) or "x" in str(error)
