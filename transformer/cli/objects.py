"""What `--json` writes: one object on stdout, keys as in the tables of the project, counts as numbers.

Every object has `command` and `exit_code`, or `error` (what, where, expected, next_step, mistakes) and
`exit_code`. Paths are strings. Keys are a promise: they may be added to, never renamed.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from transformer.errors import Mistake, RulesError, TransformerError
from transformer.pipeline.results import ConvertResult, RunResult


def write(facts: dict[str, Any]) -> None:
    """One JSON object and a line end on stdout, as UTF-8 whatever the screen's encoding."""
    try:
        data = orjson.dumps(facts, default=str, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:
        # A file name need not be UTF-8; orjson refuses such a name, the standard library escapes it.
        data = json.dumps(facts, default=str).encode() + b"\n"
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


def of_run(command: str, result: RunResult) -> dict[str, Any]:
    """command, exit_code, folder, report, ledger, issues, files, reasons, elapsed_s."""
    return {"command": command, **asdict(result), "report": report_path(result)}


def report_path(result: RunResult) -> Path:
    """Where the report of a run lies."""
    return result.folder / "reports" / "report.md"


def of_init(folder: Path, files: tuple[Path, ...]) -> dict[str, Any]:
    """command, exit_code, folder, files."""
    return {"command": "init", "exit_code": 0, "folder": folder, "files": [str(f) for f in files]}


def of_check(folder: Path) -> dict[str, Any]:
    """command, exit_code, folder, mistakes (none: with mistakes the command ends in an error)."""
    return {"command": "check", "exit_code": 0, "folder": folder, "mistakes": []}


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
