"""Which extract a file is, by its name and its bytes: the one that knows most of what it shows.

- MARC: the kind of its first record; where several MARC extracts are of that kind, by name. Documents with
  MARC tags: the MARC extract that says how such documents look.
- delimited: as many known headers as possible in the first line, all required ones among them; without
  headers: its name fits a pattern and the first line has as many values as the rules name.
- flat: it shows the boundary, and tags that the rules know, all required ones among them.
- fixed: its name fits a pattern; nothing in the bytes says what they are.
- dump: INSERT statements for the table, to each extract that reads one of its tables.

A name that fits a pattern of the extract counts more than any number of headers: patterns are how a system
tells two files apart that look the same. Where two extracts come out equal, the first in the rules is taken.
"""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass
from typing import Final

from transformer import marc
from transformer.errors import ExtractError
from transformer.extracts.model import Source
from transformer.extracts.sniff import container_of, head_of
from transformer.extracts.spool import Plain
from transformer.pipeline.document_records import shows_records
from transformer.readers.dump import tables_of
from transformer.ruleset.compile.stage_plan import RowStage, StagePlan

NAME_WORTH: Final = 1000
"""What a fitting name counts, in headers."""
# The first record's leader as far as 06; that of ISO 2709 begins the file.
_LEADER: Final = {
    "marcxml": re.compile(rb"leader>(.{7})", re.DOTALL),
    "marcjson": re.compile(rb'"leader"\s*:\s*"(.{7})', re.DOTALL),
    "mnemonic": re.compile(rb"=(?:LDR|000) +(.{7})"),
    "aleph_sequential": re.compile(rb"[0-9]{9} LDR.{5}(.{7})"),
}
_DUMP: Final = re.compile(rb"^\s*(?:INSERT|REPLACE)\s+(?:IGNORE\s+)?INTO\s|^\s*CREATE\s+TABLE\s", re.I | re.M)


@dataclass(frozen=True, slots=True)
class Recognised:
    """extracts: those that take the file, with the reason. why_not: where none does."""

    extracts: tuple[tuple[str, str], ...] = ()
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class _Score:
    worth: int
    why: str


def is_dump(head: bytes) -> bool:
    """Whether a file that begins so is a dump of SQL statements."""
    return _DUMP.search(head) is not None


def recognise(plain: Plain, name: str, stage: StagePlan) -> Recognised:
    """The extract or extracts that a file is. name: of the file, as its patterns are to fit it."""
    head = head_of(plain.path)
    names = {name, plain.member.rpartition("/")[2]} if plain.member else {name}
    if is_dump(head):
        return _dump(plain, stage)
    scored = {n: _score(head, names, s) for n, s in stage.rows.items() if s.container != "dump"}
    best = max(scored, key=lambda n: scored[n].worth, default="")
    # Documents may look like anything else; their boundary does not.
    if best and scored[best].worth > 0 and stage.rows[best].container == "flat":
        return Recognised(((best, scored[best].why),))
    for marc_name, told in stage.marc.items():
        if told.flat is not None and shows_records(head, told.flat):
            return Recognised(((marc_name, "its documents have MARC tags"),))
    try:
        container = container_of(plain.path)
    except ExtractError as error:
        if best and scored[best].worth > 0:
            return Recognised(((best, scored[best].why),))
        return Recognised(why_not=f"{error.what}, and its first line has no known headers")
    kind = _kind(head, container)
    fitting = [n for n, s in stage.marc.items() if s.kinds[0] == kind]
    if not fitting:
        fitting = [n for n, s in stage.marc.items() if kind in s.kinds]
    if fitting:
        return Recognised(((fitting[0], f"its first record is {kind}"),))
    return Recognised(why_not=f"holds {kind} records, and the rules read no such extract")


def _dump(plain: Plain, stage: StagePlan) -> Recognised:
    tables = {table.casefold() for table in tables_of(Source(plain.path, "dump"))}
    found = tuple(
        (name, f"fills the table {rows.table}")
        for name, rows in stage.rows.items()
        if rows.container == "dump" and rows.table.casefold() in tables
    )
    found += tuple(
        (name, f"its table {marc_.dump[0]} holds records")
        for name, marc_ in stage.marc.items()
        if marc_.dump is not None and marc_.dump[0].casefold() in tables
    )
    shown = ", ".join(sorted(tables)) or "none"
    return Recognised(found, "" if found else f"no rule reads one of its tables ({shown})")


def _kind(head: bytes, container: str) -> str:
    """bib, holdings or authority, by leader/06 of the first record that shows one."""
    leader = head
    if container in _LEADER:
        found = _LEADER[container].search(head)
        leader = found[1] if found else b""
    kind = chr(leader[marc.RECORD_TYPE_AT]) if len(leader) > marc.RECORD_TYPE_AT else "a"
    if kind in marc.HOLDINGS_TYPES:
        return "holdings"
    return "authority" if kind == marc.AUTHORITY_TYPE else "bib"


def _score(head: bytes, names: set[str], stage: RowStage) -> _Score:
    pattern = next((p for p in stage.files for n in names if fnmatch.fnmatch(n.lower(), p.lower())), "")
    named = f", its name fits {pattern}" if pattern else ""
    worth = NAME_WORTH if pattern else 0
    if stage.container == "fixed":
        return _Score(worth, f"its name fits {pattern}")
    if stage.container == "flat":
        return _flat(head, worth, named, stage)
    line = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode("utf-8", "replace")
    delimiter = stage.delimiter or max(",|\t;~^", key=line.count)
    if stage.order:
        count = len(line.rstrip("\r\n").removesuffix(delimiter).split(delimiter))
        fits = bool(pattern) and count >= len(stage.order)
        return _Score(worth if fits else 0, f"{count} values in its first line{named}")
    shown = {name.strip().strip(stage.quote or '"').strip().casefold() for name in line.split(delimiter)}
    columns = {column for header, column in stage.headers.items() if header.strip().casefold() in shown}
    if not columns or any(required not in columns for required in stage.required):
        return _Score(0, "")
    return _Score(worth + len(columns), f"{len(columns)} of its {len(shown)} headers are known{named}")


def _flat(head: bytes, worth: int, named: str, stage: RowStage) -> _Score:
    told = stage.flat
    if told is None or not re.search(rb"^" + re.escape(told.boundary.encode()), head, re.M):
        return _Score(0, "")
    text = head.decode("latin-1").casefold()
    start, end = told.tag_start.casefold(), told.tag_end.casefold()
    shown = {
        column
        for header, column in stage.headers.items()
        if f"\n{start}{header.rpartition('/')[2].casefold()}{end}" in text
    }
    if not shown or any(required not in shown for required in stage.required):
        return _Score(0, "")
    return _Score(worth + len(shown), f"shows {told.boundary!r} and {len(shown)} known tags{named}")
