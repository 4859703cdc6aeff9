"""Records through the rules' edits, as a run does it: staged, applied, and edited by the writers' kernels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from tests.reference.batches import Field, Record, batch_of, records_of
from tests.staged import AS_OF, rules_of, staged_of
from transformer.extracts.model import Partition, Source
from transformer.pipeline.applied import Applied
from transformer.pipeline.apply import apply
from transformer.pipeline.emit_bib import _Slices, _Tables
from transformer.readers.columns import record_columns
from transformer.readers.fields import field_rows
from transformer.ruleset.files.project import ExtractChoice, Numbers, Project
from transformer.ruleset.plan import stage_plan

OFF = "".join(
    f'[[bib.edit]]\nid = "{name}"\noff = true\n'
    for name in ("old-control-number", "former-number", "control-number", "control-number-identifier")
)
"""Turns the edits of base off, so that a case shows its own."""
PROJECT = Project(
    "sierra", target="self-load", numbers=Numbers(check_digit=False, prefix_035="LIB"),
    extract={"bib": ExtractChoice(profile="number-only")},
)  # fmt: skip


def run(
    records: list[Record],
    rules: str,
    folder: Path,
    items: list[dict[str, Any]] | None = None,
    project: Project = PROJECT,
) -> tuple[list[Record], Applied]:
    """What the house makes of bib records, with the site's rules in `rules` (TOML); and what was decided."""
    (folder / "site.toml").write_text(rules, "utf-8")
    ruleset = rules_of("sierra", folder)
    plan = stage_plan(ruleset, project)
    stage = plan.marc["bib"]
    batch = batch_of(records)
    count = len(records)
    specs = (("LDR", "first"), *((spec, "join") for spec in stage.record_specs if spec != "LDR"))
    record = record_columns(batch, specs)
    record = record.append_column("leader", record.column("LDR"))
    for name, value in (("source_file", "bibs.mrc"), ("kind", "bib")):
        record = record.append_column(name, pa.array([value] * count))
    for name in ("byte_start", "byte_count"):
        record = record.append_column(name, pa.array([0] * count, pa.int64()))
    staged = {"bib_record": record}
    if stage.field_tags:
        staged["bib_field"] = field_rows(batch, stage.field_tags)
    if items is not None:
        staged["item_row"] = staged_of(plan, [], items)["item_row"]
    applied = apply(staged, ruleset, project, AS_OF)
    source = Source(folder / "bibs.mrc", "iso2709", extract="bib")
    made = _Slices(_Tables(applied), batch, Partition(source, 0, 0, 1, 0, count)).edited("bib")
    return ([] if made is None else records_of(made)), applied


def field_of(text: str) -> Field:
    """`650 _0 $a Maps $z Testburgh` or `001 value` as a field; `_` is a blank, ` $b ` begins a subfield."""
    tag, rest = text[:3], text[4:]
    if "$" not in rest:
        return Field(tag, rest.encode(), True)
    head, *parts = f" {rest}".split(" $")
    pieces = [part[0] + part[1:].removeprefix(" ") for part in parts]
    return Field(tag, "\x1f".join([head.strip().replace("_", " ") or "  ", *pieces]).encode())


def record_of(lines: list[str]) -> Record:
    """A record from such lines; the first may be `LDR ` and a leader."""
    leader = "00000nam a2200000 a 4500"
    if lines and lines[0].startswith("LDR "):
        leader, lines = lines[0][4:], lines[1:]
    return Record(leader.encode(), [field_of(line) for line in lines])
