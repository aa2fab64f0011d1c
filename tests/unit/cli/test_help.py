"""Every command has help that shows how it is used; the same names everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from batchdep.cli.app import command_line, wants_json
from batchdep.cli.crash import wants_details

COMMANDS = {
    "init",
    "check",
    "submit",
    "status",
    "report",
    "publish",
    "discard",
    "recover",
    "verify",
    "log",
    "local",
    "schema",
    "lookup",
    "login",
    "logout",
}
COMMON = {"--database", "--format", "--verbose", "-v", "--quiet", "-q"}


def tree() -> dict[str, Any]:
    """The commands by name."""
    return dict(get_command(command_line()).commands)  # type: ignore[attr-defined]


def test_all_commands_are_there() -> None:
    assert set(tree()) >= COMMANDS


def spellings(command: Any) -> Iterator[str]:
    for parameter in command.params:
        yield from (*parameter.opts, *parameter.secondary_opts)


@pytest.mark.parametrize("name", sorted(tree()))
def test_each_has_help_with_an_example_and_the_common_options(name: str) -> None:
    command = tree()[name]
    assert f"batchdep {name}" in (command.help or "")
    assert "Example" in command.help
    assert set(spellings(command)) >= COMMON
    for parameter in command.params:
        if parameter.param_type_name == "option":
            assert parameter.help, f"{name} {parameter.name} has no help"


@pytest.mark.parametrize("name", sorted(tree()))
def test_the_short_help_is_not_cut(name: str) -> None:
    short = tree()[name].get_short_help_str(70)
    assert short
    assert not short.endswith("...")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("init", {"--from"}),
        (
            "submit",
            {*("--to", "--publish", "--draft", "--only", "--concurrency", "--dry-run", "--yes", "--allow-outside")},
        ),
        ("status", {"--to", "--failed", "--watch"}),
        ("report", {"--to", "--as", "-o"}),
        ("publish", {"--to", "--only", "--yes"}),
        ("discard", {"--to", "--only", "--yes"}),
        ("log", {"--to"}),
        ("verify", {"--to", "--only"}),
        ("recover", {"--to", "--only", "--take", "--anew"}),
        ("local", {"--port", "--data"}),
    ],
)
def test_the_options_of_the_contract_are_there(name: str, options: set[str]) -> None:
    assert set(spellings(tree()[name])) >= options


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["status", "--format", "json"], True),
        (["status", "--format=json"], True),
        (["status", "--format", "text"], False),
        (["status", "--format"], False),
        (["check", "json", "--format"], False),
        ([], False),
    ],
)
def test_a_wish_for_json_is_seen_even_in_a_wrong_command_line(words: list[str], expected: bool) -> None:
    assert wants_json(words) is expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["-vv"], True),
        (["-v", "-v"], True),
        (["--verbose", "--verbose"], True),
        (["-v"], False),
        (["batch-vv.yaml"], False),
    ],
)
def test_a_wish_for_details_is_seen(words: list[str], expected: bool) -> None:
    assert wants_details(words) is expected


@pytest.mark.parametrize("name", sorted(tree()))
def test_what_may_be_left_out_stands_in_one_pair_of_brackets(name: str) -> None:
    command = tree()[name]
    assert "[[" not in " ".join(command.collect_usage_pieces(command.make_context(name, [], resilient_parsing=True)))


@pytest.mark.parametrize("name", sorted(tree()))
def test_a_command_made_alone_is_as_among_the_others(name: str) -> None:
    def told(root: Any) -> str:
        context = root.make_context("batchdep", [name, "--help"], resilient_parsing=True)
        with context:
            return str(root.commands[name].get_help(type(context)(root.commands[name], info_name=name, parent=context)))

    alone = get_command(command_line([name]))
    assert list(alone.commands) == [name]  # type: ignore[attr-defined]
    assert told(alone) == told(get_command(command_line()))
