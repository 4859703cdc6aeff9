"""Runs of a library in processes that are there at once: forked from one that has loaded everything.

As a program: reads a line of JSON from standard input for each run, `{"library", "log", ...}` with further
words for `api.run`; forks; writes the child's process number to standard output. The child writes how it
ended to `log`: its exit code, then what was said. A fresh process takes a second to start, a fork none, so
that a dozen runs can be killed in a test.
"""

from __future__ import annotations

import datetime
import json
import os
import sys
from pathlib import Path

DAY = datetime.date(2026, 6, 30)


def main() -> None:
    import duckdb  # noqa: F401

    from transformer import api
    from transformer.errors import TransformerError
    from transformer.pipeline import apply, close, emit_bib, emit_holdings, emit_rows, run, stage  # noqa: F401

    for line in sys.stdin:
        words = json.loads(line)
        library, log = Path(words.pop("library")), Path(words.pop("log"))
        child = os.fork()
        if child:
            sys.stdout.write(f"{child}\n")
            sys.stdout.flush()
            os.waitpid(child, 0)
            sys.stdout.write("ended\n")
            sys.stdout.flush()
            continue
        try:
            code, said = api.run(library, **{"as_of": DAY, "threads": 2, **words}).exit_code, ""
        except TransformerError as error:
            code, said = error.exit_code, str(error)
        except BaseException as error:
            code, said = 99, repr(error)
        log.write_text(f"{code} {said}")
        os._exit(0)


if __name__ == "__main__":
    main()
