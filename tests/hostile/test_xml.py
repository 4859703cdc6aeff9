"""Entity bombs, external entities and DTDs: set aside or left alone, in bounded time and memory."""

from __future__ import annotations

import http.server
import threading
from pathlib import Path

import pytest

from tests.hostile.typed import typed

LEADER = "<leader>00000nam a2200000 a 4500</leader>"
GOOD = f"<record>{LEADER}<controlfield tag='001'>b1</controlfield></record>"
LAUGHS = "<!ENTITY l0 'lol'>" + "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 12))
PARAMETERS = "<!ENTITY % a0 'xxxxxxxxxx'>" + "".join(
    f"<!ENTITY % a{n} '%a{n - 1};%a{n - 1};'>" for n in range(1, 60)
)


def title(text: str) -> str:
    return (
        f'<record>{LEADER}<datafield tag="245" ind1=" " ind2=" "><subfield code="a">{text}</subfield>'
        "</datafield></record>"
    )


def converted(folder: Path, doctype: str, body: str) -> tuple[int, int, bytes]:
    """(records written, records set aside, output); the command's memory and time are bounded."""
    path = folder / "in.xml"
    path.write_text(f"<?xml version='1.0'?><!DOCTYPE c [{doctype}]><collection>{body}{GOOD}</collection>")
    said = typed("convert", path, folder / "out.xml", limit_s=60)
    said.stays_calm()
    assert said.exit_code in (0, 1), said
    out = (folder / "out.xml").read_bytes()
    aside = folder / "out.xml.set-aside"
    return out.count(b"<record"), aside.read_bytes().count(b"<record") if aside.exists() else 0, out


@pytest.mark.parametrize(
    ("doctype", "text"),
    [
        (LAUGHS, "&l11;"),
        (f"<!ENTITY q '{'q' * 400_000}'>", "&q;" * 10_000),
        ("<!ENTITY a '&b;'><!ENTITY b '&a;'>", "&a;"),
        ("<!ENTITY a '&#60;&#60;&#60;'>", "&a;"),
    ],
    ids=["billion laughs", "quadratic", "circle", "markup"],
)
def test_a_bomb_costs_its_own_record(tmp_path: Path, doctype: str, text: str) -> None:
    assert converted(tmp_path, doctype, title(text) * 20)[:2] == (1, 20)


def test_many_small_charges(tmp_path: Path) -> None:
    """Each within the parser's limits; all together they would be 18 GB."""
    assert converted(tmp_path, f"<!ENTITY q '{'q' * 900_000}'>", title("&q;") * 20_000)[:2] == (1, 20_000)


def test_thousands_of_declarations_are_not_parsed_for_each_record(tmp_path: Path) -> None:
    doctype = "".join(f"<!ENTITY e{n} 'v{n}'>" for n in range(30_000)) + "<!ENTITY both '&e7;&e8;'>"
    written, aside, out = converted(tmp_path, doctype, title("&both;") * 3000)
    assert (written, aside, out.count(b">v7v8<")) == (3001, 0, 3000)


def test_parameter_entities_are_not_read(tmp_path: Path) -> None:
    assert converted(tmp_path, PARAMETERS + "%a59;", title("plain") * 3)[:2] == (4, 0)


def test_nothing_is_fetched_and_no_file_is_read(tmp_path: Path) -> None:
    asked: list[str] = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)

    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET")
    with http.server.HTTPServer(("127.0.0.1", 0), Listener) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        doctype = (
            f"<!ENTITY f SYSTEM '{secret.as_uri()}'><!ENTITY h SYSTEM '{url}/e'>"
            f"<!ENTITY % p SYSTEM '{url}/p'>%p;<!ENTITY % d SYSTEM '{secret.as_uri()}'>%d;"
        )
        written, aside, out = converted(tmp_path, doctype, title("&f;") + title("&h;") + title("plain"))
        path = tmp_path / "outside.xml"
        path.write_text(f"<!DOCTYPE c SYSTEM '{url}/dtd'><collection>{GOOD}</collection>")
        assert typed("convert", path, tmp_path / "out2.xml").exit_code == 0
        server.shutdown()
        thread.join()
    assert (written, aside, asked) == (2, 2, [])
    assert b"SECRET" not in out


def test_a_doctype_without_an_end(tmp_path: Path) -> None:
    path = tmp_path / "in.xml"
    path.write_bytes(b"<?xml version='1.0'?><!DOCTYPE c [" + b"<!ENTITY a 'b'>" * 400_000)
    typed("convert", path, tmp_path / "out.xml", "--from", "marcxml").fails(4, "in.xml", "DOCTYPE", "next:")


def test_elements_in_elements(tmp_path: Path) -> None:
    body = "<record>" + LEADER + "<a>" * 500_000 + "</a>" * 500_000 + "</record>" + "<record>" * 200_000
    written, _, _ = converted(tmp_path, "", body)
    assert written == 1
