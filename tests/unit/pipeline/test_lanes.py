"""Lanes: what a statement waits for, that all run once in a right order, and how one that fails ends it."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from transformer.database.session import NoRoom
from transformer.pipeline.lanes import Lanes, waits_for
from transformer.ruleset.compile.context import Statement

PROGRAM = (
    Statement("a", "table", "select 1"),  # 0
    Statement("b", "table", "select 2"),  # 1
    Statement("v", "view", "select * from a"),  # 2
    Statement("o", "output", "select * from v", order="x"),  # 3
    Statement("a", "insert", "select * from b"),  # 4
    Statement("a", "insert", "select 3"),  # 5
    Statement("p", "output", "select * from v join o", order="x"),  # 6
    Statement("a", "update", "set x = 1"),  # 7
    Statement("q", "output", "select * from v", order="x", bucket=("b", "x")),  # 8
    Statement("a", "drop", ""),  # 9
    Statement("r", "output", "select * from o", order="x"),  # 10
)


def test_what_each_waits_for() -> None:
    assert waits_for(PROGRAM) == [
        set(), set(), {0},
        {0, 2},  # a view holds nothing: its table is read
        {0, 1, 2, 3}, {0, 2, 3},  # after those that read the table; one insert not after the other
        {0, 2, 3, 4, 5},
        {0, 2, 3, 4, 5, 6},
        {0, 1, 2, 4, 5, 7},
        {0, 2, 3, 4, 5, 6, 7, 8},
        {3},
    ]  # fmt: skip


class Connection:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}
        self.interrupted = False

    def register(self, name: str, table: Any) -> None:
        self.known[name] = table

    def interrupt(self) -> None:
        self.interrupted = True


@pytest.mark.parametrize("count", [1, 2, 3])
def test_all_run_once_in_a_right_order(count: int) -> None:
    ran: list[int] = []

    def run_one(con: Connection, statement: Statement) -> str:
        number = next(n for n, one in enumerate(PROGRAM) if one is statement)
        assert waits_for(PROGRAM)[number] <= {*ran}
        if number in (6, 10):
            assert con.known["o"] == "made o, registered"
        ran.append(number)
        return f"made {statement.name}"

    made = Lanes(PROGRAM, run_one, lambda rows: f"{rows}, registered").run(
        [Connection() for _ in range(count)]
    )
    assert sorted(ran) == list(range(len(PROGRAM)))
    if count == 1:
        assert ran == sorted(ran)
    assert made == {name: f"made {name}" for name in "opqr"}
    assert [*made] == ["o", "p", "q", "r"]


def test_two_run_at_a_time() -> None:
    both = threading.Barrier(2, timeout=20)
    Lanes(PROGRAM[:2], lambda con, statement: both.wait(), lambda rows: rows).run(
        [Connection(), Connection()]
    )


def test_the_first_that_fails_is_told_and_no_more_begins() -> None:
    ran: list[str] = []

    def run_one(con: Connection, statement: Statement) -> None:
        ran.append(statement.name)
        if statement.name == "o":
            raise ValueError("no room")

    with pytest.raises(ValueError, match="no room"):
        Lanes(PROGRAM, run_one, lambda rows: rows).run([Connection()])
    assert ran == ["a", "b", "v", "o"]


def test_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The statements under way are ended, and their lanes with them."""
    con, ended = Connection(), threading.Event()
    monkeypatch.setattr(con, "interrupt", ended.set)

    def run_one(_: Connection, statement: Statement) -> None:
        assert ended.wait(20)

    def join(thread: threading.Thread, timeout: float | None = None) -> None:
        monkeypatch.undo()
        monkeypatch.setattr(con, "interrupt", ended.set)
        raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "join", join)
    with pytest.raises(KeyboardInterrupt):
        Lanes(PROGRAM, run_one, lambda rows: rows).run([con])
    assert ended.is_set()


def test_what_found_no_room_runs_again_with_nothing_beside_it() -> None:
    both, running, beside, tries = threading.Barrier(2, timeout=20), set(), {}, []

    def run_one(con: Connection, statement: Statement) -> None:
        running.add(statement.name)
        beside.setdefault(statement.name, []).append({*running} - {statement.name})
        try:
            if statement.name in "ab" and len(beside[statement.name]) == 1:
                both.wait()
            if statement.name == "a" and not tries:
                tries.append(1)
                raise NoRoom("memory gave out", "a")
        finally:
            running.discard(statement.name)

    program = (*PROGRAM[:2], Statement("c", "table", "select 4"), Statement("d", "table", "select * from a"))
    Lanes(program, run_one, lambda rows: rows).run([Connection(), Connection()])
    assert [len(beside[name]) for name in "abcd"] == [2, 1, 1, 1]
    assert beside["a"][1] == set()


def test_what_finds_no_room_alone_ends_it() -> None:
    tries = []

    def run_one(con: Connection, statement: Statement) -> None:
        tries.append(statement.name)
        if statement.name == "b":
            raise NoRoom("memory gave out", "b")

    with pytest.raises(NoRoom):
        Lanes(PROGRAM, run_one, lambda rows: rows).run([Connection()])
    assert tries == ["a", "b", "b"]
