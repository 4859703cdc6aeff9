"""A process that makes shards: reads a job from stdin, writes the shards' bytes to stdout, one after another.

Called with two arguments FIRST and STEP, it makes shards FIRST, FIRST + STEP, ... Each is framed as one
line of JSON (names and sizes, counts, rows) and then the bytes of the files. A plain process with pipes, no
pool: the pipe's fullness holds a fast worker back, so memory stays bounded, and a script without
a `__main__` guard works as well.
"""

from __future__ import annotations

import sys
from typing import IO

import orjson

from transformer.synth.shard import Job, Made, Maker


def main() -> None:
    """Makes the shards that the arguments name."""
    first, step = int(sys.argv[1]), int(sys.argv[2])
    job = Job(**orjson.loads(sys.stdin.buffer.read()))
    maker = Maker(job)
    for number in range(first, job.shard_count, step):
        send(sys.stdout.buffer, maker.shard(number))


def send(pipe: IO[bytes], made: Made) -> None:
    """Writes one shard into the pipe."""
    sizes = {name: len(data) for name, data in made.files.items()}
    pipe.write(orjson.dumps([sizes, made.counts, made.rows]) + b"\n")
    for data in made.files.values():
        pipe.write(data)
    pipe.flush()


def receive(pipe: IO[bytes]) -> Made:
    """Reads one shard out of the pipe. EOFError if the worker has gone."""
    line = pipe.readline()
    if not line:
        raise EOFError("the worker ended early")
    sizes, counts, rows = orjson.loads(line)
    return Made({name: pipe.read(size) for name, size in sizes.items()}, counts, rows)
