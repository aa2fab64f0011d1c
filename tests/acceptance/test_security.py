"""What SECURITY.md promises of the command as a user types it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pty
import signal
import stat
import threading
import time
import unicodedata
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from batchdep.cli.output import Output
from batchdep.cli.request import load, request
from batchdep.errors import UsageError
from tests.support.batches import make_batch
from tests.support.cli import ROOT, CommandLine, Result
from tests.support.local_server import LocalProcess, read_journal

SECRET = "tOkEn7d1e40c2ab5f9c6613"
PASSWORDS = "root:x:0:0: the-content-of-a-file-elsewhere"
STEERING = "\x1b]0;owned\x07\x1b[31m\x9b2J\u202egnp.exe\r\b"
"""Sets a terminal's title, its colour, clears it (by a C1 control), turns the direction of writing, goes back."""


def run_openly(cli: CommandLine, *arguments: str) -> Result:
    """The command under a umask that hides nothing."""
    with cli.start(*arguments, umask=0) as process:
        out, err = process.communicate(timeout=90)
    return Result(process.returncode, out, err)


def open_to_others(folder: Path) -> list[str]:
    """What somebody else on the machine could read: files that neither their mode nor a folder's keeps from others."""
    found = []
    for path in folder.rglob("*"):
        way = [path, *(above for above in path.parents if above.is_relative_to(folder))]
        if path.is_file() and all(stat.S_IMODE(each.stat().st_mode) & 0o077 for each in way):
            found.append(str(path.relative_to(folder)))
    return found


# -- a shared machine --------------------------------------------------------------------------------------------


def test_what_is_written_is_for_its_owner_only(batchdep: CommandLine) -> None:
    """The state, its locks and its journal files, the embedded repository's data, a crash report: under umask 000."""
    batchdep.home.mkdir(mode=0o777)
    batchdep.home.chmod(0o777)
    manifest = batchdep.manifest("shown", "hidden")
    batchdep.env["BATCHDEP_LOCAL_PORT"] = str(_free_port())
    assert run_openly(batchdep, "submit", manifest, "--to", "local", "--publish").code == 0
    crashing = "import batchdep.config as c\ndef f(*a): raise RuntimeError('odd')\nc.load_config = f\n"
    batchdep.write("sitecustomize.py", crashing)
    batchdep.env["PYTHONPATH"] = f"{batchdep.folder}{os.pathsep}{ROOT}"
    assert run_openly(batchdep, "status").code == 1
    written = {path.name for path in batchdep.home.rglob("*") if path.is_file()}
    assert {"deposition.json", "lock"} <= written
    assert any(name.startswith("crash-") for name in written)
    assert any(name.endswith(".db") for name in written)
    assert any(name.endswith(".lock") for name in written)
    assert open_to_others(batchdep.home) == []


def test_an_open_folder_does_not_open_what_is_put_into_it(batchdep: CommandLine, tmp_path: Path) -> None:
    """A database and a repository's data in a folder that all may enter are for their owner all the same."""
    shared = tmp_path / "shared"
    (shared / "data").mkdir(parents=True)
    for folder in (shared, shared / "data"):
        folder.chmod(0o777)
    manifest = batchdep.manifest("shown")
    previous = os.umask(0)
    try:
        server = LocalProcess(tmp_path)
        server.data, server.journal = shared / "data", shared / "journal.jsonl"
        with server:
            database = str(shared / "state.db")
            assert run_openly(batchdep, "submit", manifest, "--to", server.url, "--database", database).code == 0
            assert open_to_others(shared) == []
    finally:
        os.umask(previous)


# -- the token ---------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc")
def test_no_process_shows_the_token_in_its_arguments(batchdep: CommandLine, tmp_path: Path) -> None:
    batch = make_batch(tmp_path / "data", datasets=1, files=1, size=10)
    token = {"BATCHDEP_TOKEN": SECRET}
    with LocalProcess(tmp_path, "--answer-delay", "1") as server:
        with batchdep.start("submit", str(batch.manifest), "--to", server.url, "-vv", env=token) as process:
            while not read_journal(server.journal) and process.poll() is None:
                time.sleep(0.005)
            process.send_signal(signal.SIGSTOP)
            arguments = {pid: read(f"/proc/{pid}/cmdline") for pid in os.listdir("/proc") if pid.isdigit()}  # noqa: PTH208
            process.send_signal(signal.SIGCONT)
            process.communicate(timeout=60)
        assert process.returncode == 0
    assert b"submit" in arguments[str(process.pid)]
    assert [pid for pid, words in arguments.items() if SECRET.encode() in words] == []


