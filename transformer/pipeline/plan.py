"""Which file is which extract: what the project file names, and for the rest what the bytes say.

In: the library's folder, its project, and what staging must collect. Out: sources by extract, in the
order of their names. A file under LIB/extracts/ that the project does not name is looked at: MARC goes
to the MARC extract whose kind (bib, holdings, authority) its first record has; a delimited file to the
extract whose known headers it shows most of, all required ones among them. What fits nothing is
reported, never read by guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from transformer import marc
from transformer.errors import ExtractError
from transformer.extracts.model import Source
from transformer.extracts.sniff import container_of, head_of
from transformer.ruleset.project import Project
from transformer.ruleset.stage_plan import DelimitedStage, StagePlan

FOLDER: Final = "extracts"


@dataclass(frozen=True, slots=True)
class Planned:
    """sources: extract -> its files in order. unused: (file, why) that no extract took."""

    sources: Mapping[str, tuple[Source, ...]]
    unused: tuple[tuple[Path, str], ...]


def plan_sources(library: Path, project: Project, stage: StagePlan) -> Planned:
    """Find the files of a run. Raises ExtractError where a named file is missing or there are no bibs."""
    chosen: dict[str, list[Source]] = {name: [] for name in (*stage.marc, *stage.delimited)}
    named: set[Path] = set()
    for extract, choice in project.extract.items():
        for pattern in choice.files:
            for path in _matching(library, pattern, extract):
                named.add(path)
                chosen[extract].append(_source(path, extract, stage))
    unused = []
    for path in _lying_about(library / FOLDER):
        if path not in named:
            extract, why = _recognise(path, stage)
            if extract:
                chosen[extract].append(_source(path, extract, stage))
            else:
                unused.append((path, why))
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


def _source(path: Path, extract: str, stage: StagePlan) -> Source:
    container = container_of(path) if extract in stage.marc else "delimited"
    if container == "delimited":
        head_of(path)
    return Source(path, container, extract=extract)


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
    if container == "marcxml":
        at = head.find(b"leader>")
        leader = head[at + 7 :] if at >= 0 else b""
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
