"""Bibs: profile, number, stream, and the call number that items may take from them.

Reads the staged `bib_record`. Makes bib_share, bib_profile (which layout each file has), bib_key (one row a
record: key, number, stream), bib_first (first record of each key) and bib_call (call number).
"""

from __future__ import annotations

from collections.abc import Callable

from transformer.database.session import literal
from transformer.ruleset.compile.context import Context, date_sql
from transformer.ruleset.compile.number import body_sql, delivered_sql, key_sql
from transformer.ruleset.files.rules import Extract
from transformer.ruleset.files.validate import nearest
from transformer.ruleset.files.words import WordError, condition

STAGED = "bib_record"
DELETED = "(substr(r.leader, 6, 1) = 'd')"
"""SQL: a record is marked as deleted in its leader."""


def first_sql(context: Context, spec: str, alias: str = "r") -> str:
    """SQL of the first value of a field spec of a bib."""
    value = context.column(STAGED, spec, alias)
    return value if value.startswith("null") else f"first_of({value})"


def kind_sql(context: Context) -> Callable[[str, str], str]:
    """SQL of `value ~ word`: date, or the kind of number before `-number`."""

    def test(word: str, value: str) -> str:
        rules = context.ruleset.rules
        if word == "date":
            patterns = tuple(dict.fromkeys(p for way in rules.dates.values() for p in way.patterns))
            return f"({date_sql(value, patterns, 0, context.as_of.year)}) is not null"
        kind = word.removesuffix("-number")
        if kind != word and kind in rules.number:
            return f"{body_sql(context, kind, value)} is not null"
        known = ["date", *(f"{name}-number" for name in rules.number)]
        raise WordError(f"kind {word!r}", f"{', '.join(known)} or /regular expression/", nearest(word, known))

    return test


def compile_profiles(context: Context, extract: Extract) -> None:
    """bib_share: a row a file with the share of records that show each sign. bib_profile: the choice.

    The first profile whose signs are all met; where none is, the last one.
    """
    made = kind_sql(context)
    signs = list(dict.fromkeys(sign for profile in extract.profile for sign in profile.signs))
    values: dict[str, str] = {}
    tests: dict[str, str] = {}

    def test(word: str, value: str) -> str:
        return tests.setdefault(made(word, value), f"t{len(tests)}")

    def value(name: str) -> str:
        return values.setdefault(first_sql(context, name), f"v{len(values)}")

    shares = "".join(
        f",\n  coalesce(avg(case when {condition(sign, value, test)} then 1.0 else 0.0 end), 0) as s{number}"
        for number, sign in enumerate(signs)
    )
    # Each value and each test is made once, below the conditions: within them, for each part that asks.
    below = "".join(f", {sql} as {name}" for sql, name in values.items())
    told = "".join(f", {sql} as {name}" for sql, name in tests.items())
    context.table(
        "bib_share",
        f"select source_file, count(*) as record_count{shares}\n"
        f"from (select *{told} from (select source_file{below} from {STAGED} r)) group by source_file",
        "all",
    )
    project = context.project.extract.get("bib")
    if project is not None and project.profile:
        chosen = literal(project.profile)
    elif extract.profile:
        cases = []
        for profile in extract.profile:
            needs = [f"s{signs.index(s)} >= {least}" for s, least in profile.signs.items()] or ["true"]
            cases.append(f"when {' and '.join(needs)} then {literal(profile.name)}")
        chosen = f"case {' '.join(cases)} else {literal(extract.profile[-1].name)} end"
    else:
        chosen = "''"
    context.table("bib_profile", f"select source_file, {chosen} as profile from bib_share", "all")
    _profile_report(context, extract, signs, bool(project and project.profile))


def _profile_report(context: Context, extract: Extract, signs: list[str], told: bool) -> None:
    pieces = []
    for place, profile in enumerate(extract.profile):
        shown = " || '; ' || ".join(
            f"{literal(sign + ' ')} || printf('%.3f', s{signs.index(sign)})"
            f" || {literal(f' (needs {least:g})')}"
            for sign, least in profile.signs.items()
        )
        why = "named in the project file" if told else "first whose signs are all met"
        pieces.append(
            f"select 'bib' as extract, source_file, {literal(profile.name)} as profile, {place} as place,"
            f" {shown or literal('no signs: taken when no other fits')} as signs,"
            f" p.profile = {literal(profile.name)} as chosen,"
            f" case when p.profile = {literal(profile.name)} then {literal(why)} else '' end as why"
            " from bib_share join bib_profile p using (source_file)"
        )
    body = (
        "\nunion all ".join(pieces)
        if pieces
        else (
            "select 'bib' as extract, source_file, '' as profile, 0 as place, '' as signs, true as chosen,"
            " 'no profiles' as why from bib_share"
        )
    )
    context.table("profile_report", body, "all")


def bib_numbers(context: Context, extract: Extract) -> str:
    """The table bib_body; gives the SELECT of its numbers for number_form."""
    values = [context.column(STAGED, spec) for spec in extract.number]
    joined = f"concat_ws(chr(31), {', '.join(values)})" if len(values) > 1 else values[0]
    body = body_sql(context, "bib", joined)
    context.table(
        "bib_body", f"select record_no, source_file, {body} as body\nfrom {STAGED} where kind = 'bib'"
    )
    return "select source_file, body from bib_body where body is not null"


