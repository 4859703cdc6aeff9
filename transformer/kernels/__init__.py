"""Numba, and nowhere else: bytes in; offsets, status bytes and bytes out.

Every kernel releases the GIL, runs on one thread, has one signature, and never raises: it counts first,
then fills arrays whose capacities it is given, and reports "full" rather than write past them. Each has
a plain, slow, obvious twin in `tests/reference.py` and a property test that both agree. Shapes, units
and meaning of every array stand in the docstring.

Speed rules measured here: slice an array before looping over it, or use unsigned indices (numba keeps
a wrap-around branch for signed ones, up to 3 times slower); treat runs of ASCII first.
"""
