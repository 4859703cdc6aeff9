"""Whole runs: extracts in, delivery out, read back by other tools."""
