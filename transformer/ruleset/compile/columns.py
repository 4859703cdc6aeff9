"""Columns of a thing: rules -> SQL expressions, in layers, with the maps they use.

A view `<thing>_source` gives `src_<name>` for every source column (values trimmed, blank = null, repeats
between U+001F), `parent_number`, `bib_<name>` of the parent. Here each column rule becomes an expression
over these, over columns of maps (`m<n>_<column>`) and over columns of lower layers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from transformer.database.session import literal, quoted
from transformer.ruleset.compile.bib import kind_sql
from transformer.ruleset.compile.context import Context, date_sql
from transformer.ruleset.files.enumeration_rules import GIVEN
from transformer.ruleset.files.rules import LOAN_NAMES, REQUEST_NAMES, ColumnRule
from transformer.ruleset.files.validate import nearest
from transformer.ruleset.files.words import (
    WordError,
    condition,
    condition_names,
    is_spec,
    parse_template,
    template_sql,
)

LINKED_NAMES = {"loan": LOAN_NAMES, "request": REQUEST_NAMES}
"""Names that every system's rules may use of an item's loan and requests."""
STATUS_NAMES = frozenset(
    ("base_status", "process_type", "note", "internal_note_1", "internal_note_2", "internal_note_3",
     "condition", "temp_library", "temp_location", "temp_policy", "in_temp_location", "acquisition",
     "source", "label", "loan", "request", "withdrawn")
)  # fmt: skip
"""What item rules may ask of what an item's statuses, loan and request come to: `status.base_status` ..."""
CLEAN = ("trim", "remove_blanks", "collapse_blanks", "upper", "lower", "money", "cents", "unmark")
"""Verbs of `clean`, each a macro clean_<verb>."""
BIB_COLUMNS = {
    "call_number_type": "scheme",
    "call_number_class": "class_part",
    "call_number_item": "item_part",
}
"""What a parent bib offers beside its number and its field specs: name -> column of bib_call."""


@dataclass(frozen=True, slots=True)
class MapUse:
    """One map looked up with one set of keys (SQL over the source view). place: number of the use."""

    thing: str
    place: int
    map: str
    keys: tuple[str, ...]

    @property
    def table(self) -> str:
        """Name of the table of codes met and what the map makes of them."""
        return f"{self.thing}_map_{self.map}" + (f"_{self.place}" if self.place >= 1000 else "")

    def column(self, name: str) -> str:
        """Name of a target column after the join."""
        return f"m{self.place}_{name}"


