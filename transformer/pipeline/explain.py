"""`explain`: what a run did with one thing, found anew from the extracts' bytes and the run's tables.

A run keeps no log of every rule and every row. It keeps where each number stands (`key_index`), what hangs
on what (`row_link`), what was decided about whole files, and its rules; so what the rules did to one thing
is found by doing it again to that thing alone. Measured: see `bench/explain.py`.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from transformer.extracts.spool import Spool
from transformer.pipeline.explain_bib import bib_thing
from transformer.pipeline.explain_find import Match, find, nearest
from transformer.pipeline.explain_issues import issues_of
from transformer.pipeline.explain_mask import masked
from transformer.pipeline.explain_replay import Replay, keys_named
from transformer.pipeline.explain_rows import row_thing
from transformer.pipeline.explain_run import AskedRun, Row, asked_run
from transformer.pipeline.explain_stage import Gathered, gather, tables_of
from transformer.reports.explained import Explanation, Thing

if TYPE_CHECKING:
    import duckdb

THINGS_MOST = 5
"""Things that one number may mean and that are explained; others are named."""


def explain(place: Path, asked: str, *, kind: str = "", show_personal: bool = False) -> Explanation:
    """What became of the thing with that number, barcode or id in the run at `place`.

    kind: bib, holdings, item or patron where a number may mean several; empty = any. Values of people are
    masked unless `show_personal`. Raises UsageError where there is no run, or one of an older version.
    """
    from transformer.database.session import Settings, open_session

    with _no_look_for_cycles(), Spool() as spool:
        run = asked_run(place, spool)
        # A few rows: a second thread costs more than it does.
        con = open_session(Settings(threads=1))
        try:
            matches = find(run, con, asked, kind)
            near = () if matches else nearest(run, con, asked, kind)
            things = tuple(_thing(run, con, match) for match in matches[:THINGS_MOST])
        finally:
            con.close()
            run.close()
        if len(matches) > THINGS_MOST:
            more = ", ".join(f"{m.kind} {m.number}" for m in matches[THINGS_MOST:][:20])
            run.notes.append(f"The number also means {more}.")
    if not show_personal:
        things = tuple(masked(thing) for thing in things)
    return Explanation(asked, str(run.folder), things, near, tuple(dict.fromkeys(run.notes)))


@contextlib.contextmanager
def _no_look_for_cycles() -> Iterator[None]:
    """One question is short: to look through numba's and the rules' objects for cycles took 0.2 to 0.3 of its
    2.1 s of processor time, and nothing of size hangs on them."""
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked:
            gc.enable()


def _thing(run: AskedRun, con: duckdb.DuckDBPyConnection, match: Match) -> Thing:
    gathered = _gathered(run, con, match)
    replay = Replay(run, con, tables_of(run, gathered))
    if match.kind == "bib" and replay.reads_items():
        _gather_items(run, gathered, match)
        replay = Replay(run, con, tables_of(run, gathered))
    explained = bib_thing if match.kind in ("bib", "holdings") else row_thing
    thing = explained(run, replay, match, gathered)
    run.notes += gathered.lost
    return issues_of(run, thing, match)


def _bibs_of(run: AskedRun, con: duckdb.DuckDBPyConnection, gathered: Gathered) -> list[Row]:
    """Where the bibs stand that the item's rows name, and all with the number of those it is embedded in.

    Which bib a row names is for the rules to say: a small replay before the whole one.
    """
    first = Replay(run, con, tables_of(run, gathered))
    keys = keys_named(first, "bib_key", "key") + keys_named(first, "item_row_key", "parent_key")
    for name, _ in run.ruleset.adding("item"):
        keys += keys_named(first, f"{name}_add", "parent_key")
    return run.rows("key_index", kind="bib", key=keys) if keys else []


def _gather_items(run: AskedRun, gathered: Gathered, match: Match) -> None:
    """The rows of a bib's items and what hangs on them, where edits of bibs ask for them."""
    numbers = [row["item_number"] for row in run.rows("bib_item", bib_number=match.number)]
    places = run.rows("key_index", kind="item", number=numbers) if numbers else []
    gather(run, gathered, places, show=False)
    keys = {row["key"] for row in places}
    gather(run, gathered, run.rows("row_link", of_kind="item", of_key=keys) if keys else [], show=False)


def _gathered(run: AskedRun, con: duckdb.DuckDBPyConnection, match: Match) -> Gathered:
    """Everything that the thing is made of: its own places, its bib, what hangs on it, their patrons."""
    gathered = Gathered()
    gather(run, gathered, match.places)
    linked = run.rows("row_link", of_kind=match.kind, of_key=match.key) if run.has("row_link") else []
    gather(run, gathered, linked)
    if match.kind == "item":
        gather(run, gathered, _bibs_of(run, con, gathered), what="bib")
    patrons = sorted({row["patron_key"] for row in linked if row["patron_key"]})
    if patrons:
        gather(run, gathered, run.rows("key_index", kind="patron", key=patrons), show=False)
    return gathered
