"""What a person reads at the terminal is true, and says what to do next."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.cli import CommandLine
from tests.support.local_server import LocalProcess


def test_the_reserved_doi_is_the_one_that_is_minted(batchdep: CommandLine, server: LocalProcess) -> None:
    manifest = batchdep.manifest("roses")
    drafted = batchdep("submit", manifest, "--to", server.url, "--format", "json", "-v")
    reserved = drafted.json["datasets"][0]["reserved_doi"]
    told = batchdep("status", manifest, "--to", server.url)
    published = batchdep("publish", manifest, "--to", server.url, "--format", "json")
    assert published.json["datasets"][0]["doi"] == reserved
    assert published.json["datasets"][0]["reserved_doi"] == reserved
    assert f"{reserved} (reserved)" in told.out
    assert f"draft {reserved} (reserved)" in drafted.err


def test_watching_a_batch_whose_process_was_killed_ends_and_says_what_to_run(
    batchdep: CommandLine, tmp_path: Path
) -> None:
    manifest = batchdep.manifest("roses", "thorns")
    where = ("--database", "here.db")
    with LocalProcess(tmp_path / "slow", "--answer-delay", "60") as slow:
        process = batchdep.start("submit", manifest, "--to", slow.url, *where)
        assert process.stderr is not None
        process.stderr.readline()  # it has the batch now
        process.kill()
        process.communicate()
        watched = batchdep("status", manifest, "--watch", *where)
    assert watched.code == 1
    assert "No process works on batch any more, and 2 datasets of it are unfinished." in watched.err
    assert f"submit batch.yaml --to {slow.url} --database here.db" in watched.err


@pytest.mark.parametrize("command", ["submit", "verify"])
def test_a_refused_token_of_the_environment_is_to_be_renewed_there(
    batchdep: CommandLine, tmp_path: Path, command: str
) -> None:
    with LocalProcess(tmp_path / "strict", "--token", "right") as strict:
        manifest = batchdep.manifest("roses")
        assert batchdep("submit", manifest, "--to", strict.url, env={"BATCHDEP_TOKEN": "right"}).code == 0
        manifest = batchdep.manifest("roses", "thorns")
        refused = batchdep(command, manifest, "--to", strict.url, env={"BATCHDEP_TOKEN": "wrong"})
    assert refused.code == 3
    told = refused.out + refused.err
    assert "then put it into BATCHDEP_TOKEN, which holds this one." in told
    assert "batchdep login" not in told
    assert ".)." not in told


def test_publishing_a_draft_that_lacks_a_new_file_says_so(batchdep: CommandLine, server: LocalProcess) -> None:
    to = ("--to", server.url)
    batchdep("submit", batchdep.manifest("roses"), *to)
    batchdep.settled("data/new.csv", "3,4\n")
    manifest = batchdep.manifest("roses", files="data/a b.csv, data/new.csv")
    published = batchdep("publish", manifest, *to, "--format", "json")
    assert published.code == 1
    [dataset] = published.json["datasets"]
    assert (dataset["state"], dataset["error"]["code"]) == ("draft", "draft_outdated")
    assert "new.csv is not in it yet" in dataset["error"]["message"]
    assert (published.json["requests"], published.json["stopped"]) == (0, None)
    assert "new.csv is not in it yet" in batchdep("status", manifest, *to, "--failed").out
    assert batchdep("submit", manifest, *to).code == 0
    assert batchdep("publish", manifest, *to).code == 0


def test_publishing_keeps_the_words_of_what_stopped_a_draft(batchdep: CommandLine, tmp_path: Path) -> None:
    with LocalProcess(tmp_path / "small", "--quota", "4") as small:
        manifest = batchdep.manifest("roses")
        assert batchdep("submit", manifest, "--to", small.url).code == 1
        published = batchdep("publish", manifest, "--to", small.url, "--format", "json")
    assert published.code == 1
    assert published.json["datasets"][0]["error"]["code"] == "quota_exceeded"


def test_that_nothing_failed_is_said_in_one_line(batchdep: CommandLine, server: LocalProcess) -> None:
    to = ("--to", server.url)
    manifest = batchdep.manifest("roses")
    batchdep("submit", manifest, *to)
    assert batchdep("status", manifest, *to, "--failed").out == f"batch on {server.url}: no dataset failed.\n"
