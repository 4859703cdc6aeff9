"""Records on which we and pymarc differ, and who is right. Every line was looked at by hand.

A record of a file that is not named here must come out exactly as pymarc reads it.
"""

from __future__ import annotations

_OPENLIBRARY = "copyleft/malformed/internetarchive+openlibrary/bin_input"

# ISO 2709: set aside by us, though pymarc reads something when it is handed exactly these bytes:
# file -> reason -> how many (pymarc's own reader stops at a wrong length).
SET_ASIDE: dict[str, dict[str, int]] = {}

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

_UNDECODED = "bytes of another character set, which MARC::Record leaves as they are or takes for MARC-8"
_NO_TABLE = "codes that no table of MARC-8 has: we mark them, MARC::Charset drops them or goes astray"
_BLANK_INDICATORS = "a blank between indicators and first delimiter: MARC::Record blanks the indicators"
_FIELDS_00X = "a field 00X with subfields: MARC::Record makes one value of them, or loses them (XML)"
_EMPTY_FIELD = "a field without subfields: MARC::Record drops it"
_CUT = (
    "a false number in the leader or the directory: MARC::Record cuts values at it; we go by the terminators"
)
_NO_DELIMITER = "text without a delimiter: MARC::Record drops the field, we keep it before the first one"
_ENDS = (
    "MARC::Record dies at an indicator that is missing or longer than one character, and so skips the record"
)
_DIES = "a tag with a blank inside, which MARC::Record refuses"
_WRAPPED = "MARC::File::XML mistakes an element around the record, or before it, for the record"
_MARC4K = "copyleft/encodings/ppuffinburger+marc4k"
_MARC4J = "copyleft/malformed/marc4j+marc4j"
_PEAR = "copyleft/malformed/pear+File_MARC"
_YAZ = "permissive/encodings/indexdata+yaz"
_MRRC = "permissive/malformed/dchud+mrrc"
_ALMA = "permissive/alma/scriptotek+php-alma-client"

