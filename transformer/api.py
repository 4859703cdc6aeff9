"""What the command line and notebooks call; `import transformer` offers the same names.

Paths may be strings. Where several inputs are given they are one extract, in the given order. All
functions raise `TransformerError` (see errors.py) for what a user can mend; findings about the data are
counted and reported, never raised.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transformer.engines.progress import Progress, Silent
from transformer.errors import Mistake, UsageError
from transformer.extracts import charsets

if TYPE_CHECKING:
    import pyarrow as pa

    from transformer.pipeline.encodings import FileEncoding
    from transformer.pipeline.opened import OpenedRun
    from transformer.pipeline.results import ConvertResult, OutputFact, QueryResult, RunResult, WorklistResult
    from transformer.pipeline.showing import Checked
    from transformer.pipeline.tables import Scan, Tables
    from transformer.reports.explained import Explanation
    from transformer.ruleset.show import Target
    from transformer.synth.key import AnswerKey

Inputs = Path | str | Sequence[Path | str]


def _paths(inputs: Inputs) -> list[Path]:
    return [Path(inputs)] if isinstance(inputs, str | Path) else [Path(path) for path in inputs]


def read(inputs: Inputs, *, encoding: str = "auto", threads: int | None = None) -> Tables:
    """MARC files -> `Tables(record, field, subfield)`, three Arrow tables in memory.

    Columns and order: transformer/schema/marc.py. Bytes that are no record are left out (use `convert`
    or `run` to have them set aside and reported). encoding: what the files are in, see `convert`. threads:
    None = one per core.

    >>> import tempfile, transformer
    >>> from pathlib import Path
    >>> path = Path(tempfile.mkdtemp(), "one.mrc")
    >>> head = b"00050nam a2200037 a 4500" + b"245001200000" + bytes([30])
    >>> _ = path.write_bytes(head + b"00" + bytes([31]) + b"aWalden." + bytes([30, 29]))
    >>> tables = transformer.read(path)
    >>> tables.record.num_rows, tables.subfield.column("value").to_pylist()
    (1, ['Walden.'])
    """
    from transformer.pipeline import tables

    return tables.read_all(_paths(inputs), encoding=encoding, threads=threads)


def scan(
    inputs: Inputs,
    *,
    tags: Sequence[str] | None = None,
    encoding: str = "auto",
    threads: int | None = None,
) -> Scan:
    """MARC files -> a lazy reader for any size: memory does not grow with the file.

    tags: only these fields (None = all). encoding: what the files are in, see `convert`.
    `Scan.batches("record", "subfield")` yields a dictionary of Arrow record batches a partition (about
    16 MiB of input), in file order; every call starts again.
    `Scan.reader("subfield")` is one table as an Arrow stream, text as views and dictionaries;
    `Scan.table("subfield")` is the whole of it with plain strings.
    """
    from transformer.pipeline import tables

    return tables.scan(_paths(inputs), tags=tags, encoding=encoding, threads=threads)


def write(
    tables: Tables, output: Path | str, *, to: str | None = None, overwrite: bool = False
) -> OutputFact:
    """The three tables -> one file of MARC; returns its name, record count, bytes and sha256.

    The suffix of `output` says the container (.mrc, .xml ...) unless `to` does, see `convert`. Field and
    subfield rows must be in the order of their numbers. Lengths in leaders are computed anew.
    """
    from transformer.pipeline import convert as records
    from transformer.pipeline import tables as made

    target = Path(output)
    container = records.target_of(target, to)
    if container == "parquet":
        raise UsageError("Parquet is written by pyarrow.parquet.write_table", str(target))
    return made.write_tables(tables, target, to=container, overwrite=overwrite)


def convert(
    inputs: Inputs,
    output: Path | str,
    *,
    to: str | None = None,
    container: str | None = None,
    parts: int = 1,
    columns: Sequence[str] = (),
    split_long: bool = False,
    encoding: str = "auto",
    to_encoding: str | None = None,
    threads: int | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> ConvertResult:
    """Convert MARC files from one container to another; no rules, no value changed.

    inputs: ISO 2709, MARCXML, MARC-in-JSON, mnemonic text (.mrk) or lines with system numbers, plain or
    packed (gzip, zip, bzip2, xz, Zstandard), found by looking at the bytes; patterns, and `-` for standard
    input. container: what they are, where looking is not wanted. output: the file to write; its suffix says
    the container (.mrc, .xml, .json, .jsonl, .mrk, .seq, .parquet) unless `to` does (iso2709, marcxml,
    marcjson_list, marcjson, mnemonic, aleph_sequential, parquet).
    Parquet writes the three tables as NAME.record.parquet, NAME.field.parquet and NAME.subfield.parquet;
    with `columns` (field specs such as "245ab") one file with one row a record. parts: files written
    side by side, NAME-01 ... NAME-NN. split_long: ISO 2709 only: write a record of more than 99,999 bytes
    as several with the same 001, and a field of more than 9,999 as several (see writers/split_long.py),
    instead of setting them aside.
    encoding: what inputs are in: `auto` (found by their bytes), or utf-8, marc-8, latin-1, windows-1252,
    iso5426 ... (extracts/charsets.py), each with `brace-unicode` behind it where `{u00E9}` is a letter.
    to_encoding: utf-8 or, in ISO 2709 and mnemonic text, marc-8; what it lacks becomes `&#x6F22;`.

    Returns counts and files: read = written + set aside. Bytes that could not be read as records lie in
    OUTPUT.set-aside, findings in OUTPUT.issues.csv.
    """
    from transformer.pipeline import convert as records

    paths, target = _paths(inputs), Path(output)
    words: dict[str, Any] = {
        "container": container, "parts": parts, "encoding": encoding, "threads": threads,
        "overwrite": overwrite, "progress": progress,
    }  # fmt: skip
    kind = records.target_of(target, to)
    if kind == "parquet" and not split_long:
        charsets.output_encoding(to_encoding, kind)
        from transformer.pipeline.to_parquet import convert_to_parquet

        return convert_to_parquet(paths, target, columns=tuple(columns), **words)
    if columns:
        raise UsageError(
            "columns go with Parquet only", "--columns", next_step="Give the output the suffix .parquet."
        )
    return records.convert(paths, target, to=to, split_long=split_long, to_encoding=to_encoding, **words)


def sql(
    query: str,
    inputs: Inputs,
    *,
    container: str | None = None,
    encoding: str = "auto",
    memory_bytes: int | None = None,
    threads: int | None = None,
) -> pa.Table:
    """One query over the tables of MARC files -> an Arrow table; `ask` tells more, and writes to files.

    DuckDB's SQL over `record`, `field`, `subfield` (schema/marc.py) and `issue` (what the readers found,
    schema/books.py). Field specs: `from spec('650a')` has a row for each value (record_no, field_no, value);
    beside the columns of `record`, `spec('245a')` is the first value and `specs('650a')` the list of all.
    Each table may be used several times; each use reads the files anew, so memory stays bounded. Files,
    network and extensions are out of the query's reach. Records that were set aside are told by a Python
    warning.

    >>> import transformer
    >>> from pathlib import Path
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "one.mrc")
    >>> head = b"00050nam a2200037 a 4500" + b"245001200000" + bytes([30])
    >>> _ = path.write_bytes(head + b"00" + bytes([31]) + b"aWalden." + bytes([30, 29]))
    >>> transformer.sql("select spec('245a') as title from record", path).to_pylist()
    [{'title': 'Walden.'}]
    """
    words: dict[str, Any] = {"container": container, "encoding": encoding}
    found = ask(query, inputs, memory_bytes=memory_bytes, threads=threads, **words)
    if found.set_aside_count:
        import warnings

        warnings.warn(
            f"{found.set_aside_count:,} records could not be read and are in no table; `from issue` says why",
            stacklevel=2,
        )
    return found.rows


def ask(
    query: str,
    inputs: Inputs,
    *,
    output: Path | str | None = None,
    most_rows: int | None = None,
    container: str | None = None,
    encoding: str = "auto",
    memory_bytes: int | None = None,
    threads: int | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> QueryResult:
    """A query as in `sql` -> its rows with what was read and set aside on the way.

    output: a file for the rows, .csv, .parquet, .json (one list) or .jsonl. most_rows: how many rows to keep
    where there is no output (None: all); all are counted. memory_bytes: what DuckDB may hold (None: 1 GB);
    beyond it, work is spilled to a folder beside the output; reading takes about 650 MB more. container,
    encoding: as in `convert`.
    """
    from transformer.pipeline.query import query_tables

    return query_tables(
        query,
        _paths(inputs),
        output=None if output is None else Path(output),
        most_rows=most_rows,
        container=container,
        encoding=encoding,
        memory_bytes=memory_bytes,
        threads=threads,
        overwrite=overwrite,
        progress=progress,
    )


def init(system: str, folder: Path | str) -> tuple[Path, ...]:
    """Make a library's folder for a source system; returns what was written."""
    from transformer.pipeline import start

    return start.init(system, Path(folder))


