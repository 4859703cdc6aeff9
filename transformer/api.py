"""What the command line and notebooks call. Every name here is reached from `import transformer` too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from transformer.engines.progress import Progress
from transformer.pipeline.results import ConvertResult


def convert(
    inputs: Sequence[Path | str] | Path | str,
    output: Path | str,
    *,
    to: str | None = None,
    parts: int = 1,
    columns: Sequence[str] = (),
    threads: int | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> ConvertResult:
    """Convert MARC files from one container to another; no rules, no value changed.

    inputs: one path or several, read as one extract in the given order; ISO 2709 or MARCXML in UTF-8,
    found by looking at the bytes. output: the file to write; its suffix says the container (.mrc, .xml,
    .parquet) unless `to` does (iso2709, marcxml, parquet). Parquet writes the three tables as
    NAME.record.parquet, NAME.field.parquet and NAME.subfield.parquet; with `columns` (field specs such
    as "245ab") one file with one row a record. parts: files written side by side, NAME-01 ... NAME-NN.

    Returns counts and files: read = written + set aside. Bytes that could not be read as records lie in
    OUTPUT.set-aside, findings in OUTPUT.issues.csv. Raises UsageError, ExtractError or MachineError.
    """
    paths = [Path(inputs)] if isinstance(inputs, str | Path) else [Path(path) for path in inputs]
    target = Path(output)
    from transformer.pipeline import convert as records

    if records.target_of(target, to) == "parquet":
        from transformer.pipeline import to_parquet

        return to_parquet.convert_to_parquet(
            paths,
            target,
            parts=parts,
            columns=tuple(columns),
            threads=threads,
            overwrite=overwrite,
            progress=progress,
        )
    if columns:
        from transformer.errors import UsageError

        raise UsageError(
            "columns go with Parquet only", "--columns", next_step="Give the output the suffix .parquet."
        )
    return records.convert(
        paths, target, to=to, parts=parts, threads=threads, overwrite=overwrite, progress=progress
    )
