"""Names of a record in edits -> SQL, as an edit sees them: after all edits before it.

A `Names` belongs to one edit. It gives the SQL of names and conditions over the aliases of `source`: r (the
staged record), k (key, number, stream), p (profile of the file), i (what hangs on the bib), s0, s1 ...
(fields edited before). A condition about a repeated field holds where any of its values meets it; `!=` and
`!~` where there is a value and none meets it. A template takes the first value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from transformer.database.session import literal, quoted
from transformer.extracts.fieldspec import ANY, FieldSpec, parse_field_spec
from transformer.ruleset.compile.bib import kind_sql, profile_column
from transformer.ruleset.compile.context import Context
from transformer.ruleset.compile.edit import Edit, unknown
from transformer.ruleset.compile.edit_plan import EditPlan, original
from transformer.ruleset.files.rules import Extract
from transformer.ruleset.files.words import Clause, clause_sql, field_sql, is_spec

ORDER = "made, seq"
"""Order of a record's edited fields: the extract's as they stood, then new ones as they were made."""


@dataclass(frozen=True, slots=True)
class Thing:
    """What is edited: `bib` or `holdings`; its extract, plan, SQL of its own names, joins by their alias."""

    name: str
    extract: Extract
    plan: EditPlan
    own: dict[str, str] = field(default_factory=dict)
    joins: dict[str, str] = field(default_factory=dict)

    @property
    def staged(self) -> str:
        """The staged table of its records."""
        return f"{self.name}_record"


@dataclass(slots=True)
class Names:
    """The names that one edit knows. view: the group's fields as they are before it (empty: none staged)."""

    context: Context
    thing: Thing
    edit: Edit
    view: str = ""
    states: list[str] = field(default_factory=list)
    columns: set[str] = field(default_factory=set)

    def value(self, name: str) -> str:
        """SQL of all values of a name, with U+001F between; null where there is none."""
        known = self._simple(name)
        if known is not None:
            return known
        if not is_spec(name):
            raise unknown(name, self.known)
        spec = parse_field_spec(name)
        seen = "file" if spec.tag == "LDR" else original(self.thing.plan.edits, self.edit.number, spec.tag)
        if seen == "nothing":
            return "null::varchar"
        if seen == "set" and spec.text == spec.tag:
            return self._as_set(spec.tag)
        if seen in ("state", "set") and self.view:
            return self._state(spec)
        value = self.context.column(self.thing.staged, name, "r")
        if not value.startswith("null"):
            self.columns.add(quoted(name))
        return value

    def first(self, name: str) -> str:
        """SQL of the first value of a name."""
        value = self.value(name)
        return f"first_of({value})" if is_spec(name) and not value.startswith("null") else value

    @property
    def known(self) -> list[str]:
        """Names that are no field specs."""
        columns = {column for profile in self.thing.extract.profile for column in profile.columns}
        project = ("as_of", "numbers.prefix_035", "numbers.former_003", "numbers.prefix")
        return ["number", *project, *self.thing.own, *sorted(columns)]

    def _simple(self, name: str) -> str | None:
        if name == "number":
            return "k.number"
        told = self.context.project_value(name)
        if told is not None:
            return told
        if name in self.thing.own:
            value = self.thing.own[name]
            join = self.thing.joins.get(value.partition(".")[0])
            if join is not None and join not in self.states:
                self.states.append(join)
            return value
        if any(name in profile.columns for profile in self.thing.extract.profile):
            return profile_column(self.context, self.thing.extract, name)
        return None

    def _as_set(self, tag: str) -> str:
        """The value that the last `set` before gave a control field."""
        before = [e for e in self.thing.plan.edits if e.number < self.edit.number and e.verb == "set"]
        last = [e for e in before if tag in e.makes][-1]
        assert last.made is not None
        names = Names(self.context, self.thing, last, self.view, self.states, self.columns)
        return field_sql(last.made, names.first)

    def _state(self, spec: FieldSpec) -> str:
        alias = f"s{len(self.states)}"
        value, where = spec_sql(spec), own_test(spec)
        self.states.append(
            f"left join (\n  select record_no, told(string_agg(v, chr(31) order by {ORDER})) as v from (\n"
            f"    select record_no, {ORDER}, {value} as v from {self.view} where not gone and {where}\n"
            f"  ) group by record_no\n) {alias} on {alias}.record_no = r.record_no"
        )
        return f"{alias}.v"

    def conditions(self) -> list[str]:
        """SQL of each clause about the record; each is true or false."""
        test = kind_sql(self.context)
        return [any_sql(clause, self.value, test) for clause in self.edit.record]

    def source(self) -> str:
        """The FROM clause. To be asked after all names."""
        name, staged = self.thing.name, self.thing.staged
        told = ", ".join(f"told({column}) as {column}" for column in sorted(self.columns))
        record = f"(select * replace ({told}) from {staged})" if told else staged
        joins = [
            f"{record} r join {name}_key k using (record_no)",
            f"join {name}_profile p on p.source_file = r.source_file",
            *self.states,
        ]
        return "\n".join(joins) + "\nwhere k.stream is not null"


