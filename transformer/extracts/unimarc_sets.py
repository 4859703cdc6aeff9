"""Sets of UNIMARC that MARC-8 has not: bytes with the high bit -> code point. No marks in them.

ISO 5427:1981, first table (ISO registration 37): MARC-8's Basic Cyrillic, but with the sign of currency for
the dollar. Its second table (registration 54) and ISO 5428 (registration 55) are in MARC-8 as they are; the
tables of glibc agree, but for the two quotation marks of ISO 5428, which it has the other way round.

ISO 6438:1983, African letters (registration 39, escape sequences that end in `M`): the table of the
registration, as Wikipedia's article on the standard gives it, with the two chi that Unicode has for it since
versions 7 and 8, and U+01DD for the small letter of U+018E, as Unicode's document L2/00-223 settles it.

ISO 10586:1996, Georgian letters: the order of the standard's legend (its table 2): from 0xCD full stop,
comma, paragraph separator, then 39 letters. It is not registered, so it has no escape sequence.
"""

from __future__ import annotations

from typing import Final

CURRENCY: Final = (0xA4, 0xA4)
"""Byte of ISO 5427 that MARC-8's Basic Cyrillic reads otherwise, and its code point."""

_AFRICAN: Final = (
    (0xA2, "ƁƇƊƉ"), (0xA7, "ƐƎ"), (0xAA, "ƑƓƔĦ"), (0xAF, "Ɨ"),
    (0xB2, "ɓƈɗɖ"), (0xB7, "ɛǝ"), (0xBA, "ƒɠɣħ"), (0xBF, "ɪ"),
    (0xC0, "Ƙ"), (0xC7, "Ŋ"), (0xC9, "ƟƆƤ"), (0xCF, "Ʃ"),
    (0xD0, "ƙɬɱɳɲ"), (0xD7, "ŋ"), (0xD9, "ɵɔƥ"), (0xDD, "ɽ"), (0xDF, "ʃ"),
    (0xE0, "ƬƮ"), (0xE3, "ƱƲ\ua7b3ƳƷ"),
    (0xF0, "ƭʈ"), (0xF3, "ʊʋ\uab53ƴʒʕʔʘǀǂǃǁ"),
)  # fmt: skip
_GEORGIAN: Final = ((0xCD, "\u0589,\u10fb"), (0xD0, "აბგდევზჱთიკლმნჲოპჟრსტუჳფქღყშჩცძწჭხჴჯჰჵჶ"))


def _table(runs: tuple[tuple[int, str], ...]) -> dict[int, int]:
    return {first + at: ord(letter) for first, text in runs for at, letter in enumerate(text)}


ISO6438: Final = _table(_AFRICAN)
ISO10586: Final = _table(_GEORGIAN)
