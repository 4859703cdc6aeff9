"""What `--json` writes: one object on stdout, keys as in the tables of the project, counts as numbers.

Every object has `command` and `exit_code`, or `error` (what, where, expected, next_step, mistakes) and
`exit_code`. Paths are strings. Keys are a promise: they may be added to, never renamed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, is_dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from transformer.errors import Mistake, RulesError, TransformerError

if TYPE_CHECKING:
    from transformer.pipeline.encodings import FileEncoding
    from transformer.pipeline.results import ConvertResult, QueryResult, RunResult, WorklistResult
    from transformer.pipeline.showing import Checked
    from transformer.reports.explained import Explanation
    from transformer.ruleset.show import Target
    from transformer.synth.key import AnswerKey


def write(facts: dict[str, Any]) -> None:
    """One JSON object and a line end on stdout, as UTF-8 whatever the screen's encoding."""
    try:
        data = orjson.dumps(facts, default=_plain, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:
        # A file name need not be UTF-8; orjson refuses such a name, the standard library escapes it.
        data = json.dumps(facts, default=_plain).encode() + b"\n"
    raw = getattr(sys.stdout, "buffer", None)
    if raw is None:
        sys.stdout.write(data.decode())
    else:
        sys.stdout.flush()
        raw.write(data)
        raw.flush()


def of_convert(result: ConvertResult, exit_code: int) -> dict[str, Any]:
    """command, exit_code, the counts, files, issues, elapsed_s."""
    return {"command": "convert", "exit_code": exit_code, **asdict(result)}


def of_sql(result: QueryResult, exit_code: int) -> dict[str, Any]:
    """command, exit_code, columns (name, type), rows (a list of values each, at most --limit-rows of them;
    none where they went to a file), row_count, counts of what was read, files, inputs, elapsed_s."""
    facts = {name: getattr(result, name) for name in result.__slots__ if name != "rows"}
    columns = [{"name": field.name, "type": str(field.type)} for field in result.rows.schema]
    rows = [list(row) for row in zip(*(c.to_pylist() for c in result.rows.columns), strict=True)]
    return {"command": "sql", "exit_code": exit_code, "columns": columns, "rows": rows, **facts}


def of_run(command: str, result: RunResult) -> dict[str, Any]:
    """command, exit_code, folder, report, ledger, issues, files, reasons, elapsed_s."""
    return {"command": command, **asdict(result), "report": report_path(result)}


def report_path(result: RunResult) -> Path:
    """Where the report of a run lies."""
    return result.folder / "reports" / "report.md"


def of_init(folder: Path, files: tuple[Path, ...]) -> dict[str, Any]:
    """command, exit_code, folder, files."""
    return {"command": "init", "exit_code": 0, "folder": folder, "files": [str(f) for f in files]}


def of_synth(folder: Path, key: AnswerKey) -> dict[str, Any]:
    """command, exit_code, folder, settings, files (name -> bytes, sha256), counts of the answer key."""
    facts = {"settings": key.settings, "files": key.files, "counts": key.counts}
    return {"command": "synth", "exit_code": 0, "folder": folder, **facts}


def of_check(folder: Path, files: Sequence[FileEncoding] = ()) -> dict[str, Any]:
    """command, exit_code, folder, mistakes (none: with mistakes the command ends in an error), encodings."""
    found = [asdict(file) for file in files]
    return {"command": "check", "exit_code": 0, "folder": folder, "mistakes": [], "encodings": found}


def of_explain(told: Explanation, exit_code: int) -> dict[str, Any]:
    """command, exit_code, asked, run, things, near, notes."""
    return {"command": "explain", "exit_code": exit_code, **asdict(told)}


def of_worklists(result: WorklistResult) -> dict[str, Any]:
    """command, exit_code, folder, run, lists, undecided (code, items)."""
    return {"command": "worklists", "exit_code": 0, **asdict(result)}


def of_checked(checked: Checked) -> dict[str, Any]:
    """command, exit_code, mistakes (none: with mistakes the command ends in an error), hints, folders."""
    return {"command": "rules check", "exit_code": 0, **asdict(checked)}


def of_shown(found: Sequence[Target]) -> dict[str, Any]:
    """command, exit_code, targets (name, wins, replaced, merged, rows, sql)."""
    return {"command": "rules show", "exit_code": 0, "targets": [asdict(target) for target in found]}


def of_error(error: TransformerError) -> dict[str, Any]:
    """exit_code and error: what, where, expected, next_step, mistakes."""
    mistakes: tuple[Mistake, ...] = error.mistakes if isinstance(error, RulesError) else ()
    return {
        "exit_code": error.exit_code,
        "error": {
            "what": error.what,
            "where": error.where,
            "expected": error.expected,
            "next_step": error.next_step,
            "mistakes": [asdict(m) for m in mistakes],
        },
    }


def _plain(value: Any) -> Any:
    """What JSON has no form for: whole numbers that a database holds as decimals, paths, dates."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)
