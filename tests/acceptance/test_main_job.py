"""The main job as a user does it: a manifest becomes deposits, and running it again resumes."""

from __future__ import annotations

import hashlib
import json
import os
import re
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.account import account, assert_holds_exactly
from tests.support.batches import make_batch
from tests.support.cli import ROOT, CommandLine
from tests.support.local_server import JournalEntry, LocalProcess, overlapping, read_journal, writes_to_published
from tests.support.ports import free_port
from tests.support.torture import TORTURE

ROSES = ROOT.parent / "shared" / "data" / "rose2018"


def own(entries: list[JournalEntry]) -> list[JournalEntry]:
    """Requests of batchdep, not those of the test."""
    return [entry for entry in entries if entry.user_agent.startswith("batchdep/")]


def wait_for(happened: Callable[[], object], seconds: float = 60) -> None:
    """Watches for something that another process does."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)


def requests_seen(server: LocalProcess) -> int:
    return len(own(read_journal(server.journal))) if server.journal.exists() else 0


# -- real data ---------------------------------------------------------------------------------------------------

ROSE_MANIFEST = """
version: 1
batch: rose-scent-2018
publish: true
defaults:
  upload_type: dataset
  license: cc-by-4.0
  creators: [{name: "Rocca-Serra, Philippe", affiliation: University of Oxford, orcid: 0000-0001-9853-5668}]
  description: Scent of roses, as measured in 2018 and compared with measurements of 2015.
