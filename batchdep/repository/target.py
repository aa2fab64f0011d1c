"""Whom a token may be shown to: the target's address, the token itself, and the proxy on the way.

No HTTP library is imported here, so that a command line can be checked without paying for one.
"""

from __future__ import annotations

import ipaddress
import re
import urllib.request
from typing import Final
from urllib.parse import SplitResult, urlsplit

from batchdep.errors import AccessError, UsageError
from batchdep.regexes import regex

DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_HEADER_SAFE: Final = regex(r"[\x21-\x7e]+")
_HIDDEN: Final = b"***"
_SHORTEST_SECRET: Final = 16
"""Shorter tokens (the embedded repository takes any) would be found by chance in harmless text."""


def validate_target(url: str) -> str:
    """The origin of a repository, ``https://host`` or ``https://host:port``, without a slash at the end.

    Plain http is taken for loopback addresses only: over any other network it would show the token to everybody.

    Raises:
        UsageError: not an address, another scheme, plain http to a foreign host, or something in it that does not
            belong there (a user name, a path, a query).
    """
    parts, host, port = _split(url)
    if parts.scheme == "http" and not is_loopback(host):
        raise UsageError(
            f"{_shown(parts)} would send your token unencrypted.",
            f"Use https://{host} instead; plain http is for repositories on this machine only.",
            code="insecure_target",
        )
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" if port == DEFAULT_PORTS[parts.scheme] else f"{parts.scheme}://{shown}:{port}"


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine: ``localhost``, 127.0.0.0/8 or ::1."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _split(url: str) -> tuple[SplitResult, str, int]:
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _not_a_target("The target is not a web address.") from None
    if parts.scheme not in DEFAULT_PORTS or not host:
        raise _not_a_target(f"The target {_shown(parts)!r} is not the https address of a repository.")
    if parts.username is not None or parts.password is not None:
        raise _not_a_target(f"The target {_shown(parts)} must not carry a user name or password.")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise _not_a_target(f"The target {_shown(parts)} must be the repository's address alone, without a path.")
    if not _is_host_name(host):
        raise _not_a_target("The target's host name is none.")
    return parts, host, port or DEFAULT_PORTS[parts.scheme]


def _is_host_name(host: str) -> bool:
    try:
        host.encode("idna")  # what looking it up would do first
    except UnicodeError:
        return False
    return not re.search(r"[\s\\%/?#@]", host)


def _not_a_target(message: str) -> UsageError:
    hint = "Give zenodo, sandbox, local, or an address like https://zenodo.org."
    return UsageError(message, hint, code="bad_target")


def _shown(parts: SplitResult) -> str:
    """The address without user, password and query: these may be secrets."""
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" if parts.scheme else parts.path


class Token:
    """A bearer token that shows itself only to the one who writes the Authorization header.

    Raises:
        AccessError: characters that cannot stand in a header: something else was pasted.
    """

    __slots__ = ("_secret",)

    def __init__(self, secret: str) -> None:
        if not _HEADER_SAFE.fullmatch(secret):
            raise AccessError(
                "The token is empty or has characters that no token has (blanks, line ends, accents).",
                "Copy it again from the repository's 'Applications' page.",
                code="unauthorized",
            )
        self._secret = secret

    def __repr__(self) -> str:
        return "Token(***)"

    def __reduce__(self) -> str:
        raise TypeError("a token is not written anywhere")

    def header(self) -> str:
        """The value of the Authorization header."""
        return f"Bearer {self._secret}"

    def hidden_in(self, answer: bytes) -> bytes:
        """``answer`` with the token blanked out, in case a server's error page echoes the request."""
        if len(self._secret) < _SHORTEST_SECRET:
            return answer
        return answer.replace(self._secret.encode("ascii"), _HIDDEN)


def proxy_for(target: str) -> str | None:
    """The system's https proxy for ``target``, as institutes set it (``HTTPS_PROXY``, ``NO_PROXY``), or ``None``.

    Never for a loopback target. The token is safe with a proxy: it only relays what is encrypted for the target.

    Raises:
        UsageError: the proxy is of a kind that cannot be used.
    """
    parts = urlsplit(target)
    host = parts.hostname or ""
    if parts.scheme != "https" or is_loopback(host) or urllib.request.proxy_bypass(host):
        return None
    proxy = urllib.request.getproxies().get("https")
    if not proxy:
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    if urlsplit(proxy).scheme not in DEFAULT_PORTS:
        raise UsageError(
            "The proxy that HTTPS_PROXY names is neither an http nor an https proxy.",
            "Unset HTTPS_PROXY, or name the repository's host in NO_PROXY.",
            code="bad_proxy",
        )
    return proxy
