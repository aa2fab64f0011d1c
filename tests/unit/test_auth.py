from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from batchdep import auth
from batchdep.config import Config, NamedTarget
from batchdep.errors import AccessError, BatchdepError
from batchdep.targets import Target, resolve_target

CONFIG = Config(targets={"lab": NamedTarget("lab", "https://lab.example", "LAB_TOKEN")})
ZENODO, SANDBOX, LOCAL, LAB, OTHER, LOOPBACK = (
    resolve_target(name, CONFIG)
    for name in ("zenodo", "sandbox", "local", "lab", "https://other.example", "http://127.0.0.1:99")
)
ALL = {"ZENODO_TOKEN": "of-zenodo", "ZENODO_SANDBOX_TOKEN": "of-sandbox", "LAB_TOKEN": "of-lab"}


class Keyring:
    """A keyring in memory, in place of the system's."""

    def __init__(self, entries: dict[tuple[str, str], str] | None = None, error: Exception | None = None) -> None:
        self.entries = entries or {}
        self.error = error

    def get_password(self, service: str, user: str) -> str | None:
        self._fail()
        return self.entries.get((service, user))

    def set_password(self, service: str, user: str, secret: str) -> None:
        self._fail()
        self.entries[service, user] = secret

    def delete_password(self, service: str, user: str) -> None:
        self._fail()
        del self.entries[service, user]

    def _fail(self) -> None:
        if self.error is not None:
            raise self.error


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Keyring:
    ring = Keyring()
    module = SimpleNamespace(
        get_password=ring.get_password, set_password=ring.set_password, delete_password=ring.delete_password
    )
    monkeypatch.setitem(sys.modules, "keyring", module)
    return ring


@pytest.mark.parametrize(
    ("target", "token"),
    [(ZENODO, "of-zenodo"), (SANDBOX, "of-sandbox"), (LAB, "of-lab"), (OTHER, None), (LOCAL, None), (LOOPBACK, None)],
)
def test_each_target_gets_its_own_token_only(keyring: Keyring, target: Target, token: str | None) -> None:
    assert auth.find_token(target, ALL) == token


@pytest.mark.parametrize("target", [ZENODO, SANDBOX, LAB, OTHER, LOCAL])
def test_the_general_variable_is_for_any_target_and_goes_first(keyring: Keyring, target: Target) -> None:
    assert auth.find_token(target, {**ALL, "BATCHDEP_TOKEN": "general"}) == "general"


def test_an_empty_variable_is_none(keyring: Keyring) -> None:
    assert auth.find_token(ZENODO, {"BATCHDEP_TOKEN": "", "ZENODO_TOKEN": "t"}) == "t"


def test_the_keyring_comes_after_the_environment(keyring: Keyring) -> None:
    keyring.entries["batchdep", "https://zenodo.org"] = "kept"
    assert auth.find_token(ZENODO, {}) == "kept"
    assert auth.find_token(ZENODO, ALL) == "of-zenodo"
    assert auth.find_token(SANDBOX, {}) is None


@pytest.mark.parametrize("error", [RuntimeError("locked"), OSError("no bus"), ImportError("no backend")])
def test_a_broken_keyring_is_no_error_where_it_is_only_looked_into(keyring: Keyring, error: Exception) -> None:
    keyring.error = error
    assert auth.find_token(ZENODO, {}) is None
    assert auth.require_token(ZENODO, lambda _: "typed", {}) == "typed"


def test_a_person_is_asked_last(keyring: Keyring) -> None:
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return "typed"

    assert auth.require_token(ZENODO, ask, ALL) == "of-zenodo"
    assert asked == []
    assert auth.require_token(ZENODO, ask, {}) == "typed"
    assert "https://zenodo.org" in asked[0]


@pytest.mark.parametrize("target", [LOCAL, LOOPBACK])
def test_nobody_is_asked_for_a_repository_on_this_machine(keyring: Keyring, target: Target) -> None:
    assert auth.require_token(target, pytest.fail, {}) is None


