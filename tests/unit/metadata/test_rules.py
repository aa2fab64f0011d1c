"""Every rule of the metadata, the observed table of refusals, losses and failures row by row."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given

from batchdep.metadata import placeholders
from batchdep.metadata.rules import RULES, validate_metadata
from batchdep.problems import Location, Place, Problem, ValuePath
from tests.unit.metadata.strategies import DOCUMENTS, patient

GOOD: dict[str, Any] = {
    "title": "Scent of roses",
    "upload_type": "dataset",
    "description": "<p>Volatiles of 40 cultivars</p>",
    "creators": [{"name": "Doe, Jane", "affiliation": "CERN", "orcid": "0000-0002-1825-0097"}],
}
TOMORROW = (datetime.now(UTC).date() + timedelta(days=1)).isoformat()
YESTERDAY = (datetime.now(UTC).date() - timedelta(days=1)).isoformat()
REMOVED = ...


class FakeSource:
    """A source that answers with the path itself."""

    name = "batch.yaml"

    def locate(self, path: ValuePath) -> Location:
        return Location(self.name, line=len(path))


def check(**changed: Any) -> list[Problem]:
    metadata = {key: value for key, value in {**GOOD, **changed}.items() if value is not REMOVED}
    return validate_metadata("rose", metadata, lambda *path: Place(FakeSource(), ("datasets", 0, "metadata", *path)))


def shown(problems: list[Problem]) -> list[tuple[str, str, str]]:
    return [(each.severity.value, each.code, each.path) for each in problems]


FINE: dict[str, dict[str, Any]] = {
    "nothing more": {},
    "publication": {"upload_type": "publication", "publication_type": "thesis"},
    "image": {"upload_type": "image", "image_type": "photo"},
    "notebook": {"upload_type": "software", "software_type": "computationalnotebook"},
    "type beyond the documentation": {"upload_type": "workflow"},
    "name in parts": {"creators": [{"family": "Doe", "given": "Jane"}, {"family": "Plato"}]},
    "angle brackets in plain text": {"notes": "see <https://example.org>, all x<y of them"},
    "organisation": {"creators": [{"name": "CERN"}]},
    "collaboration": {"creators": [{"name": "The ATLAS Collaboration"}]},
    "ORCID as an address": {"creators": [{"name": "Doe, Jane", "orcid": "https://orcid.org/0000-0002-1694-233X"}]},
    "what the repository answers": {"creators": [{"name": "Doe, Jane", "affiliation": None, "gnd": "gnd:4079163-4"}]},
    "year": {"publication_date": "2026"},
    "interval": {"publication_date": "2020/2021-05"},
    "future": {"publication_date": "2099-01-01"},
    "licence in capitals": {"license": "CC-BY-4.0"},
    "licence alias": {"license": {"id": "mit-license"}},
    "no licence in particular": {"license": " notspecified "},
    "embargo": {"access_right": "embargoed", "embargo_date": TOMORROW},
    "restricted": {"access_right": "restricted"},
    "two letters": {"language": "DE"},
    "three letters": {"language": "eng"},
    "relation in any case": {"related_identifiers": [{"identifier": "10.1234/x", "relation": "CITES", "scheme": "x"}]},
    "identifiers": {
        "related_identifiers": [
            {"identifier": each, "relation": "references", "resource_type": "publication-article"}
            for each in (
                *("doi:10.1234/abc", "https://doi.org/10.1234/abc", "arXiv:2401.00001", "https://example.org/a?b#c"),
                *("978-3-16-148410-0", "1234-5679", "pmid:12345678", "urn:nbn:de:101:1-2019", "hdl:11234/1-3105"),
                *("ark:/12148/btv1b8449691v", "2018A&A...616A...1G", "0000-0002-1825-0097", "ftp://example.org/x"),
            )
        ]
    },
    "grants": {"grants": [{"id": "654241"}, {"id": "10.13039/100000001::123"}]},
    "community": {"communities": [{"identifier": "zenodo"}]},
    "contributor": {"contributors": [{"name": "Roe, Ann", "type": "datacurator"}]},
    "dates": {"dates": [{"start": "2018-05", "end": "2018-06", "type": "collected"}, {"end": "2020", "type": "Valid"}]},
    "location": {"locations": [{"place": "Bath", "lat": "51.38", "lon": -2.36}, {"place": "Mars"}]},
    "subject": {"subjects": [{"term": "Rosa", "identifier": "https://x.example/1", "scheme": "url"}]},
    "outside DOI": {"doi": "https://doi.org/10.1234/abc"},
    "reservation": {"prereserve_doi": True},
    "imprint": {"imprint_isbn": "0-306-40615-2", "conference_url": "https://example.org"},
    "custom": {"custom": {"dwc:genus": ["Rosa"]}},
    "tags that stay": {"notes": '<h2>A</h2><p>b <a href="https://x.example">c</a><br/></p>', "method": "a < b > c"},
    "lists left empty": {"keywords": [], "related_identifiers": [], "grants": []},
}


@pytest.mark.parametrize("changed", FINE.values(), ids=FINE.keys())
def test_good_metadata_has_no_problem(changed: dict[str, Any]) -> None:
    assert shown(check(**changed)) == []


def related(identifier: Any = "10.1234/x", relation: Any = "cites", **more: Any) -> dict[str, Any]:
    return {"related_identifiers": [{"identifier": identifier, "relation": relation, **more}]}


ERRORS: list[tuple[dict[str, Any], str, str]] = [
    # missing and empty
    ({"title": REMOVED}, "missing", "title"),
    ({"title": None}, "missing", "title"),
    ({"title": "  "}, "missing", "title"),
    ({"upload_type": REMOVED}, "missing", "upload_type"),
    ({"description": ""}, "missing", "description"),
    ({"creators": REMOVED}, "missing", "creators"),
    ({"creators": []}, "missing", "creators"),
    ({"creators": None}, "missing", "creators"),
    # the starter manifest's own texts
    ({"title": placeholders.TITLE}, "placeholder", "title"),
    ({"description": f" {placeholders.DESCRIPTION}"}, "placeholder", "description"),
    ({"creators": [{"name": placeholders.NAME}]}, "placeholder", "creators[0].name"),
    (
        {"creators": [{"name": "Curie, M", "affiliation": placeholders.AFFILIATION}]},
        "placeholder",
        "creators[0].affiliation",
    ),
    ({"version": None}, "empty_value", "version"),
    ({"imprint_publisher": ""}, "empty_value", "imprint_publisher"),
    ({"keywords": None}, "empty_value", "keywords"),
    ({"grants": None}, "empty_value", "grants"),
    # text
    ({"title": "ab"}, "too_short", "title"),
    ({"title": 42}, "wrong_kind", "title"),
    ({"title": ["a title"]}, "wrong_kind", "title"),
    ({"description": "ab"}, "too_short", "description"),
    ({"description": "<p> </p>"}, "too_short", "description"),
    ({"notes": "x"}, "too_short", "notes"),
    ({"method": 12345}, "wrong_kind", "method"),
    ({"version": 1.0}, "wrong_kind", "version"),
    ({"journal_volume": 12}, "wrong_kind", "journal_volume"),
    ({"title": "a\ud800bc"}, "not_unicode", "title"),
    ({"keywords": ["a\x00b"]}, "control_characters", "keywords[0]"),
    ({"notes": "x" * 1_000_001}, "too_long", "notes"),
    # types
    ({"upload_type": "bogus"}, "unknown_value", "upload_type"),
    ({"upload_type": "Dataset"}, "unknown_value", "upload_type"),
    ({"upload_type": 3}, "wrong_kind", "upload_type"),
    ({"upload_type": "publication"}, "missing", "upload_type"),
    ({"upload_type": "image", "image_type": ""}, "missing", "upload_type"),
    ({"upload_type": "publication", "publication_type": "xx"}, "unknown_value", "publication_type"),
    # people
    ({"creators": {"name": "Doe, Jane"}}, "wrong_kind", "creators"),
    ({"creators": ["Doe, Jane"]}, "wrong_kind", "creators[0]"),
    ({"creators": [{"affiliation": "CERN"}]}, "missing", "creators[0]"),
    ({"creators": [{"name": ""}]}, "missing", "creators[0].name"),
    ({"creators": [{"name": 7}]}, "wrong_kind", "creators[0].name"),
    ({"creators": [{"name": ","}]}, "name_form", "creators[0].name"),
    ({"creators": [{"name": ", John"}]}, "name_form", "creators[0].name"),
    ({"creators": [{"name": "Doe, J", "orcid": "0000-0002-1825-0098"}]}, "bad_orcid", "creators[0].orcid"),
    ({"creators": [{"name": "Doe, J", "orcid": "0000-0000-0000-0000"}]}, "bad_orcid", "creators[0].orcid"),
    ({"creators": [{"name": "Doe, J", "orcid": "nonsense"}]}, "bad_orcid", "creators[0].orcid"),
    ({"creators": [{"given": "Jane"}]}, "name_form", "creators[0]"),
    ({"creators": [{"family": "Doe", "name": "Doe, J"}]}, "name_form", "creators[0]"),
    ({"creators": [{"family": ["Doe"]}]}, "wrong_kind", "creators[0].family"),
    ({"creators": [{"name": "Doe, J", "ror": "05gq02988"}]}, "bad_ror", "creators[0].ror"),
    ({"language": "Klingonish"}, "bad_language", "language"),
    ({"grants": [{"id": "DFG::654241"}]}, "unknown_funder", "grants[0].id"),
    ({"creators": [{"name": "Doe, J", "orcid": 218250097}]}, "wrong_kind", "creators[0].orcid"),
    ({"creators": [{"name": "Doe, J", "gnd": "12"}]}, "bad_gnd", "creators[0].gnd"),
    ({"creators": [{"name": "Doe, J", "affiliation": ["CERN"]}]}, "wrong_kind", "creators[0].affiliation"),
    ({"creators": [{"name": "Doe, J", "affilation": "CERN"}]}, "unknown_key", "creators[0].affilation"),
    ({"contributors": [{"name": "Doe, J"}]}, "missing", "contributors[0]"),
    ({"contributors": [{"name": "Doe, J", "type": "boss"}]}, "unknown_value", "contributors[0].type"),
    ({"contributors": [{"name": "Doe, J", "type": 1}]}, "wrong_kind", "contributors[0].type"),
    ({"thesis_supervisors": ["Doe, J"]}, "wrong_kind", "thesis_supervisors[0]"),
    # dates
    ({"publication_date": "24/11/2026"}, "bad_date", "publication_date"),
    ({"publication_date": "2026-02-31"}, "bad_date", "publication_date"),
    ({"publication_date": "2026-11-24T10:00:00Z"}, "bad_date", "publication_date"),
    ({"publication_date": "2021/2020"}, "bad_date", "publication_date"),
    ({"publication_date": ""}, "empty_value", "publication_date"),
    ({"publication_date": 2026}, "wrong_kind", "publication_date"),
    ({"access_right": "embargoed"}, "missing", "access_right"),
    ({"access_right": "embargoed", "embargo_date": YESTERDAY}, "not_in_future", "embargo_date"),
    ({"access_right": "embargoed", "embargo_date": "2099-01"}, "bad_date", "embargo_date"),
    ({"access_right": "public"}, "unknown_value", "access_right"),
    ({"access_right": None}, "empty_value", "access_right"),
    ({"dates": [{"start": "2018", "type": "nope"}]}, "unknown_value", "dates[0].type"),
    ({"dates": [{"start": "2018"}]}, "missing", "dates[0]"),
    ({"dates": [{"type": "Valid"}]}, "missing", "dates[0]"),
    ({"dates": [{"start": "May 2018", "type": "Valid"}]}, "bad_date", "dates[0].start"),
    ({"dates": [{"start": "2019", "end": "2018", "type": "Valid"}]}, "bad_date", "dates[0]"),
    # licence, language
    ({"license": {"name": "MIT"}}, "empty_value", "license.id"),
    ({"license": ["MIT"]}, "wrong_kind", "license"),
    ({"license": ""}, "empty_value", "license"),
    ({"license": 4}, "wrong_kind", "license"),
    ({"language": "xq"}, "bad_language", "language"),
    ({"language": ["eng"]}, "wrong_kind", "language"),
    # lists
    ({"keywords": "rose, scent"}, "wrong_kind", "keywords"),
    ({"keywords": [""]}, "empty_value", "keywords[0]"),
    ({"keywords": [3]}, "wrong_kind", "keywords[0]"),
    ({"references": "Doe 2018"}, "wrong_kind", "references"),
    ({"references": [{"doi": "10.1234/x"}]}, "wrong_kind", "references[0]"),
    ({"subjects": ["Rosa"]}, "wrong_kind", "subjects[0]"),
    ({"subjects": [{"identifier": "x"}]}, "missing", "subjects[0]"),
    ({"locations": [{"lat": 1, "lon": 2}]}, "missing", "locations[0]"),
    ({"locations": [{"place": "Bath", "lat": 200, "lon": 2}]}, "out_of_range", "locations[0].lat"),
    ({"locations": [{"place": "Bath", "lat": "north", "lon": 2}]}, "wrong_kind", "locations[0].lat"),
    ({"locations": {"place": "Bath"}}, "wrong_kind", "locations"),
    # links
    (related(identifier="www.example.org"), "bad_identifier", "related_identifiers[0].identifier"),
    (related(identifier="PMC1234567"), "bad_identifier", "related_identifiers[0].identifier"),
    (related(identifier="swh:1:dir:d198bc9d7a6bcf6db04f476d29314f157507d505"), "bad_identifier", ""),
    (related(identifier="urn:lsid:example.org:a:1"), "bad_identifier", ""),
    (related(identifier="GSE1234"), "bad_identifier", ""),
    (related(identifier="some book"), "bad_identifier", ""),
    (related(identifier=None), "missing", "related_identifiers[0].identifier"),
    (related(relation="xcites"), "unknown_value", "related_identifiers[0].relation"),
    (related(relation=4), "wrong_kind", "related_identifiers[0].relation"),
    (related(relation=""), "missing", "related_identifiers[0].relation"),
    (related(resource_type="paper"), "unknown_value", "related_identifiers[0].resource_type"),
    ({"related_identifiers": ["10.1234/x"]}, "wrong_kind", "related_identifiers[0]"),
    ({"related_identifiers": "10.1234/x"}, "wrong_kind", "related_identifiers"),
    ({"grants": ["654241"]}, "wrong_kind", "grants[0]"),
    ({"grants": [{}]}, "missing", "grants[0]"),
    ({"grants": [{"id": 654241}]}, "wrong_kind", "grants[0].id"),
    ({"grants": [{"id": "10.13039/501100000781::654241"}]}, "unknown_funder", "grants[0].id"),
    ({"grants": [{"id": "10.13039/501100000780::"}]}, "bad_grant", "grants[0].id"),
    ({"grants": [{"id": "NSF-12"}]}, "bad_grant", "grants[0].id"),
    ({"communities": ["zenodo"]}, "wrong_kind", "communities[0]"),
    ({"communities": [{"id": "zenodo"}]}, "unknown_key", "communities[0].id"),
    ({"communities": [{"identifier": "https://zenodo.org/communities/x"}]}, "bad_community", ""),
    ({"doi": "nonsense"}, "bad_doi", "doi"),
    ({"doi": 10.1234}, "wrong_kind", "doi"),
    ({"doi": "10.5281/zenodo.4"}, "own_doi", "doi"),
    ({"doi": "https://doi.org/10.5072/zenodo.4"}, "own_doi", "doi"),
    ({"custom": ["x"]}, "wrong_kind", "custom"),
    # keys
    ({"licence": "mit"}, "unknown_key", "licence"),
    ({"keyword": ["rose"]}, "unknown_key", "keyword"),
    ({"favourite_colour": "pink"}, "unknown_key", "favourite_colour"),
]


@pytest.mark.parametrize(("changed", "code", "path"), ERRORS, ids=lambda each: repr(each)[:60])
def test_error(changed: dict[str, Any], code: str, path: str) -> None:
    found = [each for each in check(**changed) if each.is_error]
    matching = [each for each in found if each.code == code and each.path.endswith(path)]
    assert matching, shown(found)
    for each in found:
        assert each.message
        assert each.hint
        assert each.dataset == "rose"
        assert each.location is not None
        assert each.path.startswith("metadata.")


WARNINGS: list[tuple[dict[str, Any], str, str]] = [
    ({"upload_type": "image", "image_type": "photo", "publication_type": "article"}, "dropped", "publication_type"),
    ({"access_right": "closed"}, "altered", "access_right"),
    ({"access_right": "restricted", "access_conditions": "Ask us."}, "dropped", "access_conditions"),
    ({"embargo_date": TOMORROW}, "dropped", "embargo_date"),
    ({"creators": [{"name": "Jane Doe"}]}, "name_form", "creators[0].name"),
    ({"creators": [{"name": "Doe, John, Jr."}]}, "name_form", "creators[0].name"),
    ({"creators": [{"name": "Doe,"}]}, "name_form", "creators[0].name"),
    ({"creators": [{"name": "Doe, J"}, {"name": "Doe,J"}]}, "doubled", "creators[1]"),
    ({"creators": [{"name": "[Family, Given]"}]}, "placeholder", "creators[0].name"),
    ({"title": "TODO: a title"}, "placeholder", "title"),
    ({"license": "CC-BY-3.0-DE"}, "licence_uncertain", "license"),
    ({"description": "<p>a</p><script>b</script><img src=x>"}, "html_removed", "description"),
    ({"description": "<p>all x<y of them</p>"}, "html_swallowed", "description"),
    ({"creators": [{"family": "Doe, Jr.", "given": "J"}]}, "name_form", "creators[0].family"),
    ({"creators": [{"family": "Doe", "given": "J"}, {"name": "Doe,J"}]}, "doubled", "creators[1]"),
    (
        {"creators": [{"name": "Doe, J", "affiliation": "https://ror.org/05gq02987"}]},
        "ror_as_name",
        "creators[0].affiliation",
    ),
    ({"title": "<i>Rosa</i> scent"}, "html_in_title", "title"),
    ({"title": "Scent of\u200broses"}, "control_characters", "title"),
    ({"title": "Scent\nof roses"}, "altered", "title"),
    ({"title": "t" * 1001}, "too_long", "title"),
    ({"keywords": ["rose; scent"]}, "several_in_one", "keywords[0]"),
    ({"keywords": ["rose", "Rose"]}, "doubled", "keywords[1]"),
    ({"locations": [{"place": "Greenwich", "lat": 51.48, "lon": 0}]}, "dropped", "locations[0].lon"),
    ({"locations": [{"place": "Greenwich", "lat": 51.48}]}, "dropped", "locations[0]"),
    (related(relation="isCollectedBy"), "altered", "related_identifiers[0].relation"),
    (related(identifier="w3id.org/x"), "altered", "related_identifiers[0].identifier"),
    ({"imprint_isbn": "978-3-16-148410-1"}, "dropped", "imprint_isbn"),
    ({"conference_url": "www.example.org"}, "dropped", "conference_url"),
    ({"prereserve_doi": "yes"}, "dropped", "prereserve_doi"),
    ({"custom": {"genus": "Rosa"}}, "dropped", "custom.genus"),
    ({"_comment": "for us"}, "dropped", "_comment"),
]


@pytest.mark.parametrize(("changed", "code", "path"), WARNINGS, ids=lambda each: repr(each)[:60])
def test_warning(changed: dict[str, Any], code: str, path: str) -> None:
    (found,) = shown(check(**changed))
    assert found == ("warning", code, f"metadata.{path}")


NOTES: list[tuple[dict[str, Any], str, str]] = [
    ({"license": "CC BY 4.0"}, "license", "CC-BY-4.0"),
    ({"license": {"id": "https://creativecommons.org/licenses/by/4.0/"}}, "license.id", "CC-BY-4.0"),
    ({"language": "ger"}, "language", "deu"),
    ({"language": "English"}, "language", "eng"),
    ({"language": "en-GB"}, "language", "eng"),
    ({"grants": [{"id": "00k4n6c32::654241"}]}, "grants[0].id", "10.13039/501100000780::654241"),
    ({"grants": [{"id": "EC::654241"}]}, "grants[0].id", "10.13039/501100000780::654241"),
    ({"grants": [{"id": "https://doi.org/10.3030/654241"}]}, "grants[0].id", "10.13039/501100000780::654241"),
    ({"creators": [{"family": "Doe", "ror": "https://ror.org/05gq02987"}]}, "creators[0].ror", "not sent"),
    ({"description": "one\n\ntwo"}, "description", "as HTML"),
    ({"notes": "one\ntwo"}, "notes", "as HTML"),
]


@pytest.mark.parametrize(("changed", "path", "part"), NOTES, ids=lambda each: repr(each)[:60])
def test_note_of_what_is_sent(changed: dict[str, Any], path: str, part: str) -> None:
    (found,) = check(**changed)
    assert (found.is_note, found.path) == (True, f"metadata.{path}")
    assert part in found.message


def test_removed_tags_are_told_with_their_lines() -> None:
    (found,) = check(description="<p>a</p>\n<img src='x'>\n<hr>")
    assert "<img> (line 2 of it), <hr> (line 3 of it)" in found.message


HINTS: list[tuple[dict[str, Any], str]] = [
    ({"publication_date": "24/11/2026"}, "2026-11-24"),
    ({"publication_date": "2026-11-24T10:00:00Z"}, "2026-11-24"),
    ({"publication_date": "24 November 2026"}, "2026-11-24"),
    ({"publication_date": "20261124"}, "2026-11-24"),
    ({"version": 1.5}, '"1.5"'),
    ({"upload_type": "Dataset"}, "dataset"),
    ({"keywords": "rose, scent"}, "['rose', 'scent']"),
    ({"license": "gpl3"}, "GPL-3.0"),
    ({"grants": [{"id": "Wellcom Trust::1"}]}, "10.13039/100004440 (Wellcome)"),
    ({"communities": [{"identifier": "https://zenodo.org/communities/roses/"}]}, "roses"),
    (related(identifier="www.example.org/x"), "https://www.example.org/x"),
    (related(identifier="GSE1234"), "acc=GSE1234"),
    (related(relation="isSuplementTo"), "isSupplementTo"),
    ({"titel": "x"}, "'title'"),
    ({"tags": ["rose"]}, "'keywords'"),
    ({"authors": []}, "'creators'"),
    ({"creators": [{"name": "Doe, J", "affilation": "CERN"}]}, "'affiliation'"),
    ({"creators": [{"name": "Jane Q. Doe"}]}, '"Doe, Jane Q."'),
    ({"upload_type": "publication"}, "thesis"),
]


@pytest.mark.parametrize(("changed", "part"), HINTS, ids=lambda each: repr(each)[:60])
def test_hint_names_the_next_step(changed: dict[str, Any], part: str) -> None:
    assert any(part in each.hint for each in check(**changed)), [each.hint for each in check(**changed)]


def test_problem_stands_where_the_value_stands() -> None:
    (found,) = check(creators=[{"name": "Doe, J", "orcid": "x"}])
    assert found.location == Location("batch.yaml", line=len(("datasets", 0, "metadata", "creators", 0, "orcid")))


def test_everything_is_told_at_once() -> None:
    problems = check(title="", upload_type="x", creators=[{"name": "a", "orcid": "b"}], license="c", keywords="d")
    assert {each.path for each in problems if each.is_error} == {
        "metadata.title",
        "metadata.upload_type",
        "metadata.creators[0].orcid",
        "metadata.license",
        "metadata.keywords",
    }


@pytest.mark.parametrize("depth", [60, 5000])
def test_deep_nesting_is_refused(depth: int) -> None:
    value: Any = "x"
    for _ in range(depth):
        value = [value]
    assert shown(check(custom={"a:b": value})) == [("error", "too_deep", "metadata.custom")]


def test_brackets_in_texts_are_no_depth() -> None:
    text = "[{" * 60
    assert shown(check(custom={"a:b": [text, {"c": text}]})) == []
    assert shown(check(custom={"a:b": [[] for _ in range(60)]})) == []


SUSPICIOUS = [*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0), 0x200B, 0x2060, 0xFEFF, 0xD800, 0xDFFF]


@pytest.mark.parametrize("code", SUSPICIOUS)
def test_each_character_that_cannot_be_seen_is_found(code: int) -> None:
    assert [each.path for each in check(custom={"a:b": f"rose{chr(code)}s"})] == ["metadata.custom.a:b"]


def test_characters_that_are_merely_rare_are_taken() -> None:
    assert check(custom={"a:b": "a\tb\nc\r\u00a0\u2028\u00ad \\u0041 \\b \u00fc \U0001f339"}) == []


def test_control_characters_are_found_wherever_they_are() -> None:
    for text in ("a\x01b", "a\x08b", "a\x7fb", "a\ufeffb"):
        found = check(custom={"a:b": [{"c": text}]})
        assert shown(found) == [("warning", "control_characters", "metadata.custom.a:b[0].c")]
    assert [each.code for each in check(custom={"a:\x00b": 1})] == ["not_unicode"]
    assert shown(check(notes="a\\u0000b c\td")) == []


@pytest.mark.parametrize("key", sorted(RULES))
@pytest.mark.parametrize(
    "value", [None, True, 0, 1.5, float("nan"), "", "\ud800", [], {}, [None], [[]], [{}], {"id": []}]
)
def test_no_rule_raises_on_any_kind(key: str, value: Any) -> None:
    for each in check(**{key: value}):
        json.dumps([each.message, each.hint, each.path]).encode()
        f"{each.message}{each.hint}{each.path}".encode()


@patient
@given(DOCUMENTS)
def test_arbitrary_json_raises_nothing(metadata: dict[str, Any]) -> None:
    for each in validate_metadata("x", metadata, lambda *path: Place(FakeSource(), path)):
        f"{each.message}{each.hint}{each.path}".encode()


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("Jane Q. Doe", '"Doe, Jane Q."'),
        ("Plato", '"Family, Given"'),
        ("Jane Doe and John Roe", "an entry for each"),
        ("Jane Doe; John Roe", "an entry for each"),
        ("Jane Anderson", '"Anderson, Jane"'),
    ],
)
def test_the_hint_on_a_name_without_a_comma_fits_the_name(name: str, hint: str) -> None:
    (found,) = check(creators=[{"name": name}])
    assert hint in found.hint
    assert "Roe, Jane" not in found.hint


def test_many_names_without_a_comma_are_one_warning_with_their_number() -> None:
    """A list of 200 people in the form Given Family would bury what else is wrong."""
    people = [{"name": f"Jane Doe the{number}x"} for number in "abcde"]
    organisations = [{"name": "CERN"}, {"name": "The ATLAS Collaboration"}, {"name": "Roe, John"}]
    (found,) = check(creators=[*organisations, *people])
    assert (found.severity.value, found.code, found.path) == ("warning", "name_form", "metadata.creators[3].name")
    assert found.message.startswith("creators: 5 names have no comma")
    assert "'Jane Doe theax'" in found.message
    assert found.message.endswith("and 2 more")


def test_names_without_a_comma_are_told_of_creators_and_of_contributors() -> None:
    people = [{"name": "Jane Doe"}, {"name": "John Roe"}]
    found = check(creators=people, contributors=[{**each, "type": "Editor"} for each in people])
    assert [each.path for each in found] == ["metadata.creators[0].name", "metadata.contributors[0].name"]
    assert not found[0].message.endswith("more")


def test_zeros_in_the_place_of_an_orcid_are_no_typing_error() -> None:
    (found,) = check(creators=[{"name": "Doe, J", "orcid": "https://orcid.org/0000-0000-0000-0000"}])
    assert (found.code, found.severity.value) == ("bad_orcid", "error")
    assert "not known yet" in found.message
    assert "typing" not in found.message
