"""One SQL query over the three tables of MARC files, in bounded memory.

Each use of a table in the query is a fresh scan of the files, so joins and self-joins work and nothing
is kept between them. The connection is locked: no files, no network, no extensions.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from transformer.errors import UsageError
from transformer.pipeline.tables import TABLES, Stream, scan


def query_tables(query: str, inputs: Sequence[Path], *, threads: int | None = None) -> pa.Table:
    """The result as an Arrow table. Raises UsageError with DuckDB's own words for a wrong query."""
    import duckdb

    from transformer.database.session import open_session

    lazy = scan(inputs, threads=threads)
    con = open_session()
    try:
        for name in TABLES:
            con.register(name, Stream(lazy, name))
        return con.sql(query).to_arrow_table()
    except duckdb.Error as error:
        raise UsageError(
            f"the query cannot be answered: {str(error).splitlines()[0]}",
            "sql",
            "a select over record, field and subfield",
        ) from None
    finally:
        con.close()
