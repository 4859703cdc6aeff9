"""What comes before the first element of an XML file: byte order mark, declaration, DOCTYPE.

The encoding named there is what the bytes are taken for, unless they prove it wrong (see `verdict`) or the
user names another. Encodings in which markup is plain ASCII (ISO 8859, Windows code pages, KOI8, EUC, GBK,
Big5, Shift JIS) are read, record by record, so offsets refer to the file as it is. UTF-16 is rewritten when a
file is found (`extracts.spool`); here, as UTF-32 and EBCDIC, it is refused with an ExtractError. A file that
names UTF-16 but has bytes of ASCII is taken as UTF-8, as XML parsers do (XML 1.0, appendix F: the first bytes
prove the declaration wrong); some .NET programs write such files.

The entities of a DOCTYPE's internal subset are kept for the records that use them. External entities,
external DTDs and parameter entities are never looked at; a record that needs one is set aside.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from transformer.errors import ExtractError
from transformer.extracts.charsets import AUTO, UTF8, WIDE, wish_of
from transformer.extracts.window import read_window

_SHORT_HEAD: Final = 1 << 16
MOST: Final = 1 << 20
"""A DOCTYPE must end within so many bytes of the file."""

_BOM: Final = b"\xef\xbb\xbf"
_DECLARATION: Final = re.compile(rb"<\?xml\s[^>]*?\?>")
_ENCODING: Final = re.compile(rb"""\sencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']""")
_MISC: Final = re.compile(rb"(?:\s|<!--.*?-->|<\?.*?\?>)*", re.DOTALL)
_DOCTYPE_TOKEN: Final = re.compile(rb"""<!--.*?-->|<\?.*?\?>|"[^"]*"|'[^']*'|[\[\]>]""", re.DOTALL)
# Comments, instructions and parameter entities, which lxml does not read without loading DTDs.
_SPARE: Final = re.compile(rb"""<!--.*?-->|<\?.*?\?>|%[^\s;%"']+;|("[^"]*"|'[^']*')""", re.DOTALL)
_RECORD_TAG: Final = re.compile(rb"</?([^<>\s/!?]*:)?record[\s/>]")
_SMALL_DOCTYPE: Final = 4096
_ENTITIES_MOST: Final = 1 << 16
_ENTITY: Final = re.compile(rb"""<!ENTITY\s+([^\s%"'<>]+)\s+(?:"[^"]*"|'[^']*')\s*>""")
_NAMED: Final = re.compile(rb"&([^#;&<\s][^;&<\s]*);")
_REFERENCE: Final = re.compile(rb"&#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7}));")
# Families of Python codecs in which every byte below 0x80 that can be markup is itself.
_ASCII_LIKE: Final = re.compile(
    r"(iso8859|cp125|cp(437|850|852|855|858|866|874|932|949|950)$|koi8|mac|gb|big5|euc|shift_jis|tis)"
)
_WIDE: Final = re.compile(r"(utf-?_?(16|32)|ucs|iso-10646)", re.IGNORECASE)
_FOREIGN_STARTS: Final = {
    b"\xff\xfe": "UTF-16 or UTF-32",
    b"\xfe\xff": "UTF-16",
    b"\x00\x00\xfe\xff": "UTF-32",
    b"\x00<": "UTF-16",
    b"<\x00": "UTF-16",
    b"\x4c\x6f\xa7\x94": "EBCDIC",
}


@dataclass(frozen=True, slots=True)
class Prolog:
    """declared: the encoding named, as `extracts.charsets` calls it, empty for none. doctype:
    `<!DOCTYPE ...>` as UTF-8 if it declares something, else empty. end: offset from which on elements may
    stand.
    """

    declared: str = ""
    doctype: bytes = b""
    end: int = 0

    @property
    def changes_attributes(self) -> bool:
        """Whether the DOCTYPE gives attributes defaults or types, which only lxml applies."""
        return b"<!ATTLIST" in self.doctype

    def doctype_for(self, xml: bytes) -> bytes:
        """The DOCTYPE with no more entities than a record needs: all of thirty thousand, parsed for each
        record that has one, took 37 ms a record. Nor with more than _ENTITIES_MOST bytes of them: what
        is left out is not declared, so the record is set aside."""
        if len(self.doctype) < _SMALL_DOCTYPE:
            return self.doctype
        rest, declared = _declarations(self.doctype)
        wanted = dict.fromkeys(_NAMED.findall(xml) + _NAMED.findall(rest))
        found: dict[bytes, bytes] = {}
        size = 0
        while wanted:
            name = next(iter(wanted))
            del wanted[name]
            if name in declared and name not in found:
                found[name] = declared[name]
                size += len(declared[name])
                if size > _ENTITIES_MOST:
                    return rest
                wanted |= dict.fromkeys(_NAMED.findall(declared[name]))
        return rest.replace(b"[", b"[" + b"".join(found.values()), 1)


