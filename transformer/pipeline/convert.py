"""`convert`: from one MARC container to another, no rules. What cannot be read is set aside, not lost.

Beside the output, and only when there is something to say: `OUT.set-aside` (the bytes as they came, one
span after another) and `OUT.issues.csv` (one row a finding). read = written + set aside, or BooksError.
All get their names together, at the end, the findings first: the output never stands without them.

Order: records come out in file order, whatever the number of threads. With `parts` N the records are cut
into N runs of about equal size, written side by side by one thread each: two threads into two files
write about twice as fast as into one (measured: 3.6 to 7 GB/s against 2.3 to 2.7).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from transformer.engines import map_ordered, thread_count
from transformer.engines.progress import Progress, Silent
from transformer.errors import BooksError, UsageError
from transformer.extracts.charsets import AUTO, MARC8, UTF8, output_encoding, wish_of
from transformer.extracts.model import Partition, Source
from transformer.extracts.sniff import MARC_CONTAINERS
from transformer.extracts.spool import Spool
from transformer.pipeline.beside import delivery, write_beside
from transformer.pipeline.compiled import compiling
from transformer.pipeline.findings import (
    Row,
    copied_spans,
    rows_of_read,
    rows_of_render,
    set_aside_spans,
    tally,
)
from transformer.pipeline.results import ConvertResult, InputFact, OutputFact
from transformer.readers import partitions_of_all, read
from transformer.schema.batch import U8, MarcBatch, ReadResult, Rendered

if TYPE_CHECKING:
    from transformer.writers.files import Together

SUFFIXES: Final = {
    ".xml": "marcxml",
    ".marcxml": "marcxml",
    ".mrc": "iso2709",
    ".marc": "iso2709",
    ".iso2709": "iso2709",
    ".seq": "aleph_sequential",
    ".json": "marcjson_list",
    ".jsonl": "marcjson",
    ".ndjson": "marcjson",
    ".mrk": "mnemonic",
    ".parquet": "parquet",
}


@dataclass(frozen=True, slots=True)
class Converted:
    """One partition, converted: bytes for the file, counts, findings, spans to set aside.

    aside: with the spans of `copy_count` records that came through repaired, whose raw bytes are kept.
    part_count: records in `data` beyond those written, where long ones were split.
    """

    data: U8
    byte_count: int
    read_count: int
    written_count: int
    issues: list[Row]
    aside: list[tuple[Source, int, int]]
    copy_count: int
    part_count: int = 0


Work = Callable[[Partition], Converted]
"""What converts one partition."""


@dataclass(slots=True)
class Books:
    """Counts and findings of a conversion, added up in file order."""

    read_count: int = 0
    written_count: int = 0
    issues: list[Row] = field(default_factory=list)
    aside: list[tuple[Source, int, int]] = field(default_factory=list)
    copy_count: int = 0
    part_count: int = 0

    @property
    def made_count(self) -> int:
        """Records in the output, parts of split ones too."""
        return self.written_count + self.part_count

    def add(self, done: Converted | Books) -> None:
        """One more partition, or a file of several."""
        self.read_count += done.read_count
        self.written_count += done.written_count
        self.issues += done.issues
        self.aside += done.aside
        self.copy_count += done.copy_count
        self.part_count += done.part_count


def target_of(output: Path, to: str | None) -> str:
    """Container to write: `to` if given, else by the output's suffix. Raises UsageError otherwise."""
    known = sorted(set(SUFFIXES.values()))
    if to is not None:
        if to not in known:
            raise UsageError(f"no container is called {to!r}", "--to", ", ".join(known))
        return to
    if target := SUFFIXES.get(output.suffix.lower()):
        return target
    raise UsageError(
        f"the name does not say what to write: suffix {output.suffix!r}",
        str(output),
        ", ".join(SUFFIXES),
        "Give the output one of these suffixes, or say --to.",
    )


