"""Replaces a file whole, and keeps what it was before beside it.

The original is a second name of the very same file (a hard link) before the new one takes its place, so there is no
moment without it, and nothing is half copied. Originals are numbered and never written over: the first write-back's
is ``batch.yaml.before-write-back``, the next ones' ``batch.yaml.before-write-back-2`` and so on.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Final

from batchdep.errors import BatchdepError, UsageError
from batchdep.report.write import replace_file

SUFFIX: Final = ".before-write-back"


def original_names(path: Path) -> Iterator[Path]:
    """The names under which originals of ``path`` are kept, the first one's first."""
    for number in count(1):
        yield path.with_name(f"{path.name}{SUFFIX}{'' if number == 1 else f'-{number}'}")


def next_original(path: Path) -> Path:
    """The name under which the next original would be kept."""
    return next(name for name in original_names(path) if not os.path.lexists(name))


def replace_keeping(path: Path, before: bytes, data: bytes) -> Path:
    """Puts ``data`` in the place of the file at ``path``, which has the bytes ``before``; returns the kept original.

    :raises UsageError: somebody wrote to it meanwhile, or its folder may not be written to; it is as it was.
    :raises BatchdepError: the disk is full, or fails; it is as it was.
    """
    try:
        original = _keep(path, before)
        if path.read_bytes() != before:
            raise changed_meanwhile(path)
        replace_file(path, (data,))
    except PermissionError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}.", "Change the rights of its folder.", code="not_writable"
        ) from None
    except OSError as error:
        raise BatchdepError(
            f"{path} cannot be written: {error.strerror}; it is as it was.", "Make room.", code="not_writable"
        ) from None
    return original


def changed_meanwhile(path: Path) -> UsageError:
    """The error where a file is no longer what was read."""
    return UsageError(
        f"{path} was changed since it was read: nothing was written into it.",
        "Run `batchdep write-back MANIFEST`: it reads the file as it is now.",
        code="manifest_changed",
    )


def _keep(path: Path, before: bytes) -> Path:
    last: Path | None = None
    for name in original_names(path):
        if not os.path.lexists(name):
            break
        last = name
    # an original that is kept already, by a run that was ended before it came to replace the file
    if last is not None and last.is_file() and last.read_bytes() == before:
        return last
    while True:
        name = next_original(path)
        with suppress(FileExistsError):
            _second_name(path, name, before)
            return name


def _second_name(path: Path, name: Path, before: bytes) -> None:
    try:
        os.link(path, name)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        replace_file(name, (before,))
