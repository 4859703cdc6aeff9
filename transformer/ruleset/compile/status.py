"""Statuses: what an item's statuses, its open loan and its hold-shelf request make of it together.

An item has any number of statuses, from columns (each a kind), from conditions and from rows of their own.
All of them, with whether it is on loan or on the hold shelf, are one text, `status_set`: `L` and `R`, then
U+001E kind U+001D code for each. A library of a million items has a few hundred such texts, so everything is
decided on the small tables

    statuses_set      decision_no, status_set, row_count, examples
    statuses_member   decision_no, nth, kind, code: the texts taken apart, in order
    statuses_met           each code met and what the map makes of it
    statuses_ruled      decision_no, nth, kind, code and its row of the map
    statuses_decided  one row a text: what rules call `status.base_status` and so on

and items take one join. item_status_key (key of the item, kind, code, date, nth) is a view, for questions.

The order of decisions is that of the reference on Alma, 6.3: an open loan, then a hold-shelf request, then
base status 0 where any status says so; a code that no row knows leaves it undecided unless another says 0.
"""

from __future__ import annotations

from dataclasses import dataclass

from transformer.database.session import literal, quoted
from transformer.ruleset.compile.bib import kind_sql
from transformer.ruleset.compile.columns import STATUS_NAMES, Columns
from transformer.ruleset.compile.context import Context
from transformer.ruleset.compile.maps import by_label, filled_sql, rows_table
from transformer.ruleset.files.rules import ItemStatusRules, RuleSet
from transformer.ruleset.files.status_rules import NO_LOAN, NO_NOTE, STATUS_MAP
from transformer.ruleset.files.validate import nearest
from transformer.ruleset.files.words import WordError, condition, parse_template, template_sql

MET = "statuses_met"
"""Codes met, and what the map makes of each."""
TARGETS = (
    "base_status", "process_type", "note", "condition", "temp_library", "temp_location", "temp_policy",
    "with_loan", "with_request", "after_go_live",
)  # fmt: skip
_SET, _PART = "chr(30)", "chr(29)"
_UNKNOWN_RANK = 1000


@dataclass(frozen=True, slots=True)
class StatusText:
    """SQL, over the view of items, of the text that holds everything; joins: what it takes."""

    sql: str
    joins: str


def status_text(columns: Columns, linked: bool) -> StatusText:
    """The text of an item's statuses, loan and request. linked: statuses come as rows too.

    WordError for names that no item has and conditions that make no sense.
    """
    rules = columns.context.ruleset.rules.item_status
    pieces: list[str] = []
    loan = _any(columns, rules.open_loan)
    not_loans = [test_sql(columns, add.when) for add in rules.add if add.no_loan]
    if not_loans and loan != "false":
        loan = f"{loan} and not coalesce({' or '.join(f'({t})' for t in not_loans)}, false)"
    for letter, test in (("L", loan), ("R", _any(columns, rules.hold_shelf))):
        if test != "false":
            pieces.append(f"case when {test} then '{letter}' else '' end")
    for name in rules.columns:
        value = columns.resolve(name)
        if value.startswith("null"):
            continue
        head = f"{_SET} || {literal(name)} || {_PART}"
        if name in columns.whole:
            value = f"replace({value}, chr(31), {head})"
        pieces.append(f"coalesce({head} || {value}, '')")
    for add in rules.add:
        test = test_sql(columns, add.when)
        said = code_sql(columns, f"{_SET} || {literal(add.kind)} || {_PART}", add.code)
        if not _empty(test):
            pieces.append(f"case when {test} then {said} else '' end")
    joins = ""
    if linked:
        pieces.append("coalesce(sl.statuses, '')")
        joins = "\nleft join item_status_linked sl on sl.key = s.key"
    return StatusText(" || ".join(pieces) or "''", joins)


def test_sql(columns: Columns, text: str) -> str:
    """SQL of a condition over items."""
    return condition(text, columns.one, kind_sql(columns.context))


def code_sql(columns: Columns, head: str, text: str) -> str:
    """SQL of `head` and the code of an added status: a word, or a template over items ('' without value)."""
    if "{" not in text:
        return f"{head} || {literal(text)}"
    return f"coalesce({head} || {template_sql(parse_template(text), columns.one)}, '')"


