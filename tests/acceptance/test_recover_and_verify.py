"""Evidence and a lost state, as a user meets them."""

from __future__ import annotations

from pathlib import Path

from tests.support.account import account
from tests.support.batches import make_batch
from tests.support.cli import CommandLine
from tests.support.local_server import LocalProcess


def test_a_lost_database_is_recovered_and_everything_is_as_it_was(
    server: LocalProcess, batchdep: CommandLine, tmp_path: Path
) -> None:
    batch = make_batch(tmp_path / "data", 3, 2, 2000, publish=False)
    place = ("--to", server.url, "--database", str(tmp_path / "state.db"))
    manifest = str(batch.manifest)
    assert batchdep("submit", manifest, *place, "--publish", "--only", "set-000", "--only", "set-001").code == 0
    before = account(server.url)

    (tmp_path / "state.db").write_bytes(b"\xa5" * 8192)
    damaged = batchdep("submit", manifest, *place)
    assert damaged.code == 2
    assert "batchdep recover" in damaged.err

    (tmp_path / "state.db").rename(tmp_path / "damaged.db")
    recovered = batchdep("recover", manifest, *place, "--format", "json", env={"BATCHDEP_TOKEN": "never-shown"})
    assert recovered.code == 0, recovered.err
    assert [each["found"] for each in recovered.json["datasets"]] == ["matched", "matched", "missing"]
    assert account(server.url) == before

    assert batchdep("submit", manifest, *place).code == 0
    assert len(account(server.url)) == 3

    (path,) = (tmp_path / "data" / "set-000").glob("part 0*")
    path.write_bytes(bytes(reversed(path.read_bytes())))
    verified = batchdep("verify", manifest, *place)
    assert verified.code == 1
    assert "set-000: differs" in verified.out
    assert "part 0 & more.bin has other bytes" in verified.out
    assert "1 of 3 datasets differ" in verified.out

    log = batchdep("log", manifest, "set-002", *place)
    assert log.code == 0
    lines = [line for line in log.out.splitlines() if "set-002" in line]
    assert [line.split()[3] for line in lines] == ["asked", "answered", "created", *("asked", "answered") * 2]
    assert "-- recover begins (batchdep " in log.out
    assert "never-shown" not in log.out + (tmp_path / "state.db").read_bytes().decode("latin-1")
