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
    """Every fixture file of a container, found by its bytes, in the order of names."""
    from transformer.errors import ExtractError
    from transformer.extracts.sniff import container_of

    found = []
    for path in sorted(FIXTURES.rglob("*")) if FIXTURES.is_dir() else []:
        if path.is_file():
            try:
                if container_of(path) == container:
                    found.append(path)
            except ExtractError:
                continue
    return found


def short(path: Path) -> str:
    """A fixture's name as SOURCES.md gives it."""
    return str(path.relative_to(FIXTURES))
