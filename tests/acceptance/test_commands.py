"""Every command as a user types it: what it prints where, and how it ends."""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support.cli import DEFAULTS, ROOT, CommandLine
from tests.support.local_server import LocalProcess, read_journal
from tests.support.ports import free_port

TOKEN = "a-token-that-must-never-show"


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    """A command line whose `local` is a port that nobody listens at."""
    return CommandLine(tmp_path, {"BATCHDEP_LOCAL_PORT": str(free_port())})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalProcess]:
    """A repository that is there all the time."""
    with LocalProcess(tmp_path_factory.mktemp("repository")) as process:
        yield process


# -- from the manifest to the report -----------------------------------------------------------------------------


KINDS_BY_NAME = {
    "datasets.bib": "bibtex",
    "CITATION.cff": "cff",
    "page.jsonld": "jsonld",
    "ro-crate-metadata.json": "ro-crate",
    "roses-ro-crate-metadata.json": "ro-crate",
    "all.json": "json",
}


def test_a_batch_from_the_first_check_to_the_report(cli: CommandLine, server: LocalProcess) -> None:
    manifest = cli.manifest("roses", "thorns")
    to = ("--to", server.url)

    checked = cli("check", manifest)
    assert (checked.code, checked.out) == (0, "batch.yaml: ok (2 datasets, 2 files, 16 B)\n")

    asked = len(read_journal(server.journal))
    planned = cli("submit", manifest, *to, "--dry-run", "--format", "json")
    assert planned.json["schema"] == "batchdep-plan/1"
    assert [dataset["action"] for dataset in planned.json["datasets"]] == ["create", "create"]
    assert not any("/api" in entry.path for entry in read_journal(server.journal)[asked:])

    submitted = cli("submit", manifest, *to)
    assert submitted.code == 0
    assert "draft" in submitted.out
    assert "(reserved)" in submitted.out
    assert "[2/2]" in submitted.err
    assert f"batchdep publish batch.yaml --to {server.url}" in submitted.err

    status = cli("status", manifest, "--format", "json")
    assert status.json["schema"] == "batchdep-status/1"
    assert status.json["counts"]["draft"] == 2
    assert status.json["datasets"][0]["files"][0]["name"] == "a b.csv"

    published = cli("publish", manifest, *to, "--only", "roses", "--format", "json", "-q")
    assert (published.code, published.err) == (0, "")
    assert published.json["counts"] | {"draft": 1, "published": 1} == published.json["counts"]

    discarded = cli("discard", manifest, *to, "--yes", "--format", "json")
    assert discarded.code == 0
    assert discarded.json["counts"] | {"published": 1, "discarded": 1} == discarded.json["counts"]

    listed = cli("status", "--format", "json")
    assert listed.json["schema"] == "batchdep-status-list/1"
    assert [batch["batch"] for batch in listed.json["batches"]] == ["batch"]

    doi = published.json["datasets"][0]["doi"]
    report = cli("report", manifest, *to, "--as", "datacite")
    assert [record["doi"] for record in report.json] == [doi]
    written = cli("report", manifest, *to, "-o", "report.html")
    assert written.code == 0
    assert doi in (cli.folder / "report.html").read_text(encoding="utf-8")
    for name, kind in KINDS_BY_NAME.items():
        told = cli("report", manifest, *to, "-o", name, "--format", "json")
        assert told.json["as"] == kind
        assert doi in (cli.folder / name).read_text(encoding="utf-8")
    for kind in ("jsonld", "ro-crate"):
        assert doi in json.dumps(cli("report", manifest, *to, "--as", kind, "--format", "json").json)


def test_a_rerun_of_a_finished_batch_sends_nothing(cli: CommandLine, server: LocalProcess) -> None:
    manifest = cli.manifest("again")
    first = cli("submit", manifest, "--to", server.url, "--publish", "--format", "json")
    assert (first.code, first.json["requests"]) == (0, 3)
    before = len(read_journal(server.journal))
    second = cli("submit", manifest, "--to", server.url, "--publish", "--format", "json")
    assert (second.code, second.json["requests"]) == (0, 0)
    assert second.json["datasets"][0]["doi"] == first.json["datasets"][0]["doi"]
    assert len(read_journal(server.journal)) == before


