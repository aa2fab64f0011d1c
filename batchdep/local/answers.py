"""Answers in JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web


def json_answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """A JSON answer whose type carries no charset, as the server sends it."""
    response = web.Response(body=json.dumps(body).encode(), status=status, headers=headers)
    response.content_type = "application/json"
    return response
