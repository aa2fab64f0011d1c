"""What somebody meets who uses the program for the first time: each message says what is wrong and what comes next."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.support.cli import CommandLine
from tests.support.ports import free_port


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    """A command line whose `local` is a port that nobody listens at."""
    return CommandLine(tmp_path, {"BATCHDEP_LOCAL_PORT": str(free_port())})


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


def test_publish_and_draft_exclude_each_other(cli: CommandLine) -> None:
    result = cli("submit", cli.manifest("roses"), "--draft", "--publish")
    assert result.code == 2
    assert "Either --publish or --draft, not both." in result.err
    assert not (cli.home / ".local").exists(), "nothing was begun"


def test_what_was_never_submitted_leads_to_submit(cli: CommandLine) -> None:
    manifest = cli.manifest("roses", "thorns")
    way = "2 datasets were not submitted yet; to deposit, run: python -m batchdep submit batch.yaml --to local"
    for command in (("status", manifest, "--to", "local"), ("publish", manifest, "--to", "local")):
        result = cli(*command)
        assert way in result.err
        assert "To resume" not in result.err


def test_watching_what_was_never_submitted_ends(cli: CommandLine) -> None:
    result = cli("status", cli.manifest("roses"), "--watch")
    assert (result.code, "1 dataset was not submitted yet" in result.err) == (0, True)


def test_a_report_is_never_written_under_an_ending_that_promises_something_else(cli: CommandLine) -> None:
    manifest = cli.manifest("roses")
    result = cli("report", manifest, "-o", "report.pdf")
    assert (result.code, "--as" in result.err) == (2, True)
    assert not (cli.folder / "report.pdf").exists()
    assert cli("report", manifest, "-o", "report.pdf", "--as", "html").code == 0


def test_why_the_repository_cannot_be_started(cli: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = cli("local", "--port", port)
    assert (result.code, f"Something listens at port {port} already" in result.err) == (2, True)
    cli.write("file", "")
    result = cli("local", "--port", "0", "--data", "file/below")
    assert (result.code, "file/below cannot be used" in result.err) == (2, True)
