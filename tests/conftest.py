"""How the suite draws its examples: always the same ones, so that a change is what makes it fail.

`make fuzz` draws new ones (EXPLORE=1) and says how to draw them again.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("suite", derandomize=True, database=None)
settings.register_profile("explore", print_blob=True)
settings.load_profile("explore" if os.environ.get("EXPLORE") else "suite")