def profile_column(context: Context, extract: Extract, name: str) -> str:
    """SQL of a profile's column, by the file's profile (alias p); null where no profile has it."""
    cases = []
    for profile in extract.profile:
        specs = [first_sql(context, spec) for spec in profile.columns.get(name, ())]
        if specs:
            value = specs[0] if len(specs) == 1 else f"coalesce({', '.join(specs)})"
            cases.append(f"when {literal(profile.name)} then {value}")
    return f"case p.profile {' '.join(cases)} end" if cases else "null::varchar"


def compile_keys(context: Context, extract: Extract) -> None:
    """bib_key and bib_first, once number_form is there.

    bib_key.home: the record that it comes out as: itself, the first with its number where they are merged,
    null where it is set aside or no bib; aside: why, as an issue code.
    """
    suppress = profile_column(context, extract, extract.suppress) if extract.suppress else "null::varchar"
    values = context.project.bib.suppress
    stream = "'bib'"
    if values:
        listed = ", ".join(literal(value) for value in values)
        stream = f"case when suppress_value in ({listed}) then 'suppressed' else 'bib' end"
    key, aside = key_sql(context, "bib", "b.body", "f.has_check"), "'bib-no-number'"
    if context.ruleset.rules.bib.deleted == "suppress":
        stream = f"case when deleted then 'suppressed' else {stream} end"
    elif context.ruleset.rules.bib.deleted == "set_aside":
        key = f"case when not {DELETED} then {key} end"
        aside = f"case when deleted then 'bib-deleted' else {aside} end"
    merged, join = _merged(context, extract)
    alone = f"key is not null and not {merged}" if join else "key is not null"
    home = f"case when {merged} then first_record_no when key is not null then k.record_no end"
    context.table(
        "bib_key",
        f"""
select k.record_no, source_file, profile, key, {delivered_sql(context, "bib", "key")} as number,
  suppress_value, deleted, case when {alone} then {stream} end as stream,
  {home if join else "case when key is not null then record_no end"} as home,
  case when key is null then {aside} end as aside
from (
  select r.record_no, r.source_file, p.profile, {key} as key, {DELETED} as deleted,
    {suppress} as suppress_value
  from {STAGED} r
  left join bib_body b using (record_no)
  join bib_profile p on p.source_file = r.source_file
  left join number_form f on f.use = 'bib' and f.source_file = r.source_file
) k{join}""",
    )
    context.drop("bib_body")
    context.table(
        "bib_first",
        "select key, min(record_no) as record_no, any_value(number) as number, count(*) as record_count\n"
        "from bib_key where key is not null group by key",
        "all",
    )
    _united(context, bool(join))


def merging(context: Context, extract: Extract) -> bool:
    """Whether bibs with one number may be merged, and staging has compared them."""
    return any(profile.merge for profile in extract.profile) and context.has("bib_same")


def _merged(context: Context, extract: Extract) -> tuple[str, str]:
    """SQL of whether a record goes into the first of its number, and the join it takes; empty for never."""
    if not merging(context, extract):
        return "false", ""
    names = [profile.name for profile in extract.profile if profile.merge]
    united = [p.name for p in extract.profile if p.merge and p.differing == "united"]
    listed = ", ".join(literal(name) for name in names)
    also = f" or profile in ({', '.join(literal(name) for name in united)})" if united else ""
    test = f"(s.record_no is not null and profile in ({listed}) and (not s.differs{also}))"
    return test, "\nleft join bib_same s on s.record_no = k.record_no"


def _united(context: Context, merged: bool) -> None:
    """bib_united: fields that a first record takes from those merged into it; edits go on with them."""
    if not merged:
        return
    context.table(
        "bib_united",
        "select f.first_record_no as record_no, f.place, f.tag::varchar as tag, f.is_control,"
        ' f."inner"\n'
        "from bib_same_field f join bib_key k on k.record_no = f.record_no\n"
        "where k.stream is null and k.home = f.first_record_no",
    )


def compile_call_number(context: Context) -> None:
    """bib_call: record_no, scheme, class part and item part of the first tag that has a call number."""
    tags = {tag.tag: tag for tag in context.ruleset.rules.bib.call_number}
    order = context.project.item.call_number or tuple(tags)
    chosen = [tags[tag] for tag in order if tag in tags]
    if not chosen:
        context.view(
            "bib_call",
            "select 0::bigint as record_no, null::varchar as scheme, null::varchar as class_part,"
            " null::varchar as item_part where false",
        )
        return
    looked = "".join(
        f",\n    {first_sql(context, t.whole)} as w{n}, {first_sql(context, t.class_part)} as c{n}"
        for n, t in enumerate(chosen)
    )
    scheme, whole, part = (
        " ".join(f"when w{n} is not null then {value}" for n, value in enumerate(values))
        for values in (
            [literal(t.scheme) for t in chosen],
            [f"w{n}" for n in range(len(chosen))],
            [f"c{n}" for n in range(len(chosen))],
        )
    )
    context.table(
        "bib_call",
        f"""
select record_no, scheme,
  case when starts_with(whole, part) then part else whole end as class_part,
  case when starts_with(whole, part) then nullif(trim(substr(whole, length(part) + 1)), '') end as item_part
from (
  select record_no, case {scheme} end as scheme, case {whole} end as whole,
    coalesce(case {part} end, '') as part
  from (select record_no{looked}
  from {STAGED} r)
) where whole is not null""",
    )
