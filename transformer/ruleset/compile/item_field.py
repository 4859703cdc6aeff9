"""Items as fields of their bibs, for a delivery that an import profile loads.

One field an item, after everything that edits made, in the order of the items. A profile makes every item one
that is in place, so what its status was must stand in a note: items of which nothing would say so are told.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from transformer.database.session import literal, quoted
from transformer.ruleset.compile.context import Context
from transformer.ruleset.files.rules import RuleSet
from transformer.ruleset.files.validate import nearest
from transformer.ruleset.files.words import FieldTemplate, WordError, field_sql, parse_field

PLACE = 1_000_000_000
"""Behind every edit and every field that a merged record brings."""


def item_field(ruleset: RuleSet) -> FieldTemplate:
    """The template. WordError where it is none, or no local field with subfields."""
    made = parse_field(ruleset.rules.import_profile.field)
    if made.is_control or made.tag[0] != "9":
        raise WordError(f"field {made.tag}", "a local data field, 9XX, with subfields")
    return made


def item_resolver(ruleset: RuleSet, made: Collection[str]) -> Callable[[str], str]:
    """SQL of the names of a template: columns of items, null for those that no rule makes."""
    known = {"number", "bib_number", "holdings_number", *ruleset.rules.item}
    for delivery in ruleset.rules.delivery.values():
        known |= {*delivery.item.columns}

    def resolve(name: str) -> str:
        if name not in known:
            raise WordError(f"name {name!r}", "a column of [item]", nearest(name, known))
        return f"i.{quoted(name)}" if name in made else "null::varchar"

    return resolve


def item_fields(context: Context) -> str:
    """SELECT to join the new fields of bibs; empty where the delivery has another shape."""
    if not context.project.delivery.items_in_bibs:
        return ""
    made = {"number", "bib_number", "holdings_number", *context.ruleset.rules.item}
    field = item_field(context.ruleset)
    inner = field_sql(field, item_resolver(context.ruleset, made))
    return (
        f"\\nunion all\\nselect b.record_no, {PLACE} + (i.own_record_no is null)::int as place,"
        f" coalesce(i.field_id, i.row_id) as seq, {literal(field.tag)} as tag, false as is_control,\\n"
        f'  {inner} as "inner"\\nfrom item_out i join bib_first b on b.number = i.bib_number'
    ).replace("\\n", "\n")


def field_issues(context: Context, row: Callable[..., str]) -> list[str]:
    """SELECTs of issue rows of this shape."""
    if not context.project.delivery.items_in_bibs:
        return []
    tag, note = item_field(context.ruleset).tag, context.ruleset.rules.item_status.note_in
    examples = "array_to_string(examples, ', ')"
    silent = "base_status = '0' and coalesce(process_type, '') not in ('LOAN', 'HOLDSHELF')"
    pieces = []
    if {"base_status", "process_type", note} <= {*context.ruleset.rules.item}:
        pieces.append(
            row(
                "status-without-note", "item",
                "(select count(*) as n, min(number, 3) as examples from item_out"
                f" where {silent} and {quoted(note)} is null) where n > 0",
                column=literal(note), rule="'import_profile'",
                message=f"n || ' come as in place and no note says otherwise: ' || {examples}",
            )
        )  # fmt: skip
    taken = context.column("bib_record", tag, "r")
    if not taken.startswith("null"):
        pieces.append(
            row(
                "item-field-taken", "bib",
                "(select count(*) as n, min(k.number, 3) as examples from bib_record r"
                f" join bib_key k using (record_no) where {taken} is not null and k.stream is not null)"
                " where n > 0",
                tag=literal(tag), rule="'import_profile.field'",
                message=f"n || ' bibs have this field themselves, for instance ' || {examples}",
            )
        )  # fmt: skip
    return pieces
