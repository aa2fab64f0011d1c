"""``batchdep lookup``: the id of a licence, a language, a grant ..., by what somebody calls it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer

from batchdep.cli.options import Database, Format, Quiet, To, Verbose
from batchdep.cli.output import Output, OutputFormat
from batchdep.errors import ExitCode
from batchdep.metadata.finding import Subject

if TYPE_CHECKING:
    from batchdep.looking_up import Outcome
    from batchdep.metadata.finding import Entry

SHOWN: Final = 25
"""So many matches are printed, unless ``-v`` asks for all."""

DEFAULT_TARGET: Final = "zenodo"
"""Where grants and communities are looked up: what is found there is for everybody, and asking changes nothing."""

_PASTE: Final = {
    Subject.LICENCE: "license: {0}",
    Subject.LANGUAGE: "language: {0}",
    Subject.FUNDER: 'grants: [{{id: "{0}::NUMBER"}}]',
    Subject.RELATION: "related_identifiers: [{{relation: {0}, identifier: ...}}]",
    Subject.ROLE: "contributors: [{{name: ..., type: {0}}}]",
    Subject.ORCID: "creators: [{{name: ..., orcid: {0}}}]",
    Subject.GRANT: 'grants: [{{id: "{0}"}}]',
    Subject.COMMUNITY: "communities: [{{identifier: {0}}}]",
}

_KEYS: Final = {"license": Subject.LICENCE, "grants": Subject.GRANT, "communities": Subject.COMMUNITY}
"""The metadata's own words for kinds, where they are others."""


def _kind(word: str | Subject) -> Subject:
    try:
        return _KEYS.get(word) or Subject(word)
    except ValueError:
        raise typer.BadParameter(f"'{word}' is none of {', '.join(Subject)}.") from None


def _complete_kind(incomplete: str) -> list[str]:
    return [kind for kind in Subject if kind.startswith(incomplete)]


def lookup(
    kind: Annotated[
        Subject,
        typer.Argument(
            parser=_kind,
            autocompletion=_complete_kind,
            metavar="KIND",
            help="licence, language, funder, relation, role, type, orcid; of the repository: grant, community.",
            show_default=False,
        ),
    ],
    query: Annotated[
        list[str] | None,
        typer.Argument(metavar="QUERY", help="What it is called: words, name, id or address.", show_default=False),
    ] = None,
    to: To = None,
    database: Database = None,
    form: Format = OutputFormat.TEXT,
    verbose: Verbose = 0,
    quiet: Quiet = False,
) -> None:
    """Look up the id of a licence, a language or a grant.

    Prints ids as a manifest has them, the nearest first. Grants and communities are looked up at the repository
    (Zenodo, or --to TARGET), which needs no token; everything else is known to the program. Ends with 1 if nothing
    is found.

    \b
    Examples:
      batchdep lookup licence apache
      batchdep lookup language german
      batchdep lookup funder "swiss national"
      batchdep lookup orcid https://orcid.org/0000-0002-1825-0097
      batchdep lookup grant 654241
      batchdep lookup community biodiversity --to sandbox
    """
    from batchdep.looking_up import look_up

    out = Output(form, verbose, quiet)
    words = " ".join(query or ())
    found = _asked(kind, words, to, out) if kind.is_remote else look_up(kind, words)
    if out.json:
        out.document(found.as_dict())
    else:
        _show(found, out)
    raise typer.Exit(int(ExitCode.DONE if found.matches else ExitCode.UNFINISHED))


def _asked(kind: Subject, words: str, to: str | None, out: Output) -> Outcome:
    import asyncio

    from batchdep.cli.requestlog import log_line
    from batchdep.cli.session import reachable
    from batchdep.config import load_config
    from batchdep.events import RequestDone
    from batchdep.looking_up import ask
    from batchdep.repository.model import Exchange
    from batchdep.targets import resolve_target

    target = resolve_target(to or DEFAULT_TARGET, load_config())

    def heard(exchange: Exchange) -> None:
        if (line := log_line(RequestDone(None, exchange), out.verbosity)) is not None:
            out.note(line)

    async def run() -> Outcome:
        async with reachable(target, out):
            return await ask(kind, words, target.url, heard)

    return asyncio.run(run())


def _show(found: Outcome, out: Output) -> None:
    from batchdep.cli.text import safe

    shown = found.matches if out.verbosity > 0 else found.matches[:SHOWN]
    for line in _lines(shown):
        out.result(line)
    if (left := len(found.matches) - len(shown)) > 0:
        out.note(f"and {left:,} more: add a word, or -v for all")
    if shown and found.subject in _PASTE:
        out.note(f"In a manifest: {_PASTE[found.subject].format(safe(shown[0].id))}")
    if not found.matches:
        out.note(safe(found.remark) or f"There is no {found.subject} '{safe(found.query)}'.")
    if found.near:
        out.note("Did you mean:")
        for line in _lines(found.near):
            out.note(f"  {line}")


def _lines(entries: Sequence[Entry]) -> list[str]:
    from batchdep.cli.text import aligned, safe

    return aligned([(safe(each.id), safe(each.name), safe(each.note)) for each in entries])
