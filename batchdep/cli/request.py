"""What the commands on a batch have in common before they start: the manifest, the target, the database, the token."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from batchdep.auth import kept_token, require_token, token_variable
from batchdep.cli.asking import ask_secretly, somebody_can_answer
from batchdep.cli.output import Output
from batchdep.cli.problems import summary_of
from batchdep.config import Config, database_location, load_config
from batchdep.errors import ManifestInvalid, UsageError
from batchdep.manifest.load import LoadedManifest
from batchdep.manifest.model import Manifest
from batchdep.problems import Problem
from batchdep.selection import selected_ids
from batchdep.targets import Target, resolve_target, target_names

if TYPE_CHECKING:  # it brings the database and HTTP with it, which a manifest that is wrong need not wait for
    from batchdep.batch import Goal, Job


class Request(Struct, frozen=True):
    """A batch to work on: where its manifest is, where it goes, where its state is kept.

    ``target_trusted``: the user named the target, in the command or the configuration, or knows it anyway.
    """

    manifest: Manifest
    target: Target
    database: str
    config: Config
    target_trusted: bool = True

    def job(
        self,
        *,
        token: str | None = None,
        goal: Goal | None = None,
        only: Sequence[str] = (),
        concurrency: int | None = None,
        allow_outside: bool = False,
        moved: bool = False,
    ) -> Job:
        """The job for :mod:`batchdep.batch`."""
        from batchdep.batch import Job

        return Job(
            manifest=self.manifest,
            target=self.target.url,
            database=self.database,
            token=token,
            token_variable=token_variable(self.target) if self.target_trusted else None,
            goal=goal,
            only=tuple(only),
            concurrency=concurrency or self.config.concurrency,
            allow_outside=allow_outside,
            moved=moved,
        )

    def token(self) -> str | None:
        """The token for the target, asked for on a terminal if need be.

        To an address that only a manifest names, which may be somebody else's, no token goes but the one that was kept
        for it by `login`. Raises AccessError where there is none, and UsageError for such an address.
        """
        if not self.target_trusted:
            if kept := kept_token(self.target):
                return kept
            raise UsageError(
                f"The manifest sends the batch, and with it your token, to {self.target.url}.",
                f"If you trust that address, name it yourself: --to {self.target.url}; or keep a token for it, once:"
                f" batchdep login {self.target.url}",
                code="unknown_target",
            )
        return require_token(self.target, ask_secretly if somebody_can_answer() else None)


def load(path: Path, out: Output, *, allow_outside: bool = False) -> LoadedManifest:
    """The manifest with its problems; shows how far it is read. Raises ManifestInvalid if nothing could be read of
    it."""
    from batchdep.cli.counting import Counting
    from batchdep.manifest.load import load_manifest

    with Counting(out) as counting:
        loaded = load_manifest(path, allow_outside=allow_outside, count=counting.read)
    if loaded.manifest is None:
        raise invalid(path, loaded.problems)
    return loaded


def request(loaded: LoadedManifest, to: str | None, database: str | None) -> Request:
    """The batch that is asked for. Raises UsageError for a target that cannot be used."""
    manifest = loaded.manifest
    if manifest is None or not loaded.ok:
        raise invalid(manifest.path if manifest else Path(), _in_words_of_its_file(loaded))
    config = load_config()
    target = resolve_target(to or manifest.target, config)
    trusted = bool(to) or target.is_loopback or target.name in target_names(config)
    return Request(manifest, target, database_location(database, config), config, trusted)


def _in_words_of_its_file(loaded: LoadedManifest) -> list[Problem]:
    """The problems of a manifest, with hints in the words of a table where it is one."""
    from batchdep.manifest.table_hints import hinted_for

    if loaded.manifest is None:
        return loaded.problems
    return [hinted_for(loaded.manifest.place.source, problem) for problem in loaded.problems]


def require_ids(manifest: Manifest, only: Sequence[str]) -> None:
    """Raises UsageError for an id that the manifest does not have."""
    selected_ids(only, manifest.ids)


def invalid(path: Path, problems: Sequence[Problem]) -> ManifestInvalid:
    """The error of a manifest that cannot be used, with everything that is wrong with it."""
    return ManifestInvalid(
        f"{path} cannot be used ({summary_of(problems)}); nothing was sent.",
        [problem for problem in problems if not problem.is_note],
        "Correct what is listed above, then run this again.",
    )
