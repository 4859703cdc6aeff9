"""Window -> record batches and issue rows; one module per input shape.

A MARC reader offers `partitions(source, ...)`, a sequential pass that cuts a file into partitions at
span ends, and `read(partition)`, which any worker may call. This module picks the reader by container;
it imports it inside the call, since kernels take a second to load.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Protocol, cast

from transformer.extracts.model import Partition, Source
from transformer.schema.batch import ReadResult, Spans


class Reader(Protocol):
    """What a module of this package offers for a MARC container."""

    def partitions(self, source: Source, first_index: int, first_record_no: int) -> Iterator[Partition]:
        """Partitions of a source in file order."""
        ...

    def spans(self, source: Source) -> Iterator[Spans]:
        """All spans of a source."""
        ...

    def read(self, partition: Partition) -> ReadResult:
        """Good records, spans and notes of one partition."""
        ...


def reader_of(source: Source) -> Reader:
    """The module that reads the source's container; containers are called as their modules."""
    return cast(Reader, import_module(f"transformer.readers.{source.container}"))


def partitions(source: Source, first_index: int = 0, first_record_no: int = 0) -> Iterator[Partition]:
    """Partitions of a MARC source in file order; numbers go on from those given."""
    return reader_of(source).partitions(source, first_index, first_record_no)


def spans(source: Source) -> Iterator[Spans]:
    """All spans of a MARC source: no gap, no overlap, together exactly the file."""
    return reader_of(source).spans(source)


def read(partition: Partition) -> ReadResult:
    """Good records, spans and notes of one partition."""
    return reader_of(partition.source).read(partition)


def read_once(partition: Partition) -> ReadResult:
    """As `read`, for who lets the batch go before this thread reads again: then its bytes may be overwritten.

    A fresh window costs its pages, which the system clears one by one."""
    reader = reader_of(partition.source)
    result: ReadResult = getattr(reader, "read_once", reader.read)(partition)
    return result


def partitions_of_all(sources: tuple[Source, ...]) -> Iterator[Partition]:
    """Partitions of several files as one extract: indexes and record numbers run on."""
    index = record_no = 0
    for source in sources:
        for partition in partitions(source, index, record_no):
            yield partition
            index = partition.index + 1
            record_no = partition.first_record_no + partition.record_count
