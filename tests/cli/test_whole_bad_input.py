"""What a user can do wrong, typed as a user types it: exit code, clear message, no half file."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli import forked
from tests.makers import LEADER, record
from tests.streaming.sites import SYSTEM, make_site

GOOD = record(LEADER, [("001", "b1"), ("245", "1", "0", [("a", "A title")])])
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(range(256)) * 40 + b"\x1d\x1e\xff\xd9"
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n" + b"stream\n" * 400 + b"%%EOF\n"
ITEM_HEAD = '"RECORD #(ITEM)","RECORD #(BIBLIO)","BARCODE","I LOCATION","I TYPE","STATUS"\n'


@dataclass(frozen=True)
class Said:
    """How a command ended."""

    exit_code: int
    out: str
    err: str

    def fails(self, exit_code: int, *words: str) -> None:
        """It ended with this code and said all these words on stderr, and no line of a traceback."""
        assert self.exit_code == exit_code, self
        for word in words:
            assert word in self.err, (word, self.err)
        assert "Traceback" not in self.err
        assert "not yours" not in self.err


def typed(*words: object, room: int | None = None) -> Said:
    """A command in a process of its own (see `tests.cli.forked`). room: bytes any file may have at most."""
    if os.name == "nt":
        return typed_apart(*words)
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        asked = {"typed": [*map(str, words)], "folder": str(Path.cwd())}
        forked.runner().start(**asked, out=str(out), err=str(err), room=room)
        code = forked.runner().ended()
        return Said(code, out.read_text("utf-8"), err.read_text("utf-8"))


def typed_apart(*words: object, before: Callable[[], None] | None = None) -> Said:
    """The same in a fresh process, in which `before` is called first."""
    done = subprocess.run(
        [sys.executable, "-m", "transformer", *map(str, words)],
        capture_output=True,
        check=False,
        encoding="utf-8",
        preexec_fn=before,
        env={**os.environ, "COLUMNS": "200"},
    )
    return Said(done.returncode, done.stdout, done.stderr)


def left(folder: Path) -> set[str]:
    """Names of all that lies in a folder, hidden ones too."""
    return {path.name for path in folder.iterdir()}


# ------------------------------------------------------------------ convert

NOT_MARC = {
    "pdf": PDF,
    "jpeg": JPEG,
    "random": random.Random(5).randbytes(60_000),
    "text": b"To whom it may concern:\n" * 50,
    "zeros": bytes(5000),
}


@pytest.mark.parametrize("kind", NOT_MARC)
def test_convert_of_what_is_not_marc(tmp_path: Path, kind: str) -> None:
    (tmp_path / "in.mrc").write_bytes(NOT_MARC[kind])
    said = typed("convert", tmp_path / "in.mrc", tmp_path / "out.xml")
    said.fails(4, "in.mrc")
    assert left(tmp_path) == {"in.mrc"}


def test_convert_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "in.mrc").touch()
    typed("convert", tmp_path / "in.mrc", tmp_path / "out.xml").fails(4, "in.mrc", "empty")
    typed("convert", tmp_path / "no.mrc", tmp_path / "out.xml").fails(4, "no.mrc", "no such file")
    typed("convert", tmp_path, tmp_path / "out.xml").fails(4, "folder")
    assert left(tmp_path) == {"in.mrc"}


def test_convert_to_a_bad_place(tmp_path: Path) -> None:
    (tmp_path / "in.mrc").write_bytes(GOOD)
    (tmp_path / "out.xml").write_text("mine")
    typed("convert", tmp_path / "in.mrc", tmp_path / "out.xml").fails(2, "out.xml", "--overwrite")
    typed("convert", tmp_path / "in.mrc", tmp_path / "no" / "out.xml").fails(2, "does not exist")
    typed("convert", tmp_path / "in.mrc", tmp_path / "out.docx").fails(2, ".docx")
    typed("convert", tmp_path / "in.mrc", tmp_path / "in.mrc", "--overwrite").fails(2, "input and output")
    assert left(tmp_path) == {"in.mrc", "out.xml"}
    assert (tmp_path / "out.xml").read_text() == "mine"


def test_parts_that_exist_are_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "in.mrc").write_bytes(GOOD * 3)
    (tmp_path / "out-02.xml").write_text("mine")
    typed("convert", tmp_path / "in.mrc", tmp_path / "out.xml", "--parts", 2).fails(2, "out-02.xml")
    assert (tmp_path / "out-02.xml").read_text() == "mine"


def test_what_is_set_aside_does_not_write_over_a_file(tmp_path: Path) -> None:
    """Or the output is not there under its final name either: all or nothing."""
    (tmp_path / "in.mrc").write_bytes(GOOD + b"99999" + GOOD[5:] + GOOD)
    (tmp_path / "out.xml.set-aside").write_text("mine")
    typed("convert", tmp_path / "in.mrc", tmp_path / "out.xml").fails(2, "out.xml.set-aside")
    assert (tmp_path / "out.xml.set-aside").read_text() == "mine"


@pytest.mark.parametrize(
    "words", [("--threads", "0"), ("--parts", "0"), ("--parts", "-1"), ("--threads", "x")]
)
def test_wrong_numbers(tmp_path: Path, words: tuple[str, str]) -> None:
    (tmp_path / "in.mrc").write_bytes(GOOD)
    typed("convert", tmp_path / "in.mrc", tmp_path / "out.xml", *words).fails(2, words[0])
    assert left(tmp_path) == {"in.mrc"}


def test_all_records_damaged(tmp_path: Path) -> None:
    """Still MARC by its looks: an empty collection, and every byte in the file beside it."""
    cut = GOOD[:-9] + GOOD[-1:]  # what was lost is not known, so no repair is certain
    damaged = cut * 20
    (tmp_path / "in.mrc").write_bytes(damaged)
    said = typed("convert", tmp_path / "in.mrc", tmp_path / "out.xml", "--json")
    assert "Traceback" not in said.err
    assert said.exit_code == 1
    assert (tmp_path / "out.xml.set-aside").read_bytes() == damaged
    assert "<record" not in (tmp_path / "out.xml").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="a limit on the size of files is set as on Linux")
def test_the_disk_is_full(tmp_path: Path) -> None:
    """A limit on file sizes stands in for it: the system refuses to write on, as a full disk does."""
    title = random.Random(3).randbytes
    records = (record(LEADER, [("245", "1", "0", [("a", title(700).hex())])]) for _ in range(2500))
    (tmp_path / "in.mrc").write_bytes(b"".join(records))
    (tmp_path / "warm").mkdir()
    (tmp_path / "warm" / "in.mrc").write_bytes(GOOD)
    for name in ("out.xml", "out.parquet"):
        # Once without the limit, so that it does not meet the compiler of kernels.
        assert typed("convert", tmp_path / "warm" / "in.mrc", tmp_path / "warm" / name).exit_code == 0
    shutil.rmtree(tmp_path / "warm")
    for name in ("out.xml", "out.parquet"):
        typed("convert", tmp_path / "in.mrc", tmp_path / name, room=1 << 20).fails(5, "out")
        assert left(tmp_path) == {"in.mrc"}


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give up its rights"
)
def test_no_permission(tmp_path: Path) -> None:
    def drop() -> None:
        os.setgid(65534)
        os.setuid(65534)

    try:
        usable = typed_apart("--version", before=drop).exit_code == 0
    except PermissionError:
        usable = False
    if not usable:
        pytest.skip("others may not use this installation")
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    (tmp_path / "in.mrc").write_bytes(GOOD)
    (tmp_path / "in.mrc").chmod(0o600)
    typed_apart("convert", tmp_path / "in.mrc", tmp_path / "out.xml", before=drop).fails(4, "permission")
    (tmp_path / "in.mrc").chmod(0o644)
    typed_apart("convert", tmp_path / "in.mrc", tmp_path / "out.xml", before=drop).fails(2, "permission")


# ------------------------------------------------------------------ init


def test_init_of_an_unknown_system(tmp_path: Path) -> None:
    typed("init", "siera", tmp_path / "lib").fails(2, "siera", "did you mean `sierra`?")
    assert left(tmp_path) == set()
    typed("init", "sierra", tmp_path / "lib", "-q")
    typed("init", "sierra", tmp_path / "lib").fails(2, "already")


# ------------------------------------------------------------------ run


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_site(tmp_path_factory.mktemp("made") / "lib", bibs=40, seed=4, dirt=0.0).folder


@pytest.fixture
def lib(made: Path, tmp_path: Path) -> Path:
    """A small library that would run well."""
    return Path(shutil.copytree(made, tmp_path / "lib"))


def runs(lib: Path) -> set[str]:
    return {name for name in left(lib / "runs") if name != ".lock"} if (lib / "runs").exists() else set()


def test_run_of_no_library(tmp_path: Path) -> None:
    typed("run", tmp_path / "nowhere").fails(2, "nowhere", "transformer init")
    typed("run", tmp_path).fails(2, "transformer.toml")


def test_empty_extracts_folder(lib: Path) -> None:
    shutil.rmtree(lib / "extracts")
    (lib / "extracts").mkdir()
    typed("run", lib).fails(4, "extracts")
    assert runs(lib) == set()


def test_unknown_key_in_the_project_file(lib: Path) -> None:
    project = lib / "transformer.toml"
    project.write_text(project.read_text().replace("prefix_035", "prefix_O35") + "\n[limit]\nerrors = 1\n")
    said = typed("run", lib)
    said.fails(3, "transformer.toml", "prefix_O35", "prefix_035", "limit")
    assert runs(lib) == set()
    typed("check", lib).fails(3, "prefix_O35")


def test_a_project_file_that_is_no_toml(lib: Path) -> None:
    (lib / "transformer.toml").write_text("system = sierra\n")
    typed("run", lib).fails(3, "transformer.toml")


def test_a_rule_with_an_unknown_column(lib: Path) -> None:
    (lib / "rules" / "rules.toml").write_text('[item.public_note]\nfrom = "collor"\n')
    for command in ("check", "run"):
        typed(command, lib).fails(3, "collor", "public_note", "rules.toml")
    assert runs(lib) == set()


def test_a_map_without_its_column(lib: Path) -> None:
    (lib / "rules" / "maps" / "location.csv").write_text("code,name,location\nmn,Main,stacks\n")
    for command in ("check", "run"):
        typed(command, lib).fails(3, "location.csv", "library")
    assert runs(lib) == set()


def test_a_run_name_that_is_taken(lib: Path) -> None:
    (lib / "runs" / "test-load").mkdir(parents=True)
    typed("run", lib, "--run", "test-load").fails(2, "test-load")
    typed("run", lib, "--run", "a/b").fails(2, "a/b")
    assert left(lib / "runs" / "test-load") == set()


def test_a_bib_extract_of_no_bytes(lib: Path) -> None:
    (lib / "extracts" / "bib.mrc").write_bytes(b"")
    typed("run", lib).fails(4, "bib.mrc", "empty")


def test_a_bib_extract_that_is_no_marc(lib: Path) -> None:
    """Named in the project file it must be MARC; lying about, it is reported and not read."""
    (lib / "extracts" / "bib.mrc").write_bytes(PDF)
    project = lib / "transformer.toml"
    project.write_text(project.read_text() + '\n[extract.bib]\nfiles = ["extracts/bib.mrc"]\n')
    typed("run", lib).fails(4, "bib.mrc")


def test_a_named_file_that_is_missing(lib: Path) -> None:
    project = lib / "transformer.toml"
    project.write_text(project.read_text() + '\n[extract.item]\nfiles = ["extracts/gone*.csv"]\n')
    typed("run", lib).fails(4, "gone*.csv", "transformer.toml")


def test_items_without_their_number_column(lib: Path) -> None:
    path = lib / "extracts" / "items.csv"
    path.write_text(path.read_text().replace('"RECORD #(ITEM)"', '"ITEM NO"', 1))
    project = lib / "transformer.toml"
    project.write_text(project.read_text() + '\n[extract.item]\nfiles = ["extracts/items.csv"]\n')
    typed("run", lib).fails(4, "items.csv", "RECORD #(ITEM)", "ITEM NO")
    assert "latest" not in runs(lib)


def test_items_of_a_header_only(lib: Path) -> None:
    path = lib / "extracts" / "items.csv"
    path.write_text(path.read_text().split("\n", 1)[0] + "\n")
    said = typed("run", lib)
    assert said.exit_code in (0, 1), said
    reports = lib / "runs" / "0001" / "reports"
    told = (reports / "issues.csv").read_text("utf-8").splitlines()
    assert [row.split('","')[:5] for row in told if "list-empty" in row] == [
        ['"note', "list-empty", "item", "", "items.csv"]
    ]
    assert '"items.csv","item","0","0"' in (reports / "ledger.csv").read_text("utf-8")


def test_all_bibs_damaged(lib: Path) -> None:
    """A delivery of nothing is over any limit: exit code 1, and every record beside its reason."""
    damaged = (b"99999" + GOOD[5:]) * 20
    (lib / "extracts" / "bib.mrc").write_bytes(damaged)
    said = typed("run", lib)
    assert said.exit_code == 1, said
    assert "set aside" in said.out
    pieces = (lib / "runs" / "0001" / "set-aside" / "bib.bytes").read_bytes()
    assert pieces.replace(b"\x1d\n", b"\x1d") == damaged


@pytest.mark.skipif(sys.platform != "linux", reason="a limit on the size of files is set as on Linux")
def test_the_disk_is_full_in_a_run(lib: Path) -> None:
    # Once without the limit, so that it does not meet the compiler of kernels.
    assert typed("run", lib, "-q").exit_code in (0, 1)
    typed("run", lib, room=20_000).fails(5)
    assert (lib / "runs" / "latest").read_text().strip() == "0001"
    assert not list(lib.rglob("*.part"))
    assert not (lib / "runs" / "0002" / "manifest.json").exists()
    assert typed("run", lib, "-q").exit_code in (0, 1)
    assert (lib / "runs" / "latest").read_text().strip() == "0003"


@pytest.mark.skipif(os.name == "nt", reason="the lock is held in this test as on Unix")
def test_two_runs_at_once(lib: Path) -> None:
    from transformer.pipeline.lock import run_lock

    (lib / "runs").mkdir()
    with run_lock(lib / "runs" / ".lock"):
        typed("run", lib).fails(5, "another run", f"process {os.getpid()}")
        assert runs(lib) == set()
    assert typed("run", lib, "-q").exit_code in (0, 1)


def test_sample_is_where_the_tests_expect_it() -> None:
    assert (SYSTEM / "sample" / "transformer.toml").is_file()
