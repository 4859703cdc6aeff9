"""What stands on the screen, word for word, and that what comes from records cannot play with it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.cli.conftest import CONVERTED, RAN
from transformer.cli import show
from transformer.cli.draw import Line, Table, draw, plain, shown
from transformer.cli.progress import Bar, Lines, clock_time, is_screen
from transformer.pipeline.results import IssueTally


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def drawn(blocks) -> str:
    out = io.StringIO()
    draw(blocks, out)
    return out.getvalue()


def test_the_summary_of_a_conversion() -> None:
    assert drawn(show.of_convert(CONVERTED, Path("out/bib.xml"))).splitlines() == [
        "11,998 records written of 12,000 read, in 3 s.",
        "2 records set aside, not in the output: kept as they came in bib.xml.set-aside, "
        "the reasons in bib.xml.issues.csv.",
        "",
        "Files in out",
        "  file     records     size",
        "  bib.xml   11,998  1.4 MiB",
        "",
        "What was found, the gravest first",
        "  error, 2 times: The record holds bytes that are not UTF-8. [not-utf8]",
        "      do: Name the encoding of the file, or export in UTF-8.",
        "      first: bib.mrc byte 1,234",
    ]


def test_the_summary_of_a_run() -> None:
    run = Path("mylib/runs/0001")
    assert drawn(show.of_run(RAN)).splitlines() == [
        "Done in 1 min 15 s. The delivery is complete.",
        "",
        "Every record accounted for (read = written + merged + set aside)",
        "             read  written  merged  set aside  made by us",
        "  bib       3,000    2,998       -          2           -",
        "  holdings      -        -       -          -       3,500",
        "  item      8,100    4,100   4,000          -           -",
        "",
        "What was found, the gravest first",
        "  error, once: The file ends in the middle of a record. [truncated]",
        "      do: Check that the export or the copy of the file was complete, and export again.",
        "      first: bib.mrc byte 9",
        "  warning, 5 times: The leader is shorter than 24 characters or has bytes that no leader may have. "
        "[leader]",
        "      do: Look at the record in set-aside/; export it again.",
        "",
        f"Delivery ({run / 'out'})",
        "  file             records     size",
        "  bib/bib-001.xml    2,998  3.8 MiB",
        "",
        f"Report     {run / 'reports' / 'report.md'}",
        f"Set aside  {run / 'set-aside'}  (2, each with its reason)",
        "Next       Read the report: some findings need a person before the files are loaded.",
    ]


def test_many_findings_and_files_are_cut_with_a_word() -> None:
    import dataclasses

    many = tuple(IssueTally(f"code-{n}", "note", 1, "") for n in range(10))
    text = drawn(show.of_run(dataclasses.replace(RAN, issues=many, files=RAN.files * 20)))
    assert "and 4 more kinds of findings, all in" in text
    assert "and 8 more files" in text


def test_the_same_words_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    screen = Screen()
    blocks = show.of_run(RAN)
    draw(blocks, screen)
    for block in blocks:
        words = [block.text] if isinstance(block, Line) else [c for row in block.rows for c in row]
        assert all(word in screen.getvalue() for word in words)


@pytest.mark.parametrize("terminal", [False, True])
def test_a_record_cannot_play_with_the_screen(monkeypatch: pytest.MonkeyPatch, terminal: bool) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    evil = "\x1b]0;owned\x07 [bold]x[/bold] \r\n"
    out = Screen() if terminal else io.StringIO()
    draw([Line(evil), Table("", ("a",), ((evil,),))], out)
    text = out.getvalue()
    assert "\x1b]0" not in text
    assert "\x07" not in text
    assert text.count(r"\x1b]0;owned\x07 [bold]x[/bold] \r\n") == 2


def test_shown_leaves_letters_of_all_scripts_alone() -> None:
    assert shown("Достоевский 夏目漱石 é\u0301") == "Достоевский 夏目漱石 é\u0301"
    assert shown("a\x1fb\tc") == r"a\x1fb\tc"


def test_a_plain_table_is_aligned() -> None:
    table = Table("", ("kind", "n"), (("bib", "1,200"), ("item", "7")), frozenset({"n"}))
    assert plain(table) == ["  kind      n", "  bib   1,200", "  item      7"]


def test_lines_come_at_most_every_five_seconds() -> None:
    now = 100.0
    stream = io.StringIO()
    lines = Lines(stream, lambda: now)
    lines.say("First run")
    lines.phase("read", 1000)
    for _ in range(20):
        now += 1
        lines.advance(40, 1000)
    assert stream.getvalue().splitlines() == [
        "First run",
        "read: 20 %, 5,000 records, 1,000 records/s, about 20 s left",
        "read: 40 %, 10,000 records, 1,000 records/s, about 15 s left",
        "read: 60 %, 15,000 records, 1,000 records/s, about 10 s left",
        "read: 80 %, 20,000 records, 1,000 records/s, about 5 s left",
    ]


def test_lines_without_a_known_end_promise_none() -> None:
    now = 0.0
    stream = io.StringIO()
    lines = Lines(stream, lambda: now)
    lines.phase("apply", 0)
    now = 6.0
    lines.advance(0, 0)
    assert stream.getvalue() == "apply: at work\n"


def test_a_bar_shows_phase_and_records_and_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    bar = Bar()
    bar.say("before the first phase")
    bar.phase("read", 100)
    bar.say("[not markup]")
    bar.phase("write", 200)
    bar.advance(100, 1200)
    bar.close()
    text = screen.getvalue()
    for words in ("before the first phase\n", "read", "[not markup]", "write", "50 %", "1,200 records"):
        assert words in text
    assert text.endswith("\x1b[1A\x1b[2K")


def test_a_dumb_terminal_is_no_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert not is_screen(Screen())
    monkeypatch.setenv("TERM", "xterm")
    assert is_screen(Screen())
    assert not is_screen(io.StringIO())


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (7500, "2 h 5 min")]
)
def test_clock_time(seconds: float, said: str) -> None:
    assert clock_time(seconds) == said