datasets:
  - id: tabular
    metadata: {title: "Rose scent: tables"}
    files: [data/processed/rose-data/*]
  - id: rdf
    metadata: {title: "Rose scent: linked data"}
    files: ["data/processed/rose-data-as-rdf/**"]
  - id: isa-tab
    metadata: {title: "Rose scent: study description"}
    files: [data/metadata/fair-rose-isa-tab/*.tsv]
  - id: figure-2
    metadata: {title: "Rose scent: figures of compounds", upload_type: image, image_type: figure}
    files: [figures/Figure2/*.png, {path: figures/Figure1/Figure1.png, name: "figure 1 & more.png"}]
  - id: all-figures
    metadata: {title: "Rose scent: all figures", upload_type: image, image_type: figure}
    files: [{path: figures, archive: figures.zip}]
"""


def md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


@pytest.mark.skipif(not ROSES.is_dir(), reason="the rose-scent data are not beside this checkout")
def test_the_rose_scent_data(server: LocalProcess, batchdep: CommandLine, tmp_path: Path) -> None:
    home = tmp_path / "roses"
    shutil.copytree(ROSES, home)
    (home / "batch.yaml").write_text(ROSE_MANIFEST)
    first = batchdep("submit", "roses/batch.yaml", "--to", server.url, "--format", "json")
    assert first.code == 0, first.err
    assert first.json["counts"]["published"] == 5
    held = {entry.title: entry for entry in account(server.url)}
    assert len(held) == 5
    figures = held["Rose scent: figures of compounds"].md5s
    assert figures["figure 1 & more.png"] == md5(home / "figures/Figure1/Figure1.png")
    assert figures["Figure_2a-venn-diagram-Science2015&NatGen2018.png"] == md5(
        home / "figures/Figure2/Figure_2a-venn-diagram-Science2015&NatGen2018.png"
    )
    tables = {path.name: md5(path) for path in (home / "data/processed/rose-data").iterdir()}
    assert held["Rose scent: tables"].md5s == tables
    for dataset in first.json["datasets"]:
        assert dataset["files"], "a dataset without files"
        ours = {file["name"]: file["md5"] for file in dataset["files"]}
        assert ours == held[dataset["title"]].md5s

    before = requests_seen(server)
    second = batchdep("submit", "roses/batch.yaml", "--to", server.url, "--format", "json")
    assert second.code == 0
    assert second.json["requests"] == 0
    assert requests_seen(server) == before


# -- cost --------------------------------------------------------------------------------------------------------


def test_forty_datasets_cost_files_and_two_requests_each(tmp_path: Path, batchdep: CommandLine) -> None:
    batch = make_batch(tmp_path / "data", datasets=40, files=5, size=100_000)
    with LocalProcess(tmp_path, "--answer-delay", "0.05") as server:
        result = batchdep("submit", str(batch.manifest), "--to", server.url, "--format", "json")
        assert result.code == 0, result.err
        entries = read_journal(server.journal)
        assert Counter(entry.method for entry in entries) == {"POST": 80, "PUT": 200}
        assert result.json["requests"] == 280
        assert overlapping(entries) == []
        assert most_at_once(entries) == 16
        assert_holds_exactly(server.url, batch)


def most_at_once(entries: list[JournalEntry]) -> int:
    moments = [(entry.started, 1) for entry in entries] + [(entry.ended or 0.0, -1) for entry in entries]
    most = now = 0
    for _, change in sorted(moments):
        now += change
        most = max(most, now)
    return most


@pytest.mark.slow
def test_a_rate_limit_is_used_up_and_never_exceeded(tmp_path: Path, batchdep: CommandLine) -> None:
    """300 requests under 100 in six seconds: the third window opens after twelve, and the server tells a window's end
    in whole seconds, rounded one way or the other: up to two are lost with each. (What that comes to with windows of a
    minute, within 5%, is tested with a virtual clock.)"""
    batch = make_batch(tmp_path / "data", datasets=60, files=3, size=100)
    with LocalProcess(tmp_path, "--rate-limit", "100/6") as server:
        result = batchdep("submit", str(batch.manifest), "--to", server.url, "--format", "json")
        entries = read_journal(server.journal)
    assert result.json["requests"] == 300
    assert Counter(entry.status for entry in entries) == {201: 240, 202: 60}
    took = max(entry.ended or 0 for entry in entries) - min(entry.started for entry in entries)
    assert took <= 2 * (6 + 2) + 2


BIG = 5_000_000_000 if TORTURE else 1_000_000_000
"""Bytes of a file that is sent: many times the memory that a run may take, or the most that the limits allow."""


def peak_memory(process: subprocess.Popen[str]) -> int:
    """Waits for the end of a process; bytes of its high-water mark, as the kernel told it until shortly before."""
    peak = 0
    while process.poll() is None:
        status = Path(f"/proc/{process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        peak = max(peak, int(found[1]) * 1024 if found else 0)
        time.sleep(0.02)
    return peak


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's high-water mark is read from /proc")
@pytest.mark.timeout(200)
def test_a_big_file_takes_little_memory(server: LocalProcess, tmp_path: Path, batchdep: CommandLine) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    with (folder / "big.bin").open("wb") as file:
        file.truncate(BIG)
        file.seek(BIG // 2)
        file.write(b"in the middle")
    os.utime(folder / "big.bin", (1_700_000_000, 1_700_000_000))
    manifest = batchdep.manifest("big", files="data/big.bin")
    arguments = ("submit", manifest, "--to", server.url, "--draft", "--format", "json")
    with (tmp_path / "out").open("wb") as out:
        process = batchdep.start(*arguments, stdout=out, stderr=subprocess.DEVNULL)
        peak = peak_memory(process)
    told = (tmp_path / "out").read_text()
    assert process.returncode == 0, told
    (dataset,) = json.loads(told)["datasets"]
    assert dataset["files"][0]["size"] == BIG
    assert dataset["files"][0]["state"] == "uploaded"
    assert 30_000_000 < peak < 150_000_000


def test_a_file_of_just_the_limit_is_taken(batchdep: CommandLine, tmp_path: Path) -> None:
    manifest = batchdep.manifest("big", files="data/big.bin")
    path = tmp_path / "data" / "big.bin"
    path.touch()
    os.truncate(path, 5_000_000_000)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    checked = batchdep("check", manifest, "--format", "json")
    assert (checked.code, checked.json["bytes"]) == (0, 5_000_000_000)


@pytest.mark.parametrize("command", ["check", "submit"])
def test_a_byte_over_a_limit_is_refused_before_any_request(
    server: LocalProcess, batchdep: CommandLine, tmp_path: Path, command: str
) -> None:
    manifest = batchdep.manifest("big", "small", files="data/big.bin")
    with (tmp_path / "data" / "big.bin").open("wb") as file:
        file.truncate(5_000_000_001)
    target = ["--to", server.url] if command == "submit" else []
    result = batchdep(command, manifest, *target)
    assert result.code == 2
    assert "big.bin" in result.out + result.err
    assert not server.journal.exists() or read_journal(server.journal) == []


# -- the token ---------------------------------------------------------------------------------------------------

SECRET = "tOkEn4f7c1e9d2b8a6503"


def test_the_token_is_in_authorization_headers_only(tmp_path: Path, batchdep: CommandLine) -> None:
    batch = make_batch(tmp_path / "data", datasets=3, files=2, size=100)
    traps = ["--trap", "publish-504=0.5", "--trap", "503=0.2", "--seed", "3"]
    token = {"BATCHDEP_TOKEN": SECRET}
    with LocalProcess(tmp_path, "--token", SECRET, *traps) as server:
        told = ""
        for arguments in (
            ("submit", str(batch.manifest), "--to", server.url, "-vv"),
            ("submit", str(batch.manifest), "--to", server.url, "--format", "json"),
            ("status", str(batch.manifest), "--to", server.url, "-vv"),
            *(("report", str(batch.manifest), "--to", server.url, "--as", kind) for kind in ("csv", "json", "html")),
        ):
            result = batchdep(*arguments, env=token)
            told += result.out + result.err
        entries = read_journal(server.journal)
    assert entries
    assert all(entry.authorization for entry in own(entries))
    assert SECRET not in told
    for path in [path for path in tmp_path.rglob("*") if path.is_file() and "repository" not in path.parts]:
        assert SECRET.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("token", ["", "not-the-token"])
def test_a_refused_token_stops_once_and_changes_nothing(tmp_path: Path, batchdep: CommandLine, token: str) -> None:
    batch = make_batch(tmp_path / "data", datasets=30, files=2, size=100)
    with LocalProcess(tmp_path, "--token", SECRET) as server:
        env = {"BATCHDEP_TOKEN": token} if token else {}
        result = batchdep("submit", str(batch.manifest), "--to", server.url, env=env)
        assert result.code == 3, result.err
        assert len(own(read_journal(server.journal)) if server.journal.exists() else []) <= 2
    assert "token" in result.err
    assert result.err.count("refuses the token") <= 1


# -- interruptions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_saves_and_says_how_to_resume(
    tmp_path: Path, batchdep: CommandLine, number: signal.Signals
) -> None:
    batch = make_batch(tmp_path / "data", datasets=40, files=2, size=1000)
    with LocalProcess(tmp_path, "--answer-delay", "0.1") as server:
        process = batchdep.start("submit", str(batch.manifest), "--to", server.url)
        wait_for(lambda: requests_seen(server) > 40)
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
        assert process.returncode == 130, err
        assert f"batchdep submit {batch.manifest}" in err
        result = batchdep("submit", str(batch.manifest), "--to", server.url)
        assert result.code == 0, result.err
        assert_holds_exactly(server.url, batch)
        entries = read_journal(server.journal)
    assert overlapping(entries) == []
    assert writes_to_published(entries) == []
    assert sum(entry.method == "PUT" for entry in entries) == 80, "what was being sent was finished, nothing sent twice"


def test_an_interrupt_while_waiting_for_the_rate_limit_ends_at_once_and_leaves_no_doubt(
    tmp_path: Path, batchdep: CommandLine
) -> None:
    """What waits for its turn was not sent: a rerun need not find out what became of it."""
    batch = make_batch(tmp_path / "data", datasets=8, files=1, size=10)
    with LocalProcess(tmp_path, "--rate-limit", "5/600") as server:
        process = batchdep.start(
            "submit", str(batch.manifest), "--to", server.url, "--database", str(tmp_path / "state.db")
        )
        wait_for(lambda: requests_seen(server) == 5)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert time.monotonic() - began < 4, "nothing was being sent"
    with sqlite3.connect(tmp_path / "state.db") as connection:
        assert connection.execute("SELECT key FROM datasets WHERE intent IS NOT NULL").fetchall() == []
        errors = connection.execute("SELECT failure FROM datasets WHERE failure IS NOT NULL").fetchall()
        assert errors == [], "an interrupt is no fault of a dataset"
    connection.close()


def test_a_second_interrupt_leaves_at_once(tmp_path: Path, batchdep: CommandLine) -> None:
    batch = make_batch(tmp_path / "data", datasets=4, files=2, size=1000)
    with LocalProcess(tmp_path, "--answer-delay", "20") as server:
        process = batchdep.start("submit", str(batch.manifest), "--to", server.url)
        wait_for(lambda: requests_seen(server) > 0)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        seen = ""
        while "again" not in seen:
            line = process.stderr.readline()
            assert line, seen
            seen += line
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        process.communicate(timeout=30)
        assert process.returncode == 130
        assert time.monotonic() - began < 3


def test_a_repository_that_goes_away_and_comes_back(
    server: LocalProcess, tmp_path: Path, batchdep: CommandLine
) -> None:
    """Killed in the middle and started again within the patience of one run."""
    batch = make_batch(tmp_path / "data", datasets=30, files=3, size=1000)
    process = batchdep.start("submit", str(batch.manifest), "--to", server.url)
    wait_for(lambda: requests_seen(server) > 30)
    server.kill()
    server.start()
    _, err = process.communicate(timeout=90)
    assert process.returncode == 0, err
    assert_holds_exactly(server.url, batch)
    assert writes_to_published(read_journal(server.journal)) == []


def test_nobody_there_at_the_start(batchdep: CommandLine, tmp_path: Path) -> None:
    batch = make_batch(tmp_path / "data", datasets=30, files=1, size=10)
    url = f"http://127.0.0.1:{free_port()}"
    result = batchdep("submit", str(batch.manifest), "--to", url, "--format", "json")
    assert result.code == 3
    assert result.json["counts"]["pending"] == 30


def test_a_second_process_is_told_who_is_at_work(tmp_path: Path, batchdep: CommandLine) -> None:
    batch = make_batch(tmp_path / "data", datasets=10, files=2, size=1000)
    with LocalProcess(tmp_path, "--answer-delay", "0.3") as server:
        first = batchdep.start("submit", str(batch.manifest), "--to", server.url, "--concurrency", "1")
        wait_for(lambda: requests_seen(server) > 2)
        second = batchdep("submit", str(batch.manifest), "--to", server.url)
        assert second.code == 4
        assert str(first.pid) in second.err
        assert socket.gethostname() in second.err
        first.kill()
        first.communicate()
        third = batchdep("submit", str(batch.manifest), "--to", server.url)
        assert third.code == 0, "a lock left by a killed process does not block"
        assert_holds_exactly(server.url, batch)


# -- the database ------------------------------------------------------------------------------------------------


def test_a_full_disk_stops_in_words_and_the_rest_follows(
    server: LocalProcess, tmp_path: Path, batchdep: CommandLine
) -> None:
    batch = make_batch(tmp_path / "data", datasets=40, files=3, size=100)
    database = tmp_path / "small" / "state.db"
    arguments = ["submit", str(batch.manifest), "--to", server.url, "--database", str(database)]

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))

    process = batchdep.start(*arguments, preexec_fn=little_room)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1, err
    assert "state.db" in err
    assert "Traceback" not in err
    result = batchdep(*arguments)
    assert result.code == 0, result.err
    assert_holds_exactly(server.url, batch)


def test_the_state_survives_in_a_file_for_its_owner_only(
    server: LocalProcess, tmp_path: Path, batchdep: CommandLine
) -> None:
    batch = make_batch(tmp_path / "data", datasets=1, files=1, size=10)
    database = tmp_path / "state" / "mine.db"
    result = batchdep("submit", str(batch.manifest), "--to", server.url, env={"BATCHDEP_DATABASE": str(database)})
    assert result.code == 0
    assert database.stat().st_mode & 0o077 == 0
    with sqlite3.connect(database) as connection:
        assert connection.execute("SELECT state FROM datasets").fetchall() == [("published",)]
    connection.close()


# -- what changed between runs -----------------------------------------------------------------------------------


def test_a_changed_published_dataset_is_reported_and_nothing_is_sent(
    server: LocalProcess, tmp_path: Path, batchdep: CommandLine
) -> None:
    batch = make_batch(tmp_path / "data", datasets=2, files=1, size=10)
    submit = ["submit", str(batch.manifest), "--to", server.url, "--format", "json"]
    assert batchdep(*submit).code == 0
    before = requests_seen(server)
    changed = next((tmp_path / "data" / "set-000").iterdir())
    changed.write_bytes(b"something else")
    result = batchdep(*submit)
    assert result.code == 1
    errors = {dataset["id"]: dataset["error"] for dataset in result.json["datasets"]}
    assert errors["set-001"] is None
    assert errors["set-000"]["code"] == "published_changed"
    assert result.json["counts"]["published"] == 2
    assert requests_seen(server) == before


def test_files_of_a_published_dataset_may_go_and_the_rest_goes_on(
    server: LocalProcess, tmp_path: Path, batchdep: CommandLine
) -> None:
    batch = make_batch(tmp_path / "data", datasets=2, files=2, size=10)
    submit = ["submit", str(batch.manifest), "--to", server.url]
    assert batchdep(*submit, "--only", "set-000").code == 0
    shutil.rmtree(tmp_path / "data" / "set-000")
    result = batchdep(*submit, "--format", "json")
    assert result.code == 0, result.err
    assert result.json["counts"]["published"] == 2
    assert [len(dataset["files"]) for dataset in result.json["datasets"]] == [2, 2], "what is known of them stands"
    assert_holds_exactly(server.url, batch)


def test_new_ids_are_added_and_lost_ids_are_kept(server: LocalProcess, batchdep: CommandLine) -> None:
    manifest = batchdep.manifest("one", "two")
    assert batchdep("submit", manifest, "--to", server.url, "--draft").code == 0
    batchdep.manifest("two", "three")
    result = batchdep("submit", manifest, "--to", server.url, "--draft", "--format", "json")
    assert result.code == 0
    found = {dataset["id"]: (dataset["state"], dataset["in_manifest"]) for dataset in result.json["datasets"]}
    assert found == {"one": ("draft", False), "two": ("draft", True), "three": ("draft", True)}
    assert len(account(server.url)) == 3


def test_only_the_named_datasets(server: LocalProcess, batchdep: CommandLine) -> None:
    manifest = batchdep.manifest("one", "two", "three")
    result = batchdep("submit", manifest, "--to", server.url, "--only", "two", "--draft", "--format", "json")
    assert result.code == 0
    assert result.json["counts"]["draft"] == 1
    assert [entry.title for entry in account(server.url)] == ["The dataset two"]


def test_review_publish_and_discard(server: LocalProcess, batchdep: CommandLine) -> None:
    manifest = batchdep.manifest("one", "two")
    assert batchdep("submit", manifest, "--to", server.url, "--draft").code == 0
    assert batchdep("publish", manifest, "--to", server.url, "--only", "one", "--yes").code == 0
    result = batchdep("discard", manifest, "--to", server.url, "--yes", "--format", "json")
    assert result.code == 0, result.err
    assert {d["id"]: d["state"] for d in result.json["datasets"]} == {"one": "published", "two": "discarded"}
    assert [(entry.title, entry.state) for entry in account(server.url)] == [("The dataset one", "done")]
    assert writes_to_published(read_journal(server.journal)) == []


def test_one_bad_dataset_does_not_stop_the_others(tmp_path: Path, batchdep: CommandLine) -> None:
    batch = make_batch(tmp_path / "data", datasets=6, files=2, size=1000)
    document = json.loads(batch.manifest.read_text())
    big = tmp_path / "data" / "set-003" / "big.bin"
    big.write_bytes(b"x" * 5000)
    batch.manifest.write_text(json.dumps(document))
    with LocalProcess(tmp_path, "--quota", "4000") as server:
        result = batchdep("submit", str(batch.manifest), "--to", server.url, "--format", "json")
        states = {dataset["id"]: dataset["state"] for dataset in result.json["datasets"]}
    assert result.code == 1
    assert states.pop("set-003") == "failed"
    assert set(states.values()) == {"published"}


def test_a_full_quota_stops_the_batch_once(tmp_path: Path, batchdep: CommandLine) -> None:
    batch = make_batch(tmp_path / "data", datasets=60, files=1, size=1000)
    with LocalProcess(tmp_path, "--quota", "10") as server:
        result = batchdep("submit", str(batch.manifest), "--to", server.url)
        refused = [entry for entry in read_journal(server.journal) if entry.method == "PUT"]
    assert result.code == 1
    assert len(refused) <= 17, "those under way at the time, not all sixty"
    assert "quota" in result.err


def test_a_server_that_answers_html_is_no_repository(tmp_path: Path, batchdep: CommandLine) -> None:
    batch = make_batch(tmp_path / "data", datasets=3, files=1, size=10)
    with LocalProcess(tmp_path, "--trap", "html=1") as server:
        result = batchdep("status", str(batch.manifest), "--to", server.url)
        process = batchdep.start("submit", str(batch.manifest), "--to", server.url)
        wait_for(lambda: requests_seen(server) > 2)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert result.code in (0, 2)
    assert "Traceback" not in err


def test_sigkill_is_not_needed_to_end_a_child(server: LocalProcess, batchdep: CommandLine) -> None:
    """`--to local` with nothing running starts a repository for the run and leaves none behind."""
    port = free_port()
    manifest = batchdep.manifest("one")
    env = {"BATCHDEP_LOCAL_PORT": str(port)}
    result = batchdep("submit", manifest, "--to", "local", "--publish", env=env)
    assert result.code == 0, result.err
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    again = batchdep("submit", manifest, "--to", "local", "--publish", "--format", "json", env=env)
    assert again.json["requests"] == 0


def test_python_dash_m(batchdep: CommandLine) -> None:
    result = batchdep("--version")
    assert result.code == 0
    assert subprocess.list2cmdline(["batchdep"]) in result.out
