"""Documents of tagged lines, read line by line: the slow twin of `readers.flat`."""

from __future__ import annotations

Document = dict[str, list[str]]


def documents(text: str, boundary: str, block_start: str, block_end: str, skip: str) -> list[Document | None]:
    """Each document as tag -> values; None for one that is set aside, and for text before the first.

    Tags stand as `.TAG. |avalue`; lines end with LF or CR LF.
    """
    found: list[Document | None] = []
    before, *rest = ("\n" + text).split("\n" + boundary)
    if before.strip():
        found.append(None)
    for part in rest:
        found.append(_document(part.split("\n")[1:], block_start, block_end, skip))
    return found


def _document(lines: list[str], block_start: str, block_end: str, skip: str) -> Document | None:
    made: Document = {}
    block, last = "", ""
    for line in lines:
        line = line.removesuffix("\r")
        if not line or line.startswith(skip):
            continue
        tag = _tag(line)
        if not tag:
            if not last:
                return None
            if made.get(last):
                made[last][-1] += " " + line
            continue
        name, value = tag
        last = "-"
        if name.endswith(block_start):
            block = name.removesuffix(block_start)
        elif name.endswith(block_end):
            block = ""
        else:
            last = f"{block}/{name}" if block else name
            made.setdefault(last, []).append(value)
    return made


def _tag(line: str) -> tuple[str, str] | None:
    if not line.startswith("."):
        return None
    name, dot, rest = line[1:].partition(".")
    if not dot or not name or " " in name or "\t" in name:
        return None
    return name, rest.lstrip(" \t").removeprefix("|a")
