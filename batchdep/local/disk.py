"""The folder on disk: one folder a deposition, documents replaced whole, so that a kill at any instant leaves no half.

DATA/depositions/ID/deposition.json     the document
DATA/depositions/ID/files/FILE_ID       contents; what no document names is a leftover without meaning
DATA/incoming/                          bodies being received; emptied when a server starts
DATA/last-id                            the highest id given away, once depositions were deleted
DATA/lock                               held by the running server
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from msgspec import Struct

from batchdep.local.model import Deposition, from_document, to_document

DOCUMENT = "deposition.json"
NEW = ".new"

logger = logging.getLogger(__name__)


class DataInUseError(RuntimeError):
    """Another server is working on this folder."""


class Disk:
    """Reads and writes the data folder; knows no rules of the API."""

    def __init__(self, data: Path) -> None:
        self.root = data
        self.incoming = data / "incoming"
        self._depositions = data / "depositions"
        self._last_id = data / "last-id"
        self._lock = FileLock(data / "lock", mode=0o600, timeout=0)
        self._received = 0

    def open(self) -> None:
        """Take the folder for this process and clear what an earlier one left half received.

        Raises DataInUseError when another server holds it.
        """
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._depositions.mkdir(mode=0o700, exist_ok=True)  # the folder itself may be open to others
        try:
            self._lock.acquire()
        except Timeout:
            raise DataInUseError(f"another embedded repository is working on {self.root}") from None
        shutil.rmtree(self.incoming, ignore_errors=True)
        self.incoming.mkdir(mode=0o700)

    def close(self) -> None:
        """Let the folder go."""
        self._lock.release()

    def load(self) -> Iterator[Deposition]:
        """Every deposition. A folder without a document is what a kill left of a create or a delete; it goes.

        A document that cannot be read (power was lost while it was written) is passed over and named in the log.
        """
        with os.scandir(self._depositions) as entries:
            folders = [entry.path for entry in entries if entry.is_dir()]
        for folder in folders:
            try:
                yield from_document(_read_document(folder))
            except FileNotFoundError:
                shutil.rmtree(folder, ignore_errors=True)
            except (ValueError, TypeError, KeyError):
                logger.exception("%s/%s cannot be read; the deposition is left out", folder, DOCUMENT)

    def last_id(self) -> int:
        """The highest id of a deleted deposition, or 0."""
        try:
            return int(self._last_id.read_text())
        except FileNotFoundError:
            return 0

    def save(self, deposition: Deposition) -> None:
        """Replace the deposition's document."""
        folder = self._folder(deposition.id)
        text = json.dumps(to_document(deposition), ensure_ascii=False, separators=(",", ":"))
        try:
            _write_document(f"{folder}/{DOCUMENT}", text)
        except FileNotFoundError:
            folder.mkdir(exist_ok=True)
            _write_document(f"{folder}/{DOCUMENT}", text)

    def delete(self, number: int, highest: int) -> None:
        """Remove a deposition; ``highest`` is the last id given away, which must not be given again."""
        temporary = self._last_id.with_suffix(".new")
        temporary.write_text(str(highest))
        temporary.replace(self._last_id)
        folder = self._folder(number)
        for name in (DOCUMENT + NEW, DOCUMENT):
            (folder / name).unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)

    def incoming_path(self) -> Path:
        """A fresh name for a body being received."""
        self._received += 1
        return self.incoming / f"{self._received}.part"

    def content_path(self, number: int, file_id: str) -> Path:
        """Where the content of a file lies."""
        return Path(self._content(number, file_id))

    def adopt(self, received: Received, number: int, file_id: str) -> None:
        """Make a received body the content of a file."""
        target = self._content(number, file_id)
        try:
            received.become(target)
        except FileNotFoundError:
            os.mkdir(os.path.dirname(target))  # noqa: PTH102, PTH120 - plain calls: this is the hot path
            received.become(target)

    def share(self, source: int, target: int, file_id: str) -> None:
        """Give a new version the same content, without a second copy where the file system can."""
        old, new = self.content_path(source, file_id), self.content_path(target, file_id)
        new.parent.mkdir(parents=True, exist_ok=True)
        try:
            new.hardlink_to(old)
        except FileExistsError:
            return
        except OSError:
            shutil.copyfile(old, new)

    def drop(self, number: int, file_id: str) -> None:
        """Remove the content of a file."""
        self.content_path(number, file_id).unlink(missing_ok=True)

    def _folder(self, number: int) -> Path:
        return self._depositions / str(number)

    def _content(self, number: int, file_id: str) -> str:
        return f"{self._depositions}/{number}/files/{file_id}"


class Received(Struct, frozen=True):
    """A body that came whole: ``size`` in bytes, ``md5`` in hex, ``content`` itself or the file that it is in."""

    size: int
    md5: str
    content: bytes | Path

    def become(self, target: str) -> None:
        """A file of its own, of which nobody knows yet. Raises FileNotFoundError where its folder is not there."""
        if isinstance(self.content, bytes):
            _write(target, self.content)
        else:
            self.content.replace(target)


def _write_document(path: str, text: str) -> None:
    """Replace a document; at any instant the old or the new one is there whole, as itself or with NEW at its name.

    The old one is removed before the new one takes its name: ext4 writes a file out at once when it is renamed over
    another, which takes five times as long, and a document is written with nearly every request. No fsync either: a
    kill loses nothing, a power cut may.
    """
    _write(path + NEW, text.encode())
    with suppress(FileNotFoundError):
        os.unlink(path)  # noqa: PTH108 - plain calls: this is the hot path
    os.rename(path + NEW, path)  # noqa: PTH104


def _write(path: str, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        rest = memoryview(content)
        while rest:  # a system call writes as much as it likes
            rest = rest[file.write(rest) :]


def _read_document(folder: str) -> Any:
    """Raises FileNotFoundError where there is no whole document: nobody was ever told of that deposition."""
    path = f"{folder}/{DOCUMENT}"
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - 10,000 of them at a start
            return json.load(file)
    except FileNotFoundError:
        return _read_new_document(path)


def _read_new_document(path: str) -> Any:
    try:
        document = json.loads(Path(path + NEW).read_bytes())
    except ValueError:
        raise FileNotFoundError(path) from None
    Path(path + NEW).rename(path)
    return document
