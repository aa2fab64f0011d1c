from __future__ import annotations

import pytest

from batchdep.config import Config, NamedTarget
from batchdep.errors import UsageError
from batchdep.targets import minted_doi, resolve_target, target_names

CONFIG = Config(
    targets={
        "lab": NamedTarget("lab", "https://lab.example/", "LAB_TOKEN"),
        "open": NamedTarget("open", "http://lab.example"),
    }
)


@pytest.mark.parametrize(
    ("text", "name", "url", "mints"),
    [
        ("zenodo", "zenodo", "https://zenodo.org", True),
        ("sandbox", "sandbox", "https://sandbox.zenodo.org", False),
        ("local", "local", "http://127.0.0.1:8205", False),
        ("https://zenodo.org/", "zenodo", "https://zenodo.org", True),
        ("HTTPS://Sandbox.Zenodo.org:443", "sandbox", "https://sandbox.zenodo.org", False),
        ("lab", "lab", "https://lab.example", True),
        ("https://lab.example", "lab", "https://lab.example", True),
        ("https://other.example:8443", "https://other.example:8443", "https://other.example:8443", True),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000", "http://127.0.0.1:5000", False),
        ("http://localhost:5000", "http://localhost:5000", "http://localhost:5000", False),
        ("http://127.0.0.1:8205", "local", "http://127.0.0.1:8205", False),
        (" zenodo ", "zenodo", "https://zenodo.org", True),
    ],
)
def test_names_and_addresses(text: str, name: str, url: str, mints: bool) -> None:
    target = resolve_target(text, CONFIG)
    assert (target.name, target.url, target.mints_dois) == (name, url, mints)


def test_a_configured_target_has_its_own_token_variable() -> None:
    assert resolve_target("lab", CONFIG).token_env == "LAB_TOKEN"
    assert resolve_target("https://lab.example", CONFIG).token_env == "LAB_TOKEN"


def test_only_the_embedded_repository_is_local() -> None:
    assert resolve_target("local", CONFIG).is_local
    assert not resolve_target("http://127.0.0.1:5000", CONFIG).is_local


def test_the_port_of_the_embedded_repository_is_the_configured_one() -> None:
    assert resolve_target("local", Config(local_port=9000)).url == "http://127.0.0.1:9000"


@pytest.mark.parametrize(
    "text",
    [
        "http://zenodo.org",
        "http://10.0.0.1:80",
        "http://127.0.0.1.evil.example",
        "https://zenodo.org/api",
        "https://zenodo.org?access_token=s3cret",
        "https://user:s3cret@zenodo.org",
        "https://",
        "ftp://zenodo.org",
        "https://[::1",
        "open",
    ],
)
def test_what_no_token_may_go_to_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve_target(text, CONFIG)
    assert caught.value.hint
    assert "s3cret" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize(("text", "guess"), [("zendo", "'zenodo'"), ("sanbox", "'sandbox'"), ("labb", "'lab'")])
def test_a_mistyped_name_is_guessed(text: str, guess: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve_target(text, CONFIG)
    assert guess in caught.value.hint


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("zenodo.org", "https://zenodo.org"),
        ("zenodo.org/", "https://zenodo.org"),
        ("127.0.0.1:8205", "http://127.0.0.1:8205"),
        ("localhost:8205", "http://localhost:8205"),
    ],
)
def test_a_bare_host_is_told_to_be_written_in_full(text: str, address: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve_target(text, CONFIG)
    assert caught.value.hint.endswith(f": {address}")


def test_all_names() -> None:
    assert target_names(CONFIG) == ["zenodo", "sandbox", "local", "lab", "open"]


@pytest.mark.parametrize(
    ("target", "reserved", "minted"),
    [
        ("https://zenodo.org", "10.5281/zenodo.1000", "10.5281/zenodo.1000"),
        ("https://sandbox.zenodo.org", "10.5281/zenodo.1000", "10.5072/zenodo.1000"),
        ("https://sandbox.zenodo.org", "10.5072/zenodo.1000", "10.5072/zenodo.1000"),
        ("http://127.0.0.1:8205", "10.5281/zenodo.1000", "10.5072/zenodo.1000"),
        ("http://[::1]:8205", "10.5281/zenodo.1000", "10.5072/zenodo.1000"),
        ("http://127.0.0.1:8205", "10.1234/own.1000", "10.1234/own.1000"),
        ("https://lab.example", "10.5281/zenodo.1000", "10.5281/zenodo.1000"),
        ("https://lab.example", "10.1234/abcde-12345", "10.1234/abcde-12345"),
        ("https://sandbox.zenodo.org.lab.example", "10.5281/zenodo.1000", "10.5281/zenodo.1000"),
        ("https://sandbox.zenodo.org", "10.5281", "10.5281"),
        ("https://sandbox.zenodo.org", "", ""),
    ],
)
def test_the_doi_that_a_reserved_one_becomes(target: str, reserved: str, minted: str) -> None:
    assert minted_doi(target, reserved) == minted
