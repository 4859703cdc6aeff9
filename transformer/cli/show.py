"""What a result says to the person who asked, as blocks for `draw`: what happened, what is not right,
where things lie, what to do next. In that order, since the first line may be all that is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from transformer.cli.draw import Block, Line, Table
from transformer.cli.objects import report_path
from transformer.cli.progress import clock_time
from transformer.reports.words import counted, often, size_text, sum_by_kind

if TYPE_CHECKING:
    from transformer.pipeline.encodings import FileEncoding
    from transformer.pipeline.results import (
        ConvertResult,
        IssueTally,
        LedgerRow,
        OutputFact,
        QueryResult,
        RunResult,
    )
    from transformer.synth.key import AnswerKey

FINDINGS_SHOWN: Final = 6
FILES_SHOWN: Final = 12
CELL_MOST: Final = 100


def of_convert(result: ConvertResult, output: Path) -> list[Block]:
    """Blocks for `convert`: the counts, the files, the findings, what to do about records set aside."""
    took = clock_time(result.elapsed_s) if result.elapsed_s >= 1 else "less than a second"
    head = f"{counted(result.written_count, 'record')} written of {result.read_count:,} read, in {took}."
    blocks: list[Block] = [Line(head, "bad" if result.set_aside_count else "good")]
    if result.set_aside_count:
        beside = f"kept as they came in {output.name}.set-aside, the reasons in {output.name}.issues.csv"
        blocks.append(
            Line(
                f"{counted(result.set_aside_count, 'record')} set aside, not in the output: {beside}.", "bad"
            )
        )
    blocks += [Line(""), *_files(result.files, f"Files in {output.parent}")]
    if result.issues:
        blocks += [Line(""), *_findings(result.issues, "")]
    else:
        blocks += [Line(""), Line("Nothing to report: no damage, no departures from the format.")]
    return blocks


def of_sql(result: QueryResult, output: Path | None) -> list[Block]:
    """Blocks for `sql`: the rows, or the file they went to, and how many there are."""
    rows = counted(result.row_count, "row")
    if output is not None:
        file = result.files[0]
        blocks: list[Block] = [Line(f"{rows} written to {output} ({size_text(file.byte_count)}).", "good")]
        if result.changed_count:
            changed = counted(result.changed_count, "value")
            blocks.append(Line(f"Line breaks and control characters in {changed} became blanks."))
        return blocks
    fields = list(result.rows.schema)
    head = tuple(field.name for field in fields)
    right = frozenset(field.name for field in fields if _is_number(str(field.type)))
    body = zip(*(map(_cell, column.to_pylist()) for column in result.rows.columns), strict=True)
    blocks = [Table("", head, tuple(body), right), Line("")]
    shown = result.rows.num_rows
    if shown < result.row_count:
        return [*blocks, Line(f"{shown:,} of {rows}; --out FILE.csv writes them all.", "strong")]
    return [*blocks, Line(f"{rows}.", "strong")]


def read_for_sql(result: QueryResult) -> str:
    """One line on what the answer rests on: records read, set aside, and where to see why."""
    read = counted(result.read_count, "record")
    part = "" if result.to_the_end or not result.read_count else ", as far as was needed"
    if not result.finding_count:
        return f"{read} read{part}, none set aside."
    issues = counted(result.finding_count, "finding")
    aside = f"{result.set_aside_count:,}" if result.set_aside_count else "none"
    return f'{read} read{part}, {aside} set aside; {issues}: ask "from issue" what and where.'


def _cell(value: object) -> str:
    text = "" if value is None else "; ".join(map(_cell, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= CELL_MOST else f"{text[: CELL_MOST - 1]}…"


def _is_number(kind: str) -> bool:
    return kind.startswith(("int", "uint", "float", "double", "decimal"))


def of_run(result: RunResult) -> list[Block]:
    """Blocks for `run` and `demo`: verdict, ledger by kind, findings, where it lies, what next."""
    took = clock_time(result.elapsed_s) if result.elapsed_s >= 1 else "less than a second"
    if result.exit_code == 0:
        blocks: list[Block] = [Line(f"Done in {took}. The delivery is complete.", "good")]
    else:
        blocks = [Line(f"Done in {took}, but over the limits of this library. Do not load it yet:", "bad")]
        blocks += [Line(f"- {reason}", indent=2) for reason in result.reasons]
    blocks += [Line(""), _ledger(result.ledger), Line("")]
    if result.issues:
        blocks += [*_findings(result.issues, str(result.folder / "reports" / "issues.csv")), Line("")]
    blocks += _files(result.files, f"Delivery ({result.folder / 'out'})")
    blocks += [Line(""), Line(f"Report     {report_path(result)}", "strong")]
    aside = sum(row.set_aside_count for row in result.ledger)
    if aside:
        blocks.append(Line(f"Set aside  {result.folder / 'set-aside'}  ({aside:,}, each with its reason)"))
    return [*blocks, Line(f"Next       {_next(result, aside)}")]


def of_init(folder: Path, files: Sequence[Path]) -> list[Block]:
    """Blocks for `init`: the files made, and the next two steps."""
    return [
        Line(f"{folder} is ready.", "good"),
        *(Line(str(path), indent=2) for path in files),
        Line(""),
        Line(f"Next  1. Put the extracts into {folder / 'extracts'}, or name them in the project file."),
        Line(f"      2. transformer run {folder}"),
    ]


def of_synth(folder: Path, key: AnswerKey) -> list[Block]:
    """Blocks for `synth`: the files made, and where it stands what should come out of them."""
    rows = tuple((name, size_text(facts["bytes"])) for name, facts in key.files.items())
    return [
        Line(f"{folder} holds an invented library of {key.counts['bib']['planted']:,} bibs.", "good"),
        Table("Extracts", ("file", "size"), rows, frozenset({"size"})),
        Line(f"What should come out of them  {folder / 'answer-key.json'}"),
    ]


def of_check(folder: Path, files: Sequence[FileEncoding] = ()) -> list[Block]:
    """Blocks for `check` without mistakes: what each MARC extract is in, by which evidence."""
    blocks: list[Block] = [Line(f"No mistakes in the project file, rules and maps of {folder}.", "good")]
    if files:
        blocks += [Line(""), Line("What the extracts are in", "strong")]
    for file in files:
        blocks += [
            Line(f"{file.extract}  {file.file}: {file.encoding}", indent=2),
            Line(file.evidence, "faint", 6),
        ]
    if files:
        blocks += [
            Line("If one is wrong, name it: encoding in transformer.toml, under its extract.", "", 2),
            Line(""),
        ]
    return [*blocks, Line(f"Next  transformer run {folder}")]


def _ledger(rows: Sequence[LedgerRow]) -> Table:
    head = ("", "read", "written", "merged", "set aside", "made by us")
    body = tuple(
        (kind, *(f"{count:,}" if count else "-" for count in counts))
        for kind, counts in sum_by_kind(rows).items()
    )
    return Table(
        "Every record accounted for (read = written + merged + set aside)", head, body, frozenset(head[1:])
    )


def _findings(issues: Sequence[IssueTally], all_of_them: str) -> list[Block]:
    from transformer.schema.books import ISSUE_CODES

    blocks: list[Block] = [Line("What was found, the gravest first", "strong")]
    for issue in issues[:FINDINGS_SHOWN]:
        known = ISSUE_CODES.get(issue.code)
        sentence = known.sentence if known else "See the report."
        weight = "bad" if issue.severity == "error" else ""
        blocks.append(Line(f"{issue.severity}, {often(issue.count)}: {sentence} [{issue.code}]", weight, 2))
        if known:
            blocks.append(Line(f"do: {known.remedy}", "", 6))
        if issue.example:
            blocks.append(Line(f"first: {issue.example}", "faint", 6))
    more = len(issues) - FINDINGS_SHOWN
    if more > 0:
        where = f", all in {all_of_them}" if all_of_them else " in the issues file"
        blocks.append(Line(f"and {counted(more, 'more kind')} of findings{where}", indent=2))
    return blocks


def _files(files: Sequence[OutputFact], title: str) -> list[Block]:
    if not files:
        return []
    rows = [(f.name, f"{f.record_count:,}", size_text(f.byte_count)) for f in files[:FILES_SHOWN]]
    if len(files) > FILES_SHOWN:
        rest = files[FILES_SHOWN:]
        rows.append(
            (
                f"and {counted(len(rest), 'more file')}",
                f"{sum(f.record_count for f in rest):,}",
                size_text(sum(f.byte_count for f in rest)),
            )
        )
    return [Table(title, ("file", "records", "size"), tuple(rows), frozenset({"records", "size"}))]


def _next(result: RunResult, aside: int) -> str:
    if result.exit_code:
        return "Read the report, mend what it names in maps and rules, and run again."
    if any(issue.severity == "error" for issue in result.issues):
        return "Read the report: some findings need a person before the files are loaded."
    if aside:
        return "Read the report; look through what was set aside, then hand over the delivery."
    return "Read the report, then hand over the delivery."
