"""Tokens: where they are looked for, kept and tested. Nothing else in the program knows.

Order: ``BATCHDEP_TOKEN``, the target's own environment variable, the system keyring, a question on the terminal.
A token goes from here to the Authorization header of the target's own origin; it is never printed or written to a
file. What the keyring does with it is the operating system's business.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import Final

from batchdep.config import limits_file
from batchdep.connections import clause
from batchdep.errors import AccessError, BatchdepError
from batchdep.keyrings import keyring_is_possible
from batchdep.repository.target import Token
from batchdep.targets import SANDBOX, ZENODO, Target

KEYRING_SERVICE: Final = "batchdep"
_VARIABLES: Final = {ZENODO: "ZENODO_TOKEN", SANDBOX: "ZENODO_SANDBOX_TOKEN"}
_NONE_THERE: Final = "NoKeyringError"
"""What keyring raises where it finds no backend; by its name, as the library is loaded only where it is needed."""
_given_out: Final[set[str]] = set()


def token_variables(target: Target) -> list[str]:
    """The environment variables that may hold the token of ``target``, the first that is set counts."""
    own = target.token_env or _VARIABLES.get(target.url)
    return ["BATCHDEP_TOKEN", own] if own else ["BATCHDEP_TOKEN"]


def token_variable(target: Target, environ: Mapping[str, str] = os.environ) -> str | None:
    """The environment variable that the token of ``target`` is taken from; None where none is set."""
    return next((name for name in token_variables(target) if environ.get(name)), None)


def find_token(target: Target, environ: Mapping[str, str] = os.environ) -> str | None:
    """The token of ``target`` from the environment or the keyring; None where neither has one.

    Raises:
        AccessError: what was found cannot be a token.
    """
    if variable := token_variable(target, environ):
        return checked(environ[variable], f"in the environment variable {variable}")
    if target.is_local:
        return None  # the embedded repository needs none, so the keyring is not troubled for it
    return kept_token(target)


def require_token(
    target: Target, ask: Callable[[str], str] | None = None, environ: Mapping[str, str] = os.environ
) -> str | None:
    """The token of ``target``; a person is asked for it as a last resort. None for a target that may need none.

    ``ask`` shows its argument and returns what was typed unseen; None where nobody can answer.

    Raises:
        AccessError: there is none, or it cannot be one.
    """
    found = find_token(target, environ)
    if found or target.is_loopback:
        return found
    if ask is None:
        raise no_token(target)
    return checked(ask(f"Token for {target.url}"), "you entered")


def kept_token(target: Target) -> str | None:
    """The token that ``login`` kept for this very address; None where there is none.

    Raises:
        AccessError: what was kept cannot be a token.
    """
    secret = _from_keyring(target)
    return checked(secret, "in the system keyring") if secret else None


def no_token(target: Target) -> AccessError:
    """The complaint that there is no token, with all the ways to give one."""
    return AccessError(
        f"There is no token for {target.url}.",
        f"Set {token_variables(target)[-1]}, or run: batchdep login {target.name}. "
        f"You get a token at {target.url}/account/settings/applications/tokens/new/ "
        "(scopes deposit:write and deposit:actions).",
        code="unauthorized",
    )


def checked(secret: str, where: str) -> str:
    """``secret``, if it can be a token at all; ``where`` it was found is said in the complaint, itself never.

    Raises:
        AccessError: it is empty or has blanks, line ends or characters beyond ASCII.
    """
    try:
        Token(secret)
    except AccessError as error:
        raise AccessError(
            f"The token {where} is empty or has characters that no token has (blanks, line ends, accents).",
            error.hint,
            code=error.code,
        ) from None
    _given_out.add(secret)
    return secret


def redacted(text: str) -> str:
    """``text`` without any token that was handed out: for reports of unexpected errors."""
    for secret in sorted(_given_out, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


async def check_token(target: Target, secret: str) -> None:
    """Asks the repository whether it takes the token.

    Raises:
        AccessError: it does not, or it cannot be reached.
    """
    from batchdep.repository.model import Done, Reason, Rejected
    from batchdep.repository.zenodo import connect

    repository = connect(target.url, secret, limits=limits_file(target.url))
    try:
        answer = await repository.check_access()
    finally:
        await repository.close()
    match answer:
        case Done():
            return
        case Rejected(reason=Reason.UNAUTHORIZED | Reason.FORBIDDEN):
            raise AccessError(
                f"{target.url} does not take this token.",
                "Check that it was copied whole, that it is of this repository (the sandbox has its own) "
                "and that it has the scopes deposit:write and deposit:actions.",
                code="unauthorized",
            )
        case _:
            raise AccessError(
                f"{target.url} could not be asked about the token: {clause(str(getattr(answer, 'message', answer)))}",
                "Check the address and your connection, then try again.",
                code="repository_unavailable",
            )


def store_token(target: Target, secret: str) -> None:
    """Keeps the token in the system keyring.

    Raises:
        BatchdepError: there is no keyring, or it refuses.
    """
    try:
        import keyring

        keyring.set_password(KEYRING_SERVICE, target.url, secret)
    except Exception as error:  # a backend may raise whatever its system's library raises
        raise _no_keyring(target, error) from None


def forget_token(target: Target) -> bool:
    """Removes the token from the system keyring; False where it holds none.

    Raises:
        BatchdepError: there is no keyring, or it refuses.
    """
    try:
        import keyring

        if keyring.get_password(KEYRING_SERVICE, target.url) is None:
            return False
        keyring.delete_password(KEYRING_SERVICE, target.url)
    except Exception as error:  # as above
        raise _nothing_to_forget(target, error) from None
    return True


def _from_keyring(target: Target) -> str | None:
    if "keyring" not in sys.modules and not keyring_is_possible(os.environ):
        return None
    try:
        import keyring

        return keyring.get_password(KEYRING_SERVICE, target.url)
    except Exception:  # no keyring, a locked one, a broken backend: the other ways remain
        return None


def _no_keyring(target: Target, error: Exception) -> BatchdepError:
    return BatchdepError(
        _keyring_words(error),
        f"Set the environment variable {token_variables(target)[-1]} instead.",
        code="keyring_unavailable",
    )


def _nothing_to_forget(target: Target, error: Exception) -> BatchdepError:
    """Where no keyring holds a token, an environment variable may."""
    if variable := token_variable(target):
        hint = f"The token of {target.url} is in the environment variable {variable}: unset it to be without."
    elif type(error).__name__ == _NONE_THERE:
        hint = "So there is none to remove: no token is kept on this computer but in environment variables."
    else:
        hint = "Unlock it, then run this again; or remove the entry 'batchdep' with the system's own program for it."
    return BatchdepError(_keyring_words(error), hint, code="keyring_unavailable")


def _keyring_words(error: Exception) -> str:
    if type(error).__name__ == _NONE_THERE:
        return "There is no system keyring on this computer, or none that can be used from here."
    return f"The system keyring cannot be used ({type(error).__name__})."
