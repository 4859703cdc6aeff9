"""One shard of a synthetic library: a fixed number of bibs with their items, and its share of the patrons.

A shard is a function of the job and its own number, so it does not matter which process makes it, or when.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from transformer.synth import bibs as b
from transformer.synth import calendar, holdings, item_text, movements, patrons, records
from transformer.synth import items as it
from transformer.synth.answers import Answers
from transformer.synth.draw import BOOL, Draws, take
from transformer.synth.lists import ListWriter
from transformer.synth.pools import Group, Pools, build, singles
from transformer.synth.shape import Shape, load

SHARD_BIBS = 10_000
SAMPLE = 400


@dataclass(frozen=True, slots=True)
class Job:
    """What to make: all that shards need to know."""

    shape: str
    layout: str
    bibs: int
    patrons: int
    seed: int
    dirt: float
    items_per_bib: float
    listed: bool
    serials: bool

    @property
    def shard_count(self) -> int:
        """Number of shards."""
        return -(-self.bibs // SHARD_BIBS)

    def as_dict(self) -> dict[str, Any]:
        """For passing on as JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Made:
    """What one shard comes to: bytes for each file (by kind: bib, item, loan ...), counts, sample rows."""

    files: dict[str, bytes]
    counts: dict[str, Any]
    rows: dict[str, list[dict[str, Any]]]


