"""What lies beside the output of a conversion: `OUT.set-aside` and `OUT.issues.csv`.

They and the output get their names together, at the end, the findings first: the output never stands
without them, whatever cuts the work off.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from transformer.errors import UsageError
from transformer.extracts.model import Source
from transformer.extracts.window import read_window
from transformer.pipeline.findings import Row
from transformer.pipeline.results import OutputFact
from transformer.schema.batch import U8

if TYPE_CHECKING:
    from transformer.writers.files import Together


def delivery(output: Path, overwrite: bool, sources: Sequence[Source] = ()) -> Together:
    """The files of a conversion, which get their names together.

    What an earlier one left beside `output` would be taken for this one's: UsageError, before any work, or
    with `overwrite` removed; UsageError also where it is one of the sources.
    """
    from transformer.writers.files import Together

    together = Together(overwrite)
    for path in (_aside_path(output), _issues_path(output)):
        if not path.exists():
            continue
        if any(source.path.samefile(path) for source in sources):
            raise UsageError(
                "is input, and would be replaced or removed",
                str(path),
                "an output that nothing of the input belongs to",
                "Name another output.",
            )
        if not overwrite:
            raise UsageError(
                "is there already, from an earlier conversion",
                str(path),
                "a name not yet taken",
                "Remove it, name another output, or add --overwrite.",
            )
        together.outdate(path)
    return together


def write_beside(
    aside: Sequence[tuple[Source, int, int]], issues: list[Row], output: Path, together: Together
) -> Iterator[OutputFact]:
    """`OUT.set-aside` and `OUT.issues.csv`, each only when it has something in it.

    aside: (source, first byte, bytes), written one behind the other. issues: rows of the issue table.
    """
    from transformer.writers.files import OutputFile

    if aside:
        path = _aside_path(output)
        with OutputFile(path, hash=False, together=together) as file:
            for source, start, count in aside:
                for piece in _pieces(source, start, count):
                    file.write(piece)
        yield OutputFact(path.name, len(aside), file.byte_count)
    if issues:
        yield _write_issues(_issues_path(output), issues, together)


def _pieces(source: Source, start: int, count: int) -> Iterable[U8]:
    """A span in pieces of at most 16 MiB, so that a huge one does not fill the memory."""
    step = 16 << 20
    for at in range(start, start + count, step):
        yield read_window(source.path, at, min(step, start + count - at))


def _write_issues(path: Path, rows: list[Row], together: Together) -> OutputFact:
    import pyarrow as pa

    from transformer.schema.books import ISSUE
    from transformer.writers.csv import write_csv

    written = write_csv(path, pa.Table.from_pylist(rows, ISSUE), together=together)
    return OutputFact(path.name, len(rows), written.byte_count, written.sha256)


def _aside_path(output: Path) -> Path:
    return output.with_name(output.name + ".set-aside")


def _issues_path(output: Path) -> Path:
    return output.with_name(output.name + ".issues.csv")
