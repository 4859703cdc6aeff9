"""Made records for tests: ISO 2709 written the plain way, by the standard and by nothing of ours.

>>> record("00000nam a2200000 a 4500", [("001", "b1"), ("245", "1", "0", [("a", "Title")])])
b'00063nam a2200049 a 4500001000300000245001000003\\x1eb1\\x1e10\\x1faTitle\\x1e\\x1d'
"""

from __future__ import annotations

from collections.abc import Sequence

Control = tuple[str, str]
Data = tuple[str, str, str, Sequence[tuple[str, str]]]

LEADER = "00000nam a2200000 a 4500"


def field_bytes(field: Control | Data) -> bytes:
    """The bytes of one field in the inner form: without its terminator."""
    if len(field) == 2:
        return field[1].encode()
    _, first, second, subfields = field
    return (first + second + "".join(f"\x1f{code}{value}" for code, value in subfields)).encode()


def raw_record(leader: str, fields: Sequence[tuple[str, bytes]]) -> bytes:
    """A record of (tag, bytes of the field without terminator); length and base address are filled in."""
    directory = b""
    body = b""
    for tag, value in fields:
        directory += tag.encode("latin-1") + b"%04d%05d" % (len(value) + 1, len(body))
        body += value + b"\x1e"
    base = 24 + len(directory) + 1
    head = b"%05d" % (base + len(body) + 1) + leader[5:12].encode() + b"%05d" % base + leader[17:].encode()
    return head + directory + b"\x1e" + body + b"\x1d"


def record(leader: str, fields: Sequence[Control | Data]) -> bytes:
    """A record in ISO 2709, UTF-8. Data fields are (tag, ind1, ind2, [(code, value), ...])."""
    return raw_record(leader, [(field[0], field_bytes(field)) for field in fields])
