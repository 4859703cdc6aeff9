"""Where the real records lie, and how a test skips when they do not."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FIXTURES = ROOT.parent / "shared" / "fixtures"

needs_fixtures = pytest.mark.skipif(
    not FIXTURES.is_dir(), reason="the folder of real records (../shared/fixtures) is not here"
)


def fixture_files(container: str) -> list[Path]:
    """Every plain fixture file of a MARC container, as tests/corpus/expectations.csv states it (where a
    test holds our finding against it), in the order of names."""
    from tests.corpus.expected import expectations

    if not FIXTURES.is_dir():
        return []
    rows = expectations().values()
    return [FIXTURES / row.path for row in rows if row.is_marc and row.what == container and not row.packing]


def short(path: Path) -> str:
    """A fixture's name as SOURCES.md gives it."""
    return str(path.relative_to(FIXTURES))