class Maker:
    """Makes the shards of one job; holds the pools, which all of them share."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.shape: Shape = load(Path(job.shape), job.layout)
        kinds = [kind["type"] + kind["level"] for kind in self.shape.at("bib", "kind")]
        languages = self.shape.codes("bib", "language").codes
        calls = self.shape.codes("bib", "call_number").codes
        self.pools: Pools = build(job.seed, languages, kinds, calls, self.shape.layout.encoding)

    def shard(self, number: int) -> Made:
        """The shard of this number, from 0."""
        job, shape = self.job, self.shape
        draws = Draws(job.seed, number)
        index = np.arange(number * SHARD_BIBS, min((number + 1) * SHARD_BIBS, job.bibs))
        bibs = b.columns(shape, draws, index, b.damaged(shape, draws, len(index), job.dirt, number == 0))
        people = self._people(draws, number)
        # A shard of few people may have none whose row can be read: nothing is lent there.
        lenders = bool((people.dirt != people.broken).any())
        items = self._items(draws, bibs, self._item_settings(number, lenders))
        notes = draws.chance("local note", len(index), shape.share("item", "share", "local_note_field"))
        made = records.build(shape, self.pools, draws, bibs, self._system(draws, bibs, items, notes))
        records.damage(made, shape.at("dirt", "bib"), bibs.damage)
        held = holdings.build(shape, draws, bibs, items, number, job.dirt)
        files = {"bib": b"".join(map(bytes.__add__, made, held.records))}
        if job.listed:
            files["item"] = item_text.listed(shape, draws, bibs, items)
        moved = {}
        if job.patrons:
            broken = np.flatnonzero(people.dirt == people.broken).tolist()
            files["patron"] = ListWriter(shape, "patron").rows(people.cells, broken)
            for what, make in (("loan", movements.loans), ("request", movements.requests)):
                if what in shape.tree:
                    moved[what] = make(shape, draws, items, people, number, job.dirt)
                    files[what] = moved[what].text
        if shape.get("list", "holdings", default=None):
            files["holdings"] = held.text
        answers = Answers(shape, self.pools, bibs, items, held, moved, job.bibs)
        files |= item_text.of_some(shape, items, answers.kept)
        counts = answers.counts(notes & bool(shape.layout.item))
        counts["bib"]["records"] = sum(map(records.parts, made))
        counts |= {what: movement.counts for what, movement in moved.items()}
        counts["patron"] = patrons.tally(shape, people)
        counts["dirt"] |= {kind: counts[kind].pop("dirt") for kind in ("patron", *moved)}
        return Made(files, counts, self._rows(answers, people, number))

    def _people(self, draws: Draws, number: int) -> patrons.PatronColumns:
        job = self.job
        index = np.arange(
            job.patrons * number // job.shard_count, job.patrons * (number + 1) // job.shard_count
        )
        return patrons.columns(self.shape, draws, index, job.dirt)

    def _items(self, draws: Draws, bibs: b.BibColumns, settings: it.ItemSettings) -> it.ItemColumns:
        """The items: made, soiled, lent, and at odds with themselves."""
        shape = self.shape
        items = it.columns(shape, self.pools, draws, bibs, settings)
        items = it.soil(shape, draws, bibs, items, settings)
        items = it.occupy(shape, draws, bibs, items, settings)
        return it.disagree(shape, draws, items, (items.dirt >= 0) | (bibs.damage >= 0)[items.bib])

    def _rows(
        self, answers: Answers, people: patrons.PatronColumns, number: int
    ) -> dict[str, list[dict[str, Any]]]:
        """The key's sample of full rows."""
        rows = answers.rows(number)
        index = people.number - self.shape.number.first["patron"]
        step = max(1, self.job.patrons // SAMPLE)
        rows["patron"] = patrons.rows(self.shape, people, np.flatnonzero(index % step == 0).tolist())
        return rows

    def _item_settings(self, number: int, lenders: bool) -> it.ItemSettings:
        job = self.job
        most = int(SHARD_BIBS * (2 * job.items_per_bib + 0.5))
        return it.ItemSettings(
            per_bib=job.items_per_bib,
            listed=job.listed,
            embedded=self.shape.layout.item is not None,
            serials=job.serials,
            first_serial=number * most,
            most=most,
            orphan_from=self.shape.number.first["bib"] + 3 * job.bibs + 1000 + number * most,
            dirt=job.dirt,
            people=lenders,
        )

    def _system(
        self, draws: Draws, bibs: b.BibColumns, items: it.ItemColumns, notes: BOOL
    ) -> list[list[Group]]:
        """The system's own fields, as columns of groups: record data, then notes and items."""
        shape, n = self.shape, len(bibs.index)
        places = it.bib_locations(shape, items, n)
        pad, kinds = shape.layout.pad, shape.at("bib", "kind")
        kind = bibs.kind.tolist()
        blank = b" " * 5
        first, last = shape.at("date", "first"), shape.at("date", "last")
        today = calendar.day_number(first, shape.as_of)
        updated = bibs.created + (draws.unit("bib updated", n) * (today - bibs.created)).astype(np.int64)
        created = calendar.written(first, last, shape.layout.date, bibs.created)
        languages = take(self.pools.languages, bibs.language.tolist())
        columns = {
            "number": shape.number.listed("bib", bibs.number, shape.layout.marc_form),
            "created": created,
            "cataloged": created,
            "updated": calendar.written(first, last, shape.layout.date, updated),
            "location": [it.joined(codes) for codes in places],
            "location_or_multi": [(c[0] if len(c) == 1 else b"multi").ljust(len(blank)) for c in places],
            "level": [kinds[k]["level"].encode() for k in kind],
            "material": [kinds[k]["material"].encode().ljust(pad.get("material", 0)) for k in kind],
            "suppress": bibs.suppress,
            "language": [pool.code for pool in languages],
            "country": [
                b.country(pool, head) for pool, head in zip(languages, bibs.head.tolist(), strict=True)
            ],
            "copies": [b"%d" % c for c in np.bincount(items.bib, minlength=n).tolist()],
            "item_type": take(shape.codes("item", "item_type").written, [0] * n),
            "scheme": [shape.texts("item", "schemes")[0]] * n,
        }
        made = [singles(template.tag, template.render(columns, n)) for template in shape.layout.fields]
        if shape.layout.item is not None:
            made.append(item_text.fields(shape, draws, items, notes))
        return made