# MARC::Record: records that both read and that differ: file -> (how many, why). We are right by the standard
# or the bytes in all of them, or nobody can know; expectations.csv has a line for each.
MARC_RECORD: dict[str, tuple[int, str]] = {
    "permissive/ole/VU-libtech+OLE-INST/100MarcRecords.xml": (1, _WRAPPED),
    f"{_MARC4K}/MARC8_auth_record.mrc": (1, _NO_TABLE),
    f"{_MARC4K}/MIXED_auth_records.mrc": (1, _NO_TABLE),
    f"{_MARC4K}/walktest/marc8/MARC8_auth_record.mrc": (1, _NO_TABLE),
    "permissive/encodings/edsu+pymarc/bad_eacc_encoding.dat": (1, _NO_TABLE),
    "permissive/encodings/edsu+pymarc/bad_marc8_escape.dat": (1, _NO_TABLE),
    "permissive/encodings/ruby-marc+ruby-marc/bad_eacc_encoding.marc8.marc": (1, _NO_TABLE),
    "permissive/malformed/FOLIO-FSE+folio_migration_tools/diacritics/diac-4-theo-directly-from-sierra.mrc": (
        4,
        _NO_TABLE,
    ),
    "permissive/malformed/FOLIO-FSE+folio_migration_tools/diacritics/diac_from_oclc.mrc": (4, _NO_TABLE),
    "permissive/malformed/pod4lib+aggregator/bad_marc8.mrc": (1, _NO_TABLE),
    "permissive/symphony/solrmarc+solrmarc/uva_001_2000.first1000.mrc": (1, _NO_TABLE),
    f"{_OPENLIBRARY}/collingswood_bad_008.mrc": (1, _UNDECODED),
    f"{_MARC4J}/sample1.mrc": (1, _UNDECODED),
    "permissive/sierra/mikkovihonen+helmet-marcxml-bffi-skos-pipeline/sample-marcxml/99999900.xml": (
        1,
        _UNDECODED,
    ),
    f"{_PEAR}/example.mrc": (1, _UNDECODED),
    "copyleft/unimarc-and-others/pkiraly+qa-catalogue/unimarc/short.bnr.1993.mrc": (10, _UNDECODED),
    "permissive/sierra/BookOps-CAT+overload/no_dups.mrc": (1, _UNDECODED),
    "permissive/unimarc-and-others/reeset+data_packs/1000_unimarc_records_5426_bnf.first500.mrc": (
        500,
        _UNDECODED,
    ),
    **{f"{_YAZ}/marc{number}.marc": (1, _UNDECODED) for number in (1, 2, 10, 11)},
    f"{_OPENLIBRARY}/lesabndioeinas00sche_meta.mrc": (1, _CUT),
    f"{_OPENLIBRARY}/new_poganucpeoplethe00stowuoft_meta.mrc": (1, _CUT),
    f"{_OPENLIBRARY}/poganucpeoplethe00stowuoft_meta.mrc": (1, _CUT),
    f"{_OPENLIBRARY}/upei_short_008.mrc": (1, _CUT),
    f"{_MARC4J}/bad_hathi_records.mrc": (1, _CUT),
    f"{_MARC4J}/bad_oversize_field_bad_directory.mrc": (1, _CUT),
    f"{_MARC4J}/bad_too_long_plus_2.mrc": (1, _CUT),
    f"{_PEAR}/wronglen.mrc": (1, _CUT),
    "permissive/aleph/LibreCat+Catmandu-MARC/bu_bibs.mrc": (16, _CUT),
    f"{_MRRC}/error_fixtures/e003_base_address_below_24.bin": (1, _CUT),
    f"{_MRRC}/error_fixtures/e003_base_address_non_digit.bin": (1, _CUT),
    f"{_MRRC}/error_fixtures/e004_base_address_past_record.bin": (1, _CUT),
    f"{_MRRC}/error_fixtures/e106_authority_field_too_short.bin": (1, _CUT),
    f"{_MRRC}/error_fixtures/e106_field_length_past_data.bin": (1, _CUT),
    "permissive/malformed/edsu+pymarc/bad_records.mrc": (3, _CUT),
    "permissive/malformed/edsu+pymarc/bad_subfield_code.dat": (1, _CUT),
    f"{_OPENLIBRARY}/wrapped_lines.mrc": (1, _EMPTY_FIELD),
    f"{_YAZ}/marc3.marc": (1, _EMPTY_FIELD),
    f"{_YAZ}/marc5.marc": (1, _NO_DELIMITER),
    f"{_PEAR}/camel.mrc": (1, _FIELDS_00X),
    "permissive/malformed/perl4lib+marc-perl/marc-lint/camel.usmarc": (1, _FIELDS_00X),
    **{
        f"{_YAZ}/{before}marc{number}{after}": (1, _FIELDS_00X)
        for before, after in (
            ("", ".xml"),
            ("", ".xml.marc"),
            ("", ".json.marc"),
            ("t", ".xml.marc"),
            ("xml2", ".xml"),
            ("xml2", ".xml.marc"),
            ("xml2t", ".xml.marc"),
        )
        for number in (1, 2)
    },
    f"{_YAZ}/marc3.xml": (1, _FIELDS_00X),
    f"{_YAZ}/xml2marc3.xml": (1, _FIELDS_00X),
    "permissive/bulk/kateefly+ToolsDataSet/ProjectGutenberg_Set026000_MARC.first500.mrc": (
        500,
        _BLANK_INDICATORS,
    ),
    f"{_PEAR}/bad_example.mrc": (1, _ENDS),
    f"{_PEAR}/bad_example.xml": (1, _ENDS),
    f"{_MARC4K}/MARCXML_bib_record_field_missing_indicator.xml": (1, _ENDS),
    f"{_MARC4J}/cruel-cruel-indicatorless-summerland.xml": (1, _ENDS),
    "permissive/alma/tulibraries+cob_index/creator_vern_examples.xml": (1, _ENDS),
    "permissive/alma/tulibraries+cob_index/marc_fixture.first183.xml": (182, _ENDS),
    "permissive/marcxml/lcnetdev+marc2bibframe2/ConvSpec-001-007/dup-properties.xml": (7, _ENDS),
    "permissive/marcxml/lcnetdev+marc2bibframe2/ConvSpec-001-007/marc.xml": (3, _ENDS),
    "permissive/bulk/LibraryCarpentry+lc-marcedit/marc_sample_data.first268.mrc": (1, _DIES),
    "permissive/malformed/edsu+pymarc/bad_indicator.dat": (1, _DIES),
    "permissive/bulk/folio-org+mod-reservoir/pennstate-bad-rec-20221216.first150.xml": (150, _WRAPPED),
    f"{_MARC4K}/MARCXML_bib_record_no_collection.xml": (1, _WRAPPED),
    "permissive/marcxml/NatLibFi+marc-record-serializers/marcxml/from-namespace-xml1": (1, _WRAPPED),
    f"{_ALMA}/bib_response_iz.xml": (1, _WRAPPED),
    f"{_ALMA}/bib_response_nz.xml": (1, _WRAPPED),
    f"{_ALMA}/bibs_holdings.xml": (1, _WRAPPED),
    "permissive/marcxml/scriptotek+php-marc/sru-alma.xml": (3, _WRAPPED),
    "permissive/marcxml/scriptotek+php-marc/sru-kth.xml": (1, _WRAPPED),
}

# yaz-marcdump, told nothing about character sets, given only the sound records in UTF-8 of each file.
YAZ: dict[str, tuple[int, str]] = {
    f"{_MARC4K}/MARC8_bib_record_bad_characters_in_various_fields.mrc": (
        1, "control characters as indicators and code, which yaz cannot write as XML"
    ),
    f"{_MARC4J}/bad-characters-in-various-fields.mrc": (1, "the same record"),
    f"{_OPENLIBRARY}/wrapped_lines.mrc": (1, "an empty field: yaz takes bytes of the next one"),
    f"{_YAZ}/marc3.marc": (1, "an empty field: yaz takes bytes of the next one"),
    f"{_YAZ}/marc4.marc": (1, "the same record as marc3"),
    f"{_YAZ}/marc5.marc": (1, "250 has `2` for its delimiter: yaz drops it, we keep the text as it stands"),
    f"{_PEAR}/camel.mrc": (1, "007 with subfields and no indicators: yaz takes the first subfield for them"),
    "permissive/malformed/perl4lib+marc-perl/marc-lint/camel.usmarc": (1, "the same record"),
    f"{_MRRC}/error_fixtures/e002_indicator_count_not_two.bin": (
        1, "leader/10 says 3: yaz believes it and shifts the values; two indicators stand there"
    ),
    "permissive/malformed/edsu+pymarc/bad_indicator.dat": (1, "tag `0 2`: yaz shifts its value by a byte"),
    "permissive/malformed/folio-org+data-import-processing-core/org/folio/processing/mapping/instance/"
    "empty_008_field.mrc": (1, "008 is empty: yaz makes a data field of it"),
}  # fmt: skip
