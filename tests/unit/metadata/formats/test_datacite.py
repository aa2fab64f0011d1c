"""DataCite's metadata as JSON and XML, written by the specification."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given

from batchdep.metadata import canonical
from batchdep.metadata.datacite_words import RELATION_TYPES
from batchdep.metadata.formats import datacite_json, datacite_xml
from batchdep.metadata.formats.base import Reading
from batchdep.metadata.formats.datacite import read_kernel
from batchdep.metadata.formats.markup import Element, parse_xml
from batchdep.report.as_datacite import datacite_report
from tests.support.replacing import replace
from tests.support.standards import datacite_schema, faults
from tests.unit.metadata.formats.arbitrary import elements, shaped, values
from tests.unit.metadata.strategies import patient
from tests.unit.report.samples import BATCH, PUBLISHED

FULL: dict[str, Any] = {
    "doi": "10.1234/roses.1",
    "types": {"resourceType": "Chromatograms", "resourceTypeGeneral": "Dataset"},
    "creators": [
        {
            "name": "Curie, Marie",
            "nameType": "Personal",
            "givenName": "Marie",
            "familyName": "Curie",
            "nameIdentifiers": [
                {"nameIdentifier": "https://isni.org/isni/0000000121032683", "nameIdentifierScheme": "ISNI"},
                {"nameIdentifier": "https://orcid.org/0000-0002-1825-0097", "nameIdentifierScheme": "ORCID"},
                {"nameIdentifier": "https://d-nb.info/gnd/118523023", "nameIdentifierScheme": "GND"},
            ],
            "affiliation": [
                {"name": "Sorbonne", "affiliationIdentifier": "https://ror.org/02en5vm52"},
                {"name": "Radium Institute"},
            ],
        },
        {"name": "University of Roses, Garden", "nameType": "Organizational"},
        {"name": "Plato"},
    ],
    "titles": [
        {"title": "Der Duft", "titleType": "TranslatedTitle", "lang": "de"},
        {"title": "The <i>Rosa</i> scent", "lang": "en"},
        {"title": "A survey", "titleType": "Subtitle"},
    ],
    "publisher": {"name": "Rose Data Centre", "publisherIdentifier": "https://ror.org/04wxnsj81"},
    "publicationYear": "2020",
    "subjects": [
        {"subject": "scent"},
        {"subject": "Botany", "subjectScheme": "LCSH", "valueUri": "https://id.loc.gov/authorities/sh85015976"},
        {"subject": "Plants", "subjectScheme": "My list"},
        {"subject": "Dewey", "subjectScheme": "DDC", "classificationCode": "580"},
    ],
    "contributors": [
        {"name": "Doe, Jane", "contributorType": "DataCurator"},
        {"name": "Roe, Ann", "contributorType": "Translator"},
        {"name": ":unkn", "contributorType": "Editor"},
    ],
    "dates": [
        {"date": "2020-03-01T10:00:00Z", "dateType": "Issued"},
        {"date": "2018-05-01/2018-06-30", "dateType": "Collected", "dateInformation": "field season"},
        {"date": "2019", "dateType": "Valid"},
        {"date": "2020-03-01", "dateType": "Available"},
        {"date": "2019-12-01", "dateType": "Submitted"},
    ],
    "language": "en-GB",
    "alternateIdentifiers": [
        {"alternateIdentifier": "12345", "alternateIdentifierType": "Local number"},
        {"alternateIdentifier": "GSE12345", "alternateIdentifierType": "accession"},
    ],
    "relatedIdentifiers": [
        {
            "relatedIdentifier": "10.1038/s41588-018-0110-3",
            "relatedIdentifierType": "DOI",
            "relationType": "IsSupplementTo",
            "resourceTypeGeneral": "JournalArticle",
        },
        {"relatedIdentifier": "10013/epic.1", "relatedIdentifierType": "Handle", "relationType": "IsPartOf"},
        {"relatedIdentifier": "123456789999", "relatedIdentifierType": "UPC", "relationType": "HasPart"},
        {"relatedIdentifier": "10.1234/fr", "relatedIdentifierType": "DOI", "relationType": "HasTranslation"},
        {
            "relatedIdentifier": "https://example.org/ddi.xml",
            "relatedIdentifierType": "URL",
            "relationType": "HasMetadata",
            "relatedMetadataScheme": "DDI-L",
        },
    ],
    "relatedItems": [
        {
            "relatedItemType": "Journal",
            "relationType": "IsPublishedIn",
            "titles": [{"title": "Journal of Roses"}],
            "relatedItemIdentifier": {"relatedItemIdentifier": "0077-5606", "relatedItemIdentifierType": "ISSN"},
            "volume": "5",
            "issue": "2",
            "firstPage": "10",
            "lastPage": "19",
        },
        {
            "relatedItemType": "Book",
            "relationType": "References",
            "titles": [{"title": "On Roses"}],
            "creators": [{"name": "Pliny"}],
            "publicationYear": "0077",
            "volume": "21",
            "issue": "4",
            "firstPage": "15",
            "edition": "first",
        },
    ],
    "sizes": ["3 files"],
    "formats": ["text/csv"],
    "version": "2.1",
    "rightsList": [
        {"rights": "All mine"},
        {"rights": "Open Access", "rightsUri": "info:eu-repo/semantics/openAccess"},
        {"rights": "CC BY", "rightsIdentifier": "CC-BY-4.0", "rightsIdentifierScheme": "SPDX"},
    ],
    "descriptions": [
        {"description": "p < 0.05\n\nsecond", "descriptionType": "Abstract", "lang": "en"},
        {"description": "<p>Duft</p>", "descriptionType": "Abstract", "lang": "de"},
        {"description": "GC-MS", "descriptionType": "Methods"},
        {"description": "R 4.1", "descriptionType": "TechnicalInfo"},
        {"description": "Beware", "descriptionType": "Other"},
    ],
    "geoLocations": [
        {
            "geoLocationPlace": "Lyon",
            "geoLocationPoint": {"pointLatitude": 45.76, "pointLongitude": 4.84},
            "geoLocationBox": {
                "southBoundLatitude": 45,
                "westBoundLongitude": 4,
                "northBoundLatitude": 46,
                "eastBoundLongitude": 5,
            },
        },
        {"geoLocationPoint": {"pointLatitude": 1.5, "pointLongitude": 2.5}},
        {
            "geoLocationPolygon": [
                {"polygonPoint": {"pointLatitude": latitude, "pointLongitude": 4}} for latitude in (1, 2, 3, 1)
            ]
        },
    ],
    "fundingReferences": [
        {
            "funderName": "European Commission",
            "funderIdentifier": "https://doi.org/10.13039/501100000780",
            "funderIdentifierType": "Crossref Funder ID",
            "awardNumber": "654241",
        },
        {"funderName": "A friend", "awardNumber": "1"},
    ],
    "schemaVersion": "http://datacite.org/schema/kernel-4",
}

XML = """<?xml version="1.0"?>
<resource xmlns="http://datacite.org/schema/kernel-4">
  <identifier identifierType="DOI">10.1234/ROSES.1</identifier>
  <creators>
    <creator>
      <creatorName nameType="Personal">Curie, Marie</creatorName>
      <givenName>Marie</givenName><familyName>Curie</familyName>
      <nameIdentifier nameIdentifierScheme="ISNI">https://isni.org/isni/0000000121032683</nameIdentifier>
      <nameIdentifier nameIdentifierScheme="ORCID">https://orcid.org/0000-0002-1825-0097</nameIdentifier>
      <nameIdentifier nameIdentifierScheme="GND">https://d-nb.info/gnd/118523023</nameIdentifier>
      <affiliation affiliationIdentifier="https://ror.org/02en5vm52">Sorbonne</affiliation>
      <affiliation>Radium Institute</affiliation>
    </creator>
    <creator><creatorName nameType="Organizational">University of Roses, Garden</creatorName></creator>
    <creator><creatorName>Plato</creatorName></creator>
  </creators>
  <titles>
    <title titleType="TranslatedTitle" xml:lang="de">Der Duft</title>
    <title xml:lang="en">The &lt;i>Rosa&lt;/i>
      scent</title>
    <title titleType="Subtitle">A survey</title>
  </titles>
  <publisher publisherIdentifier="https://ror.org/04wxnsj81">Rose Data Centre</publisher>
  <publicationYear>2020</publicationYear>
  <resourceType resourceTypeGeneral="Dataset">Chromatograms</resourceType>
  <subjects>
    <subject>scent</subject>
    <subject subjectScheme="LCSH" valueURI="https://id.loc.gov/authorities/sh85015976">Botany</subject>
    <subject subjectScheme="My list">Plants</subject>
    <subject subjectScheme="DDC" classificationCode="580">Dewey</subject>
  </subjects>
  <contributors>
    <contributor contributorType="DataCurator"><contributorName>Doe, Jane</contributorName></contributor>
    <contributor contributorType="Translator"><contributorName>Roe, Ann</contributorName></contributor>
    <contributor contributorType="Editor"><contributorName>:unkn</contributorName></contributor>
  </contributors>
  <dates>
    <date dateType="Issued">2020-03-01T10:00:00Z</date>
    <date dateType="Collected" dateInformation="field season">2018-05-01/2018-06-30</date>
    <date dateType="Valid">2019</date>
    <date dateType="Available">2020-03-01</date>
    <date dateType="Submitted">2019-12-01</date>
  </dates>
  <language>en-GB</language>
  <alternateIdentifiers>
    <alternateIdentifier alternateIdentifierType="Local number">12345</alternateIdentifier>
    <alternateIdentifier alternateIdentifierType="accession">GSE12345</alternateIdentifier>
  </alternateIdentifiers>
  <relatedIdentifiers>
    <relatedIdentifier relatedIdentifierType="DOI" relationType="IsSupplementTo" resourceTypeGeneral="JournalArticle"
      >10.1038/s41588-018-0110-3</relatedIdentifier>
    <relatedIdentifier relatedIdentifierType="Handle" relationType="IsPartOf">10013/epic.1</relatedIdentifier>
    <relatedIdentifier relatedIdentifierType="UPC" relationType="HasPart">123456789999</relatedIdentifier>
    <relatedIdentifier relatedIdentifierType="DOI" relationType="HasTranslation">10.1234/fr</relatedIdentifier>
    <relatedIdentifier relatedIdentifierType="URL" relationType="HasMetadata" relatedMetadataScheme="DDI-L"
      >https://example.org/ddi.xml</relatedIdentifier>
  </relatedIdentifiers>
  <sizes><size>3 files</size></sizes>
  <formats><format>text/csv</format></formats>
  <version>2.1</version>
  <rightsList>
    <rights>All mine</rights>
    <rights rightsURI="info:eu-repo/semantics/openAccess">Open Access</rights>
    <rights rightsIdentifier="CC-BY-4.0" rightsIdentifierScheme="SPDX">CC BY</rights>
  </rightsList>
  <descriptions>
    <description descriptionType="Abstract" xml:lang="en">p &lt;
      0.05

      second</description>
    <description descriptionType="Abstract" xml:lang="de">&lt;p>Duft&lt;/p></description>
    <description descriptionType="Methods">GC-MS</description>
    <description descriptionType="TechnicalInfo">R 4.1</description>
    <description descriptionType="Other">Beware</description>
  </descriptions>
  <geoLocations>
    <geoLocation>
      <geoLocationPlace>Lyon</geoLocationPlace>
      <geoLocationPoint><pointLatitude>45.76</pointLatitude><pointLongitude>4.84</pointLongitude></geoLocationPoint>
      <geoLocationBox>
        <westBoundLongitude>4</westBoundLongitude><eastBoundLongitude>5</eastBoundLongitude>
        <southBoundLatitude>45</southBoundLatitude><northBoundLatitude>46</northBoundLatitude>
      </geoLocationBox>
    </geoLocation>
    <geoLocation>
      <geoLocationPoint><pointLatitude>1.5</pointLatitude><pointLongitude>2.5</pointLongitude></geoLocationPoint>
    </geoLocation>
    <geoLocation>
      <geoLocationPolygon>
        <polygonPoint><pointLatitude>1</pointLatitude><pointLongitude>4</pointLongitude></polygonPoint>
        <polygonPoint><pointLatitude>2</pointLatitude><pointLongitude>4</pointLongitude></polygonPoint>
        <polygonPoint><pointLatitude>3</pointLatitude><pointLongitude>4</pointLongitude></polygonPoint>
        <polygonPoint><pointLatitude>1</pointLatitude><pointLongitude>4</pointLongitude></polygonPoint>
      </geoLocationPolygon>
    </geoLocation>
  </geoLocations>
  <fundingReferences>
    <fundingReference>
      <funderName>European Commission</funderName>
      <funderIdentifier funderIdentifierType="Crossref Funder ID">https://doi.org/10.13039/501100000780</funderIdentifier>
      <awardNumber awardURI="https://cordis.europa.eu/project/id/654241">654241</awardNumber>
    </fundingReference>
    <fundingReference><funderName>A friend</funderName><awardNumber>1</awardNumber></fundingReference>
  </fundingReferences>
  <relatedItems>
    <relatedItem relatedItemType="Journal" relationType="IsPublishedIn">
      <relatedItemIdentifier relatedItemIdentifierType="ISSN">0077-5606</relatedItemIdentifier>
      <titles><title>Journal of Roses</title></titles>
      <volume>5</volume><issue>2</issue><firstPage>10</firstPage><lastPage>19</lastPage>
    </relatedItem>
    <relatedItem relatedItemType="Book" relationType="References">
      <creators><creator><creatorName>Pliny</creatorName></creator></creators>
      <titles><title>On Roses</title></titles>
      <publicationYear>0077</publicationYear>
      <volume>21</volume><issue>4</issue><firstPage>15</firstPage><edition>first</edition>
    </relatedItem>
  </relatedItems>
