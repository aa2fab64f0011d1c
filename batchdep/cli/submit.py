"""``batchdep submit``: the main job; running it again resumes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from batchdep.cli.options import (
    AllowOutside,
    Concurrency,
    Database,
    Format,
    ManifestPath,
    Moved,
    Only,
    Quiet,
    To,
    Verbose,
    Yes,
)
from batchdep.cli.output import Output, OutputFormat
from batchdep.cli.starting import import_http
from batchdep.errors import UsageError
from batchdep.problems import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from batchdep.batch import Goal, Job
    from batchdep.cli.request import Request
    from batchdep.report.status import BatchStatus
    from batchdep.writeback.outcome import Outcome


def submit(
    manifest: ManifestPath,
    to: To = None,
    publish: Annotated[
        bool, typer.Option("--publish", help="Publish each dataset once it is verified, whatever the manifest says.")
    ] = False,
    draft: Annotated[
        bool, typer.Option("--draft", help="Leave drafts to be reviewed, whatever the manifest says.")
    ] = False,
    only: Only = None,
    concurrency: Concurrency = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and send nothing.")] = False,
    write_back: Annotated[
        bool,
        typer.Option("--write-back", help="Write deposition ids, DOIs and addresses into the manifest at the end."),
    ] = False,
    yes: Yes = False,
    allow_outside: AllowOutside = False,
    moved: Moved = False,
    database: Database = None,
    form: Format = OutputFormat.TEXT,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Deposit the datasets of a manifest. Running it again resumes.

    The manifest is checked first: if anything is wrong, nothing is sent.

    \b
    Examples:
      batchdep submit batch.yaml --to local              try it out on this machine
      batchdep submit batch.yaml --to sandbox --draft    drafts to look at
      batchdep submit batch.yaml --to zenodo --publish   records with DOIs
      batchdep submit batch.yaml --write-back            DOIs go into batch.yaml, too
      batchdep submit batch.yaml --dry-run               only say what would be done
    """
    from batchdep.check import check_manifest
    from batchdep.cli.counting import Counting
    from batchdep.cli.request import load, request, require_ids
    from batchdep.plan_shelf import Looked

    out = Output(form, verbose, quiet)
    if publish and draft:
        raise UsageError("Either --publish or --draft, not both.", "Drafts can be published later.", code="usage")
    loaded = load(manifest, out, allow_outside=allow_outside)
    asked = request(loaded, to, database)
    require_ids(asked.manifest, only or ())
    looked = Looked(asked.manifest)
    with Counting(out) as counting:
        report = check_manifest(loaded, allow_outside=allow_outside, seeing=looked, count=counting.looked)
    _require_valid(asked, report.problems, only or (), out)

    import_http()
    from batchdep.batch import submit as submit_batch
    from batchdep.cli.finish import finish
    from batchdep.cli.session import run

    job = asked.job(
        goal=_goal(publish, draft), only=only or (), concurrency=concurrency, allow_outside=allow_outside, moved=moved
    )
    job = replace(job, looked=looked, outlined=not (out.json or write_back))
    if dry_run:
        _show_plan(job, out)
        return
    if _confirm(job, asked, yes):
        job = replace(job, looked=None)  # whoever was asked may have taken an hour
    status = run(submit_batch, replace(job, token=asked.token()), asked.target, out)
    finish(status, asked.target, out, _write_back(asked, status, only or ()) if write_back else None)


def _write_back(asked: Request, status: BatchStatus, only: Sequence[str]) -> Outcome:
    """Whatever became of the run: what is known is written."""
    from batchdep.writeback.manifest_file import write_back

    return write_back(asked.manifest, status, only)


def _goal(publish: bool, draft: bool) -> Goal | None:
    """The state asked for on the command line; None leaves it to the manifest."""
    from batchdep.batch import Goal

    return Goal.PUBLISHED if publish else Goal.DRAFT if draft else None


def _require_valid(asked: Request, problems: list[Problem], only: Sequence[str], out: Output) -> None:
    """Raises ManifestInvalid with everything that is wrong; shows warnings."""
    from batchdep.cli.problems import problem_lines
    from batchdep.cli.request import invalid

    if only:
        problems = [problem for problem in problems if problem.dataset is None or problem.dataset in only]
    if any(problem.is_error for problem in problems):
        problems = without_errors_of(_published_ids(asked), problems)
    if any(problem.is_error for problem in problems):
        raise invalid(asked.manifest.path, problems)
    if not out.json:
        for line in problem_lines(problems, sys.stderr):
            out.note(line)


def _published_ids(asked: Request) -> set[str]:
    import asyncio

    from batchdep.cli.known import look_up
    from batchdep.report.status import DatasetState

    known = asyncio.run(look_up(asked.database, asked.manifest.path, asked.target.url))
    return {dataset.id for batch in known[:1] for dataset in batch.datasets if dataset.state is DatasetState.PUBLISHED}


def without_errors_of(published: set[str], problems: list[Problem]) -> list[Problem]:
    """The errors of published datasets as warnings: nothing of these is sent, so nothing can go wrong with it."""
    return [
        replace(problem, severity=Severity.WARNING, hint=f"It is published: nothing of it is sent. {problem.hint}")
        if problem.is_error and problem.dataset in published
        else problem
        for problem in problems
    ]


def _confirm(job: Job, asked: Request, yes: bool) -> bool:
    """Asks before DOIs are minted; not if there is nothing to publish. Returns whether somebody was asked."""
    import asyncio

    from batchdep.batch import Goal, plan
    from batchdep.cli.asking import confirm
    from batchdep.cli.text import counted

    if not asked.target.mints_dois or job.asked_goal is not Goal.PUBLISHED or yes:
        return False
    count = sum(dataset.publishes for dataset in asyncio.run(plan(job)).datasets)
    if not count:
        return False
    what = f"{counted(count, 'dataset')} on {asked.target.url}"
    refusal = f"This would publish {what}, which mints DOIs and cannot be undone."
    if not confirm(f"Publish {what}? This mints DOIs and cannot be undone.", refusal, yes=yes):
        raise UsageError(
            "Nothing was sent.", "With --draft the datasets are left as drafts to review.", code="declined"
        )
    return True


def _show_plan(job: Job, out: Output) -> None:
    import asyncio

    from batchdep.batch import plan
    from batchdep.cli.dryrun import plan_document, plan_text

    planned = asyncio.run(plan(job))
    if out.json:
        out.document(plan_document(planned))
    else:
        out.result(plan_text(planned, out.styled))
