"""Files on their way back."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from batchdep.local.context import service
from batchdep.local.documents import mimetype
from batchdep.local.model import Deposition, StoredFile


def send_file(request: web.Request, deposition: Deposition, entry: StoredFile) -> web.Response:
    """The content of a file, all of it whatever range was asked for (observed: Range is not honoured).

    Browsers save it and never show it, so that a deposited HTML file cannot act here.
    """
    path = service(request).store.disk.content_path(deposition.id, entry.id)
    headers = {
        "Content-Type": mimetype(entry.key),
        "Content-Length": str(entry.size),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(entry.key, safe='')}",
        "ETag": f'"md5:{entry.md5}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox",
    }
    return web.Response(body=path.open("rb"), headers=headers)
