"""Rows: one or several row extracts become numbered places, source columns and record numbers.

A row's place is `row_id` = file number << 40 | byte, so that files and rows sort as they were read. A
`RowSet` has a prefix, the kind of thing or the extract that it is; for it there come
`<prefix>_row_file` (the files, numbered), `<prefix>_row_body` (numbers as written), `<prefix>_row_key`
(their keys), `<prefix>_row_again` (rows that are none of their own: no number, a double, left out), and the
view `<prefix>_row_clean` of the source columns (blank = null).

Several extracts of one kind may know the same thing: their rows are one thing then, of which each column is
taken from the first extract that has it (`<prefix>_row_later` lists the rows that were taken in).
"""

from __future__ import annotations

from dataclasses import dataclass

from transformer.database.session import literal, quoted
from transformer.ruleset.compile.bib import kind_sql
from transformer.ruleset.compile.context import Context
from transformer.ruleset.compile.number import body_sql, key_sql
from transformer.ruleset.files.rules import Extract
from transformer.ruleset.files.validate import nearest
from transformer.ruleset.files.words import WordError, condition, parse_template, template_sql

PLACE_BITS = 40

Use = tuple[str, str, str, str]
"""A use of numbers: its name, the kind, the extract, and the SELECT of source_file and body."""


@dataclass(frozen=True, slots=True)
class RowSet:
    """Row extracts that are staged, under one prefix. kind: of their numbers, empty for none."""

    prefix: str
    kind: str
    extracts: tuple[tuple[str, Extract], ...]

    @property
    def has_parent(self) -> bool:
        """Whether some extract names the parent bib."""
        return any(parent_of(extract) for _, extract in self.extracts)

    @property
    def together(self) -> tuple[tuple[str, ...], ...]:
        """Groups of columns that are one value."""
        return tuple(dict.fromkeys(group for _, extract in self.extracts for group in extract.together))

    @property
    def left_out(self) -> bool:
        """Whether some rows may be left out by a condition."""
        return any(extract.only_if for _, extract in self.extracts)


def row_set(context: Context, prefix: str, kind: str, extracts: tuple[tuple[str, Extract], ...]) -> RowSet:
    """The set of those extracts that are rows and are staged."""
    there = tuple((n, e) for n, e in extracts if e.is_rows and context.has(f"{n}_row"))
    return RowSet(prefix, kind, there)


def row_id_sql(file: str, byte_start: str) -> str:
    """SQL of a row's place."""
    return f"({file} << {PLACE_BITS}) + {byte_start}"


def byte_sql(row_id: str) -> str:
    """SQL of the byte of a place."""
    return f"({row_id} & {(1 << PLACE_BITS) - 1})"


def parent_of(extract: Extract) -> str:
    """Column or template with the parent bib's number; empty for none."""
    return extract.parent[0] if extract.parent else extract.links.get("bib.number", "")


def place_names(extract: Extract) -> set[str]:
    """Columns that are the number or the parent and nothing else."""
    places = [*extract.number, parent_of(extract)]
    return {text for text in places if text and "{" not in text}


def source_names(context: Context, name: str, extract: Extract) -> frozenset[str]:
    """Columns that rows of an extract can have; its number and parent only where a link is made of them."""
    told = context.project.extract.get(name)
    names = {*extract.named, *(told.headers.values() if told else ()), *extract.marks, *extract.texts}
    for parts in extract.subfields.values():
        names |= set(parts.values())
    kind = extract.adds_to or extract.makes or name
    keys = [key for _, adding in context.ruleset.adding(kind) for key in adding.links if "{" in key]
    linking = {name for key in keys for name in parse_template(key).names}
    return frozenset(names - (place_names(extract) - linking))


def set_names(context: Context, rows: RowSet) -> frozenset[str]:
    """Columns that rows of any of the set's extracts can have."""
    return frozenset(c for name, extract in rows.extracts for c in source_names(context, name, extract))


def value_sql(
    context: Context, name: str, extract: Extract, text: str, *, kind: str = "", alias: str = "r"
) -> str:
    """SQL of a column as it stands, or of a template of columns; null where it says nothing.

    kind: of the number that is looked for in it; a shape of digits finds none in a spelling of nothing.
    """
    if "{" in text:
        return template_sql(parse_template(text), lambda column: _one(context, name, extract, column, alias))
    value = context.column(f"{name}_row", text, alias)
    if context.is_clean(f"{name}_row", text):
        return value
    spellings = extract.blank_of(text)
    signs = bool(kind) and not context.number_kind(kind)[1].pattern
    digits = signs and not any(spelling.isdigit() for spelling in spellings)
    if not spellings or digits or value.startswith("null"):
        return value
    known = ", ".join(literal(spelling.strip()) for spelling in spellings)
    return f"case when trim({value}) in ({known}) then null else {value} end"


def _one(context: Context, name: str, extract: Extract, column: str, alias: str) -> str:
    """SQL of the first value of a column, for conditions and templates. WordError if there is none such."""
    known = {*extract.named, *(t.headers.values() if (t := context.project.extract.get(name)) else ())}
    if column not in known:
        raise WordError(f"column {column!r}", "a column of the extract", nearest(column, known))
    return context.value(f"{name}_row", column, alias, extract.blank_of(column))


