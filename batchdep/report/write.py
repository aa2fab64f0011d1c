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
            _replace(path.resolve(), data)
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}.", "Make its folder, or choose another.", code="not_writable"
        ) from None
    except OSError as error:
        raise BatchdepError(
            f"{path} cannot be written: {error.strerror}.", "Make room, or write elsewhere.", code="not_writable"
        ) from None


def _replace(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), _mode_for(path))
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def _mode_for(path: Path) -> int:
    """The rights of the file that is replaced, or those that a new file would get."""
    with suppress(OSError):
        return path.stat().st_mode & 0o7777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask
