"""Edits of MARC, the slow and obvious way: lists of fields, one record, one edit, one field at a time.

`edited(record, edits, number)` takes edits as rule files write them (dicts), so that nothing of the compiler
is shared. Conditions and templates: what the tests draw, no more. Python's `re` stands for RE2; the patterns
drawn mean the same in both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from tests.reference.batches import Field, Record


@dataclass
class Held:
    """A field under way. made: -1, or the number of the edit that made or moved it; seq: order in that."""

    tag: str
    inner: str
    control: bool
    made: int
    seq: int

    @property
    def head(self) -> str:
        return self.inner.split("\x1f")[0]

    @property
    def pieces(self) -> list[str]:
        return self.inner.split("\x1f")[1:]

    def values(self, codes: str) -> list[str]:
        """Values of some subfields that are not empty; of all without codes."""
        if self.control:
            return [] if codes else [v for v in [self.inner] if v]
        return [p[1:] for p in self.pieces if p[1:] and (not codes or p[0] in codes)]


def edited(record: Record, edits: list[dict[str, Any]], number: str, system: tuple[str, ...] = ()) -> Record:
    """The record after the edits; system: tags that a profile leaves out at the end."""
    fields = [Held(f.tag, f.inner.decode(), f.control, -1, at) for at, f in enumerate(record.fields)]
    leader = record.leader.decode()
    for at, edit in enumerate(edits):
        if not edit.get("off"):
            fields = _one(fields, leader, edit, at, number)
    fields = [f for f in fields if f.made >= 0 or f.tag not in system]
    placed = [Field(f.tag, f.inner.encode(), f.control) for f in _placed(fields)]
    return Record(record.leader, pairs(record.fields, placed))


def _in_order(fields: list[Held]) -> list[Held]:
    return sorted(fields, key=lambda f: (f.made, f.seq))


def _one(fields: list[Held], leader: str, edit: dict[str, Any], at: int, number: str) -> list[Held]:
    asked = edit["when"].split(" and ") if edit.get("when") else []
    own = [clause for clause in asked if "field" in clause.split("~")[0].split("=")[0]]
    if not all(_holds(c, lambda name: _values(fields, leader, name, number)) for c in asked if c not in own):
        return fields

    def meant(f: Held, spec: str) -> bool:
        return _meant(f, spec) and all(_holds(c, lambda name: _own(f, name)) for c in own)

    if text := edit.get("add") or edit.get("set"):
        return _make(fields, leader, edit, text, at, number)
    verb = next(v for v in _VERBS if v in edit)
    return _VERBS[verb](fields, edit[verb], at, meant, edit)


def _make(
    fields: list[Held], leader: str, edit: dict[str, Any], text: str, at: int, number: str
) -> list[Held]:
    tag, _, rest = text.partition(" ")

    def fill(template: str) -> str | None:
        names = re.findall(r"\{(.*?)\}", template)
        found = {name: next(iter(_values(fields, leader, name, number)), None) for name in names}
        if any(value is None for value in found.values()):
            return None
        return re.sub(r"\{(.*?)\}", lambda m: str(found[m[1]]), template)

    if "$" not in rest:
        made, control = fill(rest), True
    else:
        head, _, one = rest.partition("$")
        value, control = fill(one[2:]), False
        made = None if value is None else (head.strip() or "__").replace("_", " ") + "\x1f" + one[0] + value
    if made is None:
        return fields
    if edit.get("unless_there") and any(
        f.tag == tag and p == made.split("\x1f")[1] for f in fields for p in f.pieces
    ):
        return fields
    if "set" in edit:
        fields = [f for f in fields if f.tag != tag]
    return [*fields, Held(tag, made, control, at, 0)]


def _drop(fields: list[Held], specs: Any, at: int, meant: Any, edit: Any) -> list[Held]:
    for spec in specs:
        codes = _codes(spec)
        if not codes:
            fields = [f for f in fields if not meant(f, spec)]
            continue
        for f in fields:
            if meant(f, spec) and any(p[:1] in codes for p in f.pieces if p):
                _rewrite(f, [p for p in f.pieces if not p or p[0] not in codes])
        fields = _alive(fields)
    return fields


def _keep(fields: list[Held], keep: Any, at: int, meant: Any, edit: Any) -> list[Held]:
    return [
        f
        for f in fields
        if not any(meant(f, spec) for spec in edit["of"]) or any(_tag_fits(f.tag, tag) for tag in keep)
    ]


def _copy(fields: list[Held], said: Any, at: int, meant: Any, edit: Any) -> list[Held]:
    moving = "move" in edit
    to, codes = said["to"], _codes(said["from"])
    made = []
    for f in _in_order([f for f in fields if meant(f, said["from"])]):
        fresh = _copied(f, codes, to, moving)
        if fresh is None:
            continue
        made.append(Held(to[:3], fresh, f.control and not _codes(to), at, len(made)))
        if moving and not codes:
            fields = [other for other in fields if other is not f]
        elif moving:
            _rewrite(f, [p for p in f.pieces if not p or p[0] not in codes])
    return [*_alive(fields), *made]


def _copied(f: Held, codes: str, to: str, moving: bool) -> str | None:
    indicators = to.split("|")[1].replace("#", " ") if "|" in to else None
    if _codes(to):
        values = f.values(codes) if codes or f.control else [p[1:] for p in f.pieces if p[1:] and p[0] != "6"]
        head = indicators or ("  " if f.control else f.head[:2])
        return f"{head}\x1f{_codes(to)}{' '.join(values)}" if " ".join(values) else None
    if f.control:
        return None if codes else f.inner
    pieces = [p for p in f.pieces if (p and p[0] in codes if codes else moving or p[:1] != "6")]
    return "\x1f".join([indicators or f.head, *pieces]) if pieces else None


def _replace(fields: list[Held], said: Any, at: int, meant: Any, edit: Any) -> list[Held]:
    codes = _codes(said["field"])
    for f in fields:
        if not meant(f, said["field"]):
            continue
        if not codes and f.control:
            f.inner, was = re.sub(said["pattern"], said["with"], f.inner), f.inner
            if not f.inner and was:
                f.tag = ""
        elif codes and not f.control:
            fresh = []
            for p in f.pieces:
                if p and p[0] in codes:
                    value = re.sub(said["pattern"], said["with"], p[1:])
                    if value or not p[1:]:
                        fresh.append(p[0] + value)
                else:
                    fresh.append(p)
            _rewrite(f, fresh)
    return _alive(fields)


def _prefix(fields: list[Held], said: Any, at: int, meant: Any, edit: Any) -> list[Held]:
    codes, text = _codes(said["field"]), said["with"]
    for f in fields:
        if meant(f, said["field"]) and not f.control:
            _rewrite(
                f,
                [
                    p[0] + text + p[1:] if p and p[0] in codes and not p[1:].startswith(text) else p
                    for p in f.pieces
                ],
            )
    return fields


def _retag(fields: list[Held], said: Any, at: int, meant: Any, edit: Any) -> list[Held]:
    for f in fields:
        to = next((new for old, new in said.items() if meant(f, old)), "")
        f.tag = to or f.tag
    return fields


def _indicator(fields: list[Held], said: Any, at: int, meant: Any, edit: Any) -> list[Held]:
    for f in fields:
        if meant(f, said["field"]) and not f.control:
            ind1 = said.get("ind1", "").replace("_", " ") or f.inner[0]
            ind2 = said.get("ind2", "").replace("_", " ") or f.inner[1]
            f.inner = ind1 + ind2 + f.inner[2:]
    return fields


def _sort(fields: list[Held], specs: Any, at: int, meant: Any, edit: Any) -> list[Held]:
    for spec in specs:
        codes = _codes(spec)
        for tag in {f.tag for f in fields}:
            slots = _in_order([f for f in fields if f.tag == tag and meant(f, spec)])

            def key(f: Held, codes: str = codes) -> bytes:
                text = "\x1f".join(f.values(codes)) if codes else f.inner if f.control else f.inner[2:]
                return text.encode()

            for slot, inner in zip(slots, [f.inner for f in sorted(slots, key=key)], strict=True):
                slot.inner = inner
    return fields


def _deduplicate(fields: list[Held], specs: Any, at: int, meant: Any, edit: Any) -> list[Held]:
    for spec in specs:
        codes, seen, gone = _codes(spec), set(), []
        for f in _in_order([f for f in fields if meant(f, spec)]):
            key = "\x1f".join(p for p in f.pieces if p[1:] and p[0] in codes) if codes else f.inner
            if not key:
                continue
            if (f.tag, key) in seen:
                gone.append(f)
            seen.add((f.tag, key))
        fields = [f for f in fields if not any(f is g for g in gone)]
    return fields


_VERBS: dict[str, Any] = {
    "drop": _drop, "keep": _keep, "copy": _copy, "move": _copy, "replace": _replace, "prefix": _prefix,
    "retag": _retag, "indicator": _indicator, "sort": _sort, "deduplicate": _deduplicate,
}  # fmt: skip


def _rewrite(f: Held, pieces: list[str]) -> None:
    if pieces != f.pieces:
        f.inner = "\x1f".join([f.head, *pieces])
        if not pieces:
            f.tag = ""


def _alive(fields: list[Held]) -> list[Held]:
    return [f for f in fields if f.tag]


def _codes(spec: str) -> str:
    return spec.rsplit("|", 1)[-1] if "|" in spec else spec[3:]


def _tag_fits(tag: str, pattern: str) -> bool:
    return all(a == b or b == "X" for a, b in zip(tag, pattern, strict=True))


def _meant(f: Held, spec: str) -> bool:
    if not _tag_fits(f.tag, spec[:3]):
        return False
    if "|" in spec:
        wanted = spec.split("|")[1].replace("#", " ")
        return not f.control and all(w in ("*", i) for w, i in zip(wanted, f.inner[:2], strict=True))
    return True


def _values(fields: list[Held], leader: str, name: str, number: str) -> list[str]:
    """Values of a name of the record."""
    if name == "number":
        return [number]
    if name.startswith("LDR/"):
        return [leader[int(name[4:])]]
    found = []
    for f in _in_order([f for f in fields if f.tag == name[:3]]):
        values = f.values(name[3:])
        found += values if len(name) == 4 else [" ".join(values)] if values else []
    return [value for value in found if value.strip()]


def _own(f: Held, name: str) -> list[str]:
    part = name.removeprefix("field.")
    if part in ("ind1", "ind2"):
        value = "" if f.control else f.inner[int(part[3]) - 1].strip()
        return [value] if value else []
    if part == "tag":
        return [f.tag]
    return [value for value in f.values(part) if value]


def _holds(clause: str, values: Any) -> bool:
    if found := re.fullmatch(r"(\S+) (!?[~=]) (.*)", clause):
        name, sign, right = found.groups()
        there = values(name)
        test = (lambda v: re.search(right[1:-1], v)) if "~" in sign else (lambda v: v == right[1:-1])
        hit = any(test(v) for v in there)
        return bool(there) and not hit if sign.startswith("!") else hit
    if clause.startswith("not "):
        return not values(clause[4:])
    return bool(values(clause))


def _placed(fields: list[Held]) -> list[Held]:
    """Fields of the extract as they stood; new ones behind the last of their tag, else before a higher."""
    result = [f for f in fields if f.made < 0]
    for f in _in_order([f for f in fields if f.made >= 0]):
        same = [at for at, other in enumerate(result) if other.tag == f.tag]
        higher = [at for at, other in enumerate(result) if other.tag > f.tag]
        result.insert(same[-1] + 1 if same else higher[0] if higher else len(result), f)
    return result


def _link(f: Field) -> tuple[str, str] | None:
    """Tag and occurrence that a field's first $6 names."""
    found = re.search(rb"\x1f6(.*?)(\x1f|$)", f.inner, re.DOTALL)
    text = found[1].decode() if found else ""
    return (text[:3], text[4:6]) if len(text) >= 6 and text[3] == "-" else None


def _partner(fields: list[Field], number: str, tag: str = "") -> Field | None:
    return next(
        (f for f in fields if f.tag != "880" and tag in ("", f.tag) and _link(f) == ("880", number)), None
    )


def pairs(before: list[Field], after: list[Field]) -> list[Field]:
    """`after` with its 880 fields where their partners went."""
    result = []
    for f in after:
        link = _link(f) if f.tag == "880" else None
        if link is None or link[1] == "00" or _partner(after, link[1], link[0]):
            result.append(f)
            continue
        if _partner(before, link[1], link[0]) is None:
            result.append(f)
            continue
        now = _partner(after, link[1])
        if now is not None and _partner(before, link[1], now.tag) is None:
            tagged = f.inner.replace(f"\x1f6{link[0]}-".encode(), f"\x1f6{now.tag}-".encode(), 1)
            result.append(Field(f.tag, tagged, f.control))
    return result