@lru_cache(maxsize=4)
def _declarations(doctype: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    """(DOCTYPE without its internal entities, name -> declaration of each; the first one holds)."""
    declared: dict[bytes, bytes] = {}
    for match in _ENTITY.finditer(doctype):
        declared.setdefault(match[1], match[0])
    return _ENTITY.sub(b"", doctype), declared


def read_prolog(path: Path, said: str = AUTO) -> Prolog:
    """The prolog of a file. said: its encoding, by the user; then the one named in it may be any.

    Raises ExtractError where it cannot be read, or is of an encoding or a DOCTYPE that we do not read.
    """
    forced = wish_of(said).encoding
    head = read_window(path, 0, _SHORT_HEAD).tobytes()
    for start, name in _FOREIGN_STARTS.items():
        if head.startswith(start):
            raise _refused(path, f"is XML in {name}")
    at = len(_BOM) if head.startswith(_BOM) else 0
    misc = _MISC.match(head, at)
    declaration = _DECLARATION.search(head, at, misc.end() if misc else at)
    # A byte order mark says UTF-8, whatever is declared.
    declared = _declared(path, declaration.group() if declaration and not at else b"", forced)
    if b"<!DOCTYPE" not in head:
        return Prolog(declared, b"", at)
    if len(head) == _SHORT_HEAD:
        head = read_window(path, 0, MOST).tobytes()
        misc = _MISC.match(head, at)
    begin = misc.end() if misc else at
    if not head.startswith(b"<!DOCTYPE", begin):
        return Prolog(declared, b"", at)
    end = _doctype_end(path, head, begin)
    doctype = head[begin:end]
    if b"[" not in doctype:
        return Prolog(declared, b"", end)
    doctype = _SPARE.sub(rb"\1", doctype)
    codec = declared if forced == AUTO else forced
    if codec not in ("", UTF8, *WIDE) and _is_codec(codec):
        doctype = doctype.decode(codec, "replace").encode()
    if _RECORD_TAG.search(_REFERENCE.sub(_character, doctype)):
        raise ExtractError(
            "has a DOCTYPE with whole records in its entities",
            str(path),
            "records written out",
            "Write the file again with its entities resolved, e.g. `xmllint --noent`.",
        )
    return Prolog(declared, doctype, end)


def _declared(path: Path, declaration: bytes, forced: str) -> str:
    """The declared encoding, as `extracts.charsets` calls it; empty for none."""
    match = _ENCODING.search(declaration)
    if not match:
        return ""
    name = match[1].decode()
    if _WIDE.match(name):
        return WIDE[0]
    try:
        codec = codecs.lookup(name).name
    except LookupError:
        codec = ""
    if codec in ("utf-8", "utf-8-sig", "ascii"):
        return UTF8
    if _ASCII_LIKE.match(codec):
        return wish_of(codec).encoding
    if forced != AUTO:
        return name.lower()
    if not codec:
        raise _refused(path, f"is XML in an encoding of the name {name}, which is not known")
    raise _refused(path, f"is XML in {name}")


def _is_codec(name: str) -> bool:
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True


def _doctype_end(path: Path, head: bytes, begin: int) -> int:
    """Offset after the `>` of the DOCTYPE that begins at `begin`."""
    depth = 0
    for token in _DOCTYPE_TOKEN.finditer(head, begin):
        if token.group() == b"[":
            depth += 1
        elif token.group() == b"]":
            depth -= 1
        elif token.group() == b">" and depth <= 0:
            return token.end()
    raise ExtractError(
        "has a DOCTYPE without an end",
        str(path),
        f"its `>` within {MOST:,} bytes",
        "Look at the file's start.",
    )


def _character(match: re.Match[bytes]) -> bytes:
    """The character of a reference such as `&#60;`."""
    point = int(match[1], 16) if match[1] else int(match[2])
    return chr(point).encode("utf-8", "replace") if point < 0x110000 else b""


def _refused(path: Path, what: str) -> ExtractError:
    return ExtractError(
        what, str(path), "UTF-8", "Convert the file first, e.g. with iconv, and its declaration."
    )
