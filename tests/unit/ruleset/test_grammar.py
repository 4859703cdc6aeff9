"""The grammar of names, conditions and templates."""

from __future__ import annotations

import pytest

from transformer.ruleset.files.words import (
    WordError,
    condition,
    condition_names,
    field_sql,
    is_spec,
    parse_field,
    parse_template,
)


def _same(name: str) -> str:
    return name


def _kind(word: str, value: str) -> str:
    return f"{word}({value})"


@pytest.mark.parametrize("spec", ["001", "907a", "245abn", "852|1*|bc", "008/35-37", "LDR/06", "999"])
def test_field_specs(spec: str) -> None:
    assert is_spec(spec)


@pytest.mark.parametrize("name", ["barcode", "number", "numbers.prefix", "9a", "bib.245a", ""])
def test_names_that_are_no_specs(name: str) -> None:
    assert not is_spec(name)


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("volume", "volume is not null"),
        ("not volume", "volume is null"),
        ("907c ~ date", "date(907c)"),
        ("status = 'm'", "status = 'm'"),
        ("001 != number", "001 <> number"),
        ("status = 'm' and not volume", "status = 'm' and volume is null"),
        ("barcode ~ /^3[0-9]+$/", "regexp_matches(barcode, '^3[0-9]+$')"),
    ],
)
def test_condition(text: str, sql: str) -> None:
    assert condition(text, _same, _kind) == sql


def test_not_like_holds_only_where_there_is_a_value() -> None:
    made = condition("907b !~ date", _same, _kind)
    assert made == "(907b is not null and not coalesce(date(907b), false))"


def test_names_of_a_condition() -> None:
    assert condition_names("907c ~ date and not 998a and x = y") == ("907c", "998a", "x", "y")


@pytest.mark.parametrize("text", ["", "two words", "volume and"])
def test_conditions_nobody_understands(text: str) -> None:
    with pytest.raises(WordError):
        condition(text, _same, _kind)


@pytest.mark.parametrize("text", ["{open", "closed}", "{}", "{a|}"])
def test_templates_nobody_understands(text: str) -> None:
    with pytest.raises(WordError):
        parse_template(text)


@pytest.mark.parametrize("text", ["35 $a x", "abc $a x", "035", "852 012 $a x"])
def test_fields_nobody_understands(text: str) -> None:
    with pytest.raises(WordError):
        parse_field(text)


def test_field_with_indicators_from_a_column() -> None:
    made = parse_field("852 {type}_ $b {library} $z fixed")
    assert (made.tag, made.names) == ("852", ("type", "library"))
    sql = field_sql(made, _same)
    assert sql.startswith("coalesce(type, ' ') || ' '")
