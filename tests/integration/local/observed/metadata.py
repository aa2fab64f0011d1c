"""Observed: fields that need others, the names in publish errors, the round trip, HTML."""

from __future__ import annotations

from typing import Any

from tests.integration.local.conftest import MINIMAL
from tests.integration.local.observed.case import Section, World, row_name
from tests.integration.local.test_fields import EC, FULL, PAST, related

METADATA = Section("metadata")
MODULE = "test_fields.py"
TAKEN = f"{MODULE}::test_taken_changed_or_dropped"
ROUND_TRIP = f"{MODULE}::test_round_trip_of_every_field"
TYPES = f"{MODULE}::test_types_that_publish"
HTML = f"{MODULE}::test_html_is_cleaned"
ORCID = "0000-0002-1825-0098"
GONE = "s dl dt dd figure math hr thead iframe"
KEPT = "h1 h2 h3 h4 h5 h6 p ul li pre code sub sup u strike div span blockquote table b em i"


async def stored(world: World, **sent: Any) -> Any:
    """What comes back of metadata."""
    return (await world.draft(**sent))["metadata"]


# Fields that need others.


@METADATA.case("description missing", "absent, and publish succeeds without it")
async def _(world: World) -> None:
    assert "description" not in (await world.api.published(MINIMAL))["metadata"]


METADATA.held(
    "publication_type missing", "publishes all the same", f"{TYPES}[{row_name({'upload_type': 'publication'})}]"
)
METADATA.held("image_type missing", "publishes all the same", f"{TYPES}[{row_name({'upload_type': 'image'})}]")
METADATA.held(
    "image_type elsewhere",
    "on another upload_type: dropped",
    f"{TYPES}[{row_name({'upload_type': 'publication', 'publication_type': 'article', 'image_type': 'plot'})}]",
)


@METADATA.case("embargo message", 'publish: access.embargo.until "Embargo end date must be set to a future date."')
async def _(world: World) -> None:
    answer = await world.api.act(await world.ready(access_right="embargoed", embargo_date=PAST), "publish")
    assert answer.messages == ["Embargo end date must be set to a future date."]


@METADATA.case("access_right message", '_schema "Unknown access type."')
async def _(world: World) -> None:
    for sent in ({"access_right": "x"}, {"access_right": 5}, {"access_right": "embargoed"}):
        assert (await world.post({**MINIMAL, **sent})).messages == ["Unknown access type."]


@METADATA.case("affiliation", "affiliation comes back null when not sent, of contributors too")
async def _(world: World) -> None:
    found = await stored(world, contributors=[{"name": "Roe, Ann", "type": "Editor"}])
    assert found["creators"] == [{"name": "Doe, Jane", "affiliation": None}]
    assert found["contributors"] == [{"name": "Roe, Ann", "affiliation": None, "type": "Editor"}]


@METADATA.case("prereserve_doi", "ignored; the object is always in the answer")
async def _(world: World) -> None:
    for sent in (True, False, None, "x", {"doi": "10.1234/x"}):
        draft = await world.draft(prereserve_doi=sent)
        reserved = {"doi": f"10.5281/zenodo.{draft['id']}", "recid": draft["id"]}
        assert draft["metadata"]["prereserve_doi"] == reserved


@METADATA.case("imprint_publisher missing", '"Zenodo"')
async def _(world: World) -> None:
    assert (await stored(world))["imprint_publisher"] == "Zenodo"


METADATA.held("communities vanish", "unknown ones vanish at publish, 202", "test_publish.py::test_communities")


@METADATA.case("custom", "an unknown key alone: dropped")
async def _(world: World) -> None:
    assert "custom" not in await stored(world, custom={"x:y": 1})


@METADATA.case("gnd", "any malformed one is 500, in contributors too")
async def _(world: World) -> None:
    for gnd in ("x", "118 540", "https://d-nb.info/gnd/"):
        people = [{"name": "Doe", "gnd": gnd}]
        assert (await world.post({**MINIMAL, "creators": people})).status == 500
        assert (await world.post({**MINIMAL, "contributors": [{**people[0], "type": "Editor"}]})).status == 500


@METADATA.case("orcid loses the name", "publish of a bad ORCID: 400, and the answer's creator has no name")
async def _(world: World) -> None:
    draft = await world.ready(creators=[{"name": "Doe, Jane", "orcid": ORCID}])
    assert draft["metadata"]["creators"] == [{"affiliation": None, "orcid": ORCID}]
    assert (await world.api.act(draft, "publish")).messages == ["Invalid ORCID identifier."]


@METADATA.case("date message", "dates start alone are stored although they do not come back: publish knows a bad one")
async def _(world: World) -> None:
    good = await world.ready(dates=[{"type": "Valid", "start": "2020-01-01"}])
    bad = await world.ready(dates=[{"type": "Valid", "start": "2020-13-01"}])
    assert good["metadata"]["dates"] == bad["metadata"]["dates"] == [{"type": "valid"}]
    assert [(await world.api.act(draft, "publish")).status for draft in (good, bad)] == [202, 400]


