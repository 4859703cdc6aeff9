"""Enumeration and chronology: the texts of volumes that occur, each taken apart once.

item_enumeration: one row for each text: row_count, understood, and a column for each of GIVEN. Items join it
by their text. Each piece of the rules is one layer: what it gives is read, then it is cut out of the rest;
where letters or figures are left in the end, the text is not understood and gives nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from transformer.database.session import literal, quoted
from transformer.ruleset.compile.columns import Columns
from transformer.ruleset.compile.context import Context
from transformer.ruleset.files.enumeration_rules import (
    CAPTIONS,
    ENUMERATION,
    GIVEN,
    LEVELS,
    OTHERS,
    WORDS,
    EnumerationRules,
    Piece,
)
from transformer.ruleset.files.rules import RuleSet
from transformer.ruleset.files.validate import nearest
from transformer.ruleset.files.words import WordError

TABLE = "item_enumeration"
_NAME = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_BEFORE, _AFTER = r"(?i)(?:^|[^\pL\pN])", r"(?:$|[^\pL\pN])"
_PARTS = (*LEVELS, *OTHERS)
_MONTHS = "regexp_extract(lower(p_month), '^([^-/]*)([-/]?)(.*)$', ['a', 'sign', 'b'])"


def text_sql(columns: Columns) -> str:
    """SQL of the text of an item that is taken apart; empty where nobody asks for it."""
    rules = columns.context.ruleset.rules.enumeration
    if not columns.enumerated or not rules.source:
        return ""
    values = [columns.one(name) for name in rules.source]
    return f"coalesce({', '.join(values)})" if len(values) > 1 else values[0]


def compile_enumeration(context: Context, text: str, codes: str) -> None:
    """The table, from the texts in the column en_text of `codes`; nothing where nobody asks."""
    if not text:
        return
    rules = context.ruleset.rules.enumeration
    known = fragments(context.ruleset)
    # [1981-1982] and 1981–1982 are the same; an equals sign stands apart, so that a piece may begin with it.
    clean = (
        "strip_accents(regexp_replace(regexp_replace(translate(en_text, '[]–—', '  --'), '=', ' = ', 'g'),"
    )
    below = (
        f"  select en_text as text, count(*) as row_count, trim({clean} '\\s+', ' ', 'g'))) as rest,\n"
        f"    {', '.join(f'null::varchar as p_{name}' for name in _PARTS)}\n"
        f"  from {codes} where en_text is not null group by en_text"
    )
    for piece in rules.piece:
        if not piece.off:
            below = _layer(piece, known, below)
    left = "regexp_matches(rest, '[\\pL\\pN]')"
    never = f" and not regexp_matches(text, {literal(rules.never)})" if rules.never else ""
    found = " or ".join(f"p_{name} is not null" for name in _PARTS)
    context.table(
        TABLE,
        f"select text, row_count, understood,\n  {_given(context, rules)}\nfrom (\n"
        f"  select *, not {left} and ({found}){never} as understood,\n    {_MONTHS} as months\n"
        f"  from (\n{below}\n  )\n)"
        f"{_word_joins(context)}",
        "all",
    )


def _layer(piece: Piece, known: Mapping[str, str], below: str) -> str:
    """One piece over what is below: found where its columns are free, given, and cut out."""
    names = [f"g{n}" for n in range(len(piece.gives))]
    regex = literal(f"{_BEFORE}({expanded(piece.pattern, known)}){_AFTER}")
    columns = list(dict.fromkeys(name for text in piece.gives for name in text.split()))
    free = [f"p_{name} is null" for name in (LEVELS if piece.alone else columns)]
    listed = ", ".join(literal(name) for name in ("w", *names))
    replaced = []
    for column in columns:
        parts = [f"m.{g}" for g, text in zip(names, piece.gives, strict=True) if column in text.split()]
        value = f"nullif({' || '.join(parts)}, '')"
        replaced.append(f"case when m.w <> '' then {value} else p_{column} end as p_{column}")
    return (
        f"  select * exclude (m) replace (\n    case when m.w <> '' then regexp_replace(rest, {regex}, ' ')"
        f" else rest end as rest,\n    {', '.join(replaced)})\n"
        f"  from (select *, case when {' and '.join(free)} then regexp_extract(rest, {regex}, [{listed}]) end"
        f" as m\n  from (\n{below}\n  ))"
    )


def _given(context: Context, rules: EnumerationRules) -> str:
    """SELECT list of GIVEN."""
    levels = ", ".join(f"p_{name}" for name in LEVELS)
    there = f"list_filter([{levels}], lambda v: v is not null)"
    shown = [
        f"case when understood then {there}[{n}] end as {quoted(name)}"
        for n, name in enumerate(ENUMERATION, start=1)
    ]
    if rules.not_understood == "enumeration_a":
        shown[0] = f"case when understood then {there}[1] else text end as enumeration_a"
    for part, name in OTHERS.items():
        value = f"p_{part}"
        if part == "month" and context.ruleset.maps[WORDS]:
            value = "coalesce(w1.code, months.a) || months.sign || coalesce(w2.code, months.b)"
        shown.append(f"case when understood and p_{part} is not null then {value} end as {quoted(name)}")
    return ",\n  ".join(shown)


def _word_joins(context: Context) -> str:
    """The joins that turn `Apr/May` into codes."""
    if not context.ruleset.maps[WORDS]:
        return ""
    joins = [
        f"\nleft join (select strip_accents(lower(word)) as word, any_value(code order by _no) as code"
        f" from rows_{WORDS} group by 1) {alias} on {alias}.word = months.{part}"
        for alias, part in (("w1", "a"), ("w2", "b"))
    ]
    return "".join(joins)


def join_enumeration(text: str) -> tuple[str, str]:
    """SELECT list and JOIN that bring what a text gives to an item's row, as en_<name>."""
    if not text:
        return "", ""
    shown = "".join(f",\n  en.{name} as {quoted('en_' + name)}" for name in GIVEN)
    return shown, f"\nleft join {TABLE} en on en.text = {text}"


