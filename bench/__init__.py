"""Measures the program beside its peers, its stages and its kernels; see README.md. Not in the wheel."""
