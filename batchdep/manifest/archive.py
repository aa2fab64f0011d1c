"""A folder as one zip, made while it is uploaded and byte for byte the same every time.

Members are stored, not deflated. What deflate yields depends on zlib's version, so the same folder would give another
MD5 on another machine; and the size of a deflated zip is known only after a pass over all data, while an upload must
name its length first. Stored, the size follows from ``stat`` alone, and each byte is read exactly once. Research data
that needs compression is mostly compressed already.

Times and modes are fixed, members are sorted by the bytes of their names, and their paths start inside the folder, so
that neither the folder's own name nor a copy to another disk changes the zip. Everything in the folder is taken, names
with a leading dot too (a Zarr store is nothing without its ``.zgroup``); folders themselves are not members, so empty
ones vanish. A link to a file is stored as that file; a link to a folder is not followed.

The bytes are written by ``zipformat`` rather than by a library: the standard library's headers differ between its
versions, and streaming libraries stamp members with the clock or the file's mtime.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from batchdep.errors import DatasetFailure
from batchdep.manifest.patterns import is_inside, real_path
from batchdep.manifest.suggest import shown
from batchdep.manifest.zipformat import Entry, central_header, descriptor, end_of_directory, local_header
from batchdep.problems import Severity, is_utf8

BLOCK = 1 << 20
"""Size of the blocks that :meth:`ArchivePlan.chunks` yields, in bytes; the last one is shorter."""


class Member(Struct, frozen=True):
    """A file that goes into the zip; ``name`` is its path inside the folder, ``path`` where it is read."""

    name: str
    path: str
    size: int
    mtime_ns: int
    inode: int


class Obstacle(Struct, frozen=True):
    """Something in the folder that cannot be taken (an error) or is left out (a warning)."""

    code: str
    message: str
    hint: str
    severity: Severity = Severity.ERROR


class ArchivePlan(Struct, frozen=True):
    """The zip that a folder would make now; nothing has been read but names and ``stat``.

    ``size`` is the zip's length in bytes, ``fingerprint`` changes whenever a member is added, removed, renamed or
    changed in size, mtime or inode, ``mtime_ns`` is the youngest member's.
    """

    folder: Path
    members: tuple[Member, ...]
    obstacles: tuple[Obstacle, ...]
    size: int
    fingerprint: str
    mtime_ns: int

    def chunks(self, block: int = BLOCK) -> Iterator[bytes]:
        """The zip's bytes in blocks of ``block`` bytes; reads each member once and blocks while it does.

        :raises DatasetFailure: ``file_changed``, ``file_missing`` or ``file_unreadable``: a member is not what was
            planned. What was yielded until then is not a zip.
        """
        buffer = bytearray()
        for part in _zip_bytes(self.members, block):
            buffer += part
            while len(buffer) >= block:
                yield bytes(buffer[:block])
                del buffer[:block]
        if buffer:
            yield bytes(buffer)


def plan_archive(folder: Path, within: Path | None = None) -> ArchivePlan:
    """Looks through ``folder``; links must lead to files inside ``within``, unless that is None.

    :raises OSError: the folder itself cannot be listed.
    """
    survey = _Survey(real_path(within) if within is not None else None)
    survey.walk(str(folder))
    members = tuple(sorted(survey.members, key=lambda member: os.fsencode(member.name)))
    return ArchivePlan(
        folder,
        members,
        tuple(survey.obstacles),
        _zip_size(members),
        _fingerprint(members),
        max((member.mtime_ns for member in members), default=0),
    )


class _Survey:
    def __init__(self, root: str | None) -> None:
        self.members: list[Member] = []
        self.obstacles: list[Obstacle] = []
        self._root = root

    def walk(self, folder: str) -> None:
        """Keeps its own stack, so that no depth of folders overflows; raises OSError for ``folder`` alone."""
        pending = [(folder, "")]
        while pending:
            path, prefix = pending.pop()
            try:
                with os.scandir(path) as entries:
                    found = list(entries)
            except OSError as error:
                if not prefix:
                    raise
                self._error("file_unreadable", f"the folder {shown(prefix)} cannot be read: {error.strerror}")
                continue
            for entry in found:
                name = prefix + entry.name
                if entry.is_dir(follow_symlinks=False):
                    pending.append((entry.path, f"{name}/"))
                else:
                    self._take(entry, name)

    def _take(self, entry: os.DirEntry[str], name: str) -> None:
        try:
            status = entry.stat()
        except OSError as error:
            self._error(*_stat_obstacle(name, error))
            return
        if stat.S_ISDIR(status.st_mode):
            message = f"{shown(name)} is a link to a folder and is left out"
            self.obstacles.append(Obstacle("folder_link", message, "Copy the folder if it belongs.", Severity.WARNING))
        elif not stat.S_ISREG(status.st_mode):
            self._error("not_a_file", f"{shown(name)} is a device, a pipe or a socket", "Move it elsewhere.")
        elif self._leads_outside(entry):
            hint = "Copy the file into the folder, or use --allow-outside if you trust this manifest."
            self._error("outside", f"{shown(name)} is a link that leads outside the manifest's folder", hint)
        elif not is_utf8(name):
            self._error("file_name", f"the name {shown(name)} is not valid UTF-8", "Rename the file.")
        elif not os.access(entry.path, os.R_OK):
            self._error(
                "file_unreadable", f"{shown(name)} cannot be read: permission denied", "Ask its owner, or chmod."
            )
        else:
            self.members.append(Member(name, entry.path, status.st_size, status.st_mtime_ns, status.st_ino))

    def _leads_outside(self, entry: os.DirEntry[str]) -> bool:
        return self._root is not None and entry.is_symlink() and not is_inside(os.path.realpath(entry.path), self._root)

    def _error(self, code: str, message: str, hint: str = "") -> None:
        self.obstacles.append(Obstacle(code, message, hint))


def _stat_obstacle(name: str, error: OSError) -> tuple[str, str, str]:
    if error.errno == errno.ELOOP:
        return "symlink_loop", f"{shown(name)} is a link that leads back to itself", "Remove the link."
    if error.errno == errno.ENOENT:
        return "file_missing", f"{shown(name)} is a link that leads nowhere", "Remove the link, or restore its target."
    return "file_unreadable", f"{shown(name)} cannot be looked at: {error.strerror}", ""


def _fingerprint(members: tuple[Member, ...]) -> str:
    digest = hashlib.sha256()
    for member in members:
        digest.update(f"{member.name}\0{member.size}:{member.mtime_ns}:{member.inode}\n".encode())
    return digest.hexdigest()


def _zip_size(members: tuple[Member, ...]) -> int:
    offset = directory = 0
    for member in members:
        entry = Entry(member.name.encode(), member.size, offset)
        offset += entry.length
        directory += len(central_header(entry))
    return offset + directory + len(end_of_directory(len(members), directory, offset))


def _zip_bytes(members: tuple[Member, ...], block: int) -> Iterator[bytes]:
    directory: list[bytes] = []
    offset = 0
    for member in members:
        entry = Entry(member.name.encode(), member.size, offset)
        yield local_header(entry)
        crc = 0
        for part in _read(member, block):
            crc = zlib.crc32(part, crc)
            yield part
        entry = Entry(entry.name, entry.size, entry.offset, crc)
        yield descriptor(entry)
        directory.append(central_header(entry))
        offset += entry.length
    yield from directory
    yield end_of_directory(len(members), sum(map(len, directory)), offset)


def _read(member: Member, block: int) -> Iterator[bytes]:
    try:
        with open(member.path, "rb", buffering=0) as file:  # noqa: PTH123 - a text from scandir
            _require_unchanged(member, os.fstat(file.fileno()))
            left = member.size
            while left and (part := file.read(min(block, left))):
                left -= len(part)
                yield part
            if left:
                raise _changed(member)
            _require_unchanged(member, os.fstat(file.fileno()))
    except OSError as error:
        code = "file_missing" if error.errno == errno.ENOENT else "file_unreadable"
        message = f"{shown(member.name)} in the folder cannot be read: {error.strerror}"
        raise DatasetFailure(code, message, "Restore the file and run the command again.", retryable=True) from error


def _require_unchanged(member: Member, status: os.stat_result) -> None:
    if (status.st_size, status.st_mtime_ns, status.st_ino) != (member.size, member.mtime_ns, member.inode):
        raise _changed(member)


def _changed(member: Member) -> DatasetFailure:
    message = f"{shown(member.name)} in the folder changed while it was being read"
    return DatasetFailure(
        "file_changed", message, "Let the program that writes it finish, then run again.", retryable=True
    )