def fragments(ruleset: RuleSet) -> dict[str, str]:
    """Regular expressions by name: the rules' words, `word` for months, and each level's captions."""
    rules, found = ruleset.rules.enumeration, {}
    by_level: dict[str, list[str]] = {}
    for row in ruleset.maps.get(CAPTIONS, ()):
        for level in row.values.get("level", "").split("|"):
            by_level.setdefault(level.strip(), []).append(row.values["caption"])
    by_level["word"] = [row.values["word"] for row in ruleset.maps.get(WORDS, ())]
    for name, texts in by_level.items():
        # Longer ones first: the first alternative that fits is taken.
        plain = sorted({_plain(text) for text in texts if text}, key=lambda text: (-len(text), text))
        found[name] = "|".join(re.sub(r"[!-/:-@[-`{-~]", r"\\\g<0>", text) for text in plain)
    captions = {name: f"(?:{text})" for name, text in found.items() if name != "word"}
    return {**captions, "word": found["word"], **rules.words}


def _plain(text: str) -> str:
    """Small letters without accents, as texts are compared."""
    split = unicodedata.normalize("NFD", text.lower())
    return "".join(letter for letter in split if not unicodedata.combining(letter))


def expanded(pattern: str, known: Mapping[str, str], depth: int = 0) -> str:
    """A pattern with its {names} put in. WordError for a name that nobody knows, and for circles."""

    def put(found: re.Match[str]) -> str:
        name = found[1]
        if name not in known:
            raise WordError(f"name {{{name}}}", ", ".join(sorted(known)), nearest(name, known))
        if depth > 8:
            raise WordError(f"name {{{name}}}", "words that do not name one another in a circle")
        return expanded(known[name], known, depth + 1)

    return _NAME.sub(put, pattern)


def check_piece(piece: Piece, known: Mapping[str, str]) -> str:
    """The regular expression of a piece. WordError where it or what it gives makes no sense."""
    for name in (name for text in piece.gives for name in text.split()):
        if name not in _PARTS:
            raise WordError(f"gives {name!r}", ", ".join(_PARTS), nearest(name, _PARTS))
    regex = expanded(piece.pattern, known)
    groups = len(re.findall(r"(?<!\\)\((?!\?)", regex))
    if not piece.gives or groups != len(piece.gives):
        raise WordError(f"{groups} groups in brackets", f"{len(piece.gives)}, one for each of gives")
    return f"{_BEFORE}({regex}){_AFTER}"


def enumeration_issues(text: str, row: object) -> Iterator[str]:
    """SELECT of the issue row about texts that were not understood, with the most frequent of them."""
    assert callable(row)
    if text:
        yield row(
            "volume-not-understood", "item",
            "(select sum(row_count) as n, count(*) as texts,"
            " array_to_string(list(text order by row_count desc, text)[:5], '; ') as shown"
            f" from {TABLE} where not understood) where n > 0",
            column="'description'", rule="'enumeration'",
            message="n || ' items, ' || texts || ' texts, for instance: ' || shown",
        )  # fmt: skip
