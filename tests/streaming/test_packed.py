"""A packed extract, or one in another container, is delivered as the plain one is; nothing unpacked stays."""

from __future__ import annotations

import gzip
import shutil
import zipfile
from pathlib import Path

import pytest

from tests.streaming.sites import Site, digests, make_site
from transformer.pipeline.convert import convert


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, dict[str, str]]:
    """A library whose bibs are in a plain file of ISO 2709, and what is delivered of it."""
    site = make_site(tmp_path_factory.mktemp("made") / "lib", bibs=60, seed=3, dirt=0.0)
    return site, delivered(site)


@pytest.fixture
def plain(made: tuple[Site, dict[str, str]]) -> dict[str, str]:
    return made[1]


@pytest.fixture
def site(made: tuple[Site, dict[str, str]], tmp_path: Path) -> Site:
    folder = shutil.copytree(made[0].folder, tmp_path / "lib", ignore=shutil.ignore_patterns("runs"))
    return Site(Path(folder), made[0].key)


def delivered(site: Site) -> dict[str, str]:
    found = digests(site.run().folder, "out")
    assert len(found) > 3
    runs = site.folder / "runs"
    assert [path.name for path in runs.iterdir() if path.name.startswith(".unpacked")] == []
    return found


def test_packed_extracts(site: Site, plain: dict[str, str]) -> None:
    bib = site.extracts / "bib.mrc"
    (site.extracts / "bib.mrc.gz").write_bytes(gzip.compress(bib.read_bytes()))
    bib.unlink()
    others = [path for path in site.extracts.iterdir() if path.suffix != ".gz"]
    with zipfile.ZipFile(site.extracts / "others.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in others:
            archive.write(path, path.name)
            path.unlink()
    assert delivered(site) == plain


@pytest.mark.parametrize("suffix", [".json", ".mrk", ".seq"])
def test_bibs_in_another_container(site: Site, plain: dict[str, str], suffix: str) -> None:
    bib = site.extracts / "bib.mrc"
    assert convert([bib], site.extracts / f"bib{suffix}").set_aside_count == 0
    bib.unlink()
    assert delivered(site) == plain
