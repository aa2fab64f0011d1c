from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.main import get_command

from batchdep.cli.app import command_line
from batchdep.cli.completion import complete_dataset
from batchdep.manifest.shelf import Shelf


def test_ids_are_completed_without_making_the_datasets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("a dataset was made")

    path = tmp_path / "batch.csv"
    path.write_text("id,title,files\nrose-1,One,a\nrose-2,Two,b\nthorn,Three,c\n")
    monkeypatch.setattr(Shelf, "__getitem__", never)
    context = typer.Context(get_command(command_line()))
    context.params["manifest"] = str(path)
    assert complete_dataset(context, "rose") == ["rose-1", "rose-2"]
