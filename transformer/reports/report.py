"""reports/report.md, reports/issues.csv and reports/ledger.csv of a run.

Same facts, same bytes: UTF-8, LF, everything in a total order, and no time except the one line that
begins with `Times:`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from transformer.errors import MachineError
from transformer.reports.facts import ReportFacts, Tally
from transformer.reports.tally import severity_rank
from transformer.reports.words import closes, counted, kind_rank, next_steps, often, size_text, verdict

ROWS_SHOWN: Final = 40
"""Rows of one table in report.md; the CSV files have them all."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the ledger table."""

    source_file: str
    kind: str
    read_count: int
    written_count: int
    merged_count: int
    set_aside_count: int
    made_count: int
    parents: str


def write_report(
    run_folder: Path,
    facts: ReportFacts,
    ledger: pa.Table,
    issues: pa.Table | pa.RecordBatchReader,
    write_csv: Callable[[Path, Any], object],
) -> Path:
    """Write reports/report.md, issues.csv and ledger.csv into the run's folder; returns the first's path.

    ledger, issues: tables of schema/books.py LEDGER and ISSUE, in their total order; the issues may come as a
    stream. write_csv: what writes a table or stream to a file, whole or not at all. Raises MachineError where
    the folder cannot be written.
    """
    folder = run_folder / "reports"
    try:
        folder.mkdir(exist_ok=True)
        write_csv(folder / "issues.csv", issues)
        write_csv(folder / "ledger.csv", ledger)
        path = folder / "report.md"
        _write_bytes(path, report_text(facts, ledger).encode())
    except OSError as error:
        raise MachineError(
            f"the report cannot be written: {error.strerror or error}",
            str(folder),
            next_step="Make room or check who may write there, then run again.",
        ) from None
    return path


def report_text(facts: ReportFacts, ledger: pa.Table) -> str:
    """The whole report.md, ending in a line feed."""
    rows = sorted(
        (_Row(**row) for row in ledger.to_pylist()),
        key=lambda r: (kind_rank(r.kind), r.source_file, r.parents),
    )
    aside = sum(row.set_aside_count for row in rows)
    parts: list[Iterable[str]] = [
        _header(facts, aside),
        _ledger(rows),
        _set_aside(facts),
        _unmapped(facts),
        _suppression(facts),
        _issues(facts.tallies),
        _profiles(facts),
        _files(facts),
    ]
    return "\n".join(line for part in parts for line in part) + "\n"


def _header(facts: ReportFacts, aside: int) -> Iterator[str]:
    yield f"# {text(facts.site)}: run {text(facts.run)}"
    yield ""
    yield f"**{verdict(facts, aside)}**"
    yield ""
    for reason in facts.reasons:
        yield f"- {text(reason)}"
    if facts.reasons:
        yield ""
    yield f"From {text(facts.system)}, delivery for {text(facts.target)}, today taken as"
    yield f"{facts.as_of.isoformat()}, transformer {text(facts.version)}, exit code {facts.exit_code}."
    if facts.times:
        yield ""
        yield f"Times: {text(facts.times)}"
    yield ""
    yield "## What to do next"
    yield ""
    for number, step in enumerate(next_steps(facts, aside), 1):
        yield f"{number}. {step}"
    for note in facts.notes:
        yield ""
        yield text(note)


def _ledger(rows: Sequence[_Row]) -> Iterator[str]:
    yield from ("", "## The books", "")
    yield "Every record read was written, merged into another, or set aside. The unit of an item that is"
    yield "embedded in a bib is its field. What we made ourselves was read nowhere and has its own column."
    yield ""
    head = ("File", "Kind", "Read", "Written", "Merged", "Set aside", "Made by us", "From", "Closes")
    body = [
        (
            text(row.source_file),
            text(row.kind),
            *(
                f"{n:,}"
                for n in (
                    row.read_count,
                    row.written_count,
                    row.merged_count,
                    row.set_aside_count,
                    row.made_count,
                )
            ),
            text(row.parents),
            "yes" if closes(row) else "**NO**",
        )
        for row in rows
    ]
    yield from _table(head, body, right=range(2, 7), all_in="reports/ledger.csv")


def _set_aside(facts: ReportFacts) -> Iterator[str]:
    if not facts.set_aside:
        return
    yield from ("", "## Set aside", "")
    yield "Kept byte for byte in these files, each beside its reason."
    yield ""
    rows = sorted(facts.set_aside, key=lambda s: (kind_rank(s.kind), -s.count, s.reason, s.file))
    body = [(text(s.kind), text(s.reason), f"{s.count:,}", code(s.file)) for s in rows]
    yield from _table(("Kind", "Reason", "Count", "Where"), body, right=(2,), all_in="set-aside/")


