"""`python -m transformer`: the same as the command `transformer`."""

from __future__ import annotations

import sys

from transformer.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
