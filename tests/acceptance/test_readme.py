"""The README does what it says: its commands run, its manifest is one, its tables are those of the program."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from batchdep.errors import ExitCode
from tests.support.cli import ROOT, CommandLine
from tests.support.ports import free_port

README = (ROOT / "README.md").read_text(encoding="utf-8")
SHELL = [block.strip().splitlines() for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)]
YAML = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def reader(batchdep: CommandLine) -> CommandLine:
    """A person in a checkout, with nothing running."""
    shutil.copytree(ROOT / "manifests", batchdep.folder / "manifests")
    batchdep.env["BATCHDEP_LOCAL_PORT"] = str(free_port())
    return batchdep


@pytest.mark.parametrize("block", SHELL, ids=[block[0] for block in SHELL])
def test_its_commands_run(reader: CommandLine, block: list[str]) -> None:
    for line in block:
        program, *arguments = shlex.split(line)
        assert program == "batchdep"
        result = reader(*arguments)
        assert result.code == 0, f"{line}\n{result.err}"
        assert result.out, line


def test_every_command_is_shown_or_named() -> None:
    commands = ("init", "check", "submit", "status", "report", "publish", "discard", "local", "schema", "login")
    for command in (*commands, "lookup", "template", "write-back", "verify", "log", "recover"):
        assert re.search(rf"batchdep {command}\b|`{command}`", README), command


def test_its_manifest_is_valid(batchdep: CommandLine, tmp_path: Path) -> None:
    (manifest,) = YAML
    batchdep.write("batch.yaml", manifest)
    for name in ("data/processed/a.csv", "data/a b.csv", "figures/1.png", "study2/data/x.csv"):
        batchdep.settled(name, "1,2\n")
    study = (
        '{"title": "Study two", "upload_type": "dataset", "description": "The second.", "creators": [{"name": "A, B"}]}'
    )
    batchdep.write("study2/.zenodo.json", study)
    result = batchdep("check", "batch.yaml", "--format", "json")
    assert result.json["problems"] == []
    assert (result.json["datasets"], result.json["files"]) == (2, 4)


def test_its_exit_codes_are_those_of_the_program() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    assert told == {int(code) for code in ExitCode}
