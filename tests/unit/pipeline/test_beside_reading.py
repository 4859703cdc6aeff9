"""Work that goes on beside reading: threads that are shared, digests of extracts, a log that begins late."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from transformer.engines import Workers, map_ordered
from transformer.engines.progress import Relayed, Silent
from transformer.errors import ExtractError
from transformer.extracts.model import Source
from transformer.pipeline.parts import LoggedParts
from transformer.pipeline.resume import Inputs
from transformer.pipeline.runs import FOLDERS


def test_shared_threads_are_no_more_than_their_number() -> None:
    under_way, most, lock = 0, 0, threading.Lock()

    def work(item: int) -> int:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        time.sleep(0.002)
        with lock:
            under_way -= 1
        return item

    with Workers(2) as workers:
        both = zip(map_ordered(work, range(20), workers), map_ordered(work, range(20), workers), strict=True)
        assert list(both) == [(n, n) for n in range(20)]
    assert most == 2


def test_who_is_stopped_gets_no_more_results() -> None:
    with Workers(2) as workers:
        results = map_ordered(str, range(100), workers)
        assert next(results) == "0"
        workers.stop()
        with pytest.raises(CancelledError):
            list(results)


def test_counts_of_another_thread_are_told_once() -> None:
    told = []

    class Counted(Silent):
        def advance(self, byte_count: int, record_count: int) -> None:
            told.append((byte_count, record_count))

    relayed = Relayed(Counted())
    relayed.advance(5, 1)
    relayed.advance(6, 2)
    relayed.here().advance(100, 10)
    relayed.tell()
    assert told == [(111, 13)]


def test_inputs_and_a_log_that_begins_when_they_are_known(tmp_path: Path) -> None:
    extract, run = tmp_path / "bib.mrc", tmp_path / "run"
    extract.write_bytes(b"invented")
    for folder in FOLDERS:
        (run / folder).mkdir(parents=True)
    sources = {"bib": (Source(extract, "iso2709", extract="bib"),)}
    parts = LoggedParts(run, sources)
    parts.log("stage/first", None)
    assert not list(run.glob("work/*.jsonl"))
    with Inputs(sources) as inputs:
        inputs.when_known(lambda known: parts.begin({"inputs": known}))
        assert inputs.known() == [("bib", "bib.mrc", 8, hashlib.sha256(b"invented").hexdigest())]
        extract.write_bytes(b"invented anew")
        with pytest.raises(ExtractError, match="has changed while it was read"):
            inputs.known()
    parts.log("stage/second", None)
    parts.close()
    (log,) = run.glob("work/*.jsonl")
    lines = [json.loads(line) for line in log.read_bytes().splitlines()]
    assert [line.get("part", "run") for line in lines] == ["run", "stage/first", "stage/second"]
