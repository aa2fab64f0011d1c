"""The embedded repository as an aiohttp application: which path leads where."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import web

from batchdep.local import (
    actions,
    depositions,
    file_lists,
    legacy_files,
    listing,
    pages,
    records,
    uploads,
    vocabularies,
)
from batchdep.local.context import SERVICE, Service
from batchdep.local.frame import FRAME, Frame
from batchdep.local.journal import Journal
from batchdep.local.limits import Limiter
from batchdep.local.options import LocalOptions
from batchdep.local.store import Store
from batchdep.local.traps import trap_middleware
from batchdep.local.turns import Turns

DEPOSITIONS = "/api/deposit/depositions"

ROUTES: tuple[web.RouteDef, ...] = (
    web.get(DEPOSITIONS, listing.read),
    web.post(DEPOSITIONS, depositions.create),
    web.get(DEPOSITIONS + "/{id}", depositions.read),
    web.put(DEPOSITIONS + "/{id}", depositions.change),
    web.delete(DEPOSITIONS + "/{id}", depositions.delete),
    web.get(DEPOSITIONS + "/{id}/files", file_lists.read),
    web.post(DEPOSITIONS + "/{id}/files", legacy_files.upload),
    web.get(DEPOSITIONS + "/{id}/files/{file:[^/]+}", file_lists.read_one),
    web.delete(DEPOSITIONS + "/{id}/files/{file:[^/]+}", file_lists.delete),
    web.post(DEPOSITIONS + "/{id}/actions/{action}", actions.act),
    web.route("*", r"/api/files/{rest:[\s\S]*}", uploads.handle),
    *records.ROUTES,
    *vocabularies.ROUTES,
    *pages.ROUTES,
)


def create_app(options: LocalOptions) -> web.Application:
    """The application. It takes the data folder when it starts and lets it go when it is cleaned up.

    Raises DataInUseError on start-up when another server works on the folder.
    """
    # Uploads have limits of their own; aiohttp's would refuse large JSON that the server takes.
    app = web.Application(client_max_size=0)
    frame = Frame(
        Journal(options.journal) if options.journal else None, Limiter(options.rate_limits), options.answer_delay
    )
    app[FRAME] = frame
    app[SERVICE] = Service(options, Store(options.data, options.index_delay), Turns(options.gateway_timeout))
    app.middlewares.append(web.middleware(frame))
    if options.traps:
        app.middlewares.append(trap_middleware(options))
    app.add_routes(ROUTES)
    app.cleanup_ctx.append(_open_store)
    return app


async def _open_store(app: web.Application) -> AsyncIterator[None]:
    service = app[SERVICE]
    service.store.open()
    yield
    for task in list(service.background):
        task.cancel()
    service.store.close()
    if (journal := app[FRAME].journal) is not None:
        journal.close()
