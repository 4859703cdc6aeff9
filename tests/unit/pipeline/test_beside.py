"""A conversion's files get their names together, the findings first: no output stands without them."""

from __future__ import annotations

from pathlib import Path

import pytest

import transformer
from tests.makers import LEADER, record
from transformer.errors import MachineError, UsageError
from transformer.writers.files import OutputFile, Together

GOOD = record(LEADER, [("001", "b1"), ("245", "1", "0", [("a", "Walden")])])
BROKEN = GOOD[:-20]
TARGETS = ["out.xml", "out.parquet"]


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "bib.mrc"
    path.parent.mkdir()
    (tmp_path / "out").mkdir()
    path.write_bytes(GOOD + BROKEN)
    return path


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("taken", ["issues.csv", "set-aside"])
def test_nothing_is_written_where_the_findings_cannot_be(damaged: Path, name: str, taken: str) -> None:
    output = damaged.parents[1] / "out" / name
    in_the_way = output.with_name(f"{name}.{taken}")
    in_the_way.mkdir()
    (in_the_way / "precious").touch()
    for overwrite in (False, True):
        with pytest.raises(UsageError):
            transformer.convert(damaged, output, overwrite=overwrite)
        assert names_in(output.parent) == [in_the_way.name]


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("last", [1, 2, 3])
def test_cut_off_between_two_names(
    damaged: Path, name: str, last: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever name cannot be given: where an output is, its findings and what was set aside are."""
    output = damaged.parents[1] / "out" / name
    given: list[str] = []
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if target.parent == output.parent:
            given.append(target.name)
            if len(given) == last:
                raise OSError(5, "Input/output error")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(MachineError, match="Input/output error"):
        transformer.convert(damaged, output)
    assert given[:2] == [f"{name}.issues.csv", f"{name}.set-aside"][:last]
    assert names_in(output.parent) == sorted(given[: last - 1])


def test_what_is_left_of_an_earlier_conversion(damaged: Path) -> None:
    output = damaged.parents[1] / "out" / "out.xml"
    transformer.convert(damaged, output)
    beside = ["out.xml", "out.xml.issues.csv", "out.xml.set-aside"]
    assert names_in(output.parent) == beside
    output.unlink()
    with pytest.raises(UsageError, match="from an earlier conversion"):
        transformer.convert(damaged, output)
    damaged.write_bytes(GOOD)
    with pytest.raises(UsageError, match="is input"):
        transformer.convert([damaged, output.with_name(beside[2])], output, overwrite=True)
    assert names_in(output.parent) == beside[1:]
    transformer.convert(damaged, output, overwrite=True)
    assert names_in(output.parent) == ["out.xml"]


def test_files_together(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    with Together() as together:
        for path in (first, second):
            with OutputFile(path, together=together) as file:
                file.write(path.name.encode())
            assert not path.exists()
    assert (first.read_bytes(), second.read_bytes()) == (b"a", b"b")
    with pytest.raises(KeyboardInterrupt), Together(overwrite=True) as together:
        with OutputFile(first, together=together) as file:
            file.write(b"new")
        raise KeyboardInterrupt
    assert first.read_bytes() == b"a"
    assert names_in(tmp_path) == ["a", "b"]
