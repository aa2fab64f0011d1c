"""What a person may choose about the embedded repository."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from msgspec import Struct, field

SOLE_ACCOUNT = "local"


class RateLimit(Struct, frozen=True):
    """At most ``requests`` in each fixed window of ``seconds``, all routes together, per User-Agent and address."""

    requests: int
    seconds: float

    def __post_init__(self) -> None:
        if self.requests < 1 or self.seconds <= 0:
            raise ValueError(f"a rate limit needs at least 1 request and more than 0 seconds, not {self}")


class LocalOptions(Struct, frozen=True):
    """The embedded repository's settings; the defaults are those of a calm server of one's own.

    ``token``: with None and no ``tokens`` every bearer token, or none at all, is the one account; otherwise the
    named tokens only (``tokens`` maps each to an account's name, ``token`` stands for the account "local").
    ``rate_limits``: without any, answers carry no rate-limit headers; with some, the search of records has 30 a
    minute of its own. ``index_delay``: seconds until the list shows a change. ``answer_delay``: seconds added to
    every answer. ``bucket_quota``: bytes a deposition may hold. ``traps``: probability from 0 to 1 by the trap's name
    (see ``traps.TRAPS``); ``late``: how many seconds later an effect comes that a trap makes late; ``seed``: of the
    traps' dice. ``gateway_timeout``: seconds a write waits for another one to the same deposition before the proxy's
    504. ``journal``: where every request is written down.

    Raises ValueError: an address that is not loopback, a probability outside 0 to 1, an unknown trap.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = 0
    token: str | None = None
    rate_limits: tuple[RateLimit, ...] = ()
    index_delay: float = 0.0
    answer_delay: float = 0.0
    bucket_quota: int = 50_000_000_000
    max_files: int = 100
    doi_prefix: str = "10.5072"
    traps: Mapping[str, float] = field(default_factory=dict)
    journal: Path | None = None
    tokens: Mapping[str, str] = field(default_factory=dict)
    seed: int | None = None
    late: float = 5.0
    gateway_timeout: float = 60.0

    def __post_init__(self) -> None:
        if not is_loopback(self.host):
            raise ValueError(f"the embedded repository listens on this machine only, not on {self.host!r}")
        from batchdep.local.traps import TRAPS

        for name, probability in self.traps.items():
            if name not in TRAPS:
                raise ValueError(f"no trap is called {name!r}; there are {', '.join(TRAPS)}")
            if not 0 <= probability <= 1:
                raise ValueError(f"the probability of {name} must lie between 0 and 1, not {probability}")

    @property
    def accounts(self) -> Mapping[str, str]:
        """Account names by token; empty means that everybody is the one account."""
        own = {} if self.token is None else {self.token: SOLE_ACCOUNT}
        return {**own, **self.tokens}

    def account_number(self, name: str) -> int:
        """The ``owner`` that answers show: accounts are counted from 1; one that is no longer named is 0."""
        names = list(dict.fromkeys(self.accounts.values())) or [SOLE_ACCOUNT]
        return names.index(name) + 1 if name in names else 0


@lru_cache(maxsize=64)
def is_loopback(host: str) -> bool:
    """Whether ``host``, a name or address without port, means this machine only."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
