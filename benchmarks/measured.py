"""``python measured.py REPORT COMMAND ...``: runs a command and writes down what it took by the system's account.

It is a process of its own because a child counts as its own the memory of the process that it was forked from: this one
is small. It imports nothing but the standard library. Told to terminate, it kills the command and reports all the same.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time


def main() -> int:
    report, *command = sys.argv[1:]
    began = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGKILL))
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - began
    with open(report, "w") as file:  # noqa: PTH123 - without pathlib it is smaller
        json.dump({"wall": wall, "processor": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss * 1024}, file)
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


if __name__ == "__main__":
    sys.exit(main())
