"""Which file is which extract: what the project file names, and for the rest what the bytes say.

In: the library's folder, its project, and what staging must collect. Out: sources by extract, in the
order of their names. A file under LIB/extracts/ that the project does not name is looked at: MARC goes
to the MARC extract whose kind (bib, holdings, authority) its first record has; a delimited file to the
extract whose known headers it shows most of, all required ones among them. What fits nothing is
reported, never read by guess. Packed files are unpacked first, each member an extract file of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from transformer import marc
from transformer.errors import ExtractError
from transformer.extracts.model import Source
from transformer.extracts.sniff import container_of, head_of
from transformer.extracts.spool import Plain, Spool
from transformer.ruleset.project import Project
from transformer.ruleset.stage_plan import DelimitedStage, StagePlan

FOLDER: Final = "extracts"
# The first record's leader as far as 06; that of ISO 2709 begins the file.
_LEADER: Final = {
    "marcxml": re.compile(rb"leader>(.{7})", re.DOTALL),
    "marcjson": re.compile(rb'"leader"\s*:\s*"(.{7})', re.DOTALL),
    "mnemonic": re.compile(rb"=(?:LDR|000) +(.{7})"),
    "aleph_sequential": re.compile(rb"[0-9]{9} LDR.{5}(.{7})"),
}


@dataclass(frozen=True, slots=True)
class Planned:
    """sources: extract -> its files in order. unused: (file, why) that no extract took."""

    sources: Mapping[str, tuple[Source, ...]]
    unused: tuple[tuple[Path, str], ...]


def plan_sources(library: Path, project: Project, stage: StagePlan, spool: Spool) -> Planned:
    """Find the files of a run. Raises ExtractError where a named file is missing or there are no bibs.

    spool: where packed files are unpacked; it must stay as long as the sources are read.
    """
    chosen: dict[str, list[Source]] = {name: [] for name in (*stage.marc, *stage.delimited)}
    named: set[Path] = set()
    for extract, choice in project.extract.items():
        for pattern in choice.files:
            for path in _matching(library, pattern, extract):
                named.add(path)
                chosen[extract] += [_source(plain, extract, stage) for plain in spool.plain(path)]
    unused = []
    for path in _lying_about(library / FOLDER):
        if path not in named:
            plains, why = _unpacked(path, spool)
            if why:
                unused.append((path, why))
            for plain in plains:
                extract, why = _recognise(plain.path, stage)
                if extract:
                    chosen[extract].append(_source(plain, extract, stage))
                else:
                    unused.append((path / plain.member, why))
    nothing = not any(chosen.values())
    if nothing or ("bib" in stage.marc and not chosen["bib"]):
        raise ExtractError(
            "there is no extract to read" if nothing else "there is no extract of bibs, which all hangs on",
            str(library / FOLDER),
            "a bib extract (ISO 2709 or MARCXML) and delimited extracts",
            "Put the files there, or name them in transformer.toml under [extract.bib] files = [...]."
            + "".join(f"\n  not used: {path.name}: {why}" for path, why in unused),
        )
    return Planned({name: tuple(files) for name, files in chosen.items() if files}, tuple(unused))


def _matching(library: Path, pattern: str, extract: str) -> list[Path]:
    path = Path(pattern)
    found = [path] if path.is_absolute() else sorted(library.glob(pattern))
    if not found:
        raise ExtractError(
            "no such file",
            f"{library / pattern}",
            next_step=f"Mend [extract.{extract}] files in transformer.toml.",
        )
    return found


def _lying_about(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith("."))


def _unpacked(path: Path, spool: Spool) -> tuple[list[Plain], str]:
    """What a file holds, or why that cannot be had: nobody has named it, so it does not stop a run."""
    if not path.stat().st_size:
        return [Plain(path, "")], ""
    try:
        return list(spool.plain(path)), ""
    except ExtractError as error:
        return [], error.what


def _source(plain: Plain, extract: str, stage: StagePlan) -> Source:
    container = container_of(plain.path) if extract in stage.marc else "delimited"
    if container == "delimited":
        head_of(plain.path)
    return Source(plain.path, container, plain.member, extract, shown=plain.shown)


def _recognise(path: Path, stage: StagePlan) -> tuple[str, str]:
    """(extract, "") or ("", why not)."""
    head = head_of(path)
    try:
        container = container_of(path)
    except ExtractError as error:
        scores = {name: _score(head, shape) for name, shape in stage.delimited.items()}
        best = max(scores, key=lambda name: scores[name], default="")
        if best and scores[best] > 0:
            return best, ""
        return "", f"{error.what}, and its first line has no known headers"
    kind = _kind(head, container)
    if kind in stage.marc:
        return kind, ""
    return "", f"holds {kind} records, and the rules read no such extract"


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


def _score(head: bytes, shape: DelimitedStage) -> int:
    """How many known headers the first line shows; 0 where a required one is missing."""
    line = head.removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].decode("utf-8", "replace")
    delimiter = shape.delimiter or max(",|\t;~^", key=line.count)
    shown = {name.strip().strip(shape.quote or '"').strip().casefold() for name in line.split(delimiter)}
    columns = {column for header, column in shape.headers.items() if header.casefold() in shown}
    if any(required not in columns for required in shape.required):
        return 0
    return len(columns)
