from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from batchdep.cli.summary import MOST_ROWS, next_step, summary, typed_command
from batchdep.errors import ExitCode, Failure
from batchdep.report.status import BatchSums, DatasetState
from tests.support.replacing import replace
from tests.unit.report.samples import BATCH, DRAFT, FAILED, PUBLISHED


def marked(text: str, style: str) -> str:
    return f"<{style}>{text}</{style}>"


def plain(text: str, _: str) -> str:
    return text


def test_the_table_has_a_line_for_each_dataset_and_one_for_the_whole() -> None:
    text = summary(BATCH, plain)
    assert "\nroses    published  10.5072/zenodo.1000             https://sandbox.zenodo.org/records/1000\n" in text
    assert "\nthorns   draft      10.5281/zenodo.1000 (reserved)  https://sandbox.zenodo.org/deposit/1001\n" in text
    assert "1 draft, 1 published, 1 failed; 2.4 kB of 3.6 kB uploaded" in text
    assert "warning thorns: 'notes' was not stored" in text


def test_a_failure_is_told_with_what_to_do_on_one_line_each() -> None:
    lines = summary(BATCH, plain).splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("error -evil: "))
    assert lines[place + 1] == "    @hint"


def test_only_the_state_is_coloured() -> None:
    batch = replace(BATCH, datasets=[replace(PUBLISHED, id="published", title="t")])
    assert "published  <green>published</green>  10.5072" in summary(batch, marked)


def test_failed_ones_can_be_shown_alone() -> None:
    text = summary(BATCH, plain, only_failed=True)
    assert "-evil" in text
    assert "thorns" not in text
    assert "1 published" in text, "the sums are those of the whole batch"


def test_of_a_large_batch_the_table_has_those_that_matter() -> None:
    many = [replace(PUBLISHED, id=f"d{number:04}", title="t") for number in range(MOST_ROWS + 5)]
    many[1001] = replace(FAILED, id="bad")
    many[1002] = replace(DRAFT, id="busy", state=DatasetState.UPLOADING)
    text = summary(replace(BATCH, datasets=many), plain)
    assert "\nbad " in text
    assert "\nbusy " in text
    assert "\nd0997 " in text
    assert "\nd0998 " not in text
    assert "\n... and 5 datasets more: all are in " in text
    assert "more" not in summary(replace(BATCH, datasets=many[:MOST_ROWS]), plain)


def test_what_is_left_out_is_counted_by_the_sums() -> None:
    sums = BatchSums({DatasetState.PUBLISHED: 99_999, DatasetState.FAILED: 2}, 2, 10, 5)
    batch = replace(BATCH, datasets=[PUBLISHED, FAILED], sums=sums)
    assert "... and 99,999 datasets more" in summary(batch, plain)
    assert "... and 1 dataset more" in summary(batch, plain, only_failed=True)
    assert "99,999 published, 2 failed; 5 B of 10 B uploaded" in summary(batch, plain)


def test_why_a_run_ended_is_told() -> None:
    stopped = replace(BATCH, stopped=Failure("unauthorized", "The token is refused.", "Get a new one."), requests=1)
    text = summary(stopped, plain)
    assert text.endswith("1 request\nstopped: The token is refused.\n    Get a new one.")


def test_what_stopped_the_run_is_told_once() -> None:
    down = Failure("repository_unavailable", "The repository does not answer.", "Nothing is lost.", retryable=True)
    batch = replace(BATCH, datasets=[replace(FAILED, error=down)], stopped=down)
    assert summary(batch, plain).count("The repository does not answer.") == 1
    assert summary(replace(batch, stopped=None), plain).count("The repository does not answer.") == 1


def test_what_the_manifest_no_longer_names_is_told() -> None:
    batch = replace(BATCH, datasets=[replace(DRAFT, in_manifest=False)])
    assert "thorns: the manifest no longer names it" in summary(batch, plain)


def test_how_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/x/.venv/bin/batchdep", "submit"])
    stopped = replace(BATCH, stopped=Failure("interrupted", "The run was interrupted.", retryable=True))
    assert next_step(stopped, "batchdep submit x", "sandbox") == "To resume, run: batchdep submit x"
    wrong = next_step(BATCH, "batchdep submit x", "sandbox")
    assert wrong == "To resume once that is put right, run: batchdep submit x"
    finished = replace(BATCH, datasets=[PUBLISHED], exit_code=ExitCode.DONE)
    assert next_step(finished, "batchdep submit x", "sandbox") is None
    path = str(Path.cwd() / "my batch.yaml")
    drafts = replace(BATCH, datasets=[DRAFT], exit_code=ExitCode.DONE, manifest=path)
    step = next_step(drafts, "batchdep submit x", "sandbox")
    assert step == "1 draft to review; to publish, run: /x/.venv/bin/batchdep publish 'my batch.yaml' --to sandbox"
    new = replace(DRAFT, state=DatasetState.PENDING, deposition_id=None)
    step = next_step(replace(drafts, datasets=[PUBLISHED, new], exit_code=ExitCode.UNFINISHED), "publish x", "sandbox")
    assert step == (
        "1 dataset was not submitted yet; to deposit, run: /x/.venv/bin/batchdep submit 'my batch.yaml' --to sandbox"
    )


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["/somewhere/batchdep", "submit", "a b.yaml"], "/somewhere/batchdep submit 'a b.yaml'"),
        (["/x/batchdep/__main__.py", "submit"], "python -m batchdep submit"),
        (
            ["/x/batchdep", "--database", "postgresql://me:hidden@h/b"],
            "/x/batchdep --database 'postgresql://me:***@h/b'",
        ),
        (["/x/batchdep", "--database=postgresql://me:hidden@h/b"], "/x/batchdep '--database=postgresql://me:***@h/b'"),
        (["/x/batchdep", "--to", "https://[::1"], "/x/batchdep --to 'https://[::1'"),
    ],
)
def test_the_command_to_resume_is_the_one_that_ran(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], command: str
) -> None:
    monkeypatch.setattr(sys, "argv", arguments)
    assert typed_command() == command


def test_a_program_on_the_path_is_called_by_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "batchdep"
    monkeypatch.setattr(shutil, "which", lambda name: str(program) if name == "batchdep" else None)
    monkeypatch.setattr(sys, "argv", [str(program), "submit", "x.yaml"])
    assert typed_command() == "batchdep submit x.yaml"
