"""Reads everything of one file into the three tables, all columns, and prints how many rows each has.

python -m bench.tables FILE
"""

from __future__ import annotations

import sys

NAMES = ("record", "field", "subfield")


def main(source: str) -> None:
    """Iterates all batches of record, field and subfield."""
    import transformer

    rows = dict.fromkeys(NAMES, 0)
    for batches in transformer.scan(source).batches():
        for name in NAMES:
            rows[name] += batches[name].num_rows
    print(*rows.values())


if __name__ == "__main__":
    main(sys.argv[1])
