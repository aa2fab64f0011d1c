"""To which addresses a token goes."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from batchdep.cli.output import Output
from batchdep.cli.request import load, request
from batchdep.errors import UsageError

ADDRESS = "https://repository.example"


def target_of_a_manifest(folder: Path) -> Path:
    (folder / "a.csv").write_text("1")
    manifest = folder / "batch.yaml"
    manifest.write_text(
        f"version: 1\ntarget: {ADDRESS}\ndatasets:\n  - {{id: one, files: a.csv, metadata: {{title: Numbers}}}}\n"
    )
    return manifest


@pytest.mark.parametrize("kept", [None, "kept-for-this-address"])
def test_an_address_of_a_manifest_gets_only_what_was_kept_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: str | None
) -> None:
    monkeypatch.setenv("BATCHDEP_TOKEN", "the-token-of-another-place")
    (tmp_path / "config.toml").touch()
    monkeypatch.setenv("BATCHDEP_CONFIG", str(tmp_path / "config.toml"))
    asked: list[str] = []

    def get_password(service: str, user: str) -> str | None:
        asked.append(user)
        return kept

    monkeypatch.setitem(sys.modules, "keyring", SimpleNamespace(get_password=get_password))
    wanted = request(load(target_of_a_manifest(tmp_path), Output()), None, str(tmp_path / "state.db"))
    if kept is None:
        with pytest.raises(UsageError, match="your token"):
            wanted.token()
    else:
        assert wanted.token() == kept
    assert asked == [ADDRESS]
    named = request(load(tmp_path / "batch.yaml", Output()), ADDRESS, str(tmp_path / "state.db"))
    assert named.token() == "the-token-of-another-place"
