"""DuckDB, opened and configured in one place.

`open_session` gives a connection in memory that sees only what is registered on it: no files, no network,
no extensions, no Python variables by accident, and its configuration is locked. Files are opened and
written by Python; tables go in and out as Arrow.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transformer.errors import MachineError, Mistake, RulesError, TransformerError

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class Settings:
    """How much the database may take. memory_bytes: beyond it, work is spilled to `spill` (a folder that
    exists, or None = no spilling). threads: of its own. keep_order: rows that nobody sorts come out in the
    order of what is scanned."""

    memory_bytes: int = 800 << 20
    threads: int = 2
    spill: Path | None = None
    keep_order: bool = False


class NoRoom(MachineError):
    """A statement did not fit into the memory there is; alone it may."""


def open_session(settings: Settings | None = None) -> duckdb.DuckDBPyConnection:
    """A locked in-memory connection with the macros of this package. The caller closes it."""
    return open_lanes(settings or Settings(), 1)[0]


def open_lanes(settings: Settings, count: int) -> list[duckdb.DuckDBPyConnection]:
    """Several connections to one such database. What is registered on one, the others do not see."""
    import duckdb

    con = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "threads": str(settings.threads),
            "memory_limit": f"{settings.memory_bytes >> 20}MiB",
        },
    )
    # It would draw on stdout, which belongs to results.
    con.execute("set enable_progress_bar = false")
    con.execute(f"set preserve_insertion_order = {'true' if settings.keep_order else 'false'}")
    if settings.spill is not None:
        con.execute(f"set temp_directory = {literal(str(settings.spill))}")
    else:
        con.execute("set temp_directory = ''")
    con.execute(statement("macros.sql"))
    con.execute(statement("field_specs.sql"))
    lanes = [con, *(con.cursor() for _ in range(count - 1))]
    for lane in lanes:  # a setting of each connection
        lane.execute("set python_enable_replacements = false")
    con.execute("set enable_external_access = false")
    con.execute("set lock_configuration = true")
    return lanes


def statement(name: str) -> str:
    """The text of a .sql file of this package."""
    return (resources.files("transformer.database") / "sql" / name).read_text(encoding="utf-8")


def literal(text: str) -> str:
    """`text` as an SQL string.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """`name` as an SQL identifier.

    >>> quoted("245a")
    '"245a"'
    """
    return '"' + name.replace('"', '""') + '"'


def run(con: duckdb.DuckDBPyConnection, sql: str, what: str) -> None:
    """Run one statement that gives no rows.

    MachineError when memory or disk gave out, RulesError when the statement itself is at fault; both name
    `what`.
    """
    import duckdb

    try:
        con.execute(sql)
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        raise _machine(error, what) from None
    except duckdb.Error as error:
        raise _rules(error, what) from None


def reader(con: duckdb.DuckDBPyConnection, sql: str, what: str, rows: int = 65_536) -> Any:
    """The result as a pyarrow RecordBatchReader, `rows` a batch. It owns the connection until drained."""
    import duckdb

    try:
        return con.sql(sql).to_arrow_reader(rows)
    except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
        raise _machine(error, what) from None
    except duckdb.Error as error:
        raise _rules(error, what) from None


@contextlib.contextmanager
def reading(what: str) -> Iterator[None]:
    """Around the reading of a result: that memory gave out on the way is told as `reader` tells it."""
    try:
        yield
    except Exception as error:  # Arrow hands it on as an error of its own
        if isinstance(error, TransformerError) or "Out of Memory Error" not in str(error):
            raise
        raise _machine(error, what) from None


def _rules(error: Exception, what: str) -> RulesError:
    said = str(error).splitlines()[0]
    return RulesError((Mistake("compiled rules", what, said, remedy="Run: transformer rules check"),))


def _machine(error: Exception, what: str) -> MachineError:
    kind = NoRoom if "Out of Memory Error" in str(error) else MachineError
    return kind(
        f"memory or disk gave out: {str(error).splitlines()[0]}",
        what,
        "room in the run's work folder for sorting",
        "Free some disk space, or give the run more memory.",
    )
