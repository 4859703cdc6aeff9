"""The books of a run: issue table, ledger, and the list of issue codes with sentence and remedy.

Issue codes are stable: once published, a code keeps its meaning. Severity: `error` (a person must act
before loading), `warning` (look at it), `note` (for the record). Values of personal columns are left
out of issues always.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from transformer.schema.marc import column

ISSUE = pa.schema(
    [
        column("severity", pa.string(), "error, warning or note."),
        column("code", pa.string(), "Stable code; `ISSUE_CODES` has its sentence and remedy."),
        column("kind", pa.string(), "bib, holdings, item, patron ...: what the finding is about."),
        column("record_id", pa.string(), "Number of the thing in the source system; empty if unknown."),
        column("source_file", pa.string(), "Name of the extract file."),
        column("byte_start", pa.int64(), "Offset in the unpacked file, for MARC; null otherwise."),
        column("line", pa.int64(), "Line number from 1, for delimited files; null otherwise."),
        column("tag", pa.string(), "MARC tag, or empty."),
        column("column", pa.string(), "Column of a library table, or empty."),
        column("rule", pa.string(), "Rule that found it, or empty."),
        column("value", pa.string(), "Offending value; empty for personal columns."),
        column("message", pa.string(), "What was found, in words."),
    ]
)

LEDGER = pa.schema(
    [
        column("source_file", pa.string(), "Extract file; `(made)` for what we made ourselves."),
        column("kind", pa.string(), "bib, holdings, item, patron ..."),
        column("read_count", pa.int64(), "Units found in the file; an embedded item's unit is its field."),
        column("written_count", pa.int64(), "Units that came out in the delivery."),
        column("merged_count", pa.int64(), "Units merged into another, e.g. a 945 into its CSV row."),
        column("set_aside_count", pa.int64(), "Units set aside, each with a reason."),
        column("made_count", pa.int64(), "Units we made, e.g. holdings from items; not read anywhere."),
        column("parents", pa.string(), "For made units: what they were made from."),
    ]
)
"""One row a source file and kind. read = written + merged + set aside, or the run ends with exit 6."""


@dataclass(frozen=True, slots=True)
class IssueCode:
    """What an issue code means: its usual severity, a sentence, and what to do about it."""

    severity: str
    sentence: str
    remedy: str


ISSUE_CODES: dict[str, IssueCode] = {
    # --- bytes and MARC ---------------------------------------------------------------------------
    "record-length": IssueCode(
        "error",
        "The record length in the leader does not lead to a record terminator.",
        "Look at the record in set-aside/; export it again or mend its leader.",
    ),
    "truncated": IssueCode(
        "error",
        "The file ends in the middle of a record.",
        "Check that the export or the copy of the file was complete, and export again.",
    ),
    "garbage": IssueCode(
        "error",
        "Bytes that are no MARC record stand in the file.",
        "Look at them in set-aside/; if records were lost, export again.",
    ),
    "base-address": IssueCode(
        "error",
        "The base address in the leader is not where the directory ends.",
        "Look at the record in set-aside/; export it again.",
    ),
    "directory": IssueCode(
        "error",
        "The directory is damaged: entries are not 12 digits each, or point outside the record.",
        "Look at the record in set-aside/; export it again.",
    ),
    "field-terminator": IssueCode(
        "error",
        "A directory entry does not end where a field ends.",
        "Look at the record in set-aside/; export it again.",
    ),
    "not-utf8": IssueCode(
        "error",
        "The record holds bytes that are not UTF-8.",
        "Export in UTF-8, or convert the file first.",
    ),
    "escape-sequence": IssueCode(
        "error",
        "The record holds escape sequences of MARC-8.",
        "Export in UTF-8, or convert the file first.",
    ),
    "leader": IssueCode(
        "error",
        "The leader is shorter than 24 characters or has bytes that no leader may have.",
        "Look at the record in set-aside/; export it again.",
    ),
    "xml-malformed": IssueCode(
        "error",
        "The XML of the record is not well-formed.",
        "Look at the record in set-aside/; export it again.",
    ),
    "xml-structure": IssueCode(
        "error",
        "The XML is well-formed but is no MARC record.",
        "Look at the record in set-aside/: a tag of three characters and a leader are needed.",
    ),
    "xml-foreign-element": IssueCode(
        "warning",
        "A record of the XML extract holds an element that is no part of MARC; it was left out.",
        "Look at the record in the extract; the element's name stands in the message.",
    ),
    "indicator-missing": IssueCode(
        "note",
        "A data field lacks an indicator, or has an empty one; it was taken as blank.",
        "Nothing to do, unless the field should have one.",
    ),
    "leader-missing": IssueCode(
        "warning",
        "A record of the extract has no leader; one of blanks was put in its place.",
        "Check the record: its type and level are not known. Export it again if it should have a leader.",
    ),
    "leader-padded": IssueCode(
        "note",
        "A leader has blanks after its 24 characters; they were cut off.",
        "Nothing to do.",
    ),
    "xml-forbidden-character": IssueCode(
        "warning",
        "A character that XML forbids was left out.",
        "Look at the field in the old system; usually a control character typed by accident.",
    ),
    "line-layout": IssueCode(
        "error",
        "A line of the record has its number, but not the columns of a field.",
        "Look at the record in set-aside/; a line was cut or shifted. Export it again.",
    ),
    "record-too-large": IssueCode(
        "error",
        "A record is larger than any may be; it is set aside in pieces.",
        "Look at its beginning in set-aside/; usually a line end or a closing brace is missing.",
    ),
    "json-malformed": IssueCode(
        "error",
        "The JSON of the record is not well-formed.",
        "Look at the record in set-aside/; export it again.",
    ),
    "json-structure": IssueCode(
        "error",
        "The JSON is well-formed but is no MARC record.",
        "Look at the record in set-aside/: a leader and a list of fields are needed.",
    ),
    "json-foreign-member": IssueCode(
        "warning",
        "A field of the JSON has a member that is no part of MARC; it was left out.",
        "Look at the record in the extract; the member's name stands in the message.",
    ),
    "line-continued": IssueCode(
        "warning",
        "A value went on in the next line; the parts were joined, the line break left out.",
        "Look at the field: if the break stood between two words, a blank is missing now.",
    ),
    "pieces-joined": IssueCode(
        "note",
        "A long field that the old system had split over several lines was joined again.",
        "Nothing to do.",
    ),
    "code-missing": IssueCode(
        "warning",
        "A data field had text before its first subfield; the text was taken as subfield a.",
        "Look at the field.",
    ),
    "control-subfield": IssueCode(
        "note",
        "A control field was written with a subfield code; its value was taken without it.",
        "Nothing to do.",
    ),
    "number-from-line": IssueCode(
        "note",
        "The record has no field 001; the number at the beginning of its lines was taken.",
        "Nothing to do.",
    ),
    "leader-short": IssueCode(
        "warning",
        "A leader lacks some of its last characters; blanks were put there.",
        "Check the leader; trailing blanks were probably cut off.",
    ),
    "delimiter-in-value": IssueCode(
        "warning",
        "A value held a character that separates records, fields or subfields; a blank replaces it.",
        "Look at the field in the old system; usually a control character typed by accident.",
    ),
    "mnemonic-unknown": IssueCode(
        "warning",
        "A name in braces stands for no known character; it was left as it is.",
        "Look at the field and put the character in its place.",
    ),
    "cannot-say-value": IssueCode(
        "error",
        "A value has characters that the container cannot carry; the record was not written.",
        "Write MARCXML or JSON instead, or mend the value (a line break, or the container's own marks).",
    ),
    "cannot-say-field": IssueCode(
        "error",
        "A field has a shape that the container cannot carry; the record was not written.",
        "Write MARCXML or JSON instead, or mend the field.",
    ),
    "cannot-say-record": IssueCode(
        "error",
        "The container cannot carry the record: it has no 001; the record was not written.",
        "Write MARCXML or JSON instead, or mend the record.",
    ),
    "file-unused": IssueCode(
        "warning",
        "A file in the extracts folder was not read.",
        "Name it in transformer.toml under its extract, or move it out of the folder.",
    ),
    "marc-leader": IssueCode(
        "warning",
        "A leader had a character that MARC 21 does not know; the usual one stands in its place.",
        "Check the record in the old system or in Alma; the old leader stands in the message.",
    ),
    "marc-indicator": IssueCode(
        "warning",
        "An indicator was no digit, small letter or blank; it is delivered as blank.",
        "Check the field; the old indicators stand in the message.",
    ),
    "marc-code": IssueCode(
        "error",
        "A field with an impossible subfield code, or text before its first subfield, was left out.",
        "Put the field right by hand; its whole text stands in the message.",
    ),
    "marc-tag": IssueCode(
        "error",
        "A field with an impossible tag was left out.",
        "Put the field right by hand; its whole text stands in the message.",
    ),
    "marc-order": IssueCode(
        "note",
        "A control field stood behind data fields; it is delivered before them.",
        "Nothing to do.",
    ),
    "control-character": IssueCode(
        "note",
        "Line breaks or control characters in values became blanks.",
        "Nothing to do, unless the line breaks meant something.",
    ),
    "bad-tag": IssueCode(
        "error",
        "The tag of a field is not three ASCII characters; the record was not written.",
        "Mend the tag in the old system, or drop the field by a rule.",
    ),
    "row-field-count": IssueCode(
        "error",
        "The row has more or fewer values than the header.",
        "Look at the row in set-aside/; usually a delimiter or quotation mark inside a value.",
    ),
    "row-open-quote": IssueCode(
        "error",
        "A quotation mark opens a value of the row and is not closed.",
        "Look at the row in set-aside/; mend the value in the old system, or the row itself.",
    ),
    "row-too-long": IssueCode(
        "error",
        "A line is longer than any row; it is set aside in pieces.",
        "Check that the file is delimited text with line ends, and export again.",
    ),
    "line-break-in-value": IssueCode(
        "note",
        "A value holds a line break.",
        "Nothing to do: line breaks become blanks in the delivery.",
    ),
    "header-twice": IssueCode(
        "warning",
        "A header stands twice; the second column is read under the name with (2).",
        "Export it again with one of the two, or name both in transformer.toml.",
    ),
    "loose-quotes": IssueCode(
        "note",
        "Quotes inside values are not doubled; the rows were read as they were meant.",
        "Nothing to do, unless values look wrong.",
    ),
    "header-unknown": IssueCode(
        "note",
        "No rule knows a column of this file; it is not delivered.",
        "If it matters, name it in transformer.toml under the extract's headers.",
    ),
    "record-too-long": IssueCode(
        "error",
        "The record is longer than the 99,999 bytes that ISO 2709 can say.",
        "Write MARCXML instead; it has no such limit.",
    ),
    "field-too-long": IssueCode(
        "error",
        "A field is longer than the 9,999 bytes that ISO 2709 can say.",
        "Write MARCXML instead; it has no such limit.",
    ),
    # --- rules ------------------------------------------------------------------------------------
    "bib-no-number": IssueCode(
        "error",
        "The bib has no record number where the rules look for one; it is set aside.",
        "Look at the record in set-aside/; name the right field in [extract.bib] number.",
    ),
    "duplicate-bib-number": IssueCode(
        "error",
        "Two bibs have the same record number. Both are delivered, items go to the first.",
        "Remove one of the two from the extract.",
    ),
    "duplicate-number": IssueCode(
        "error",
        "The record number was met before; this later one is set aside.",
        "Export again without doubles.",
    ),
    "item-no-number": IssueCode(
        "error",
        "The row has no item number; it is set aside.",
        "Look at the row in set-aside/; export it again.",
    ),
    "patron-no-number": IssueCode(
        "error",
        "The row has no patron number; it is set aside.",
        "Look at the row in set-aside/; export it again.",
    ),
    "item-no-bib": IssueCode(
        "error",
        "No bib of the extract has the number that the item names; the item is set aside.",
        "Add the bib to the extract, or leave the item out.",
    ),
    "item-several-bibs": IssueCode(
        "note",
        "The item hangs on several bibs: delivered once, with the first; bib_item lists the others.",
        "Link the others in Alma after the load.",
    ),
    "location-unmapped": IssueCode(
        "error",
        "No row of the map says the library and location of this code; its items are set aside.",
        "Add library and location to the map location.csv of the site's rules.",
    ),
    "code-unmapped-set-aside": IssueCode(
        "error",
        "No row of the map knows this code; what has it is set aside.",
        "Add the code to the site's map.",
    ),
    "code-unmapped": IssueCode(
        "warning",
        "No row of the map knows this code; the target stays empty, the source code stands beside it.",
        "Add the code to the site's map.",
    ),
    "matched-by-label": IssueCode(
        "note",
        "The code was mapped by the label that the site gave for it.",
        "Confirm it, or map the code by a row of its own.",
    ),
    "suppress-undecided": IssueCode(
        "warning",
        "Nobody has said yet which values of this column suppress a bib.",
        "Name them in transformer.toml under [bib] suppress, [] for none.",
    ),
    "edit-not-made": IssueCode(
        "warning",
        "The edit had nothing to put into the field, so the field was not made.",
        "Give the setting or the field that it names.",
    ),
    "check-digit": IssueCode(
        "warning",
        "Some numbers of a file with check digits have one that does not fit.",
        "Look for numbers typed by hand; links by such a number may fail.",
    ),
    "check-digit-guess": IssueCode(
        "note",
        "Too few numbers to be sure whether they end in a check digit.",
        "Say it in transformer.toml under [extract.<name>] check_digit.",
    ),
    "source-conflict": IssueCode(
        "warning",
        "The embedded field and the row of the same item say different things.",
        "Look at the examples; choose with [item] wins.",
    ),
    "value-missing": IssueCode(
        "warning",
        "A column that should have a value is empty.",
        "Look at the examples in the old system.",
    ),
    "value-duplicate": IssueCode(
        "warning",
        "Two things have the same value where each should have its own.",
        "Mend one of them in the old system.",
    ),
    "bad-date": IssueCode(
        "warning",
        "The value is no date; the target stays empty.",
        "Mend it in the old system, or add its pattern under [dates].",
    ),
}
"""Codes found by readers, writers and the pipeline. Codes of rules stand beside their rules."""