def sources_of(
    inputs: Sequence[Path], spool: Spool, container: str | None = None, encoding: str = AUTO
) -> tuple[Source, ...]:
    """Each input as a source or, where it is a pattern or an archive, as several; packed ones go through the
    spool. Container and encoding are found by looking at the bytes, unless they are said."""
    if not inputs:
        raise UsageError("no input was named", expected="one file or more, then the output")
    if container is not None and container not in MARC_CONTAINERS:
        raise UsageError(f"no container is called {container!r}", "--from", ", ".join(MARC_CONTAINERS))
    wish_of(encoding)
    return spool.sources(inputs, container, encoding=encoding)


def input_facts(sources: tuple[Source, ...]) -> tuple[InputFact, ...]:
    """What was read, for the result."""
    return tuple(InputFact(s.name, s.container, s.path.stat().st_size) for s in sources)


def convert(
    inputs: Sequence[Path],
    output: Path,
    *,
    to: str | None = None,
    container: str | None = None,
    parts: int = 1,
    split_long: bool = False,
    encoding: str = AUTO,
    to_encoding: str | None = None,
    threads: int | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> ConvertResult:
    """Convert MARC files to one container (see the module); Parquet is written by `pipeline.to_parquet`."""
    began = time.monotonic()
    target, workers = target_of(output, to), thread_count(threads)
    if parts < 1:
        raise UsageError(f"{parts} parts asked for", "--parts", "1 or more")
    work = partial(_convert_partition, renderer_of(target, split_long, output_encoding(to_encoding, target)))
    shown = progress or Silent()
    with Spool(output.parent) as spool:
        sources = sources_of(inputs, spool, container, encoding)
        shown.phase("convert", sum(source.path.stat().st_size for source in sources))
        with (
            compiling(f"convert {sources[0].container} {target}", shown),
            delivery(output, overwrite, sources) as out,
        ):
            if parts == 1:
                books, files = _to_one_file(sources, output, target, work, workers, out, shown)
            else:
                books, files = _to_parts(sources, output, target, work, parts, out, shown)
            return finish(books, files, output, out, began, sources)


def finish(
    books: Books,
    files: tuple[OutputFact, ...],
    output: Path,
    together: Together,
    began: float,
    sources: tuple[Source, ...],
) -> ConvertResult:
    """Write what was set aside and the issues, close the books, tell the result."""
    extra = list(write_beside(books.aside, books.issues, output, together))
    set_aside = books.read_count - books.written_count
    expected = len(books.aside) - books.copy_count
    if set_aside != expected:
        raise BooksError(
            f"{books.read_count:,} records were read, {books.written_count:,} written and "
            f"{expected:,} set aside: the books do not close",
            next_step="Do not use this output; report this with the input file.",
        )
    return ConvertResult(
        read_count=books.read_count,
        written_count=books.written_count,
        set_aside_count=set_aside,
        files=(*files, *extra),
        issues=tally(books.issues),
        elapsed_s=time.monotonic() - began,
        inputs=input_facts(sources),
        part_count=books.part_count,
    )


def _to_one_file(
    sources: tuple[Source, ...],
    output: Path,
    target: str,
    work: Work,
    workers: int,
    together: Together,
    progress: Progress,
) -> tuple[Books, tuple[OutputFact, ...]]:
    from transformer.writers.files import OutputFile

    books, (head, tail) = Books(), frame_of(target)
    with OutputFile(output, hash=False, together=together) as file:
        file.write(head)
        for done in map_ordered(work, partitions_of_all(sources), workers):
            file.write(opening(target, done.data, books))
            books.add(done)
            progress.advance(done.byte_count, done.read_count)
        file.write(tail)
    return books, (OutputFact(output.name, books.made_count, file.byte_count, file.sha256),)


def _to_parts(
    sources: tuple[Source, ...],
    output: Path,
    target: str,
    work: Work,
    parts: int,
    together: Together,
    progress: Progress,
) -> tuple[Books, tuple[OutputFact, ...]]:
    planned = list(partitions_of_all(sources))
    groups = cut(planned, parts)
    names = [part_name(output, number, parts) for number in range(1, parts + 1)]

    def write_part(number: int) -> tuple[Books, OutputFact]:
        return _write_part(groups[number], names[number], target, work, together)

    books, files = Books(), []
    for part, fact in map_ordered(write_part, range(parts), parts):
        files.append(fact)
        for source_partition in groups[len(files) - 1]:
            progress.advance(source_partition.byte_count, source_partition.record_count)
        books.add(part)
    return books, tuple(files)


def _write_part(
    group: list[Partition],
    path: Path,
    target: str,
    work: Work,
    together: Together,
) -> tuple[Books, OutputFact]:
    from transformer.writers.files import OutputFile

    books, (head, tail) = Books(), frame_of(target)
    with OutputFile(path, hash=False, together=together) as file:
        file.write(head)
        for partition in group:
            done = work(partition)
            file.write(opening(target, done.data, books))
            books.add(done)
        file.write(tail)
    return books, OutputFact(path.name, books.made_count, file.byte_count, file.sha256)


def cut(partitions: list[Partition], parts: int) -> list[list[Partition]]:
    """Runs of about equal bytes: part i takes the partitions that begin in its share of the whole."""
    total = sum(partition.byte_count for partition in partitions)
    groups: list[list[Partition]] = [[] for _ in range(parts)]
    before = 0
    for partition in partitions:
        groups[min(parts - 1, before * parts // max(1, total))].append(partition)
        before += partition.byte_count
    return groups


def part_name(output: Path, number: int, parts: int) -> Path:
    """out.xml, part 2 of 12 -> out-02.xml."""
    width = max(2, len(str(parts)))
    return output.with_name(f"{output.stem}-{number:0{width}d}{output.suffix}")


def frame_of(target: str) -> tuple[bytes, bytes]:
    """Bytes before the first and after the last record of a file."""
    if target == "marcxml":
        from transformer.writers import marcxml

        return marcxml.HEAD, marcxml.TAIL
    if target == "marcjson_list":
        from transformer.writers import marcjson

        return marcjson.HEAD, marcjson.TAIL
    return b"", b""


def opening(target: str, data: U8, before: Books) -> U8:
    """The bytes as they go into a file that holds `before`: the first member of a list has no comma."""
    if target == "marcjson_list" and before.written_count == 0 and len(data):
        data[0] = ord(" ")
    return data


def renderer_of(
    target: str, split_long: bool = False, encoding: str = UTF8
) -> Callable[[MarcBatch], Rendered]:
    """The function that writes a batch in a container. split_long: for ISO 2709 alone, else UsageError.

    encoding: as `charsets.output_encoding` says for this container.
    """
    if split_long and target != "iso2709":
        raise UsageError(
            "only ISO 2709 has records that are too long for it",
            "--split-long",
            "an output in ISO 2709",
            f"Leave it out: {target} has no such limit.",
        )
    if encoding == MARC8:
        from transformer.writers import charset

        marc8 = partial(charset.render_marc8, split_long=split_long)
        return marc8 if target == "iso2709" else charset.render_marc8_mnemonic
    module = import_module(f"transformer.writers.{target.removesuffix('_list')}")
    if split_long:
        return partial(module.render, split_long=True)
    render = cast(Callable[[MarcBatch], Rendered], module.render)
    return partial(module.render, comma=True) if target == "marcjson_list" else render


def _convert_partition(render: Callable[[MarcBatch], Rendered], partition: Partition) -> Converted:
    result = read(partition)
    return _converted(partition, result, render(result.batch))


def _converted(partition: Partition, result: ReadResult, rendered: Rendered) -> Converted:
    batch, source = result.batch, partition.source
    aside = [(source, start, count) for start, count, _ in set_aside_spans(result.spans)]
    aside += [(source, int(batch.byte_start[at]), int(batch.byte_count[at])) for at, _ in rendered.failed]
    copies = [(source, start, count) for start, count, _ in copied_spans(result.spans)]
    return Converted(
        data=rendered.data,
        byte_count=partition.byte_count,
        read_count=partition.record_count,
        written_count=batch.record_count - len(rendered.failed),
        issues=rows_of_read(result, source) + rows_of_render(rendered, batch, source),
        aside=sorted(aside + copies, key=lambda piece: piece[1]),
        copy_count=len(copies),
        part_count=rendered.part_count,
    )
