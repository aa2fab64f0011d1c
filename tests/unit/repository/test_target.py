from __future__ import annotations

import pickle

import pytest

from batchdep.errors import AccessError, UsageError
from batchdep.repository import validate_target
from batchdep.repository.target import Token, proxy_for


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://zenodo.org", "https://zenodo.org"),
        ("https://zenodo.org/", "https://zenodo.org"),
        ("HTTPS://Zenodo.ORG:443", "https://zenodo.org"),
        (" https://sandbox.zenodo.org ", "https://sandbox.zenodo.org"),
        ("https://repo.example.org:8443", "https://repo.example.org:8443"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("http://127.8.9.10:5000", "http://127.8.9.10:5000"),
        ("http://[::1]:5000/", "http://[::1]:5000"),
    ],
)
def test_a_target_is_an_origin(given: str, origin: str) -> None:
    assert validate_target(given) == origin


@pytest.mark.parametrize(
    "given",
    [
        "http://zenodo.org",
        "http://localhost.example.org",
        "http://127.0.0.1.example.org",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "http://[::2]",
    ],
)
def test_plain_http_is_for_this_machine_only(given: str) -> None:
    with pytest.raises(UsageError) as caught:
        validate_target(given)
    assert caught.value.code == "insecure_target"
    assert caught.value.hint


@pytest.mark.parametrize(
    "given",
    [
        "",
        "zenodo.org",
        "ftp://zenodo.org",
        "https://",
        "https:///api",
        "https://zenodo.org/api",
        "https://zenodo.org/?access_token=s3cret",
        "https://me:s3cret@zenodo.org",
        "https://s3cret@zenodo.org",
        "https://zenodo.org:port",
        "https://zenodo.org:99999",
        "https://zen odo.org",
        "https://a..b",
        f"https://{'a' * 70}.org",
        "https://[::1",
        "https://zenodo.org\\@example.org",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_target_is_refused_without_showing_secrets(given: str) -> None:
    with pytest.raises(UsageError) as caught:
        validate_target(given)
    assert "s3cret" not in caught.value.message + caught.value.hint


def test_a_token_shows_itself_only_to_the_header() -> None:
    token = Token("s3cret-t0ken-of-forty-two")
    assert token.header() == "Bearer s3cret-t0ken-of-forty-two"
    assert "s3cret" not in f"{token} {token!r} {[token]}"
    assert token.hidden_in(b'{"sent": "Bearer s3cret-t0ken-of-forty-two"}') == b'{"sent": "Bearer ***"}'
    with pytest.raises(TypeError):
        pickle.dumps(token)


def test_a_token_that_is_no_secret_does_not_garble_answers() -> None:
    assert Token("e").hidden_in(b'{"state": "done"}') == b'{"state": "done"}'


@pytest.mark.parametrize("secret", ["", "two words", "line\nend", "line\r\nX-Other: 1", "accént", "nul\0"])
def test_what_cannot_stand_in_a_header_is_no_token(secret: str) -> None:
    with pytest.raises(AccessError) as caught:
        Token(secret)
    assert caught.value.code == "unauthorized"
    assert not secret or secret not in caught.value.message


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return monkeypatch


def test_the_systems_proxy_is_taken_for_https_and_never_for_loopback(environment: pytest.MonkeyPatch) -> None:
    assert proxy_for("https://zenodo.org") is None
    environment.setenv("HTTPS_PROXY", "http://proxy.example.org:3128")
    environment.setenv("HTTP_PROXY", "http://proxy.example.org:3128")
    assert proxy_for("https://zenodo.org") == "http://proxy.example.org:3128"
    assert proxy_for("https://localhost:5000") is None
    assert proxy_for("https://127.0.0.1") is None
    assert proxy_for("http://localhost:5000") is None
    environment.setenv("NO_PROXY", "zenodo.org")
    assert proxy_for("https://zenodo.org") is None


def test_a_proxy_may_lack_its_scheme_but_not_be_of_another_kind(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("HTTPS_PROXY", "proxy.example.org:3128")
    assert proxy_for("https://zenodo.org") == "http://proxy.example.org:3128"
    environment.setenv("HTTPS_PROXY", "socks5://me:s3cret@proxy.example.org")
    with pytest.raises(UsageError) as caught:
        proxy_for("https://zenodo.org")
    assert "s3cret" not in caught.value.message + caught.value.hint
