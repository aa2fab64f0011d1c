"""What is taken as it is, is what Typer would have made of it; what is wrong is told in Typer's words."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperCommand
from typer.main import get_command

from batchdep.cli.app import command_line
from batchdep.cli.output import OutputFormat

ROOT = get_command(command_line())


def parameters() -> Iterator[tuple[str, Any, Any, Any]]:
    """Each command's name, and each of its parameters as Typer has it and as the program does."""
    commands: dict[str, Any] = {"": ROOT, **ROOT.commands}  # type: ignore[attr-defined]
    for name, command in commands.items():
        context = typer.Context(command, info_name=name)
        for ours in command.get_params(context):
            if hasattr(ours, "type_descriptor"):
                yield name, ours, type(ours).get_runtime_param(ours), context


EVERY = list(parameters())
WORDS: tuple[Any, ...] = (
    *(None, "", "words", "7", "-1", "json", "JSON", "csv", "true", "ä/ö", "a\udcff", 0, 3, True, False, 1.5, b"bytes"),
    *((), [], ["one"], ["one", "2"], OutputFormat.JSON, Path("a")),
)


def judged(judge: Any, value: Any, parameter: Any, context: Any) -> Any:
    try:
        found = judge.coerce(value, param=parameter, ctx=context)
    except Exception as error:
        return type(error), str(error)
    return type(found), found


@pytest.mark.parametrize("value", WORDS, ids=repr)
def test_every_parameter_takes_what_typer_takes(value: Any) -> None:
    for name, ours, whole, context in EVERY:
        found = judged(ours.get_runtime_param(), value, ours, context)
        assert found == judged(whole, value, ours, context), f"{name} {ours.name}"


def test_every_parameter_takes_the_paths_that_typer_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "there").write_text("x")
    (tmp_path / "link").symlink_to("nowhere")
    access, told = os.access, set()
    monkeypatch.setattr(os, "access", lambda path, mode: not str(path).endswith("secret") and access(path, mode))
    (tmp_path / "secret").write_text("x")
    for name in ("there", "link", "gone", "secret", ""):
        for command, ours, whole, context in EVERY:
            text = str(tmp_path / name)
            found = judged(ours.get_runtime_param(), text, ours, context)
            assert found == judged(whole, text, ours, context), f"{command} {ours.name}"
            told.add(str(found[1]))
    assert any("is not readable" in each for each in told)


def test_most_words_need_nobody_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("somebody else was asked")

    path = tmp_path / "batch.yaml"
    words = ["submit", str(path), "--to", "local", "--database", "x.db", "-qy", "-vv", "--publish", "--format", "json"]
    monkeypatch.setattr("typer.core.build_runtime_param", refuse)
    context = ROOT.make_context("batchdep", words)
    command = ROOT.commands["submit"]  # type: ignore[attr-defined]
    assert isinstance(command, TyperCommand)
    given = command.make_context("submit", words[1:], parent=context).params
    assert (given["manifest"], given["to"], given["form"], given["verbose"]) == (path, "local", OutputFormat.JSON, 2)
    assert (given["database"], given["publish"], given["concurrency"]) == ("x.db", True, None)
