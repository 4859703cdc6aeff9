"""The grammar of field specs: what each says, and what is wrong with those that say nothing."""

from __future__ import annotations

import pytest

from transformer.extracts.fieldspec import FieldSpec, FieldSpecError, parse_field_spec


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("001", FieldSpec("001", "001")),
        ("245abn", FieldSpec("245abn", "245", codes="abn")),
        ("852|1*|bc", FieldSpec("852|1*|bc", "852", "1", "*", "bc")),
        ("852|#1|b", FieldSpec("852|#1|b", "852", " ", "1", "b")),
        ("650| 0|", FieldSpec("650| 0|", "650", " ", "0")),
        ("008/35-37", FieldSpec("008/35-37", "008", first=35, last=37)),
        ("008/06", FieldSpec("008/06", "008", first=6, last=6)),
        ("LDR", FieldSpec("LDR", "LDR")),
        ("LDR/06-07", FieldSpec("LDR/06-07", "LDR", first=6, last=7)),
        ("9AB$", FieldSpec("9AB$", "9AB", codes="$")),
    ],
)
def test_what_specs_say(text: str, spec: FieldSpec) -> None:
    assert parse_field_spec(text) == spec


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "does not begin with a tag"),
        ("24", "does not begin with a tag"),
        ("2é5a", "does not begin with a tag"),
        ("245a b", "'a b' are not subfield codes"),
        ("245é", "'é' are not subfield codes"),
        ("245aba", "names a subfield code twice"),
        ("852|1|b", "two indicators, not '1'"),
        ("852|12b", "does not begin with a tag"),
        ("008/", "one or two numbers, not ''"),
        ("008/x", "one or two numbers, not 'x'"),
        ("008/37-35", "ends before it begins: 37-35"),
        ("245a/0-3", "bytes are counted in control fields"),
        ("LDRa", "no indicators and no subfields"),
        ("LDR|**|", "no indicators and no subfields"),
    ],
)
def test_what_is_wrong(text: str, what: str) -> None:
    with pytest.raises(FieldSpecError) as caught:
        parse_field_spec(text)
    assert what in caught.value.what and repr(text) in caught.value.where
