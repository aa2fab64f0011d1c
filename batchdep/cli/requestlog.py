"""The log lines of ``-v`` and ``-vv``. Events hold no token, so no line does."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from batchdep.cli.text import human_bytes, safe
from batchdep.events import DatasetStarted, DatasetWaiting, Event, FileDone, FileStarted, RequestDone, Waiting

_EVERYTHING: Final = 2


def log_line(event: Event, verbosity: int) -> str | None:
    """The line for an event: one a request with ``-v``; files, waits and answers' headers too with ``-vv``."""
    if verbosity < 1:
        return None
    text = _request(event, verbosity) if isinstance(event, RequestDone) else None
    if text is None and verbosity >= _EVERYTHING:
        text = _detail(event)
    return None if text is None else f"{datetime.now().astimezone():%H:%M:%S} {text}"


def _request(event: RequestDone, verbosity: int) -> str:
    exchange = event.exchange
    status = exchange.status if exchange.status is not None else "no answer"
    line = f"{exchange.method} {safe(exchange.path)} {status} {exchange.seconds:.3f} s"
    if exchange.sent:
        line += f" {human_bytes(exchange.sent)} sent"
    if verbosity < _EVERYTHING:
        return line
    headers = " ".join(f"{name}={safe(value)}" for name, value in exchange.headers.items())
    details = (event.dataset or "", exchange.outcome, exchange.note, headers)
    return " | ".join([line, *(safe(detail) for detail in details if detail)])


def _detail(event: Event) -> str | None:
    match event:
        case DatasetStarted():
            return f"{safe(event.dataset)}: begun, {human_bytes(event.bytes_total)} to send"
        case FileStarted():
            return f"{safe(event.dataset)}: sending {safe(event.name)}, {human_bytes(event.size)}"
        case FileDone():
            done = "sent and verified" if event.sent else "already there"
            return f"{safe(event.dataset)}: {safe(event.name)} {done}"
        case DatasetWaiting():
            return f"{safe(event.dataset)}: waiting {event.seconds:.1f} s: {safe(event.reason)}"
        case Waiting():
            return f"waiting {event.seconds:.1f} s: {safe(event.reason)}"
    return None