def test_sql(context: Context, name: str, extract: Extract, text: str) -> str:
    """SQL of a condition over the columns of an extract."""
    return condition(text, lambda column: _one(context, name, extract, column, "r"), kind_sql(context))


def compile_rows(context: Context, rows: RowSet, whole: frozenset[str]) -> list[Use]:
    """The tables of files and numbers and the view of columns; gives the number uses for number_form.

    whole: columns that keep their repeats.
    """
    p = rows.prefix
    files = "\nunion all ".join(
        f"select distinct {place} as place, {literal(name)} as extract, source_file from {name}_row"
        for place, (name, _) in enumerate(rows.extracts)
    )
    context.table(
        f"{p}_row_file",
        "select row_number() over (order by place, source_file)::bigint as file_no, extract, source_file\n"
        f"from (\n{files}\n)",
        "all",
    )
    context.table(f"{p}_row_body", "\nunion all ".join(_body(context, rows, n, e) for n, e in rows.extracts))
    if rows.has_parent:
        pieces = [_parents(context, rows, n, e) for n, e in rows.extracts if parent_of(e)]
        context.table(f"{p}_row_parents", "\nunion all ".join(pieces))
    _clean_views(context, rows, whole)
    uses: list[Use] = []
    for name, extract in rows.extracts:
        source = f"from {p}_row_body b join {p}_row_file w on w.file_no = (b.row_id >> {PLACE_BITS})"
        there = f"where w.extract = {literal(name)} and b"
        if extract.number and rows.kind:
            select = f"select w.source_file, b.body {source} {there}.body is not null"
            uses.append((name, rows.kind, name, select))
        if parent_of(extract):
            select = f"select w.source_file, b.parent_body as body {source} {there}.parent_body is not null"
            uses.append((f"{name} parent", "bib", name, select))
    return uses


def _placed(rows: RowSet, name: str) -> str:
    """FROM clause: the staged rows of an extract and their file."""
    return (
        f"from {name}_row r join {rows.prefix}_row_file f"
        f" on f.source_file = r.source_file and f.extract = {literal(name)}"
    )


def _body(context: Context, rows: RowSet, name: str, extract: Extract) -> str:
    number = parent = "null::varchar"
    if extract.number:
        number = value_sql(context, name, extract, extract.number[0], kind=rows.kind)
        number = body_sql(context, rows.kind, number) if rows.kind else f"nullif(trim({number}), '')"
    if parent_of(extract):
        parent = body_sql(context, "bib", value_sql(context, name, extract, parent_of(extract), kind="bib"))
    kept = ""
    if rows.left_out:
        test = test_sql(context, name, extract, extract.only_if) if extract.only_if else "true"
        kept = f",\n  coalesce({test}, false) as kept"
    return (
        f"select {row_id_sql('f.file_no', 'r.byte_start')} as row_id, r.line, r.byte_count,\n"
        f"  {number} as body, {parent} as parent_body{kept}\n{_placed(rows, name)}"
    )


def _parents(context: Context, rows: RowSet, name: str, extract: Extract) -> str:
    raw = value_sql(context, name, extract, parent_of(extract), kind="bib")
    return (
        f"select {row_id_sql('f.file_no', 'r.byte_start')} as row_id, f.extract, f.source_file,"
        f" {raw} as parents\n{_placed(rows, name)} where contains({raw}, chr(31))"
    )


def _clean_views(context: Context, rows: RowSet, whole: frozenset[str]) -> None:
    p, names = rows.prefix, sorted(set_names(context, rows))
    pieces = [_clean(context, rows, name, extract, whole, names) for name, extract in rows.extracts]
    if len(rows.extracts) == 1:
        context.view(f"{p}_row_clean", pieces[0])
        return
    context.view(f"{p}_row_all", "\nunion all\n".join(pieces))


def _clean(
    context: Context, rows: RowSet, name: str, extract: Extract, whole: frozenset[str], names: list[str]
) -> str:
    own = source_names(context, name, extract)
    made: dict[str, str] = {}
    for column in sorted(own - extract.marks.keys() - extract.texts.keys()):
        made[column] = context.value(
            f"{name}_row", column, "r", extract.blank_of(column), whole=column in whole
        )
    for column, parts in sorted(extract.subfields.items()):
        unmarked = context.value(f"{name}_row", column, "r", extract.blank_of(column))
        split_marked(made, context.column(f"{name}_row", column, "r"), parts, unmarked)
    for column, text in extract.texts.items():
        made[column] = value_sql(context, name, extract, text)
    for column, test in extract.marks.items():
        made[column] = f"case when {test_sql(context, name, extract, test)} then 'yes' end"
    shown = "".join(f",\n  {made.get(c, 'null::varchar')} as {quoted(c)}" for c in names)
    return f"select {row_id_sql('f.file_no', 'r.byte_start')} as row_id{shown}\n{_placed(rows, name)}"


