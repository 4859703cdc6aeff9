"""Twin of kernels/marcjson.py: a character at a time, with the standard library's idea of JSON beside it.

RFC 8259: strings hold no raw control characters, and a quotation mark inside is escaped.
"""

from __future__ import annotations

import re

from transformer.schema.batch import REASON_CODE, SPAN_RECORD, SPAN_SEPARATOR, SPAN_SET_ASIDE

Span = tuple[int, int, int, int]

BEGINS = re.compile(rb'\{[ \t\r\n]*"(?:leader|fields|type)"')
SEPARATORS = b" \t\r\n[],\x1e\0\x1a"


def begins_record(text: bytes, at: int) -> bool:
    return BEGINS.match(text[: at + 128], at) is not None


def next_record(text: bytes, at: int, limit: int) -> int:
    while at < limit and not (
        text[at] == ord("{") and (text[at - 1] == ord("\n") or begins_record(text, at))
    ):
        at += 1
    return min(at, limit)


def record_end(text: bytes, at: int, limit: int) -> tuple[int, bool]:
    depth, string, place = 0, False, at
    while place < limit:
        char = text[place : place + 1]
        if char == b"{" and place > at and begins_record(text, place):
            return place, False
        if string and char == b"\\" and text[place + 1 : place + 2] != b"{":
            place += 1
        elif string and char == b"\n":
            return next_record(text, place + 1, limit), False
        elif char == b'"':
            string = not string
        elif not string and char in b"{[":
            depth += 1
        elif not string and char in b"}]":
            depth -= 1
            if depth == 0:
                return place + 1, True
        place += 1
    return limit, False


def spans(text: bytes, most: int) -> list[Span]:
    found: list[Span] = []
    at = 0
    while at < len(text):
        limit = min(len(text), at + most)
        end = at + 3 if at == 0 and text[:limit].startswith(b"\xef\xbb\xbf") else at
        while end < limit and text[end] in SEPARATORS:
            end += 1
        kind, why = SPAN_SEPARATOR, ""
        if end == at and text[at] == ord("{"):
            end, sound = record_end(text, at, limit)
            kind = SPAN_RECORD if sound else SPAN_SET_ASIDE
            if not sound:
                why = "json-malformed"
                if end == limit:
                    why = "truncated" if limit == len(text) else "record-too-large"
        elif end == at:
            end = next_record(text, at + 1, limit)
            kind, why = SPAN_SET_ASIDE, "garbage"
        found.append((at, end - at, kind, REASON_CODE[why]))
        at = end
    return found