def _empty(test: str) -> bool:
    """Whether a condition asks for what nobody has; then nothing need be asked."""
    return test.startswith("null::varchar")


def _any(columns: Columns, texts: tuple[str, ...]) -> str:
    tests = [f"({test})" for text in texts if not _empty(test := test_sql(columns, text))]
    return f"coalesce({' or '.join(tests)}, false)" if tests else "false"


def place_key(context: Context, told: str) -> str:
    """The key of the map that `map` or `map.key` says. WordError if there is no such."""
    name, _, key = told.partition(".")
    maps = context.ruleset.rules.map
    if name not in maps:
        raise WordError(f"map {name!r} of places", "a [map.x] of the rules", nearest(name, maps))
    keys = maps[name].keys
    if (key and key not in keys) or (not key and len(keys) != 1):
        raise WordError(f"places {told!r}", f"map.key, with one of the keys {', '.join(keys)}")
    return key or keys[0]


def status_code(context: Context, code: str = "k0", between: str = " | ") -> str:
    """SQL of a status's code for people: with its kind, unless all are of one column."""
    kind = only_kind(context.ruleset)
    whole = f"concat_ws({literal(between)}, nullif(kind, ''), {code})"
    return whole if kind is None else f"case when kind in ('', {literal(kind)}) then {code} else {whole} end"


def only_kind(ruleset: RuleSet) -> str | None:
    """The one kind of which the system's statuses are; None if there are several. Added ones aside."""
    kinds = set(ruleset.rules.item_status.columns)
    for _, extract in ruleset.making(STATUS_MAP):
        if "kind" in extract.named:
            return None
        kinds.add(extract.kind or "status")
    return None if len(kinds) > 1 else next(iter(kinds), "")


def status_tally(context: Context) -> str:
    """SELECT of the codes met, for code_tally."""
    return (
        f"select '{STATUS_MAP}' as map, {status_code(context)} as code, label, row_count,"
        f" mapped or place as mapped from {MET}"
    )


def compile_status_sets(context: Context, codes: str) -> None:
    """The tables of texts and their parts, from the narrow table of items (number, status_set)."""
    rules = context.ruleset.rules.item_status
    context.table(
        "statuses_set",
        "select (row_number() over (order by status_set))::int as decision_no, status_set, row_count,"
        " examples\nfrom (select status_set, count(*) as row_count, min(number, 3) as examples"
        f" from {codes} group by status_set)",
        "all",
    )
    parts = f"string_split(status_set, {_SET})[2:]"
    nothing = ""
    if not rules.none:
        # Nobody said what an item without a status is: its blank is a code that no row knows.
        kind = literal(only_kind(context.ruleset) or "")
        nothing = (
            f"\nunion all\nselect decision_no, 1 as nth, {kind}, '' from statuses_set"
            f" where not contains(status_set, {_SET})"
        )
    context.table(
        "statuses_member",
        f"""
select decision_no, min(nth)::int as nth, kind, code from (
  select decision_no, nth, split_part(part, {_PART}, 1) as kind, trim(split_part(part, {_PART}, 2)) as code
  from (
    select decision_no, unnest({parts}) as part, unnest(range(1, len({parts}) + 1)) as nth
    from statuses_set
  )
) where code <> '' group by decision_no, kind, code{nothing}""",
        "all",
    )
    _met(context, rules)
    _rows(context)
    _decided(context, rules)


def _met(context: Context, rules: ItemStatusRules) -> None:
    """What the map makes of each code met; place: it is no status, but where the item stands."""
    met = (
        "select kind, code as k0, sum(row_count)::bigint as row_count,"
        " list_sort(flatten(list(examples)))[1:3] as examples"
        " from statuses_member join statuses_set using (decision_no) group by kind, code"
    )
    places = [
        f"kind = {literal(kind)} and k0 in (select {quoted(place_key(context, told))} from"
        f" {rows_table(told.partition('.')[0])} m where {filled_sql(context, told.partition('.')[0], 'm')})"
        for kind, told in rules.places.items()
        if context.ruleset.maps.get(told.partition(".")[0])
    ]
    place = " or ".join(f"({test})" for test in places) or "false"
    context.table(
        MET,
        f"select *, not mapped and ({place}) as place from (\n"
        f"{_matched(context, met, rules.words, rules.note_prefix)}\n)",
        "all",
    )


