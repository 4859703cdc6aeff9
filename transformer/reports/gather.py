"""Facts of a report out of the tables that a run leaves behind. Small tables in, sorted facts out."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pyarrow as pa

from transformer.reports.facts import ProfileFound, SetAside, SuppressionValue, UnmappedCode


def set_aside_facts(
    reasons: Mapping[tuple[str, str, str], int], files: Mapping[str, str]
) -> tuple[SetAside, ...]:
    """How many of a kind were set aside for each reason: most frequent first within a kind.

    reasons: (kind, code, rule) -> pieces; the rule's name is the reason where there is one, else the issue
    code. files: kind -> the file where the bytes lie, relative to the run's folder.
    """
    count: dict[tuple[str, str], int] = {}
    for (kind, code, rule), times in reasons.items():
        count[kind, rule or code] = count.get((kind, rule or code), 0) + times
    facts = [SetAside(kind, reason, n, files.get(kind, "set-aside")) for (kind, reason), n in count.items()]
    return tuple(sorted(facts, key=lambda fact: (fact.kind, -fact.count, fact.reason)))


def unmapped_facts(
    codes: pa.Table, files: Mapping[str, str], blocking: Collection[str]
) -> tuple[UnmappedCode, ...]:
    """The codes no map knows, by map, most frequent first.

    codes: columns map, code, label, row_count, mapped. files: map -> the file to fill in, as the library
    knows it. blocking: maps whose gaps keep rows out of the delivery.
    """
    facts = [
        UnmappedCode(
            map=row["map"],
            code=row["code"] or "",
            count=row["row_count"],
            file=files.get(row["map"], ""),
            example=row["label"] or "",
            blocks=row["map"] in blocking,
        )
        for row in codes.to_pylist()
        if not row["mapped"]
    ]
    return tuple(sorted(facts, key=lambda fact: (fact.map, -fact.count, fact.code)))


def suppression_facts(
    values: Mapping[str, int], suppressing: Collection[str] | None, kind: str, column: str
) -> tuple[SuppressionValue, ...]:
    """The values of a column that may suppress. suppressing: the site's choice, None where undecided."""
    return tuple(
        SuppressionValue(kind, column, value, count, None if suppressing is None else value in suppressing)
        for value, count in sorted(values.items(), key=lambda item: (-item[1], item[0]))
    )


def profile_facts(profiles: pa.Table) -> tuple[ProfileFound, ...]:
    """The layout chosen for each extract file. Columns: extract, source_file, profile, signs, chosen, why."""
    facts = [
        ProfileFound(
            extract=row["extract"],
            source_file=row["source_file"],
            profile=row["profile"],
            why="; ".join(part for part in (row["signs"], row["why"]) if part),
        )
        for row in profiles.to_pylist()
        if row["chosen"]
    ]
    return tuple(sorted(facts, key=lambda fact: (fact.extract, fact.source_file)))
