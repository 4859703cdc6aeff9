"""Ledger, tallies and issues -> what a librarian reads.

    facts    what a report is made from, besides the issue table and the ledger
    tally    the issue table -> counts by code, with sentence, remedy and examples
    gather   the run's tables -> facts
    words    the sentences that report and screen share
    report   reports/report.md, issues.csv, ledger.csv

Reports carry numbers of records, never what is in a patron's record.
"""
