"""Fields built once and used again and again: what makes a million records cost a minute.

A `Group` is a run of fields as a record needs them: directory entries without their starts, lengths, and
the bytes with terminators. Pools depend on the seed only, so every process builds the same ones (0.3 s).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial

from transformer.synth import marc8
from transformer.synth import words as w
from transformer.synth.draw import Draws, Rolls
from transformer.synth.shape import FT, SD

Group = tuple[tuple[bytes, ...], tuple[int, ...], bytes]
"""(tag and length of each field, length of each field, all bytes); lengths count the terminator."""
EMPTY: Group = ((), (), b"")
MOST_SUBJECTS = 30
MOST_NOTES = 3
CALL_COUNT = 512


def group(fields: Iterable[tuple[bytes, bytes]]) -> Group:
    """A group of (tag, inner form without terminator) fields."""
    pairs = [(tag, value + FT) for tag, value in fields]
    lengths = tuple(len(value) for _, value in pairs)
    entries = tuple(b"%s%04d" % (tag, len(value)) for tag, value in pairs)
    return entries, lengths, b"".join(value for _, value in pairs)


def singles(tag: bytes, values: Sequence[bytes]) -> list[Group]:
    """One group of one field for each value (with terminator); an empty value gives an empty group."""
    return [((b"%s%04d" % (tag, n),), (n,), v) if (n := len(v)) else EMPTY for v in values]


def data_field(indicators: str, *subfields: tuple[str, str]) -> bytes:
    """Inner form of a data field."""
    return indicators.encode() + b"".join(SD + code.encode() + value.encode() for code, value in subfields)


@dataclass(frozen=True, slots=True)
class LanguagePool:
    """Titles, names and imprints of one language; `vernacular` entries are empty for Latin script.

    A 245 is head + tail; an 880 of it is vernacular head + tail. names: field 100 and its 880. titles: the
    $a of each head, as text.
    """

    code: bytes
    titles: list[str]
    heads: list[tuple[bytes, bytes]]
    tails: list[tuple[bytes, bytes]]
    names: list[tuple[Group, Group]]
    imprints: list[Group]
    countries: list[bytes]


@dataclass(frozen=True, slots=True)
class Pools:
    """Everything a shard draws from."""

    languages: list[LanguagePool]
    standard_numbers: dict[str, list[Group]]
    cataloging: list[Group]
    calls: dict[str, list[tuple[bytes, bytes]]]
    call_fields: dict[str, list[Group]]
    carriers: dict[str, list[Group]]
    notes: list[list[Group]]
    subjects: list[list[Group]]
    filler: bytes = field(repr=False)
    filler_starts: list[int] = field(repr=False)
    filler_ends: list[int] = field(repr=False)


def build(
    seed: int,
    languages: Sequence[str],
    kinds: Sequence[str],
    call_tags: Sequence[str],
    encoding: str = "utf-8",
) -> Pools:
    """The pools of a library, in "utf-8" or "marc-8".

    languages: MARC codes; kinds: leader/06 and /07 together, e.g. "am"; call_tags: tags of call numbers
    that a bib may have, together, e.g. "050+082" or "" for none.
    """
    rolls = Draws(seed, 2**31).rolls("pools")
    filler = _filler(rolls)
    tags = sorted({tag for together in call_tags for tag in together.split("+") if tag})
    calls = {tag: [_call(rolls, tag) for _ in range(CALL_COUNT)] for tag in tags}
    notes = [_note(rolls) for _ in range(500)]
    access = [_access(rolls) for _ in range(3000)]
    text, starts, ends = _cuts(filler, marc8.encode if encoding == "marc-8" else str.encode)
    pools = Pools(
        languages=[_language(rolls, code) for code in languages],
        standard_numbers={level: _standard_numbers(rolls, level) for level in "ms"},
        cataloging=[_cataloging(rolls) for _ in range(256)],
        calls=calls,
        call_fields={together: _call_fields(calls, together) for together in call_tags},
        carriers={kind: [_carrier(rolls, kind) for _ in range(64)] for kind in kinds},
        notes=[[_bundle(rolls, n, notes) for _ in range(200)] for n in range(MOST_NOTES + 1)],
        subjects=[[_bundle(rolls, n, access) for _ in range(200)] for n in range(MOST_SUBJECTS + 1)],
        filler=text,
        filler_starts=starts,
        filler_ends=ends,
    )
    return pools if encoding == "utf-8" else _in_marc8(pools)


def _in_marc8(pools: Pools) -> Pools:
    """The same pools with every text that is not ASCII in MARC-8."""

    @cache
    def text(value: bytes) -> bytes:
        return value if value.isascii() else marc8.encode(value.decode())

    def fields(old: Group) -> Group:
        at, made = 0, []
        for entry, length in zip(old[0], old[1], strict=True):
            made.append((entry[:3], text(old[2][at : at + length - 1])))
            at += length
        return group(made)

    def pairs(old: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        return [(text(one), text(other)) for one, other in old]

    languages = [
        replace(
            language, heads=pairs(language.heads), tails=pairs(language.tails),
            names=[(fields(one), fields(other)) for one, other in language.names],
            imprints=list(map(fields, language.imprints)),
        )
        for language in pools.languages
    ]  # fmt: skip
    return replace(
        pools, languages=languages,
        notes=[list(map(fields, groups)) for groups in pools.notes],
        subjects=[list(map(fields, groups)) for groups in pools.subjects],
    )  # fmt: skip


def _bundle(rolls: Rolls, count: int, pool: Sequence[tuple[bytes, bytes]]) -> Group:
    """So many fields of the pool, in order of their tags."""
    return group(sorted((rolls.of(pool) for _ in range(count)), key=lambda pair: pair[0]))


def _phrase(rolls: Rolls, code: str, low: int, high: int) -> tuple[str, str]:
    """Some words of the language: (Latin script, original script or "")."""
    count = rolls.between(low, high)
    if code in w.OTHER_SCRIPTS:
        pairs = [rolls.of(w.OTHER_SCRIPTS[code][1]) for _ in range(count)]
        joiner = "" if code in ("chi", "jpn") else " "
        return " ".join(p[0] for p in pairs).capitalize(), joiner.join(p[1] for p in pairs)
    pool = w.LATIN.get(code, w.ENGLISH)
    chosen = [
        rolls.of(pool) if rolls.below(4) or code == "eng" else rolls.of(w.ENGLISH) for _ in range(count)
    ]
    text = " ".join(chosen)
    if not rolls.below(16):
        text += rolls.of((" & after", " <revised>", " & < >", ": A & B"))
    return text[0].upper() + text[1:], ""


def _language(rolls: Rolls, code: str) -> LanguagePool:
    script = w.OTHER_SCRIPTS[code][0] if code in w.OTHER_SCRIPTS else ""
    titles, heads, tails, names = [], [], [], []
    for _ in range(512 if code == "eng" else 128):
        roman, original = _phrase(rolls, code, 2, 6)
        link = [("6", "880-02")] if original else []
        vernacular = data_field("10", ("6", f"245-02/{script}"), ("a", original + " :")) if original else b""
        titles.append(roman + " :")
        heads.append((data_field("10", *link, ("a", roman + " :")), vernacular))
        roman, original = _phrase(rolls, code, 2, 8)
        by = f"{rolls.of(w.FORENAMES)} {rolls.of(w.SURNAMES)}"
        end = data_field("", ("b", original), ("c", by)) + FT if original else b""
        tails.append((data_field("", ("b", roman + " /"), ("c", by + ".")) + FT, end))
        names.append(_name(rolls, code, script))
    imprints = [_imprint(rolls) for _ in range(64)]
    countries = [country.encode() for country in w.COUNTRIES.get(code, ("xx ",))]
    return LanguagePool(code.encode(), titles, heads, tails, names, imprints, countries)


def _name(rolls: Rolls, code: str, script: str) -> tuple[Group, Group]:
    born = rolls.between(1900, 1995)
    text = f"{rolls.of(w.SURNAMES)}, {rolls.of(w.FORENAMES)} {chr(65 + rolls.below(26))}.,"
    if not script:
        return group([(b"100", data_field("1 ", ("a", text), ("d", f"{born}-")))]), EMPTY
    original = _phrase(rolls, code, 2, 3)[1]
    latin = data_field("1 ", ("6", "880-01"), ("a", text), ("d", f"{born}-"))
    vernacular = data_field("1 ", ("6", f"100-01/{script}"), ("a", original + ","), ("d", f"{born}-"))
    return group([(b"100", latin)]), group([(b"880", vernacular)])


def _imprint(rolls: Rolls) -> Group:
    fields = []
    if not rolls.below(4):
        fields.append((b"250", data_field("  ", ("a", f"Edition {rolls.between(2, 9)}."))))
    place, publisher, year = rolls.of(w.PLACES), rolls.of(w.PUBLISHERS), rolls.between(1850, 2025)
    fields.append((b"264", data_field(" 1", ("a", place + " :"), ("b", publisher + ","), ("c", f"{year}."))))
    return group(fields)


_CARRIERS = {
    "g": ("1 videodisc (92 min.)", "two-dimensional moving image", "tdi", "video", "v", "videodisc", "vd"),
    "j": ("1 audio disc", "performed music", "prm", "audio", "s", "audio disc", "sd"),
    "c": ("1 score (48 pages)", "notated music", "ntm", "unmediated", "n", "volume", "nc"),
    "e": ("1 map : color", "cartographic image", "cri", "unmediated", "n", "sheet", "nb"),
}


def _carrier(rolls: Rolls, kind: str) -> Group:
    text = f"{rolls.between(8, 60)}, {rolls.between(40, 900)} pages" if kind[1] == "m" else "volumes"
    default = (text, "text", "txt", "unmediated", "n", "volume", "nc")
    extent, *rda = _CARRIERS.get(kind[0], default)
    fields = [(b"300", data_field("  ", ("a", extent + " ;"), ("c", f"{rolls.between(18, 32)} cm")))]
    if kind[1] == "s":
        fields.append((b"310", data_field("  ", ("a", rolls.of(("Quarterly", "Annual", "Monthly"))))))
    for tag, at, source in ((b"336", 0, "rdacontent"), (b"337", 2, "rdamedia"), (b"338", 4, "rdacarrier")):
        fields.append((tag, data_field("  ", ("a", rda[at]), ("b", rda[at + 1]), ("2", source))))
    return group(fields)


def _isbn(rolls: Rolls) -> str:
    digits = f"97899{rolls.below(10**7):07d}"
    check = -sum(int(d) * (3 if at % 2 else 1) for at, d in enumerate(digits)) % 10
    return f"{digits}{check}"


def _standard_numbers(rolls: Rolls, level: str) -> list[Group]:
    made = []
    for _ in range(1024):
        if level == "s":
            fields = [(b"022", data_field("0 ", ("a", f"9999-{rolls.below(10000):04d}")))]
        else:
            count = rolls.of((0, 1, 1, 2))
            qualifier = ("q", "(hardback & CD)")
            fields = [(b"020", data_field("  ", ("a", _isbn(rolls)), qualifier)) for _ in range(count)]
        made.append(group(fields))
    return made


def _cataloging(rolls: Rolls) -> Group:
    agency = rolls.of(("ZZTEST", "ZZEXM", "ZZMCK"))
    fields = [
        (b"040", data_field("  ", ("a", agency), ("b", "eng"), ("e", "rda"), ("c", agency), ("d", "ZZLIB")))
    ]
    if not rolls.below(5):
        fields.append((b"041", data_field("1 ", ("a", "eng"), ("h", rolls.of(("fre", "ger", "rus"))))))
    if not rolls.below(3):
        fields.append((b"043", data_field("  ", ("a", rolls.of(("n-us---", "e-uk---", "e-fr---"))))))
    return group(fields)


def _call(rolls: Rolls, tag: str) -> tuple[bytes, bytes]:
    """A call number of the tag's scheme in two parts, e.g. QA76.9 and .T47 1998."""
    year, cutter = rolls.between(1900, 2025), f"{chr(65 + rolls.below(26))}{rolls.between(11, 99)}"
    if tag in ("082", "092"):
        return f"{rolls.between(1, 999):03d}.{rolls.between(1, 99)}".encode(), f"{cutter} {year}".encode()
    if tag in ("060", "096"):
        return f"W{chr(65 + rolls.below(26))} {rolls.between(1, 999)}".encode(), f"{cutter} {year}".encode()
    if tag == "086":
        return f"Y 4.J 89/1:{rolls.between(1, 999)}-{rolls.between(1, 99)}".encode(), b""
    if tag == "099":
        return f"Local box {rolls.between(1, 9999)}".encode(), b""
    letters = rolls.of(("PR", "QA", "DS", "BF", "HD", "Z", "ML", "N", "TK", "E"))
    return f"{letters}{rolls.between(1, 9999)}.{rolls.between(1, 9)}".encode(), f".{cutter} {year}".encode()