</resource>
"""

EXPECTED: dict[str, Any] = {
    "upload_type": "dataset",
    "title": "The Rosa scent",
    "creators": [
        {
            "name": "Curie, Marie",
            "affiliation": "Sorbonne; Radium Institute",
            "orcid": "0000-0002-1825-0097",
            "gnd": "118523023",
        },
        {"name": "University of Roses, Garden"},
        {"name": "Plato"},
    ],
    "contributors": [{"name": "Doe, Jane", "type": "DataCurator"}, {"name": "Roe, Ann", "type": "Other"}],
    "imprint_publisher": "Rose Data Centre",
    "description": "<p>p &lt; 0.05</p>\n<p>second</p>\n<p>Duft</p>",
    "method": "GC-MS",
    "notes": "<p>Translated title (de): Der Duft</p>\n<p>Subtitle: A survey</p>\n<p>Technical information: R 4.1</p>"
    "\n<p>Beware</p>",
    "access_right": "open",
    "license": "CC-BY-4.0",
    "publication_date": "2020-03-01",
    "dates": [
        {"start": "2018-05-01", "end": "2018-06-30", "type": "Collected", "description": "field season"},
        {"start": "2019", "end": "2019", "type": "Valid"},
    ],
    "keywords": ["scent", "Plants"],
    "subjects": [
        {"term": "Botany", "identifier": "https://id.loc.gov/authorities/sh85015976", "scheme": "LCSH"},
        {"term": "Dewey", "identifier": "580", "scheme": "DDC"},
    ],
    "language": "eng",
    "version": "2.1",
    "related_identifiers": [
        {"identifier": "10.1234/roses.1", "relation": "isIdenticalTo"},
        {
            "identifier": "https://www.ncbi.nlm.nih.gov/geo/query/acc.cgi?acc=GSE12345",
            "relation": "isAlternateIdentifier",
        },
        {
            "identifier": "10.1038/s41588-018-0110-3",
            "relation": "isSupplementTo",
            "resource_type": "publication-article",
        },
        {"identifier": "10013/epic.1", "relation": "isPartOf"},
        {"identifier": "https://example.org/ddi.xml", "relation": "hasMetadata"},
        {"identifier": "0077-5606", "relation": "isPublishedIn", "resource_type": "publication-journal"},
    ],
    "journal_title": "Journal of Roses",
    "journal_volume": "5",
    "journal_issue": "2",
    "journal_pages": "10-19",
    "references": ["Pliny (0077). On Roses. 21(4), 15"],
    "locations": [
        {"place": "Lyon", "lat": 45.76, "lon": 4.84, "description": "box from 45, 4 to 46, 5"},
        {"place": "1.5, 2.5", "lat": 1.5, "lon": 2.5},
        {"place": "polygon 1, 4 / 2, 4 / 3, 4 / 1, 4"},
    ],
    "grants": [{"id": "10.13039/501100000780::654241"}],
}

NOTED = (
    *("Chromatograms", "Der Duft", "HTML tags", "A survey", "0000000121032683", "02en5vm52", "only comma"),
    *("Translator", "without a name", "publisherIdentifier", "R 4.1", "All mine", "Submitted", "My list", "`DOI`"),
    *("12345", "UPC", "HasTranslation", "relatedMetadataScheme", "On Roses", "box", "polygon", "A friend"),
    *("sizes", "formats", "`edition`"),
)


def read(**changes: Any) -> Reading:
    """The full example with some keys changed; None takes one out."""
    content = {key: value for key, value in (deepcopy(FULL) | changes).items() if value is not None}
    return datacite_json.read(content)


def said(reading: Reading) -> str:
    return "\n".join(note.message for note in reading.notes)


def parsed(xml: str = XML) -> Element:
    return parse_xml(xml.encode())


def test_the_example_is_valid() -> None:
    assert faults(FULL, datacite_schema()) == []


def test_every_property_has_its_place() -> None:
    assert datacite_json.recognises(FULL)
    assert datacite_json.read(FULL).metadata == EXPECTED


def test_xml_says_the_same() -> None:
    assert datacite_xml.recognises(parsed())
    found = datacite_xml.read(parsed()).metadata
    assert found.pop("related_identifiers")[0]["identifier"] == "10.1234/ROSES.1"
    assert found == {key: value for key, value in EXPECTED.items() if key != "related_identifiers"}


@pytest.mark.parametrize("reading", [datacite_json.read(FULL), datacite_xml.read(parsed())], ids=["json", "xml"])
def test_what_has_no_place_is_noted(reading: Reading) -> None:
    assert [word for word in NOTED if word not in said(reading)] == []
    assert len(reading.notes) == len(NOTED)


def test_problems_are_found_in_the_json() -> None:
    origins = read().origins
    assert origins["title",] == (
        "titles",
        1,
    )
    assert origins["creators", 0, "orcid"] == ("creators", 0, "nameIdentifiers", 1)
    assert origins["contributors", 1] == ("contributors", 1)
    assert origins["keywords", 1] == ("subjects", 2)
    wrapped = datacite_json.read({"data": {"type": "dois", "attributes": FULL}})
    assert wrapped.metadata == EXPECTED
    assert wrapped.origins["title",] == ("data", "attributes", "titles", 1)
    assert wrapped.notes[0].path[:2] == ("data", "attributes")


def test_problems_are_found_in_the_xml() -> None:
    root = parsed()
    reading = datacite_xml.read(root)

    def line(*path: str | int) -> str:
        return XML.splitlines()[root.at(reading.origins[path]).line - 1].strip()

    assert line("creators", 0, "orcid").startswith('<nameIdentifier nameIdentifierScheme="ORCID"')
    assert line("dates", 1) == '<date dateType="Valid">2019</date>'
    assert line("license") == '<rights rightsIdentifier="CC-BY-4.0" rightsIdentifierScheme="SPDX">CC BY</rights>'
    assert line("publication_date") == '<date dateType="Issued">2020-03-01T10:00:00Z</date>'
    assert all(root.at(note.path) is not root for note in reading.notes)


@pytest.mark.parametrize(
    "content",
    [
        FULL,
        [FULL],
        {"data": FULL},
        {"data": {"attributes": FULL}},
        {"data": [{"id": "10.1/x", "attributes": FULL}]},
    ],
)
def test_one_record_in_whatever_envelope(content: Any) -> None:
    assert datacite_json.recognises(content)
    assert datacite_json.read(content).metadata == EXPECTED


@pytest.mark.parametrize(
    "content",
    [
        [FULL, FULL],
        {"data": [{"attributes": FULL}] * 2},
        {},
        [],
        {"titles": ["T"], "creators": [], "doi": "10.1/x"},
        {"titles": [{"title": "T"}], "creators": []},
        {"title": "T", "creators": [{"name": "A"}], "publication_date": "2020"},
        {**FULL, "@context": "https://schema.org"},
        "text",
        None,
    ],
)
def test_what_is_no_single_record(content: Any) -> None:
    assert not datacite_json.recognises(content)
    assert datacite_json.read(content).metadata == {}


def test_xml_in_an_envelope_and_what_is_none() -> None:
    inner = XML.partition("?>")[2]
    envelope = f'<record xmlns="http://www.openarchives.org/OAI/2.0/"><metadata>{inner}</metadata></record>'
    assert datacite_xml.read(parsed(envelope)).metadata["title"] == "The Rosa scent"
    assert not datacite_xml.recognises(parsed(f"<two>{inner}{inner}</two>"))
    assert not datacite_xml.recognises(parsed(inner.replace("datacite.org", "example.org")))
    assert not datacite_xml.recognises(FULL)
    assert datacite_xml.read(FULL).metadata == {}


def test_kernel_3() -> None:
    root = parsed(
        """<resource xmlns="http://datacite.org/schema/kernel-3">
        <identifier identifierType="DOI">10.1234/abc</identifier>
        <creators><creator><creatorName>Doe, Jane</creatorName>
          <nameIdentifier nameIdentifierScheme="ORCID" schemeURI="http://orcid.org/">0000-0002-1825-0097</nameIdentifier>
        </creator></creators>
        <titles><title>Old</title></titles><publisher>P</publisher><publicationYear>2014</publicationYear>
        <resourceType resourceTypeGeneral="Text">Poster</resourceType>
        <rightsList><rights rightsURI="http://creativecommons.org/licenses/by/3.0/">CC BY</rights></rightsList>
        <descriptions><description descriptionType="Abstract">One<br/>two &lt; three</description></descriptions>
        <geoLocations><geoLocation><geoLocationPoint>31.233 -67.302</geoLocationPoint>
          <geoLocationBox>41.090 -71.032 41.893 -69.622</geoLocationBox></geoLocation></geoLocations>
        <strange>thing</strange>
        </resource>"""
    )
    reading = datacite_xml.read(root)
    assert reading.metadata == {
        "upload_type": "poster",
        "title": "Old",
        "creators": [{"name": "Doe, Jane", "orcid": "0000-0002-1825-0097"}],
        "imprint_publisher": "P",
        "description": "One<br>two &lt; three",
        "license": "CC-BY-3.0",
        "publication_date": "2014",
        "related_identifiers": [{"identifier": "10.1234/abc", "relation": "isIdenticalTo"}],
        "locations": [
            {
                "place": "31.233, -67.302",
                "lat": 31.233,
                "lon": -67.302,
                "description": "box from 41.090, -71.032 to 41.893, -69.622",
            }
        ],
    }
    assert "`strange`" in said(reading)


def test_the_json_of_schema_4_0_to_4_3() -> None:
    reading = datacite_json.read(
        {
            "identifier": {"identifier": "10.1234/abc", "identifierType": "DOI"},
            "identifiers": [
                {"identifier": "https://doi.org/10.1234/ABC", "identifierType": "DOI"},
                {"identifier": "https://example.org/abc", "identifierType": "URL"},
            ],
            "creators": [{"creatorName": "Doe, Jane", "affiliations": ["One", "Two"], "affiliation": "One"}],
            "contributors": [{"contributorName": "Roe, Ann", "contributorType": "Editor"}],
            "titles": [{"title": "T"}, {"title": "S", "type": "Subtitle"}],
            "publisher": "Zenodo",
            "publicationYear": 2019,
            "resourceType": {"resourceType": "", "resourceTypeGeneral": "Sound"},
        }
    )
    assert reading.metadata == {
        "upload_type": "video",
        "title": "T",
        "creators": [{"name": "Doe, Jane", "affiliation": "One; Two"}],
        "contributors": [{"name": "Roe, Ann", "type": "Editor"}],
        "publication_date": "2019",
        "related_identifiers": [
            {"identifier": "10.1234/abc", "relation": "isIdenticalTo"},
            {"identifier": "https://example.org/abc", "relation": "isAlternateIdentifier"},
        ],
        "notes": "<p>Subtitle: S</p>",
    }


def test_codes_for_what_is_missing_say_nothing() -> None:
    reading = read(
        creators=[{"name": "(:unav)"}], publisher=":unkn", titles=[{"title": ":tba"}], doi=":tba", version=":none"
    )
    assert not {"creators", "title", "imprint_publisher", "version"} & {*reading.metadata}
    assert "isIdenticalTo" not in str(reading.metadata)


def test_the_repositorys_own_doi_is_noted_only() -> None:
    reading = read(doi="https://doi.org/10.5281/zenodo.7", relatedIdentifiers=None)
    assert "doi" not in reading.metadata
    assert "zenodo.7" not in str(reading.metadata)
    assert "10.5281/zenodo.7" in said(reading)


def day(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


EMBARGOED = [{"rights": "Embargoed Access", "rightsUri": "info:eu-repo/semantics/embargoedAccess"}]
RESTRICTED = [{"rightsUri": "http://purl.org/coar/access_right/c_16ec"}]


@pytest.mark.parametrize(
    ("rights", "days", "access", "told"),
    [
        (EMBARGOED, 10, "embargoed", False),
        (EMBARGOED, -10, "embargoed", False),  # for `check` to refuse
        ([], 10, "embargoed", True),
        ([{"rightsUri": "info:eu-repo/semantics/openAccess"}], 10, "embargoed", True),
        ([], -10, None, False),
        (RESTRICTED, 10, "restricted", False),
    ],
)
def test_embargoes(rights: list[dict[str, str]], days: int, access: str | None, told: bool) -> None:
    reading = read(rightsList=rights, dates=[{"date": day(days), "dateType": "Available"}])
    assert reading.metadata.get("access_right") == access
    assert reading.metadata.get("embargo_date") == (day(days) if access == "embargoed" else None)
    assert ("under embargo until" in said(reading)) == told
    assert (f"Available {day(days)}" in said(reading)) == (access != "embargoed")


def test_two_access_rights_and_two_licences() -> None:
    reading = read(rightsList=[*RESTRICTED, *EMBARGOED, {"rights": "MIT"}, {"rights": "Apache-2.0"}])
    assert (reading.metadata["access_right"], reading.metadata["license"]) == ("restricted", "MIT")
    assert "embargoed is not taken over" in said(reading)
    assert "Apache-2.0 is not taken over" in said(reading)


def test_a_licence_that_is_not_known_is_left_to_check() -> None:
    assert read(rightsList=[{"rights": "All mine"}]).metadata["license"] == "All mine"


def test_bad_numbers_are_left_to_check() -> None:
    identifiers = [
        {"nameIdentifier": "0000-WRONG", "nameIdentifierScheme": "ORCID"},
        {"nameIdentifier": "x", "nameIdentifierScheme": "GND"},
        {"nameIdentifier": "https://orcid.org/0000-0002-1825-0097", "nameIdentifierScheme": "ORCID"},
    ]
    point = {"geoLocationPlace": "P", "geoLocationPoint": {"pointLatitude": "north", "pointLongitude": "4"}}
    reading = read(
        creators=[{"name": "Doe, Jane", "nameIdentifiers": identifiers}],
        geoLocations=[point],
        dates=[{"date": "May 2018", "dateType": "Collected"}],
    )
    assert reading.metadata["creators"] == [{"name": "Doe, Jane", "orcid": "0000-WRONG", "gnd": "X"}]
    assert reading.metadata["locations"] == [{"place": "P", "lat": "north", "lon": 4.0}]
    assert reading.metadata["dates"] == [{"start": "May 2018", "end": "May 2018", "type": "Collected"}]
    assert "0000-0002-1825-0097 of Doe, Jane is not taken over" in said(reading)


def test_an_issue_date_that_is_none_leaves_the_year() -> None:
    reading = read(dates=[{"date": "last spring", "dateType": "Issued"}, {"date": "2018/", "dateType": "Collected"}])
    assert reading.metadata["publication_date"] == "2020"
    assert "last spring" in said(reading)
    assert reading.metadata["dates"] == [{"start": "2018", "type": "Collected"}]


def test_without_an_abstract_other_texts_are_the_description() -> None:
    descriptions = [
        {"description": "R 4.1", "descriptionType": "TechnicalInfo"},
        {"description": "About", "descriptionType": "Other"},
    ]
    metadata = read(descriptions=descriptions, titles=[{"title": "T"}]).metadata
    assert (metadata["description"], metadata["notes"]) == ("About", "<p>Technical information: R 4.1</p>")


def test_books_and_containers() -> None:
    book = {"relatedItemType": "Book", "relationType": "IsPublishedIn", "titles": [{"title": "B"}], "firstPage": "7"}
    metadata = read(relatedItems=[book], container={"type": "Book", "title": "B"}).metadata
    assert (metadata["partof_title"], metadata["partof_pages"]) == ("B", "7")
    journal = {"type": "Journal", "title": "J", "volume": "3", "issue": "1", "firstPage": "1", "lastPage": "2"}
    metadata = read(relatedItems=[], container=journal).metadata
    assert [metadata[f"journal_{key}"] for key in ("title", "volume", "issue", "pages")] == ["J", "3", "1", "1-2"]
    assert "the container S" in said(read(container={"type": "Series", "title": "S"}))


def test_types_that_the_repository_has_not() -> None:
    related = {"relatedIdentifier": "10.1234/x", "relatedIdentifierType": "DOI", "relationType": "Cites"}
    reading = read(
        types={"resourceTypeGeneral": "Award"},
        doi=None,
        alternateIdentifiers=None,
        relatedItems=None,
        relatedIdentifiers=[related | {"resourceTypeGeneral": "Award"}, related | {"resourceTypeGeneral": "Other"}],
    )
    assert reading.metadata["upload_type"] == "other"
    assert "the resource type Award is taken over as other" in said(reading)
    assert [each.get("resource_type") for each in reading.metadata["related_identifiers"]] == [None, "other"]


def test_a_second_journal_is_noted_and_the_same_number_twice_is_not() -> None:
    journals = [
        {"relatedItemType": "Journal", "relationType": "IsPublishedIn", "titles": [{"title": title}], "volume": "1"}
        for title in ("One", "Two")
    ]
    orcid = {"nameIdentifier": "0000-0002-1825-0097", "nameIdentifierScheme": "ORCID"}
    reading = read(relatedItems=journals, creators=[{"name": "Doe, Jane", "nameIdentifiers": [orcid, orcid]}])
    assert reading.metadata["journal_title"] == "One"
    assert reading.metadata["references"] == ["Two. 1"]
    assert "of Doe, Jane" not in said(reading)


def test_no_alternate_identifier_is_lost() -> None:
    alternates = {"UPC": "123456789999", "ARK": "/13030/x", "Local": "77", "DOI": "10.1234/other"}
    reading = read(
        doi=None,
        relatedItems=None,
        relatedIdentifiers=None,
        alternateIdentifiers=[
            {"alternateIdentifier": value, "alternateIdentifierType": kind} for kind, value in alternates.items()
        ],
    )
    assert [each["identifier"] for each in reading.metadata["related_identifiers"]] == ["ark:/13030/x", "10.1234/other"]
    assert "UPC 123456789999 is not taken over" in said(reading)
    assert "Local 77 is not taken over" in said(reading)


def test_the_register_says_nothing_about_the_work() -> None:
    told = said(read(state="findable", created="2020", viewCount=7, mystery={"a": 1}, url="https://example.org"))
    assert "findable" not in told
    assert "`state`" not in told
    assert "`mystery`" in told
    assert "`url`" in told


@pytest.mark.parametrize("relation", sorted(RELATION_TYPES))
def test_relations(relation: str) -> None:
    related = {"relatedIdentifier": "10.1234/x", "relatedIdentifierType": "DOI", "relationType": relation}
    found = read(doi=None, alternateIdentifiers=None, relatedItems=None, relatedIdentifiers=[related]).metadata
    expected = None if relation == "HasTranslation" else relation[0].lower() + relation[1:]
    assert [each["relation"] for each in found.get("related_identifiers", [])] == [expected] * bool(expected)


REPORTED: dict[str, Any] = PUBLISHED.metadata | {
    "notes": "<p>Beware</p>",
    "access_right": "embargoed",
    "embargo_date": day(100),
    "journal_title": "Nature Genetics",
    "journal_volume": "50",
    "journal_pages": "772-777",
    "imprint_publisher": "Rose Press",
}


def test_what_the_report_writes_is_read_back() -> None:
    dataset = replace(PUBLISHED, metadata=REPORTED)
    [document] = [json.loads("".join(datacite_report(replace(BATCH, datasets=[dataset]))))]
    assert datacite_json.recognises(document)
    found = datacite_json.read(document).metadata
    lost = {
        # the standard has no related identifier without a scheme, and no place without a name and a point
        "related_identifiers": REPORTED["related_identifiers"][:2][::-1],
        "locations": REPORTED["locations"][:1],
        # supervisors are contributors; an organisation's bare grant number is the European Commission's
        "contributors": [*REPORTED["contributors"], {"name": "Elder, Ann", "type": "Supervisor"}],
        "grants": [{"id": f"{canonical.EC_FUNDER}::{number}"} for number in ("654241", "777541")],
        "creators": [REPORTED["creators"][0], {"name": "The Rose Consortium", "gnd": "170118215"}],
        "description": "About roses",
        "notes": "<p>Beware</p>",
        "language": "eng",
        "license": "CC-BY-4.0",
    }
    expected = {key: value for key, value in {**REPORTED, **lost}.items() if key != "thesis_supervisors"}
    assert found == {**expected, "notes": "<p>Beware</p>"}


@patient
@given(shaped({**FULL, "container": {"type": "Journal", "title": "J"}, "identifiers": FULL["alternateIdentifiers"]}))
def test_nothing_is_raised_whatever_json_it_is(content: dict[str, Any]) -> None:
    datacite_json.recognises(content)
    read_kernel(content, lambda path: path)


@patient
@given(values(["data", "attributes", "titles", "creators", "doi", "title"]))
def test_nothing_is_raised_whatever_stands_around_it(content: Any) -> None:
    datacite_json.recognises(content)
    datacite_json.read(content)


@patient
@given(elements(parsed()))
def test_nothing_is_raised_whatever_xml_it_is(root: Element) -> None:
    datacite_xml.recognises(root)
    datacite_xml.read(root)


@pytest.mark.parametrize(
    ("path", "note"),
    [
        (("version",), "version"),
        (("language",), "language"),
        (("relatedIdentifiers", 0, "relationType"), "relationType"),
        (("relatedIdentifiers", 0, "relatedIdentifierType"), "relatedIdentifierType"),
        (("creators", 0, "nameIdentifiers", 1, "nameIdentifier"), "nameIdentifier"),
        (("creators", 0, "affiliation", 0, "name"), "name"),
        (("titles", 1, "title"), "title"),
        (("dates", 0, "dateType"), "dateType"),
        (("fundingReferences", 0, "awardNumber"), "awardNumber"),
        (("geoLocations", 0, "geoLocationPoint", "pointLatitude"), "pointLatitude"),
    ],
)
@pytest.mark.parametrize("wrong", [{"#text": "x"}, ["x"], True])
def test_what_is_no_text_is_noted_where_it_stands(path: tuple[str | int, ...], note: str, wrong: object) -> None:
    content: Any = deepcopy(FULL)
    inner = content
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = wrong
    found = [each for each in datacite_json.read(content).notes if each.path == path]
    assert [each.message for each in found] == [f"`{note}` is not taken over: it is no text"]


def test_the_point_inside_a_polygon_is_noted_in_both_forms() -> None:
    corners = [{"polygonPoint": {"pointLatitude": each, "pointLongitude": 4}} for each in (1, 2, 3, 1)]
    inside = {"inPolygonPoint": {"pointLatitude": 2, "pointLongitude": 5}}
    forms: list[Any] = [
        [*corners, inside],
        [[*corners, inside]],
        {"polygonPoints": [each["polygonPoint"] for each in corners], **inside},
    ]
    for form in forms:
        reading = read(geoLocations=[{"geoLocationPolygon": form}])
        assert "`inPolygonPoint` is not taken over" in said(reading)
        assert reading.metadata["locations"] == [{"place": "polygon 1, 4 / 2, 4 / 3, 4 / 1, 4"}]
    point = "<inPolygonPoint><pointLatitude>2</pointLatitude><pointLongitude>5</pointLongitude></inPolygonPoint>"
    reading = datacite_xml.read(parsed(XML.replace("</geoLocationPolygon>", f"{point}</geoLocationPolygon>")))
    assert "`inPolygonPoint` is not taken over" in said(reading)
    assert "inPolygonPoint" not in said(datacite_xml.read(parsed()))


@pytest.mark.parametrize("written", ["de", "deu", "ger", "de-AT", "German"])
def test_a_language_by_code_tag_or_name(written: str) -> None:
    assert read(language=written).metadata["language"] == "deu"
