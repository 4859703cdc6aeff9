"""MARCXML and ISO 2709 of a record, slowly and plainly: character by character, field by field."""

from __future__ import annotations

from tests.reference.batches import Record

TEXT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
ATTRIBUTE = TEXT | {'"': "&quot;", "\t": "&#9;", "\n": "&#10;"}
Note = tuple[str, str]  # issue code, tag


def allowed(character: str) -> bool:
    """XML 1.0, production 2 (Char), for characters that are no surrogates."""
    return character in "\t\n\r" or (character >= " " and character not in "\ufffe\uffff")


def escaped(text: str, table: dict[str, str]) -> str:
    return "".join(table.get(c, c) for c in text if allowed(c))


def sizes(record: Record) -> tuple[int, int]:
    """(record length, base address) of the record in ISO 2709."""
    base = 24 + 12 * len(record.fields) + 1
    return base + sum(len(f.inner) + 1 for f in record.fields) + 1, base


def coded(leader: bytes) -> bytes:
    """Leader with 09 = a where the entry map is that of MARC 21."""
    return leader[:9] + b"a" + leader[10:] if leader[20:] == b"4500" else leader


def marcxml(record: Record) -> tuple[bytes, list[Note]]:
    """The element with its line feed (nothing for a tag that is not ASCII text), and what was changed."""
    if any(not " " <= c < "\x7f" for f in record.fields for c in f.tag):
        return b"", []
    notes: list[Note] = []

    def text(value: str, table: dict[str, str], tag: str) -> str:
        if not all(allowed(c) for c in value) and ("xml-forbidden-character", tag) not in notes[since:]:
            notes.append(("xml-forbidden-character", tag))
        return escaped(value, table)

    since = 0
    total, base = (f"{n:05}" if n < 100_000 else " " * 5 for n in sizes(record))
    leader = coded(total.encode() + record.leader[5:12] + base.encode() + record.leader[17:]).decode()
    out = f"<record><leader>{text(leader, TEXT, 'LDR')}</leader>"
    for field in record.fields:
        since = len(notes)
        tag = escaped(field.tag, ATTRIBUTE)
        inner = field.inner.decode()
        if field.control:
            out += f'<controlfield tag="{tag}">{text(inner, TEXT, field.tag)}</controlfield>'
            continue
        before, *subfields = inner.split("\x1f")
        if len(before) < 2:
            notes.append(("indicator-missing", field.tag))
        inds = [text(before[i : i + 1], ATTRIBUTE, field.tag) or " " for i in range(2)]
        out += f'<datafield tag="{tag}" ind1="{inds[0]}" ind2="{inds[1]}">'
        pairs = [(s[:1], s[1:]) for s in subfields]
        if before[2:]:
            pairs.insert(0, ("", before[2:]))
        for code, value in pairs:
            code, value = text(code, ATTRIBUTE, field.tag), text(value, TEXT, field.tag)
            out += f'<subfield code="{code}">{value}</subfield>'
        out += "</datafield>"
    return (out + "</record>\n").encode(), notes


def iso2709(record: Record) -> tuple[bytes, str]:
    """(bytes, "") or (nothing, issue code of what keeps it from being written)."""
    total, base = sizes(record)
    if any(len(f.inner) + 1 > 9_999 for f in record.fields):
        return b"", "field-too-long"
    if any(not " " <= c < "\x7f" for f in record.fields for c in f.tag):
        return b"", "bad-tag"
    if total > 99_999:
        return b"", "record-too-long"
    leader = record.leader if record.leader[20:23] == b"450" else record.leader[:20] + b"4500"
    leader = coded(b"%05d" % total + leader[5:12] + b"%05d" % base + leader[17:])
    directory, body = b"", b""
    for field in record.fields:
        directory += field.tag.encode() + b"%04d%05d" % (len(field.inner) + 1, len(body))
        body += field.inner + b"\x1e"
    return leader + directory + b"\x1e" + body + b"\x1d", ""
