"""Bytes from a path that may be anything, and text from bytes that may be anything."""

from __future__ import annotations

import codecs
import errno
import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from batchdep.manifest.source_base import SourceError

MAX_BYTES = 256_000_000
"""Largest manifest or metadata file that is read, in bytes: about a hundred thousand well-described datasets."""

_TRAILING_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_PIECE = 1 << 20
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The content of a regular file of at most ``limit`` bytes; never waits for a pipe or a device.

    :raises SourceError: the path is missing, a folder, not a regular file, unreadable, or too large.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise _cannot_open(path, error) from None
    try:
        status = os.fstat(descriptor)
        _require_regular(path, status)
        if status.st_size > limit:
            raise _too_large(status.st_size, limit)
        with os.fdopen(os.dup(descriptor), "rb") as file:
            data = file.read(status.st_size + 1)  # room for all that may be read would be taken for each file
            if len(data) > status.st_size:
                data += file.read(limit + 1 - len(data))
    except OSError as error:
        raise SourceError("file_unreadable", f"the file cannot be read: {error.strerror}") from None
    finally:
        os.close(descriptor)
    if len(data) > limit:
        raise _too_large(len(data), limit)
    return data


def decode(data: bytes) -> str:
    """Text from UTF-8, or from UTF-16 that begins with a byte-order mark; the mark is not part of the text.

    :raises SourceError: not UTF-8, or with a NUL character: named by byte and line.
    """
    if data.startswith(_TRAILING_UTF32):
        raise SourceError("not_utf8", "the file is encoded as UTF-32", "Save it as UTF-8.", line=1)
    try:
        text = data.decode(_encoding(data))
    except UnicodeDecodeError as error:
        raise _not_text(data, error) from None
    nul = text.find("\0")
    if nul >= 0:
        line = text.count("\n", 0, nul) + 1
        raise SourceError(
            "nul_character",
            f"line {line} has a NUL character, so this is not a text file",
            "Open the file in a text editor and save it as UTF-8; a spreadsheet must end in .xlsx.",
            line=line,
            column=nul - (text.rfind("\n", 0, nul) + 1) + 1,
        )
    return text


def text_lines(data: bytes, *, newline: str = "") -> Iterator[str]:
    """The lines of the text that :func:`decode` gives, each with its end; of a text of any length only a piece is held.

    They end at ``newline``, or where that is empty at any line break.

    :raises SourceError: as :func:`decode`, before the first line.
    """
    if not _is_text(data):
        decode(data)  # which says where it is not
    return io.TextIOWrapper(io.BytesIO(data), _encoding(data), newline=newline)


def _encoding(data: bytes) -> str:
    return "utf-16" if data.startswith(_UTF16) else "utf-8-sig"


def _is_text(data: bytes) -> bool:
    if data.startswith(_TRAILING_UTF32):
        return False
    decoder = codecs.getincrementaldecoder(_encoding(data))()
    try:
        for start in range(0, len(data), _PIECE):
            if "\0" in decoder.decode(data[start : start + _PIECE], final=start + _PIECE >= len(data)):
                return False
    except UnicodeDecodeError:
        return False
    return True


def read_text(path: Path) -> str:
    """:func:`decode` of :func:`read_bytes`."""
    return decode(read_bytes(path))


def _cannot_open(path: Path, error: OSError | ValueError) -> SourceError:
    if isinstance(error, ValueError):
        return SourceError("file_missing", "the path has a NUL character, which no file name can have")
    if error.errno == errno.ENOENT:
        return SourceError("file_missing", "there is no such file", _missing_hint(path))
    if error.errno in (errno.EACCES, errno.EPERM):
        return SourceError("file_unreadable", "the file cannot be read: permission denied", "Ask its owner, or chmod.")
    if error.errno == errno.ENXIO:
        return SourceError("not_a_file", "this is a device, a pipe or a socket, not a file")
    if error.errno == errno.ELOOP:
        return SourceError("symlink_loop", "the link leads back to itself", "Name the file itself.")
    return SourceError("file_unreadable", f"the file cannot be read: {error.strerror}")


def _missing_hint(path: Path) -> str:
    if not path.parent.is_dir():
        return f"The folder {path.parent} does not exist either: check the spelling, and where you are."
    return "Check the spelling, and where you are."


def _require_regular(path: Path, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise SourceError("not_a_file", "this is a folder, not a file", f"Name a file in it: {path / 'batch.yaml'}")
    if not stat.S_ISREG(status.st_mode):
        raise SourceError("not_a_file", "this is a device, a pipe or a socket, not a file")


def _too_large(size: int, limit: int) -> SourceError:
    return SourceError(
        "file_too_large",
        f"the file has {size:,} bytes; at most {limit:,} are read",
        "Is it the right file? A manifest names data files, it does not hold them. Split very large batches.",
    )


def _not_text(data: bytes, error: UnicodeDecodeError) -> SourceError:
    offset = error.start
    line = data.count(b"\n", 0, offset) + 1
    found = f"byte {offset:,} (line {line}) is 0x{data[offset]:02X}"
    return SourceError(
        "not_utf8",
        f"the file is not {error.encoding.upper().removesuffix('-SIG')}: {found}",
        "Save the file with the encoding UTF-8; in Excel choose 'CSV UTF-8' or an .xlsx workbook.",
        line=line,
        column=offset - (data.rfind(b"\n", 0, offset) + 1) + 1,
    )
