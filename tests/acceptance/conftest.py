from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.cli import CommandLine
from tests.support.local_server import LocalProcess


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LocalProcess]:
    """The embedded repository, in a process of its own."""
    with LocalProcess(tmp_path) as running:
        yield running


@pytest.fixture
def batchdep(tmp_path: Path) -> CommandLine:
    """The command line, in an environment of its own."""
    return CommandLine(tmp_path)
