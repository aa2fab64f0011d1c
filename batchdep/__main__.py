"""``python -m batchdep``."""

from __future__ import annotations

from batchdep.cli.app import main

if __name__ == "__main__":
    main()
