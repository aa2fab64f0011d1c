"""When it is worth looking for a keyring."""

from __future__ import annotations

from pathlib import Path

import pytest

from batchdep.keyrings import keyring_is_possible


@pytest.mark.parametrize(
    ("environ", "platform", "possible"),
    [
        ({}, "linux", False),
        ({}, "darwin", True),
        ({}, "win32", True),
        ({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/user/1000/bus"}, "linux", True),
        ({"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}, "darwin", False),
        ({"PYTHON_KEYRING_BACKEND": "keyrings.alt.file.PlaintextKeyring"}, "linux", True),
    ],
)
def test_it_depends_on_the_session(environ: dict[str, str], platform: str, possible: bool) -> None:
    assert keyring_is_possible({"HOME": "/nonexistent", **environ}, platform) is possible


@pytest.mark.parametrize("name", ["bus", "config"])
def test_it_depends_on_what_is_there(tmp_path: Path, name: str) -> None:
    environ = {"XDG_RUNTIME_DIR": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    assert not keyring_is_possible(environ, "linux")
    there = tmp_path / ("bus" if name == "bus" else "python_keyring/keyringrc.cfg")
    there.parent.mkdir(exist_ok=True)
    there.touch()
    assert keyring_is_possible(environ, "linux")
