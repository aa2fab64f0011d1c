"""What a small batch costs, in counts that hold on every machine: a change that makes one of them grow shows."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from batchdep.deposit.body import BLOCK
from tests.support.account import assert_holds_exactly
from tests.support.batches import Batch, make_batch
from tests.support.cli import ROOT, CommandLine
from tests.support.figures import Figures
from tests.support.local_server import LocalProcess, read_journal

DATASETS, FILES = 20, 5
ALL_FILES = DATASETS * FILES


@dataclass(frozen=True)
class Cost:
    """What a run was counted at. ``files``: by path, of the batch's own files only; ``peak`` bytes of memory."""

    opened: Counter[str]
    looked_at: Counter[str]
    read: Counter[str]
    hops: int
    turns: int
    transactions: int
    statements: int
    collections: int
    modules: list[str]
    peak: int


def counted(batchdep: CommandLine, batch: Batch, url: str) -> Cost:
    """Submits the batch under count."""
    report = batchdep.folder / "counts.json"
    measured = batchdep.folder / "measured.json"
    launcher = [sys.executable, "-I", "-S", str(ROOT / "benchmarks" / "measured.py"), str(measured)]
    command = [sys.executable, "-m", "tests.support.counting", str(report), "submit", str(batch.manifest), "--to", url]
    done = subprocess.run(
        [*launcher, *command, "--yes", "-q"],
        cwd=ROOT,
        env=batchdep.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(report.read_text())
    data = str(batch.manifest.parent.resolve())
    own = {name: _files_in(data, found.pop(name)) for name in ("opened", "looked_at", "read")}
    return Cost(own["opened"], own["looked_at"], own["read"], **found, peak=json.loads(measured.read_text())["peak"])


def _files_in(folder: str, found: Mapping[str, int]) -> Counter[str]:
    return Counter({path: times for path, times in found.items() if path.startswith(folder) and path.endswith(".bin")})


UNNEEDED = {
    *("aiohttp.web", "alembic", "keyring", "multiprocessing", "openpyxl", "pydantic", "rich", "sqlalchemy.orm"),
    *("html", "tomllib", "xml", "yaml"),
    *("batchdep.cli.live", "batchdep.cli.progress"),
    *("batchdep.data_packages.checking", "batchdep.data_packages.package"),
    *("batchdep.local", "batchdep.looking_up", "batchdep.recover", "batchdep.state.postgresql", "batchdep.verify"),
    *("batchdep.manifest.archive", "batchdep.manifest.metadata_file", "batchdep.manifest.source_xlsx"),
    *("batchdep.metadata.formats.registry", "batchdep.metadata.licence_names", "batchdep.metadata.markdown"),
    *("batchdep.report.documents", "batchdep.report.write", "batchdep.writeback"),
}
"""What a plain manifest in JSON, submitted with ``-q``, has no use for."""


@pytest.fixture
def batch(tmp_path: Path) -> Batch:
    return make_batch(tmp_path / "data", DATASETS, FILES, 20_000, name="part-{}.bin")


def test_a_small_batch_costs_what_it_must(
    batchdep: CommandLine, server: LocalProcess, batch: Batch, figures: Figures
) -> None:
    cost = counted(batchdep, batch, server.url)
    requests = len(read_journal(server.journal))
    figures(
        f"{requests} requests, {cost.transactions} transactions with {cost.statements} statements, {cost.hops} hops to"
        f" threads, {cost.turns} turns of the loop, {cost.peak / 1e6:.0f} MB for {ALL_FILES} files"
    )
    assert requests == DATASETS * 2 + ALL_FILES
    assert len(cost.read) == ALL_FILES
    assert set(cost.read.values()) == {20_000}, "each file is read once, to its end and no further"
    assert set(cost.opened.values()) == {1}
    assert max(cost.looked_at.values()) <= 3
    assert cost.statements <= 7 * ALL_FILES
    # how many steps share a transaction, a hop or a turn depends on how busy the machine is: at worst none does
    assert cost.transactions <= DATASETS * 5
    assert cost.hops <= DATASETS * 8
    assert cost.turns <= 20 * requests
    assert cost.peak < 100_000_000
    assert_holds_exactly(server.url, batch)


def test_a_big_file_costs_a_hop_and_a_few_turns_a_block(
    batchdep: CommandLine, server: LocalProcess, tmp_path: Path, figures: Figures
) -> None:
    blocks = 40
    batch = make_batch(tmp_path / "data", 1, 1, blocks * BLOCK, name="part-{}.bin")
    cost = counted(batchdep, batch, server.url)
    figures(f"{cost.hops} hops to threads, {cost.turns} turns of the loop for {blocks} blocks")
    assert set(cost.opened.values()) == {1}
    assert cost.hops <= blocks + 30
    assert cost.turns <= 10 * blocks + 60
    assert cost.peak < 100_000_000
    assert_holds_exactly(server.url, batch)


def test_a_batch_that_is_done_costs_nothing_but_a_look(
    batchdep: CommandLine, server: LocalProcess, batch: Batch, figures: Figures
) -> None:
    counted(batchdep, batch, server.url)
    before = len(read_journal(server.journal))
    cost = counted(batchdep, batch, server.url)
    figures(f"{cost.transactions} transactions with {cost.statements} statements, {cost.turns} turns of the loop")
    assert len(read_journal(server.journal)) == before
    assert not cost.opened
    assert not cost.read
    assert len(cost.looked_at) == ALL_FILES
    assert set(cost.looked_at.values()) <= {1, 2}
    assert cost.transactions <= 4
    assert cost.statements <= 12
    assert cost.turns <= 50


@pytest.fixture
def small(batchdep: CommandLine, server: LocalProcess, tmp_path: Path) -> Cost:
    """Of a batch of one small file."""
    return counted(batchdep, make_batch(tmp_path / "one", 1, 1, 1000, name="part-{}.bin"), server.url)


def test_no_garbage_is_looked_for_among_what_a_start_makes(small: Cost) -> None:
    assert small.collections == 0


def test_a_plain_submission_imports_what_it_needs(small: Cost, figures: Figures) -> None:
    own = [name for name in small.modules if name.startswith("batchdep.")]
    figures(f"{len(small.modules)} modules, {len(own)} of them the program's own")
    assert UNNEEDED & set(small.modules) == set()
    assert len(own) <= 156
