"""Packed files, archives, standard input and patterns become plain sources; bombs and names do no harm."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest

from tests.makers import LEADER, record
from transformer.errors import ExtractError
from transformer.extracts.spool import STDIN, Limits, Spool, expanded
from transformer.pipeline.convert import convert

ONE = record(LEADER, [("001", "b1"), ("245", "1", "0", [("a", "Of mice and moons")])])
TWO = record(LEADER, [("001", "b2")])


def zipped(**members: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return sink.getvalue()


PACKED = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


@pytest.mark.parametrize("how", sorted(PACKED))
@pytest.mark.parametrize("name", ["x.mrc", "x.packed"])
def test_packed_is_what_the_bytes_say(tmp_path: Path, how: str, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(PACKED[how](ONE) + PACKED[how](TWO))  # two streams in a row are one file
    with Spool(tmp_path) as spool:
        (source,) = spool.sources([path])
        assert (source.container, source.name, source.member) == ("iso2709", name, "")
        assert source.path.read_bytes() == ONE + TWO
    assert list(tmp_path.iterdir()) == [path]


def test_zstandard(tmp_path: Path) -> None:
    path = tmp_path / "x.zst"
    with pa.CompressedOutputStream(pa.OSFile(str(path), "w"), "zstd") as stream:
        stream.write(ONE)
    with Spool(tmp_path) as spool:
        assert spool.sources([path])[0].path.read_bytes() == ONE


def test_members_of_a_zip_are_sources_and_their_names_are_never_paths(tmp_path: Path) -> None:
    path, inside = tmp_path / "x.zip", tmp_path / "in"
    inside.mkdir()
    names = ["../evil.mrc", "/etc/evil.mrc", "C:\\evil.mrc", "a/b.mrc.gz", "__MACOSX/a/._b.mrc"]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("folder/", b"")
        for name in names:
            archive.writestr(name, gzip.compress(TWO) if name.endswith("gz") else ONE)
    with Spool(inside) as spool:
        sources = spool.sources([path])
        assert [source.member for source in sources] == [n.lstrip("/") for n in names[:-1]]
        assert [source.path.read_bytes() for source in sources] == [ONE, ONE, ONE, TWO]
        assert sources[0].name == "x.zip/../evil.mrc"
        for source in sources:
            assert source.path.resolve().is_relative_to(inside.resolve())
    assert list(inside.iterdir()) == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "x.zip"]


@pytest.mark.parametrize("how", sorted(PACKED))
def test_a_bomb_is_bounded(tmp_path: Path, how: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(PACKED[how](bytes(1 << 24)))
    tight = Limits(ratio_most=100, free_bytes=1 << 20)
    with Spool(tmp_path, tight) as spool, pytest.raises(ExtractError, match="becomes too large"):
        spool.sources([path])
    assert list(tmp_path.iterdir()) == [path]


def test_a_zip_bomb_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(zipped(a=bytes(1 << 24)))
    with Spool(tmp_path, Limits(100, 1 << 20)) as spool, pytest.raises(ExtractError, match="too large"):
        spool.sources([path])
    path.write_bytes(zipped(a=ONE, b=TWO, c=ONE))
    with Spool(tmp_path, Limits(members_most=2)) as spool, pytest.raises(ExtractError, match="3 members"):
        spool.sources([path])


@pytest.mark.parametrize("how", sorted(PACKED))
def test_cut_short(tmp_path: Path, how: str) -> None:
    path = tmp_path / "x"
    data = PACKED[how](ONE * 100)
    path.write_bytes(data[: len(data) // 2])
    with Spool(tmp_path) as spool, pytest.raises(ExtractError, match="cannot be unpacked"):
        spool.sources([path])


def test_damaged_zip_empty_zip_and_too_deep(tmp_path: Path) -> None:
    path = tmp_path / "x"
    for data, words in (
        (zipped(a=ONE)[:-30], "cannot be unpacked"),
        (zipped(**{"folder/": b""}), "without a file"),
        (gzip.compress(gzip.compress(gzip.compress(ONE))), "more than 2 times"),
        (gzip.compress(b"not MARC"), "not MARC"),
    ):
        path.write_bytes(data)
        with Spool(tmp_path) as spool, pytest.raises(ExtractError, match=words):
            spool.sources([path])


def test_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(gzip.compress(ONE)))
    monkeypatch.setattr("sys.stdin", stream)
    with Spool(tmp_path) as spool:
        (source,) = spool.sources([STDIN])
        assert source.path.read_bytes() == ONE
        assert source.name == "stdin"


def test_patterns(tmp_path: Path) -> None:
    for name in ("b.mrc", "a.mrc", "c.xml", "odd[1].mrc"):
        (tmp_path / name).write_bytes(ONE)
    assert [p.name for p in expanded([tmp_path / "[ab].mrc"])] == ["a.mrc", "b.mrc"]
    assert [p.name for p in expanded([tmp_path / "odd[1].mrc"])] == ["odd[1].mrc"]
    assert expanded([tmp_path / "none*"]) == (tmp_path / "none*",)
    with Spool(tmp_path) as spool, pytest.raises(ExtractError, match="no such file"):
        spool.sources([tmp_path / "none*"])


def test_what_is_given_overrules_what_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"neither fish nor fowl")
    with Spool(tmp_path) as spool:
        assert spool.sources([path], "mnemonic")[0].container == "mnemonic"


def test_convert_tells_what_it_found_and_keeps_what_it_cannot_read(tmp_path: Path) -> None:
    path, output = tmp_path / "x.zip", tmp_path / "x.xml"
    text = b"=LDR  " + LEADER.encode() + b"\n=001  b9\n"
    path.write_bytes(zipped(**{"a.mrc": ONE + b"rubble", "b.txt": text}))
    result = convert([path], output, threads=1)
    found = [(i.name, i.container) for i in result.inputs]
    assert found == [("x.zip/a.mrc", "iso2709"), ("x.zip/b.txt", "mnemonic")]
    assert (result.read_count, result.written_count, result.set_aside_count) == (3, 2, 1)
    assert (tmp_path / "x.xml.set-aside").read_bytes() == b"rubble"
    beside = ["x.xml", "x.xml.issues.csv", "x.xml.set-aside", "x.zip"]
    assert sorted(p.name for p in tmp_path.iterdir()) == beside
