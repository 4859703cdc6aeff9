"""The books of a run: issue table, ledger, and the list of issue codes with sentence and remedy.

Issue codes are stable: once published, a code keeps its meaning. Severity: `error` (a person must act
before loading), `warning` (look at it), `note` (for the record). Values of personal columns are left
out of issues always.
"""

from __future__ import annotations

import pyarrow as pa

from transformer.schema.issue_code import IssueCode
from transformer.schema.marc import column
from transformer.schema.rule_codes import RULE_CODES

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
    "length-mended": IssueCode(
        "warning",
        "The record length in the leader was wrong; directory and terminators agree without it.",
        "Nothing to do for this record; it lies in set-aside/ as it came.",
    ),
    "base-mended": IssueCode(
        "warning",
        "The base address in the leader was wrong; the directory ends at its field terminator.",
        "Nothing to do for this record; it lies in set-aside/ as it came.",
    ),
    "directory-mended": IssueCode(
        "warning",
        "The directory's numbers were wrong; the values were taken from between the terminators.",
        "Nothing to do for this record; it lies in set-aside/ as it came.",
    ),
    "terminator-mended": IssueCode(
        "warning",
        "A terminator was missing or one too many; the directory says where fields end.",
        "Nothing to do for this record; it lies in set-aside/ as it came.",
    ),
    "leader-mended": IssueCode(
        "warning",
        "The leader had control characters or bytes outside ASCII; blanks stand in their place.",
        "Check the leader; the record lies in set-aside/ as it came.",
    ),
    "record-oversize": IssueCode(
        "note",
        "The record or a field of it is longer than ISO 2709 can say; it was read by its terminators.",
        "Nothing to do; it lies in set-aside/ as it came.",
    ),
    "field-unnamed": IssueCode(
        "error",
        "The record holds text that no entry of its directory names; it was left out.",
        "Look for the text in the record as it lies in set-aside/, and add it by hand.",
    ),
    "field-doubtful": IssueCode(
        "error",
        "A field does not fit what the directory says of it: a byte was lost or added, or its tag is wrong.",
        "Compare the field with the old system; the record lies in set-aside/ as it came.",
    ),
    "not-utf8": IssueCode(
        "error",
        "The record holds bytes that are not UTF-8.",
        "Name the encoding of the file, or export in UTF-8.",
    ),
    "escape-sequence": IssueCode(
        "error",
        "The record holds escape sequences of MARC-8.",
        "Export in UTF-8, or convert the file first.",
    ),
    "undecodable": IssueCode(
        "warning",
        "Bytes of the record are no characters of its encoding; U+FFFD stands for them.",
        "It lies in set-aside/ as it came. If there are many like it, name the file's encoding.",
    ),
    "record-encoding": IssueCode(
        "note",
        "A record is in another encoding than its file; it was decoded from its own.",
        "Look at a few of these records; if they are wrong, name the file's encoding.",
    ),
    "file-encoding": IssueCode(
        "note",
        "The file is not in UTF-8, or not all of it; what is not was decoded.",
        "Check some records with accented letters; if they are wrong, name the file's encoding.",
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
    "leader-blanks-lost": IssueCode(
        "note",
        "A leader has lost blanks, or its end; its other characters tell where they were, and they are back.",
        "Nothing to do, unless many records show it: then the export loses blanks in other fields as well.",
    ),
    "leader-padded": IssueCode(
        "note",
        "A leader has blanks after its 24 characters; they were cut off.",
        "Nothing to do.",
    ),
    "xml-forbidden-character": IssueCode(
        "warning",
        "A character that XML forbids was left out, or replaced as the rules say.",
        "Look at the field in the old system; usually a control character typed by accident.",
        by_value=True,
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
    "row-length": IssueCode(
        "error",
        "The row ends before a column that it must have.",
        "Look at the row in set-aside/; compare its length with the positions in the rules.",
    ),
    "row-syntax": IssueCode(
        "error",
        "The text is no row of this file: it has no tag, belongs to no document, or is cut short.",
        "Look at it in set-aside/; export it again.",
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
    "list-empty": IssueCode(
        "note",
        "A list has a header and no rows; nothing was read from it.",
        "If the old system has such things, export it again.",
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
        "Write MARCXML instead, which has no such limit, or let long records be split.",
    ),
    "field-too-long": IssueCode(
        "error",
        "A field is longer than the 9,999 bytes that ISO 2709 can say.",
        "Write MARCXML instead, which has no such limit, or let long records be split.",
    ),
    "record-split": IssueCode(
        "warning",
        "The record is too long for ISO 2709; it was written as several with the same 001.",
        "Join them by their 001 after loading, or write MARCXML, which has no such limit.",
    ),
    "field-split": IssueCode(
        "warning",
        "A field is too long for ISO 2709; it was written as several with the same tag.",
        "Join them after loading, or write MARCXML, which has no such limit.",
    ),
    **RULE_CODES,
}
"""Codes found by readers, writers and the pipeline; those that rules find stand in `rule_codes`."""
