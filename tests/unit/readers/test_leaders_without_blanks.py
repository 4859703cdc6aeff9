"""Leaders of another length. The first three are real; places are those of MARC 21, leader."""

from __future__ import annotations

import pytest

from transformer.readers.leaders import with_blanks


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (b"01297cama2200301Ia 450", b"01297cam a2200301Ia 4500"),
        (b"00817nas a2200265 4500", b"00817nas a2200265   4500"),
        (b"nam a2200481Li 4500", b"     nam a2200481Li 4500"),
        (b"00000nx a22000001n 4500", b"00000nx  a22000001n 4500"),
        (b"00000nz 2200000n 4500", b"00000nz   2200000n  4500"),
        (b"00000nam 2200000 i4500", b"00000nam  2200000  i4500"),
        (b"00000nam a2200000 a 45", b"00000nam a2200000 a 4500"),
    ],
)
def test_blanks_are_put_back(text: bytes, whole: bytes | None) -> None:
    assert with_blanks(text) == whole


@pytest.mark.parametrize(
    "text",
    [
        b"00000nam a2200000 a 4500",  # nothing is missing
        b"00711cam a2200229 45004500",  # more than a leader
        b"      Z   22 4500",  # no base address
        b"00000nam a2200000ab4500",  # which of 17 to 19 is missing?
        b"00000nama200000 a 4500",  # a digit is missing
        b"00000nam a22",
        b"",
    ],
)
def test_what_is_not_certain_stays_as_it_is(text: bytes) -> None:
    assert with_blanks(text) is None
