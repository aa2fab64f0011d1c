"""What an HTTP answer, or its absence, means: one of the five.

What decides is whether the request may have had its effect, and whether having it twice would do harm:

===========================  ======================  ======================  ======================
\\                            REPEATABLE              REPLACING               ONCE
===========================  ======================  ======================  ======================
no connection                Unavailable             Unavailable             Unavailable
lost before all was sent     Unavailable             Unavailable             Unavailable
lost, or timed out, after    Unavailable             Unknown                 Unknown
unreadable good answer       Unavailable             Unavailable             Unknown
500                          Unavailable             Unavailable             Unknown
502, 503, 504, other 5xx     Unavailable             Unknown                 Unknown
503 with ``Retry-After``     Unavailable             Unavailable             Unavailable
429                          Throttled               Throttled               Throttled
301, 307, 308                Rejected                Rejected                Rejected
other 3xx                    Unavailable             Unknown                 Unknown
4xx                          Rejected                Rejected                Rejected
===========================  ======================  ======================  ======================
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from enum import Enum
from http import HTTPStatus
from typing import Any, Final

from msgspec import Struct

from batchdep.regexes import regex
from batchdep.repository.limiter import retry_after
from batchdep.repository.model import FieldError, Reason, Rejected, Throttled, Unavailable, Unknown
from batchdep.repository.windows import RESET_GRAIN, Budget

LATE_AFTER: Final = 10.0
"""Seconds: work that took longer than that before the connection broke may go on at the server, and end late."""

LONGEST_TEXT: Final = 500
MOST_ERRORS: Final = 100

_QUOTA: Final = "quota exceeded"
_TITLE: Final = regex(rb"<title[^>]*>(.{1,200}?)</title", re.IGNORECASE | re.DOTALL)
_MOVED: Final = frozenset({301, 307, 308})
_TOO_EARLY: Final = frozenset({408, 425})


class Kind(Enum):
    """What repeating a request would do."""

    REPEATABLE = "repeatable"  # nothing: reads, and deletion of a file by its id
    REPLACING = "replacing"  # nothing, once the earlier attempt is surely over: metadata
    ONCE = "once"  # harm, or a long upload for nothing: create, publish, delete, upload


class Malformed(Exception):
    """A good status with an answer that is not what was asked for; the message says what is wrong with it."""


class Reply(Struct, frozen=True):
    """An HTTP answer. ``defect`` says why ``content`` is incomplete, if it is; ``whole`` whether the request had been
    sent whole by then; ``waited`` the seconds since."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    defect: str = ""
    whole: bool = True
    waited: float = 0.0

    def json(self) -> Any:
        """The answer's content.

        Raises:
            Malformed: cut off, empty, HTML, or no JSON for another reason.
        """
        if self.defect:
            raise Malformed(f"the answer {self.defect}")
        if not self.content.strip():
            raise Malformed("the answer is empty")
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            kind = "HTML" if self.content.lstrip().startswith(b"<") else "something that is no JSON"
            raise Malformed(f"the answer is {kind}") from None