def _matched(context: Context, met: str, words: tuple[str, ...], prefix: str) -> str:
    if not context.ruleset.maps.get(STATUS_MAP):
        nothing = ", ".join(f"null::varchar as {quoted(c)}" for c in TARGETS)
        return (
            f"select *, null::varchar as label, false as mapped, {nothing}, null::varchar as matched_by,"
            f" null::varchar as map_file, null::bigint as map_line from ({met})"
        )
    one_kind = only_kind(context.ruleset) is not None
    found = by_label(context, STATUS_MAP, met, TARGETS, words, one_kind)
    head = literal(prefix)
    note = f"case when starts_with(note, {head}) then note else {head} || note end"
    return f"select * replace ({note} as note) from (\n{found}\n)" if prefix else found


def _has(column: str, word: str) -> str:
    return f"coalesce(list_contains({_words(column)}, {literal(word)}), false)"


def _words(column: str) -> str:
    return f"list_transform(string_split({column}, '|'), lambda w: trim(w))"


def _type_of(column: str) -> str:
    """SQL of the process type among the words of `with_loan` or `with_request`."""
    others = f"('', {literal(NO_NOTE)}, {literal(NO_LOAN)})"
    return f"list_filter({_words(column)}, lambda w: w not in {others})[1]"


def _withdraw(context: Context) -> str:
    names = [name for name, one in context.ruleset.rules.worklist.items() if one.withdrawn]
    tests = [_has("m.after_go_live", name) for name in names]
    return " or ".join(tests) or "false"


def _rows(context: Context) -> None:
    """statuses_ruled: each status with its row of the map, and what loan and request change about it."""
    flags = f"split_part(status_set, {_SET}, 1)"
    # A status may say that its loan is none; only then is it known what loan and request change.
    context.table(
        "statuses_ruled",
        f"""
select t.*,
  case when loan and {_has("with_loan", NO_NOTE)} then true
    when request and {_has("with_request", NO_NOTE)} then true else false end as replaced
from (
  select d.decision_no, x.nth, x.kind, x.code, m.label, m.mapped, m.matched_by, m.map_file, m.map_line,
    {", ".join(f"m.{quoted(c)}" for c in TARGETS)},
    {_type_of("m.with_loan")} as loan_type, {_type_of("m.with_request")} as request_type,
    {_withdraw(context)} as withdraws,
    d.on_loan and not bool_or({_has("m.with_loan", NO_LOAN)}) over (partition by d.decision_no) as loan,
    d.on_shelf and not loan as request
  from (select decision_no, contains({flags}, 'L') as on_loan, contains({flags}, 'R') as on_shelf
    from statuses_set) d
  join statuses_member x using (decision_no)
  join {MET} m on m.kind = x.kind and m.k0 = x.code
  where not m.place
) t""",
        "all",
    )


def _gathered(context: Context, rules: ItemStatusRules) -> str:
    """SELECT of one row a decision: its statuses together."""
    ranked = "[" + ", ".join(literal(word) for word in rules.rank) + "]::varchar[]"
    temp = "temp_library is not null or temp_location is not null or temp_policy is not null"

    def first_type(column: str) -> str:
        place = f"coalesce(nullif(list_position({ranked}, {column}), 0), {_UNKNOWN_RANK})"
        return f"arg_min({column}, {place} * 1000 + nth) filter ({column} is not null)"

    def of_first(column: str) -> str:
        return f"arg_min_null({column}, nth) filter ({temp})"

    code = status_code(context, "code", "=")
    return f"""
    select decision_no, any_value(loan) as loan, any_value(request) as request, count(*) as status_count,
      bool_or(coalesce(base_status, '') = '0') as says_0,
      bool_or(not mapped or base_status is null) as undecided,
      bool_or(withdraws and not replaced) as withdrawn,
      bool_or(coalesce(process_type, '') = 'ACQ') as acquired,
      {first_type("process_type")} as own_type,
      {first_type("loan_type")} as loan_type,
      {first_type("request_type")} as request_type,
      arg_min(condition, nth) filter (condition is not null) as condition,
      {of_first("temp_library")} as temp_library, {of_first("temp_location")} as temp_location,
      {of_first("temp_policy")} as temp_policy,
      nullif(string_agg({code}, '|' order by nth) filter (code <> ''), '') as source,
      string_agg(label, '|' order by nth) as label
    from statuses_ruled group by decision_no"""


