"""Which file is which extract: what the project file names, and for the rest what the bytes say.

In: the library's folder, its project, and what staging must collect. Out: sources by extract, in the
order of their names. A file under LIB/extracts/ that the project does not name is looked at: MARC goes
to the MARC extract whose kind (bib, holdings, authority) its first record has; rows to the extract that
knows them best (`pipeline.recognise`); a dump to every extract whose table it fills. What fits nothing is
reported, never read by guess. Packed files are unpacked first, each member an extract file of its own; so is
a column of a dump that holds MARC records, and so are MARC records that are documents of tagged lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from transformer.errors import ExtractError
from transformer.extracts.model import Source
from transformer.extracts.sniff import container_of, head_of
from transformer.extracts.spool import Plain, Spool
from transformer.pipeline.document_records import shows_records, write_documents
from transformer.pipeline.dump_records import write_records
from transformer.pipeline.recognise import is_dump, recognise
from transformer.ruleset.compile.stage_plan import StagePlan
from transformer.ruleset.files.project import Project

FOLDER: Final = "extracts"


@dataclass(frozen=True, slots=True)
class Planned:
    """sources: extract -> its files in order. unused: (file, why) that no extract took. taken: (extract,
    file, why) of row extracts and of MARC ones that had a choice."""

    sources: Mapping[str, tuple[Source, ...]]
    unused: tuple[tuple[Path, str], ...]
    taken: tuple[tuple[str, str, str], ...] = ()


def plan_sources(library: Path, project: Project, stage: StagePlan, spool: Spool) -> Planned:
    """Find the files of a run. Raises ExtractError where a named file is missing or there are no bibs.

    spool: where packed files are unpacked; it must stay as long as the sources are read.
    """
    chosen: dict[str, list[Source]] = {name: [] for name in (*stage.marc, *stage.rows)}
    named: set[Path] = set()
    taken: list[tuple[str, str, str]] = []
    for extract, choice in project.extract.items():
        for pattern in choice.files:
            for path in _matching(library, pattern, extract):
                named.add(path)
                for plain in spool.plain(path):
                    source = _source(_records(plain, path, extract, stage, spool), extract, stage)
                    chosen[extract].append(source)
                    taken.append((extract, source.name, "named in the project file"))
    unused = []
    for path in _lying_about(library / FOLDER):
        if path not in named:
            plains, why = _unpacked(path, spool)
            if why:
                unused.append((path, why))
            for plain in plains:
                found = recognise(plain, path.name, stage)
                for extract, why in found.extracts:
                    source = _source(_records(plain, path, extract, stage, spool), extract, stage)
                    chosen[extract].append(source)
                    taken.append((extract, source.name, why))
                if not found.extracts:
                    unused.append((path / plain.member, found.why_not))
    nothing = not any(chosen.values())
    if nothing or ("bib" in stage.marc and not chosen["bib"]):
        raise ExtractError(
            "there is no extract to read" if nothing else "there is no extract of bibs, which all hangs on",
            str(library / FOLDER),
            "a bib extract (ISO 2709 or MARCXML) and delimited extracts",
            "Put the files there, or name them in transformer.toml under [extract.bib] files = [...]."
            + "".join(f"\n  not used: {path.name}: {why}" for path, why in unused),
        )
    taken = [one for one in taken if one[0] in stage.rows]
    return Planned(
        {name: tuple(files) for name, files in chosen.items() if files}, tuple(unused), tuple(taken)
    )


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


def _records(plain: Plain, path: Path, extract: str, stage: StagePlan, spool: Spool) -> Plain:
    """The file itself, or the records of a MARC extract that stand in a column of a dump, or as documents,
    as a file."""
    shape = stage.marc[extract].flat if extract in stage.marc else None
    if shape is not None and shows_records(head_of(plain.path), shape):
        unpacked = spool.fresh()
        write_documents(Source(plain.path, "flat", plain.member, extract, shown=plain.shown), shape, unpacked)
        return Plain(unpacked, plain.shown or path.name, f"{plain.member}/records".lstrip("/"), plain.packing)
    held = stage.marc[extract].dump if extract in stage.marc else None
    if held is None or not is_dump(head_of(plain.path)):
        return plain
    source = Source(plain.path, "dump", plain.member, extract, shown=plain.shown)
    unpacked = spool.fresh()
    write_records(source, *held, unpacked)
    member = f"{plain.member}/{'.'.join(held)}".lstrip("/")
    return Plain(unpacked, plain.shown or path.name, member, plain.packing)


def _source(plain: Plain, extract: str, stage: StagePlan) -> Source:
    container = container_of(plain.path) if extract in stage.marc else stage.rows[extract].container
    if extract in stage.rows:
        head_of(plain.path)
    return Source(plain.path, container, plain.member, extract, shown=plain.shown)