def test_without_any_token_all_ways_to_give_one_are_told(keyring: Keyring) -> None:
    with pytest.raises(AccessError) as caught:
        auth.require_token(SANDBOX, None, {})
    assert caught.value.exit_code == 3
    for way in ("ZENODO_SANDBOX_TOKEN", "batchdep login sandbox", "/account/settings/applications/tokens/new/"):
        assert way in caught.value.hint


@pytest.mark.parametrize("secret", ["abc def", "abc\n", " abc", "ab\tc", "abcé", "ab\0c", "ab\x7fc", "\ufeffabc"])
def test_what_cannot_be_a_token_is_refused_without_showing_it(keyring: Keyring, secret: str) -> None:
    with pytest.raises(AccessError) as caught:
        auth.find_token(ZENODO, {"ZENODO_TOKEN": secret})
    assert "ZENODO_TOKEN" in caught.value.message
    assert caught.value.__cause__ is None
    assert secret.strip() not in caught.value.message + caught.value.hint
    with pytest.raises(AccessError, match="you entered"):
        auth.require_token(ZENODO, lambda _: secret, {})


def test_storing_and_forgetting(keyring: Keyring) -> None:
    auth.store_token(ZENODO, "kept")
    assert keyring.entries == {("batchdep", "https://zenodo.org"): "kept"}
    assert auth.forget_token(ZENODO)
    assert keyring.entries == {}
    assert not auth.forget_token(ZENODO)


def test_a_missing_keyring_is_told_where_it_is_needed(keyring: Keyring) -> None:
    keyring.error = RuntimeError("No recommended backend; the secret was s3cret")
    with pytest.raises(BatchdepError, match="keyring cannot be used") as caught:
        auth.store_token(ZENODO, "s3cret")
    assert "ZENODO_TOKEN" in caught.value.hint
    assert "s3cret" not in caught.value.message + caught.value.hint


def test_a_token_is_taken_out_of_reports(keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "_given_out", set())
    auth.find_token(ZENODO, {"ZENODO_TOKEN": "very-secret"})
    auth.find_token(ZENODO, {"ZENODO_TOKEN": "very-secret-word"})
    assert auth.redacted("failed with very-secret-word twice: very-secret-word") == "failed with *** twice: ***"


@pytest.mark.parametrize(
    ("environ", "variable"),
    [
        ({"BATCHDEP_TOKEN": "any", **ALL}, "BATCHDEP_TOKEN"),
        (ALL, "ZENODO_SANDBOX_TOKEN"),
        ({"BATCHDEP_TOKEN": "", "ZENODO_TOKEN": "of-zenodo"}, None),
    ],
)
def test_the_variable_that_a_token_is_from(environ: dict[str, str], variable: str | None) -> None:
    assert auth.token_variable(SANDBOX, environ) == variable


class NoKeyringError(RuntimeError):
    """As the library's own, which says that there is no backend."""


@pytest.mark.parametrize(
    ("error", "environ", "message", "hint"),
    [
        (NoKeyringError(), {}, "There is no system keyring on this computer", "So there is none to remove"),
        (
            NoKeyringError(),
            {"ZENODO_SANDBOX_TOKEN": "of-sandbox"},
            "There is no system keyring on this computer",
            "The token of https://sandbox.zenodo.org is in the environment variable ZENODO_SANDBOX_TOKEN",
        ),
        (OSError(), {}, "The system keyring cannot be used (OSError)", "Unlock it"),
    ],
)
def test_logging_out_without_a_keyring_says_where_else_a_token_may_be(
    keyring: Keyring,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    environ: dict[str, str],
    message: str,
    hint: str,
) -> None:
    for name in ("BATCHDEP_TOKEN", "ZENODO_SANDBOX_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    keyring.error = error
    with pytest.raises(BatchdepError) as raised:
        auth.forget_token(SANDBOX)
    assert raised.value.message.startswith(message)
    assert raised.value.hint.startswith(hint)
    assert "of-sandbox" not in raised.value.message + raised.value.hint
