"""The embedded repository: Zenodo's deposit API on disk, behaving as Zenodo's own code was observed to behave.

    options.py       what may be chosen                    server.py       starting and stopping
    app.py           which path leads where                frame.py        around every request
    model.py         depositions and files                 store.py        all of them, in memory and on disk (disk.py)
    context.py       who asks, for which deposition        turns.py        writes to one deposition, one after another
    depositions.py   create, read, change, delete          listing.py      the list (index.py: what it knows)
    metadata.py      what is refused, dropped, rewritten   publishing.py   what stops a publication
    uploads.py       files by the bucket                   legacy_files.py files by the old form
    actions.py       publish, edit, discard, newversion    records.py      published records
    limits.py        the rate limit                        traps.py        what happens now and then
    journal.py       every request, written down           pages.py        to look at with a browser

It imports nothing else of batchdep and must stay so: it stands for the other side.
"""

from __future__ import annotations

from batchdep.local.app import create_app
from batchdep.local.disk import DataInUseError
from batchdep.local.frame import Stats
from batchdep.local.options import LocalOptions, RateLimit
from batchdep.local.server import LocalServer, run_local, start_local

__all__ = [
    "DataInUseError",
    "LocalOptions",
    "LocalServer",
    "RateLimit",
    "Stats",
    "create_app",
    "run_local",
    "start_local",
]
