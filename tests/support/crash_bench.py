"""What the tests of crashes share: a repository with an account for each history, and which histories are lived."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from tests.support.histories import Drivers, History, Lived, Phase, Setting, warm_up_accounts
from tests.support.local_server import LocalProcess

OFFSET = int(os.environ.get("BATCHDEP_CRASH_OFFSET", datetime.now(UTC).toordinal()))
"""Which boundaries a sample takes: it moves on from day to day, and is shown, so that a day's can be taken again."""


class Bench:
    """A repository with ``accounts`` accounts, one for each history."""

    def __init__(self, setting: Setting, drivers: Drivers, accounts: int) -> None:
        self.setting = setting
        self._drivers = drivers
        self._accounts = iter(range(accounts))

    def live(self, *histories: Sequence[Phase]) -> list[Lived]:
        return self._drivers.live([History(f"a{next(self._accounts)}", tuple(phases)) for phases in histories])

    def boundaries(self, *phases: Phase) -> tuple[str, ...]:
        """Those of the last of the phases, when nothing is killed."""
        (lived,) = self.live(phases)
        assert lived.phases[-1].code == 0, lived
        return lived.phases[-1].boundaries

    def held(self, account: str) -> list[dict[str, Any]]:
        """All depositions of the account."""
        url = f"{self.setting.url}/api/deposit/depositions?size=100&all_versions=true"
        request = Request(url, headers={"Authorization": f"Bearer {account}"})  # noqa: S310 - loopback
        with urlopen(request, timeout=30) as answer:  # noqa: S310
            found: list[dict[str, Any]] = json.load(answer)
        return found


@contextmanager
def bench_for(manifest: Path, folder: Path, accounts: int) -> Iterator[Bench]:
    """A bench on which the batch of ``manifest`` is deposited; server and databases are in ``folder``."""
    names = [*warm_up_accounts(), *(f"a{number}" for number in range(accounts))]
    with LocalProcess(folder, *(part for name in names for part in ("--account", f"{name}={name}"))) as server:
        setting = Setting(manifest, server.url, server.journal, folder / "state")
        with Drivers(setting) as drivers:
            yield Bench(setting, drivers, accounts)


def troubles(lived: Lived) -> Iterator[str]:
    """What went wrong in the processes themselves."""
    last = lived.phases[-1]
    if last.code != 0 or last.trouble or any("Traceback" in passed.trouble for passed in lived.phases):
        yield f"exit code {last.code}: {[passed.trouble for passed in lived.phases if passed.trouble]}"
