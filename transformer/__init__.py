"""Moves a library's records into Ex Libris Alma."""
