"""Datasets that refer to each other, killed at every boundary, then left to finish.

One deposition each, published once, with the right DOIs in each.

The ordinary run takes a sample, as in ``test_crash_points``; with ``BATCHDEP_TORTURE=1`` each boundary is taken.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.support.citing import citing_batch
from tests.support.figures import Figures
from tests.support.histories import Drivers, History, Lived, Phase, Setting, warm_up_accounts
from tests.support.local_server import LocalProcess, overlapping, read_journal, writes_to_published

TORTURE = os.environ.get("BATCHDEP_TORTURE") == "1"
ACCOUNTS = 2500 if TORTURE else 150
STRIDE = 1 if TORTURE else 13
OFFSET = int(os.environ.get("BATCHDEP_CRASH_OFFSET", datetime.now(UTC).toordinal()))

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800 if TORTURE else 240)]

CITES: dict[str, list[str]] = {"top": ["one"], "one": ["two"], "two": ["one", "base"], "base": []}
"""A chain to a circle of two to what it stands on, in the order in which it cannot be made."""

README = "{{doi:top}} builds on {{doi:base}}.\n"
SUBMIT, DRAFT, PUBLISH = Phase(), Phase(goal="draft"), Phase("publish")


class Bench:
    """A repository with an account for each history."""

    def __init__(self, setting: Setting, drivers: Drivers) -> None:
        self.setting = setting
        self._drivers = drivers
        self._accounts = iter(range(ACCOUNTS))

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


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("crashes")
    names = [*warm_up_accounts(), *(f"a{number}" for number in range(ACCOUNTS))]
    with LocalProcess(folder, *(part for name in names for part in ("--account", f"{name}={name}"))) as server:
        manifest: Path = citing_batch(folder / "data", CITES, texts={"top": README})
        setting = Setting(manifest, server.url, server.journal, folder / "state")
        with Drivers(setting) as drivers:
            yield Bench(setting, drivers)


def assert_all(bench: Bench, lived: Sequence[Lived]) -> None:
    """Every history ended well."""
    wrong = [f"{one.story}: {what}" for one in lived for what in _wrongs(bench, one)]
    assert not wrong, "\n".join(wrong)
    entries = read_journal(bench.setting.journal)
    assert overlapping(entries) == []
    assert writes_to_published(entries) == []
    published = Counter(entry.deposition for entry in entries if entry.path.endswith("/actions/publish"))
    assert not [deposition for deposition, times in published.items() if times > 1], "published twice"


def _wrongs(bench: Bench, lived: Lived) -> Iterator[str]:
    last = lived.phases[-1]
    if last.code != 0 or last.trouble or any("Traceback" in passed.trouble for passed in lived.phases):
        yield f"exit code {last.code}: {[passed.trouble for passed in lived.phases if passed.trouble]}"
    held = bench.held(lived.history.name)
    by_key = {entry["title"].removeprefix("Dataset "): entry for entry in held}
    if sorted(entry["title"] for entry in held) != sorted(f"Dataset {key}" for key in CITES):
        yield f"the account holds {[entry['title'] for entry in held]}"
        return
    for key, entry in by_key.items():
        if entry["state"] != "done":
            yield f"{key} is {entry['state']}"
        named = [item["identifier"] for item in entry["metadata"].get("related_identifiers", [])]
        if named != [by_key[other].get("doi") for other in CITES[key]]:
            yield f"{key} refers to {named}"
    content = f"{by_key['top'].get('doi')} builds on {by_key['base'].get('doi')}.\n".encode()
    md5s = {file["filename"]: file["checksum"] for file in by_key["top"]["files"]}
    if md5s.get("README.md") != hashlib.md5(content, usedforsecurity=False).hexdigest():
        yield "the README has not the right DOIs"


def _is_vital(boundary: str) -> bool:
    """Whether what cannot be repeated hangs on it."""
    return "POST " in boundary or ("intent" in boundary and "upload" not in boundary)


def _chosen(boundaries: Sequence[str], figures: Figures, command: str) -> list[int]:
    """Of the vital boundaries one in three, and one in ``STRIDE`` of the rest; all of them at length."""
    numbers = [
        number
        for number, boundary in enumerate(boundaries, 1)
        if TORTURE or (number + OFFSET) % (3 if _is_vital(boundary) else STRIDE) == 0
    ]
    figures(f"{command}: {len(boundaries)} boundaries, {len(numbers)} taken (BATCHDEP_CRASH_OFFSET={OFFSET})")
    return numbers


def test_submit_killed_at_each_boundary(bench: Bench, figures: Figures) -> None:
    numbers = _chosen(bench.boundaries(SUBMIT), figures, "submit, with references")
    lived = bench.live(*((replace(SUBMIT, kill=number), SUBMIT) for number in numbers))
    assert all(one.phases[0].killed for one in lived)
    assert_all(bench, lived)


def test_publish_killed_at_each_boundary(bench: Bench, figures: Figures) -> None:
    numbers = _chosen(bench.boundaries(DRAFT, PUBLISH), figures, "publish, with references")
    assert_all(bench, bench.live(*((DRAFT, replace(PUBLISH, kill=number), PUBLISH) for number in numbers)))


def test_killed_twice_at_random_with_several_datasets_under_way(bench: Bench, figures: Figures) -> None:
    seed = 20261125
    dice, submit = random.Random(seed), replace(SUBMIT, concurrency=4)
    histories = [
        (replace(submit, kill=dice.randint(30, 170)), replace(submit, kill=dice.randint(10, 100)), submit)
        for _ in range(300 if TORTURE else 8)
    ]
    figures(f"{len(histories)} histories of two kills, with references (seed {seed})")
    assert_all(bench, bench.live(*histories))
