"""Whether tests go to the length of ``make torture``: every boundary, more histories, more examples."""

from __future__ import annotations

import os

TORTURE = os.environ.get("BATCHDEP_TORTURE") == "1"
