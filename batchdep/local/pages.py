"""Plain web pages to look at what was deposited: no scripts, everything escaped."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from aiohttp import web

from batchdep.local.cleaning import clean_html
from batchdep.local.context import account, any_deposition, service
from batchdep.local.errors import ApiError
from batchdep.local.model import DONE, Deposition, Json, StoredFile
from batchdep.local.pages_metadata import facts

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
STYLE = """
:root{color-scheme:light dark;--line:#8884;--dim:#777;--accent:#0a66c2}
*{box-sizing:border-box}body{font:16px/1.55 system-ui,sans-serif;margin:0 auto;max-width:54rem;padding:1rem}
header{border-bottom:1px solid var(--line);margin-bottom:1.2rem;padding-bottom:.6rem}header a{font-weight:600}
a{color:var(--accent);text-decoration:none}a:hover{text-decoration:underline}
h1{font-size:1.5rem;line-height:1.25;margin:.4rem 0}h2{font-size:1.1rem;margin:1.6rem 0 .4rem}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid var(--line);padding:.4rem .5rem .4rem 0;
text-align:left;vertical-align:top;overflow-wrap:anywhere}th{color:var(--dim);font-weight:500}
dl{display:grid;gap:.3rem 1.4rem;grid-template-columns:max-content 1fr;margin:1rem 0}
.dim,dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}dd p{margin:0}code{font-size:.85em}
.badge{border:1px solid var(--line);border-radius:1rem;font-size:.8rem;padding:.1rem .6rem;white-space:nowrap}
@media(max-width:36rem){dl{display:block}dd{margin:0 0 .5rem}
table,tbody,tr,td{display:block}thead{display:none}tr{border-bottom:1px solid var(--line);
padding:.4rem 0}td{border:0;padding:.1rem 0}}
"""
STATES = {"done": "published", "unsubmitted": "draft", "inprogress": "being edited"}
LONGEST_TABLE = 500
"""Rows of the overview."""
UNITS = ("bytes", "kB", "MB", "GB", "TB")


def _page(title: str, body: str) -> web.Response:
    text = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>"
        '<header><a href="/">Embedded repository</a> <span class="dim">for trying things out; its DOIs lead nowhere '
        f"outside this machine</span></header><main>{body}</main></body></html>"
    )
    headers = {
        "Content-Security-Policy": POLICY,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return web.Response(text=text, content_type="text/html", headers=headers)


async def overview(request: web.Request) -> web.Response:
    """All records, and the drafts of the account that asks; newest first."""
    name = account(request)
    seen = [entry for entry in service(request).store.index if entry.publication or entry.owner == name]
    newest = sorted(seen, key=lambda entry: entry.id, reverse=True)[:LONGEST_TABLE]
    prefix = service(request).options.doi_prefix
    rows = "".join(_row(entry, prefix) for entry in newest)
    more = f'<p class="dim">The newest {len(newest)} of {len(seen)}.</p>' if len(seen) > len(newest) else ""
    table = f"<table><thead><tr><th>Title<th>State<th>DOI<th>Files</thead><tbody>{rows}</tbody></table>"
    empty = '<p class="dim">Nothing was deposited yet.</p>'
    return _page("Embedded repository", f"<h1>Records and drafts</h1>{table if rows else empty}{more}")


def _row(deposition: Deposition, prefix: str) -> str:
    title = _title(deposition)
    place = "records" if deposition.publication else "deposit"
    count, size = len(deposition.completed), human_size(deposition.size)
    return (
        f'<tr><td><a href="/{place}/{deposition.id}">{escape(title)}</a><td>{_badge(deposition)}'
        f"<td>{_doi_link(deposition, prefix)}<td>{count}, {size}</tr>"
    )


def _title(deposition: Deposition) -> str:
    return str(deposition.metadata.get("title") or f"Deposition {deposition.id} without a title")


def _badge(deposition: Deposition) -> str:
    return f'<span class="badge">{STATES[deposition.state]}</span>'


def _doi_link(deposition: Deposition, prefix: str) -> str:
    """The DOI that leads to the record; of a draft, the one that it will have, below ``prefix`` if it brings none."""
    if deposition.publication is None:
        doi = str(deposition.metadata.get("doi") or f"{prefix}/zenodo.{deposition.id}")
        return f'<span class="dim">{escape(doi)}, once published</span>'
    doi = deposition.publication.doi
    return f'<a href="/doi/{quote(doi, safe="/")}">{escape(doi)}</a>'


async def record(request: web.Request) -> web.Response:
    """The page of a published record."""
    deposition = any_deposition(request)
    if deposition.publication is None:
        raise ApiError(404, "There is no published record here.")
    return _deposition_page(request, deposition, deposition.publication.metadata)


async def draft(request: web.Request) -> web.StreamResponse:
    """The page of a draft; a published one is shown as the record."""
    deposition = any_deposition(request)
    if deposition.owner != account(request):
        raise ApiError(403, "This draft is somebody else's.")
    if deposition.state == DONE:
        raise web.HTTPFound(f"/records/{deposition.id}")
    return _deposition_page(request, deposition, deposition.metadata)


def _deposition_page(request: web.Request, deposition: Deposition, metadata: Json) -> web.Response:
    title = _title(deposition)
    shown = [("DOI", _doi_link(deposition, service(request).options.doi_prefix)), *facts(metadata)]
    listed = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in shown)
    # Cleaned once when it came, and once more here: the page must not depend on what the disk holds.
    about = clean_html(str(metadata.get("description", "")))
    return _page(
        title,
        f"{_badge(deposition)}<h1>{escape(title)}</h1><dl>{listed}</dl><h2>Description</h2><div>{about}</div>"
        f"{_files(deposition)}",
    )


def _files(deposition: Deposition) -> str:
    entries = sorted(deposition.completed, key=lambda entry: entry.key)
    rows = "".join(_file_row(deposition, entry) for entry in entries)
    total = f"{len(entries)} files, {human_size(deposition.size)}" if len(entries) != 1 else human_size(deposition.size)
    table = f"<table><thead><tr><th>Name<th>Size<th>MD5</thead><tbody>{rows}</tbody></table>" if rows else ""
    return f'<h2>Files <span class="dim">{total}</span></h2>{table}'


def _file_row(deposition: Deposition, entry: StoredFile) -> str:
    if deposition.state == DONE:
        link = f"/records/{deposition.id}/files/{quote(entry.key, safe='')}"
    else:
        link = f"/api/files/{deposition.bucket}/{quote(entry.key, safe='')}"
    return (
        f'<tr><td><a href="{escape(link)}">{escape(entry.key)}</a>'
        f"<td>{human_size(entry.size)}<td><code>{entry.md5}</code></tr>"
    )


def human_size(size: float) -> str:
    """Bytes in decimal units, three digits."""
    for unit in UNITS:
        if size < 1000 or unit == UNITS[-1]:
            return f"{size:.3g} {unit}"
        size /= 1000
    raise AssertionError


async def by_doi(request: web.Request) -> web.StreamResponse:
    """A DOI of this server, or one from outside that a record here has: its page. A concept's leads to the latest."""
    doi, store = request.match_info["doi"], service(request).store
    found = store.with_doi(doi)
    if found is None:
        prefix = f"{service(request).options.doi_prefix}/zenodo."
        number = doi.removeprefix(prefix)
        versions = store.versions(int(number)) if number != doi and number.isdigit() and len(number) < 18 else []
        found = next((entry for entry in reversed(versions) if entry.publication), None)
    if found is None:
        raise ApiError(404, "No record here has that DOI.")
    raise web.HTTPFound(f"/records/{found.id}")


async def latest(request: web.Request) -> web.StreamResponse:
    """The page of a record's latest version."""
    deposition = any_deposition(request)
    versions = service(request).store.versions(deposition.conceptrecid)
    found = next((entry for entry in reversed(versions) if entry.publication), None)
    if found is None:
        raise ApiError(404, "There is no published record here.")
    raise web.HTTPFound(f"/records/{found.id}")


ROUTES = (
    web.get("/", overview),
    web.get("/records/{id}", record),
    web.get("/record/{id}", record),
    web.get("/records/{id}/latest", latest),
    web.get("/deposit/{id}", draft),
    web.get("/uploads/{id}", draft),
    web.get("/doi/{doi:.+}", by_doi),
)
