"""Edits of bibs, compiled and run over staged tables, against the plain twin in tests/reference/edits.py."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.edited import OFF, run
from tests.reference.batches import Field, Record
from tests.reference.edits import edited


def toml(edits: list[dict[str, Any]]) -> str:
    """Edits as a rule file; JSON strings and lists are TOML too."""

    def said(value: Any) -> str:
        if isinstance(value, dict):
            return "{ " + ", ".join(f"{json.dumps(k)} = {said(v)}" for k, v in value.items()) + " }"
        return json.dumps(value)

    return OFF + "".join(
        f'[[bib.edit]]\nid = "e{at}"\n' + "".join(f"{key} = {said(value)}\n" for key, value in edit.items())
        for at, edit in enumerate(edits)
    )


def number_of(at: int) -> str:
    """A number without check digit, of seven digits."""
    return f"{1000000 + at}"


TAGS = ["009", "035", "245", "500", "590", "650", "651", "700", "880", "9AB"]
LINKS = ["880-01", "880-02/r", "245-01", "650-01/(B", "700-02", "590-01"]
VALUES = ["one", "two", "(X)one", "Sämi 2", "12", "x y", "", "http://proxy/one"]


@st.composite
def fields(draw: st.DrawFn) -> Field:
    tag = draw(st.sampled_from(TAGS))
    if tag == "009":
        return Field(tag, draw(st.sampled_from(["one", "two 12"])).encode(), True)
    inner = draw(st.sampled_from(["  ", "10", " 4"]))
    if draw(st.integers(0, 2)) == 0:
        inner += "\x1f6" + draw(st.sampled_from(LINKS))
    for code, value in draw(
        st.lists(st.tuples(st.sampled_from("abu"), st.sampled_from(VALUES)), min_size=1, max_size=3)
    ):
        inner += f"\x1f{code}{value}"
    return Field(tag, inner.encode())


@st.composite
def record(draw: st.DrawFn) -> Record:
    leader = draw(st.sampled_from([b"00000nam a2200000 a 4500", b"00000cjm a2200000 a 4500"]))
    return Record(leader, draw(st.lists(fields(), max_size=7)))


data_tags = st.sampled_from(["035", "245", "500", "590", "650", "651", "700", "6XX", "XXX"[:0] or "5XX"])
one_tag = st.sampled_from(["035", "500", "590", "650", "700"])
codes = st.sampled_from(["a", "u", "ab"])
whole = st.one_of(data_tags, data_tags.map(lambda t: t + "|1*|"))
conditions = st.sampled_from(
    [
        "LDR/06 = 'a'", "650a", "not 500a", "650a = 'one'", "650a != 'one'", "245a ~ /^t/", "590a !~ /o/",
        "field.a ~ /o/", "field.a = 'two'", "not field.ind1", "field.ind2 = '4'", "009 = 'one'",
        "field.u and 650", "field.tag = '650'",
    ]
)  # fmt: skip
record_conditions = conditions.filter(lambda c: "field" not in c)
patterns = st.sampled_from([("^http://proxy/", ""), ("o", "0"), ("e$", "E"), ("(n)e", r"\1\1"), ("one", "")])
prefixes = st.sampled_from(["(X)", "pre-"])


@st.composite
def edit(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(
        ["drop", "drop$", "keep", "copy", "move", "replace", "prefix", "retag", "indicator", "sort",
         "deduplicate", "add", "set"]
    ))  # fmt: skip
    tag, code = draw(one_tag), draw(codes)
    made: dict[str, Any] = {
        "drop": lambda: {"drop": draw(st.lists(st.one_of(whole, st.just("009")), min_size=1, max_size=2))},
        "drop$": lambda: {"drop": [draw(data_tags) + code]},
        "keep": lambda: {"keep": [tag], "of": [draw(st.sampled_from(["5XX", "6XX", "XX0"]))]},
        "copy": lambda: {"copy": {"from": draw(data_tags) + draw(st.sampled_from(["", code])), "to": draw(
            st.sampled_from([tag, tag + "|2#|", tag + "a", "9AB"]))}},
        "move": lambda: {"move": {"from": draw(data_tags) + draw(st.sampled_from(["", "", code])), "to": draw(
            st.sampled_from([tag, tag + "|2#|", tag + "a"]))}},
        "replace": lambda: {"replace": dict(zip(
            ("field", "pattern", "with"), (draw(data_tags) + code, *draw(patterns)), strict=True))},
        "prefix": lambda: {"prefix": {"field": draw(data_tags) + code, "with": draw(prefixes)}},
        "retag": lambda: {"retag": {draw(st.sampled_from(["5XX", "651", "245", "700"])): draw(
            st.sampled_from(["035", "650", "9AB"]))}},
        "indicator": lambda: {"indicator": {"field": draw(whole), "ind1": draw(
            st.sampled_from(["", "7"])), "ind2": draw(st.sampled_from(["_", "0"]))}},
        "sort": lambda: {"sort": [draw(data_tags) + draw(st.sampled_from(["", "a"]))]},
        "deduplicate": lambda: {"deduplicate": [draw(data_tags) + draw(st.sampled_from(["", "a", "ab"]))]},
        "add": lambda: {"add": draw(st.sampled_from(
            ["590 $a {number}", "650 _0 $a one", "035 $a (X){245a}", "590 $a {650a}", "009 {number}"]))},
        "set": lambda: {"set": draw(st.sampled_from(["009 {number}", "590 $a {245a}", "650 _0 $a one"]))},
    }[kind]()  # fmt: skip
    if kind == "add" and draw(st.booleans()) and "$" in made["add"]:
        made["unless_there"] = True
    if draw(st.integers(0, 2)) == 0:
        made["when"] = draw(record_conditions if kind in ("add", "set") else conditions)
    return made


def check(records: list[Record], edits: list[dict[str, Any]], folder: Path) -> None:
    numbered = [
        Record(r.leader, [*r.fields, Field("907", f"  \x1fa.b{number_of(at)}".encode())])
        for at, r in enumerate(records)
    ]
    base = [{"drop": [], "off": True}] * 4
    expected = [edited(r, [*base, *edits], f"b{number_of(at)}", ("907",)) for at, r in enumerate(numbered)]
    made, _ = run(numbered, toml(edits), folder)
    for before, ours, twin in zip(numbered, made, expected, strict=True):
        assert ours.fields == twin.fields, f"{edits}\n{before.fields}"


# A failing case is not made smaller: each trial takes a second.
@settings(max_examples=25, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(st.lists(record(), min_size=12, max_size=20), st.lists(edit(), min_size=1, max_size=7))
def test_edits_are_those_of_the_twin(records: list[Record], edits: list[dict[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check(records, edits, Path(folder))
