"""A short run of the fuzzer over every container, one with bounds checking; and that it sees faults."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.fuzz import check as checking
from tests.fuzz import iso2709
from tests.fuzz.case import load, save
from transformer.readers import iso2709 as reader
from transformer.schema.batch import ReadResult

ROOT = Path(__file__).resolve().parents[2]


def fuzzed(*words: str, **more: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", *words],
        cwd=ROOT,
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return done.stdout


def test_every_container_stands_some_damage() -> None:
    said = fuzzed("--records", "4000", "--processes", "2")
    assert len(re.findall(r"^\w+: [\d,]+ damaged records", said, re.MULTILINE)) == 6, said
    assert ", 0 failures" in said


def test_no_kernel_looks_beyond_its_bytes() -> None:
    assert ", 0 failures" in fuzzed(
        "--records", "1500", "--processes", "1", "--only", "iso2709", TRANSFORMER_BOUNDSCHECK="1"
    )


# --- the harness itself: a reader that breaks a promise is found out ----------------------------------


def drop_one(result: ReadResult) -> ReadResult:
    spans = result.spans
    keep = np.arange(len(spans.kind)) != 5
    columns = {f.name: getattr(spans, f.name)[keep] for f in dataclasses.fields(spans)}
    return dataclasses.replace(result, spans=dataclasses.replace(spans, **columns))


def shift_a_value(result: ReadResult) -> ReadResult:
    start = result.batch.start.copy()
    start[::7] += 1
    return dataclasses.replace(result, batch=dataclasses.replace(result.batch, start=start))


def lose_a_record(result: ReadResult) -> ReadResult:
    kind = result.spans.kind.copy()
    kind[kind == 0] = np.where(np.arange(np.count_nonzero(kind == 0)) == 3, 2, 0)
    return dataclasses.replace(result, spans=dataclasses.replace(result.spans, kind=kind))


def reach_outside(result: ReadResult) -> ReadResult:
    length = result.batch.length.copy()
    length[-1] += 1_000_000
    return dataclasses.replace(result, batch=dataclasses.replace(result.batch, length=length))


@pytest.mark.parametrize("fault", [drop_one, shift_a_value, lose_a_record, reach_outside])
def test_a_fault_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Callable[[ReadResult], ReadResult]
) -> None:
    case = iso2709.made(3, 0, 60)
    checking.check(case, tmp_path)
    monkeypatch.setattr(checking, "reader_of", lambda _: Faulty(fault))
    with pytest.raises(checking.Broken):
        checking.check(case, tmp_path)


class Faulty:
    def __init__(self, fault: Callable[[ReadResult], ReadResult]) -> None:
        self.fault = fault

    def partitions(self, *words: Any, **more: Any) -> Iterator[Any]:
        return reader.partitions(*words, **more)

    def read(self, partition: Any) -> ReadResult:
        return self.fault(reader.read(partition))


def test_a_case_is_the_same_every_time_and_survives_being_kept(tmp_path: Path) -> None:
    case = iso2709.made(9, 4, 50)
    assert case == iso2709.made(9, 4, 50)
    assert load(save(case, tmp_path, "why")) == case