def read(path: str) -> bytes:
    with contextlib.suppress(OSError):
        return Path(path).read_bytes()
    return b""


def test_no_option_takes_a_token() -> None:
    """Arguments are seen by everybody on the machine. `local --token` is the made-up one of the embedded repository."""
    from typer.main import get_command

    from batchdep.cli.app import command_line

    commands: dict[str, Any] = getattr(get_command(command_line()), "commands")  # noqa: B009 - of a group
    options = [(name, option) for name, command in commands.items() for each in command.params for option in each.opts]
    assert [pair for pair in options if "token" in pair[1] or "password" in pair[1]] == [("local", "--token")]


@pytest.mark.parametrize("verbose", ["-q", "-vv"])
def test_a_crash_report_has_no_token(batchdep: CommandLine, server: LocalProcess, verbose: str) -> None:
    crashing = "def connect(url, token, **options):\n    raise RuntimeError(f'odd: {token}')\n"
    patched = f"import batchdep.repository.zenodo as zenodo\n{crashing}\nzenodo.connect = connect\n"
    batchdep.write("sitecustomize.py", patched)
    env = {"BATCHDEP_TOKEN": SECRET, "PYTHONPATH": f"{batchdep.folder}{os.pathsep}{ROOT}"}
    with batchdep.start("submit", batchdep.manifest("one"), "--to", server.url, verbose, env=env) as process:
        out, err = process.communicate(timeout=60)
    assert "This is a bug in batchdep" in err
    [report] = batchdep.home.rglob("crash-*.txt")
    assert "odd: ***" in report.read_text()
    assert SECRET not in out + err + report.read_text()


# -- a manifest from somebody else -------------------------------------------------------------------------------


@pytest.fixture
def batch(batchdep: CommandLine) -> CommandLine:
    """A folder `batch` to put a manifest into, beside one with something that is none of its business."""
    batchdep.settled("elsewhere/passwd", PASSWORDS)
    batchdep.settled("elsewhere/.zenodo.json", json.dumps({"title": PASSWORDS, "description": PASSWORDS}))
    home = batchdep.settled("batch/own.csv", "a,b\n").parent
    batchdep.settled("batch/sub/own.csv", "a,b\n")
    (home / "link").symlink_to("../elsewhere/passwd")
    (home / "folder").symlink_to("../elsewhere")
    (home / "sub" / "link").symlink_to("../../elsewhere/passwd")
    (home / "meta.json").symlink_to("../elsewhere/.zenodo.json")
    return batchdep


WAYS_OUT = {
    "up": "files: [../elsewhere/passwd]",
    "up and down": "files: [sub/../../elsewhere/passwd]",
    "absolute": "files: [{elsewhere}/passwd]",
    "link": "files: [link]",
    "folder link": "files: [folder/passwd]",
    "glob": "files: ['../elsewhere/*']",
    "glob over links": "files: ['l*', own.csv]",
    "glob in a link": "files: ['folder/*']",
    "two stars": "files: ['**/link']",
    "archive": "files: [{{path: ../elsewhere, archive: a.zip}}]",
    "archive of a link": "files: [{{path: folder, archive: a.zip}}]",
    "link in an archive": "files: [{{path: sub, archive: a.zip}}]",
    "metadata": "files: [own.csv]\n    metadata: ../elsewhere/.zenodo.json",
    "metadata link": "files: [own.csv]\n    metadata: meta.json",
    "absolute metadata": "files: [own.csv]\n    metadata: {elsewhere}/.zenodo.json",
}


DEFAULTS = (
    "version: 1\ndefaults: {upload_type: dataset, license: cc-by-4.0, creators: [{name: 'Doe, Jane'}]}\ndatasets:\n"
)


def manifest_with(batch: CommandLine, entries: Mapping[str, str]) -> str:
    """A manifest with a dataset for each entry, its id the entry's name."""
    text = DEFAULTS
    for name, entry in entries.items():
        described = "" if "metadata:" in entry else f"\n    metadata: {{title: A title for {name}, description: About}}"
        text += f"  - id: {name}\n    {entry.format(elsewhere=batch.folder / 'elsewhere')}{described}\n"
    batch.write("batch/batch.yaml", text)
    return "batch/batch.yaml"


