"""Datasets that refer to each other, killed at every boundary, then left to finish.

One deposition each, published once, with the right DOIs in each.

The ordinary run takes a sample, as in ``test_crash_points``; with ``BATCHDEP_TORTURE=1`` each boundary is taken.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from tests.support.citing import citing_batch
from tests.support.crash_bench import OFFSET, Bench, bench_for, troubles
from tests.support.figures import Figures
from tests.support.histories import Lived, Phase
from tests.support.local_server import overlapping, read_journal, writes_to_published
from tests.support.torture import TORTURE

ACCOUNTS = 2500 if TORTURE else 150
STRIDE = 1 if TORTURE else 13

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800 if TORTURE else 240)]

CITES: dict[str, list[str]] = {"top": ["one"], "one": ["two"], "two": ["one", "base"], "base": []}
"""A chain to a circle of two to what it stands on, in the order in which it cannot be made."""

README = "{{doi:top}} builds on {{doi:base}}.\n"
SUBMIT, DRAFT, PUBLISH = Phase(), Phase(goal="draft"), Phase("publish")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("crashes")
    manifest = citing_batch(folder / "data", CITES, texts={"top": README})
    with bench_for(manifest, folder, ACCOUNTS) as made:
        yield made


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
    yield from troubles(lived)
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
