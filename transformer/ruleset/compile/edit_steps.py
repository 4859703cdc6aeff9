"""Each verb on staged fields -> SQL: updates and inserts of one table, so each edit sees the last result.

A row is a field: record_no, made (-1 = it stands in the extract, else the number of the edit that made or
moved it), seq (order within that), field_no, is_control, tag, inner, hit (changed), gone (left out).

Views over views were tried: a filter on the last one is pushed down through all of them and multiplies
every expression, 1.5 s for one condition on 100,000 records; the same as updates takes 0.1 s.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from transformer.database.session import literal, quoted
from transformer.extracts.fieldspec import ANY, FieldSpec
from transformer.ruleset.compile.bib import kind_sql
from transformer.ruleset.compile.context import Context
from transformer.ruleset.compile.edit import Edit, spec
from transformer.ruleset.compile.edit_names import ORDER, any_sql, field_name_sql, own_test
from transformer.ruleset.compile.maps import looked_up, looked_up_together

COLUMNS = 'record_no, made, seq, field_no, is_control, tag, "inner", hit, gone'
_MANY = 1_000_000_000
_BY_FIELD = ("set", "drop", "keep", "copy", "move", "replace", "map", "prefix", "retag", "indicator")


@dataclass(slots=True)
class Steps:
    """Writes the statements of one group. table: of its fields.

    whens: edit number -> table of the records that meet its condition. texts: edit number -> table of
    (record_no, text), for `prefix` with names of the record.
    """

    context: Context
    table: str
    whens: dict[int, str] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)

    def run(self, edit: Edit) -> None:
        """The statements of an edit; none of `add`, which inserts rows only."""
        verbs = {
            "set": self._leave_out,
            "drop": self._leave_out,
            "keep": self._leave_out,
            "copy": self._copy,
            "move": self._copy,
            "replace": self._replace,
            "map": self._map,
            "prefix": self._prefix,
            "retag": self._retag,
            "indicator": self._indicator,
            "sort": self._sort,
            "deduplicate": self._deduplicate,
        }
        if edit.verb in verbs:
            verbs[edit.verb](edit)

    def system(self, tags: tuple[str, ...], records: str) -> None:
        """Leave out what is still a system field of the extract. records: SELECT of record_no."""
        listed = ", ".join(literal(tag) for tag in tags)
        self._update(
            "gone = true", f"not gone and made < 0 and tag in ({listed}) and record_no in ({records})"
        )

    def add(self, table: str) -> None:
        """Rows (record_no, made, seq, is_control, tag, inner) of a table join the fields."""
        self._insert(
            f'select record_no, made, seq, null, is_control, tag, "inner", false, false\nfrom {table}'
        )

    def may_touch(self, edit: Edit) -> str:
        """SQL: the edit may change a field as it stands in the extract; empty = there is no telling."""
        if edit.verb not in _BY_FIELD:
            return ""
        tests = [self.test(edit, target) for target in edit.targets]
        return " or ".join(f"({test})" for test in tests) or "false"

    def test(self, edit: Edit, target: FieldSpec) -> str:
        """SQL: the row is a field that the edit is about, and all conditions hold.

        What takes a field apart is asked behind CASE: DuckDB tests what stands between ANDs in an order of
        its own, and took 620,000 fields apart for the sake of 4,000 (0.75 s; with CASE less than 0.04).
        """
        tests = [own_test(target)]
        if target.codes and edit.verb not in ("sort", "deduplicate"):
            tests.append(_has_code(target.codes))
        about = " and ".join(tests)
        said = edit.rule.replace
        if said is not None and target.codes and (weeded := sieve(said.pattern, target.codes)):
            tests.append(f'regexp_matches("inner", {literal(weeded)})')
        elif edit.verb == "indicator":
            tests.append("not is_control")
        elif edit.verb == "keep":
            spared = " or ".join(own_test(spec(tag)) for tag in edit.rule.keep)
            tests.append(f"not ({spared})")
        elif edit.verb in ("copy", "move") and edit.to is not None:
            tests.append(_asked(about, f"{copied_sql(target, edit.to, edit.verb == 'move')} is not null"))
        tests += [
            _asked(about, any_sql(clause, field_name_sql, kind_sql(self.context))) for clause in edit.own
        ]
        if edit.number in self.whens:
            tests.append(f"record_no in (select record_no from {self.whens[edit.number]})")
        return " and ".join(tests)

    def _update(self, columns: str, test: str) -> None:
        self.context.update(self.table, f"set {columns}\nwhere {test}")

    def _insert(self, body: str) -> None:
        self.context.insert(self.table, body, "record")

    def _leave_out(self, edit: Edit) -> None:
        for target in edit.targets:
            test = f"not gone and {self.test(edit, target)}"
            if target.codes and edit.verb == "drop":
                self._rewrite(test, _without(target.codes))
            else:
                self._update("gone = true", test)

    def _rewrite(self, test: str, value: str) -> None:
        """New inner forms where the test holds. A data field without subfields, and an empty control field,
        is left out."""
        self._update(f'"inner" = {value}, hit = true', f'{test} and {value} <> "inner"')
        nothing = '("inner" = \'\' or (not is_control and not contains("inner", chr(31))))'
        self._update("gone = true", f"hit and not gone and {nothing}")

    def _replace(self, edit: Edit) -> None:
        said = edit.rule.replace
        assert said is not None

        def change(value: str) -> str:
            return f"regexp_replace({value}, {literal(said.pattern)}, {literal(said.to)}, 'g')"

        for target in edit.targets:
            test = f"not gone and {self.test(edit, target)}"
            if target.codes:
                fresh = change("substr(s, 2)")
                # Null is left out: a subfield that has lost its text goes, one that had none stays.
                piece = f"case when length(s) > 1 and {fresh} = '' then null else s[1] || {fresh} end"
                self._rewrite(test, _piece(target.codes, piece))
            elif target.is_slice:
                first, count = target.first + 1, target.last - target.first + 1
                part = f'substr("inner", {first}, {count})'
                fits = f"is_control and length({part}) = {count} and length({change(part)}) = {count}"
                value = f'left("inner", {target.first}) || {change(part)} || substr("inner", {first + count})'
                self._rewrite(f"{test} and {fits}", value)
            else:
                self._rewrite(f"{test} and is_control", change('"inner"'))

    def _map(self, edit: Edit) -> None:
        said, (target,) = edit.rule.map, edit.targets
        assert said is not None
        test = f"not gone and {self.test(edit, target)}"
        values = [f'first_of(values_of("inner", {literal(code)}, chr(31)))' for code in target.codes]
        value = " || ' | ' || ".join(values)
        found = looked_up(self.context, said.map, tuple(said.into.values()))
        if len(values) > 1:
            shown = ", ".join(f"{one} as k{number}" for number, one in enumerate(values))
            met = f"select distinct {value} as key, {shown} from {self.table} where {test}"
            found = looked_up_together(self.context, said.map, tuple(said.into.values()), met)
        if said.on_unmapped == "issue":
            self.context.table(
                f"{self.table}_unmapped_{edit.number}",
                f"select v, count(*) as n, min(record_no, 3) as records\n"
                f"from (select record_no, {value} as v from {self.table} where {test}) where v is not null\n"
                f"  and v not in (select key from ({found})) group by v",
            )
        codes = literal("".join(said.into))
        made = " || ".join(
            f"coalesce(chr(31) || {literal(code)} || m.{quoted(column)}, '')"
            for code, column in said.into.items()
        )
        # The new subfields stand where the first of the old ones stood.
        held = f"lambda s: s <> '' and contains({codes}, s[1])"
        place = f'list_position(list_transform(pieces("inner"), {held}), true)'
        before = f'pieces("inner")[:coalesce({place}, 1) - 1]'
        after = (
            f'list_filter(pieces("inner")[coalesce({place}, 1):],'
            f" lambda s: s = '' or not contains({codes}, s[1]))"
        )
        fresh = (
            f'field_of(head_of("inner"), {before}) || {made}'
            f" || case when len({after}) > 0 then chr(31) || array_to_string({after}, chr(31)) else '' end"
        )
        self._from(
            f"select e.rowid as id, {fresh} as fresh\n"
            f"from {self.table} e join ({found}) m on m.key = {value}\nwhere {test}"
        )

    def _prefix(self, edit: Edit) -> None:
        assert edit.text is not None
        for target in edit.targets:
            test = f"not gone and {self.test(edit, target)}"
            if edit.number not in self.texts:
                text = literal("".join(part for part in edit.text.parts if isinstance(part, str)))
                self._rewrite(test, _prefixed(target.codes, text))
                continue
            fresh = _prefixed(target.codes, "text")
            self._from(f'select e.rowid as id, {fresh} as fresh from {self.table} e join'
                       f' {self.texts[edit.number]} using (record_no) where {test}')  # fmt: skip

    def _from(self, body: str) -> None:
        """New inner forms: body selects (id, fresh)."""
        self.context.update(
            self.table,
            f'set "inner" = x.fresh, hit = true\nfrom (\n{body}\n) x\nwhere {self.table}.rowid = x.id'
            f' and x.fresh <> {self.table}."inner"',
        )

    def _retag(self, edit: Edit) -> None:
        cases = "".join(
            f" when {own_test(spec(old))} then {literal(new)}" for old, new in edit.rule.retag.items()
        )
        tests = " or ".join(f"({self.test(edit, target)})" for target in edit.targets)
        self._update(f"tag = case{cases} end, hit = true", f"not gone and ({tests})")

    def _indicator(self, edit: Edit) -> None:
        first = literal(edit.ind1) if edit.ind1 else 'substr("inner", 1, 1)'
        second = literal(edit.ind2) if edit.ind2 else 'substr("inner", 2, 1)'
        for target in edit.targets:
            test = f"not gone and {self.test(edit, target)}"
            self._rewrite(test, f'{first} || {second} || substr("inner", 3)')

    def _copy(self, edit: Edit) -> None:
        to, (target,) = edit.to, edit.targets
        assert to is not None
        moved = edit.verb == "move"
        # What this edit has made is never its own source.
        test = f"not gone and made <> {edit.number} and {self.test(edit, target)}"
        control = "is_control" if not to.codes else "false"
        self._insert(
            f"select record_no, {edit.number}, seq + (made + 1)::bigint * {_MANY}, null, {control},\n"
            f"  {literal(to.tag)}, {copied_sql(target, to, moved)}, false, false\n"
            f"from {self.table} where {test}"
        )
        if moved and target.codes:
            self._rewrite(test, _without(target.codes))
        elif moved:
            self._update("gone = true", test)

    def _deduplicate(self, edit: Edit) -> None:
        for target in edit.targets:
            key, test = _key(target), f"not gone and {self.test(edit, target)}"
            self._update(
                "gone = true",
                "rowid in (\n  select id from (\n"
                f"    select rowid as id,\n"
                f"      row_number() over (partition by record_no, tag, {key} order by {ORDER}) as n\n"
                f"    from {self.table} where {test} and {key} is not null\n"
                f"      and record_no in ({twice_sql(self.table, target, test)})\n  ) where n > 1)",
            )

    def _sort(self, edit: Edit) -> None:
        for target in edit.targets:
            test = f"not gone and {self.test(edit, target)}"
            text = 'case when is_control then "inner" else substr("inner", 3) end'
            if target.codes:
                text = f'values_of("inner", {literal(target.codes)}, chr(31))'
            self._from(
                "with placed as materialized (\n"
                '  select rowid as id, record_no, tag, "inner",\n'
                f"    row_number() over (partition by record_no, tag order by {ORDER}) as place,\n"
                f"    row_number() over (partition by record_no, tag order by coalesce({text}, ''), {ORDER})"
                " as rank\n"
                f"  from {self.table} where {test}\n)\n"
                'select a.id, b."inner" as fresh\n'
                "from placed a join placed b\n"
                "  on b.record_no = a.record_no and b.tag = a.tag and b.rank = a.place\n"
                "where a.place <> a.rank"
            )


def twice_sql(table: str, target: FieldSpec, test: str) -> str:
    """SELECT of the records that may have two fields with one key: equal numbers first, since a window over
    text costs ten times as much."""
    return (
        f"select record_no from (select record_no, hash(tag, {_key(target)}) as h from {table} where {test})"
        " group by record_no, h having count(*) > 1"
    )


def _key(target: FieldSpec) -> str:
    """SQL of what makes two fields equal."""
    return f'key_of("inner", {literal(target.codes)})' if target.codes else '"inner"'


def copied_sql(source: FieldSpec, to: FieldSpec, moved: bool) -> str:
    """SQL of the inner form of a copy; null where there is nothing to copy. A copy has no $6: its partner
    stays with the first."""
    keeps = (to.ind1, to.ind2) == (ANY, ANY)
    head = 'head_of("inner")' if keeps else literal(to.ind1 + to.ind2)
    if to.codes:
        first = f"case when is_control then '  ' else substr({head}, 1, 2) end" if keeps else head
        return f"{first} || chr(31) || {literal(to.codes)} || {_joined(source)}"
    if source.codes:
        parts = f'pieces_of("inner", {literal(source.codes)})'
    else:
        parts = 'pieces("inner")' if moved else "pieces_but(\"inner\", '6')"
    made = f"case when len({parts}) > 0 then field_of({head}, {parts}) end"
    if source.codes:
        return f"case when not is_control then {made} end"
    return f'case when is_control then "inner" else {made} end'


def _joined(source: FieldSpec) -> str:
    """All values of a field or of some of its subfields, with blanks between; never the link to 880."""
    if source.codes:
        data = f"values_of(\"inner\", {literal(source.codes)}, ' ')"
    else:
        listed = "list_transform(pieces_but(\"inner\", '6'), lambda s: nullif(substr(s, 2), ''))"
        data = f"nullif(array_to_string({listed}, ' '), '')"
    return f"case when is_control then nullif(\"inner\", '') else {data} end"


def _asked(about: str, test: str) -> str:
    """SQL of a test that is made where `about` holds only."""
    return f"case when {about} then {test} end"


def _has_code(codes: str) -> str:
    """SQL: a field has one of these subfields."""
    tests = [f'contains("inner", chr(31) || {literal(code)})' for code in codes]
    return f"not is_control and ({' or '.join(tests)})"


def _without(codes: str) -> str:
    """SQL of the field without some subfields."""
    return f'field_of(head_of("inner"), pieces_but("inner", {literal(codes)}))'


def _piece(codes: str, value: str) -> str:
    """SQL of the field with other subfields in place of some. value: SQL over s, a code and its value."""
    return (
        'field_of(head_of("inner"), list_transform(pieces("inner"), lambda s:'
        f" case when s <> '' and contains({literal(codes)}, s[1]) then {value} else s end))"
    )


def _prefixed(codes: str, text: str) -> str:
    """SQL of the field with `text` before the values of some subfields that do not begin with it."""
    return _piece(
        codes, f"s[1] || case when starts_with(substr(s, 2), {text}) then '' else {text} end || substr(s, 2)"
    )


_ASSERTIONS = re.compile(r"[\^$|]|\\[bBAzZ]|\(\?")


def sieve(pattern: str, codes: str) -> str:
    """A regular expression that the inner form of a field meets if one of its subfields meets `pattern`.

    Empty where there is no telling: with assertions inside. Most edits meet few records, and one search
    over the whole field is a tenth of the cost of taking it apart.

    >>> sieve("^http://proxy", "u")
    '\\x1f[u](?:http://proxy)'
    >>> sieve("old$", "a")
    '(?:old)(?:\\x1f|$)'
    >>> sieve("a|b$", "u")
    ''
    """
    body = pattern.removeprefix("^")
    last = body.endswith("$") and not body.endswith("\\$")
    body = body[:-1] if last else body
    if _ASSERTIONS.search(body):
        return ""
    if body == pattern:
        return pattern
    first = f"\x1f[{re.escape(codes)}]" if pattern.startswith("^") else ""
    return f"{first}(?:{body})" + ("(?:\x1f|$)" if last else "")
