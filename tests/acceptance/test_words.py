"""What a person reads at the terminal is true, and says what to do next."""

from __future__ import annotations

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