def _call_fields(calls: dict[str, list[tuple[bytes, bytes]]], together: str) -> list[Group]:
    if not together:
        return [EMPTY] * CALL_COUNT
    tags = together.split("+")
    return [
        group((tag.encode(), call_field(tag, calls[tag][at])) for tag in tags) for at in range(CALL_COUNT)
    ]


def call_field(tag: str, call: tuple[bytes, bytes]) -> bytes:
    """A call number as a field: Dewey, NLM and the rest differ in indicators."""
    indicators = {"050": b" 4", "082": b"04", "060": b" 4", "086": b"0 "}.get(tag, b"  ")
    return indicators + SD + b"a" + call[0] + (SD + b"b" + call[1] if call[1] else b"")


def _note(rolls: Rolls) -> tuple[bytes, bytes]:
    kind = rolls.below(4)
    if kind == 0:
        return b"504", data_field(
            "  ", ("a", f"Includes bibliographical references (p. {rolls.between(90, 400)}).")
        )
    if kind == 1:
        return b"490", data_field(
            "1 ", ("a", f"{rolls.of(w.PLACES)} studies ;"), ("v", str(rolls.between(1, 300)))
        )
    return b"500", data_field("  ", ("a", rolls.of(w.SENTENCES)[: rolls.between(30, 80)]))


