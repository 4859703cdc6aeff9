"""A run stays within the memory it is given, with more data than that; and says so where it is too little."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_whole_bad_input import typed
from tests.memory import BETWEEN
from tests.streaming.sites import make_site
from transformer.errors import UsageError
from transformer.pipeline.memory import budget_of

GIVEN = 1_000_000_000


def test_shares_never_make_more_than_the_whole() -> None:
    """On a machine of many cores too: threads wait where memory does not suffice for all of them."""
    for total in (GIVEN, 2 << 30, 64 << 30):
        share = budget_of(total, 64)
        assert share.database_bytes < total
        assert share.threads >= 1 and share.threads * (16 << 20) < total
        assert share.database_threads >= 1
    with pytest.raises(UsageError, match="too little"):
        budget_of(GIVEN - 1, 2)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="peaks are asked for as on Unix")
def test_a_run_stays_within_what_it_is_given(tmp_path: Path) -> None:
    """200,000 bibs: left to itself such a run peaked at 952 MiB, given 1 GB at 832."""
    site = make_site(tmp_path / "lib", bibs=200_000, seed=3)
    typed("run", site.folder, "--memory", "500MB").fails(2, "too little memory", "1GB or more")
    told = tmp_path / "peak"
    words = [
        sys.executable,
        "-m",
        "transformer",
        "run",
        str(site.folder),
        "-q",
        "--memory",
        f"{GIVEN // 10**6}MB",
    ]
    done = subprocess.run([sys.executable, "-c", BETWEEN, str(told), *words], check=False)
    assert done.returncode in (0, 1)
    assert int(told.read_text()) <= GIVEN