def errors(result: Result) -> dict[str, set[str]]:
    """The codes of the errors of each dataset."""
    found: dict[str, set[str]] = {}
    for problem in result.json["problems"]:
        if problem["severity"] == "error":
            found.setdefault(problem["dataset"], set()).add(problem["code"])
    return found


def test_a_manifest_reaches_nothing_outside_its_folder(batch: CommandLine) -> None:
    result = batch("check", manifest_with(batch, WAYS_OUT), "--format", "json")
    assert result.code == 2
    assert errors(result).keys() == WAYS_OUT.keys()
    assert {way: codes for way, codes in errors(result).items() if "outside" not in codes} == {}
    assert PASSWORDS not in result.out + result.err


def test_what_lies_outside_is_never_sent_unasked(batch: CommandLine, server: LocalProcess) -> None:
    described = {way: entry for way, entry in WAYS_OUT.items() if "metadata:" in entry}
    for entries in (described, {way: entry for way, entry in WAYS_OUT.items() if way not in described}):
        result = batch("submit", manifest_with(batch, entries), "--to", server.url)
        assert result.code == 2
        assert result.err.count(": error: ") >= len(entries)
        assert PASSWORDS not in result.out + result.err
    assert read_journal(server.journal) == []
    for path in batch.home.rglob("*"):
        assert not path.is_file() or PASSWORDS.encode() not in path.read_bytes()


