"""Statements side by side: each runs as soon as those are done that it needs, on a connection of its own.

The program is a list in order; most of its statements know nothing of one another, and few keep two
processors busy to their end. What each waits for is read from the names in its text. Among those that may run
the first in the list comes first, so that one lane runs the list as it stands.

Two at once may need more memory than there is, where each alone could spill: what found no room runs again
when nothing runs beside it (3,000,000 bibs in 2 GiB: joining the numbers of 4,500,000 rows).

Tried, 1,000,000 bibs with 1,500,000 items and 300,000 patrons, two processors, seconds and processor seconds:
one lane with two threads 23.0 and 37.6; two lanes with one thread each 19.5 and 37.1; two lanes with two
threads that both may use 26.0 and 49.6, since threads wait for one another by turning round. Two lanes keep
two processors busy to 99 % (by the times of 188 statements): another order of the list has nothing to gain.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from transformer.database.session import NoRoom
from transformer.ruleset.compile.context import Statement


class Connection(Protocol):
    """What is asked of a database connection here."""

    def register(self, name: str, table: Any) -> Any:
        """Let statements on it read the table under this name."""
        ...

    def interrupt(self) -> None:
        """Let the statement that it runs end."""
        ...


def waits_for(statements: Sequence[Statement]) -> list[frozenset[int]]:
    """For each statement the numbers of those before it that must be done.

    What writes a table or view that it reads, or that a view which it reads stands on; for what changes or
    drops a table all that read it before. Two inserts into one table do not wait for each other: no
    statement asks for the order of rows that it did not make itself.
    """
    below: dict[str, frozenset[str]] = {}
    writers: dict[str, set[int]] = {}
    readers: dict[str, set[int]] = {}
    inserts: dict[str, set[int]] = {}
    waits = []
    for number, statement in enumerate(statements):
        mentioned = _words(statement) & below.keys()
        reads = mentioned.union(*(below[name] for name in mentioned)) - {statement.name}
        needs = set[int]().union(*(writers[name] for name in reads))
        target = statement.name
        if statement.kind in ("insert", "update", "drop"):
            needs |= writers[target] | readers[target]
            if statement.kind == "insert":
                needs -= inserts[target] - readers[target]
                inserts[target].add(number)
        else:
            below[target] = frozenset(reads) if statement.kind == "view" else frozenset()
            writers[target], readers[target], inserts[target] = set(), set(), set()
        writers[target].add(number)
        for name in reads:
            readers[name].add(number)
        waits.append(frozenset(needs))
    return waits


def _words(statement: Statement) -> set[str]:
    """The words of its text, among them the names of all that it reads."""
    return {*re.findall(r"\w+", statement.body), *statement.bucket[:1]}


class Lanes:
    """Runs statements on several connections. run_one: runs one on a connection; gives what an output made.

    registered: makes of that what a connection reads under the output's name.
    """

    def __init__(
        self,
        statements: Sequence[Statement],
        run_one: Callable[[Any, Statement], Any],
        registered: Callable[[Any], Any],
    ) -> None:
        self._statements = statements
        self._waits = waits_for(statements)
        self._asked = set[str]().union(*map(_words, statements))
        self._run_one, self._registered = run_one, registered
        self._left = list(range(len(statements)))
        self._done: set[int] = set()
        self._made: dict[str, Any] = {}
        self._failed: list[tuple[int, BaseException]] = []
        self._running: set[int] = set()
        self._alone: list[int] = []
        """What is to run again with nothing beside it; the first of them may be running."""
        self._moved = threading.Condition()

    def run(self, connections: Sequence[Connection]) -> dict[str, Any]:
        """Run all; gives what the outputs made, in order. Raises what the first that failed raised."""
        lanes = [threading.Thread(target=self._lane, args=(con,), daemon=True) for con in connections]
        try:
            for lane in lanes:
                lane.start()
            for lane in lanes:
                while lane.is_alive():
                    lane.join(0.2)
        except BaseException:
            with self._moved:
                self._left.clear()
                self._moved.notify_all()
            for con in connections:
                con.interrupt()
            for lane in lanes:
                lane.join()
            raise
        if self._failed:
            raise min(self._failed, key=lambda failed: failed[0])[1]
        return {s.name: self._made[s.name] for s in self._statements if s.name in self._made}

    def _lane(self, con: Connection) -> None:
        seen: set[str] = set()
        while (number := self._next()) is not None:
            statement = self._statements[number]
            try:
                for name, rows in self._new(seen).items():
                    con.register(name, self._registered(rows))
                made = self._run_one(con, statement)
            except BaseException as error:
                if self._again(number, error):
                    continue
                return
            with self._moved:
                if statement.kind == "output":
                    self._made[statement.name] = made
                self._done.add(number)
                self._ended(number)

    def _again(self, number: int, error: BaseException) -> bool:
        """Whether a statement that failed shall run once more, alone. Else nothing more begins."""
        with self._moved:
            again = isinstance(error, NoRoom) and number not in self._alone and not self._failed
            self._ended(number)
            if again:
                self._alone.append(number)
            else:
                self._failed.append((number, error))
                self._left.clear()
                self._alone.clear()
        return again

    def _ended(self, number: int) -> None:
        self._running.discard(number)
        if number in self._alone:
            self._alone.remove(number)
        self._moved.notify_all()

    def _new(self, seen: set[str]) -> Mapping[str, Any]:
        """Outputs that are there, that statements ask for, and that the connection does not know yet."""
        with self._moved:
            wanted = self._made.keys() & self._asked - seen
            fresh = {name: self._made[name] for name in wanted}
        seen.update(fresh)  # `|= fresh.keys()` would make another set
        return fresh

    def _next(self) -> int | None:
        """The number of the next statement to run; None when nothing is left."""
        with self._moved:
            while self._left or self._alone:
                number = self._ready()
                if number is not None:
                    self._running.add(number)
                    return number
                self._moved.wait()
        return None

    def _ready(self) -> int | None:
        """The number of a statement that may run now."""
        if self._alone:
            return None if self._running else self._alone[0]
        for number in self._left:
            if self._waits[number] <= self._done:
                self._left.remove(number)
                return number
        return None
