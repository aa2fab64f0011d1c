"""Killed at every boundary between two steps, then left to finish: one deposition a dataset, published once.

The ordinary run takes each boundary of ``submit``, and of the other commands a sample: some of those around a
publication, a deletion and their intents, and every so many of the rest. With ``BATCHDEP_TORTURE=1`` (``make torture``)
the batch is a larger one, each of them is taken, and more histories of two kills.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest

from batchdep.manifest.archive import plan_archive
from batchdep.state.database import REVISIONS
from tests.support.batches import Batch, make_batch
from tests.support.crash_bench import OFFSET, Bench, bench_for, troubles
from tests.support.figures import Figures
from tests.support.histories import MIGRATIONS, NEWEST, ROOT, Lived, Phase
from tests.support.local_server import JournalEntry, overlapping, read_journal, writes_to_published
from tests.support.torture import TORTURE

DATASETS, FILES = (3, 3) if TORTURE else (2, 2)
"""One that is killed under way beside one that is done, or not begun; of each a file that is and one that is not."""

ACCOUNTS = 3000 if TORTURE else 500
STRIDE = 1 if TORTURE else 12
"""One in so many of the boundaries that are not around a creation or a publication."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800 if TORTURE else 240)]

SUBMIT, DRAFT = Phase(), Phase(goal="draft")
PUBLISH, DISCARD, OPEN = Phase("publish"), Phase("discard"), Phase("open")


Holdings = list[tuple[str, str, dict[str, str]]]
"""Title, state and MD5s of each deposition of an account, sorted."""


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Batch:
    return _batch(tmp_path_factory.mktemp("data") / "data")


@pytest.fixture(scope="module")
def bench(batch: Batch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench_for(batch.manifest, tmp_path_factory.mktemp("crashes"), ACCOUNTS) as made:
        yield made


@pytest.fixture(scope="module")
def published(batch: Batch) -> Holdings:
    """What an account holds when all went well."""
    return [(f"Dataset {key}", "done", md5s) for key, md5s in sorted(batch.md5s.items())]


def _batch(folder: Path) -> Batch:
    """Datasets of files of a few pieces each; one of the files is an archive."""
    batch = make_batch(folder, DATASETS, FILES, size=2_300)
    figures = folder / "figures"
    figures.mkdir()
    for number in range(2):
        (figures / f"{number}.svg").write_bytes(random.Random(number).randbytes(700))
    document = json.loads(batch.manifest.read_text())
    document["datasets"][1]["files"].append({"path": "figures", "archive": "figures.zip"})
    batch.manifest.write_text(json.dumps(document))
    content = b"".join(plan_archive(figures).chunks())
    batch.md5s["set-001"]["figures.zip"] = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return batch


# -- what must be true in the end ----------------------------------------------------------------------------------


def assert_all(bench: Bench, lived: Sequence[Lived], wanted: Holdings) -> None:
    """Every history ended well: its account holds what is wanted and nothing else, and on the way nothing was done
    that must never be done."""
    entries = read_journal(bench.setting.journal)
    by_deposition: dict[int, list[JournalEntry]] = defaultdict(list)
    for entry in entries:
        if entry.deposition is not None:
            by_deposition[entry.deposition].append(entry)
    wrong = [f"{one.story}: {what}" for one in lived for what in _wrongs(bench, one, wanted, by_deposition)]
    assert not wrong, "\n".join(wrong)
    assert overlapping(entries) == []
    assert writes_to_published(entries) == []
    assert not [found for found in by_deposition.values() if len(_publishes(found)) > 1], "published twice"


def _wrongs(
    bench: Bench,
    lived: Lived,
    wanted: Holdings,
    by_deposition: dict[int, list[JournalEntry]],
) -> Iterator[str]:
    yield from troubles(lived)
    if (held := _holdings(bench, lived.history.name)) != wanted:
        yield f"the account holds {held}"
    for passed in lived.phases:
        for deposition, name in passed.confirmed:
            later = [entry for entry in by_deposition[deposition] if entry.started > passed.ended]
            if any(entry.method == "PUT" and unquote(entry.path).endswith(f"/{name}") for entry in later):
                yield f"{name} was sent again after it was confirmed"


def _holdings(bench: Bench, account: str) -> Holdings:
    return sorted(
        (entry["title"], entry["state"], {file["filename"]: file["checksum"] for file in entry["files"]})
        for entry in bench.held(account)
    )


def _publishes(entries: Sequence[JournalEntry]) -> list[JournalEntry]:
    return [entry for entry in entries if entry.path.endswith("/actions/publish")]


# -- which boundaries ----------------------------------------------------------------------------------------------


def _is_vital(boundary: str) -> bool:
    """Whether what cannot be repeated hangs on it."""
    return "POST " in boundary or "DELETE " in boundary or ("intent" in boundary and "upload" not in boundary)


def _chosen(boundaries: Sequence[str], figures: Figures, command: str) -> list[int]:
    """Numbers of the boundaries to be killed at: some of the vital ones, and of one in ``STRIDE`` of the rest."""
    numbers = _some(
        [
            number
            for number, boundary in enumerate(boundaries, 1)
            if _is_vital(boundary) or number % STRIDE == OFFSET % STRIDE
        ]
    )
    figures(f"{command}: {len(boundaries)} boundaries, {len(numbers)} taken (BATCHDEP_CRASH_OFFSET={OFFSET})")
    return numbers


def _some(numbers: Sequence[int]) -> list[int]:
    """A third of them, or all."""
    return list(numbers if TORTURE else numbers[OFFSET % 3 :: 3])


def _killed(phase: Phase, number: int) -> Phase:
    return replace(phase, kill=number)


# -- the histories -------------------------------------------------------------------------------------------------


def test_submit_killed_at_each_boundary(bench: Bench, published: Holdings, figures: Figures) -> None:
    boundaries = bench.boundaries(SUBMIT)
    assert len(boundaries) >= 80
    numbers = range(1, len(boundaries) + 1)
    figures(f"submit: {len(boundaries)} boundaries, all of them taken")
    lived = bench.live(*((_killed(SUBMIT, number), SUBMIT) for number in numbers))
    assert all(one.phases[0].killed for one in lived)
    assert_all(bench, lived, published)


def test_killed_again_while_finding_out_what_became_of_the_first(
    bench: Bench, published: Holdings, figures: Figures
) -> None:
    boundaries = bench.boundaries(SUBMIT)
    vital = ("POST /api/deposit/depositions: all sent", "POST /api/deposit/depositions/ID/actions/publish: all sent")
    histories = []
    for first in [boundaries.index(name) + 1 for name in vital]:
        killed = _killed(SUBMIT, first)
        rerun = bench.boundaries(killed, SUBMIT)
        settled = next(number for number, name in enumerate(rerun) if name.startswith(("POST", "PUT")))
        seconds = _some(range(1, settled + 1))
        histories += [(killed, _killed(SUBMIT, second), SUBMIT) for second in seconds]
    figures(f"{len(histories)} histories of two kills, the second while the first was looked into")
    assert_all(bench, bench.live(*histories), published)


def test_killed_twice_at_random_with_several_datasets_under_way(
    bench: Bench, published: Holdings, figures: Figures
) -> None:
    seed = 20261125
    dice, submit = random.Random(seed), replace(SUBMIT, concurrency=3)
    last = len(bench.boundaries(submit))
    histories = [
        (_killed(submit, dice.randint(last // 6, last)), _killed(submit, dice.randint(10, last // 2)), submit)
        for _ in range(300 if TORTURE else 8)
    ]
    figures(f"{len(histories)} histories of two kills, three datasets under way (seed {seed})")
    assert_all(bench, bench.live(*histories), published)


def test_publish_killed_at_each_boundary(bench: Bench, published: Holdings, figures: Figures) -> None:
    numbers = _chosen(bench.boundaries(DRAFT, PUBLISH), figures, "publish")
    lived = bench.live(*((DRAFT, _killed(PUBLISH, number), PUBLISH) for number in numbers))
    assert_all(bench, lived, published)


def test_discard_killed_at_each_boundary(bench: Bench, figures: Figures) -> None:
    numbers = _chosen(bench.boundaries(DRAFT, DISCARD), figures, "discard")
    lived = bench.live(*((DRAFT, _killed(DISCARD, number), DISCARD) for number in numbers))
    assert_all(bench, lived, [])


def test_any_commands_killed_anywhere(bench: Bench, published: Holdings, figures: Figures) -> None:
    seed = 4
    dice = random.Random(seed)
    last = len(bench.boundaries(SUBMIT))

    def storm() -> tuple[Phase, ...]:
        commands = dice.choices([SUBMIT, DRAFT, PUBLISH, DISCARD], weights=[2, 3, 2, 2], k=dice.randint(2, 5))
        return (*(_killed(each, dice.randint(10, last)) for each in commands), SUBMIT)

    histories = [storm() for _ in range(200 if TORTURE else 6)]
    figures(f"{len(histories)} histories of several commands (seed {seed})")
    assert_all(bench, bench.live(*histories), published)


# -- the database --------------------------------------------------------------------------------------------------


def test_killed_while_the_database_is_made(bench: Bench, figures: Figures) -> None:
    boundaries = bench.boundaries(OPEN)
    figures(f"{len(boundaries)} boundaries while the database is made, all of them taken")
    whole, *lived = bench.live((OPEN,), *((_killed(OPEN, number), OPEN) for number in range(1, len(boundaries) + 1)))
    wanted = _schema(bench, whole)
    assert wanted
    for one in lived:
        assert one.phases[-1].code == 0, f"{one.story}: {one.phases[-1].trouble}"
        assert _schema(bench, one) == wanted, one.story


def test_killed_while_the_database_is_migrated(bench: Bench, published: Holdings, figures: Figures) -> None:
    _write_later_migrations(bench.setting.folder / MIGRATIONS)
    half, newer = _killed(SUBMIT, len(bench.boundaries(SUBMIT)) * 3 // 5), replace(SUBMIT, newer=True)
    boundaries = bench.boundaries(half, newer)
    last = max(number for number, name in enumerate(boundaries, 1) if name.startswith("schema"))
    numbers = _some(range(1, last + 3))
    figures(f"{last + 2} boundaries while the database is migrated, {len(numbers)} taken")
    lived = bench.live(*((half, _killed(newer, number), newer) for number in numbers))
    assert_all(bench, lived, published)
    wanted = _schema(bench, lived[0])
    assert any("reviewer" in statement for statement in wanted)
    for one in lived:
        assert _schema(bench, one) == wanted, one.story


def _schema(bench: Bench, lived: Lived) -> list[str]:
    """The statements that would make the database, and its revision."""
    connection = sqlite3.connect(bench.setting.database(lived.history.name))
    try:
        made = [sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")]
        revisions = [version for (version,) in connection.execute("SELECT version_num FROM alembic_version")]
    finally:
        connection.close()
    # Which of a table's constraints comes first differs from run to run where a migration makes it anew.
    return sorted(" ".join(sorted(part.strip(" ,\t") for part in sql.splitlines())) for sql in made) + revisions


def _write_later_migrations(folder: Path) -> None:
    """Those of the program, and one more, which changes tables and rows in several steps."""
    shutil.copytree(ROOT / "migrations", folder)
    (folder / "versions" / f"{NEWEST}_later.py").write_text(LATER.format(down=REVISIONS[-1], newest=NEWEST))


LATER = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "{newest}", "{down}", None, None


def upgrade():
    op.create_table("reviews", sa.Column("id", sa.Integer, primary_key=True), sa.Column("dataset_id", sa.Integer))
    op.execute("INSERT INTO reviews (dataset_id) SELECT id FROM datasets")
    with op.batch_alter_table("datasets") as batch:
        batch.add_column(sa.Column("reviewer", sa.Text))
        batch.alter_column("title", type_=sa.String(1000))
    op.create_index("ix_reviews_dataset_id", "reviews", ["dataset_id"])
"""
