"""Puts blocks on the screen: rich tables on a terminal, aligned plain text elsewhere. Both say the same.

Text from extracts is shown as text: control characters are made visible, so that a record cannot move
the cursor, and rich's markup is off.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TextIO

from transformer.cli.progress import is_screen


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text. weight: "" plain, "good", "bad", "strong" or "faint" (colour on a terminal only)."""

    text: str
    weight: str = ""
    indent: int = 0


@dataclass(frozen=True, slots=True)
class Table:
    """A small table: a title, the head, rows of text; columns named in `right` are set to the right."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[str] = frozenset()


Block = Line | Table

_STYLE = {"good": "bold green", "bad": "bold red", "strong": "bold", "faint": "dim"}


def draw(blocks: Sequence[Block], stream: TextIO | None = None) -> None:
    """Write the blocks to stdout or `stream`."""
    out = sys.stdout if stream is None else stream
    if is_screen(out):
        _draw_rich(blocks, out)
    else:
        out.write("".join(f"{line}\n" for block in blocks for line in plain(block)))


def plain(block: Block) -> list[str]:
    """The block as lines of plain text; columns are two blanks apart.

    >>> plain(Table("", ("kind", "read"), (("bib", "1,200"), ("item", "7")), frozenset({"read"})))
    ['  kind   read', '  bib   1,200', '  item      7']
    """
    if isinstance(block, Line):
        return [(" " * block.indent + shown(block.text)).rstrip()]
    rows = [tuple(map(shown, row)) for row in (block.head, *block.rows)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  "
        + "  ".join(
            cell.rjust(width) if name in block.right else cell.ljust(width)
            for cell, width, name in zip(row, widths, block.head, strict=True)
        ).rstrip()
        for row in rows
    ]
    return [block.title, *lines] if block.title else lines


def shown(text: str) -> str:
    """The text with control characters as numbers: an escape from a record becomes `\\x1b`."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _draw_rich(blocks: Sequence[Block], out: TextIO) -> None:
    from rich import box
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table as RichTable
    from rich.text import Text

    console = Console(file=out)
    for block in blocks:
        if isinstance(block, Line):
            text = Text(shown(block.text), _STYLE.get(block.weight, ""))
            console.print(Padding(text, (0, 0, 0, block.indent), expand=False), highlight=False)
            continue
        title = Text(block.title, "bold") if block.title else None
        table = RichTable(box=box.SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False)
        for name in block.head:
            table.add_column(name, justify="right" if name in block.right else "left", overflow="fold")
        for row in block.rows:
            table.add_row(*(Text(shown(cell)) for cell in row))
        console.print(Padding(table, (0, 0, 0, 2), expand=False))
