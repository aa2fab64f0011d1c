"""Before a run: what goes on beside the imports, and what it must not change."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.repository.raw import always, answer, raw_server
from tests.integration.repository.test_hostile import TLS, server_tls
from tests.support.cli import CommandLine

ASK = """
import asyncio, sys, aiohttp

async def ask(**options):
    async with aiohttp.ClientSession() as client:
        try:
            async with client.get(sys.argv[1], **options) as response:
                return response.status
        except aiohttp.ClientConnectorCertificateError:
            return "not trusted"

print(asyncio.run(ask()), asyncio.run(ask(ssl=False)))
"""

SLOW = """
import ssl, threading
main = threading.current_thread()
may_go_on = threading.Event()
said = []

class Slow(ssl.SSLContext):
    def set_default_verify_paths(self):
        super().set_default_verify_paths()
        if threading.current_thread() is main:
            return
        said.append(threading.current_thread().daemon)
        assert may_go_on.wait(30)
        said.append("read")
        if FAILS:
            raise OSError("no certificates")

trusts = Slow(ssl.PROTOCOL_TLS_CLIENT)
trusts.load_default_certs()
"""
"""Stands in for aiohttp: a trust store is read for as long as it is told to."""


def run(batchdep: CommandLine, code: str, *arguments: str, **env: str) -> str:
    """What a Python of its own printed."""
    command = [sys.executable, "-c", code, *arguments]
    environment = batchdep.environment({"PYTHONPATH": f"{batchdep.folder}:{Path.cwd()}", **env})
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(("trusted", "answered"), [("here", "200 200"), ("elsewhere", "not trusted 200")])
async def test_aiohttp_trusts_whom_the_system_trusts(batchdep: CommandLine, trusted: str, answered: str) -> None:
    code = f"from batchdep.cli.starting import import_http, ready\nimport_http()\nready()\n{ASK}"
    async with raw_server(always(answer(200)), tls=server_tls("here")) as server:
        found = await asyncio.to_thread(run, batchdep, code, server.url, SSL_CERT_FILE=str(TLS / f"{trusted}.crt"))
    assert found == answered


def test_nothing_of_it_stays(batchdep: CommandLine) -> None:
    code = """
import ssl, threading
before = dict(vars(ssl.SSLContext)), dict(vars(ssl))
from batchdep.cli.starting import import_http, ready
import_http()
assert (dict(vars(ssl.SSLContext)), dict(vars(ssl))) == before
ready()
print(threading.active_count())
"""
    assert run(batchdep, code) == "1"


def test_the_store_is_read_beside_the_imports(batchdep: CommandLine) -> None:
    (batchdep.folder / "aiohttp.py").write_text(f"FAILS = False\n{SLOW}")
    code = """
from batchdep.cli.starting import import_http, ready
import_http()
import aiohttp
assert "read" not in aiohttp.said
aiohttp.may_go_on.set()
ready()
print(*aiohttp.said)
"""
    assert run(batchdep, code) == "False read"


def test_a_store_that_cannot_be_read_is_told(batchdep: CommandLine) -> None:
    (batchdep.folder / "aiohttp.py").write_text(f"FAILS = True\n{SLOW}")
    code = """
from batchdep.cli.starting import import_http, ready
import_http()
import aiohttp
aiohttp.may_go_on.set()
try:
    ready()
except OSError as error:
    print(error)
"""
    assert run(batchdep, code) == "no certificates"


def test_a_method_that_somebody_put_there_is_left_alone(batchdep: CommandLine) -> None:
    code = """
import ssl
called = []
def own(context): called.append(context)
ssl.SSLContext.set_default_verify_paths = own
from batchdep.cli.starting import import_http, ready
import_http()
assert called
ready()
print(vars(ssl.SSLContext)["set_default_verify_paths"] is own)
"""
    assert run(batchdep, code) == "True"


@pytest.mark.parametrize("command", [("check",), ("status",), ("submit", "--to", "local")])
def test_who_asks_nobody_imports_no_http(batchdep: CommandLine, command: tuple[str, ...]) -> None:
    """Neither do those who would, where the manifest is wrong."""
    (batchdep.folder / "m.yaml").write_text("version: 1\ndatasets: [{id: one, files: [nothing]}]\n")
    code = f"""
import sys
from batchdep.cli.app import main
try:
    main({[*command, str(batchdep.folder / "m.yaml")]!r})
except SystemExit as end:
    print("ended with", end.code, "aiohttp" in sys.modules)
"""
    code_of = {"check": 2, "status": 0, "submit": 2}[command[0]]
    assert run(batchdep, code).splitlines()[-1] == f"ended with {code_of} False"