def any_sql(clause: Clause, value: Callable[[str], str], kind: Callable[[str, str], str]) -> str:
    """SQL of a clause where names may have several values; true or false."""
    if clause.sign in ("has", "not"):
        return clause_sql(clause, value, kind)
    asked = value(clause.left)
    if asked.startswith("null"):
        return "false"
    right = value(clause.other) if clause.other is not None else ""
    sure = replace(clause, sign=clause.sign.removeprefix("!"))

    def of(text: str) -> str:
        return clause_sql(sure, lambda name: text if name == clause.left else right, kind)

    holds = (
        f"coalesce(case when contains({asked}, chr(31))"
        f" then list_bool_or(list_transform(string_split({asked}, chr(31)), lambda x: {of('x')}))"
        f" else {of(asked)} end, false)"
    )
    return f"({asked} is not null and not {holds})" if clause.sign.startswith("!") else holds


def own_test(spec: FieldSpec) -> str:
    """SQL: the row is a field that the spec is about."""
    tests = []
    if spec.tag != "XXX":
        tests.append(_tag_test(spec.tag))
    for place, wanted in ((1, spec.ind1), (2, spec.ind2)):
        if wanted != ANY:
            tests.append(f'not is_control and substr("inner", {place}, 1) = {literal(wanted)}')
    return " and ".join(tests) or "true"


def _tag_test(tag: str) -> str:
    from transformer.schema.tag_edits import is_open

    return f"tag like {literal(tag.replace('X', '_'))}" if is_open(tag) else f"tag = {literal(tag)}"


def spec_sql(spec: FieldSpec) -> str:
    """SQL of a row's value for a field spec; null where it has none. One code: its values with U+001F."""
    if spec.is_slice:
        return f"nullif(substr(\"inner\", {spec.first + 1}, {spec.last - spec.first + 1}), '')"
    if spec.codes:
        glue = "chr(31)" if len(spec.codes) == 1 else "' '"
        return f'case when not is_control then values_of("inner", {literal(spec.codes)}, {glue}) end'
    return "case when is_control then nullif(\"inner\", '') else text_of(\"inner\", ' ') end"


def field_name_sql(name: str) -> str:
    """SQL of `field.u` and the like of a row; all values with U+001F between."""
    part = name.removeprefix("field.")
    if part in ("ind1", "ind2"):
        place = 1 if part == "ind1" else 2
        return f"case when not is_control then nullif(substr(\"inner\", {place}, 1), ' ') end"
    if part == "tag":
        return "tag::varchar"
    if part in ("field", "text"):
        return spec_sql(FieldSpec("", ""))
    return spec_sql(FieldSpec("", "", codes=part))


def first_sql(field: str) -> str:
    """SQL of the value of the first subfield of a data field in its inner form."""
    return f"split_part(substr({field}, 5), chr(31), 1)"
