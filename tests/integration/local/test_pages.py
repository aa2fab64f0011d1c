"""The pages to look at, and who may look."""

from __future__ import annotations

import pytest

from tests.integration.local.conftest import MINIMAL, Api

NASTY = "<script>alert(1)</script> & \"quotes\" 'x'"


async def test_pages(api: Api, nobody: Api) -> None:
    metadata = {
        **MINIMAL,
        "title": NASTY,
        "description": f"<p>{NASTY}</p>",
        "creators": [{"name": NASTY, "affiliation": NASTY}],
        "keywords": [NASTY],
        "version": NASTY,
    }
    draft = await api.create(metadata)
    await api.put(draft, NASTY.replace("/", "_"), b"<script>alert(2)</script>")
    page = await api.ask("GET", draft["links"]["html"])
    assert page.status == 200
    assert f"10.5072/zenodo.{draft['id']}, once published" in page.body
    assert (await nobody.ask("GET", draft["links"]["html"])).status == 403
    record = (await api.act(draft, "publish")).body
    shown = await nobody.ask("GET", record["links"]["html"])
    overview = await nobody.ask("GET", "/")
    for answer in (page, shown, overview):
        assert "<script" not in answer.body
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quotes&quot;" in answer.body
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "script-src" not in policy
    for wanted in ("10.5072/zenodo.", "cc-zero", record["files"][0]["checksum"], "25 bytes"):
        assert wanted in shown.body


async def test_a_page_shows_all_metadata(api: Api) -> None:
    metadata = {
        **MINIMAL,
        "upload_type": "publication",
        "publication_type": "article",
        "creators": [{"name": "Curie, Marie", "affiliation": "Sorbonne", "orcid": "0000-0002-1825-0097"}],
        "contributors": [{"name": "Doe, Jane", "type": "DataCurator"}],
        "related_identifiers": [{"identifier": "10.1234/article", "relation": "isSupplementTo"}],
        "references": [NASTY],
        "notes": "<p>see <b>there</b><script>alert(1)</script></p>",
        "journal_title": "Annals",
        "version": "1.0",
        "dates": [{"start": "2018-05-01", "end": "2018-06-30", "type": "Collected"}],
    }
    page = (await api.ask("GET", (await api.create(metadata))["links"]["html"])).body
    assert "<script" not in page
    for name, *values in (
        ("Creators", "Curie, Marie", "Sorbonne", "0000-0002-1825-0097"),
        ("Type", "publication / article"),
        ("Contributors", "Doe, Jane", "DataCurator"),
        ("Related identifiers", "10.1234/article", "isSupplementTo"),
        ("Journal title", "Annals"),
        ("References", "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quotes&quot;"),
        ("Notes", "see <b>there</b>"),
        ("Dates", "2018-05-01", "2018-06-30", "collected"),
        ("Version", "1.0"),
    ):
        value = page.partition(f"<dt>{name}</dt><dd>")[2].partition("</dd>")[0]
        assert all(each in value for each in values), f"{name}: {value}"


async def test_a_deposited_page_is_saved_and_not_shown(api: Api) -> None:
    record = await api.published()
    answer = await api.ask("GET", f"/records/{record['id']}/files/a.txt?download=1")
    assert answer.body == "hello"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == "sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_dois_lead_to_the_page(api: Api) -> None:
    record = await api.published()
    version = (await api.act(record, "newversion")).body
    await api.act(version, "publish")
    for doi, number in ((record["doi"], record["id"]), (record["conceptdoi"], version["id"])):
        moved = await api.ask("GET", f"/doi/{doi}", allow_redirects=False)
        assert (moved.status, moved.headers["Location"]) == (302, f"/records/{number}")
    assert (await api.ask("GET", "/doi/10.9999/nothing")).status == 404
    latest = await api.ask("GET", f"/records/{record['id']}/latest", allow_redirects=False)
    assert latest.headers["Location"] == f"/records/{version['id']}"
    old = await api.ask("GET", f"/deposit/{record['id']}", allow_redirects=False)
    assert old.headers["Location"] == f"/records/{record['id']}"


async def test_an_empty_repository_and_missing_pages(api: Api) -> None:
    assert "Nothing was deposited yet" in (await api.ask("GET", "/")).body
    draft = await api.create()
    for path in ("/records/987654", f"/records/{draft['id']}", "/deposit/987654", "/nonsense"):
        answer = await api.ask("GET", path)
        assert answer.status == 404
        assert answer.body.startswith("404: ")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "localhost:1"}, 201),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:5000"}, 201),
    ],
)
async def test_other_sites_in_a_browser_cannot_use_it(api: Api, headers: dict[str, str], status: int) -> None:
    answer = await api.ask("POST", "/api/deposit/depositions", json={}, headers=headers)
    assert answer.status == status
