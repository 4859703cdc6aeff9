"""Mistakes of meaning, each with file, key, what was found and what was expected."""
