"""What the shell offers when Tab is pressed. A completion never fails: it offers nothing."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import typer


def complete_target(incomplete: str) -> list[str]:
    """Names of targets, the configured ones too."""
    from batchdep.config import BUILT_IN_TARGETS

    names = list(BUILT_IN_TARGETS)
    with suppress(Exception):
        from batchdep.config import load_config

        names += load_config().targets
    return [name for name in names if name.startswith(incomplete)]


def complete_dataset(ctx: typer.Context, incomplete: str) -> list[str]:
    """Ids of the datasets in the manifest that stands on the command line already."""
    with suppress(Exception):
        from batchdep.manifest import load_manifest

        path = ctx.params.get("manifest") or next(iter(ctx.args), None)  # an option without its value ends parsing
        loaded = load_manifest(Path(path).expanduser()) if path else None
        if loaded is not None and loaded.manifest is not None:
            return [key for key in loaded.manifest.ids if key.startswith(incomplete)]
    return []