def test_local_needs_nothing_running(cli: CommandLine) -> None:
    manifest = cli.manifest("roses")
    first = cli("submit", manifest, "--publish", "--format", "json")
    assert first.code == 0, first.err
    assert first.json["datasets"][0]["state"] == "published"
    assert cli("submit", manifest, "--to", "local", "--publish", "--format", "json").json["requests"] == 0


def test_requests_are_logged_and_the_token_never_is(cli: CommandLine, server: LocalProcess) -> None:
    manifest = cli.manifest("logged")
    result = cli("submit", manifest, "--to", server.url, "-vv", env={"BATCHDEP_TOKEN": TOKEN})
    assert result.code == 0
    assert "POST /api/deposit/depositions 201" in result.err
    assert TOKEN not in result.out + result.err
    assert all(entry.authorization for entry in read_journal(server.journal)[-2:])


def test_a_dataset_that_fails_is_told_with_what_to_do(cli: CommandLine, server: LocalProcess) -> None:
    manifest = cli.manifest("fine", "failing")
    text = (cli.folder / manifest).read_text()
    cli.write(manifest, text.replace("title: The dataset failing", "title: The dataset failing, grants: [{id: '1'}]"))
    result = cli("submit", manifest, "--to", server.url, "--format", "json")
    assert result.code == 1, result.err
    states = {dataset["id"]: dataset["state"] for dataset in result.json["datasets"]}
    assert states == {"fine": "draft", "failing": "failed"}
    assert result.json["datasets"][1]["error"]["code"] == "metadata_rejected"
    assert "To resume once that is put right, run: " in result.err
    failed = cli("status", manifest, "--failed")
    assert "error failing: " in failed.out
    assert "\nfine" not in failed.out
    assert [each["id"] for each in cli("status", manifest, "--failed", "--format", "json").json["datasets"]] == [
        "failing"
    ]


# -- bad input ---------------------------------------------------------------------------------------------------


def folder(cli: CommandLine) -> str:
    (cli.folder / "folder.yaml").mkdir()
    return "folder.yaml"


def manifest_of(text: str) -> Callable[[CommandLine], str]:
    def write(cli: CommandLine) -> str:
        cli.write("bad.yaml", text)
        return "bad.yaml"

    return write


BAD_MANIFESTS: dict[str, tuple[Callable[[CommandLine], str], str]] = {
    "no such manifest": (lambda _: "none.yaml", "none.yaml"),
    "a folder": (folder, "folder"),
    "empty": (manifest_of(""), "empty"),
    "only a comment": (manifest_of("# nothing\n"), "empty"),
    "a list": (manifest_of("- a\n"), "bad.yaml:1"),
    "not YAML": (manifest_of("version: [1\n"), "bad.yaml:"),
    "wrong version": (manifest_of("version: 7\ndatasets: []\n"), "bad.yaml:1"),
    "no datasets": (manifest_of(f"{DEFAULTS}datasets: []\n"), "datasets"),
    "no files": (
        manifest_of(f"{DEFAULTS}datasets:\n  - id: a\n    metadata: {{title: Title, description: Text}}\n"),
        "files",
    ),
    "a file that is not there": (lambda cli: cli.manifest("a", files="none.csv"), "none.csv"),
    "unknown target": (lambda cli: cli.manifest("a", head=DEFAULTS.replace("local", "zendo")), "zenodo"),
}


@pytest.mark.parametrize("name", BAD_MANIFESTS)
def test_a_bad_manifest_is_told_and_nothing_is_sent(cli: CommandLine, name: str) -> None:
    make, words = BAD_MANIFESTS[name]
    manifest = make(cli)
    result = cli("submit", manifest)
    assert result.code == 2
    assert words in result.err
    assert result.out == ""
    assert not list(cli.home.rglob("*.db"))


