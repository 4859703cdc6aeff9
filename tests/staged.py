"""Staged tables from small Python dicts, and the rules applied to them: for tests of rules.

    bib    {"907a": ".b10574141", "998e": "-", "945": [{"y": ".i13884177", "l": "main "}]}
    item   {"number": "i13884177", "status": "m"}          one line of a delimited extract, by column
    patron {"number": "p10286792", "name": "Example, Ada"}

A list is a repeated value. Record numbers, offsets and lines are made up in order; `file` names the source
file.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from transformer.pipeline.applied import Applied
from transformer.pipeline.apply import apply
from transformer.ruleset.compile.stage_plan import REPEAT, StagePlan
from transformer.ruleset.files.project import Project
from transformer.ruleset.files.rules import RuleSet
from transformer.ruleset.load import load_rules, rules_home
from transformer.ruleset.plan import stage_plan

AS_OF = datetime.date(2026, 11, 21)
Row = Mapping[str, Any]


def rules_of(system: str = "sierra", site: Path | None = None) -> RuleSet:
    """base, the system, and a site's rule folder."""
    folders = [rules_home() / "base", rules_home() / system]
    return load_rules([*folders, site] if site else folders, system)


def staged_of(
    plan: StagePlan,
    bibs: Sequence[Row],
    items: Sequence[Row] | None = None,
    patrons: Sequence[Row] | None = None,
) -> dict[str, pa.Table]:
    """The tables that staging would make of these."""
    tables = {"bib_record": _records(plan, bibs)}
    for spec in plan.marc["bib"].embedded:
        tables[f"{spec.name}_embedded"] = _embedded(spec.tag, spec.codes, bibs)
    for name, rows in (("item", items), ("patron", patrons)):
        if rows is not None:
            tables[f"{name}_row"] = _rows(rows, f"{name}s.csv")
    return tables


def apply_to(
    bibs: Sequence[Row],
    items: Sequence[Row] | None = None,
    patrons: Sequence[Row] | None = None,
    project: Project | None = None,
    site: Path | None = None,
    work: Path | None = None,
) -> Applied:
    """The rules of Sierra, and of a site's folder, applied to these."""
    project = project or Project("sierra", target="self-load")
    ruleset = rules_of(project.system, site)
    staged = staged_of(stage_plan(ruleset, project), bibs, items, patrons)
    return apply(staged, ruleset, project, project.as_of or AS_OF, work=work)


def delivered(applied: Applied, name: str) -> list[dict[str, Any]]:
    """Rows of a delivered table, by column name; columns without a value left out."""
    table = next(d for d in applied.delivered if d.name == name)
    return [{k: v for k, v in row.items() if v is not None} for row in table.rows.to_table().to_pylist()]


def issues(applied: Applied, code: str) -> list[dict[str, Any]]:
    """Issue rows of one code."""
    return [row for row in applied.issue.to_table().to_pylist() if row["code"] == code]


def field(text: str) -> str:
    """`852 0_ $b MAIN` as inner form: tag cut off, `_` a blank, ` $b ` a subfield."""
    indicators, *parts = text[4:].split(" $")
    return indicators.replace("_", " ") + "".join(
        REPEAT + part[0] + part[1:].removeprefix(" ") for part in parts
    )


def new_fields(applied: Applied, record_no: int = 0) -> list[tuple[str, str]]:
    """(tag, inner) of the fields added to a bib, in order."""
    rows = applied.bib_new.between(record_no, record_no + 1).to_pylist()
    return [(row["tag"], row["inner"]) for row in rows]


def _text(value: Any) -> str | None:
    if isinstance(value, (list, tuple)):
        return REPEAT.join(value)
    return None if value is None else str(value)


def _records(plan: StagePlan, bibs: Sequence[Row]) -> pa.Table:
    columns: dict[str, list[Any]] = {
        "source_file": [bib.get("file", "bibs.mrc") for bib in bibs],
        "record_no": list(range(len(bibs))),
        "byte_start": [1000 * n for n in range(len(bibs))],
        "byte_count": [1000] * len(bibs),
        "leader": [bib.get("leader", "00000nam a2200000 a 4500") for bib in bibs],
        "kind": ["bib"] * len(bibs),
    }
    types = {"record_no": pa.int64(), "byte_start": pa.int64(), "byte_count": pa.int64()}
    for spec in plan.marc["bib"].record_specs:
        columns[spec] = [_text(bib.get(spec, _whole(spec, bib))) for bib in bibs]
    return pa.table(
        {name: pa.array(values, types.get(name, pa.string())) for name, values in columns.items()}
    )


def _whole(spec: str, bib: Row) -> Any:
    """`050ab` from 050a and 050b, and `998` from any of its subfields, as staging gives them."""
    tag, codes = spec[:3], spec[3:]
    if len(spec) == 3 and not spec.startswith("00"):
        there = [str(v) for k, v in sorted(bib.items()) if k.startswith(tag) and len(k) == 4]
        return " ".join(there) or None
    if len(codes) > 1 and "/" not in spec:
        return " ".join(str(bib[tag + code]) for code in codes if tag + code in bib) or None
    return None


def _embedded(tag: str, codes: Sequence[str], bibs: Sequence[Row]) -> pa.Table:
    rows = [
        (number, place, 10 + place, bib.get("file", "bibs.mrc"), field_)
        for number, bib in enumerate(bibs)
        for place, field_ in enumerate(bib.get(tag, ()))
    ]
    columns: dict[str, pa.Array] = {
        "source_file": pa.array([row[3] for row in rows], pa.string()),
        "record_no": pa.array([row[0] for row in rows], pa.int64()),
        "field_no": pa.array([row[2] for row in rows], pa.int32()),
        "occurrence": pa.array([row[1] for row in rows], pa.int32()),
        "ind1": pa.array([" "] * len(rows), pa.string()),
        "ind2": pa.array([" "] * len(rows), pa.string()),
    }
    for code in codes:
        columns[code] = pa.array([_text(row[4].get(code)) for row in rows], pa.string())
    return pa.table(columns)


def _rows(rows: Sequence[Row], file: str) -> pa.Table:
    names = sorted({name for row in rows for name in row if name not in ("file", "line")} | {"number"})
    columns: dict[str, pa.Array] = {
        "source_file": pa.array([row.get("file", file) for row in rows], pa.string()),
        "line": pa.array([n + 2 for n in range(len(rows))], pa.int64()),
        "byte_start": pa.array([100 * n for n in range(len(rows))], pa.int64()),
        "byte_count": pa.array([100] * len(rows), pa.int64()),
    }
    for name in names:
        columns[name] = pa.array([_text(row.get(name)) for row in rows], pa.string())
    return pa.table(columns)
