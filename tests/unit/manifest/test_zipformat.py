from __future__ import annotations

import io
import zipfile
import zlib

from batchdep.manifest.zipformat import Entry, central_header, descriptor, end_of_directory, local_header


def zip_of(members: list[tuple[str, bytes]]) -> bytes:
    body, directory, offset = [], [], 0
    for name, data in members:
        entry = Entry(name.encode(), len(data), offset, zlib.crc32(data))
        parts = [local_header(entry), data, descriptor(entry)]
        assert sum(map(len, parts)) == entry.length
        body += parts
        directory.append(central_header(entry))
        offset += entry.length
    return b"".join([*body, *directory, end_of_directory(len(members), sum(map(len, directory)), offset)])


def test_python_reads_it() -> None:
    members = [("a.txt", b"hello"), ("é/ü.bin", bytes(range(256))), ("empty", b"")]
    with zipfile.ZipFile(io.BytesIO(zip_of(members))) as archive:
        assert archive.testzip() is None
        assert [(info.filename, archive.read(info)) for info in archive.infolist()] == members
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.external_attr >> 16 for info in archive.infolist()} == {0o100644}


def test_more_members_than_16_bits_count() -> None:
    members = [(str(number), b"") for number in range(70_000)]
    with zipfile.ZipFile(io.BytesIO(zip_of(members))) as archive:
        assert len(archive.infolist()) == 70_000


def test_sizes_and_offsets_beyond_32_bits() -> None:
    """The directory alone tells a reader where members are and how large: no 10 GB need be made to see that."""
    entries = [Entry(b"huge", 5_000_000_000, 0, 1), Entry(b"far", 3, 5_000_000_100, 2)]
    directory = b"".join(map(central_header, entries))
    end = end_of_directory(2, len(directory), 5_000_000_200)
    with zipfile.ZipFile(_Sparse(5_000_000_200, directory + end)) as archive:
        found = [(info.filename, info.file_size, info.header_offset, info.CRC) for info in archive.infolist()]
    assert found == [("huge", 5_000_000_000, 0, 1), ("far", 3, 5_000_000_100, 2)]


def test_the_border_of_zip64() -> None:
    below, at = Entry(b"x", 0xFFFFFFFE, 0), Entry(b"x", 0xFFFFFFFF, 0)
    assert (len(local_header(below)), len(descriptor(below)), len(central_header(below))) == (31, 16, 47)
    assert (len(local_header(at)), len(descriptor(at)), len(central_header(at))) == (51, 24, 67)
    assert [len(end_of_directory(count, 0, 0)) for count in (0xFFFE, 0xFFFF)] == [22, 98]


class _Sparse(io.RawIOBase):
    """A file of ``zeros`` zero bytes and then ``tail``."""

    def __init__(self, zeros: int, tail: bytes) -> None:
        self._zeros, self._tail, self._at = zeros, tail, 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self._zeros + len(self._tail))[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        start = self._at - self._zeros
        assert start >= 0
        data = self._tail[start:] if size < 0 else self._tail[start : start + size]
        self._at += len(data)
        return data