@pytest.mark.parametrize("name", [name for name in BAD_MANIFESTS if name != "unknown target"])
def test_check_says_the_same_as_json(cli: CommandLine, name: str) -> None:
    make, _ = BAD_MANIFESTS[name]
    result = cli("check", make(cli), "--format", "json")
    assert result.code == 2
    assert (result.json["schema"], result.json["ok"]) == ("batchdep-check/1", False)
    assert all(problem["message"] and problem["file"] for problem in result.json["problems"])


def test_submit_tells_all_problems_as_json_too(cli: CommandLine) -> None:
    result = cli("submit", cli.manifest("a", "b", files="none.csv"), "--format", "json")
    assert (result.code, result.json["exit_code"]) == (2, 2)
    assert result.json["schema"] == "batchdep-error/1"
    assert result.json["error"]["code"] == "manifest_invalid"
    assert [problem["dataset"] for problem in result.json["problems"]] == ["a", "b"]


def test_check_warns_of_a_target_that_nobody_knows(cli: CommandLine) -> None:
    manifest = cli.manifest("roses", head=DEFAULTS.replace("target: local", "target: lokal"))
    document = cli("check", manifest, "--format", "json").json
    assert document["ok"]
    assert [(each["severity"], each["code"], each["line"]) for each in document["problems"]] == [
        ("warning", "bad_target", 3)
    ]
    assert "local" in document["problems"][0]["hint"]
    cli.env["BATCHDEP_CONFIG"] = str(cli.write("broken.toml", "x = ["))
    assert cli("check", manifest, "--format", "json").json["problems"] == []


def test_check_prints_places_as_a_compiler_does(cli: CommandLine) -> None:
    manifest = cli.manifest("a", files="none.csv")
    result = cli("check", manifest)
    first = result.out.splitlines()[0]
    assert first.startswith("batch.yaml:12:")
    assert ": error: " in first
    assert result.out.splitlines()[-1].startswith("batch.yaml: 1 error (1 dataset, ")
    assert result.err == ""


