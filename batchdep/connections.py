"""Why a server cannot be reached, in the words of people who do not know error numbers."""

from __future__ import annotations

import errno
import socket
import ssl
from typing import Final

_NO_WAY: Final = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN})
_PLAIN_SPEAKER: Final = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"})


def unreached(error: Exception, host: str, port: int | None) -> str:
    """A clause without a full stop: that, and why, there is no connection to ``host`` at ``port``.

    ``error`` is what the system raised (``OSError``, ``TimeoutError``, ``ssl.SSLError``).
    """
    named = f"[{host}]" if ":" in host else host
    place = named if port is None else f"{named}:{port}"
    match error:
        case ssl.SSLError():
            return _without_tls(error, place)
        case socket.gaierror():
            return _unknown_name(error, host)
        case ConnectionRefusedError():
            return f"nobody answers at {place} (connection refused)"
        case TimeoutError():
            return f"nobody answers at {place} (no answer in time)"
        case ConnectionError():
            return f"{place} closes the connection at once"
        case OSError(errno=number) if number in _NO_WAY:
            return f"there is no way to {place} from here: look at this computer's network"
        case _:
            return f"there is no connection to {place} ({_system_words(error)})"


def _unknown_name(error: socket.gaierror, host: str) -> str:
    if error.errno == socket.EAI_AGAIN:
        return f"the name {host} could not be looked up: look at this computer's network"
    return f"the name {host} is not known"


def _without_tls(error: ssl.SSLError, place: str) -> str:
    if error.reason in _PLAIN_SPEAKER:
        return f"TLS: what answers at {place} does not speak https"
    reason = str(error.reason or "").replace("_", " ").lower()
    return f"TLS: no secure connection to {place} can be agreed on" + (f" ({reason})" if reason else "")


def _system_words(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or type(error).__name__).lower()


def sentence(clause: str) -> str:
    """``clause`` with a capital and a full stop."""
    return f"{clause[:1].upper()}{clause[1:]}."


def clause(sentence: str) -> str:
    """``sentence`` as it stands after a colon, where its first word is no name."""
    return sentence if sentence[1:2].isupper() else f"{sentence[:1].lower()}{sentence[1:]}"
