"""``python -m batchdep.local``: the embedded repository by itself; its address is the first line on stdout."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from batchdep.local import DataInUseError, LocalOptions, RateLimit, run_local


def rate_limit(text: str) -> RateLimit:
    """``REQUESTS/SECONDS``. Raises ValueError for anything else."""
    requests, _, seconds = text.partition("/")
    return RateLimit(int(requests), float(seconds))


def trap(text: str) -> tuple[str, float]:
    """``NAME=PROBABILITY``. Raises ValueError for anything else."""
    name, _, probability = text.partition("=")
    return name, float(probability)


def named_token(text: str) -> tuple[str, str]:
    """``TOKEN=ACCOUNT``. Raises ValueError without an account."""
    token, _, account = text.rpartition("=")
    if not token or not account:
        raise ValueError(text)
    return token, account


def parser() -> argparse.ArgumentParser:
    """The command line."""
    parsed = argparse.ArgumentParser(prog="python -m batchdep.local", description=__doc__)
    add = parsed.add_argument
    add("--data", type=Path, required=True, help="folder for depositions and files")
    add("--host", default="127.0.0.1", help="a loopback address")
    add("--port", type=int, default=0, help="0 lets the system choose")
    add("--token", help="the only token taken; any or none is without this")
    add("--account", type=named_token, action="append", default=[], metavar="TOKEN=ACCOUNT", help="repeatable")
    add("--rate-limit", type=rate_limit, action="append", default=[], metavar="REQUESTS/SECONDS", help="repeatable")
    add("--index-delay", type=float, default=0.0, metavar="SECONDS", help="until the list shows a change")
    add("--answer-delay", type=float, default=0.0, metavar="SECONDS", help="added to every answer")
    add("--quota", type=int, default=50_000_000_000, metavar="BYTES", help="of one deposition")
    add("--max-files", type=int, default=100, help="of one deposition")
    add("--doi-prefix", default="10.5072", help="of the DOIs given")
    add("--trap", type=trap, action="append", default=[], metavar="NAME=PROBABILITY", help="repeatable")
    add("--late", type=float, default=5.0, metavar="SECONDS", help="after which a trap's late effect comes")
    add("--gateway-timeout", type=float, default=60.0, metavar="SECONDS", help="a write waits for another one")
    add("--seed", type=int, help="of the traps' dice")
    add("--journal", type=Path, help="JSON Lines file of every request")
    return parsed


def options_from(arguments: list[str] | None = None) -> LocalOptions:
    """The options of a command line. Raises ValueError for ones that cannot be."""
    given = parser().parse_args(arguments)
    return LocalOptions(
        data=given.data,
        host=given.host,
        port=given.port,
        token=given.token,
        tokens=dict(given.account),
        rate_limits=tuple(given.rate_limit),
        index_delay=given.index_delay,
        answer_delay=given.answer_delay,
        bucket_quota=given.quota,
        max_files=given.max_files,
        doi_prefix=given.doi_prefix,
        traps=dict(given.trap),
        late=given.late,
        gateway_timeout=given.gateway_timeout,
        seed=given.seed,
        journal=given.journal,
    )


def main() -> int:
    """Serve until interrupted. Returns 2 when it cannot start."""
    try:
        run_local(options_from(), on_ready=lambda url: print(url, flush=True))  # noqa: T201
    except (ValueError, OSError, DataInUseError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
