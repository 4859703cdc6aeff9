"""Record numbers: found in staged text, stripped of their check digit, delivered in one form.

For every column that holds numbers a table `<use>_body` has the digits as written, with a check digit
or not; `number_form` says for each file whether they end in one. The last digit is a check digit where
more than 95 % of a file's numbers pass the test (by chance 9 % would); a number that ends in x or in the
shape's placeholder has one anyway. Sources: the README beside the rules of each system.
"""

from __future__ import annotations

from transformer.database.session import literal
from transformer.ruleset.compile.context import Context

PRESENT_SHARE = 0.95
"""Numbers of a file that must pass for the last digit to count as a check digit."""


def body_sql(context: Context, kind: str, value: str) -> str:
    """SQL of the first number of `kind` in `value` (several stand between U+001F): digits as written."""
    known, shape = context.number_kind(kind)
    if shape.pattern:
        pattern = rf"(?:^|\x1f)\s*({shape.pattern})\s*(?:\x1f|$)"
        return f"nullif(regexp_extract({value}, {literal(pattern)}, 1), '')"
    least, most = shape.digits
    leading = f"[{_escaped(shape.leading)}]?" if shape.leading else ""
    check = f"[0-9x{shape.placeholder}]?" if shape.check_digit else ""
    letter = known.letter.lower()
    digits = f"[0-9]{{{least},{most}}}{check}"
    pattern = rf"(?:^|\x1f)\s*{leading}{letter}({digits})\s*(?:\x1f|$)"
    found = f"nullif(regexp_extract(lower({value}), {literal(pattern)}, 1), '')"
    # Nearly all are a number and nothing else: 76 ns for such a value, 292 for finding one among others.
    alone = [
        f"when regexp_full_match({value}, {literal(f'{_escaped(sign)}{letter}{digits}')})"
        f" then substr({value}, {len(sign + letter) + 1})"
        for sign in ("", *shape.leading)
    ]
    return f"case {' '.join(alone)} else {found} end"


def key_sql(context: Context, kind: str, body: str, has_check: str) -> str:
    """SQL of the number without its check digit."""
    _, shape = context.number_kind(kind)
    if not shape.check_digit:
        return body
    signs = ", ".join(literal(sign) for sign in ("x", shape.placeholder) if sign)
    return f"case when right({body}, 1) in ({signs}) or {has_check} then left({body}, -1) else {body} end"


def delivered_sql(context: Context, kind: str, key: str) -> str:
    """SQL of the one delivered form of a number, from its key."""
    known, shape = context.number_kind(kind)
    numbers = context.project.numbers
    parts = [literal(numbers.prefix)] if numbers.prefix else []
    parts += [literal(known.letter)] if numbers.letter and known.letter else []
    parts.append(key)
    parts += [f"{shape.check_digit}({key})"] if numbers.check_digit and shape.check_digit else []
    return " || ".join(parts)


def number_form(context: Context, uses: list[tuple[str, str, str, str]]) -> None:
    """The table number_form: use, source_file, number_count, tested_count, passed_count, has_check.

    uses: (use, kind, extract name in the project, SELECT of source_file and body).
    """
    pieces = []
    for use, kind, extract, select in uses:
        _, shape = context.number_kind(kind)
        told = context.project.extract.get(extract), context.ruleset.rules.extract.get(extract)
        said = next((one.check_digit for one in told if one and one.check_digit is not None), None)
        if not shape.check_digit:
            decided = "false"
        elif said is not None:
            decided = str(said).lower()
        else:
            decided = f"coalesce(passed_count > {PRESENT_SHARE} * tested_count, false)"
        tested = f"last <> {literal(shape.placeholder)}" if shape.placeholder else "true"
        # The digit is in no AND: there, what several parts of it share would be worked out for each of them.
        passed = "last = digit" if shape.placeholder not in [*"0123456789x"] else f"{tested} and last = digit"
        pieces.append(f"""
select {literal(use)} as use, source_file, number_count, tested_count, passed_count, {decided} as has_check
from (
  select source_file, count(body) as number_count,
    count(*) filter (where {tested}) as tested_count,
    count(*) filter (where {passed}) as passed_count
  from (
    select source_file, body, right(body, 1) as last, mod11(left(body, -1)) as digit from ({select})
  ) group by source_file
)""")
    context.table("number_form", "\nunion all".join(pieces), "all")


def _escaped(characters: str) -> str:
    return "".join("\\" + c for c in characters)