def test_a_manifest_alone_cannot_say_where_the_token_goes(
    batchdep: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    defaults = "version: 1\ntarget: https://collect.invalid\ndefaults: {upload_type: dataset, license: cc-by-4.0}\n"
    manifest = batchdep.manifest("one", head=defaults.replace("4.0}", "4.0, creators: [{name: 'Doe, Jane'}]}"))
    token = {"BATCHDEP_TOKEN": SECRET}
    refused = batchdep("submit", manifest, "--draft", env=token)
    assert refused.code == 2
    assert "name it yourself: --to https://collect.invalid" in refused.err
    monkeypatch.setenv("BATCHDEP_TOKEN", SECRET)
    loaded = load(batchdep.folder / manifest, Output())
    assert request(loaded, "https://collect.invalid", None).token() == SECRET
    with pytest.raises(UsageError, match="your token"):
        request(loaded, None, None).token()


def test_folders_of_a_manifest_stay_inside_too(batch: CommandLine) -> None:
    text = "version: 1\ndatasets: {folders: '../elsewh*', metadata: .zenodo.json, files: '**'}\n"
    batch.write("batch/batch.yaml", text)
    result = batch("check", "batch/batch.yaml", "--format", "json")
    assert result.code == 2
    assert "outside" in {problem["code"] for problem in result.json["problems"]}
    assert PASSWORDS not in result.out + result.err


REFUSED_ALL_THE_SAME = {
    "device": ("files: [/dev/zero]", "not_a_file"),
    "pipe": ("files: ['{elsewhere}/pipe']", "not_a_file"),
    "loop": ("files: ['{elsewhere}/loop']", "symlink_loop"),
    "nowhere": ("files: ['{elsewhere}/nowhere']", "no_match"),
    "folder": ("files: ['{elsewhere}']", "folder_without_archive"),
    "environment": ("files: [/proc/self/environ]", "empty_file"),
    "name": ("files: [{{path: link, name: ../x}}]", "file_name"),
}


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
def test_allow_outside_still_refuses_what_is_no_settled_file(batch: CommandLine) -> None:
    """Devices and pipes never end, and what the kernel makes up while it is read has no size."""
    os.mkfifo(batch.folder / "elsewhere" / "pipe")
    (batch.folder / "elsewhere" / "loop").symlink_to("loop")
    entries = {name: entry for name, (entry, _) in REFUSED_ALL_THE_SAME.items()}
    allowed = {"link": WAYS_OUT["link"], "metadata": WAYS_OUT["metadata"]}
    result = batch("check", manifest_with(batch, {**entries, **allowed}), "--allow-outside", "--format", "json")
    assert errors(result) == {name: {code} for name, (_, code) in REFUSED_ALL_THE_SAME.items()}


# -- terminals ---------------------------------------------------------------------------------------------------


def steering(text: str) -> set[str]:
    """Characters that would do something else on a terminal than show themselves."""
    return {char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Co", "Cn"} and char != "\n"}


class Steering(BaseHTTPRequestHandler):
    """A repository that takes everything and puts what steers a terminal into every text of its answers."""

    protocol_version = "HTTP/1.1"
    refuse = False

    def deposition(self, state: str) -> dict[str, Any]:
        links = {"bucket": f"http://{self.headers['Host']}/api/files/b", "html": f"https://x.example/{STEERING}"}
        metadata = {"title": STEERING, "prereserve_doi": {"doi": f"10.5281/{STEERING}", "recid": 7}, STEERING: STEERING}
        named = {"doi": f"10.5072/{STEERING}", "conceptdoi": STEERING} if state == "done" else {}
        return {"id": 7, "state": state, "title": STEERING, "metadata": metadata, "files": [], "links": links, **named}

    def answer(self, status: int, document: Any) -> None:
        content = json.dumps(document).encode()
        self.send_response(status, "Words")
        for name, value in {"Content-Length": str(len(content)), "Retry-After": "\x1b[31m1\x9b"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.refuse:
            words = {"message": STEERING, "errors": [{"field": STEERING, "messages": [STEERING]}]}
            self.answer(400, words)
        elif self.path.endswith("publish"):
            self.answer(202, self.deposition("done"))
        else:
            self.answer(201, self.deposition("unsubmitted"))

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        self.answer(201, {"key": "a b.csv", "size": len(content), "checksum": f"md5:{md5}"})

    def do_GET(self) -> None:
        self.answer(200, [] if self.path.partition("?")[0].endswith("depositions") else self.deposition("done"))

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(params=[False, True], ids=["takes everything", "refuses everything"])
def steering_server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(Steering, "refuse", request.param)
    with ThreadingHTTPServer(("127.0.0.1", 0), Steering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_servers_words_cannot_steer_the_terminal(batchdep: CommandLine, steering_server: str) -> None:
    to = (batchdep.manifest("one"), "--to", steering_server)
    told = [batchdep("submit", *to, "--publish", "--yes", "-vv"), batchdep("status", *to, "--format", "json")]
    assert told[0].code == (1 if Steering.refuse else 0)
    assert "owned" in told[0].out + told[0].err + told[1].out
    for each in told:
        assert steering(each.out) == steering(each.err) == set(), each.out + each.err
    for form in () if Steering.refuse else ("csv", "json"):
        assert steering(on_a_terminal(batchdep, "report", *to, "--as", form)) == set()


def on_a_terminal(cli: CommandLine, *arguments: str) -> str:
    """What a command without colours writes on a terminal."""
    reader, writer = pty.openpty()
    with cli.start(*arguments, stdout=writer, env={"NO_COLOR": "1"}) as process:
        os.close(writer)
        shown = b""
        with contextlib.suppress(OSError):  # the terminal's other end is closed
            while block := os.read(reader, 65536):
                shown += block
        process.communicate()
    os.close(reader)
    assert process.returncode == 0
    return shown.decode().replace("\r", "")


def test_a_manifests_words_cannot_steer_the_terminal(batchdep: CommandLine) -> None:
    quoted = json.dumps(STEERING)
    batchdep.settled(f"data/{STEERING}.csv", "x")
    entry = f"{{id: {quoted}, {quoted}: 1, metadata: {{title: {quoted}, {quoted}: 1}}, files: ['data/*', {quoted}]}}"
    titled = f"{{id: a, metadata: {{title: {quoted}, upload_type: {quoted}}}, files: data/*}}"
    batchdep.write("values.yaml", f"version: 1\nbatch: {quoted}\n{quoted}: {quoted}\ndatasets: [{entry}]\n")
    batchdep.write("titles.yaml", f"version: 1\ntarget: {quoted}\ndatasets: [{titled}]\n")
    for words in (
        ("check", "values.yaml"),
        ("check", "values.yaml", "--format", "json"),
        ("submit", "titles.yaml"),
        ("submit", "titles.yaml", "--to", STEERING),
        ("check", f"{STEERING}.yaml", f"--{STEERING}"),
    ):
        result = batchdep(*words)
        assert result.code == 2
        assert steering(result.out) == steering(result.err) == set(), result.out + result.err


def _free_port() -> int:
    with ThreadingHTTPServer(("127.0.0.1", 0), Steering) as probe:
        return int(probe.server_port)