BAD_LINES = {
    "no command": ((), "Usage: batchdep"),
    "unknown command": (("sumbit", "m"), "submit"),
    "unknown option": (("submit", "batch.yaml", "--conc", "3"), "--concurrency"),
    "no manifest": (("submit",), "MANIFEST"),
    "concurrency 0": (("submit", "batch.yaml", "--concurrency", "0"), "--concurrency"),
    "concurrency x": (("submit", "batch.yaml", "--concurrency", "x"), "--concurrency"),
    "unknown id": (("submit", "batch.yaml", "--only", "rose"), "Did you mean 'roses'?"),
    "unknown id to publish": (("publish", "batch.yaml", "--only", "rose"), "Did you mean 'roses'?"),
    "foreign http": (("submit", "batch.yaml", "--to", "http://zenodo.org"), "https://zenodo.org"),
    "a path": (("submit", "batch.yaml", "--to", "https://zenodo.org/api"), "without a path"),
    "a secret": (("submit", "batch.yaml", "--to", "https://u:hidden@zenodo.org"), "user name or password"),
    "unknown target": (("status", "--to", "sanbox"), "Did you mean 'sandbox'?"),
    "unanswered publish": (("submit", "batch.yaml", "--to", "zenodo", "--publish"), "--yes"),
    "unanswered publish of drafts": (("publish", "batch.yaml", "--to", "zenodo"), "--yes"),
    "unanswered discard": (("discard", "batch.yaml", "--to", "zenodo"), "--yes"),
    "never submitted to publish": (("report", "none.yaml"), "none.yaml"),
    "a folder to write to": (("report", "batch.yaml", "-o", "."), "folder"),
    "markdown as JSON": (("report", "batch.yaml", "--as", "markdown", "--format", "json"), "-o FILE"),
    "citations as JSON": (("report", "batch.yaml", "--as", "bibtex", "--format", "json"), "-o FILE"),
    "watch as JSON": (("status", "--watch", "--format", "json"), "--watch"),
    "a database of another kind": (("status", "--database", "mysql://host/base"), "SQLite or PostgreSQL"),
    "a manifest that is there": (("init", "batch.yaml"), "--force"),
    "from nowhere": (("init", "new.yaml", "--from", "nowhere"), "nowhere"),
    "a table to start from": (("init", "new.csv"), "template -o new.csv"),
    "no rate limit": (("local", "--rate-limit", "fast"), "100/60"),
    "no trap": (("local", "--trap", "x=y"), "trap"),
    "unknown trap": (("local", "--trap", "xyz=0.5"), "xyz"),
    "a port too high": (("local", "--port", "70000"), "--port"),
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_bad_command_line_is_told(cli: CommandLine, name: str) -> None:
    words, expected = BAD_LINES[name]
    cli.manifest("roses")
    result = cli(*words)
    assert result.code == 2, result.err
    told = result.err
    if "json" in words:
        assert result.json["schema"] == "batchdep-error/1"
        told = json.dumps(result.json)
    else:
        assert result.out == ""
    assert expected in told
    assert "hidden" not in told


def test_a_wrong_command_line_is_json_where_json_is_asked_for(cli: CommandLine) -> None:
    cli.manifest("roses")
    result = cli("submit", "batch.yaml", "--concurrency", "0", "--format", "json")
    assert result.code == 2
    assert result.json["error"]["code"] == "usage"
    assert "--concurrency" in result.json["error"]["message"]


# -- access ------------------------------------------------------------------------------------------------------


def test_without_a_token_nothing_is_begun(cli: CommandLine) -> None:
    result = cli("submit", cli.manifest("roses"), "--to", "sandbox", "--draft")
    assert result.code == 3
    assert "ZENODO_SANDBOX_TOKEN" in result.err
    assert "batchdep login sandbox" in result.err


def test_something_else_than_a_token_is_refused_unseen(cli: CommandLine) -> None:
    result = cli(
        "submit", cli.manifest("roses"), "--to", "sandbox", "--draft", env={"ZENODO_SANDBOX_TOKEN": f"{TOKEN} \n"}
    )
    assert result.code == 3
    assert "ZENODO_SANDBOX_TOKEN" in result.err
    assert TOKEN not in result.err + result.out


def test_a_wrong_token_changes_nothing(cli: CommandLine, tmp_path: Path) -> None:
    with LocalProcess(tmp_path / "strict", "--token", "right") as strict:
        env = {"BATCHDEP_TOKEN": TOKEN}
        result = cli("submit", cli.manifest("roses", "thorns"), "--to", strict.url, "--format", "json", env=env)
        assert result.code == 3, result.err
        assert result.json["counts"]["draft"] == 0
        assert result.json["stopped"]["code"] == "unauthorized"
        assert TOKEN not in result.err + result.out

        login = cli("login", strict.url, "--stdin", stdin=f"{TOKEN}\n")
        assert login.code == 3
        assert "does not take this token" in login.err
        assert TOKEN not in login.err + login.out


def test_a_target_that_is_down_changes_nothing(cli: CommandLine) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        login = cli("login", url, "--stdin", stdin="token\n")
        submitted = cli("submit", cli.manifest("roses"), "--to", url)
    assert login.code == 3
    assert "could not be asked" in login.err
    assert submitted.code == 3
    assert f"does not answer: nobody answers at {url.removeprefix('http://')} (connection refused)." in submitted.err
    assert "pending" in submitted.out
    assert "To resume, run: " in submitted.err


class Html(BaseHTTPRequestHandler):
    """A server that is no repository."""

    def do_GET(self) -> None:
        body = b"<html><body>Welcome</body></html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Not to the terminal."""


@pytest.fixture
def html_server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Html) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()


