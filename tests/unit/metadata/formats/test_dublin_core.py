"""Dublin Core in its three forms, written by the specifications of DCMI, DSpace and OpenAIRE."""

from __future__ import annotations

import pytest
from hypothesis import given

from batchdep.metadata.formats import dublin_core
from batchdep.metadata.formats.base import Reading
from batchdep.metadata.formats.dublin_core_terms import identified
from batchdep.metadata.formats.markup import Element, parse_xml
from tests.unit.metadata.formats.arbitrary import elements
from tests.unit.metadata.strategies import patient

OAI = """<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"
    xmlns:dc="http://purl.org/dc/elements/1.1/">
  <dc:title>Scent of roses</dc:title>
  <dc:creator>Curie, Marie (https://orcid.org/0000-0002-1825-0097)</dc:creator>
  <dc:creator>Doe, Jane; Roe, Ann</dc:creator>
  <dc:contributor>The Rose Consortium</dc:contributor>
  <dc:subject>scent; roses</dc:subject>
  <dc:description>One

    two &lt; three</dc:description>
  <dc:publisher>Rose Press</dc:publisher>
  <dc:publisher>Other Press</dc:publisher>
  <dc:date>2020-05-01T10:00:00Z</dc:date>
  <dc:date>2019</dc:date>
  <dc:date>info:eu-repo/date/embargoEnd/2999-01-01</dc:date>
  <dc:type>Text</dc:type>
  <dc:type>info:eu-repo/semantics/article</dc:type>
  <dc:type>info:eu-repo/semantics/publishedVersion</dc:type>
  <dc:format>text/csv</dc:format>
  <dc:identifier>https://doi.org/10.1234/roses</dc:identifier>
  <dc:identifier>https://example.org/roses</dc:identifier>
  <dc:identifier>Roses 12</dc:identifier>
  <dc:source>10.1234/older</dc:source>
  <dc:source>A herbarium</dc:source>
  <dc:language>eng</dc:language>
  <dc:relation>info:eu-repo/grantAgreement/EC/H2020/654241/EU/Roses</dc:relation>
  <dc:relation>info:eu-repo/semantics/altIdentifier/urn/urn:nbn:de:101:1-201102033592</dc:relation>
  <dc:relation>https://example.org/garden</dc:relation>
  <dc:coverage>Lyon</dc:coverage>
  <dc:coverage>1990-2000</dc:coverage>
  <dc:rights>info:eu-repo/semantics/embargoedAccess</dc:rights>
  <dc:rights>https://creativecommons.org/licenses/by/4.0/</dc:rights>
</oai_dc:dc>"""

TERMS = """<metadata xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <dcterms:title xml:lang="en">Scent of roses</dcterms:title>
  <dcterms:alternative xml:lang="de">Rosenduft</dcterms:alternative>
  <dcterms:creator>Curie, Marie</dcterms:creator>
  <dcterms:rightsHolder>Rose Trust</dcterms:rightsHolder>
  <dcterms:abstract>About roses</dcterms:abstract>
  <dcterms:tableOfContents>1. Roses</dcterms:tableOfContents>
  <dcterms:bibliographicCitation>Curie 1900</dcterms:bibliographicCitation>
  <dcterms:issued>2020-05-01</dcterms:issued>
  <dcterms:created>2019</dcterms:created>
  <dcterms:valid>2020/2021</dcterms:valid>
  <dcterms:type>http://purl.org/dc/dcmitype/Dataset</dcterms:type>
  <dcterms:subject xsi:type="dcterms:LCSH">Roses</dcterms:subject>
  <dcterms:extent>3 MB</dcterms:extent>
  <dcterms:identifier>urn:isbn:978-3-905673-82-1</dcterms:identifier>
  <dcterms:isPartOf>doi:10.1234/series</dcterms:isPartOf>
  <dcterms:replaces>https://example.org/old</dcterms:replaces>
  <dcterms:isFormatOf>a book</dcterms:isFormatOf>
  <dcterms:conformsTo>https://example.org/standard</dcterms:conformsTo>
  <dcterms:spatial>name=Lyon; east=4.84; north=45.76</dcterms:spatial>
  <dcterms:spatial>northlimit=46; southlimit=45; westlimit=4; eastlimit=5</dcterms:spatial>
  <dcterms:temporal>start=1990; end=2000</dcterms:temporal>
  <dcterms:accessRights>Restricted Access</dcterms:accessRights>
  <dcterms:accessRights>ask me</dcterms:accessRights>
  <dcterms:license>CC0-1.0</dcterms:license>
  <dcterms:audience>gardeners</dcterms:audience>
</metadata>"""

