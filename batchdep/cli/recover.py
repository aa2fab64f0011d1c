"""``batchdep recover``: rebuilds a state that was lost, from the repository alone; changes nothing there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from batchdep.cli.options import AllowOutside, Database, Format, ManifestPath, Moved, Only, Quiet, To, Verbose
from batchdep.cli.output import Output, OutputFormat
from batchdep.cli.starting import import_http
from batchdep.errors import UsageError

if TYPE_CHECKING:
    from batchdep.findings import Candidate, Found, Recovery


def recover(
    manifest: ManifestPath,
    to: To = None,
    only: Only = None,
    take: Annotated[
        list[str] | None,
        typer.Option(
            "--take",
            metavar="ID=DEPOSITION",
            help="This deposition is that dataset's; for what was found ambiguous.",
            show_default=False,
        ),
    ] = None,
    anew: Annotated[
        list[str] | None,
        typer.Option(
            "--anew", metavar="ID", help="No deposition is that dataset's: it may be made anew.", show_default=False
        ),
    ] = None,
    allow_outside: AllowOutside = False,
    moved: Moved = False,
    database: Database = None,
    form: Format = OutputFormat.TEXT,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Rebuild a lost state from the repository.

    For a database that is gone or damaged: looks through the depositions of your account for those of the
    manifest's datasets, by their metadata and by the names, sizes and MD5s of their files, and notes them, so that
    submit goes on from there. Only reads are sent. What is ambiguous is named and held until you say what it is.

    \b
    Examples:
      batchdep recover batch.yaml --to sandbox
      batchdep recover batch.yaml --to sandbox --take ng2018-tabular=1000
    """
    import_http()
    from batchdep.cli.looking import look
    from batchdep.cli.request import load, request, require_ids
    from batchdep.findings import Decisions
    from batchdep.recover import recover as recover_batch

    out = Output(form, verbose, quiet)
    asked = request(load(manifest, out, allow_outside=allow_outside), to, database)
    decisions = Decisions(dict(map(_decision, take or ())), frozenset(anew or ()))
    require_ids(asked.manifest, (*(only or ()), *decisions.take, *decisions.anew))
    job = asked.job(token=asked.token(), only=only or (), allow_outside=allow_outside, moved=moved)
    found = look(lambda observer: recover_batch(job, decisions, observer), asked.target, out)
    if out.json:
        out.document(found.as_dict())
    else:
        out.result("\n".join(_lines(found, out.styled)))
    raise typer.Exit(int(found.exit_code))


def _decision(text: str) -> tuple[str, int]:
    key, equals, number = text.rpartition("=")
    if not (equals and key and number.isascii() and number.isdigit()):
        raise UsageError(
            f"--take {text} is no ID=DEPOSITION.", "Write, for example: --take ng2018-tabular=1000", code="usage"
        )
    return key, int(number)


def _lines(found: Recovery, style: Callable[[str, str], str]) -> list[str]:
    from batchdep.cli.text import counted, safe

    lines = [line for each in found.datasets for line in _dataset(each, style)]
    counts = ", ".join(f"{number:,} {finding}" for finding, number in found.counts().items() if number)
    looked = f"{counted(found.listed, 'deposition')} looked through; nothing was changed there"
    whole = (
        [] if found.whole else ["The account has more depositions than the repository lists; older ones are unseen."]
    )
    return [*lines, *whole, f"{style(safe(found.batch), 'bold')} on {found.target}: {counts}; {looked}"]


def _dataset(each: Found, style: Callable[[str, str], str]) -> list[str]:
    from batchdep.cli.text import safe

    name = safe(each.dataset)
    match str(each.finding):
        case "matched":
            return [f"{name}: {style('matched', 'green')} {_candidate(each.candidates[0], each)}"]
        case "missing":
            return [f"{name}: not there; submit makes it"]
        case "known":
            return [f"{name}: {style('known', 'dim')} to this state already; left alone"]
    return [f"{name}: {style('ambiguous', 'red')}, {_why(each)}; it is held", *_choices(each.candidates, each)]


def _why(each: Found) -> str:
    if each.twice:
        return f"found {len(each.candidates)} times"
    if len(each.candidates) > 1:
        return f"{len(each.candidates)} depositions could be it"
    return "one deposition could be it, but differs" if each.candidates else "it may be older than what is listed"


def _choices(candidates: Sequence[Candidate], each: Found) -> list[str]:
    from batchdep.cli.text import safe

    lines = [f"    {_candidate(candidate, each)}  {safe(candidate.url)}".rstrip() for candidate in candidates]
    take = " | ".join(f"--take {each.dataset}={candidate.deposition_id}" for candidate in candidates)
    ways = " | ".join(filter(None, (take, f"--anew {each.dataset}")))
    return [
        *lines,
        f"    Look at them; then recover again with {safe(ways)}, or delete what is not wanted there first.",
    ]


def _candidate(candidate: Candidate, each: Found) -> str:
    from batchdep.cli.text import safe

    state = f"published as {safe(candidate.doi or '?')}" if candidate.published else "draft"
    files = f"{candidate.files_held} of {each.files} files"
    others = candidate.files - candidate.files_held
    other = f", {others} other or with other bytes" if others else ""
    fields = f" ({', '.join(map(safe, candidate.edited))})" if candidate.edited else ""
    edited = "" if candidate.described else f", other metadata{fields}"
    return f"{candidate.deposition_id} ({state}, {files}{other}{edited})"