def test_a_server_that_answers_html_is_no_repository(cli: CommandLine, html_server: str) -> None:
    login = cli("login", html_server, "--stdin", stdin="token\n")
    assert login.code == 3
    assert "could not be asked" in login.err
    submitted = cli("submit", cli.manifest("roses"), "--to", html_server, "--format", "json")
    assert submitted.code == 3
    assert submitted.json["stopped"]["code"] == "repository_unavailable"
    assert submitted.json["stopped"]["message"] == (
        "What answers at the target is no repository: The repository answered 200, but the answer is HTML."
    )
    assert submitted.json["counts"]["draft"] == 0


# -- the keyring -------------------------------------------------------------------------------------------------


def test_login_keeps_the_token_and_logout_removes_it(cli: CommandLine, tmp_path: Path) -> None:
    cli.env |= {
        "PYTHON_KEYRING_BACKEND": "tests.support.keyring_file.FileKeyring",
        "KEYRING_FILE": str(tmp_path / "keyring.json"),
    }
    with LocalProcess(tmp_path / "strict", "--token", TOKEN) as strict:
        login = cli("login", strict.url, "--stdin", stdin=f"{TOKEN}\n")
        assert (login.code, TOKEN in login.out + login.err) == (0, False)
        assert json.loads((tmp_path / "keyring.json").read_text()) == {f"batchdep {strict.url}": TOKEN}
        assert cli("submit", cli.manifest("roses"), "--to", strict.url).code == 0
        assert cli("logout", strict.url, "--format", "json").json["removed"] is True
        assert cli("logout", strict.url, "--format", "json").json["removed"] is False


def test_without_a_keyring_login_says_what_to_do_instead(cli: CommandLine, server: LocalProcess) -> None:
    result = cli("login", server.url, "--stdin", stdin="token\n")
    assert result.code == 1
    assert "BATCHDEP_TOKEN" in result.err


def test_local_needs_no_login(cli: CommandLine) -> None:
    assert cli("login", "local").code == 0


# -- state -------------------------------------------------------------------------------------------------------


def test_the_database_is_where_it_was_asked_for(cli: CommandLine, server: LocalProcess) -> None:
    manifest = cli.manifest("roses")
    assert cli("submit", manifest, "--to", server.url, "--database", "here.db").code == 0
    assert (cli.folder / "here.db").is_file()
    env = {"BATCHDEP_DATABASE": str(cli.folder / "here.db")}
    assert cli("status", manifest, "--format", "json", env=env).json["counts"]["draft"] == 1
    assert cli("status", "--format", "json").json["batches"] == []


def test_a_newer_database_is_refused_in_words(cli: CommandLine, server: LocalProcess) -> None:
    assert cli("submit", cli.manifest("roses"), "--to", server.url, "--database", "state.db").code == 0
    with sqlite3.connect(cli.folder / "state.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    result = cli("status", "--database", "state.db")
    assert result.code == 2
    assert "newer batchdep" in result.err


# -- signals and streams -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_first_signal_stops_softly_and_says_how_to_resume(
    cli: CommandLine, tmp_path: Path, number: signal.Signals
) -> None:
    with LocalProcess(tmp_path / "slow", "--answer-delay", "1") as slow:
        manifest = cli.manifest(*(f"d{count}" for count in range(40)))
        process = cli.start("submit", manifest, "--to", slow.url, "--concurrency", "1", "--format", "json")
        assert process.stderr is not None
        process.stderr.readline()
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "To resume, run: " in err
    assert "Traceback" not in err
    assert json.loads(out)["stopped"]["code"] == "interrupted"


def test_a_second_signal_leaves_at_once(cli: CommandLine, tmp_path: Path) -> None:
    with LocalProcess(tmp_path / "slow", "--answer-delay", "60") as slow:
        process = cli.start("submit", cli.manifest("roses"), "--to", slow.url)
        assert process.stderr is not None
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert "Stopping" in process.stderr.readline()
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        assert process.returncode == 130
        assert time.monotonic() - began < 3


