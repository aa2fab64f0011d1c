"""``batchdep publish``: drafts that were reviewed become records."""

from __future__ import annotations

from typing import TYPE_CHECKING

from batchdep.cli.options import Concurrency, Database, Format, ManifestPath, Moved, Only, Quiet, To, Verbose, Yes
from batchdep.cli.output import Output, OutputFormat
from batchdep.cli.starting import import_http
from batchdep.errors import UsageError

if TYPE_CHECKING:
    from batchdep.cli.request import Request


def publish(
    manifest: ManifestPath,
    to: To = None,
    only: Only = None,
    concurrency: Concurrency = None,
    yes: Yes = False,
    moved: Moved = False,
    database: Database = None,
    form: Format = OutputFormat.TEXT,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Publish the reviewed drafts of a batch.

    This mints DOIs and cannot be undone; incomplete drafts are left alone.

    \b
    Examples:
      batchdep publish batch.yaml --to sandbox
      batchdep publish batch.yaml --to zenodo --only ng2018-tabular
    """
    from batchdep.cli.request import load, request, require_ids

    out = Output(form, verbose, quiet)
    asked = request(load(manifest, out, allow_outside=True), to, database)
    require_ids(asked.manifest, only or ())
    _confirm(asked, only or [], yes)

    import_http()
    from batchdep.batch import publish as publish_batch
    from batchdep.cli.finish import finish
    from batchdep.cli.session import run

    job = asked.job(token=asked.token(), only=only or (), concurrency=concurrency, allow_outside=True, moved=moved)
    finish(run(publish_batch, job, asked.target, out), asked.target, out)


def _confirm(asked: Request, only: list[str], yes: bool) -> None:
    """Asks before DOIs are minted; not if it is known that there is nothing to publish."""
    import asyncio

    from batchdep.cli.asking import confirm
    from batchdep.cli.text import counted

    if yes or not asked.target.mints_dois:
        return
    count = asyncio.run(_count_drafts(asked, only))
    if count == 0:
        return
    what = f"{'the drafts' if count is None else counted(count, 'draft')} on {asked.target.url}"
    refusal = f"This would publish {what}, which mints DOIs and cannot be undone."
    if not confirm(f"Publish {what}? This mints DOIs and cannot be undone.", refusal, yes=yes):
        raise UsageError("Nothing was published.", "The drafts are as they were.", code="declined")


async def _count_drafts(asked: Request, only: list[str]) -> int | None:
    """The drafts that may be published; None where the manifest is not known at this place (it may have been moved)."""
    from batchdep.cli.known import look_up
    from batchdep.report.status import DatasetState

    known = await look_up(asked.database, asked.manifest.path, asked.target.url)
    if not known:
        return None
    return sum(
        dataset.deposition_id is not None
        and dataset.state is not DatasetState.PUBLISHED
        and (not only or dataset.id in only)
        for batch in known
        for dataset in batch.datasets
    )
