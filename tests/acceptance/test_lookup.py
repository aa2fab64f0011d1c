"""``batchdep lookup``, as a user types it."""

from __future__ import annotations

from tests.support.cli import CommandLine
from tests.support.local_server import LocalProcess
from tests.support.ports import free_port


def test_a_licence_and_what_to_paste(batchdep: CommandLine) -> None:
    result = batchdep("lookup", "licence", "cc", "by", "4.0")
    assert result.code == 0
    assert result.out.splitlines()[0].replace("  ", "") == "CC-BY-4.0Creative Commons Attribution 4.0 International"
    assert "license: CC-BY-4.0" in result.err
    assert batchdep("lookup", "licence", "cc", "by", "4.0", "-q").err == ""


def test_a_kind_by_its_key_in_the_metadata(batchdep: CommandLine) -> None:
    assert batchdep("lookup", "license", "mit").out == batchdep("lookup", "licence", "mit").out != ""
    wrong = batchdep("lookup", "person", "Curie")
    assert wrong.code == 2
    assert "'person' is none of licence, language, funder, relation, role, type, orcid, grant, community." in wrong.err


def test_long_lists_are_cut_unless_asked_for(batchdep: CommandLine) -> None:
    short = batchdep("lookup", "language", "sign")
    assert len(short.out.splitlines()) == 25
    assert "more: add a word" in short.err
    assert len(batchdep("lookup", "language", "sign", "-v").out.splitlines()) > 100


def test_nothing_is_found(batchdep: CommandLine) -> None:
    result = batchdep("lookup", "relation", "isSuplementTo")
    assert (result.code, result.out) == (1, "")
    assert "isSupplementTo" in result.err
    document = batchdep("lookup", "relation", "isSuplementTo", "--format", "json")
    assert document.code == 1
    assert document.json["schema"] == "batchdep-lookup/1"
    assert document.json["suggestions"][0]["id"] == "isSupplementTo"


def test_a_grant_at_a_repository(batchdep: CommandLine, server: LocalProcess) -> None:
    result = batchdep("lookup", "grant", "EC::654241", "--to", server.url, "-v")
    assert result.code == 0
    assert result.out.split()[0] == "10.13039/501100000780::654241"
    assert "GET /api/awards?q=654241&size=25 200" in result.err
    found = batchdep("lookup", "community", "zenodo", "--to", server.url, "--format", "json")
    assert found.json["target"] == server.url
    assert [each["id"] for each in found.json["matches"]] == ["zenodo"]


def test_local_needs_nothing_running(batchdep: CommandLine) -> None:
    batchdep.env["BATCHDEP_LOCAL_PORT"] = str(free_port())
    assert batchdep("lookup", "community", "zenodo", "--to", "local").code == 0


def test_nobody_answers(batchdep: CommandLine) -> None:
    result = batchdep("lookup", "grant", "x", "--to", f"http://127.0.0.1:{free_port()}", "--format", "json")
    assert result.code == 3
    assert result.json["error"]["code"] == "repository_unavailable"


def test_a_wrong_command_line(batchdep: CommandLine) -> None:
    for arguments in (["colour", "red"], ["grant", "--to", "local"], []):
        result = batchdep("lookup", *arguments)
        assert result.code == 2
        assert "error: " in result.err