def _decided(context: Context, rules: ItemStatusRules) -> None:
    flags = f"split_part(status_set, {_SET}, 1)"
    drops = "withdrawn and not loan and not request" if context.project.item.withdrawn == "drop" else "false"
    base = (
        "case when loan or request or says_0 then '0' when undecided then null"
        f" when status_count > 0 or contains(status_set, {_SET}) then '1'"
        f" else nullif({literal(rules.none)}, '') end"
    )
    process = (
        "case when loan then coalesce(loan_type, 'LOAN')"
        " when request then coalesce(request_type, 'HOLDSHELF') else own_type end"
    )
    context.table(
        "statuses_decided",
        f"""
select *, {base} as base_status, {process} as process_type, {drops} as dropped,
  case when temp_location is not null or temp_library is not null then 'true' end as in_temp_location,
  case when acquired then 'yes' end as acquisition
from (
  select d.decision_no, d.status_set, coalesce(a.loan, contains({flags}, 'L')) as loan,
    coalesce(a.request, contains({flags}, 'R') and not contains({flags}, 'L')) as request,
    coalesce(a.withdrawn, false) as withdrawn, coalesce(a.status_count, 0) as status_count,
    a.* exclude (decision_no, loan, request, withdrawn, status_count), n.note
  from statuses_set d left join ({_gathered(context, rules)}
  ) a using (decision_no) left join (
    select decision_no, string_agg(note, '|' order by nth) as note from (
      select decision_no, note, min(nth) as nth from statuses_ruled
      where note is not null and not replaced group by decision_no, note
    ) group by decision_no
  ) n using (decision_no)
)""",
        "all",
    )


def join_statuses(columns: Columns, alias: str) -> tuple[str, str]:
    """SELECT list and JOIN that bring what was decided to an item's row: st_<name>, decision_no."""
    note_in = columns.context.ruleset.rules.item_status.note_in
    shown = [",\n  st.decision_no"]
    for name in sorted(columns.statuses):
        if name.startswith("internal_note_"):
            value = "st.note" if name == note_in else "null::varchar"
        elif name in ("loan", "request", "withdrawn"):
            value = f"case when st.{name} then 'yes' end"
        else:
            value = f"st.{quoted(name)}"
        shown.append(f"{value} as {quoted('st_' + name)}")
    assert columns.statuses <= STATUS_NAMES
    return ",\n  ".join(shown), f"left join statuses_decided st on st.status_set = {alias}.status_set"


def compile_status_views(context: Context, view: str, dated: str) -> None:
    """The view item_status_key, and the output of every status of every decision. dated: SELECT of key, kind,
    code and date of statuses that have one; empty for none."""
    date, dates = "null::varchar", ""
    if dated:
        date, dates = (
            "t.date",
            f"\nleft join ({dated}) t on t.key = s.key and t.kind = m.kind and t.code = m.code",
        )
    context.view(
        "item_status_key",
        f"select s.key, m.kind, m.code, {date} as date,\n"
        "  (row_number() over (partition by s.key order by m.nth, m.kind, m.code))::int as nth\n"
        f"from {view} s join statuses_set d using (status_set)"
        f" join statuses_member m using (decision_no){dates}\nwhere m.code <> ''",
        "all",
    )
    context.output(
        "status_decision",
        """
select d.decision_no,
  (row_number() over (partition by d.decision_no order by r.nth, r.kind, r.code))::int as nth,
  r.kind, r.code as source_status, r.label as status_label,
  case when r.mapped then r.matched_by end as matched_by,
  case when r.mapped then r.map_file end as map_file, case when r.mapped then r.map_line end as map_line,
  case when not r.replaced then r.note end as status_note, r.condition as status_condition,
  case when not r.replaced then r.after_go_live end as after_go_live,
  case when d.loan then 'yes' end as loan, case when d.request then 'yes' end as request
from statuses_decided d left join statuses_ruled r using (decision_no)""",
        "decision_no, nth, kind, source_status",
    )
