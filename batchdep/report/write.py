"""Writing a file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from batchdep.errors import BatchdepError, UsageError


def write_atomically(path: Path, content: str | bytes) -> None:
    """Writes ``content``, a text as UTF-8, line ends as they are.

    Whoever reads ``path`` sees the old file or the new one, never half of one; what is no regular file
    (``/dev/stdout``, a pipe) is written to directly.

    Raises:
        UsageError: ``path`` is a folder, or its folder is missing or may not be written to.
        BatchdepError: the disk is full, or fails.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a folder.", "Give the name of a file in it.", code="not_writable")
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)
        else:
            replace_file(path.resolve(), data)
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}.", "Make its folder, or choose another.", code="not_writable"
        ) from None
    except OSError as error:
        raise BatchdepError(
            f"{path} cannot be written: {error.strerror}.", "Make room, or write elsewhere.", code="not_writable"
        ) from None


def replace_file(path: Path, data: bytes) -> None:
    """Puts a file with ``data`` in the place of ``path``, which is no link, with the owner and rights of the old one.

    It is on the disk, not only on its way there, when this returns.

    :raises OSError: it cannot be written; the old one is still there.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            _take_over(path, file.fileno())
        Path(name).replace(path)
        _sync_folder(path.parent)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _take_over(path: Path, handle: int) -> None:
    """Gives an open file the owner and rights of the one that it replaces, or the rights that a new file would get."""
    try:
        old = path.stat()
    except OSError:
        umask = os.umask(0)
        os.umask(umask)
        os.fchmod(handle, 0o666 & ~umask)
        return
    with suppress(PermissionError):  # only root may give a file away
        os.fchown(handle, old.st_uid, old.st_gid)
    os.fchmod(handle, old.st_mode & 0o7777)


def _sync_folder(folder: Path) -> None:
    """Has the new name of a file survive a power cut, where the file system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
