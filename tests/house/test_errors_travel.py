"""Every exception of ours survives the way from a worker to the one who waits."""

from __future__ import annotations

import importlib
import pickle
import pkgutil

import transformer
from transformer.errors import Mistake, RulesError, TransformerError

MADE = {
    RulesError: RulesError((Mistake("item.toml", "item.barcode", "no such column", "barcode", "mend it"),)),
}


def every_error() -> list[type[TransformerError]]:
    """TransformerError and all classes below it, in every module of the package."""
    for module in pkgutil.walk_packages(transformer.__path__, "transformer."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found = [TransformerError]
    for kind in found:
        found += [below for below in kind.__subclasses__() if below not in found]
    return sorted(found, key=lambda kind: kind.__name__)


def test_errors_travel() -> None:
    for kind in every_error():
        error = MADE[kind] if kind in MADE else kind("what", "where", "expected", "next")
        arrived = pickle.loads(pickle.dumps(error))
        assert type(arrived) is kind
        assert str(arrived) == str(error)
        assert vars(arrived) == vars(error)
        assert arrived.exit_code in {1, 2, 3, 4, 5, 6, 130}


def test_exit_codes_are_those_of_the_promise() -> None:
    codes = {kind.__name__: kind.exit_code for kind in every_error()}
    promised = {
        "UsageError": 2,
        "RulesError": 3,
        "ExtractError": 4,
        "MachineError": 5,
        "BooksError": 6,
        "Interrupted": 130,
    }
    assert promised.items() <= codes.items()
