"""MarcBatch -> MARCXML (MARC 21 slim), one `<record>...</record>` and a line feed per record.

What becomes of each byte:
- Nothing is white space that was not in the record: elements follow each other directly.
- Text: `& < >` escaped, CR as `&#13;` (a parser would turn a bare one into LF). Attributes: also `"`, tab,
  LF, CR.
- Characters that XML 1.0 forbids (below U+0020 but for tab, LF, CR; U+FFFE, U+FFFF) are left out, with a
  note `xml-forbidden-character`; where an indicator is one, a blank takes its place.
- Leader: record length and base address are those of the record in ISO 2709, five blanks each where they
  need more than five digits; leader/09 is `a` where leader/20-23 is `4500` (MARC 21; UNIMARC has `450 `
  and does not define 09); all else is kept.
- Data field: the indicators are the first two characters before the first delimiter; where there are
  fewer, blanks, with a note `indicator-missing`. More text before the first delimiter becomes
  `<subfield code="">text</subfield>`, the first subfield. A delimiter with nothing behind it becomes
  `<subfield code=""></subfield>`, without text. So both can be told apart and read back to the same
  bytes: a first subfield with empty code and with text is bare text; any other is delimiter, code, text.
- A field whose tag is not three printable ASCII characters cannot be said in XML that a MARC reader
  takes: the record fails with `bad-tag`.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np

from transformer.kernels import emit_marcxml as kernels
from transformer.marc import LEADER_LENGTH, SLIM_NAMESPACE, unpack_tag
from transformer.schema.batch import U8, MarcBatch, Rendered
from transformer.writers.buffers import lend

HEAD: Final = f'<?xml version="1.0" encoding="UTF-8"?>\n<collection xmlns="{SLIM_NAMESPACE}">\n'.encode()
TAIL: Final = b"</collection>\n"

# A guess of the output's size; where it is too small the kernel goes on in a larger buffer. Memory that
# is not written to is not taken from the machine, so it is better too large.
GUESS_PER_BYTE: Final = 3
GUESS_PER_FIELD: Final = 70
GUESS_PER_RECORD: Final = 128
GUESS_AT_LEAST: Final = 1 << 16

Note = tuple[str, int, str, str]


def render(batch: MarcBatch, *, marc21: bool = True) -> Rendered:
    """Records of the batch as MARCXML, without HEAD and TAIL.

    marc21: set leader/09 to `a` where leader/20-23 is `4500`; False leaves it as it is. Notes are ordered
    by record and field, with the leader's (tag `LDR`) before those of the fields.
    """
    records, fields = batch.record_count, batch.field_count
    ends = np.zeros(records, np.int64)
    status = np.zeros(records, np.uint8)
    leader_flag = np.zeros(records, np.uint8)
    field_flag = np.zeros(fields, np.uint8)
    byte_count = int(batch.length.sum(dtype=np.int64))
    capacity = GUESS_PER_BYTE * byte_count + GUESS_PER_FIELD * fields + GUESS_PER_RECORD * records
    out = lend(max(capacity, GUESS_AT_LEAST))
    scratch = np.empty(kernels.SCRATCH_BYTES, np.uint8)
    done = used = 0
    while True:
        done, used, need = kernels.emit_records(
            batch.data, batch.added, batch.leader, batch.field_from, batch.tag, batch.start, batch.length,
            batch.control, marc21, done, used, out, scratch, ends, status, field_flag, leader_flag,
        )  # fmt: skip
        if not need:
            break
        larger = lend(2 * len(out) + need)
        larger[:used] = out[:used]
        out = larger
    failed = tuple((int(r), "bad-tag") for r in np.flatnonzero(status))
    return Rendered(out[:used], ends, failed, _notes(batch, status, leader_flag, field_flag))


def _notes(batch: MarcBatch, status: U8, leader_flag: U8, field_flag: U8) -> tuple[Note, ...]:
    """What was left out or made up, from the flags of the kernel; looks at flagged places only."""
    found: list[tuple[int, int, Note]] = []
    for r in np.flatnonzero(leader_flag).tolist():
        text = _bytes_at(batch, int(batch.leader[r]), LEADER_LENGTH)
        found.append((r, -1, ("xml-forbidden-character", r, "LDR", forbidden_in(text, delimiters=True))))
    flagged = np.flatnonzero(field_flag)
    owners = np.searchsorted(batch.field_from, flagged, side="right") - 1
    for f, r in zip(flagged.tolist(), owners.tolist(), strict=True):
        tag = unpack_tag(int(batch.tag[f]))
        if field_flag[f] & kernels.BLANKED:
            found.append((r, f, ("indicator-missing", r, tag, "")))
        if field_flag[f] & kernels.DROPPED:
            text = _bytes_at(batch, int(batch.start[f]), int(batch.length[f]))
            detail = forbidden_in(text, delimiters=bool(batch.control[f]))
            found.append((r, f, ("xml-forbidden-character", r, tag, detail)))
    return tuple(note for r, _, note in sorted(found, key=lambda item: item[:2]) if not status[r])


def _bytes_at(batch: MarcBatch, start: int, length: int) -> bytes:
    """Bytes of the batch at an offset of it."""
    source, at = (batch.data, start) if start >= 0 else (batch.added, -1 - start)
    return source[at : at + length].tobytes()


def forbidden_in(text: bytes, *, delimiters: bool) -> str:
    """The characters XML forbids in `text`, e.g. "U+0008 x2, U+FFFE x1", by code point.

    delimiters: count U+001F too, as in a control field, where it is not structure.
    """
    counts = Counter(
        c
        for c in text.decode(errors="replace")
        if (c < " " and c not in "\t\n\r" and (delimiters or c != "\x1f")) or c in "\ufffe\uffff"
    )
    return ", ".join(f"U+{ord(c):04X} x{counts[c]}" for c in sorted(counts))
