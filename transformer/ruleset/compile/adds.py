"""Rows that add columns to things which others make: a table of barcodes, of call numbers, of notes.

`links` of the extract says how its rows find their thing: `item.number` by its number, `item.x` by its
column x, `item.{x}-{y}` by a template of its columns. Several rows of one thing are repeated values, in the
order of the files. For each extract a table `<extract>_add`: k (what links), the columns, and the parent
bib's key where the rows name one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from transformer.database.session import quoted
from transformer.ruleset.compile.context import Context
from transformer.ruleset.compile.rows import RowSet, Use, compile_rows, row_keys, row_set, set_names
from transformer.ruleset.files.words import Resolve, parse_template, template_sql


@dataclass(frozen=True, slots=True)
class Add:
    """An extract that adds. column: of the thing, or a template, by which it is found, or `number`."""

    name: str
    thing: str
    column: str
    rows: RowSet

    @property
    def table(self) -> str:
        """Name of its table."""
        return f"{self.name}_add"

    def found_by(self, resolve: Resolve) -> str:
        """SQL of what links, on the side of the thing. resolve: SQL of its columns."""
        if "{" in self.column:
            return template_sql(parse_template(self.column), resolve)
        return resolve(self.column)


def adds_of(context: Context, thing: str) -> tuple[Add, ...]:
    """The staged extracts that add columns to things of a kind."""
    found = []
    for name, extract in context.ruleset.adding(thing):
        link = next((key for key in extract.links if key.startswith(f"{thing}.")), "")
        column = link.partition(".")[2]
        # What links stands in for the number, so that rows find their way as numbered ones do.
        linked = dataclasses.replace(extract, number=(extract.links.get(link, ""),))
        kind = thing if column == "number" else ""
        rows = row_set(context, name, kind, ((name, linked),))
        if column and rows.extracts:
            found.append(Add(name, thing, column, rows))
    return tuple(found)


def add_numbers(context: Context, adds: tuple[Add, ...], whole: frozenset[str]) -> list[Use]:
    """Their tables of numbers and views of columns; gives the uses for number_form."""
    return [use for add in adds for use in compile_rows(context, add.rows, whole)]


def add_keys(context: Context, adds: tuple[Add, ...], whole: frozenset[str]) -> None:
    """The table of each, once number_form is there."""
    for add in adds:
        row_keys(context, add.rows, numbered=False)
        p = add.rows.prefix
        shown = "".join(
            f",\n  {_several(c) if c in whole else f'arg_min(r.{quoted(c)}, k.row_id)'} as {quoted(c)}"
            for c in sorted(set_names(context, add.rows))
        )
        kept = " and k.kept" if add.rows.left_out else ""
        context.table(
            add.table,
            f"select k.key as k, arg_min(k.parent_key, k.row_id) as parent_key{shown}\n"
            f"from {p}_row_key k join {p}_row_clean r using (row_id)\n"
            f"where k.key is not null{kept} group by k.key",
            "all",
        )


def _several(column: str) -> str:
    return f"string_agg(r.{quoted(column)}, chr(31) order by k.row_id)"


def join_adds(
    context: Context, adds: tuple[Add, ...]
) -> tuple[Callable[[str, str], str], Callable[[Mapping[str, str]], list[str]]]:
    """Two functions: (column, SQL of its own value) -> SQL with what is added; SQL by column -> the joins.

    The keys of things stand under the alias k.
    """
    names = [set_names(context, add.rows) for add in adds]

    def value(name: str, own: str) -> str:
        more = [f"a{place}.{quoted(name)}" for place, there in enumerate(names) if name in there]
        if not more:
            return own
        parts = more if own.startswith("null") else [own, *more]
        return parts[0] if len(parts) == 1 else f"coalesce({', '.join(parts)})"

    def joins(values: Mapping[str, str]) -> list[str]:
        return [
            f"left join {add.table} a{place} on a{place}.k = "
            + ("k.key" if add.column == "number" else add.found_by(lambda n: values.get(n, "null::varchar")))
            for place, add in enumerate(adds)
        ]

    return value, joins
