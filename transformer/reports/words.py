"""The sentences that the report and the screen share. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from transformer.reports.facts import ReportFacts

KIND_ORDER = ("bib", "holdings", "item", "patron", "loan", "request", "fine", "authority")


class Counts(Protocol):
    """One row of the ledger, whoever made it: the columns of schema/books.py LEDGER."""

    @property
    def kind(self) -> str:
        """bib, holdings, item, patron ..."""

    @property
    def read_count(self) -> int:
        """Units found in the extract."""

    @property
    def written_count(self) -> int:
        """Units in the delivery."""

    @property
    def merged_count(self) -> int:
        """Units merged into another."""

    @property
    def set_aside_count(self) -> int:
        """Units set aside."""

    @property
    def made_count(self) -> int:
        """Units we made."""


def counted(count: int, name: str) -> str:
    """A count with its noun.

    >>> counted(1, "record"), counted(12000, "record"), counted(2, "more kind")
    ('1 record', '12,000 records', '2 more kinds')
    """
    return f"{count:,} {name}{'' if count == 1 else 's'}"


def often(count: int) -> str:
    """How many times.

    >>> often(1), often(1200)
    ('once', '1,200 times')
    """
    return "once" if count == 1 else f"{count:,} times"


def size_text(byte_count: int) -> str:
    """Bytes as a person says them, in powers of 1024.

    >>> size_text(999), size_text(1_500_000), size_text(3 << 30)
    ('999 bytes', '1.4 MiB', '3.0 GiB')
    """
    if byte_count < 1024:
        return f"{byte_count} bytes"
    size = float(byte_count)
    units = iter(("KiB", "MiB", "GiB", "TiB"))
    unit = ""
    while size >= 1024 and (larger := next(units, "")):
        size, unit = size / 1024, larger
    return f"{size:,.1f} {unit}"


def sum_by_kind(rows: Iterable[Counts]) -> dict[str, tuple[int, int, int, int, int]]:
    """kind -> (read, written, merged, set aside, made), bib first, in the order one loads them."""
    sums: dict[str, tuple[int, int, int, int, int]] = {}
    for row in rows:
        old = sums.get(row.kind, (0, 0, 0, 0, 0))
        sums[row.kind] = (
            old[0] + row.read_count,
            old[1] + row.written_count,
            old[2] + row.merged_count,
            old[3] + row.set_aside_count,
            old[4] + row.made_count,
        )
    return dict(sorted(sums.items(), key=lambda item: kind_rank(item[0])))


def kind_rank(kind: str) -> tuple[int, str]:
    """Sort key of a kind: known kinds in the order one loads them, then the others by name."""
    return (KIND_ORDER.index(kind) if kind in KIND_ORDER else len(KIND_ORDER), kind)


def closes(row: Counts) -> bool:
    """True where read = written + merged + set aside; what we made was read nowhere and is not in it."""
    return row.read_count == row.written_count + row.merged_count + row.set_aside_count


def verdict(facts: ReportFacts, set_aside_count: int) -> str:
    """The run in one sentence, for a reader who reads no further."""
    errors = sum(t.count for t in facts.tallies if t.severity == "error")
    if facts.exit_code == 6:
        return "The books do not close: records were lost or counted twice. Do not use this delivery."
    if facts.exit_code:
        return "The run is done, but over the limits of this library: do not load the delivery yet."
    if errors:
        return (
            f"The delivery is complete; {counted(errors, 'finding')} of severity error should be seen first."
        )
    if set_aside_count:
        return f"The delivery is complete, with {set_aside_count:,} set aside, each with its reason."
    return "The delivery is complete, and nothing was set aside."


def next_steps(facts: ReportFacts, set_aside_count: int) -> tuple[str, ...]:
    """What to do now, in order; each one sentence or two."""
    steps = []
    if facts.exit_code == 6:
        return ("Keep this folder as it is and report it: this must not happen.",)
    if blocking := sorted({u.file or u.map for u in facts.unmapped if u.blocks}):
        steps.append(f"Fill in {_list(blocking)}: what these maps do not know is kept out of the delivery.")
    if others := sorted({u.file or u.map for u in facts.unmapped if not u.blocks} - set(blocking)):
        steps.append(f"Fill in {_list(others)} where the codes matter; until then their target stays empty.")
    if any(value.suppresses is None for value in facts.suppression):
        steps.append("Say in the project file which values suppress; until then nothing is suppressed.")
    if any(tally.severity == "error" for tally in facts.tallies):
        steps.append("Go through the findings of severity error, in full in `reports/issues.csv`.")
    if set_aside_count:
        steps.append("Look through `set-aside/`; mend the records in the old system or the rules.")
    if steps:
        steps.append("Run again. This run stays as it is; the next one gets a folder of its own.")
    if facts.exit_code == 0:
        steps.append(_delivery_step(facts.target))
    return tuple(steps)


def _delivery_step(target: str) -> str:
    if target == "migration":
        return "Hand over `out/` with the code tables for the migration form."
    return "Load `out/` in this order: bib, holdings, item, patron; a handful of each first."


def _list(names: list[str]) -> str:
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