DSPACE = """<dublin_core schema="dc">
  <dcvalue element="title" qualifier="none" language="en_US">Scent of roses</dcvalue>
  <dcvalue element="title" qualifier="alternative">Rosenduft</dcvalue>
  <dcvalue element="contributor" qualifier="author">Curie, Marie</dcvalue>
  <dcvalue element="contributor" qualifier="advisor">Elder, Ann</dcvalue>
  <dcvalue element="contributor" qualifier="other">Doe, Jane</dcvalue>
  <dcvalue element="date" qualifier="accessioned">2021-01-01T00:00:00Z</dcvalue>
  <dcvalue element="date" qualifier="strange">1900</dcvalue>
  <dcvalue element="date" qualifier="issued">2020-05</dcvalue>
  <dcvalue element="description" qualifier="abstract">About roses</dcvalue>
  <dcvalue element="description" qualifier="none">3 figures</dcvalue>
  <dcvalue element="description" qualifier="sponsorship">A friend</dcvalue>
  <dcvalue element="description" qualifier="provenance">Made available by me</dcvalue>
  <dcvalue element="identifier" qualifier="uri">http://hdl.handle.net/2160/625</dcvalue>
  <dcvalue element="identifier" qualifier="doi">10.1234/roses</dcvalue>
  <dcvalue element="identifier" qualifier="issn">0077-5606</dcvalue>
  <dcvalue element="identifier" qualifier="citation">Curie (1900)</dcvalue>
  <dcvalue element="language" qualifier="iso">en_US</dcvalue>
  <dcvalue element="relation" qualifier="ispartofseries">Roses;7</dcvalue>
  <dcvalue element="relation" qualifier="isreferencedby">10.1234/citing</dcvalue>
  <dcvalue element="rights" qualifier="uri">http://creativecommons.org/publicdomain/zero/1.0/</dcvalue>
  <dcvalue element="subject" qualifier="none">scent</dcvalue>
  <dcvalue element="subject" qualifier="ddc">580</dcvalue>
  <dcvalue element="type" qualifier="none">Technical Report</dcvalue>
</dublin_core>"""


def parsed(xml: str) -> Element:
    return parse_xml(xml.encode())


def read(xml: str) -> Reading:
    root = parsed(xml)
    assert dublin_core.recognises(root)
    return dublin_core.read(root)


def said(reading: Reading) -> str:
    return "\n".join(note.message for note in reading.notes)


def test_the_fifteen_elements() -> None:
    reading = read(OAI)
    assert reading.metadata == {
        "upload_type": "publication",
        "publication_type": "article",
        "title": "Scent of roses",
        "creators": [
            {"name": "Curie, Marie", "orcid": "0000-0002-1825-0097"},
            {"name": "Doe, Jane"},
            {"name": "Roe, Ann"},
        ],
        "contributors": [{"name": "The Rose Consortium", "type": "Other"}],
        "imprint_publisher": "Rose Press",
        "description": "<p>One</p>\n<p>two &lt; three</p>",
        "access_right": "embargoed",
        "embargo_date": "2999-01-01",
        "license": "CC-BY-4.0",
        "publication_date": "2019",
        "keywords": ["scent", "roses"],
        "language": "eng",
        "related_identifiers": [
            {"identifier": "https://doi.org/10.1234/roses", "relation": "isIdenticalTo"},
            {"identifier": "https://example.org/roses", "relation": "isAlternateIdentifier"},
            {"identifier": "urn:nbn:de:101:1-201102033592", "relation": "isAlternateIdentifier"},
            {"identifier": "10.1234/older", "relation": "isDerivedFrom"},
        ],
        "references": ["A herbarium", "https://example.org/garden"],
        "grants": [{"id": "10.13039/501100000780::654241"}],
        "locations": [{"place": "Lyon"}],
    }
    noted = ("Other Press", "2020-05-01", "Text", "publishedVersion", "formats", "Roses 12", "herbarium", "garden")
    assert [word for word in (*noted, "1990-2000", "`DOI`") if word not in said(reading)] == []
    assert len(reading.notes) == len(noted) + 2


