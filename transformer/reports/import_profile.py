"""The settings of an import profile, as a page that a person follows and as JSON. Facts in, text out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from transformer.reports.words import counted


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing to choose: page, name on it, value; verified: whether it was read in a public source."""

    page: str
    name: str
    value: str
    verified: bool


@dataclass(frozen=True, slots=True)
class ProfilePage:
    """site; tag of the items' field; parts: (where it stands, `ind1` or `$a`; column; name in the profile);
    settings in order; item_count: fields in all files; note_name: where statuses stand."""

    site: str
    tag: str
    parts: tuple[tuple[str, str, str], ...]
    settings: tuple[Setting, ...]
    item_count: int
    note_name: str


def page_text(page: ProfilePage) -> str:
    """The page, in Markdown."""
    return "\n".join(_lines(page)) + "\n"


def _lines(page: ProfilePage) -> Iterator[str]:
    yield f"# {page.site or 'The library'}: an import profile for the bibs of this delivery"
    yield ""
    yield f"The bibs carry {counted(page.item_count, 'item')} in field {page.tag}, one field each. Make an"
    yield "import profile in Alma with these settings. Those marked (?) were not verified against Alma: try"
    yield "the profile with a file of ten bibs first, and look at what came of it."
    for name in dict.fromkeys(setting.page for setting in page.settings):
        yield from ("", f"## {name}", "", "| Setting | Value |", "|---|---|")
        for setting in page.settings:
            if setting.page == name:
                doubt = "" if setting.verified else " (?)"
                yield f"| {_cell(setting.name)}{doubt} | {_cell(setting.value)} |"
    yield from ("", f"## Items: field {page.tag}", "")
    yield "Which fields of an item a profile can map was not verified (?): leave out what it does not offer."
    yield from ("", "| Field of the item | Comes from |", "|---|---|")
    for where, _, name in page.parts:
        if name:
            yield f"| {_cell(name)} | {page.tag} {where} |"
    yield from ("", "## Then", "")
    yield "1. Load a file of ten bibs; look at a bib, its holdings, an item, and an item that had a status."
    yield "2. Load the files one by one. Compare the counts of Alma's import report with manifest.json."
    yield "3. Compare with item/ and holdings/: the profile should have made just that. Do not load them, but"
    yield "   for MARC holdings with summary statements (holdings-record files): no item can carry these."
    yield f"4. Every item is in place now; what its status was stands in {page.note_name}. Before the library"
    yield "   opens, go through the lists of barcodes: `transformer worklists RUN` writes them and searches"
    yield "   that find the same items by the note alone."
    yield f"5. Take field {page.tag} out of the bibs with a normalization rule, when all is well (?)."


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def page_json(page: ProfilePage) -> str:
    """The same as JSON."""
    settings = [
        {"page": one.page, "name": one.name, "value": one.value, "verified": one.verified}
        for one in page.settings
    ]
    parts = [{"from": where, "column": column, "field": name} for where, column, name in page.parts]
    body = {"site": page.site, "item_count": page.item_count, "settings": settings}
    body["item"] = {"tag": page.tag, "parts": parts}
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"