def test_a_reader_that_has_enough_is_no_error_to_talk_about(cli: CommandLine) -> None:
    reader, writer = os.pipe()
    process = cli.start("schema", stdout=writer)
    os.close(writer)
    os.close(reader)
    _, err = process.communicate(timeout=30)
    assert err == ""


def test_a_result_that_cannot_be_written_is_told(cli: CommandLine) -> None:
    with Path("/dev/full").open("w") as full:
        process = cli.start("schema", stdout=full)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "cannot be written to stdout: No space left on device" in err
    assert "Traceback" not in err
    assert "Exception" not in err


def test_closed_streams_do_no_harm(cli: CommandLine) -> None:
    script = f"exec {sys.executable} -m batchdep schema >&- 2>&-"
    done = subprocess.run(["sh", "-c", script], cwd=cli.folder, env=cli.environment(), check=False, timeout=60)
    assert done.returncode == 0


def test_poor_encodings_and_no_colours(cli: CommandLine, server: LocalProcess) -> None:
    manifest = cli.manifest("rosé")
    result = cli("submit", manifest, "--to", server.url, env={"PYTHONIOENCODING": "ascii"})
    assert result.code == 0
    assert "ros\\xe9" in result.out
    assert "\x1b" not in result.out + result.err


def on_a_terminal(
    cli: CommandLine, *words: str, answer: str = "", env: dict[str, str] | None = None
) -> tuple[int, str]:
    """The command with a terminal at all its streams; what it showed."""
    main, other = pty.openpty()
    process = cli.start(*words, env={"TERM": "xterm-256color", **(env or {})}, stdin=other, stdout=other, stderr=other)
    os.close(other)
    shown = b""
    while True:
        try:
            block = os.read(main, 65536)
        except OSError:  # the terminal's end, on Linux
            break
        if not block:
            break
        shown += block
        if answer and answer[0].encode() in shown:
            os.write(main, answer[1:].encode())
            answer = ""
    os.close(main)
    return process.wait(timeout=30), shown.decode("utf-8", "replace")


def test_a_terminal_gets_a_display_and_colours(cli: CommandLine, server: LocalProcess) -> None:
    code, shown = on_a_terminal(cli, "submit", cli.manifest("roses", "thorns"), "--to", server.url, "--publish")
    assert code == 0
    assert "\x1b[32mpublished" in shown
    assert "\x1b[?25h" in shown, "the cursor is given back"
    assert "2 published" in shown


def test_no_color_is_respected_on_a_terminal(cli: CommandLine, server: LocalProcess) -> None:
    code, shown = on_a_terminal(cli, "submit", cli.manifest("roses"), "--to", server.url, env={"NO_COLOR": "1"})
    assert code == 0
    assert "\x1b[3" not in shown


def test_a_question_that_is_answered_with_no_changes_nothing(cli: CommandLine) -> None:
    code, shown = on_a_terminal(
        cli, "submit", cli.manifest("roses"), "--to", "zenodo", "--publish", answer="?n\n", env={"ZENODO_TOKEN": TOKEN}
    )
    assert code == 2
    assert "Publish 1 dataset on https://zenodo.org?" in shown
    assert "Nothing was sent." in shown


# -- the other commands ------------------------------------------------------------------------------------------


def test_init_writes_a_manifest_that_reads(cli: CommandLine) -> None:
    assert cli("init").code == 0
    assert (cli.folder / "batch.yaml").is_file()
    cli.settled("studies/first/data.csv", "1\n")
    result = cli("init", "studies.yaml", "--from", "studies", "--format", "json")
    assert result.json == {"schema": "batchdep-written/1", "file": "studies.yaml", "as": "manifest"}
    assert "first" in (cli.folder / "studies.yaml").read_text()
    document = cli("check", "studies.yaml", "--format", "json").json
    assert document["datasets"] == 1
    assert cli("init", "studies.yaml", "--force").code == 0


