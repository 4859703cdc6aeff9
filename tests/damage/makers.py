"""All makers of damage, by kind."""

from __future__ import annotations

from tests.damage import leaders, numbers, sizes, terminators
from tests.damage.case import MAKERS

__all__ = ["MAKERS", "leaders", "numbers", "sizes", "terminators"]
