"""Which things a typed number means: a record number in any of its forms, a barcode, a patron's id.

A record number is looked for with and without its letter, its check digit and the site's prefix. Barcodes of
items stand in `item_index`; ids of patrons are in no table of the run and are looked for in the delivered
patron files. Where nothing has the number, those that are nearest by shape are named.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow.compute as pc

from transformer.database.session import literal
from transformer.pipeline.explain_run import AskedRun, Row
from transformer.pipeline.explain_written import files_of, line_with
from transformer.ruleset.compile.context import Context
from transformer.ruleset.compile.number import body_sql, delivered_sql

if TYPE_CHECKING:
    import duckdb

KINDS: Final = ("bib", "holdings", "item", "patron")
NEAR_MOST: Final = 5


@dataclass(frozen=True, slots=True)
class Match:
    """A thing: kind, key, number as delivered; how it was found, in words; its rows of the key index."""

    kind: str
    key: str
    number: str
    why: str
    places: tuple[Row, ...]


def find(run: AskedRun, con: duckdb.DuckDBPyConnection, asked: str, kind: str) -> list[Match]:
    """Everything that the typed text means. kind: one of KINDS, or empty for any."""
    kinds = [kind] if kind else [k for k in KINDS if k in run.ruleset.rules.number or k == "holdings"]
    text = asked.strip()
    found = [match for one in kinds for match in _by_number(run, con, text, one)]
    if "item" in kinds:
        found += _by_barcode(run, text)
    if "patron" in kinds and not found:
        found += _by_patron_id(run, con, text)
    return list({(match.kind, match.key): match for match in reversed(found)}.values())[::-1]


def bodies(run: AskedRun, con: duckdb.DuckDBPyConnection, text: str, kind: str) -> list[str]:
    """What may be the digits of a number of that kind, without letter, prefix and signs."""
    if kind not in run.ruleset.rules.number:
        return [text]
    context = Context(run.ruleset, run.project, run.day, {})
    prefix = run.project.numbers.prefix
    letter = context.number_kind(kind)[0].letter
    forms = [text, text.removeprefix(prefix) if prefix else text]
    forms += [letter + form for form in forms if letter and form[:1].isdigit()]
    listed = ", ".join(body_sql(context, kind, literal(form)) for form in dict.fromkeys(forms))
    row = con.sql(f"select {listed}").fetchall()[0]
    return [body for body in dict.fromkeys(row) if body]


def keys_of(run: AskedRun, con: duckdb.DuckDBPyConnection, text: str, kind: str) -> list[str]:
    """Keys that the text may mean: with its last digit, and without it where that is a check digit."""
    keys = []
    for body in bodies(run, con, text, kind):
        keys.append(body)
        if kind in run.ruleset.rules.number:
            shape = run.ruleset.rules.number_shape[run.ruleset.rules.number[kind].shape]
            if shape.check_digit and len(body) > 1:
                keys.append(body[:-1])
    return list(dict.fromkeys(keys))


def match_of(run: AskedRun, kind: str, key: str, why: str) -> Match | None:
    """The thing with that key, or None."""
    places = run.rows("key_index", kind=kind, key=key)
    return Match(kind, key, places[0]["number"], why, tuple(places)) if places else None


def _by_number(run: AskedRun, con: duckdb.DuckDBPyConnection, text: str, kind: str) -> Iterator[Match]:
    keys = keys_of(run, con, text, kind)
    rows = run.rows("key_index", kind=kind, key=keys) if keys else []
    told = {row["key"]: row["number"] for row in rows}
    exact = [key for key in keys if told.get(key) == text]
    for key in exact or [key for key in keys if key in told][:1]:
        why = f"{kind} number"
        if told[key] != text:
            why += f", delivered as {told[key]}"
        yield Match(kind, key, told[key], why, tuple(row for row in rows if row["key"] == key))


def _by_barcode(run: AskedRun, text: str) -> Iterator[Match]:
    """Items with that barcode, as it is delivered: without blanks."""
    wanted = "".join(text.split())
    rows = run.rows("item_index", barcode=wanted) if wanted else []
    for row in rows[:NEAR_MOST]:
        yield from _of_number(run, "item", row["number"], "barcode of an item")
    had = run.rows("item_double", column="barcode", value=wanted) if run.has("item_double") else []
    for row in had[:NEAR_MOST]:
        found = match_of(run, "item", row["key"], "barcode of an item before the rules changed it")
        if found is not None:
            yield found


def _of_number(run: AskedRun, kind: str, number: str, why: str) -> Iterator[Match]:
    """The thing with a delivered number: its key is found by what the number is made of."""
    places = [row for row in run.rows("key_index", kind=kind, number=number)]
    if places:
        yield Match(kind, places[0]["key"], number, why, tuple(places))


def _by_patron_id(run: AskedRun, con: duckdb.DuckDBPyConnection, text: str) -> Iterator[Match]:
    """Patrons with that id or barcode in the delivered files."""
    context = Context(run.ruleset, run.project, run.day, {})
    if "patron" not in run.ruleset.rules.number or len(text) < 3:
        return
    seen: set[str] = set()
    for file in files_of(run, "patron/"):
        for cells in line_with(run.folder / "out" / file.name, text):
            for cell in cells:
                if cell in seen:
                    continue
                seen.add(cell)
                for key in keys_of(run, con, cell, "patron"):
                    made = con.sql(f"select {delivered_sql(context, 'patron', literal(key))}").fetchall()
                    found = match_of(run, "patron", key, "id of a patron") if made[0][0] == cell else None
                    if found is not None:
                        yield found
            if len(seen) > 200:
                return


def nearest(run: AskedRun, con: duckdb.DuckDBPyConnection, asked: str, kind: str) -> tuple[str, ...]:
    """Numbers like it, each with what differs, in words."""
    text = asked.strip()
    said: dict[str, None] = {}
    for one in KINDS:
        keys = keys_of(run, con, text, one)
        digits = "".join(c for c in text if c.isdigit())
        others = [digits, digits[:-1]] if len(digits) > 4 else []
        rows = run.rows("key_index", kind=one, key=[*keys, *others]) if keys or others else []
        for row in rows:
            article = "an" if one == "item" else "a"
            said[f"{one} {row['number']}: the same digits, as the number of {article} {one}"] = None
        if not said and keys and (not kind or one == kind):
            for number in _alike(run, one, keys):
                said[f"{one} {number}: differs in a character or two"] = None
    barcode = "".join(text.split())
    if not said and len(barcode) > 5:
        column = run.column("item_index", "number", "barcode").column("barcode")
        starts = column.filter(pc.starts_with(column, barcode[: max(5, len(barcode) - 3)])).to_pylist()
        for found in difflib.get_close_matches(barcode, starts[:5000], n=3, cutoff=0.8):
            said[f"barcode {found}: differs in a character or two"] = None
    return tuple(list(said)[:NEAR_MOST])


def _alike(run: AskedRun, kind: str, wanted: list[str]) -> list[str]:
    """Numbers whose keys are as long and begin alike."""
    table = run.column("key_index", "kind", "key", "number")
    begin = min(wanted, key=len)[:-2]
    same = pc.and_(pc.equal(table.column("kind"), kind), pc.starts_with(table.column("key"), begin))
    number_of = {row["key"]: row["number"] for row in table.filter(same).slice(0, 5000).to_pylist()}
    close = [w for key in wanted for w in difflib.get_close_matches(key, number_of, n=3, cutoff=0.8)]
    return list(dict.fromkeys(number_of[word] for word in close))[:3]