def split_marked(made: dict[str, str], value: str, parts: dict[str, str], unmarked: str) -> None:
    """Columns of a value like `|aPR4034|b.P7`: part by code; a value without marks is the first column's.

    unmarked: SQL of the value, cleaned."""
    if value.startswith("null"):
        return
    for place, (code, target) in enumerate(parts.items()):
        pattern = literal(rf"\|{code}([^|\x1f]*)")
        marked = f"nullif(trim(regexp_extract({value}, {pattern}, 1)), '')"
        plain = unmarked if place == 0 else made.get(target, "null::varchar")
        made[target] = f"case when contains({value}, '|') then {marked} else {plain} end"


def row_keys(context: Context, rows: RowSet, *, numbered: bool = True) -> None:
    """<prefix>_row_key and <prefix>_row_again, once number_form is there.

    numbered: rows without a number, or with that of an earlier row of the extract, are none of their own.
    What is known of the few files is put together first: joined one by one, the database thinks that one row
    is left of all, and gathers all rows in memory (4,500,000 did not fit into 988 MiB).
    """
    p = rows.prefix
    key = key_sql(context, rows.kind, "b.body", "c.has_check") if rows.kind else "b.body"
    parent, told, join = "null::varchar", "", ""
    if rows.has_parent:
        parent = key_sql(context, "bib", "b.parent_body", "c.parent_has_check")
        told = ", g.has_check as parent_has_check"
        join = (
            "\n  left join number_form g on g.use = w.extract || ' parent' and g.source_file = w.source_file"
        )
    kept = ", b.kept" if rows.left_out else ""
    context.table(
        f"{p}_row_key",
        f"""
select b.row_id, b.line, b.byte_count, {key} as key, {parent} as parent_key{kept}
from {p}_row_body b left join (
  select w.file_no, f.has_check{told} from {p}_row_file w
  left join number_form f on f.use = w.extract and f.source_file = w.source_file{join}
) c on c.file_no = (b.row_id >> {PLACE_BITS})""",
    )
    context.drop(f"{p}_row_body")
    there = "kept and " if rows.left_out else ""
    pieces = [f"select row_id, key, 'left-out' as what from {p}_row_key where not kept"] * rows.left_out
    if numbered:
        pieces += [
            f"select row_id, key, '{p}-no-number' as what from {p}_row_key where {there}key is null",
            _doubles(rows, there),
        ]
    nothing = "select null::bigint as row_id, null::varchar as key, null::varchar as what where false"
    context.table(f"{p}_row_again", "\nunion all\n".join(pieces) or nothing, "all")
    if len(rows.extracts) > 1:
        _later(context, rows)


def _doubles(rows: RowSet, there: str) -> str:
    p = rows.prefix
    within, join = "key", ""
    if len(rows.extracts) > 1:
        within = "extract, key"
        join = f" join {p}_row_file w on w.file_no = (k.row_id >> {PLACE_BITS})"
    kept = "kept and " if there else ""
    return f"""
select row_id, key, 'duplicate-number' as what from (
  select row_id, key, row_number() over (partition by {within} order by row_id) as nth
  from {p}_row_key k semi join (
    select key from {p}_row_key where {kept}key is not null group by key having count(*) > 1
  ) using (key){join}{" where kept" if there else ""}
) where nth > 1""".strip("\n")


def _later(context: Context, rows: RowSet) -> None:
    """<prefix>_row_later, and the view of columns that takes from later rows what earlier ones lack."""
    p = rows.prefix
    context.table(
        f"{p}_row_later",
        f"""
select row_id, key, first_value(row_id) over same as first_row_id, row_number() over same as nth
from {p}_row_key semi join (
  select key from {p}_row_key anti join {p}_row_again using (row_id) group by key having count(*) > 1
) using (key) anti join {p}_row_again using (row_id)
window same as (partition by key order by row_id)
qualify nth > 1""",
        "all",
    )
    names = sorted(set_names(context, rows))
    others = range(2, len(rows.extracts) + 1)
    shown = "".join(
        f",\n  coalesce(a.{quoted(c)}, {', '.join(f'b{n}.{quoted(c)}' for n in others)}) as {quoted(c)}"
        for c in names
    )
    joins = "\n".join(
        f"left join {p}_row_later l{n} on l{n}.first_row_id = a.row_id and l{n}.nth = {n}\n"
        f"left join {p}_row_all b{n} on b{n}.row_id = l{n}.row_id"
        for n in others
    )
    context.view(f"{p}_row_clean", f"select a.row_id{shown}\nfrom {p}_row_all a\n{joins}")


def whole_rows(rows: RowSet) -> str:
    """SELECT of key, row_id, parent_key: one row a thing, at its first row."""
    p = rows.prefix
    body = f"from {p}_row_key anti join {p}_row_again using (row_id)"
    if len(rows.extracts) == 1:
        return f"select key, row_id, parent_key {body}"
    return f"select key, min(row_id) as row_id, arg_min(parent_key, row_id) as parent_key {body} group by key"