def _access(rolls: Rolls) -> tuple[bytes, bytes]:
    """A subject heading, an added entry, a link or a local note."""
    kind = rolls.below(20)
    name = f"{rolls.of(w.SURNAMES)}, {rolls.of(w.FORENAMES)},"
    subject, part = rolls.of(w.SUBJECTS), rolls.of(w.SUBDIVISIONS)
    made: dict[int, Callable[[], tuple[bytes, bytes]]] = {
        0: lambda: (
            b"600",
            data_field("10", ("a", name), ("d", f"{rolls.between(1800, 1950)}-"), ("x", part + ".")),
        ),
        1: lambda: (b"651", data_field(" 0", ("a", rolls.of(w.REGIONS)), ("x", part + "."))),
        2: lambda: (b"651", data_field(" 0", ("a", rolls.of(w.REGIONS)), ("v", "Maps."))),
        3: lambda: (b"655", data_field(" 7", ("a", rolls.of(w.SUBDIVISIONS) + "."), ("2", "lcgft"))),
        4: lambda: (b"700", data_field("1 ", ("a", name), ("e", "editor."))),
        5: lambda: (b"700", data_field("1 ", ("a", name), ("d", f"{rolls.between(1900, 1999)}-"))),
        6: lambda: (b"710", data_field("2 ", ("a", f"{rolls.of(w.PLACES)} Society & Museum."))),
        7: lambda: (b"776", data_field("08", ("i", "Online version:"), ("z", _isbn(rolls)))),
        8: lambda: (
            b"830",
            data_field(" 0", ("a", f"{rolls.of(w.PLACES)} studies ;"), ("v", str(rolls.below(99) + 1))),
        ),
        9: lambda: (
            b"856",
            data_field("40", ("u", f"https://books.example.org/?id={rolls.below(10**6)}&v=1")),
        ),
    }
    heading = partial(data_field, " 0", ("a", subject))
    plain = (
        b"650",
        heading(("x", part + ".")) if rolls.below(2) else heading(("z", rolls.of(w.PLACES) + ".")),
    )
    return made.get(kind, lambda: plain)()


def _filler(rolls: Rolls) -> list[str]:
    """The sentences of a long text to cut summaries of any length from."""
    made: list[str] = []
    while sum(len(sentence.encode()) for sentence in made) < 12_000:
        made.append(rolls.of(w.SENTENCES) + " ")
    return made


def _cuts(sentences: list[str], encode: Callable[[str], bytes]) -> tuple[bytes, list[int], list[int]]:
    """Text, where its sentences start, and for each byte the last place up to it where a character ends.

    A word that is not ASCII is never cut: it may be one of another script with its calls in MARC-8.
    """
    text = b""
    starts: list[int] = []
    ends: list[int] = []
    for sentence in sentences:
        if len(text) < 8_000:
            starts.append(len(text))
        for word in re.findall(r"\S+|\s+", sentence):
            data = encode(word)
            ends += range(len(text), len(text) + len(data)) if word.isascii() else [len(text)] * len(data)
            text += data
    return text, starts, ends
