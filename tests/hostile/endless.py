"""Read a file of one line without any end, and say what it took.

`python -m tests.hostile.endless CONTAINER FILE` finds and reads every partition as a conversion does and
writes nothing. It prints one line of JSON: bytes in spans, records read, peak of memory.

`python -m tests.hostile.endless` does so for ten thousand million bytes of each container, which are never
stored: the file has its beginning and its end, and between them a hole that the file system reads as NULs.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.memory import peak_bytes

BEGINNINGS = {
    "iso2709": ("iso2709", b"00100" + b"nam a2200000 a 4500", b"x"),
    "iso2709 digits": ("iso2709", b"00100nam a2200000 a 4500", b"0"),
    "iso2709 leaders": ("iso2709", b"", b"99999nam a2299997 a 4500"),
    "marcxml": ("marcxml", b"<collection><record><leader>", b"x"),
    "marcxml attribute": ("marcxml", b'<collection><record a="', b"x"),
    "marcxml comment": ("marcxml", b"<collection><record/><!--", b"x"),
    "aleph_sequential": ("aleph_sequential", b"000000001 LDR   L ", b"x"),
    "marcjson": ("marcjson", b'{"leader":"', b"x"),
    "marcjson nested": ("marcjson", b'{"leader":', b"["),
    "mnemonic": ("mnemonic", b"=LDR  ", b"x"),
}
"""Name of a file -> its container, how it begins, and what follows to its end."""
HOLE = 10_000_000_000
MEMORY_MOST = 400 << 20


def read_all(container: str, path: Path) -> None:
    from transformer.extracts.model import Source
    from transformer.readers import partitions_of_all, read

    covered = records = 0
    for partition in partitions_of_all((Source(path, container, encoding="utf-8"),)):
        result = read(partition)
        assert int(result.spans.byte_start[0]) == covered
        covered += int(result.spans.byte_count.sum())
        records += result.batch.record_count
    told = {"covered": covered, "records": records, "peak": peak_bytes()}
    sys.stdout.write(json.dumps(told) + "\n")


def holes() -> int:
    """Read a hole in each container; how many were not read whole, or took too much memory."""
    failures = 0
    for name, (container, begin, filling) in BEGINNINGS.items():
        if filling != b"x":
            continue  # a hole is NULs, whatever it stands for
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "x"
            with path.open("wb") as file:
                file.write(begin)
                file.seek(HOLE)
                file.write(b"\n")
            began = time.monotonic()
            words = [sys.executable, "-m", "tests.hostile.endless", container, str(path)]
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            told = json.loads(done.stdout) if done.returncode == 0 else {"covered": 0, "peak": 0}
            good = told["covered"] == HOLE + 1 and told["peak"] < MEMORY_MOST
            failures += not good
            sys.stdout.write(
                f"{'' if good else 'FAILED '}{name}: {told['covered']:,} bytes of one line in "
                f"{time.monotonic() - began:.0f} s, peak {told['peak'] >> 20} MiB{done.stderr[-2000:]}\n"
            )
            sys.stdout.flush()
    return failures


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.exit(min(holes(), 1))
    read_all(sys.argv[1], Path(sys.argv[2]))