def demo(folder: Path | str, progress: Progress | None = None) -> RunResult:
    """Make the sample library in `folder` (if it is not there) and run it."""
    from transformer.pipeline import start

    return start.demo(Path(folder), progress or Silent())


def synth(
    folder: Path | str,
    system: str,
    *,
    bibs: int = 1000,
    seed: int = 7,
    dirt: float = 0.01,
    layout: str | None = None,
    processes: int | None = None,
    progress: Progress | None = None,
) -> AnswerKey:
    """Write an invented library's extracts, as a system would, into `folder`; returns the answer key.

    The same system, layout, bibs, seed and dirt give the same bytes, whatever the number of processes. dirt:
    share of things with something wrong, 0 to 0.5. layout: one of the forms that the system's extracts come
    in; None = the first. The key (`answer-key.json` beside the extracts) tells what should come out of a run.
    """
    from transformer.pipeline import start

    return start.synth(
        Path(folder), system, bibs, seed, dirt=dirt, layout=layout, processes=processes,
        progress=progress or Silent(),
    )  # fmt: skip


def run(
    library: Path | str,
    *,
    name: str | None = None,
    as_of: datetime.date | None = None,
    threads: int | None = None,
    memory_bytes: int | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> RunResult:
    """Transform a library's extracts by its rules into LIBRARY/runs/NAME.

    library: a folder with transformer.toml (see `init`). name: of the run; None = the next number.
    as_of: the day that rules take for today; None = the project's, else the day of the run.
    memory_bytes: what the run may take in all, from 1 GB; None = half of the machine. resume: go on
    with the newest run that was cut off, or with the one called `name`; it ends with the same bytes as if
    nothing had happened, and is refused where extracts, rules, version or day have changed. Returns the
    run's folder, exit code (0, or 1 when the site's limits were passed, with reasons), ledger, issue
    tallies and delivered files.
    """
    from transformer.pipeline import run as corridor

    return corridor.run(
        Path(library), name=name, as_of=as_of, threads=threads, memory_bytes=memory_bytes, resume=resume,
        progress=progress,
    )  # fmt: skip


def encodings_of(library: Path | str) -> tuple[FileEncoding, ...]:
    """What the MARC extracts of a library are in, file by file, with the evidence from a sample."""
    from transformer.pipeline import encodings

    return encodings.encodings_of(Path(library))


def check(library: Path | str) -> tuple[Mistake, ...]:
    """Every mistake in a library's project file, rules and maps; empty when there is none."""
    from transformer.pipeline import checking

    return checking.check(Path(library))


def check_rules(place: Path | str) -> Checked:
    """Every mistake in the rules and maps of a library, or of a folder of rules, with file and line; and
    hints: what is probably meant otherwise."""
    from transformer.pipeline import showing

    return showing.check_rules(Path(place))


def show_rules(place: Path | str, target: str = "") -> list[Target]:
    """Which rule wins, from which file and line, what it replaced, and its SQL: of one target (item.barcode,
    bib.edit.ID, map.location ...), or, without SQL, of all. place: a library, or a folder of rules."""
    from transformer.pipeline import showing

    return showing.show_rules(Path(place), target)


def explain(place: Path | str, number: str, *, kind: str = "", show_personal: bool = False) -> Explanation:
    """What a run did with one bib, holdings record, item or patron: see `Explanation`.

    place: a run folder, or a library (its latest run). number: a record number in any of its forms, an item's
    barcode, a patron's id. kind: bib, holdings, item or patron, where a number may mean several. Values of
    people are masked unless `show_personal`.
    """
    from transformer.pipeline import explain as answers

    return answers.explain(Path(place), number, kind=kind, show_personal=show_personal)


def open_run(place: Path | str) -> OpenedRun:
    """A finished run: its folder, manifest and tables. place: a run folder, or a library (its latest)."""
    from transformer.pipeline import opened

    return opened.open_run(Path(place))


def worklists(place: Path | str, output: Path | str | None = None) -> WorklistResult:
    """Write what items' statuses leave to do after go-live, a folder for each; returns what was written.

    place: a run folder, or a library (its latest run). output: a new or empty folder; None = RUN/worklists.
    """
    from transformer.pipeline import worklists as lists

    return lists.write_worklists(Path(place), None if output is None else Path(output))
