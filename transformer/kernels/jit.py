"""The one place where numba's options are set, and where compiled code is kept.

Compiled code lies in a folder named after a hash of all kernel sources, the constants they are compiled with,
Python and the machine. Reason: numba stamps only the file of the calling function, so a change in a
helper of another module goes unnoticed and old code runs (found with numba 0.68).

Environment: TRANSFORMER_CACHE names another folder for compiled code; TRANSFORMER_BOUNDSCHECK=1
compiles with bounds checking (tests and fuzz), in a cache of its own.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import hashlib
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])

BOUNDSCHECK = os.environ.get("TRANSFORMER_BOUNDSCHECK") == "1"


def cache_root() -> Path:
    """Folder for compiled code: TRANSFORMER_CACHE, else the user's cache folder of this system."""
    if named := os.environ.get("TRANSFORMER_CACHE"):
        return Path(named)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", tempfile.gettempdir()))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return base / "transformer"


def sources() -> list[Path]:
    """Files whose contents end up in compiled code: all kernels, and the two whose constants they name."""
    package = Path(__file__).parents[1]
    return [*sorted(Path(__file__).parent.glob("*.py")), package / "marc.py", package / "schema" / "batch.py"]


def cache_folder() -> Path:
    """Folder of this version of the kernels; made if missing, a temporary one where nothing is writable."""
    digest = hashlib.sha256(platform.machine().encode() + sys.version.encode())
    for source in sources():
        digest.update(source.read_bytes())
    name = f"{digest.hexdigest()[:16]}{'-bounds' if BOUNDSCHECK else ''}"
    folder = cache_root() / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError:
        folder = Path(tempfile.mkdtemp(prefix="transformer-kernels-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


# numba reads this when it is first imported, so it is set before the import below.
CACHE_FOLDER = cache_folder()
os.environ["NUMBA_CACHE_DIR"] = str(CACHE_FOLDER)

import numba  # noqa: E402
from numba.core.caching import (  # noqa: E402
    CompileResultCacheImpl,
    FunctionCache,
    UserProvidedCacheLocator,
)

numba.config.CACHE_DIR = str(CACHE_FOLDER)  # type: ignore[attr-defined]


def _end_at_once() -> None:
    """Python ends by looking through all objects for cycles, and numba has many: 0.12 s of processor time.

    Frozen objects are not looked at. DuckDB's are needed to be: it counts at the end what was not let go, and
    prints a page of it.
    """
    if "duckdb" not in sys.modules:
        gc.freeze()


atexit.register(_end_at_once)


# `_nrt=False`: no reference counts on arrays. numba counts at every helper that takes an array, even an
# inlined one; the MARCXML kernel spent 60 % of its time on that (0.6 GB/s with, 1.45 without, same run).
# In return such a kernel can allocate nothing (compiling fails if it tries): the caller brings all arrays.
_njit: Any = numba.njit
_OPTIONS: dict[str, Any] = {"nogil": True, "boundscheck": BOUNDSCHECK, "_nrt": False}


class _Locator(UserProvidedCacheLocator):
    """Finds compiled kernels wherever the program lies: the folder's name tells their contents.

    numba's own keeps them apart by the path of the source, so that a second copy of the same program compiled
    everything again (29 s), without a word, as the marks of `mark_compiled` were there.
    """

    @classmethod
    def get_suitable_cache_subpath(cls, py_file: str) -> str:
        if Path(py_file).parent.resolve() == Path(__file__).parent.resolve():
            return "kernels"
        return str(super().get_suitable_cache_subpath(py_file))


class _Kept(CompileResultCacheImpl):
    _locator_classes = [_Locator]  # noqa: RUF012


class _Cache(FunctionCache):
    """numba's cache of compiled functions, which readies the compiler only where it must compile.

    numba's own does so before it looks: it loads 75 modules and compiles its allocator, 0.13 of the 0.47 s in
    which a process read its first records (numba 0.68). The compiler readies itself when it is called, and
    code without `_nrt` needs no allocator.
    """

    _impl_class = _Kept

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)
        return None  # where the file cannot be read it is compiled anew


def kernel(function: F) -> F:
    """Compile a function of arrays and integers on first call: no GIL, one thread, kept on disk."""
    compiled = _njit(**_OPTIONS)(function)
    compiled._cache = _Cache(function)
    return cast(F, compiled)


def inlined(function: F) -> F:
    """A helper that is part of the kernel that calls it, and kept with it alone."""
    return cast(F, _njit(**_OPTIONS, forceinline=True)(function))


def is_cold(work: str) -> bool:
    """True where the kernels for this kind of work have not been compiled on this machine yet."""
    return not (CACHE_FOLDER / f"{work}.compiled").exists()


def mark_compiled(work: str) -> None:
    """Remember that all kernels of this kind of work are compiled. A folder that is gone does no harm."""
    with contextlib.suppress(OSError):
        (CACHE_FOLDER / f"{work}.compiled").touch()
