"""ISO 5426:1983, the extended Latin set of UNIMARC: bytes with the high bit -> (code point, mark).

Facts of the standard, which UNIMARC names in 100 $a/26-29 (code 03), with the non-sorting marks 0x88 and
0x89 that UNIMARC puts round an article; the same as in the table of YAZ (`yaz-iconv -f iso5426`). Positions
not listed are not used. Marks stand before their letter, as in MARC-8.
"""

from __future__ import annotations

from typing import Final

ISO5426: Final[dict[int, tuple[int, bool]]] = {
    0x88: (0x0098, False),  # control
    0x89: (0x009C, False),  # control
    0xA1: (0x00A1, False),  # inverted exclamation mark
    0xA2: (0x201E, False),  # double low-9 quotation mark
    0xA3: (0x00A3, False),  # pound sign
    0xA4: (0x0024, False),  # dollar sign
    0xA5: (0x00A5, False),  # yen sign
    0xA6: (0x2020, False),  # dagger
    0xA7: (0x00A7, False),  # section sign
    0xA8: (0x2032, False),  # prime
    0xA9: (0x2018, False),  # left single quotation mark
    0xAA: (0x201C, False),  # left double quotation mark
    0xAB: (0x00AB, False),  # left-pointing double angle quotation mark
    0xAC: (0x266D, False),  # music flat sign
    0xAD: (0x00A9, False),  # copyright sign
    0xAE: (0x2117, False),  # sound recording copyright
    0xAF: (0x00AE, False),  # registered sign
    0xB0: (0x02BB, False),  # modifier letter turned comma
    0xB1: (0x02BC, False),  # modifier letter apostrophe
    0xB2: (0x201A, False),  # single low-9 quotation mark
    0xB6: (0x2021, False),  # double dagger
    0xB7: (0x00B7, False),  # middle dot
    0xB8: (0x2033, False),  # double prime
    0xB9: (0x2019, False),  # right single quotation mark
    0xBA: (0x201D, False),  # right double quotation mark
    0xBB: (0x00BB, False),  # right-pointing double angle quotation mark
    0xBC: (0x266F, False),  # music sharp sign
    0xBD: (0x02B9, False),  # modifier letter prime
    0xBE: (0x02BA, False),  # modifier letter double prime
    0xBF: (0x00BF, False),  # inverted question mark
    0xC0: (0x0309, True),  # hook above
    0xC1: (0x0300, True),  # grave accent
    0xC2: (0x0301, True),  # acute accent
    0xC3: (0x0302, True),  # circumflex accent
    0xC4: (0x0303, True),  # tilde
    0xC5: (0x0304, True),  # macron
    0xC6: (0x0306, True),  # breve
    0xC7: (0x0307, True),  # dot above
    0xC8: (0x0308, True),  # diaeresis
    0xC9: (0x0308, True),  # diaeresis
    0xCA: (0x030A, True),  # ring above
    0xCB: (0x0315, True),  # comma above right
    0xCC: (0x0313, True),  # comma above
    0xCD: (0x030B, True),  # double acute accent
    0xCE: (0x031B, True),  # horn
    0xCF: (0x030C, True),  # caron
    0xD0: (0x0327, True),  # cedilla
    0xD1: (0x031C, True),  # left half ring below
    0xD2: (0x0326, True),  # comma below
    0xD3: (0x0328, True),  # ogonek
    0xD4: (0x0325, True),  # ring below
    0xD5: (0x032E, True),  # breve below
    0xD6: (0x0323, True),  # dot below
    0xD7: (0x0324, True),  # diaeresis below
    0xD8: (0x0332, True),  # low line
    0xD9: (0x0333, True),  # double low line
    0xDA: (0x0329, True),  # vertical line below
    0xDB: (0x032D, True),  # circumflex accent below
    0xDD: (0x0360, True),  # double tilde
    0xE1: (0x00C6, False),  # latin capital letter ae
    0xE2: (0x0110, False),  # latin capital letter d with stroke
    0xE6: (0x0132, False),  # latin capital ligature ij
    0xE8: (0x0141, False),  # latin capital letter l with stroke
    0xE9: (0x00D8, False),  # latin capital letter o with stroke
    0xEA: (0x0152, False),  # latin capital ligature oe
    0xEC: (0x00DE, False),  # latin capital letter thorn
    0xF1: (0x00E6, False),  # latin small letter ae
    0xF2: (0x0111, False),  # latin small letter d with stroke
    0xF3: (0x00F0, False),  # latin small letter eth
    0xF5: (0x0131, False),  # latin small letter dotless i
    0xF6: (0x0133, False),  # latin small ligature ij
    0xF8: (0x0142, False),  # latin small letter l with stroke
    0xF9: (0x00F8, False),  # latin small letter o with stroke
    0xFA: (0x0153, False),  # latin small ligature oe
    0xFB: (0x00DF, False),  # latin small letter sharp s
    0xFC: (0x00FE, False),  # latin small letter thorn
}
