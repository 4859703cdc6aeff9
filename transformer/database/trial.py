"""Run SQL against empty tables: does every statement bind? Regular expressions and casts are tried too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from transformer.database.session import open_session


def trial(statements: Sequence[tuple[str, str, bool]], tables: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(name, what DuckDB says) of every statement that fails; none = all is well.

    statements: (name, SQL, whether it is a SELECT whose result later ones read under that name), in order.
    tables: name -> empty Arrow table. What depends on a failed statement is not told again.
    """
    import duckdb

    con = open_session()
    failed: list[tuple[str, str]] = []
    try:
        for name, table in tables.items():
            con.register(name, table)
        for name, sql, is_output in statements:
            try:
                if is_output:
                    con.register(name, con.sql(sql).to_arrow_table())
                else:
                    con.execute(sql)
            except duckdb.Error as error:
                said = str(error).splitlines()[0]
                if not any(f"Table with name {other}" in said for other, _ in failed):
                    failed.append((name, said))
    finally:
        con.close()
    return failed
