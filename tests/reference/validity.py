"""What a record has that its format does not allow, the slow way: dictionaries and strings."""

from __future__ import annotations

from collections.abc import Sequence

from transformer.schema.marc_facts import FixedFact, MarcFacts

Found = tuple[int, str, str, str]
"""field_no (-1 for the record), tag, code, value"""


def shown(text: str) -> str:
    return "".join(
        "#" if c == " " else c if " " < c < "\x7f" else "".join(f"<{b:02X}>" for b in c.encode("latin-1"))
        for c in text
    )


def among(character: str, allowed: str) -> bool:
    """In the tables # is a blank, and never itself."""
    return "#" in allowed if character == " " else character != "#" and character in allowed


def material_of(facts: MarcFacts, leader: str) -> str:
    for material in facts.materials:
        if leader[6] in material.leader06 and (not material.leader07 or leader[7] in material.leader07):
            return material.name
    return ""


def fixed_faults(facts: MarcFacts, tag: str, text: str, material: str) -> list[str]:
    if tag == "006":
        names = [m.name for m in facts.materials if text[:1] and text[0] in m.first006]
        material = names[0] if names else material
    elif tag == "007":
        material = text[:1]
    values = []
    for check in facts.fixed:
        if check.field != tag or check.material not in ("", material) or check.last >= len(text):
            continue
        values += fixed_fault(check, text[check.first : check.last + 1], tag)
    return values


def fixed_fault(check: FixedFact, piece: str, tag: str) -> list[str]:
    width = check.last - check.first + 1
    at = f"/{check.first:02}" + (f"-{check.last:02}" if width > 1 else "")
    if check.words:
        if piece == "|" * width or ("#" not in piece and piece.replace(" ", "#") in check.words):
            return []
        return [f"{at} {shown(piece)}"]
    for character in piece:
        if character == "|" and tag != "LDR":
            continue
        if not among(character, check.characters):
            return [f"{at} {shown(character)}"]
    return []


def faults(facts: MarcFacts, leader: str, fields: Sequence[tuple[str, str, bool]]) -> list[Found]:
    """fields: tag, inner bytes as Latin-1 text, control field or not."""
    known = {fact.tag: fact for fact in facts.fields}
    material = material_of(facts, leader)
    found: list[Found] = [
        (-1, "LDR", "fixed-value", value) for value in fixed_faults(facts, "LDR", leader, material)
    ]
    met: dict[str, int] = {}
    for number, (tag, text, control) in enumerate(fields):
        fact = known.get(tag)
        if fact is None:
            if tag.isdigit() and tag.isascii() and "9" not in tag:
                found.append((number, tag, "unknown-tag", ""))
            continue
        met[tag] = met.get(tag, 0) + 1
        if met[tag] == 2 and not fact.repeats:
            found.append((number, tag, "tag-repeated", ""))
        if fact.is_control and control:
            size = (
                {"006": 18, "008": 32 if "holdings" in facts.name else 40}.get(tag) if facts.fixed else None
            )
            if size and len(text) != size:
                found.append((number, tag, "fixed-length", ""))
            else:
                found += [
                    (number, tag, "fixed-value", value) for value in fixed_faults(facts, tag, text, material)
                ]
        elif not fact.is_control and not control:
            for place, allowed in ((0, fact.ind1), (1, fact.ind2)):
                sign = text[place : place + 1]
                if sign and sign != "\x1f" and not among(sign, allowed):
                    found.append((number, tag, "indicator-value", f"ind{place + 1} {shown(sign)}"))
            seen = set()
            for piece in text.split("\x1f")[1:]:
                code = piece[:1]
                if not code or code == "9":
                    continue
                if not among(code, fact.codes):
                    found.append((number, tag, "unknown-code", "$" + shown(code)))
                elif code in fact.once:
                    if code in seen:
                        found.append((number, tag, "code-repeated", "$" + shown(code)))
                    seen.add(code)
    found += [(-1, tag, "field-missing", "") for tag in facts.required if tag not in met]
    return found
