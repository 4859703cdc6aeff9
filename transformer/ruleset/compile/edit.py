"""One edit of MARC as the compiler sees it: the fields it is about, the tags it makes, what it reads.

`parse_edit` reads the verb of a `MarcEdit`; mistakes are WordErrors with a sentence. Names that begin with
`field` in a condition are about the very field that is edited (`field.u`, `field.ind1`, `field.tag`,
`field.text`); all others are about the record.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from transformer.extracts.fieldspec import FieldSpec, FieldSpecError, parse_field_spec
from transformer.ruleset.files.edit_rules import EDIT_VERBS, Copied, MarcEdit
from transformer.ruleset.files.validate import nearest
from transformer.ruleset.files.words import (
    Clause,
    FieldTemplate,
    Template,
    WordError,
    clauses,
    is_spec,
    parse_field,
    parse_template,
)
from transformer.schema.tag_edits import TagEdit, is_open, meets_any

_OF_SUBFIELDS = ("drop", "copy", "move", "replace", "map", "prefix", "sort", "deduplicate")
_SURE = frozenset(("number", "as_of"))
"""Names that always have a value where a record is delivered: a field of them can take others' place."""

CONTROL = ("00X",)
"""Tags of control fields."""


@dataclass(frozen=True)
class Edit:
    """A parsed edit. number: its place among all. verb: one of EDIT_VERBS.

    targets: the fields it is about (of `add`: none; of `keep`: those of `of`). makes: tags of fields that
    come of it. template: the field of `add` and `set`, or the text of `prefix`. record, own: clauses of its
    condition about the record, and about the field.
    """

    number: int
    rule: MarcEdit
    verb: str
    targets: tuple[FieldSpec, ...] = ()
    makes: tuple[str, ...] = ()
    made: FieldTemplate | None = None
    text: Template | None = None
    to: FieldSpec | None = None
    record: tuple[Clause, ...] = ()
    own: tuple[Clause, ...] = ()

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """Patterns of the tags whose fields it may change or leave out."""
        return tuple(dict.fromkeys(spec.tag for spec in self.targets))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names about the record, in its condition and its templates."""
        asked = [name for c in self.record for name in (c.left, c.other) if name is not None]
        made = self.made.names if self.made is not None else ()
        return (*asked, *made, *(self.text.names if self.text is not None else ()))

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """Field specs of the record that it reads."""
        found = [name for name in self.names if is_spec(name)]
        if self.first_subfield:
            found.append(self.first_subfield)
        return tuple(dict.fromkeys(found))

    @property
    def first_subfield(self) -> str:
        """The spec that `unless_there` looks at; empty without it."""
        if not self.rule.unless_there or self.made is None or not self.made.subfields:
            return ""
        return self.made.tag + self.made.subfields[0][0]

    @property
    def adds(self) -> bool:
        """It makes one field from a template."""
        return self.made is not None

    @property
    def by_tag(self) -> tuple[TagEdit, ...] | None:
        """The same as edits that a tag alone decides, where that is all it takes; else None."""
        whole = all(s.ind1 == s.ind2 == "*" and not s.codes and not s.is_slice for s in self.targets)
        if self.rule.when or not whole:
            return None
        if self.verb == "drop" or (self.verb == "set" and _SURE.issuperset(self.names)):
            return (TagEdit("drop", self.tags),)
        if self.verb == "keep":
            return (TagEdit("drop", self.tags, self.rule.keep),)
        if self.verb == "retag":
            return tuple(TagEdit("retag", (old,), to=new) for old, new in self.rule.retag.items())
        if self.verb == "indicator":
            return (TagEdit("indicators", self.tags, ind1=self.ind1, ind2=self.ind2),)
        return None

    @property
    def ind1(self) -> str:
        """The first indicator that `indicator` sets; empty = as it is."""
        return self.rule.indicator.ind1.replace("_", " ") if self.rule.indicator is not None else ""

    @property
    def ind2(self) -> str:
        """The second one."""
        return self.rule.indicator.ind2.replace("_", " ") if self.rule.indicator is not None else ""


def parse_edits(rules: tuple[MarcEdit, ...]) -> tuple[Edit, ...]:
    """All edits that are not off, in order."""
    return tuple(parse_edit(rule, number) for number, rule in enumerate(rules) if not rule.off)


def parse_edit(rule: MarcEdit, number: int = 0) -> Edit:
    """The edit; the first mistake in it as a WordError."""
    for error in mistakes(rule):
        raise error
    verb = rule.verbs[0]
    asked = clauses(rule.when) if rule.when else ()
    own = tuple(clause for clause in asked if _own(clause.left))
    record = tuple(clause for clause in asked if not _own(clause.left))
    edit = Edit(number, rule, verb, _targets(rule, verb), record=record, own=own)
    return _with_makes(edit)


def _with_makes(edit: Edit) -> Edit:
    rule = edit.rule
    if rule.made_by:
        made = parse_field(rule.made_by)
        return replace(edit, makes=(made.tag,), made=made)
    if edit.verb == "retag":
        return replace(edit, makes=tuple(rule.retag.values()))
    if copied := rule.copy or rule.move:
        to = spec(copied.to)
        return replace(edit, makes=(to.tag,), to=to)
    if rule.prefix is not None:
        return replace(edit, text=parse_template(rule.prefix.to))
    return edit


def mistakes(rule: MarcEdit) -> Iterator[WordError]:
    """Everything that an edit says wrongly, names of the record apart."""
    if len(rule.verbs) != 1:
        found = " and ".join(rule.verbs) or "no verb"
        yield WordError(f"{found}", f"one of {', '.join(EDIT_VERBS)}")
        return
    verb = rule.verbs[0]
    for question in (_of_target, _of_verb, _of_condition):
        try:
            question(rule, verb)
        except WordError as error:
            yield error


def _of_target(rule: MarcEdit, verb: str) -> None:
    for target in _targets(rule, verb):
        if target.tag == "LDR":
            raise WordError("the leader", "a field: the leader can be asked, not edited")
        if target.codes and verb not in _OF_SUBFIELDS:
            raise WordError(f"subfields in {target.text!r}", f"a tag for {verb}")
        if target.is_slice and verb not in ("replace",):
            raise WordError(f"positions in {target.text!r}", "positions only for replace")


def _of_verb(rule: MarcEdit, verb: str) -> None:
    if rule.made_by and rule.unless_there and not parse_field(rule.made_by).subfields:
        raise WordError("unless_there", "a field with subfields")
    if rule.unless_there and verb != "add":
        raise WordError(f"unless_there with {verb}", "unless_there only with add")
    if bool(rule.of) != (verb == "keep"):
        raise WordError("keep without of" if verb == "keep" else f"of with {verb}", 'of = ["9XX"] with keep')
    if rule.made_by:
        parse_field(rule.made_by)
    for old, new in rule.retag.items():
        _same_kind(old, new)
        if meets_any(new, tuple(rule.retag)):
            raise WordError(f"{new!r} as old and as new tag", "edits of their own, in the order wanted")
    if copied := rule.copy or rule.move:
        _of_copy(copied)
    if rule.indicator is not None:
        _of_indicator(rule)
    if rule.prefix is not None:
        parse_template(rule.prefix.to)
        if not spec(rule.prefix.field).codes:
            raise WordError(f"prefix of {rule.prefix.field!r}", "a tag and subfield codes, e.g. 035a")
    if rule.map is not None:
        if not spec(rule.map.field).codes:
            raise WordError(f"map of {rule.map.field!r}", "a tag and a subfield code for each key, e.g. 852c")
        for code in rule.map.into:
            if len(code) != 1:
                raise WordError(f"into {code!r}", "a subfield code")
        if not rule.map.into:
            raise WordError("map without into", "into = { b = 'library' }: subfield code and column")
    if rule.replace is not None:
        target = spec(rule.replace.field)
        if not target.codes and not meets_any(target.tag, CONTROL):
            raise WordError(f"replace in {target.text!r}", "a tag and subfield codes, e.g. 856u")
        check_regex(rule.replace.pattern)


def _of_copy(copied: Copied) -> None:
    source, to = spec(copied.source), spec(copied.to)
    if is_open(to.tag) or to.is_slice or len(to.codes) > 1:
        raise WordError(f"to {copied.to!r}", "a tag, or a tag and one subfield code")
    one = "*" in (to.ind1, to.ind2) and (to.ind1, to.ind2) != ("*", "*")
    if one:
        raise WordError(f"to {copied.to!r}", "both indicators or none, e.g. 590|1#|")
    if not to.codes:
        _same_kind(source.tag, to.tag)
    elif meets_any(to.tag, CONTROL):
        raise WordError(f"to {copied.to!r}", "control fields have no subfields")


def _of_indicator(rule: MarcEdit) -> None:
    said = rule.indicator
    if said is None or not (said.ind1 or said.ind2):
        raise WordError("no indicator", "ind1, ind2 or both")
    for value in (said.ind1, said.ind2):
        if len(value) > 1 or not (value == "" or value == "_" or (value.isascii() and value.isalnum())):
            raise WordError(f"indicator {value!r}", "a digit, a small letter, or `_` for a blank")
    if meets_any(spec(said.field).tag, CONTROL):
        raise WordError(f"indicators of {said.field!r}", "control fields have none")


def _of_condition(rule: MarcEdit, verb: str) -> None:
    asked = clauses(rule.when) if rule.when else ()
    for clause in asked:
        own = _own(clause.left)
        if own and verb in ("add", "set"):
            raise WordError(f"{clause.left!r} with {verb}", "names of the record: there is no field yet")
        if own and not _own_name(clause.left):
            raise WordError(
                f"name {clause.left!r}", "field.ind1, field.ind2, field.tag, field.text, or field. and a code"
            )
        if clause.other is not None and (own or _own(clause.other)):
            raise WordError(f"{clause.left!r} with {clause.other!r}", "a text in quotes")
        if clause.pattern is not None:
            check_regex(clause.pattern)


def _own(name: str) -> bool:
    return name == "field" or name.startswith("field.")


def _own_name(name: str) -> bool:
    part = name.removeprefix("field.")
    return part in ("ind1", "ind2", "tag", "text") or len(part) == 1


def _same_kind(old: str, new: str) -> None:
    if is_open(new) or len(new) != 3:
        raise WordError(f"tag {new!r}", "one tag of three characters")
    if len(old) != 3:
        raise WordError(f"tag {old!r}", "three characters; X for any")
    if meets_any(old, CONTROL) != meets_any(new, CONTROL):
        raise WordError(f"{old} as {new}", "both control fields (00X) or both not")


def check_regex(pattern: str) -> None:
    """WordError unless RE2 knows the regular expression."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        pc.match_substring_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid as error:
        said = str(error).removeprefix("Invalid regular expression: ")
        raise WordError(f"pattern {pattern!r}", f"a regular expression of RE2: {said}") from None


