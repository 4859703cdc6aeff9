"""What should come out of one shard, told from what was planted in it."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from transformer.synth import bibs as b
from transformer.synth import calendar
from transformer.synth import items as it
from transformer.synth.draw import BOOL, I64
from transformer.synth.holdings import Holdings
from transformer.synth.movements import LOAN_DAYS, Movements, known_loans
from transformer.synth.pools import Pools
from transformer.synth.shape import Shape

SAMPLE_BIBS = 400
DIRTY_ROWS = 120
DELIVERED, UNREAD = "delivered", "unread"


class Answers:
    """Counts and rows of one shard. An item's outcome is `delivered`, `unread` (its field stands only in a
    bib that cannot be read), or why it is set aside: `bib-missing`, `location-unmapped`, `field-count`."""

    def __init__(
        self, shape: Shape, pools: Pools, bibs: b.BibColumns, items: it.ItemColumns, held: Holdings,
        moved: dict[str, Movements], total: int,
    ) -> None:  # fmt: skip
        self.shape, self.pools, self.bibs, self.items, self.total = shape, pools, bibs, items, total
        self.held, self.moved = held, moved
        self.item_kinds = list(shape.at("dirt", "item"))
        self.bib_kinds = list(shape.at("dirt", "bib"))
        repaired = [self.bib_kinds.index(kind) for kind in shape.at("dirt", "bib_repaired")]
        field = shape.layout.item
        self.field_has_message = field is not None and "message" in [name for _, name in field.parts]
        self.readable: BOOL = np.isin(bibs.damage, [-1, *repaired])
        self.outcome = self._outcomes()
        self.kept: BOOL = np.asarray([outcome == DELIVERED for outcome in self.outcome], np.bool_)
        embedded = self._delivered_from() == it.EMBEDDED
        lost = moved["loan"].lost if "loan" in moved else set()
        # What is charged to somebody who is no person is not on loan.
        stand_ins = {code.encode() for code in shape.get("loan", "stand_in", default={})}
        people = np.asarray([code not in stand_ins for code in items.status], np.bool_)
        self.lent: BOOL = known_loans(shape, items, lost, ~embedded, embedded) & self.kept & people
        missed = moved["request"].lost if "request" in moved else set()
        self.shelf: BOOL = items.shelf & self.kept
        self.shelf[sorted(missed)] = False

    def _is(self, kind: str) -> BOOL:
        if kind not in self.item_kinds:
            return np.zeros(len(self.items.dirt), np.bool_)
        return np.asarray(self.items.dirt == self.item_kinds.index(kind))

    def _outcomes(self) -> list[str]:
        """One outcome an item."""
        source, whole = self.items.source, self.readable[self.items.bib]
        made = np.full(len(source), DELIVERED, dtype="<U20")
        made[~whole] = "bib-missing"
        made[~whole & (source == it.EMBEDDED)] = UNREAD
        made[self._is("bib-missing")] = "bib-missing"
        made[self._is("location-unmapped")] = "location-unmapped"
        # A broken row of an item that stands in its bib too costs the row only: the field remains.
        made[self._is("field-count") & (source == it.LISTED)] = "field-count"
        return made.tolist()

    def _delivered_from(self) -> I64:
        """Which source an item comes from in the end."""
        return np.where(
            self._is("field-count") & (self.items.source == it.BOTH), it.EMBEDDED, self.items.source
        )

    def counts(self, notes: BOOL) -> dict[str, Any]:
        """The counts of this shard, as `key` describes them. notes: bibs with a note in an item's tag."""
        items, kept = self.items, self.kept.tolist()
        embedded = (items.source != it.LISTED) & self.readable[items.bib]
        listed = items.source != it.EMBEDDED
        both = self.kept & (self._delivered_from() == it.BOTH)
        reasons = Counter(o for o in self.outcome if o not in (DELIVERED, UNREAD))
        item = {
            "planted": len(kept),
            "embedded_fields": int(embedded.sum()) + int((embedded & (items.also >= 0)).sum()),
            "list_rows": int(listed.sum()),
            "list_rows_wrong": int((listed & self._is("field-count")).sum()),
            "unread": self.outcome.count(UNREAD),
            "delivered": sum(kept),
            "set_aside": dict(reasons),
            "delivered_from": _tally(self._sources(), kept),
            "delivered_by": {
                "location": _tally(
                    _texts(items.location, items.location_in_bib, self._delivered_from()), kept
                ),
                "status": _tally(_texts(items.status, items.status_in_bib, self._delivered_from()), kept),
                "item_type": _tally([t.decode() for t in items.item_type], kept),
            },
            "conflict": {
                "location": _differ(items.location, items.location_in_bib, both),
                "status": _differ(items.status, items.status_in_bib, both),
            },
            "on_loan": int(self.lent.sum()),
            "on_shelf": int(self.shelf.sum()),
            "bound_with": int((self.kept & (items.also >= 0)).sum()),
            "no_bib_number": int((both & (items.bib_number == 0)).sum()),
            "call_number_from": _tally([self._call(at)[2] for at in range(len(kept))], kept),
        }
        counts = {"bib": self._bib_counts(notes), "item": item, "dirt": self._dirt()}
        held = self._holdings()
        return counts | {"holdings": held, "issue": self._issues(item, held)}

    def _issues(self, item: dict[str, Any], held: dict[str, Any]) -> dict[str, int]:
        """What should be told: "kind code column" -> how many things (of doubles: values) it is told of."""
        kept, rows = self.kept, self._delivered_from() != it.EMBEDDED
        more = np.asarray([bool(code) for code in self.items.more_barcode], np.bool_)
        said = {
            "item item-no-bib": item["set_aside"].get("bib-missing", 0),
            "item location-unmapped library, location": item["set_aside"].get("location-unmapped", 0),
            "item row-field-count": item["list_rows_wrong"],
            "item bad-date arrival_date": sum(
                not self._awaited(at) for at in np.flatnonzero(kept & self._is("bad-date")).tolist()
            ),
            "item code-unmapped base_status": int((kept & self._is("status-unknown")).sum()),
            "item code-unmapped item_policy, physical_material_type": int(
                (kept & self._is("type-unknown")).sum()
            ),
            "item value-duplicate barcode": int((kept & self._is("duplicate-barcode")).sum()),
            "item value-missing barcode": int((kept & self._is("blank-barcode")).sum()),
            "item value-missing call_number": item["call_number_from"].get("", 0),
            "item repeats-left-out barcode": int((kept & rows & more).sum()),
            "item source-conflict location": item["conflict"]["location"],
            "item source-conflict status": item["conflict"]["status"],
            "holdings holdings-no-bib": held["set_aside"].get("bib-missing", 0),
            "holdings location-unmapped library, location": held["set_aside"].get("location-unmapped", 0),
        }
        for kind in ("loan", "request"):
            if kind in self.moved:
                counts = self.moved[kind].counts
                said |= {f"{kind} {code}": counts["set_aside"].get(dirt, 0) for dirt, code in (
                    ("item-missing", f"{kind}-no-item"), ("field-count", "row-field-count"),
                    ("left-out", "row-left-out"))}  # fmt: skip
                said[f"{kind} {kind}-no-patron"] = counts["no_patron"] + counts.get("stand_ins", 0)
        if "loan" in self.moved:
            said["item bad-date due_back_date"] = len(self.moved["loan"].bad_date)
        return said

    def _holdings(self) -> dict[str, Any]:
        """Holdings that should come out: those that the system has, and one for each bib, place and call
        number of items that go with none of them."""
        shape, items, held = self.shape, self.items, self.held
        expected = shape.at("expected", "location")
        number = {code: place for place, code in enumerate(expected)}
        texts = _texts(items.location, items.location_in_bib, self._delivered_from())
        whole = shape.layout.call_form == "plain"
        # In the list a call number is one text, in the bib's field two parts: two of 852, unless both say it.
        # An item's own number that is the bib's, of the same scheme, is none of its own.
        scheme, first = shape.at("expected", "scheme"), min(self.pools.calls)
        same = [
            scheme.get("item", "") == scheme[first] and self._tag(bib) == first
            for bib in range(len(self.bibs.index))
        ]
        own = [
            (2 if whole and source == it.LISTED else 1) if call[0] and not same[bib] else 0
            for bib, call, source in zip(
                items.bib.tolist(), items.call, self._delivered_from().tolist(), strict=True
            )
        ]
        rows = zip(items.bib.tolist(), texts, own, self.kept.tolist(), strict=True)
        groups = {(bib, number[code], kind) for bib, code, kind, kept in rows if kept}
        good = [
            (bib, number[code])
            for bib, code, dirt in zip(held.bib, held.location, held.dirt, strict=True)
            if not dirt
        ]
        made = held.counts()
        if shape.get("holdings", "fields", default=None):
            covered = set(good)
            beside = {group for group in groups if group[:2] not in covered}
            made |= {"delivered": len(good) + len(beside), "made": len(beside)}
        else:
            groups |= {(bib, place, 0) for bib, place in good}
            made |= {"delivered": len(groups), "made": len(groups)}
        return made

    def _sources(self) -> list[str]:
        return [it.SOURCES[s] for s in self._delivered_from().tolist()]

    def _bib_counts(self, notes: BOOL) -> dict[str, Any]:
        """Counts of bibs; those by code are of bibs that can be read."""
        readable = self.readable.tolist()
        codes = _tally([code.decode() for code in self.bibs.suppress], readable)
        suppressing = self.shape.at("expected", "suppressed")
        lost = Counter(self.bib_kinds[k] for k in self.bibs.damage[~self.readable].tolist())
        repaired = Counter(self.bib_kinds[k] for k in self.bibs.damage[self.readable].tolist() if k >= 0)
        languages = [self.pools.languages[at].code.decode() for at in self.bibs.language.tolist()]
        return {
            "planted": len(readable),
            "delivered": sum(readable),
            "set_aside": dict(lost),
            "repaired": dict(repaired),
            "suppress_code": codes,
            "suppressed": sum(codes.get(code, 0) for code in suppressing),
            "language": _tally(languages, readable),
            "local_note_fields": int((notes & self.readable).sum()),
        }

    def _dirt(self) -> dict[str, Any]:
        return {
            "bib": {kind: int((self.bibs.damage == k).sum()) for k, kind in enumerate(self.bib_kinds)},
            "item": {kind: int(self._is(kind).sum()) for kind in self.item_kinds},
        }

    def rows(self, shard: int) -> dict[str, list[dict[str, Any]]]:
        """Full rows of every so many bibs and their items, and of the first dirty ones of all."""
        step = max(1, self.total // SAMPLE_BIBS)
        sampled = self.bibs.index % step == 0
        bib_at, item_at = sampled | ((self.bibs.damage >= 0) & (shard == 0)), sampled[self.items.bib]
        if shard == 0:
            item_at[np.flatnonzero(self.items.dirt >= 0)[:DIRTY_ROWS]] = True
        return {
            "bib": [self._bib_row(at) for at in np.flatnonzero(bib_at).tolist()],
            "item": [self._item_row(at) for at in np.flatnonzero(item_at).tolist()],
        }

    def _bib_row(self, at: int) -> dict[str, Any]:
        bibs, shape = self.bibs, self.shape
        pool = self.pools.languages[int(bibs.language[at])]
        kind = shape.at("bib", "kind")[int(bibs.kind[at])]
        source, control = bibs.control_source[at].decode(), bibs.control[at].decode()
        damage = int(bibs.damage[at])
        suppress = bibs.suppress[at].decode()
        number = shape.number.listed("bib", bibs.number[at : at + 1], shape.layout.marc_form)[0].decode()
        own = control == number
        return {
            "index": int(bibs.index[at]),
            "number": str(bibs.number[at]),
            "number_written": number,
            "outcome": DELIVERED if self.readable[at] else "set-aside",
            "damage": self.bib_kinds[damage] if damage >= 0 else "",
            "leader_06_07": kind["type"] + kind["level"],
            "control": control,
            "control_source": source,
            "expected_035": f"({source}){control}" if source and not own else "",
            "expected_035_is_there_already": bool(bibs.has_035[at]),
            "title": unicodedata.normalize("NFC", b.first_title(pool, int(bibs.head[at])))
            if shape.layout.encoding == "marc-8"
            else b.first_title(pool, int(bibs.head[at])),
            "language": pool.code.decode(),
            "suppress_code": suppress,
            "suppressed": suppress in shape.at("expected", "suppressed"),
            "call_numbers": self._calls_of_bib(at),
            "item_numbers": [str(n) for n in self.items.number[self.items.bib == at].tolist()],
        }

    def _calls_of_bib(self, at: int) -> dict[str, list[str]]:
        made = b.call_numbers(self.pools, self.bibs.call_tags[at], int(self.bibs.call[at]))
        return {tag: [part.decode() for part in parts] for tag, parts in made.items()}

    def _call(self, at: int) -> tuple[str, str, str]:
        """An item's call number in two parts and the tag it came from: "" = none, "item" = its own."""
        own = self.items.call[at]
        if own[0]:
            return own[0].decode(), own[1].decode(), "item"
        bib = int(self.items.bib[at])
        if not (tag := self._tag(bib)):
            return "", "", ""
        first, second = self.pools.calls[tag][int(self.bibs.call[bib])]
        return first.decode(), second.decode(), tag

    def _tag(self, bib: int) -> str:
        """The tag that a bib's call number comes from; "" = none."""
        tags = self.bibs.call_tags[bib].split("+")
        return next((tag for tag in self.shape.at("expected", "call_number_order") if tag in tags), "")

    def _status(self, code: str, lent: bool, shelf: bool) -> dict[str, str]:
        """What a status should become; all empty for a code that no map knows. A loan decides, then the hold
        shelf; what is said of such a status with a loan goes before what is said of all loans."""
        names, expected = (
            ("label", "base_status", "process_type", "note", "condition"),
            self.shape.tree["expected"],
        )
        made: dict[str, str] = dict(zip(names, expected["status"].get(code, [""] * len(names)), strict=True))
        if lent:
            made |= expected["on_loan"] | expected.get("status_on_loan", {}).get(code, {})
        elif shelf:
            made |= expected["on_shelf"]
        return made

    def _said(self, at: int) -> dict[str, str]:
        """What the status of an item should become, with its loan and its place on the hold shelf."""
        embedded = self._delivered_from()[at] == it.EMBEDDED
        code = (self.items.status_in_bib if embedded else self.items.status)[at].decode()
        return self._status(code, bool(self.lent[at]), bool(self.shelf[at]))

    def _awaited(self, at: int) -> bool:
        """Whether an item is on order: it has not arrived, so no date is read as that of its arrival."""
        return self._said(at)["process_type"] == "ACQ"

    def _item_row(self, at: int) -> dict[str, Any]:
        items, expected = self.items, self.shape.tree["expected"]
        dirt, bib = int(items.dirt[at]), int(items.bib[at])
        source = int(self._delivered_from()[at])
        embedded = source == it.EMBEDDED
        location = (items.location_in_bib if embedded else items.location)[at].decode()
        status = (items.status_in_bib if embedded else items.status)[at].decode()
        kind = items.item_type[at].decode()
        first, second, tag = self._call(at)
        orphan = dirt >= 0 and self.item_kinds[dirt] == "bib-missing"
        created = calendar.table(self.shape.at("date", "first"), self.shape.at("date", "last"), "ISO")
        undated = self._awaited(at) or (dirt >= 0 and self.item_kinds[dirt] == "bad-date")
        return {
            "number": str(items.number[at]),
            "number_written": self.shape.number.listed(
                "item", items.number[at : at + 1], self.shape.layout.marc_form
            )[0].decode(),
            "bib_number": str(items.bib_number[at] if orphan else self.bibs.number[bib]),
            "source": it.SOURCES[int(items.source[at])],
            "outcome": self.outcome[at],
            "dirt": self.item_kinds[dirt] if dirt >= 0 else "",
            "barcode": items.barcode[at].decode(),
            "more_barcode": "" if embedded else items.more_barcode[at].decode(),
            "location": location,
            "location_in_bib": items.location_in_bib[at].decode(),
            "status": status,
            "status_in_bib": items.status_in_bib[at].decode(),
            "item_type": kind,
            "volume": items.volume[at].decode(),
            "created": "" if undated else created[int(items.created[at])].decode(),
            "call_number": [first, second],
            "call_number_from": tag,
            "expected_scheme": expected["scheme"].get(tag, ""),
            "expected_library_location": expected["location"].get(location, ["", ""]),
            "on_loan": bool(self.lent[at]),
            "on_shelf": bool(self.shelf[at]),
            "due": self._due(at, created),
            "also_on": str(self.bibs.number[items.also[at]]) if items.also[at] >= 0 else "",
            "notes": [n.decode() for n in (items.note[at], b"" if embedded else items.more_note[at]) if n],
            "message": "" if embedded and not self.field_has_message else items.message[at].decode(),
            "expected_status": self._said(at),
            "expected_source_status": self._source_status(status),
            "expected_policy_material": expected["item_type"].get(kind, ["", ""]),
        }

    def _source_status(self, code: str) -> str:
        """What the delivery says of the source: of one column the code, of several each with its kind."""
        said = self.shape.get("expected", "source_status", default={})
        if code in said:
            return str(said[code])
        blank = self.shape.get("item", "status_blank", default=None)
        if blank is None:
            return code.partition("/")[0]
        kinds = zip(self.shape.at("item", "status_parts"), code.split("/"), strict=True)
        return "|".join(f"{kind}={part}" for kind, part in kinds if part != blank)

    def _due(self, at: int, days: Sequence[bytes]) -> str:
        """The day the item is due back, "" if nobody says a possible one."""
        bad = "loan" in self.moved and at in self.moved["loan"].bad_date
        if not self.lent[at] or bad:
            return ""
        return days[int(self.items.out[at]) + LOAN_DAYS].decode()


def _texts(listed: Sequence[bytes], embedded: Sequence[bytes], source: I64) -> list[str]:
    """The value that counts: the list's, unless the item comes from the bib alone."""
    rows = zip(listed, embedded, source.tolist(), strict=True)
    return [(inside if s == it.EMBEDDED else outside).decode() for outside, inside, s in rows]


def _tally(values: Iterable[str], kept: Iterable[bool]) -> dict[str, int]:
    return dict(Counter(value for value, keep in zip(values, kept, strict=True) if keep))


def _differ(one: Sequence[bytes], other: Sequence[bytes], within: BOOL) -> int:
    return sum(a != c for a, c, here in zip(one, other, within.tolist(), strict=True) if here)
