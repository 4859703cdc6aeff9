"""Peak memory of a process, asked so that it is of that process alone.

On Linux `ru_maxrss` of a fresh process counts what its parent had when it was started (it is kept over
`exec`), and the parent here is a test run of any size. So a process asks the kernel for its own high-water
mark, and a command is started by a small process between.
"""

from __future__ import annotations

import sys
from pathlib import Path

UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in which the system counts ru_maxrss."""


def peak_bytes() -> int:
    """The most memory that this process had at once."""
    try:
        with Path("/proc/self/status").open(encoding="ascii", errors="replace") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) * 1024
    except (OSError, StopIteration):
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT


BETWEEN = f"""
import os, resource, sys
child = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, status, used = os.wait4(child, 0)
with open(sys.argv[1], "w") as told:
    told.write(str(used.ru_maxrss * {UNIT}))
code = os.waitstatus_to_exitcode(status)
os.kill(os.getpid(), -code) if code < 0 else os._exit(code)
"""
"""Program of the small process between: FILE COMMAND... The command's peak in bytes goes to FILE; it ends as
the command does."""
