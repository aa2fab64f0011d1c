"""All depositions, in memory and on disk."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from pathlib import Path

from batchdep.local.disk import Disk, Received
from batchdep.local.index import Index
from batchdep.local.model import Deposition, StoredFile, new_deposition, now


class Store:
    """Finds depositions and makes changes last. Only ``save`` and its like touch the disk."""

    def __init__(self, data: Path, index_delay: float) -> None:
        self.disk = Disk(data)
        self.index = Index(index_delay)
        self._depositions: dict[int, Deposition] = {}
        self._buckets: dict[str, Deposition] = {}
        self._dois: dict[str, int] = {}
        self._concepts: dict[int, set[int]] = {}
        self._last_id = 0

    def open(self) -> None:
        """Read the data folder. Raises DataInUseError when another server works on it."""
        self.disk.open()
        for deposition in sorted(self.disk.load(), key=lambda found: found.id):
            self._remember(deposition)
        self._last_id = max(self.disk.last_id(), max(self._depositions, default=0))
        self.index.fill(self._depositions.values())

    def close(self) -> None:
        """Let the data folder go."""
        self.index.close()
        self.disk.close()

    def __len__(self) -> int:
        return len(self._depositions)

    def find(self, number: int) -> Deposition | None:
        """The deposition of that id."""
        return self._depositions.get(number)

    def in_bucket(self, bucket: str) -> Deposition | None:
        """The deposition whose files are in that bucket."""
        return self._buckets.get(bucket)

    def with_doi(self, doi: str) -> Deposition | None:
        """The published deposition of that DOI."""
        number = self._dois.get(doi.lower())
        return None if number is None else self._depositions.get(number)

    def versions(self, conceptrecid: int) -> list[Deposition]:
        """All versions of one concept, drafts too, oldest first."""
        return [self._depositions[number] for number in sorted(self._concepts.get(conceptrecid, ()))]

    def create(self, owner: str, conceptrecid: int | None = None) -> Deposition:
        """A fresh draft, not saved yet; a new concept takes an id of its own before it."""
        if conceptrecid is None:
            self._last_id += 1
            conceptrecid = self._last_id
        self._last_id += 1
        return new_deposition(self._last_id, conceptrecid, owner)

    def save(self, deposition: Deposition) -> None:
        """Make the deposition's present state last and tell the index."""
        self.disk.save(deposition)
        self._remember(deposition)
        self.index.changed(deposition)

    def delete(self, deposition: Deposition) -> None:
        """Remove a deposition and its files."""
        self.disk.delete(deposition.id, self._last_id)
        self._depositions.pop(deposition.id, None)
        self._buckets.pop(deposition.bucket, None)
        self._concepts[deposition.conceptrecid].discard(deposition.id)
        self.index.removed(deposition.id)

    def put_file(self, deposition: Deposition, key: str, received: Received) -> StoredFile:
        """Make a received body a file of the deposition, in place of one of the same name."""
        old = deposition.files.get(key)
        entry = StoredFile(str(uuid.uuid4()), key, received.size, received.md5, now())
        self.disk.adopt(received, deposition.id, entry.id)
        deposition.files[key] = entry
        deposition.touch()
        self.save(deposition)
        if old is not None:
            self.disk.drop(deposition.id, old.id)
        return entry

    def declare_file(self, deposition: Deposition, key: str) -> StoredFile:
        """Note a file that is to come, as InvenioRDM's own calls do."""
        entry = StoredFile(str(uuid.uuid4()), key, 0, "", now(), pending=True)
        deposition.files[key] = entry
        deposition.touch()
        self.save(deposition)
        return entry

    def remove_file(self, deposition: Deposition, entry: StoredFile) -> None:
        """Remove a file of the deposition."""
        del deposition.files[entry.key]
        deposition.touch()
        self.save(deposition)
        self.disk.drop(deposition.id, entry.id)

    def copy_files(self, source: Deposition, target: Deposition, entries: Iterable[StoredFile]) -> None:
        """Give a new version the files of an older one, under the same ids; the caller saves it."""
        for entry in entries:
            self.disk.share(source.id, target.id, entry.id)
            target.files[entry.key] = entry

    def _remember(self, deposition: Deposition) -> None:
        self._depositions[deposition.id] = deposition
        self._buckets[deposition.bucket] = deposition
        self._concepts.setdefault(deposition.conceptrecid, set()).add(deposition.id)
        if deposition.publication is not None:
            self._dois[deposition.publication.doi.lower()] = deposition.id
