"""The user's own settings: a TOML file, overridden by environment variables and these by the command line.

::

    database = "~/deposits/state.db"        # a path (from this file's folder) or a PostgreSQL URL
    concurrency = 8                         # depositions worked on side by side
    local_port = 8205                       # where the embedded repository listens

    [targets.institute]
    url = "https://data.institute.example"
    token_env = "INSTITUTE_TOKEN"           # the environment variable that holds the token
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from msgspec import Struct, field

from batchdep.errors import UsageError

DEFAULT_CONCURRENCY: Final = 16
DEFAULT_LOCAL_PORT: Final = 8205
LARGEST_PORT: Final = 65535
BUILT_IN_TARGETS: Final = ("zenodo", "sandbox", "local")

_KEYS: Final = ("database", "concurrency", "local_port", "targets")
_TARGET_KEYS: Final = ("url", "token_env")


class NamedTarget(Struct, frozen=True):
    """A repository that the user gave a name; ``token_env`` names the environment variable with its token."""

    name: str
    url: str
    token_env: str | None = None


class Config(Struct, frozen=True):
    """The settings. ``database`` is None where the file names none."""

    path: Path | None = None
    database: str | None = None
    concurrency: int = DEFAULT_CONCURRENCY
    local_port: int = DEFAULT_LOCAL_PORT
    targets: Mapping[str, NamedTarget] = field(default_factory=dict)


def load_config(environ: Mapping[str, str] = os.environ) -> Config:
    """Reads the file that ``BATCHDEP_CONFIG`` names, else ``config.toml`` in the user's configuration folder.

    ``BATCHDEP_LOCAL_PORT`` overrides the file's ``local_port``.

    Raises:
        UsageError: the file cannot be read, or something in it is wrong (``file:line``); the named file is missing.
    """
    config = _read(*_config_path(environ))
    port = environ.get("BATCHDEP_LOCAL_PORT")
    if not port:
        return config
    return Config(config.path, config.database, config.concurrency, _port_from_environment(port), config.targets)


def database_location(option: str | None, config: Config, environ: Mapping[str, str] = os.environ) -> str:
    """Where the state is kept: the option, ``BATCHDEP_DATABASE``, the config, or a file in the user's data folder."""
    return option or environ.get("BATCHDEP_DATABASE") or config.database or str(data_folder() / "state.db")


def is_unused(database: str) -> bool:
    """Whether nothing can be known yet: the database is a file that is not there."""
    return "://" not in database and not Path(database).expanduser().exists()


def data_folder() -> Path:
    """The user's data folder for this program; not made here."""
    import platformdirs

    return platformdirs.user_data_path("batchdep", appauthor=False)


def limits_file(target: str) -> Path:
    """Where this user's processes keep what they know of a target's rate limits; not made here, and may be lost."""
    import platformdirs

    folder = platformdirs.user_cache_path("batchdep", appauthor=False) / "limits"
    return folder / f"{hashlib.sha256(target.encode()).hexdigest()[:32]}.json"


def log_folder() -> Path:
    """Where reports of unexpected errors go; not made here."""
    import platformdirs

    return platformdirs.user_log_path("batchdep", appauthor=False)


def _config_path(environ: Mapping[str, str]) -> tuple[Path, bool]:
    """The file, and whether it has to be there."""
    if named := environ.get("BATCHDEP_CONFIG"):
        return Path(named).expanduser(), True
    import platformdirs

    return platformdirs.user_config_path("batchdep", appauthor=False) / "config.toml", False


def _port_from_environment(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text[:6]) <= LARGEST_PORT:
        return int(text)
    raise UsageError(
        "BATCHDEP_LOCAL_PORT is not a port.", f"Give a number from 1 to {LARGEST_PORT}.", code="bad_config"
    )


def _read(path: Path, required: bool) -> Config:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        if not required:
            return Config()
        raise UsageError(
            f"There is no configuration file {path}.", "Correct or unset BATCHDEP_CONFIG.", code="bad_config"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(
            f"The configuration file {path} cannot be read: {reason}.",
            "Correct it, or name another one with BATCHDEP_CONFIG.",
            code="bad_config",
        ) from None
    return _Reader(path, text).config()


class _Reader:
    """Turns the text of a file into a Config; remembers the text to name lines in complaints."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._text = text

    def config(self) -> Config:
        import tomllib  # most people have no such file

        try:
            document = tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            raise self._wrong(None, f"not valid TOML: {error}", "See https://toml.io for the syntax.") from None
        self._only(document, _KEYS, "")
        return Config(
            self._path,
            self._database(document),
            self._integer(document, "concurrency", DEFAULT_CONCURRENCY, 10_000),
            self._integer(document, "local_port", DEFAULT_LOCAL_PORT, LARGEST_PORT),
            self._targets(document.get("targets", {})),
        )

    def _database(self, document: Mapping[str, Any]) -> str | None:
        value = document.get("database")
        if value is None:
            return None
        if not isinstance(value, str) or not value:
            raise self._wrong("database", "'database' must be a path or a URL.", 'Write database = "state.db".')
        return value if "://" in value else str(self._path.parent.absolute() / Path(value).expanduser())

    def _integer(self, document: Mapping[str, Any], key: str, default: int, largest: int) -> int:
        value = document.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= largest:
            return value
        raise self._wrong(key, f"'{key}' must be a whole number from 1 to {largest}.", f"Write {key} = {default}.")

    def _targets(self, table: Any) -> dict[str, NamedTarget]:
        example = 'Write [targets.institute] and below it url = "https://data.institute.example".'
        if not isinstance(table, dict):
            raise self._wrong("targets", "'targets' must be a table of targets.", example)
        return {name: self._target(name, value, example) for name, value in table.items()}

    def _target(self, name: str, value: Any, example: str) -> NamedTarget:
        if name in BUILT_IN_TARGETS:
            raise self._wrong(name, f"'{name}' is the name of a built-in target.", "Choose another name for yours.")
        if not isinstance(value, dict) or not isinstance(value.get("url"), str):
            raise self._wrong(name, f"The target '{name}' has no url.", example)
        self._only(value, _TARGET_KEYS, f"targets.{name}")
        token_env = value.get("token_env")
        if token_env is not None and not (isinstance(token_env, str) and re.fullmatch(r"[A-Za-z_]\w*", token_env)):
            raise self._wrong(
                "token_env",
                f"'token_env' of the target '{name}' must name an environment variable.",
                'Write the variable\'s name, never the token itself: token_env = "INSTITUTE_TOKEN".',
            )
        return NamedTarget(name, value["url"], token_env)

    def _only(self, table: Mapping[str, Any], known: tuple[str, ...], inside: str) -> None:
        from batchdep.manifest.suggest import did_you_mean

        for key in table:
            if key not in known:
                where = f" in [{inside}]" if inside else ""
                raise self._wrong(key, f"Unknown key '{key}'{where}.", did_you_mean(key, known))

    def _wrong(self, key: str | None, message: str, hint: str) -> UsageError:
        line = self._line_of(key) if key is not None else None
        place = f"{self._path}:{line}" if line else str(self._path)
        return UsageError(f"{place}: {message}", hint, code="bad_config")

    def _line_of(self, key: str) -> int | None:
        """The first line that assigns ``key`` or opens the table of that name: the TOML reader keeps no lines."""
        name = rf"[\"']?{re.escape(key)}[\"']?"
        start = re.compile(rf"\s*(?:{name}\s*=|\[+\s*(?:[\w\"'-]+\s*\.\s*)*{name}\s*[\].])")
        lines = (number for number, line in enumerate(self._text.splitlines(), 1) if start.match(line))
        return next(lines, None)
