"""What each table looks like: Arrow schemas, one module a family, each column with one sentence.

`batch` is the bytes form of MARC that readers fill, edits rewrite and writers emit; `marc` the three
public tables; `books` the issue table and the ledger; `inventory` and `users` the library tables.
"""
