"""Records on which we and pymarc differ, and who is right. Every line was looked at by hand.

A record of a file that is not named here must come out exactly as pymarc reads it.
"""

from __future__ import annotations

_OPENLIBRARY = "copyleft/malformed/internetarchive+openlibrary/bin_input"

# ISO 2709: set aside by us, though pymarc reads something when it is handed exactly these bytes:
# file -> reason -> how many. Length, base address, directory and terminators do not agree in them
# (pymarc's own reader stops at a wrong length).
SET_ASIDE: dict[str, dict[str, int]] = {
    # The leader says a length at which no record terminator stands.
    f"{_OPENLIBRARY}/lesabndioeinas00sche_meta.mrc": {"record-length": 1},
    f"{_OPENLIBRARY}/new_poganucpeoplethe00stowuoft_meta.mrc": {"record-length": 1},
    f"{_OPENLIBRARY}/poganucpeoplethe00stowuoft_meta.mrc": {"record-length": 1},
    "copyleft/malformed/pear+File_MARC/wronglen.mrc": {"record-length": 1},
    "permissive/aleph/LibreCat+Catmandu-MARC/bu_bibs.mrc": {"record-length": 12},
    "permissive/malformed/edsu+pymarc/bad_subfield_code.dat": {"record-length": 1},
    # A record of 123,375 bytes; the leader can say 99,999 at the most.
    "copyleft/malformed/marc4j+marc4j/bad_too_long_plus_2.mrc": {"record-length": 1},
    # The base address is not where the directory ends.
    f"{_OPENLIBRARY}/upei_short_008.mrc": {"base-address": 1},
    # Field lengths one too short, and past the end of the record: pymarc cuts the values.
    "permissive/malformed/dchud+mrrc/error_fixtures/e106_authority_field_too_short.bin": {
        "field-terminator": 1
    },
    "permissive/malformed/dchud+mrrc/error_fixtures/e106_field_length_past_data.bin": {"directory": 1},
}

_TAG = "a tag of more than three characters"
_CODE = "a subfield code of more than one character"
_INDICATOR = "an indicator of more than one byte"
_STRAY = "text between the elements of the record"
_MISSPELT = "<subfields> for <subfield>"
_EMPTY = "a `record` without leader and fields; pymarc makes an empty record of it"
_PICA = "PICA in XML, not MARC; pymarc makes empty records of it"

# MARCXML: records that we set aside as xml-structure and pymarc makes something of: file -> (how many, why).
XML_SET_ASIDE: dict[str, tuple[int, str]] = {
    "permissive/aleph/trln+marc-to-argot/duke/multi_holdings_no_status.xml": (1, _TAG),
    "permissive/alma/scriptotek+php-alma-client/bib_response_with_availability.xml": (1, _TAG),
    "permissive/marcxml/scriptotek+php-marc/oaipmh-bibsys.xml": (7, _CODE),
    "permissive/marcxml/lcnetdev+marc2bibframe2/ConvSpec-880/marc.xml": (1, _INDICATOR),
    "permissive/encodings/indexdata+yaz/marc0.xml": (1, _INDICATOR),
    "permissive/encodings/indexdata+yaz/xml2marc0.xml": (1, _INDICATOR),
    "permissive/marcxml/lcnetdev+marc2bibframe2/ConvSpec-001-007/dup-properties.xml": (4, _STRAY),
    "copyleft/encodings/ppuffinburger+marc4k/MARCXML_bib_record_subfields_element.xml": (1, _MISSPELT),
    "copyleft/malformed/marc4j+marc4j/chabon-bad-subfields-element.xml": (1, _MISSPELT),
    "permissive/alma/tulibraries+cob_index/contributor_examples.xml": (1, _EMPTY),
    "permissive/alma/tulibraries+cob_index/creator_examples.xml": (1, _EMPTY),
    "permissive/alma/tulibraries+cob_index/creator_vern_examples.xml": (1, _EMPTY),
    "permissive/alma/tulibraries+cob_index/donor_541_field.xml": (1, _EMPTY),
    "permissive/alma/tulibraries+cob_index/genre_display.xml": (1, _EMPTY),
    "permissive/alma/tulibraries+cob_index/genre_facet_examples.xml": (1, _EMPTY),
    "permissive/unimarc-and-others/gbv+PICA-Data/files/pica.xml": (2, _PICA),
    "permissive/unimarc-and-others/gbv+PICA-Data/files/slim_ppxml.xml": (1, _PICA),
    "permissive/unimarc-and-others/gbv+PICA-Data/files/sru_picaxml.xml": (3, _PICA),
    "permissive/unimarc-and-others/gbv+PICA-Data/files/sru_ppxml.xml": (1, _PICA),
}
