"""What somebody meets who uses the program for the first time: each message says what is wrong and what comes next."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.support.cli import CommandLine


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    """A command line whose `local` is a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return CommandLine(tmp_path, {"BATCHDEP_LOCAL_PORT": str(port)})


def test_the_bare_command_shows_its_help_as_help(cli: CommandLine) -> None:
    bare, asked = cli(), cli("--help")
    assert (bare.code, bare.out) == (2, "")
    assert bare.err == asked.out
    assert "error" not in bare.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("submit", "x", "--concurrency", "0"), "'--concurrency': it must be greater than or equal to 1"),
        (("submit", "x", "--concurrency", "many"), "'--concurrency': it must be a whole number"),
        (("local", "--answer-delay", "soon"), "'--answer-delay': it must be a number"),
        (("check", "x", "--format", "xml"), "'--format': 'xml' is not one of 'text', 'json'."),
    ],
)
def test_a_value_that_is_wrong_is_told_in_plain_words(
    cli: CommandLine, arguments: tuple[str, ...], message: str
) -> None:
    result = cli(*arguments)
    assert result.code == 2
    assert result.err.splitlines()[0] == f"error: Invalid value for {message}"
