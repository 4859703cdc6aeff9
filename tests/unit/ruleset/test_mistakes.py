"""A rule folder with one mistake of each kind, in TOML and CSV: all are named in one go, each clearly.

The list was written from reading the files in mistakes/: file, key or line, what was found, and the beginning
of what to do (else of what was expected).
"""

from __future__ import annotations

from pathlib import Path

from transformer.errors import Mistake
from transformer.ruleset.load import rules_home
from transformer.ruleset.trial import check

FOLDER = Path(__file__).parent / "mistakes"
BASE = [rules_home() / "base", rules_home() / "sierra"]

MISTAKES = [
    ('a_shape.toml', 'bib.edit no-such-verb.dorp', 'no such key', "Did you mean 'drop'?"),
    ('a_shape.toml', 'dates.birth.pivot', "'soon'", 'a whole number'),
    ('a_shape.toml', 'extract.item_999.columns', "['b']", 'a table of keys and values'),
    ('a_shape.toml', 'item.copy_id.from', '5', 'a list: ["..."]'),
    ('a_shape.toml', 'item.description.form', 'no such key', "Did you mean 'from'?"),
    ('a_shape.toml', 'item.inventory_price.group', "'first'", 'a whole number'),
    ('a_shape.toml', 'item.item_policy.on_unmapped', "'isue'",
     "one of 'issue', 'keep', 'set_aside' or 'ignor"),
    ('a_shape.toml', 'item.public_note.clean', "'trim'", 'a list: ["..."]'),
    ('a_shape.toml', 'itm', 'no such key', "Did you mean 'item'?"),
    ('a_shape.toml', 'map.location.key', 'no such key', "Did you mean 'keys'?"),
    ('a_shape.toml', 'number.loan.shape', 'missing', 'Add number.loan.shape = ...'),
    ('a_shape.toml', 'patron_phone.row.0.id', 'missing', 'Add patron_phone.row.0.id = ...'),
    ('b_names.toml', 'dates.record.patterns', "date pattern 'MM-DD'",
     'a year, a month and a day once each, e.g. MM-'),
    ('b_names.toml', 'extract.bib.suppress', "column 'bcode4'", "Did you mean 'bcode3'?"),
    ('b_names.toml', 'item', 'columns a11, a12 need one another', 'no circle'),
    ('b_names.toml', 'item.a01', "column 'barcod'", "Did you mean 'barcode'?"),
    ('b_names.toml', 'item.a02', "name 'item.barcod'", "Did you mean 'barcode'?"),
    ('b_names.toml', 'item.a03', "name 'bib.call_numbr_class'", "Did you mean 'call_number_class'?"),
    ('b_names.toml', 'item.a04', "map 'locatoin'", "Did you mean 'location'?"),
    ('b_names.toml', 'item.a05', "column 'librry' of map location", "Did you mean 'library'?"),
    ('b_names.toml', 'item.a06', "date 'recrd'", "Did you mean 'record'?"),
    ('b_names.toml', 'item.a07', "kind 'datee'", "Did you mean 'date'?"),
    ('b_names.toml', 'item.a08', "clean verb 'trimm'", "Did you mean 'trim'?"),
    ('b_names.toml', 'item.a09', 'no from, value, text or sql',
     'one of them says where the value comes from'),
    ('b_names.toml', 'item.a10', "column 'a10' of map location",
     'Known: call_number_type, library, location.'),
    ('b_names.toml', 'item.a13', "template 'copy {copy'", 'every { closed by a }'),
    ('b_names.toml', 'item.a14', "name 'loan.du_date'", "Did you mean 'due_date'?"),
    ('b_names.toml', 'item.a15', "condition 'copy is not there'",
     'a name, `not` and a name, or name ~ kind, nam'),
    ('b_names.toml', 'number.item.shape', "shape 'recrd'", "Did you mean 'record'?"),
    ('b_names.toml', 'patron_email second-mail', "column 'email_adress'", "Did you mean 'email_address'?"),
    ('b_names.toml', 'patron_note note', "column 'notes'", "Did you mean 'note'?"),
    ('b_names.toml', 'validation', "'bibs'", "Did you mean 'bib'?"),
    ('b_names.toml', 'validation.bib', "'marc21_bibb'", "Did you mean 'marc21_bib'?"),
    ('c_values.toml', 'bib.edit drop-two-characters', "field spec '59'",
     "field spec '59': does not begin with a tag of"),
    ('c_values.toml', 'bib.edit no-verb', 'no verb', 'one of add, set, drop, keep, copy, move, repl'),
    ('c_values.toml', 'bib.edit short-tag', "field '59 $a {number}'",
     'a tag of three characters, then `$a ...` or a'),
    ('c_values.toml', 'bib.edit three-indicators', "indicators '123'", 'two characters, `_` for a blank'),
    ('c_values.toml', 'bib.edit unknown-name', "name 'numbr'", "Did you mean 'number'?"),
    ('c_values.toml', 'child.patron_note.folder', "'../elsewhere'",
     'one folder below out/: letters, digits, _ and'),
    ('c_values.toml', 'child.patron_phone.headers.phone_number', "'=cmd()'",
     'a header that no spreadsheet computes'),
    ('c_values.toml', 'item.b01', 'the function getenv is not allowed', 'one scalar SQL expression'),
    ('c_values.toml', 'item.b02', 'subquery is not allowed in an expression', 'one scalar SQL expression'),
    ('c_values.toml', 'item.b03', 'copy: write names in braces: {barcode}', 'one scalar SQL expression'),
    ('c_values.toml', 'item.b04.sql', "the expression 'left({copy}, {volume})': No function matches",
     'an expression over texts'),
    ('c_values.toml', 'item.b05', 'its value may come to more than 1,000,000 characters: replac',
     'one scalar SQL expression'),
    ('c_values.toml', 'item.b06', 'lpad: the length must be a number, at most 1000',
     'one scalar SQL expression'),
    ('c_values.toml', 'item.b07.sql', 'the expression \'{copy} {volume}\': syntax error at or near "v',
     'an expression over texts'),
    ('c_values.toml', 'item.b08.match', "the regular expression '([a-z': missing ]: [a-z",
     'a regular expression of RE2'),
    ('c_values.toml', 'item.b09.when', "the regular expression '(?<=x)y': invalid perl operator: (?<",
     'a regular expression of RE2'),
    ('c_values.toml', 'patron_note note-cut', "the regular expression '*': no argument for repetition opera",
     'a regular expression of RE2'),
    ('d_extracts.toml', 'extract.e01.makes', "kind 'loans'", "Did you mean 'loan'?"),
    ('d_extracts.toml', 'extract.e02', 'no number', 'number: where the record number stands'),
    ('d_extracts.toml', 'extract.e03.columns.barcode', "'ii'", 'one subfield code'),
    ('d_extracts.toml', 'extract.e03.field', "tag '94'", 'a tag of three characters'),
    ('d_extracts.toml', 'extract.e03.inside', "extract 'bibs'", "Did you mean 'bib'?"),
    ('d_extracts.toml', 'extract.e04.positions', "positions '10-1'",
     'first and last byte, counted from 1: 1-10'),
    ('d_extracts.toml', 'extract.e05', 'no links to items', 'links = { "item.number" = "<column>" }'),
    ('d_extracts.toml', 'extract.e05.links.itm.number', "link 'itm.number'", "Did you mean 'item.number'?"),
    ('d_extracts.toml', 'extract.e06', "column 'nmber' that nothing in the extract gives",
     "Did you mean 'number'?"),
    ('d_extracts.toml', 'extract.e06.positions', "'positions' in an extract of container delimited",
     "container = 'fixed', or no such key"),
    ('d_extracts.toml', 'extract.e07', 'adds_to, but no links to its things',
     'links = { "bib.number" = "<column>" }'),
    ('d_extracts.toml', 'extract.e07.adds_to', "kind 'bib'", 'Known: item, patron.'),
    ('d_extracts.toml', 'extract.e08', 'no table', 'table: its name in the dump'),
    ('e_broken.toml', '', 'not TOML: Invalid value (at line 1, column 5)', 'Mend that line.'),
    ('f_latin.toml', '', 'not UTF-8', 'Save it as UTF-8.'),
    ('maps/item_status.csv', 'line 2', 'not CSV: \',\' expected after \'"\'', ''),
    ('maps/item_status_label.csv', '', 'not UTF-8', 'Save it as CSV UTF-8.'),
    ('maps/item_type.csv', 'line 2', '2 values', 'Put values that hold a comma in double quotes'),
    ('maps/item_type.csv', 'line 4', 'the same code as line 3: 2', 'Remove one of the two.'),
    ('maps/loc.csv', '', 'no rule uses this map',
     'Known: bib_material, chronology_word, enumeration_caption'),
    ('maps/location.csv', 'library', 'the map has no such column',
     'code,library,location,call_number_type'),
    ('maps/location.csv', 'librry', 'no such column', "Did you mean 'library'?"),
    ('maps/patron_type.csv', '', 'empty', 'a first line with column names'),
    ('marc/marc21_holdings.csv', 'line 2', "tag '59'", 'three digits'),
]  # fmt: skip


