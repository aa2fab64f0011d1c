"""The zip file format, as far as stored members need it (PKWARE APPNOTE 6.3.10, sections 4.3 to 4.5).

Every byte follows from a member's name, its size, its CRC-32 and its offset: no clock, no mode, no platform. A member's
CRC stands behind its data (a data descriptor), because the data is read only once. Sizes above 4 GiB - 2 use zip64.
"""

from __future__ import annotations

import struct

from msgspec import Struct

_MAX_32 = 0xFFFFFFFF
_MAX_16 = 0xFFFF
_VERSION = 20
_VERSION_ZIP64 = 45
_MADE_BY_UNIX = 3 << 8
_FLAGS = 1 << 3 | 1 << 11  # a data descriptor follows; names are UTF-8
_STORED = 0
_DOS_DATE = 1 << 5 | 1  # 1980-01-01, the format's first day
_DOS_TIME = 0
_MODE = 0o100644 << 16
_ZIP64_EXTRA = 1

_LOCAL = struct.Struct("<4s5H3L2H")
_DESCRIPTOR = struct.Struct("<4s3L")
_DESCRIPTOR_ZIP64 = struct.Struct("<4sL2Q")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END_ZIP64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_ZIP64 = struct.Struct("<4sLQL")


class Entry(Struct, frozen=True):
    """A member of the zip: its name in UTF-8, its size in bytes, where it starts and the CRC-32 of its data."""

    name: bytes
    size: int
    offset: int
    crc: int = 0

    @property
    def is_large(self) -> bool:
        return self.size >= _MAX_32

    @property
    def length(self) -> int:
        """Bytes from this member's start to the next one's."""
        return len(local_header(self)) + self.size + len(descriptor(self))


def local_header(entry: Entry) -> bytes:
    """What stands before a member's data (4.3.7)."""
    size, extra = 0, b""
    if entry.is_large:
        size, extra = _MAX_32, _zip64_extra(0, 0)
    version = _VERSION_ZIP64 if entry.is_large else _VERSION
    fields = (b"PK\3\4", version, _FLAGS, _STORED, _DOS_TIME, _DOS_DATE, 0, size, size, len(entry.name), len(extra))
    return _LOCAL.pack(*fields) + entry.name + extra


def descriptor(entry: Entry) -> bytes:
    """What stands behind a member's data (4.3.9)."""
    form = _DESCRIPTOR_ZIP64 if entry.is_large else _DESCRIPTOR
    return form.pack(b"PK\7\x08", entry.crc, entry.size, entry.size)


def central_header(entry: Entry) -> bytes:
    """A member's line in the directory at the end (4.3.12)."""
    far = entry.offset >= _MAX_32
    large = (entry.size, entry.size) if entry.is_large else ()
    extra = _zip64_extra(*large, *((entry.offset,) if far else ()))
    version = _VERSION_ZIP64 if extra else _VERSION
    size = min(entry.size, _MAX_32)
    header = _CENTRAL.pack(
        b"PK\1\2", _MADE_BY_UNIX | version, version, _FLAGS, _STORED, _DOS_TIME, _DOS_DATE, entry.crc, size, size,
        len(entry.name), len(extra), 0, 0, 0, _MODE, min(entry.offset, _MAX_32),
    )  # fmt: skip
    return header + entry.name + extra


def end_of_directory(count: int, size: int, offset: int) -> bytes:
    """What ends the zip: ``count`` directory lines of ``size`` bytes together that start at ``offset`` (4.3.14-16)."""
    zip64 = b""
    if count >= _MAX_16 or size >= _MAX_32 or offset >= _MAX_32:
        record = (b"PK\6\6", 44, _MADE_BY_UNIX | _VERSION_ZIP64, _VERSION_ZIP64, 0, 0, count, count, size, offset)
        zip64 = _END_ZIP64.pack(*record) + _LOCATOR_ZIP64.pack(b"PK\6\7", 0, offset + size, 1)
    count = min(count, _MAX_16)
    end = (b"PK\5\6", 0, 0, count, count, min(size, _MAX_32), min(offset, _MAX_32), 0)
    return zip64 + _END.pack(*end)


def _zip64_extra(*values: int) -> bytes:
    """The extended information field (4.5.3): sizes and offset that do not fit 32 bits, in this order."""
    if not values:
        return b""
    return struct.pack(f"<2H{len(values)}Q", _ZIP64_EXTRA, 8 * len(values), *values)
