"""What goes wrong, in the shape that the Zenodo deposit API answers it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web
from msgspec import Struct

from batchdep.local.answers import json_answer

VALIDATION = "A validation error occurred."
UNKNOWN_PID = "The persistent identifier does not exist."
UNREGISTERED_PID = "The persistent identifier is not registered."
NOT_FOUND = "Not found."
DENIED = "Permission denied."
MISSING = "Missing data for required field."
BROKEN = (
    "The server encountered an internal error and was unable to complete your request. "
    "Either the server is overloaded or there is an error in the application."
)


class FieldError(Struct, frozen=True):
    """One field and what is wrong with it; ``field`` is dotted, with list indices: ``metadata.creators.0.role``."""

    field: str
    message: str

    def as_json(self) -> dict[str, Any]:
        """The entry of an answer's ``errors``."""
        return {"field": self.field, "messages": [self.message]}


class ApiError(Exception):
    """An answer other than success: ``{"status", "message"[, "errors": [{"field", "messages"}]]}``."""

    def __init__(self, status: int, message: str, errors: Iterable[FieldError] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = tuple(errors)

    def response(self, headers: Mapping[str, str] | None = None) -> web.Response:
        """The JSON answer."""
        body: dict[str, Any] = {"status": self.status, "message": self.message}
        if self.errors:
            body["errors"] = [error.as_json() for error in self.errors]
        return json_answer(body, status=self.status, headers=headers)


class ProxyError(Exception):
    """An answer of the proxy in front, which speaks HTML."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason

    def response(self) -> web.Response:
        """The proxy's page."""
        return proxy_page(self.status, self.reason)


class TurnTimedOutError(Exception):
    """A write waited too long for another write to the same deposition."""


def proxy_page(status: int, reason: str) -> web.Response:
    """The HTML page that nginx answers by itself."""
    heading = f"{status} {reason}"
    text = (
        f"<html>\r\n<head><title>{heading}</title></head>\r\n<body>\r\n<center><h1>{heading}</h1></center>\r\n"
        "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
    return web.Response(status=status, text=text, content_type="text/html")


def invalid(errors: Iterable[FieldError]) -> ApiError:
    """400 with the fields at fault."""
    return ApiError(400, VALIDATION, errors)


def server_fault() -> ApiError:
    """500: the server's own code fell over, as it does on values of a wrong kind."""
    return ApiError(500, BROKEN)


def denied() -> ApiError:
    """403, for a bad token as for somebody else's deposition."""
    return ApiError(403, DENIED)


def unknown_pid() -> ApiError:
    """404: no such deposition, or one that is gone."""
    return ApiError(404, UNKNOWN_PID)


def not_found() -> ApiError:
    """404: the deposition has no draft to work on."""
    return ApiError(404, NOT_FOUND)
