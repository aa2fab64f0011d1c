"""``batchdep discard``: deletes drafts; published records stay."""

from __future__ import annotations

from batchdep.cli.options import Concurrency, Database, Format, ManifestPath, Moved, Only, Quiet, To, Verbose, Yes
from batchdep.cli.output import Output, OutputFormat
from batchdep.cli.starting import import_http
from batchdep.errors import UsageError


def discard(
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
    """Delete the drafts of a batch.

    The files in them are deleted with them; published records stay.

    \b
    Examples:
      batchdep discard batch.yaml --to sandbox
      batchdep discard batch.yaml --to sandbox --only ng2018-tabular --yes
    """
    from batchdep.cli.asking import confirm, somebody_can_answer
    from batchdep.cli.request import load, request

    out = Output(form, verbose, quiet)
    asked = request(load(manifest, out, allow_outside=True), to, database)
    what = f"the drafts of {', '.join(only) if only else 'all datasets'} on {asked.target.url}"
    # a trial on this machine may be thrown away by a script without a word
    sure = yes or (asked.target.is_loopback and not somebody_can_answer())
    if not confirm(f"Delete {what}, with their files?", f"This would delete {what}, with their files.", yes=sure):
        raise UsageError("Nothing was deleted.", "The drafts are as they were.", code="declined")

    import_http()
    from batchdep.batch import discard as discard_batch
    from batchdep.cli.finish import finish
    from batchdep.cli.session import run

    job = asked.job(token=asked.token(), only=only or (), concurrency=concurrency, allow_outside=True, moved=moved)
    finish(run(discard_batch, job, asked.target, out), asked.target, out)
