"""Same input, same bytes: out/, set-aside/ and tables/, whatever the threads and the size of partitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from tests.streaming.sites import Delivery, Site, digests, make_site
from transformer.extracts.model import Partition

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


def cut_small(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Makes all pieces small from now on; counts how many there were, by file."""
    from transformer.readers import delimited, iso2709

    cut: Counter[str] = Counter()
    for reader in (delimited, iso2709):

        def small(*words: Any, real: Any = reader.partitions, **named: Any) -> Iterator[Partition]:
            for made in real(*words, **{**named, "partition_bytes": SMALL}):
                cut[made.source.name] += 1
                yield made

        monkeypatch.setattr(reader, "partitions", small)
    return cut


@pytest.mark.parametrize("threads", [1, 3])
def test_partitions(site: Site, first: Delivery, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cutting the work elsewhere changes nothing either. Readers are asked for pieces of any size."""
    cut = cut_small(monkeypatch)
    again = site.run(threads=threads)
    assert {name for name, count in cut.items() if count > 1} >= {"bib.mrc", "items.csv"}
    assert_same(first, again)


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