@dataclass(slots=True)
class Columns:
    """Compiles the columns of `thing`; collects the maps and parent columns they need.

    source: columns of the extracts. whole: those of them that keep their repeats (see `repeated`).
    statuses: names asked for of what the statuses come to. enumerated: the text of volumes was asked for.
    """

    context: Context
    thing: str
    rules: Mapping[str, tuple[ColumnRule, ...]]
    source: frozenset[str]
    whole: frozenset[str] = frozenset()
    uses: dict[tuple[str, tuple[str, ...]], MapUse] = field(default_factory=dict)
    policies: dict[tuple[int, str], set[str]] = field(default_factory=dict)
    parents: set[str] = field(default_factory=set)
    linked: set[tuple[str, str]] = field(default_factory=set)
    statuses: set[str] = field(default_factory=set)
    enumerated: bool = False

    def layers(self) -> list[dict[str, str]]:
        """Column -> SQL, in layers: each needs only the layers before it. WordError on a circle."""
        needs = {name: self._needs(rules) for name, rules in self.rules.items()}
        left = dict(needs)
        done: set[str] = set()
        layers: list[dict[str, str]] = []
        while left:
            ready = [name for name, wants in left.items() if wants <= done]
            if not ready:
                raise WordError(f"columns {', '.join(sorted(left))} need one another", "no circle")
            layers.append({name: self._column(name) for name in ready})
            done |= set(ready)
            for name in ready:
                del left[name]
        return layers

    def check(self, name: str) -> None:
        """WordError or ExpressionError if the rules of a column make no sense."""
        self._needs(self.rules[name])
        for rule in self.rules[name]:
            self.case(name, rule)

    def _needs(self, rules: tuple[ColumnRule, ...]) -> set[str]:
        prefix = self.thing + "."
        names = [name for rule in rules for name in rule_names(rule)]
        own = {name.removeprefix(prefix) for name in names if name.startswith(prefix)} - {"number"}
        for name in own:
            if name not in self.rules:
                raise WordError(f"name '{prefix}{name}'", "a column of this file", nearest(name, self.rules))
        return own

    def _column(self, name: str) -> str:
        cases = [self.case(name, rule) for rule in self.rules[name]]
        return cases[0] if len(cases) == 1 else f"coalesce({', '.join(cases)})"

    def resolve(self, name: str) -> str:
        """SQL of a name, whole (repeats included)."""
        prefix = self.thing + "."
        if name == f"{prefix}number":
            return "number"
        if name.startswith(prefix):
            return quoted(name.removeprefix(prefix))
        if name == "bib.number" and self.thing != "bib":
            return "parent_number"
        if name.startswith("bib."):
            inner = name.removeprefix("bib.")
            if inner in BIB_COLUMNS or is_spec(inner):
                self.parents.add(inner)
                return quoted(f"bib_{inner}")
            raise WordError(f"name {name!r}", "bib.number or bib.<field spec>", nearest(inner, BIB_COLUMNS))
        told = self.context.project_value(name)
        if told is not None:
            return told
        if name in self.source:
            return quoted(f"src_{name}")
        kind, _, inner = name.partition(".")
        if self.thing == "item" and inner and kind in LINKED_NAMES:
            return self._linked(kind, inner)
        if self.thing == "item" and inner and kind == "status":
            if inner not in STATUS_NAMES:
                raise WordError(f"name {name!r}", "status.<name>", nearest(inner, STATUS_NAMES))
            self.statuses.add(inner)
            return quoted(f"st_{inner}")
        if self.thing == "item" and kind == "enumeration" and inner:
            if inner not in GIVEN or not self.context.ruleset.rules.enumeration.source:
                raise WordError(
                    f"name {name!r}", "[enumeration] from, and one of its names", nearest(inner, GIVEN)
                )
            self.enumerated = True
            return quoted(f"en_{inner}")
        if name in self.context.ruleset.vocabulary:
            return "null::varchar"
        raise WordError(f"column {name!r}", "a column of the extract", nearest(name, self.source))

    def _linked(self, kind: str, inner: str) -> str:
        """SQL of what the item's loan or requests say."""
        extracts = self.context.ruleset.making(kind)
        known = {*LINKED_NAMES[kind], *(c for _, e in extracts for c in (*e.named, *e.marks, *e.texts))}
        if inner not in known:
            raise WordError(f"name '{kind}.{inner}'", f"a column of {kind}s", nearest(inner, known))
        if not extracts:
            return "null::varchar"
        self.linked.add((kind, inner))
        return quoted(f"{kind}_{inner}")

    def one(self, name: str) -> str:
        """SQL of a name, its first value; or of a template of names."""
        if "{" in name:
            return f"({template_sql(parse_template(name), self.one)})"
        value = self.resolve(name)
        repeated = name in self.whole or (name.startswith("bib.") and is_spec(name.removeprefix("bib.")))
        plain = value == "parent_number" or value.startswith("null")
        return f"first_of({value})" if repeated and not plain else value

    def value(self, rule: ColumnRule) -> str:
        """SQL of where the value comes from, before it is cleaned or looked up."""
        if rule.value is not None:
            return literal(rule.value)
        if rule.text:
            return template_sql(parse_template(rule.text), self.one)
        if rule.sql:
            from transformer.database.expression import check_expression

            check_expression(rule.sql)
            return f"({template_sql_names(rule.sql, self.one)})::varchar"
        if rule.repeats:
            values = [self._joined(name, rule) for name in rule.source]
        else:
            values = [self.one(name) for name in rule.source]
        if rule.join is not None:
            return f"nullif(concat_ws({literal(rule.join)}, {', '.join(values)}), '')"
        if not values:
            raise WordError("no from, value, text or sql", "one of them says where the value comes from")
        return values[0] if len(values) == 1 else f"coalesce({', '.join(values)})"

    def _joined(self, name: str, rule: ColumnRule) -> str:
        if name not in self.whole:
            return self.one(name) if "{" in name else self.resolve(name)
        if not (rule.match or rule.leave_out):
            return f"replace({self.resolve(name)}, chr(31), {literal(rule.repeats)})"
        values = f"string_split({self.resolve(name)}, chr(31))"
        if rule.leave_out:
            values = f"list_filter({values}, lambda x: not regexp_matches(x, {literal(rule.leave_out)}))"
        if rule.match:
            part = f"trim(regexp_extract(x, {literal(rule.match)}, {rule.group}))"
            values = f"list_filter(list_transform({values}, lambda x: {part}), lambda x: x <> '')"
        return f"nullif(array_to_string({values}, {literal(rule.repeats)}), '')"

    def case(self, name: str, rule: ColumnRule) -> str:
        """SQL of what one rule of a column gives."""
        value = self._mapped(name, rule) if rule.map else self.cleaned(rule, self.value(rule))
        if rule.default:
            value = f"coalesce({value}, {literal(rule.default)})"
        if rule.when:
            test = condition(rule.when, self.one, kind_sql(self.context))
            value = f"case when {test} then {value} end"
        return value

    def cleaned(self, rule: ColumnRule, value: str) -> str:
        """`value` after clean, match and date."""
        for verb in rule.clean:
            if verb not in CLEAN:
                raise WordError(f"clean verb {verb!r}", ", ".join(CLEAN), nearest(verb, CLEAN))
            value = f"nullif(clean_{verb}({value}), '')"
        if rule.leave_out and not rule.repeats:
            value = f"case when not regexp_matches({value}, {literal(rule.leave_out)}) then {value} end"
        if rule.match and not rule.repeats:
            value = f"nullif(trim(regexp_extract({value}, {literal(rule.match)}, {rule.group})), '')"
        if rule.date:
            ways = self.context.ruleset.rules.dates
            if rule.date not in ways:
                raise WordError(f"date {rule.date!r}", "a [dates.x] of the rules", nearest(rule.date, ways))
            way = ways[rule.date]
            value = date_sql(value, way.patterns, way.pivot, self.context.as_of.year)
        return value

    def _mapped(self, name: str, rule: ColumnRule) -> str:
        maps = self.context.ruleset.rules.map
        shape = maps.get(rule.map)
        if shape is None:
            raise WordError(f"map {rule.map!r}", "a [map.x] of the rules", nearest(rule.map, maps))
        take = rule.take or name
        if take not in (*shape.columns, "label"):
            raise WordError(
                f"column {take!r} of map {rule.map}", ", ".join(shape.columns), nearest(take, shape.columns)
            )
        wanted = 1 if shape.match else len(shape.keys)
        if len(rule.source) != wanted:
            raise WordError(
                f"{len(rule.source)} names in from", f"{wanted}, one for each key of map {rule.map}"
            )
        keys = self.keys(rule)
        use = self.uses.setdefault(
            (rule.map, keys), MapUse(self.thing, self._place(rule.map), rule.map, keys)
        )
        self.policies.setdefault((use.place, rule.on_unmapped), set()).add(name)
        value = use.column(take)
        return f"coalesce({value}, nullif({keys[0]}, ''))" if rule.on_unmapped == "keep" else value

    def keys(self, rule: ColumnRule) -> tuple[str, ...]:
        """SQL of what a rule looks up in its map."""
        return tuple(f"coalesce({self.cleaned(rule, self.one(source))}, '')" for source in rule.source)

    def _place(self, name: str) -> int:
        """Number of a new use; the second use of one map gets a number above 1000, for its table's name."""
        again = any(use.map == name for use in self.uses.values())
        return len(self.uses) + (1000 if again else 0)

    def columns_with(self, place: int, policy: str) -> list[str]:
        """Columns that look the map up under that on_unmapped, sorted."""
        return sorted(self.policies.get((place, policy), ()))


