"""Codes of what rules find, with sentence and remedy; part of `schema.books.ISSUE_CODES`."""

from __future__ import annotations

from transformer.schema.issue_code import IssueCode

RULE_CODES: dict[str, IssueCode] = {
    "bib-no-number": IssueCode(
        "error",
        "The bib has no record number where the rules look for one; it is set aside.",
        "Look at the record in set-aside/; name the right field in [extract.bib] number.",
    ),
    "bib-deleted": IssueCode(
        "warning",
        "Bibs are marked as deleted in leader/05; what becomes of them is a rule, bib.deleted.",
        'Say in the site\'s rules: [bib] deleted = "keep", "suppress" or "set_aside". Items and'
        " holdings of a bib that is set aside go with it.",
    ),
    "holdings-several-match": IssueCode(
        "warning",
        "Several MARC holdings of one bib are alike in what items are matched by; items go to the first.",
        "Add columns to [holdings.match] that tell them apart, or let items name the number.",
    ),
    "holdings-made-beside": IssueCode(
        "note",
        "Bibs have MARC holdings, but items found none among them: holdings were made for these items.",
        "Look at library and location in the holdings and in the location map.",
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
    "code-not-in-list": IssueCode(
        "warning",
        "The delivered code is not in the list of codes that Alma knows; the list is partly unverified.",
        "Look whether your Alma has it. If so, add it to the site's lists/NAME.csv; else mend the map.",
    ),
    "code-not-in-own-list": IssueCode(
        "error",
        "The delivered code is not in the library's own list of Alma's codes.",
        "Mend the map that gives it, or add the code to the list if your Alma has it.",
    ),
    "matched-by-label": IssueCode(
        "note",
        "The code was mapped by the label that the site gave for it.",
        "Confirm it, or map the code by a row of its own.",
    ),
    "request-on-loan": IssueCode(
        "warning",
        "Items are on loan and wait on the hold shelf at once; they are taken as on loan.",
        "Look at them in the old system: one of the two is out of date.",
    ),
    "item-withdrawn": IssueCode(
        "note",
        "The item is withdrawn or discarded; as the library chose, it is set aside and not delivered.",
        "Nothing to do; [item] withdrawn in transformer.toml says otherwise.",
    ),
    "item-withdrawn-listed": IssueCode(
        "note",
        "Withdrawn or discarded items are delivered with their status.",
        "Decide whether they should go to Alma at all: [item] withdrawn in transformer.toml.",
    ),
    "withdrawn-in-use": IssueCode(
        "warning",
        "Withdrawn items are on loan or on the hold shelf, so they are delivered and not set aside.",
        "Look at them in the old system before the loans are delivered.",
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
    "repeats-left-out": IssueCode(
        "warning",
        "A column has several values where the rules take one: the first was taken.",
        'Say repeats = "|" for the column to keep them all, or move the others in the old system.',
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
    "duplicate-changed": IssueCode(
        "warning",
        "Several things had the same value; as the library chose, later ones were changed.",
        "Look at the examples: a barcode that was taken away or changed no longer scans.",
    ),
    "duplicate-set-aside": IssueCode(
        "warning",
        "An earlier thing has the same value; as the library chose, this one is set aside.",
        "Mend one of them in the old system.",
    ),
    "value-missing-set-aside": IssueCode(
        "warning",
        "The value is missing; as the library chose, what lacks it is set aside.",
        "Give it the value in the old system, or deliver it without.",
    ),
    "status-without-note": IssueCode(
        "warning",
        "An import profile makes every item one that is in place, and no note says that these were not.",
        "Give the status a note in maps/item_status.csv, so that worklists find the items.",
    ),
    "item-field-taken": IssueCode(
        "warning",
        "Bibs have the field themselves that is to carry their items: a profile may take it for an item.",
        "Drop or move it with an edit, or say another field in [import_profile].",
    ),
    "volume-not-understood": IssueCode(
        "note",
        "Texts of volumes were not understood: they give no enumeration and no chronology.",
        "Nothing is lost, they stand in the description. Add captions or pieces to the site's rules.",
    ),
    "bad-date": IssueCode(
        "warning",
        "The value is no date; the target stays empty.",
        "Mend it in the old system, or add its pattern under [dates].",
    ),
    # --- what the MARC format says (rules/base/marc) -------------------------------------------------
    "unknown-tag": IssueCode(
        "warning",
        "The format has no such field. It is delivered as it is.",
        "If the library uses it, add it to rules/marc; else correct the records or drop the field by a rule.",
    ),
    "tag-repeated": IssueCode(
        "warning",
        "A field that may not be repeated stands several times in a record.",
        "Correct the records before or after the move; nothing was changed.",
    ),
    "indicator-value": IssueCode(
        "note",
        "An indicator has a value that the format does not know (or no longer).",
        "Nothing must be done; Alma loads it. Search and sorting may depend on it.",
    ),
    "unknown-code": IssueCode(
        "warning",
        "The field has no such subfield in the format. It is delivered as it is.",
        "If the library uses it, add it to rules/marc; else correct the records.",
    ),
    "code-repeated": IssueCode(
        "note",
        "A subfield that may not be repeated stands several times in a field.",
        "Correct the records before or after the move; nothing was changed.",
    ),
    "fixed-value": IssueCode(
        "note",
        "A position of the leader or of 006, 007 or 008 has a code that the format does not know.",
        "Look at 008 for what decides the material type; the rest can be corrected in Alma.",
    ),
    "fixed-length": IssueCode(
        "warning",
        "A fixed field does not have the length that the format says; its positions were not checked.",
        "Correct 006 and 008: what stands behind a lost character is read as something else.",
    ),
    "field-missing": IssueCode(
        "warning",
        "A field that every record of the format has is missing.",
        "Add it; without 008 or 245 Alma's own validation objects to the record.",
    ),
    "not-a-bib": IssueCode(
        "error",
        "A record of the bib extract is no bib (leader/06) and no rule reads its kind there: set aside.",
        "Name an extract of its kind in the rules, or export the bibs alone.",
    ),
    "bib-merged": IssueCode(
        "note",
        "Several records with one number were one bib; they are delivered as one, with the items of all.",
        "Nothing to do.",
    ),
    "bib-differs": IssueCode(
        "warning",
        "Records with one number, which should be parts of one bib, have fields that differ.",
        "Compare them in the old system; `differing` of the profile says what becomes of them.",
    ),
    "holdings-no-number": IssueCode(
        "error",
        "The holdings record has no number where the rules look for one; it is set aside.",
        "Look at the record in set-aside/; name the right field in the extract's number.",
    ),
    "holdings-no-bib": IssueCode(
        "error",
        "No bib of the extract has the number that the holdings record names; it is set aside.",
        "Add the bib to the extract, or leave the holdings out.",
    ),
    "holdings-same-key": IssueCode(
        "warning",
        "Holdings of one bib are alike in what tells them apart; their order makes their numbers.",
        "Add field specs to the extract's key, so that test load and cutover agree.",
    ),
    "row-left-out": IssueCode(
        "note",
        "Rows do not meet the condition `only_if` of their extract; they are set aside.",
        "Nothing to do, unless they should be read.",
    ),
    "nothing-to-add-to": IssueCode(
        "warning",
        "Rows name no thing that is there; what they would add is set aside.",
        "Check that both files are of the same day.",
    ),
    "loan-no-item": IssueCode(
        "warning",
        "Loans name no item that is there; they are set aside.",
        "Check that both files are of the same day.",
    ),
    "loan-no-patron": IssueCode(
        "warning",
        "Loans name no patron that is there. Their items count as lent all the same.",
        "Check that both files are of the same day; loans to made-up patrons are left out with only_if.",
    ),
    "request-no-item": IssueCode(
        "warning",
        "Requests name no item that is there; they are set aside.",
        "Requests for a title do not move to Alma; others need their item.",
    ),
    "request-no-patron": IssueCode(
        "warning",
        "Requests name no patron that is there.",
        "Check that both files are of the same day.",
    ),
    "item-status-no-item": IssueCode(
        "warning",
        "Statuses name no item that is there; they are set aside.",
        "Check that both files are of the same day.",
    ),
    "item-several-loans": IssueCode(
        "warning",
        "Items have more than one open loan; rules look at the first.",
        "Look at them in the old system.",
    ),
    "item-several-requests": IssueCode(
        "note",
        "Items have more than one request; rules look at all of them together.",
        "Nothing to do.",
    ),
    "code-list-no-code": IssueCode(
        "warning",
        "Rows of a list of codes lack code or label; they are set aside.",
        "Look at the file.",
    ),
}
