"""How many examples a property is tried with: a share in every run of the suite, all in `make fuzz`."""

from __future__ import annotations

import os

EXPLORING = bool(os.environ.get("EXPLORE"))


def examples(usual: int, exploring: int) -> int:
    """For properties whose slow twin takes milliseconds an example. The usual ones are always the same."""
    return exploring if EXPLORING else usual
