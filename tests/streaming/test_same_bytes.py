"""Same input, same bytes: out/, set-aside/ and tables/, whatever the threads and the size of partitions."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.streaming.sites import Delivery, Site, digests, make_site

SAME = ("out", "set-aside", "tables")
SMALL = 150_000
"""Bytes of a partition that cuts the extracts of this module into about ten pieces."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("same") / "lib"
    return make_site(folder, bibs=700, dirt=0.05, settings="\n[output]\nbibs_per_file = 200\n")


@pytest.fixture(scope="module")
def first(site: Site) -> Delivery:
    return site.run()


def manifest(delivery: Delivery) -> dict[str, Any]:
    """manifest.json without its marked part."""
    read: dict[str, Any] = orjson.loads((delivery.folder / "manifest.json").read_bytes())
    assert "machine" in read
    return {name: value for name, value in read.items() if name != "machine"}


def assert_same(one: Delivery, other: Delivery) -> None:
    assert one.folder != other.folder
    wanted, found = digests(one.folder, *SAME), digests(other.folder, *SAME)
    assert len(wanted) > 15
    assert {name for name in wanted | found if wanted.get(name) != found.get(name)} == set()
    assert manifest(one) == manifest(other)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads(site: Site, first: Delivery, threads: int) -> None:
    assert_same(first, site.run(threads=threads))


@pytest.mark.parametrize("threads", [1, 3])
def test_partitions(site: Site, first: Delivery, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cutting the work elsewhere changes nothing either: every module that knows the size is told."""
    import sys

    import transformer.pipeline.emit_bib
    import transformer.readers.delimited  # noqa: F401

    told = []
    for name, module in sorted(sys.modules.items()):
        if name.startswith("transformer.") and hasattr(module, "PARTITION_BYTES"):
            monkeypatch.setattr(module, "PARTITION_BYTES", SMALL)
            told.append(name)
    assert "transformer.pipeline.emit_bib" in told
    assert any(name.startswith("transformer.readers") for name in told)
    assert_same(first, site.run(threads=threads))


def test_the_manifest_tells_the_files(first: Delivery) -> None:
    """Names, sizes and sha256 as they lie in out/, none missing, none too many."""
    told = manifest(first)["outputs"]
    lying = digests(first.folder, "out")
    assert {f"out/{file['name']}": file["sha256"] for file in told} == lying
    for file in told:
        assert file["byte_count"] == (first.folder / "out" / file["name"]).stat().st_size


def test_another_day_changes_only_what_depends_on_it(site: Site, first: Delivery) -> None:
    """as_of stands in 008 of the holdings, which we made; bibs and items have no today."""
    import datetime

    other = site.run(as_of=datetime.date(2026, 7, 1))
    wanted, found = digests(first.folder, "out"), digests(other.folder, "out")
    changed = {name.split("/")[1] for name in wanted if wanted[name] != found[name]}
    assert changed == {"holdings"}
