"""What is handed to a connection at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from batchdep.repository import upload
from batchdep.repository.upload import LARGEST_SLICE, SLICE, Outgoing

MEBIBYTE = 2**20


class Line:
    """A connection that takes ``seconds`` for each slice; ``writer`` and clock in one."""

    def __init__(self, *seconds: float) -> None:
        self.now = 0.0
        self.slices: list[int] = []
        self.got = b""
        self._seconds = list(seconds)

    def monotonic(self) -> float:
        return self.now

    async def write(self, piece: memoryview) -> None:
        self.now += self._seconds.pop(0) if self._seconds else 0.0
        self.slices.append(piece.nbytes)
        self.got += piece


async def blocks(content: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def sent(line: Line, content: bytes, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "time", line)
    outgoing = Outgoing(blocks(content, block), len(content), lambda: None, lambda: None)
    await outgoing.write(line)  # type: ignore[arg-type]
    assert outgoing.whole
    assert outgoing.sent == len(content)
    assert line.got == content


async def test_a_quick_line_is_given_more_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line()
    content = bytes(range(256)) * (9 * MEBIBYTE // 256)
    await sent(line, content, 8 * MEBIBYTE, monkeypatch)
    # the last block's last slice is a block's rest
    assert line.slices == [SLICE, 2 * SLICE, 4 * SLICE, LARGEST_SLICE, LARGEST_SLICE, LARGEST_SLICE, SLICE, MEBIBYTE]


async def test_a_slow_line_shows_with_every_small_slice_that_it_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line(0.0, 0.0, *[0.2] * 100)
    await sent(line, b"x" * 3 * MEBIBYTE, MEBIBYTE, monkeypatch)
    assert line.slices == [SLICE, 2 * SLICE, SLICE, *[SLICE] * 8]