def test_dcmis_terms() -> None:
    reading = read(TERMS)
    assert reading.metadata == {
        "upload_type": "dataset",
        "title": "Scent of roses",
        "creators": [{"name": "Curie, Marie"}],
        "contributors": [{"name": "Rose Trust", "type": "RightsHolder"}],
        "description": "About roses",
        "access_right": "restricted",
        "license": "CC0-1.0",
        "publication_date": "2020-05-01",
        "dates": [{"start": "2020", "end": "2021", "type": "Valid"}],
        "keywords": ["Roses"],
        "related_identifiers": [
            {"identifier": "978-3-905673-82-1", "relation": "isAlternateIdentifier"},
            {"identifier": "doi:10.1234/series", "relation": "isPartOf"},
            {"identifier": "https://example.org/old", "relation": "obsoletes"},
        ],
        "references": ["a book", "https://example.org/standard"],
        "locations": [
            {"place": "Lyon", "lat": 45.76, "lon": 4.84},
            {"place": "box from 45, 4 to 46, 5"},
        ],
        "notes": "<p>Alternative title (de): Rosenduft</p>\n<p>Table of contents: 1. Roses</p>\n"
        "<p>Citation: Curie 1900</p>",
    }
    noted = ("Rosenduft", "1. Roses", "Curie 1900", "2019", "LCSH", "sizes", "a book", "/standard", "box", "start=1990")
    assert [word for word in (*noted, "ask me", "gardeners") if word not in said(reading)] == []
    assert len(reading.notes) == len(noted) + 2


def test_dspace() -> None:
    reading = read(DSPACE)
    assert reading.metadata == {
        "upload_type": "publication",
        "publication_type": "report",
        "title": "Scent of roses",
        "creators": [{"name": "Curie, Marie"}],
        "contributors": [{"name": "Elder, Ann", "type": "Supervisor"}, {"name": "Doe, Jane", "type": "Other"}],
        "description": "About roses",
        "license": "CC0-1.0",
        "publication_date": "2020-05",
        "keywords": ["scent", "580"],
        "language": "eng",
        "related_identifiers": [
            {"identifier": "10.1234/roses", "relation": "isIdenticalTo"},
            {"identifier": "http://hdl.handle.net/2160/625", "relation": "isAlternateIdentifier"},
            {"identifier": "0077-5606", "relation": "isPartOf"},
            {"identifier": "10.1234/citing", "relation": "isReferencedBy"},
        ],
        "references": ["Roses;7"],
        "notes": "<p>Alternative title: Rosenduft</p>\n<p>3 figures</p>\n<p>Citation: Curie (1900)</p>",
    }
    noted = ("Rosenduft", "2021-01-01", "1900", "A friend", "Made available", "Roses;7", "ddc", "Curie (1900)", "`DOI`")
    assert [word for word in noted if word not in said(reading)] == []
    assert len(reading.notes) == len(noted)


def test_problems_are_found_in_the_file() -> None:
    root = parsed(OAI)
    reading = dublin_core.read(root)
    lines = OAI.splitlines()
    assert "0000-0002-1825-0097" in lines[root.at(reading.origins["creators", 0]).line - 1]
    assert "grantAgreement" in lines[root.at(reading.origins["grants", 0]).line - 1]
    assert "Other Press" in lines[min(root.at(each.path).line for each in reading.notes if "Press" in each.message) - 1]


DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'


@pytest.mark.parametrize(
    ("xml", "is_one"),
    [
        (f"<anything {DC}><dc:title>T</dc:title></anything>", True),
        (f"<record><header/><metadata><x {DC}><dc:title>T</dc:title></x></metadata></record>", True),
        ("<dc><title>T</title></dc>", True),
        (f"<anything {DC}><dc:creator>T</dc:creator></anything>", False),
        (f"<anything {DC}><dc:title> </dc:title></anything>", False),
        (f"<l {DC}><a><dc:title>T</dc:title></a><a><dc:title>U</dc:title></a></l>", False),
        ("<html><title>T</title></html>", False),
        ('<dublin_core><dcvalue element="creator">T</dcvalue></dublin_core>', False),
    ],
)
def test_what_is_dublin_core(xml: str, is_one: bool) -> None:
    assert dublin_core.recognises(parsed(xml)) == is_one
    assert ("title" in dublin_core.read(parsed(xml)).metadata) == is_one


def test_what_is_no_licence_and_no_date_of_publication() -> None:
    reading = read(
        '<dublin_core><dcvalue element="title">T</dcvalue><dcvalue element="date" qualifier="strange">1900</dcvalue>'
        '<dcvalue element="rights" qualifier="accessrights">ask me</dcvalue>'
        '<dcvalue element="publisher">P</dcvalue><dcvalue element="publisher">P</dcvalue></dublin_core>'
    )
    assert reading.metadata == {"title": "T", "imprint_publisher": "P"}
    assert "ask me" in said(reading)
    assert len(reading.notes) == 2


def test_what_is_no_xml() -> None:
    assert not dublin_core.recognises({"title": "T"})
    assert dublin_core.read(None).metadata == {}


@pytest.mark.parametrize(
    ("types", "upload_type", "finer"),
    [
        (["Dataset"], "dataset", None),
        (["Thesis or Dissertation", "info:eu-repo/semantics/doctoralThesis"], "publication", "thesis"),
        (["StillImage"], "image", "other"),
        (["MovingImage"], "video", None),
        (["Software"], "software", None),
        (["Book chapter"], "publication", "section"),
        (["http://purl.org/coar/resource_type/c_ddb1"], "dataset", None),
        (["Something"], "other", None),
    ],
)
def test_types(types: list[str], upload_type: str, finer: str | None) -> None:
    inside = "".join(f"<type>{each}</type>" for each in types)
    metadata = read(f"<dc><title>T</title>{inside}</dc>").metadata
    assert (metadata["upload_type"], metadata.get(f"{upload_type}_type")) == (upload_type, finer)


@pytest.mark.parametrize(
    ("written", "identifier", "kind"),
    [
        ("10.1234/x", "10.1234/x", "DOI"),
        ("info:eu-repo/semantics/reference/doi/10.1234/x", "doi:10.1234/x", "DOI"),
        ("info:eu-repo/semantics/altIdentifier/hdl/2160/625", "hdl:2160/625", "AlternateIdentifier"),
        ("info:eu-repo/semantics/dataset/url/https://example.org/", "https://example.org/", "URL"),
        ("urn:isbn:978-3-905673-82-1", "978-3-905673-82-1", "ISBN"),
        ("urn:nbn:de:1", "urn:nbn:de:1", "URN"),
        ("PMID 12082125", "12082125", "PMID"),
        ("Arkansas report", "Arkansas report", ""),
        ("Issnowing", "Issnowing", ""),
    ],
)
def test_identifiers(written: str, identifier: str, kind: str) -> None:
    assert identified(written) == (identifier, kind)


@patient
@given(elements(parsed(OAI)) | elements(parsed(TERMS)) | elements(parsed(DSPACE)))
def test_nothing_is_raised_whatever_xml_it_is(root: Element) -> None:
    dublin_core.recognises(root)
    dublin_core.read(root)
