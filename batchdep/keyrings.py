"""Whether there can be a system keyring at all: importing every backend to find none costs half a second a command."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

_SWITCHED_OFF = {"keyring.backends.fail.Keyring", "keyring.backends.null.Keyring"}


def keyring_is_possible(environ: Mapping[str, str], platform: str = sys.platform) -> bool:
    """False where ``keyring`` would surely find no backend.

    On Linux its own backends speak D-Bus, so without a session bus only one that was chosen (PYTHON_KEYRING_BACKEND, or
    keyringrc.cfg) or installed (the ``keyrings`` packages) can answer.
    """
    if chosen := environ.get("PYTHON_KEYRING_BACKEND"):
        return chosen not in _SWITCHED_OFF
    if not platform.startswith("linux"):
        return True
    return _has_session_bus(environ) or _config(environ).exists() or find_spec("keyrings") is not None


def _has_session_bus(environ: Mapping[str, str]) -> bool:
    if environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return True
    runtime = environ.get("XDG_RUNTIME_DIR")
    return bool(runtime) and Path(runtime or "", "bus").exists()


def _config(environ: Mapping[str, str]) -> Path:
    home = environ.get("XDG_CONFIG_HOME") or str(Path(environ.get("HOME", "/")) / ".config")
    return Path(home) / "python_keyring" / "keyringrc.cfg"
