"""What becomes of each kind of damage to ISO 2709: written before the code that does it, and its measure.

A record is undamaged where its length, base address, directory and terminators agree; then it comes out as
it is, whatever its values hold. Where they do not agree, the terminators win over the numbers: a value is
always what stands between two terminators, never bytes cut at an offset that nothing confirms. What cannot
be known is either marked (`field-doubtful`) or set aside whole. Every record that was repaired is copied to
set-aside as it came, so that the repair can be checked.

`share` is the part, in percent, of records with this one damage that must come out with the values of
original; `tests/damage` makes each kind, counts, and fails on any other figure. Kinds and words: ISO
2709:2008 for the structure; what other programs make of the same damage stands in `tests/damage/README.md`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Damage:
    """One kind of damage to a record.

    kind: its name. outcome: `unchanged`, `repaired` or `set aside`. code: the issue that tells it, empty
    where nothing is told. share: percent of such records whose values come out. evidence: why we are sure.
    """

    kind: str
    outcome: str
    code: str
    share: int
    evidence: str


DAMAGE: tuple[Damage, ...] = (
    # --- numbers that lie ------------------------------------------------------------------------------
    Damage("length-wrong", "repaired", "length-mended", 100, "directory and terminators agree without it"),
    Damage("length-blank", "repaired", "length-mended", 100, "the same"),
    Damage(
        "length-of-two", "repaired", "length-mended", 100, "a second leader stands inside, with its directory"
    ),
    Damage("base-wrong", "repaired", "base-mended", 100, "the first field terminator ends the directory"),
    Damage("base-blank", "repaired", "base-mended", 100, "the same"),
    # --- the directory ---------------------------------------------------------------------------------
    Damage("entries-shuffled", "unchanged", "", 100, "an entry is right wherever it stands"),
    Damage("starts-shifted", "repaired", "directory-mended", 100, "all lengths fit the terminators"),
    Damage("starts-zero", "repaired", "directory-mended", 100, "all lengths fit the terminators"),
    Damage(
        "lengths-without-terminator", "repaired", "directory-mended", 100, "as many terminators as entries"
    ),
    Damage(
        "lengths-in-characters", "repaired", "directory-mended", 100, "lengths fit, counted in characters"
    ),
    Damage("one-length-wrong", "repaired", "directory-mended", 100, "the next start says the length"),
    Damage("one-start-outside", "repaired", "directory-mended", 100, "all lengths fit the terminators"),
    Damage(
        "entry-not-digits", "repaired", "field-doubtful", 100, "all other entries fit; its tag stands alone"
    ),
    Damage("entry-over-another", "set aside", "directory", 0, "the tag of one field is lost"),
    Damage("directory-cut", "set aside", "directory", 0, "what the lost bytes said is not known"),
    Damage("entry-lost", "repaired", "field-unnamed", 0, "the field without a tag is left out and told"),
    # --- terminators -----------------------------------------------------------------------------------
    Damage(
        "record-terminator-missing",
        "repaired",
        "terminator-mended",
        100,
        "the last field ends; a leader follows",
    ),
    Damage("record-terminator-doubled", "unchanged", "", 100, "a terminator alone is a separator"),
    Damage(
        "field-terminator-missing",
        "repaired",
        "terminator-mended",
        100,
        "the directory says where fields part",
    ),
    Damage("field-terminator-replaced", "repaired", "terminator-mended", 100, "the same"),
    Damage(
        "field-terminator-doubled", "repaired", "terminator-mended", 100, "an empty field that no entry names"
    ),
    Damage(
        "glued", "repaired", "terminator-mended", 100, "a second leader stands inside, with its directory"
    ),
    Damage("delimiters-inside", "unchanged", "", 100, "length and directory say that the value goes on"),
    # --- too long for its numbers ----------------------------------------------------------------------
    Damage("record-oversize", "repaired", "record-oversize", 100, "as many terminators as entries"),
    Damage("record-overflow", "repaired", "record-oversize", 100, "numbers of more digits, right each"),
    Damage("field-oversize", "repaired", "record-oversize", 100, "as many terminators as entries"),
    # --- the leader ------------------------------------------------------------------------------------
    Damage(
        "leader-control-character", "repaired", "leader-mended", 0, "a blank replaces it; all fields come out"
    ),
    Damage("leader-short", "set aside", "leader", 0, "which of its characters is lost is not known"),
    # --- bytes lost or added ---------------------------------------------------------------------------
    Damage("byte-lost", "repaired", "field-doubtful", 0, "the field whose length does not fit is marked"),
    Damage("byte-added", "repaired", "field-doubtful", 0, "the same"),
    Damage("cut", "set aside", "record-length", 0, "the rest of the record is gone"),
    Damage("cut-at-end", "set aside", "truncated", 0, "the rest of the file is gone"),
    # --- between records -------------------------------------------------------------------------------
    Damage("garbage-between", "unchanged", "garbage", 100, "the next leader is found by its directory"),
    Damage("html-page-between", "unchanged", "garbage", 100, "the same"),
    Damage("mark-between", "unchanged", "", 100, "a byte order mark before a leader is a separator"),
    # --- odd, but no damage to the structure -----------------------------------------------------------
    Damage("indicators-missing", "unchanged", "", 100, "text before the first delimiter has a place"),
    Damage("indicators-three", "unchanged", "", 100, "the same"),
    Damage("code-missing", "unchanged", "", 100, "the same"),
    Damage("text-before-delimiter", "unchanged", "", 100, "the same"),
    Damage("nul-mark-newline-inside", "unchanged", "", 100, "a value may hold any character"),
    Damage("field-empty", "unchanged", "", 100, "a terminator at once"),
    Damage("deleted", "unchanged", "", 100, "leader/05 d is no damage: rules decide"),
    Damage("number-missing", "unchanged", "", 100, "rules decide what a record without 001 is"),
    Damage("number-empty", "unchanged", "", 100, "the same"),
    Damage("number-twice", "unchanged", "", 100, "the same"),
)
