"""A stand-in for the api, so that the command line is tested without kernels; and a way to type words."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import transformer
from transformer.cli.main import main
from transformer.pipeline.results import ConvertResult, IssueTally, LedgerRow, OutputFact, RunResult

CONVERTED = ConvertResult(
    read_count=12_000,
    written_count=11_998,
    set_aside_count=2,
    files=(OutputFact("bib.xml", 11_998, 1_500_000, "ab" * 32),),
    issues=(IssueTally("not-utf8", "error", 2, "bib.mrc byte 1,234"),),
    elapsed_s=3.2,
)

RAN = RunResult(
    folder=Path("mylib") / "runs" / "0001",
    exit_code=0,
    ledger=(
        LedgerRow("bib.mrc", "bib", 3000, 2998, 0, 2, 0),
        LedgerRow("bib.mrc", "item", 4100, 100, 4000, 0, 0),
        LedgerRow("item.csv", "item", 4000, 4000, 0, 0, 0),
        LedgerRow("(made)", "holdings", 0, 0, 0, 0, 3500, "item"),
    ),
    issues=(IssueTally("truncated", "error", 1, "bib.mrc byte 9"), IssueTally("leader", "warning", 5, "")),
    files=(OutputFact("bib/bib-001.xml", 2998, 4_000_000, "cd" * 32),),
    reasons=(),
    elapsed_s=75.0,
)


@dataclass
class Told:
    """What the command line ended with: exit code, both streams, and the api calls it made."""

    exit_code: int
    out: str
    err: str
    calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = field(default_factory=list)


class Api(ModuleType):
    """Answers every call with `answers[name]`, raising it if it is an exception."""

    def __init__(self) -> None:
        super().__init__("transformer.api")
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self.answers: dict[str, Any] = {
            "convert": CONVERTED,
            "run": RAN,
            "demo": RAN,
            "init": (Path("mylib") / "transformer.toml",),
            "check": (),
            "encodings_of": (),
        }

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)

        def call(*args: Any, **words: Any) -> Any:
            self.calls.append((name, args, words))
            answer = self.answers[name]
            if isinstance(answer, BaseException):
                raise answer
            return answer

        return call


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    stand_in = Api()
    monkeypatch.setitem(sys.modules, "transformer.api", stand_in)
    monkeypatch.setattr(transformer, "api", stand_in, raising=False)
    return stand_in


@pytest.fixture
def typed(api: Api, capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """typed("convert", "a.mrc", "a.xml") -> Told; the working folder is a fresh one."""
    monkeypatch.chdir(tmp_path)

    def type_in(*words: str) -> Told:
        exit_code = main(words)
        out, err = capfd.readouterr()
        return Told(exit_code, out, err, api.calls)

    return type_in


@pytest.fixture
def mrc(tmp_path: Path) -> Path:
    """A file with one record, in the working folder."""
    path = tmp_path / "a.mrc"
    path.write_bytes(b"00044nam a2200037 a 4500001000300000\x1eb1\x1e\x1d")
    return path


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A library's folder with an empty project file, in the working folder."""
    folder = tmp_path / "mylib"
    folder.mkdir()
    (folder / "transformer.toml").touch()
    return folder