def repeated(rules: Mapping[str, tuple[ColumnRule, ...]]) -> frozenset[str]:
    """Source columns of which some rule wants all repeats, not the first only."""
    return frozenset(
        name
        for cases in rules.values()
        for rule in cases
        if rule.repeats
        for name in rule.source
        if "{" not in name
    )


def rule_names(rule: ColumnRule) -> tuple[str, ...]:
    """Every name a rule mentions."""
    names = [n for told in rule.source for n in (parse_template(told).names if "{" in told else (told,))]
    for text in (rule.text, rule.sql):
        if text:
            names += parse_template(text).names
    if rule.when:
        names += condition_names(rule.when)
    return tuple(names)


def template_sql_names(text: str, resolve: object) -> str:
    """An SQL expression with {name}s put in."""
    import re

    assert callable(resolve)
    return re.sub(r"\{([^{}]*)\}", lambda found: str(resolve(found[1].strip())), text)


def parent_sql(context: Context, parents: Iterable[str]) -> tuple[str, str]:
    """SELECT list of what parent bibs offer, and its joins. The rows' own columns stand under the alias k."""
    names = sorted(parents)
    shown = "".join(
        f",\n  c.{BIB_COLUMNS[name]} as {quoted('bib_' + name)}"
        if name in BIB_COLUMNS
        else f",\n  {context.column('bib_record', name, 'pr')} as {quoted('bib_' + name)}"
        for name in names
    )
    joins = []
    if any(name in BIB_COLUMNS for name in names):
        joins.append("left join bib_call c on c.record_no = k.parent_record_no")
    if any(name not in BIB_COLUMNS for name in names):
        joins.append("left join bib_record pr on pr.record_no = k.parent_record_no")
    return shown, "\n".join(joins)


def layer_views(context: Context, thing: str, first: str, layers: Iterable[dict[str, str]]) -> str:
    """Views <thing>_1, <thing>_2 ... over `first`; gives the name of the last."""
    below = first
    for number, layer in enumerate(layers, start=1):
        shown = ",\n  ".join(f"{sql} as {quoted(name)}" for name, sql in layer.items())
        context.view(f"{thing}_{number}", f"select *,\n  {shown}\nfrom {below}", "bib")
        below = f"{thing}_{number}"
    return below