# Names in publish errors.

NAMES: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("upload_type", {"upload_type": None}, "metadata.resource_type"),
    ("keywords", {"keywords": ["a", ""]}, "metadata.subjects.1.subjects"),
    ("notes", {"notes": "ab"}, "metadata.additional_descriptions.0.description"),
    ("method", {"method": "ab"}, "metadata.additional_descriptions.0.description"),
    ("imprint_publisher", {"imprint_publisher": ""}, "metadata.publisher"),
    ("contributor's type", {"contributors": [{"name": "Doe"}]}, "metadata.contributors.0.role"),
    ("contributor", {"contributors": [{"type": "Editor"}]}, "metadata.contributors.0.person_or_org.family_name"),
    (
        "second creator",
        {"creators": [{"name": "Doe"}, {"name": "Roe", "orcid": ORCID}]},
        "metadata.creators.1.person_or_org.identifiers.0.identifier",
    ),
    ("doi", {"doi": "nonsense"}, "pids.doi"),
    ("embargo_date", {"access_right": "embargoed", "embargo_date": PAST}, "access.embargo.until"),
)


def error_name(field: str, sent: dict[str, Any], name: str) -> None:
    """One row of NAMES as a case."""

    async def check(world: World) -> None:
        answer = await world.api.act(await world.ready(**sent), "publish")
        assert (answer.status, answer.fields) == (400, [name])

    METADATA.case(f"publish error {field}", f"publish names {field}: {name}")(check)


for row in NAMES:
    error_name(*row)

# The round trip.

METADATA.held_all(
    ROUND_TRIP,
    {
        "round trip create": "every documented field together comes back from POST",
        "round trip change": "GET's metadata sent back as PUT give the same again",
        "round trip publish": "publish agrees, and adds the DOI",
    },
)
SUPERVISED = {
    "thesis_supervisors": [{"name": "Roe, Ann"}],
    "contributors": [{"name": "Doe", "type": "Editor"}],
}
METADATA.held(
    "supervisors", "they come back as contributors of type Supervisor, placed first", f"{TAKEN}[{row_name(SUPERVISED)}]"
)


@METADATA.case("round trip get", "GET agrees with POST")
async def _(world: World) -> None:
    draft = await world.api.create(FULL)
    assert (await world.api.get(draft))["metadata"] == draft["metadata"]


@METADATA.case("supervisors absent", "thesis_supervisors themselves are absent")
async def _(world: World) -> None:
    assert "thesis_supervisors" not in await stored(world, **SUPERVISED)


@METADATA.case("order", "the order of lists is kept; alternate identifiers come last")
async def _(world: World) -> None:
    names = [f"Doe, {letter}" for letter in "zay"]
    sent = [*related("10.1234/z", "isAlternateIdentifier"), *related("10.1234/b"), *related("10.1234/a")]
    found = await stored(
        world,
        creators=[{"name": name} for name in names],
        keywords=list("zay"),
        references=list("zay"),
        related_identifiers=sent,
    )
    assert [person["name"] for person in found["creators"]] == names
    assert found["keywords"] == found["references"] == list("zay")
    assert [entry["identifier"][-1] for entry in found["related_identifiers"]] == ["b", "a", "z"]


@METADATA.case("scheme added", "related_identifiers: scheme is added")
async def _(world: World) -> None:
    assert (await stored(world, related_identifiers=related()))["related_identifiers"] == related(scheme="doi")


# HTML.

METADATA.held("html script", "script tags and attributes go, their text stays", HTML)
METADATA.held("html plain", "plain text gets &lt; and &amp;", HTML)


@METADATA.case("html gone", f"{GONE} and img go, their text stays")
async def _(world: World) -> None:
    for tag in GONE.split():
        assert (await stored(world, description=f"<p>a</p><{tag}>text</{tag}>"))["description"] == "<p>a</p>text"
    assert (await stored(world, description="<p>a</p><img src='x'>"))["description"] == "<p>a</p>"


@METADATA.case("html kept", f"{KEPT}, a(href) and br stay")
async def _(world: World) -> None:
    for tag in KEPT.split():
        text = f"<{tag}>text</{tag}>"
        assert (await stored(world, description=text))["description"] == text
    text = '<p>a<br><a href="https://example.org">b</a></p>'
    assert (await stored(world, description=text))["description"] == text


@METADATA.case("html notes and method", "notes and method are cleaned as the description is")
async def _(world: World) -> None:
    found = await stored(world, notes="<s>notes</s>", method="<p class='x'>method</p>")
    assert (found["notes"], found["method"]) == ("notes", "<p>method</p>")


@METADATA.case("award that is none", "an award that its funder never made: 400, with the funder's ROR id")
async def _(world: World) -> None:
    answer = await world.post({**MINIMAL, "grants": [{"id": f"{EC}::999998"}]})
    assert (answer.status, answer.body.get("message")) == (400, "Invalid value 00k4n6c32::999998.")
