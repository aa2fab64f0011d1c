"""Writing a file whole or not at all, and a text that is too large to be held."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Final, TextIO

from batchdep.errors import BatchdepError, UsageError

_IN_MEMORY: Final = 4_000_000
"""Bytes of a text that is set aside above which it goes to a file."""

_CHUNK: Final = 100_000


def write_atomically(path: Path, content: str | bytes | Iterable[str]) -> None:
    """Writes ``content``, a text, which may come in pieces, as UTF-8, line ends as they are.

    Whoever reads ``path`` sees the old file or the new one, never half of one; what is no regular file
    (``/dev/stdout``, a pipe) is written to directly.

    Raises:
        UsageError: ``path`` is a folder, or its folder is missing or may not be written to.
        BatchdepError: the disk is full, or fails.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a folder.", "Give the name of a file in it.", code="not_writable")
    data = _encoded(content)
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as file:
                file.writelines(data)
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


def _encoded(content: str | bytes | Iterable[str]) -> Iterable[bytes]:
    if isinstance(content, bytes):
        return (content,)
    pieces = (content,) if isinstance(content, str) else content
    return (piece.encode("utf-8", "backslashreplace") for piece in pieces)


def set_aside(pieces: Iterable[str]) -> Iterator[str]:
    """The text, in other pieces, once it is whole: until it is read it is in a file without a name if it is large.

    What goes to a reader who may be slow, or not at all if something fails half way, is made whole before.

    Raises BatchdepError where there is no room for it.
    """
    kept = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed when it was read
    try:
        for piece in pieces:  # all at once they would be kept in memory to the last
            kept.write(piece.encode("utf-8", "surrogatepass"))
        kept.seek(0)
    except OSError as error:
        kept.close()
        raise BatchdepError(
            f"The result cannot be kept until it is whole: {error.strerror}.",
            "Make room in the folder for temporary files, or name another with TMPDIR.",
            code="not_writable",
        ) from None
    except BaseException:
        kept.close()
        raise
    return _chunks(TextIOWrapper(kept, encoding="utf-8", errors="surrogatepass", newline=""))


def _chunks(text: TextIO) -> Iterator[str]:
    with text:
        while chunk := text.read(_CHUNK):
            yield chunk


def replace_file(path: Path, data: Iterable[bytes]) -> None:
    """Puts a file with ``data`` in the place of ``path``, which is no link, with the owner and rights of the old one.

    It is on the disk, not only on its way there, when this returns.

    :raises OSError: it cannot be written; the old one is still there.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(data)
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