def _unmapped(facts: ReportFacts) -> Iterator[str]:
    if not facts.unmapped:
        return
    yield from ("", "## Codes that no map knows", "")
    rows = sorted(facts.unmapped, key=lambda u: (not u.blocks, u.map, -u.count, u.code))
    body = [
        (
            text(u.map),
            code(u.code) if u.code else "(blank)",
            f"{u.count:,}",
            "kept out of the delivery" if u.blocks else "target left empty",
            text(u.example),
            text(u.file),
        )
        for u in rows
    ]
    head = ("Map", "Code", "Count", "Effect", "Label or example", "Fill in")
    yield from _table(head, body, right=(2,), all_in="reports/issues.csv")


def _suppression(facts: ReportFacts) -> Iterator[str]:
    if not facts.suppression:
        return
    yield from ("", "## Values that may suppress", "")
    words = {True: "suppresses", False: "does not suppress", None: "not decided: not suppressed"}
    rows = sorted(facts.suppression, key=lambda v: (kind_rank(v.kind), v.column, -v.count, v.value))
    body = [
        (
            text(v.kind),
            text(v.column),
            code(v.value) if v.value else "(blank)",
            f"{v.count:,}",
            words[v.suppresses],
        )
        for v in rows
    ]
    yield from _table(("Kind", "Column", "Value", "Count", "Taken as"), body, right=(3,))


def _issues(tallies: Sequence[Tally]) -> Iterator[str]:
    yield from ("", "## What was found", "")
    if not tallies:
        yield "Nothing."
        return
    yield "All rows are in `reports/issues.csv`."
    for tally in sorted(tallies, key=lambda t: (severity_rank(t.severity), -t.count, t.code)):
        yield ""
        yield f"### {tally.severity}, {often(tally.count)}: {text(tally.sentence)}"
        yield ""
        yield f"Code `{tally.code}`. {text(tally.remedy)}".rstrip()
        if tally.examples:
            yield ""
            yield from (f"- {text(example)}" for example in tally.examples)


def _profiles(facts: ReportFacts) -> Iterator[str]:
    if not facts.profiles:
        return
    yield from ("", "## Layouts found", "")
    yield "Found by looking at each file; a layout can be fixed in the project file."
    yield ""
    rows = sorted(facts.profiles, key=lambda p: (p.extract, p.source_file))
    body = [(text(p.extract), text(p.source_file), text(p.profile), text(p.why)) for p in rows]
    yield from _table(("Extract", "File", "Layout", "Why"), body)


def _files(facts: ReportFacts) -> Iterator[str]:
    yield from ("", "## Delivery", "")
    if not facts.files:
        yield "No file was written."
        return
    total = sum(f.byte_count for f in facts.files)
    yield f"{counted(len(facts.files), 'file')} in `out/`, {size_text(total)} together."
    yield ""
    rows = sorted(facts.files, key=lambda f: f.name)
    body = [(code(f.name), f"{f.record_count:,}", f"{f.byte_count:,}", f"`{f.sha256}`") for f in rows]
    yield from _table(("File", "Records", "Bytes", "sha256"), body, right=(1, 2), all_in="manifest.json")


def _table(
    head: Sequence[str], body: Sequence[Sequence[str]], right: Iterable[int] = (), all_in: str = ""
) -> Iterator[str]:
    """A Markdown table; long ones end in a line that says where the rest is."""
    set_right = set(right)
    shown = body[:ROWS_SHOWN] if all_in else body
    yield f"| {' | '.join(head)} |"
    yield f"|{'|'.join('---:' if at in set_right else '---' for at in range(len(head)))}|"
    for row in shown:
        yield f"| {' | '.join(row)} |"
    if len(body) > len(shown):
        yield ""
        yield f"and {len(body) - len(shown):,} more, see `{all_in}`."


def text(value: str) -> str:
    """A value as Markdown text on one line: control characters as numbers, marks escaped.

    >>> text("a|b\\n<c>")
    'a\\\\|b\\\\n&lt;c&gt;'
    """
    visible = _visible(value)
    for mark, instead in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("|", "\\|"), ("`", "'")):
        visible = visible.replace(mark, instead)
    return visible.replace("*", "\\*").replace("[", "\\[")


def code(value: str) -> str:
    """A value between backticks, where Markdown knows no escape but that of a table's bar.

    >>> code("*|&")
    '`*\\\\|&`'
    """
    return f"`{_visible(value).replace('|', chr(92) + '|').replace('`', chr(39))}`"


def _visible(value: str) -> str:
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in value)


def _write_bytes(path: Path, data: bytes) -> None:
    half = path.with_name(f"{path.name}.part")
    half.write_bytes(data)
    half.replace(path)