def _told() -> list[Mistake]:
    return check([*BASE, FOLDER])


def _file(mistake: Mistake) -> str:
    return mistake.file.replace("\\", "/").rpartition("mistakes/")[2]


def test_all_mistakes_are_named_in_one_go() -> None:
    told = sorted((_file(m), m.key) for m in _told())
    assert told == sorted((file, key) for file, key, _, _ in MISTAKES)
    assert len(told) >= 40


def test_each_mistake_says_what_was_found_and_what_to_do() -> None:
    told = {(_file(m), m.key, m.found): m for m in _told()}
    for file, key, found, remedy in MISTAKES:
        mistake = next((m for (f, k, n), m in told.items() if (f, k) == (file, key) and found in n), None)
        assert mistake is not None, (file, key, found)
        assert remedy in mistake.remedy or mistake.expected.startswith(remedy), mistake


def test_each_message_is_clear_on_its_own() -> None:
    """File, what was found, and either what was expected or what to do."""
    for mistake in _told():
        assert "mistakes/" in mistake.file.replace("\\", "/"), "our own rules are not to blame"
        assert mistake.found, mistake
        assert mistake.expected or mistake.remedy or "not CSV" in mistake.found, mistake
        assert "Traceback" not in str(mistake)
        assert len(str(mistake)) < 700


def test_our_own_rules_alone_have_none() -> None:
    assert check(BASE) == []
