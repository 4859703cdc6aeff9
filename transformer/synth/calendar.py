"""Days as numbers, in the formats that a shape file names. A day's number counts from year `first`."""

from __future__ import annotations

import datetime
from functools import cache

from transformer.synth.draw import I64, take

_STRFTIME = {
    "MM-DD-YYYY": "%m-%d-%Y", "MM-DD-YY": "%m-%d-%y", "YYMMDD": "%y%m%d", "ISO": "%Y-%m-%d",
    "YYYYMMDD": "%Y%m%d",
    # Without zeros before the digits, which strftime cannot do everywhere.
    "M/D/YYYY": "{0.month}/{0.day}/{0.year}",
}  # fmt: skip
FORMATS = frozenset(_STRFTIME)


def day_number(first: int, iso: str) -> int:
    """Days from the 1st of January of year `first` to the ISO date."""
    return (datetime.date.fromisoformat(iso) - datetime.date(first, 1, 1)).days


@cache
def table(first: int, last: int, form: str) -> tuple[bytes, ...]:
    """Every day of the years first .. last, written in this format."""
    start = datetime.date(first, 1, 1)
    count = (datetime.date(last + 1, 1, 1) - start).days
    pattern = _STRFTIME[form]
    days = [start + datetime.timedelta(n) for n in range(count)]
    if pattern.startswith("{"):
        return tuple(pattern.format(day).encode("ascii") for day in days)
    return tuple(day.strftime(pattern).encode("ascii") for day in days)


def written(first: int, last: int, form: str, days: I64) -> list[bytes]:
    """The days, each written in this format."""
    return take(table(first, last, form), days.tolist())
