"""The embedded repository: Zenodo's deposit API on disk, behaving as Zenodo's own code was observed to behave.

    Around       options.py (what may be chosen)  server.py (start, stop)  app.py (which path leads where)
                 frame.py (around every request)  limits.py  traps.py (what happens now and then)  journal.py
    Kept         model.py (depositions, files)  store.py (all of them)  disk.py (the folder)  index.py (what the list
                 knows)  turns.py (writes to one deposition, one after another)
    Asked        context.py (who asks, for which deposition)  bodies.py (what is sent)  depositions.py (create, read,
                 change, delete)  uploads.py (by the bucket)  legacy_files.py (by the old form)  file_lists.py
                 actions.py (publish, edit, discard, newversion)  listing.py and queries.py (the list and its search)
                 records.py (what is public)  vocabularies.py (look-ups)  pages.py (for a browser)
    Metadata     metadata.py (the table of fields)  reading.py  people.py  relations.py  times.py  cleaning.py (HTML)
                 vocab.py and identifiers.py (words and numbers)  publishing.py (what stops a publication)
    Answered     documents.py (the shapes)  answers.py  errors.py  downloads.py

"observed: SECTION" in a docstring names the part of the account of the real server's answers that a rule is from.
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