def spec(text: str) -> FieldSpec:
    """A field spec whose tag may be a pattern."""
    try:
        return parse_field_spec(text)
    except FieldSpecError as error:
        raise WordError(
            f"field spec {text!r}", "a tag, and subfield codes or indicators", str(error)
        ) from None


def _targets(rule: MarcEdit, verb: str) -> tuple[FieldSpec, ...]:
    if verb == "add":
        return ()
    if verb == "set":
        return (spec(parse_field(rule.set).tag),)
    if verb == "retag":
        return tuple(spec(old) for old in rule.retag)
    said = {
        "drop": rule.drop,
        "keep": rule.of,
        "sort": rule.sort,
        "deduplicate": rule.deduplicate,
        "copy": (rule.copy.source,) if rule.copy else (),
        "move": (rule.move.source,) if rule.move else (),
        "replace": (rule.replace.field,) if rule.replace else (),
        "map": (rule.map.field,) if rule.map else (),
        "prefix": (rule.prefix.field,) if rule.prefix else (),
        "indicator": (rule.indicator.field,) if rule.indicator else (),
    }[verb]
    if verb == "keep":
        for text in rule.keep:
            if len(text) != 3:
                raise WordError(f"tag {text!r}", "three characters; X for any")
    return tuple(spec(text) for text in said)


def unknown(name: str, known: list[str]) -> WordError:
    """The WordError of a name of the record that nobody knows."""
    return WordError(
        f"name {name!r}", "number, a field spec, a column of a profile, item_count, item. and a column",
        nearest(name, known),
    )  # fmt: skip
