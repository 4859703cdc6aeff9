"""Rows of delimited extracts: numbered places, source columns, record numbers.

A row's place is `row_id` = file number << 40 | line, so that files and lines sort as they were read.
`<thing>_row_file` names the files, `<thing>_row_body` holds the numbers as written, `<thing>_row_clean` is a
view of the source columns (blank = null).
"""

from __future__ import annotations

from transformer.database.session import literal, quoted
from transformer.ruleset.compile_number import body_sql
from transformer.ruleset.context import Context, blank_sql
from transformer.ruleset.rules import Extract

LINE_BITS = 40


def row_id_sql(file: str, line: str) -> str:
    """SQL of a row's place."""
    return f"({file} << {LINE_BITS}) + {line}"


def line_sql(row_id: str) -> str:
    """SQL of the line of a place."""
    return f"({row_id} & {(1 << LINE_BITS) - 1})"


def source_names(context: Context, name: str, extract: Extract) -> frozenset[str]:
    """Columns that rows of an extract can have, its number and parent aside."""
    told = context.project.extract.get(name)
    headers = {*extract.headers.values(), *(told.headers.values() if told else ())}
    for parts in extract.subfields.values():
        headers |= set(parts.values())
    return frozenset(headers - {*extract.number, extract.parent})


def compile_rows(
    context: Context, thing: str, name: str, extract: Extract, whole: frozenset[str]
) -> list[tuple[str, str, str, str]]:
    """The three tables; gives the number uses for number_form. whole: columns that keep their repeats."""
    staged = f"{name}_row"
    number = body_sql(context, thing, context.column(staged, extract.number[0]))
    parent = "null::varchar"
    if extract.parent:
        parent = body_sql(context, "bib", context.column(staged, extract.parent))
    context.table(
        f"{thing}_row_file",
        "select source_file, row_number() over (order by source_file)::bigint as file_no\n"
        f"from (select distinct source_file from {staged})",
        "all",
    )
    raw = context.column(staged, extract.parent) if extract.parent else "null::varchar"
    several = f"contains({raw}, chr(31))"
    context.table(
        f"{thing}_row_body",
        f"""
select {row_id_sql("f.file_no", "r.line")} as row_id, r.source_file, r.byte_start, r.byte_count,
  {number} as body, {parent} as parent_body
from {staged} r join {thing}_row_file f using (source_file)""",
    )
    if extract.parent:
        context.table(
            f"{thing}_row_parents",
            f"select {row_id_sql('f.file_no', 'r.line')} as row_id, source_file, {raw} as parents\n"
            f"from {staged} r join {thing}_row_file f using (source_file) where {several}",
        )
    _clean_view(context, thing, name, extract, whole)
    uses = [(thing, thing, name, f"select source_file, body from {thing}_row_body where body is not null")]
    if extract.parent:
        select = (
            f"select source_file, parent_body as body from {thing}_row_body where parent_body is not null"
        )
        uses.append((f"{thing} parent", "bib", name, select))
    return uses


def _clean_view(context: Context, thing: str, name: str, extract: Extract, whole: frozenset[str]) -> None:
    staged = f"{name}_row"
    made: dict[str, str] = {}
    for column in sorted(source_names(context, name, extract)):
        value = context.column(staged, column, "r")
        made[column] = blank_sql(value, extract.blank, whole=column in whole)
    for column, parts in sorted(extract.subfields.items()):
        split_marked(made, context.column(staged, column, "r"), parts, extract.blank)
    shown = "".join(f",\n  {sql} as {quoted(column)}" for column, sql in made.items())
    context.view(
        f"{thing}_row_clean",
        f"select {row_id_sql('f.file_no', 'r.line')} as row_id{shown}\n"
        f"from {staged} r join {thing}_row_file f using (source_file)",
    )


def split_marked(made: dict[str, str], value: str, parts: dict[str, str], blank: tuple[str, ...]) -> None:
    """Columns of a value like `|aPR4034|b.P7`: part by code; a value without marks is the first column's."""
    if value.startswith("null"):
        return
    unmarked = blank_sql(value, blank, whole=False)
    for place, (code, target) in enumerate(parts.items()):
        pattern = literal(rf"\|{code}([^|\x1f]*)")
        marked = f"nullif(trim(regexp_extract({value}, {pattern}, 1)), '')"
        plain = unmarked if place == 0 else made.get(target, "null::varchar")
        made[target] = f"case when contains({value}, '|') then {marked} else {plain} end"
