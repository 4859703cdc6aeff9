"""Edits in order -> who does which: the kernel by tag, the database on staged fields, or a template alone.

An edit that a tag alone decides needs no field staged. All others work on the fields of their tags, which
staging collects (`staged`); on those fields the simple edits are done there too, so that each edit sees the
last result. Edits that share tags make a `Group`: they run one after the other; groups know nothing of each
other. `add` needs no staged field unless an edit after it is about its tag.
"""

from __future__ import annotations

from dataclasses import dataclass

from transformer.extracts.fieldspec import parse_field_spec
from transformer.ruleset.compile.edit import Edit, parse_edits
from transformer.ruleset.files.edit_rules import MarcEdit
from transformer.schema.tag_edits import TagTable, is_open, meet, meets_any


@dataclass(frozen=True, slots=True)
class Group:
    """Edits that share tags. number: of its first edit. tags: patterns of its staged fields."""

    number: int
    tags: tuple[str, ...]
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class EditPlan:
    """edits: all, in order. staged: patterns of the tags whose fields are collected. groups: see the module.

    alone: edits that add a field and need no staged one. table: edits by tag, for all other fields.
    """

    edits: tuple[Edit, ...]
    staged: tuple[str, ...]
    groups: tuple[Group, ...]
    alone: tuple[Edit, ...]
    table: TagTable


def plan_edits(rules: tuple[MarcEdit, ...]) -> EditPlan:
    """The plan. WordError for the first mistake in an edit."""
    edits = parse_edits(rules)
    staged = _staged(edits)
    grouped = [edit for edit in edits if _is_grouped(edit, edits, staged)]
    alone = tuple(edit for edit in edits if edit.adds and edit not in grouped)
    table = TagTable(tuple(part for edit in edits for part in edit.by_tag or ()), staged)
    return EditPlan(edits, staged, _groups(grouped, staged), alone, table)


def original(edits: tuple[Edit, ...], number: int, tag: str) -> str:
    """What an edit sees when it reads a tag: `file` (as in the extract), `nothing`, `set`, or `state`.

    `set`: the control field is what the last `set` before made it. `state`: edited fields must be staged.
    """
    before = [e for e in edits if e.number < number and _changes(e, tag)]
    if not before:
        return "file"
    last = before[-1]
    here = next(edit for edit in edits if edit.number == number)
    only_added = all(edit.verb == "add" for edit in before)
    if only_added and here.first_subfield[:3] == tag and _reads_once(here, tag):
        return "file"
    by_tag = last.by_tag is not None
    if by_tag and last.verb == "drop":
        return "nothing"
    if last.verb == "set" and by_tag and last.made is not None and last.made.is_control:
        return "set"
    return "state"


def _changes(edit: Edit, tag: str) -> bool:
    if edit.verb == "keep" and meets_any(tag, edit.rule.keep):
        return False
    return meets_any(tag, edit.tags) or meets_any(tag, edit.makes)


def _reads_once(edit: Edit, tag: str) -> bool:
    return all(parse_field_spec(read).tag != tag for read in edit.reads if read != edit.first_subfield)


def _staged(edits: tuple[Edit, ...]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for edit in edits:
        if edit.by_tag is None:
            found.update(dict.fromkeys(edit.tags))
    while True:
        count = len(found)
        for edit in edits:
            for read in edit.reads:
                tag = parse_field_spec(read).tag
                if tag != "LDR" and original(edits, edit.number, tag) == "state":
                    found[tag] = None
            found.update(dict.fromkeys(_drawn_in(edit, edits, tuple(found))))
        if len(found) == count:
            return tuple(sorted(found))


def _drawn_in(edit: Edit, edits: tuple[Edit, ...], staged: tuple[str, ...]) -> list[str]:
    """Tags that must be staged since a later edit is about what this one makes."""
    later = [other for other in edits if other.number > edit.number]
    found: list[str] = []
    for tag in edit.makes:
        about = [other for other in later if meets_any(tag, (*other.tags, *_read_tags(other, edits)))]
        turned = any(other.verb in ("retag", "indicator") for other in about)
        if turned if edit.adds else edit.by_tag is None and about:
            found.append(tag)
        elif edit.verb == "retag" and meets_any(tag, staged) and about:
            found += [old for old, new in edit.rule.retag.items() if new == tag]
    return found


def _read_tags(edit: Edit, edits: tuple[Edit, ...]) -> tuple[str, ...]:
    tags = [parse_field_spec(read).tag for read in edit.reads]
    return tuple(tag for tag in tags if original(edits, edit.number, tag) == "state")


def _is_grouped(edit: Edit, edits: tuple[Edit, ...], staged: tuple[str, ...]) -> bool:
    if edit.by_tag is None and not edit.adds:
        return True
    if _read_tags(edit, edits):
        return True
    if edit.verb != "add":
        return any(meets_any(tag, staged) for tag in edit.tags)
    if not meets_any(edit.makes[0], staged):
        return False
    later = [other for other in edits if other.number > edit.number]
    return any(meets_any(edit.makes[0], (*other.tags, *_read_tags(other, edits))) for other in later)


def is_dead(edit: Edit, edits: tuple[Edit, ...]) -> bool:
    """Whether what an `add` or `set` makes is left out again by tag, by a later edit."""
    parts = [part for later in edits if later.number > edit.number for part in later.by_tag or ()]
    return TagTable(tuple(parts)).fate(edit.makes[0]).tag == ""


def _groups(edits: list[Edit], staged: tuple[str, ...]) -> tuple[Group, ...]:
    """Edits joined by tags that meet, over all tags that they are about, make or read."""
    clusters: list[tuple[set[str], list[Edit]]] = []
    for edit in edits:
        tags = {tag for tag in (*edit.tags, *edit.makes) if meets_any(tag, staged)}
        tags |= {t for t in (parse_field_spec(read).tag for read in edit.reads) if meets_any(t, staged)}
        tags |= {pattern for pattern in staged if any(meet(pattern, tag) for tag in tags)}
        mine = (tags, [edit])
        apart = []
        for cluster in clusters:
            if any(meet(a, b) for a in cluster[0] for b in tags):
                mine = (mine[0] | cluster[0], [*cluster[1], *mine[1]])
            else:
                apart.append(cluster)
        clusters = [*apart, mine]
    groups = []
    for tags, members in clusters:
        ordered = tuple(sorted(members, key=lambda edit: edit.number))
        own = tuple(sorted(pattern for pattern in staged if any(meet(pattern, tag) for tag in tags)))
        groups.append(Group(ordered[0].number, own, ordered))
    return tuple(sorted(groups, key=lambda group: group.number))


def dropped_tags(plan: EditPlan, system: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Tags named one by one whose fields in the extract are left out; `system`: tags that a profile drops."""
    named = {tag for edit in plan.edits for tag in edit.tags if edit.by_tag is not None and not is_open(tag)}
    gone = {tag for tag in named if plan.table.fate(tag).tag == ""}
    kept = {tag for tag in system if plan.table.fate(tag).tag == tag and not meets_any(tag, plan.staged)}
    return tuple(sorted(gone | kept))
