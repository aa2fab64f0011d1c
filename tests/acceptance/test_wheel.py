"""The built wheel has all that it needs, migrations included."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.cli import ROOT
from tests.support.local_server import LocalProcess


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


def test_it_holds_the_package_the_migrations_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "batchdep/_migrations/versions/0001_initial.py" in names
    assert "batchdep/py.typed" in names
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"batchdep"}


def test_it_works_where_only_it_and_its_dependencies_are(wheel: Path, tmp_path: Path) -> None:
    """Installed into a folder that stands before the checkout's own; the state is made from its own migrations."""
    site = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(site)]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    (tmp_path / "a.csv").write_text("1\n")
    (tmp_path / "batch.yaml").write_text(
        "version: 1\npublish: true\ndatasets:\n  - id: one\n    files: a.csv\n    metadata:\n"
        "      {title: Numbers, upload_type: dataset, description: Some, creators: [{name: 'A, B'}]}\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(site), "HOME": str(tmp_path)}
    with LocalProcess(tmp_path) as server:
        command = [sys.executable, "-m", "batchdep", "submit", "batch.yaml", "--to", server.url]
        done = subprocess.run(
            [*command, "--database", "state.db"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    where = "import batchdep.state.database as d; print(d.migrations_folder())"
    told = subprocess.run(
        [sys.executable, "-c", where], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert told.stdout.strip() == str(site / "batchdep" / "_migrations")
