"""Moves a library's records into Ex Libris Alma: extracts in, Alma-ready files out, nothing lost.

The public names, each with its contract in its own docstring:

    read      MARC files -> the three tables, whole, in memory
    scan      MARC files -> a lazy reader, batch by batch, that restarts on every use
    write     the three tables -> one MARC file
    convert   MARC files -> another container, no rules
    sql       one query over the three tables of MARC files
    run       a library's extracts -> its delivery, with ledger and report
    check     a library's rules, maps and project file -> every mistake in them
    open_run  a finished run -> its tables

Nothing heavy is imported until one of them is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transformer.api import check, convert, open_run, read, run, scan, sql, write

__all__ = ["check", "convert", "open_run", "read", "run", "scan", "sql", "write"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from transformer import api

        return getattr(api, name)
    raise AttributeError(f"module 'transformer' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
