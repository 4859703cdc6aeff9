"""One MARC record, many spellings in XML: the record is known, so what a reader must find is known, too."""

from __future__ import annotations

from random import Random

from tests.reference.batches import Field, Record

PREDEFINED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}
SPACES = [" ", "\n", "\t", "\r\n", "  ", "\r"]
EXTRAS = ['xml:space="preserve"', "type='Bibliographic'", 'x.y-z_1 = ">"', "xsi:nil='/>'"]
NAMESPACES = ["", "http://www.loc.gov/MARC21/slim", "info:lc/xmlns/marcxchange-v1", "urn:x-made-up"]


def text_of(random: Random, text: str) -> str:
    """Text as XML may spell it, CDATA, comments, references and line ends and all."""
    out = []
    for number, character in enumerate(text):
        following = text[number + 1 : number + 2]
        choice = random.random()
        if random.random() < 0.03:
            out.append(random.choice(["<!-- c -->", "<!---->", "<!--<record>-->", "<![CDATA[]]>"]))
        if choice < 0.1:
            out.append(
                random.choice(
                    [f"&#{ord(character)};", f"&#x{ord(character):x};", f"&#x{ord(character):06X};"]
                )
            )
        elif character == "\r":
            out.append("&#13;")
        elif character == "\n":
            out.append(random.choice(["\n", "\r\n"] if following == "\n" else ["\n", "\r\n", "\r"]))
        elif choice < 0.2 and character != "]":
            out.append(f"<![CDATA[{character}]]>")
        elif character in "&<" or (character in PREDEFINED and choice < 0.6):
            out.append(PREDEFINED[character])
        elif character == ">" and "".join(out).endswith("]]"):
            out.append("&gt;")
        else:
            out.append(character)
    # A line end that is CR must not meet one that is LF.
    return "".join(out).replace("\r<", "\n<").replace("\r&", "\n&")


def space(random: Random, least: int = 0) -> str:
    return "".join(random.choice(SPACES) for _ in range(random.choice([least, least, 1, 2])))


def attributes(random: Random, pairs: list[tuple[str, str]], extras: int = 0) -> str:
    """Attributes in any order, quotes and white space, with further ones."""
    spelled = [f"{name}{space(random)}={space(random)}{quoted(random, value)}" for name, value in pairs]
    spelled += random.sample(EXTRAS, extras)
    random.shuffle(spelled)
    return "".join(space(random, 1) + one for one in spelled) + space(random)


def quoted(random: Random, value: str) -> str:
    quote = random.choice("\"'")
    return quote + "".join(PREDEFINED[c] if c in "&<" or c == quote else c for c in value) + quote


def record_xml(random: Random, record: Record) -> str:
    """The record as one element, pretty-printed or not."""
    prefix = random.choice(["", "", "marc:", "m:", "slim-1.x:"])
    namespace = random.choice(NAMESPACES)
    pretty = random.choice([True, False])

    def between() -> str:
        comment = "<!-- </record> -->" if random.random() < 0.05 else ""
        return space(random) + comment + space(random) if pretty else ""

    def element(name: str, pairs: list[tuple[str, str]], content: str, extras: int = -1) -> str:
        extras = random.choice([0, 0, 0, 1]) if extras < 0 else extras
        start = f"<{prefix}{name}{attributes(random, pairs, extras)}"
        if not content and random.random() < 0.5:
            return start + "/>"
        return f"{start}>{content}</{prefix}{name}{space(random)}>"

    def field_xml(one: Field) -> str:
        if one.control:
            return element("controlfield", [("tag", one.tag)], text_of(random, one.inner.decode()))
        head, *subfields = one.inner.decode().split("\x1f")
        content = "".join(
            between() + element("subfield", [("code", text[0])], text_of(random, text[1:]))
            for text in subfields
        )
        return element(
            "datafield",
            [("tag", one.tag), ("ind1", head[0]), ("ind2", head[1])],
            content + (between() if content else ""),
        )

    content = between() + element("leader", [], text_of(random, record.leader.decode()))
    content += "".join(between() + field_xml(one) for one in record.fields) + between()
    declared = [("xmlns" + (":" + prefix[:-1] if prefix else ""), namespace)] if namespace else []
    return element("record", declared, content, random.choice([0, 0, 3]))
