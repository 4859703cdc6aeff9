"""A packed extract, or one in another container, is delivered as the plain one is; nothing unpacked stays."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from tests.streaming.sites import Site, digests, make_site
from transformer.pipeline.convert import convert


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return make_site(tmp_path / "lib", bibs=60, seed=3, dirt=0.0)


def delivered(site: Site) -> dict[str, str]:
    found = digests(site.run().folder, "out")
    assert len(found) > 3
    runs = site.folder / "runs"
    assert [path.name for path in runs.iterdir() if path.name.startswith(".unpacked")] == []
    return found


def test_packed_extracts(site: Site) -> None:
    plain = delivered(site)
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
def test_bibs_in_another_container(site: Site, suffix: str) -> None:
    plain = delivered(site)
    bib = site.extracts / "bib.mrc"
    assert convert([bib], site.extracts / f"bib{suffix}").set_aside_count == 0
    bib.unlink()
    assert delivered(site) == plain