def test_schema_is_a_json_schema(cli: CommandLine) -> None:
    assert "$schema" in cli("schema").json


def test_status_of_what_was_never_submitted(cli: CommandLine) -> None:
    document = cli("status", cli.manifest("roses"), "--format", "json").json
    assert document["counts"]["pending"] == 1
    assert cli("status").out == "No batch was submitted yet.\n"


def test_status_of_a_manifest_that_is_gone(cli: CommandLine, server: LocalProcess) -> None:
    manifest = cli.manifest("roses")
    assert cli("submit", manifest, "--to", server.url).code == 0
    (cli.folder / manifest).unlink()
    assert cli("status", manifest, "--format", "json").json["counts"]["draft"] == 1


def test_watching_ends_when_nothing_is_under_way(cli: CommandLine, server: LocalProcess) -> None:
    manifest = cli.manifest("roses")
    assert cli("submit", manifest, "--to", server.url).code == 0
    assert "1 draft" in cli("status", manifest, "--watch").out


def test_local_runs_until_it_is_interrupted(cli: CommandLine) -> None:
    process = cli.start(
        "local", "--port", "0", "--data", "repository", "--rate-limit", "100/60", "--trap", "drop-after=0"
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert "http://127.0.0.1:" in line
    busy = cli("local", "--port", "0", "--data", "repository")
    assert busy.code == 1
    assert "Another repository works on" in busy.err
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, "Traceback" in err) == (0, False)


def test_a_port_that_is_taken_is_told(cli: CommandLine, server: LocalProcess) -> None:
    result = cli("local", "--port", server.url.rpartition(":")[2], "--data", "repository")
    assert result.code == 2
    assert "--port" in result.err


def test_help_loads_nothing_that_takes_long(cli: CommandLine) -> None:
    heavy = "{'aiohttp', 'alembic', 'asyncio', 'keyring', 'pydantic', 'rich', 'sqlalchemy', 'yaml'}"
    cli.write(
        "sitecustomize.py",
        f"import atexit, sys\natexit.register(lambda: print('loaded', *sorted({heavy} & set(sys.modules))))\n",
    )
    result = cli("--help", env={"PYTHONPATH": f"{cli.folder}{os.pathsep}{ROOT}"})
    assert result.code == 0
    assert result.out.splitlines()[-1] == "loaded"
    for name in ("init", "check", "submit", "status", "report", "publish", "discard", "local", "login", "logout"):
        assert f"  {name} " in result.out


def test_version_and_completion(cli: CommandLine) -> None:
    assert cli("--version").out.startswith("batchdep 0.")
    words = {"_BATCHDEP_COMPLETE": "complete_bash", "COMP_WORDS": "batchdep submit m.yaml --to sa", "COMP_CWORD": "4"}
    assert cli(env=words).out.split() == ["sandbox"]
    assert cli("check", env=words).out.split() == ["sandbox"]
    cli.manifest("roses", "thorns", name="m.yaml")
    words = {"_BATCHDEP_COMPLETE": "complete_bash", "COMP_WORDS": "batchdep submit m.yaml --only ", "COMP_CWORD": "4"}
    assert cli(env=words).out.split() == ["roses", "thorns"]


def test_an_unforeseen_error_leads_to_its_details(cli: CommandLine) -> None:
    cli.write(
        "sitecustomize.py", "import batchdep.config as c\ndef f(*a): raise RuntimeError('odd')\nc.load_config = f\n"
    )
    env = {"PYTHONPATH": f"{cli.folder}{os.pathsep}{ROOT}"}
    result = cli("status", env=env)
    assert result.code == 1
    assert "This is a bug in batchdep" in result.err
    [report] = cli.home.rglob("crash-*.txt")
    assert str(report) in result.err
    assert "RuntimeError: odd" in report.read_text()
    assert report.stat().st_mode & 0o077 == 0