def plain(text: str, longest: int = LONGEST_TEXT) -> str:
    """A server's words made fit for a terminal and a log: one line, no control characters, of bounded length."""
    begin = text[: longest * 4]
    shown = begin if begin.isprintable() else "".join(c if c.isprintable() else " " for c in begin)
    line = " ".join(shown.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


def judge(
    reply: Reply, kind: Kind, server_time: float, field_name: Callable[[str], str]
) -> Rejected | Throttled | Unavailable | Unknown | None:
    """What an answer means, or ``None`` for a 2xx, whose content decides.

    ``server_time`` in Unix seconds; ``field_name`` turns a field of the repository's into the user's.
    """
    status = reply.status
    if 200 <= status < 300:
        return None
    message, errors = _complaint(reply, field_name)
    after = retry_after(reply.headers, server_time)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Throttled(after if after is not None else _until_reset(reply, server_time), message)
    if status == HTTPStatus.SERVICE_UNAVAILABLE and after is not None:
        return Unavailable(message, after, status=status)
    if 300 <= status < 400:
        return _redirect(reply, kind)
    if 400 <= status < 500 and status not in _TOO_EARLY:
        return Rejected(_reason(status, message, errors), status, message, errors)
    return _unclear(reply, kind, message)


def unreadable(reply: Reply, kind: Kind, why: str) -> Unavailable | Unknown:
    """A 2xx whose content is not what was asked for."""
    message = f"The repository answered {reply.status}, but {why}."
    if kind is Kind.ONCE:
        return Unknown(message, status=reply.status)
    return Unavailable(message, status=reply.status)


def interrupted(kind: Kind, why: str, *, whole: bool, waited: float, timed_out: bool) -> Unavailable | Unknown:
    """No answer. ``whole``: the request had been sent whole, ``waited`` seconds before."""
    if kind is Kind.REPEATABLE or not whole:
        return Unavailable(why)
    return Unknown(why, late=timed_out or waited >= LATE_AFTER)


def _unclear(reply: Reply, kind: Kind, message: str) -> Unavailable | Unknown:
    status = reply.status
    settled = kind is Kind.REPLACING and status == HTTPStatus.INTERNAL_SERVER_ERROR
    if kind is Kind.REPEATABLE or settled or not reply.whole:
        return Unavailable(message, status=status)
    slow = status != HTTPStatus.INTERNAL_SERVER_ERROR and reply.waited >= LATE_AFTER
    return Unknown(message, late=slow or status == HTTPStatus.GATEWAY_TIMEOUT, status=status)


def _redirect(reply: Reply, kind: Kind) -> Rejected | Unavailable | Unknown:
    where = plain(reply.headers.get("Location", "nowhere"), 200)
    message = f"The repository answered {reply.status} and pointed to {where}; the token is not taken there."
    if reply.status in _MOVED:
        hint = " If that is the repository's new address, use it as the target."
        return Rejected(Reason.UNTRUSTED, reply.status, message + hint)
    if kind is Kind.REPEATABLE or not reply.whole:
        return Unavailable(message, status=reply.status)
    return Unknown(message, status=reply.status)


def _until_reset(reply: Reply, server_time: float) -> float | None:
    budget = Budget.of(reply.headers)
    return None if budget is None else max(budget.reset + RESET_GRAIN - server_time, 0.0)


def _reason(status: int, message: str, errors: tuple[FieldError, ...]) -> Reason:
    match status:
        case 401:
            return Reason.UNAUTHORIZED
        case 403:
            return Reason.FORBIDDEN
        case 404 | 410:
            return Reason.NOT_FOUND
        case 413:
            return Reason.QUOTA
        case _:
            words = " ".join([message, *(text for error in errors for text in error.messages)])
            return Reason.QUOTA if _QUOTA in words.lower() else Reason.INVALID


def _complaint(reply: Reply, field_name: Callable[[str], str]) -> tuple[str, tuple[FieldError, ...]]:
    """The server's message, or words for its status, and its field errors."""
    try:
        document = reply.json()
    except Malformed:
        return _status_words(reply), ()
    if not isinstance(document, dict):
        return _status_words(reply), ()
    message = document.get("message")
    shown = plain(message) if isinstance(message, str) else ""
    return shown or _status_words(reply), _field_errors(document.get("errors"), field_name)


def _status_words(reply: Reply) -> str:
    title = _TITLE.search(reply.content[:4096])
    if title:
        words = plain(title[1].decode("utf-8", "replace"), 100)
    else:
        words = HTTPStatus(reply.status).phrase if reply.status in HTTPStatus._value2member_map_ else ""
    status = str(reply.status)
    return f"The repository answered {status}{'' if not words or words == status else f' ({words})'}."


def _field_errors(entries: Any, field_name: Callable[[str], str]) -> tuple[FieldError, ...]:
    if not isinstance(entries, list):
        return ()
    found = (_field_error(entry, field_name) for entry in entries[:MOST_ERRORS] if isinstance(entry, dict))
    return tuple(error for error in found if error.field or error.messages)


def _field_error(entry: dict[str, Any], field_name: Callable[[str], str]) -> FieldError:
    field = entry.get("field")
    name = field_name(plain(field, 200)) if isinstance(field, str) and field else ""
    return FieldError(name, _texts(entry.get("messages") or entry.get("message")))


def _texts(value: Any) -> tuple[str, ...]:
    """``messages`` is a list of texts, and now and then a text or something nested."""
    if value is None:
        return ()
    values = value if isinstance(value, list) else [value]
    return tuple(plain(item if isinstance(item, str) else json.dumps(item)) for item in values[:MOST_ERRORS])
