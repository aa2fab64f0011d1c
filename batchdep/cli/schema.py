"""``batchdep schema``: the manifest as a JSON Schema, for editors that complete and check."""

from __future__ import annotations

from batchdep.cli.options import Database, Format, Quiet, Verbose
from batchdep.cli.output import Output, OutputFormat


def schema(
    database: Database = None,
    form: Format = OutputFormat.TEXT,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Print the JSON Schema of manifests.

    Editors complete and check a manifest by it.

    \b
    Example:
      batchdep schema > batchdep.schema.json
    and as the first line of a manifest:
      # yaml-language-server: $schema=batchdep.schema.json
    """
    from batchdep.manifest.schema import manifest_schema
    from batchdep.metadata.schema import metadata_schema

    Output(form, verbose, quiet).document(manifest_schema(metadata_schema()))
