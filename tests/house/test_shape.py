"""The shape of the house: layers, lengths, docstrings, where SQL and numba may stand."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

from tests.house.sources import PACKAGE, ROOT, functions, name_of, python_files, strings, tree

MODULES = python_files("transformer")
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_KERNEL_LINES = 80
# The one place that makes SQL out of rules; everybody else reads it from .sql files.
MAKES_SQL = PACKAGE / "ruleset"
SQL = re.compile(
    r"\b(select|with|insert|create|copy)\b.*\b(from|as|into|table|to)\b", re.IGNORECASE | re.DOTALL
)


def test_layers_hold() -> None:
    script = Path(sys.executable).with_name("lint-imports")
    if not script.exists():
        script = script.with_suffix(".exe")
    done = subprocess.run([script, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_files_are_short() -> None:
    lines = {
        name_of(path): len(path.read_text("utf-8").splitlines())
        for path in python_files("transformer", "tests", "bench")
    }
    assert {name: count for name, count in lines.items() if count > MAX_FILE_LINES} == {}


def test_functions_fit_on_a_screen() -> None:
    long = []
    for path in MODULES:
        most = MAX_KERNEL_LINES if path.is_relative_to(PACKAGE / "kernels") else MAX_FUNCTION_LINES
        for function in functions(path):
            lines = (function.end_lineno or 0) - function.lineno + 1
            if lines > most:
                long.append(
                    f"{name_of(path)}:{function.lineno} {function.name}: {lines} lines, {most} allowed"
                )
    assert long == []


def test_what_is_public_says_what_it_does() -> None:
    mute = []
    for path in MODULES:
        if not ast.get_docstring(tree(path)):
            mute.append(f"{name_of(path)}: the module")
        for node in tree(path).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                inside = node.body if isinstance(node, ast.ClassDef) else []
                methods = [n for n in inside if isinstance(n, ast.FunctionDef) and not n.name.startswith("_")]
                mute += [
                    f"{name_of(path)}:{thing.lineno} {thing.name}"
                    for thing in (node, *methods)
                    if not ast.get_docstring(thing)
                ]
    assert mute == []


def test_sql_stands_in_sql_files() -> None:
    found = [
        f"{name_of(path)}:{text.lineno}"
        for path in MODULES
        if not path.is_relative_to(MAKES_SQL)
        for text in strings(path)
        if "\n" in text.value and SQL.search(text.value)
    ]
    assert found == []


def test_the_sql_test_sees_sql(tmp_path: Path) -> None:
    path = tmp_path / "sample.py"
    path.write_text('"""select a\\nfrom docstring"""\nq = """select a\n from b"""\nplain = "one\\nline"\n')
    assert [bool("\n" in s.value and SQL.search(s.value)) for s in strings(path)] == [True, False]


def test_kernels_are_compiled_in_one_way() -> None:
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in MODULES
        if path.name != "jit.py"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr in {"njit", "jit", "vectorize", "guvectorize"}
    ]
    assert found == []
