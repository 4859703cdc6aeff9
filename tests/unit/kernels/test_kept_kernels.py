"""Compiled kernels serve every copy of the same program."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import transformer

GATHER = """
import numpy as np
from transformer.kernels.gather import SLACK, gather

texts, one = np.frombuffer(b"..three", np.uint8), np.zeros(1, np.uint8)
out, out_from = np.zeros(5 + SLACK, np.uint8), np.zeros(2, np.int64)
gather(texts, one, np.array([2]), np.array([5], np.int32), one, one, out, out_from)
print(mine, len(gather.stats.cache_misses), len(gather.stats.cache_hits), bytes(out[:5]).decode())
"""


def test_a_second_copy_of_the_program_compiles_nothing(tmp_path: Path) -> None:
    told = []
    for name in ("one", "other"):
        shutil.copytree(Path(transformer.__file__).parent, tmp_path / name / "transformer")
        code = f"import transformer\nmine = {str(tmp_path / name)!r} in transformer.__file__\n{GATHER}"
        environment = {
            **os.environ, "PYTHONPATH": str(tmp_path / name), "TRANSFORMER_CACHE": str(tmp_path / "kept")
        }  # fmt: skip
        ran = subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path / name, env=environment, capture_output=True, text=True
        )
        told.append(ran.stdout.split())
    assert told == [["True", "1", "0", "three"], ["True", "0", "1", "three"]]
