"""Targets: the names and addresses of repositories.

``zenodo``, ``sandbox`` and ``local`` are built in; an https address is taken as it is; other names come from the
user's configuration.
"""

from __future__ import annotations

from functools import cache
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from batchdep.config import BUILT_IN_TARGETS, Config, NamedTarget
from batchdep.errors import UsageError
from batchdep.repository.target import is_loopback, validate_target

ZENODO: Final = "https://zenodo.org"
SANDBOX: Final = "https://sandbox.zenodo.org"

RESERVED_PREFIX: Final = "10.5281"
"""The prefix of every reserved DOI, whatever server of Zenodo it comes from: production's."""
TRIAL_PREFIX: Final = "10.5072"
"""The prefix of the DOIs that are for trials only: those of the sandbox and of the embedded repository."""


class Target(Struct, frozen=True):
    """A repository. ``url`` is its origin; ``is_local`` marks the embedded repository of this machine.

    ``token_env`` names the environment variable that the user's configuration gives for its token.
    """

    name: str
    url: str
    is_local: bool = False
    token_env: str | None = None

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine: such a repository is for trying things out, and may need no token."""
        return is_loopback(urlsplit(self.url).hostname or "")

    @property
    def mints_dois(self) -> bool:
        """Whether publishing there cannot be undone. Of an unknown repository the worst is assumed."""
        return self.url != SANDBOX and not self.is_loopback


def local_target(config: Config) -> Target:
    """The embedded repository at its configured port."""
    return Target("local", f"http://127.0.0.1:{config.local_port}", is_local=True)


def resolve_target(text: str, config: Config) -> Target:
    """The target of that name or address.

    Raises:
        UsageError: an unknown name; an address that is none, or plain http to a foreign host.
    """
    name = text.strip()
    if name == "local":
        return local_target(config)
    if name in {"zenodo", "sandbox"}:
        return Target(name, ZENODO if name == "zenodo" else SANDBOX)
    if name in config.targets:
        return _configured(config.targets[name], config)
    if "://" not in name:
        raise _unknown(name, config)
    return _known_address(validate_target(name), config)


def target_names(config: Config) -> list[str]:
    """All names that can be given as a target."""
    return [*BUILT_IN_TARGETS, *config.targets]


def minted_doi(target_origin: str, reserved: str | None) -> str | None:
    """The DOI that a draft's record will have, from the one that the repository at ``target_origin`` reserved for it;
    None where it has reserved none.

    Zenodo's deposit API reserves with the prefix 10.5281 on every server, and mints on the sandbox with 10.5072
    (issue 103 of ropenscilabs/deposits; observed: a 10.5281 DOI is refused there as "Wrong DOI prefix"). The embedded
    repository does the same. For them the prefix is put right, the rest of the DOI is the same. What any other
    repository reserves, or reserves under another prefix, is taken as it is.
    """
    if reserved is None:
        return None
    prefix, slash, suffix = reserved.partition("/")
    trial = slash and prefix == RESERVED_PREFIX and _is_for_trials(target_origin)
    return f"{TRIAL_PREFIX}/{suffix}" if trial else reserved


@cache  # asked for each of a hundred thousand datasets
def _is_for_trials(target_origin: str) -> bool:
    return target_origin == SANDBOX or is_loopback(urlsplit(target_origin).hostname or "")


def _configured(named: NamedTarget, config: Config) -> Target:
    try:
        return Target(named.name, validate_target(named.url), token_env=named.token_env)
    except UsageError as error:
        raise UsageError(
            f"The target '{named.name}' of {config.path} cannot be used: {error.message}", error.hint, code=error.code
        ) from None


def _known_address(url: str, config: Config) -> Target:
    """An address that belongs to a name is that target: it has the same token."""
    for name in target_names(config):
        try:
            target = resolve_target(name, config)
        except UsageError:
            continue  # a broken entry of the configuration that is not asked for
        if target.url == url:
            return target
    return Target(url, url)


def _unknown(name: str, config: Config) -> UsageError:
    from batchdep.manifest.suggest import did_you_mean, shown

    if ("." in name or ":" in name) and "/" not in name.rstrip("/"):
        scheme = "http" if is_loopback(urlsplit(f"//{name}").hostname or "") else "https"
        hint = f"For a repository's address, write it in full: {scheme}://{name.rstrip('/')}"
    else:
        hint = did_you_mean(name, target_names(config)) + " An address starts with https://."
    return UsageError(f"There is no target {shown(name)}.", hint, code="bad_target")
