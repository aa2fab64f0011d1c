"""JSON-LD and RO-Crate: valid by the published vocabulary and context, and by the rules of the specification."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rocrate.rocrate import ROCrate

from batchdep.metadata.vocabulary import PUBLICATION_TYPES, UPLOAD_TYPES
from batchdep.report.as_jsonld import jsonld_report
from batchdep.report.as_ro_crate import ro_crate_report
from batchdep.report.schema_org import type_of
from batchdep.report.status import BatchStatus, DatasetStatus
from tests.support.replacing import replace
from tests.support.standards import ro_crate_terms, schema_org
from tests.unit.metadata.strategies import patient
from tests.unit.report import odd
from tests.unit.report.samples import BATCH, FILE, MADE, METADATA, PUBLISHED

DATASET = replace(PUBLISHED, metadata=METADATA | {"upload_type": "dataset"})
DOI = "https://doi.org/10.5072/zenodo.1000"


def batch_of(*datasets: DatasetStatus) -> BatchStatus:
    return replace(BATCH, datasets=datasets)


def works(*datasets: DatasetStatus) -> list[dict[str, Any]]:
    graph: list[dict[str, Any]] = json.loads("".join(jsonld_report(batch_of(*datasets))))["@graph"]
    return graph


def crate(*datasets: DatasetStatus) -> dict[str, dict[str, Any]]:
    graph = json.loads("".join(ro_crate_report(batch_of(*datasets), MADE)))["@graph"]
    found = {entity["@id"]: entity for entity in graph}
    assert len(found) == len(graph)
    return found


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


# -- by the vocabulary of schema.org -----------------------------------------------------------------------------


def unfit(node: dict[str, Any], known: dict[str, dict[str, Any]] | None = None) -> Iterator[str]:
    """Types, properties and values that schema.org has not; ``known`` are the entities that ``@id`` leads to."""
    words = schema_org()
    types = {"MediaObject" if each == "File" else each for each in listed(node["@type"])}
    yield from (f"type {each}" for each in types if not words.is_type(each))
    for key, value in node.items():
        if key.startswith(("@", "spdx:")) or (known is not None and key == "conformsTo"):
            continue
        if not words.fits(key, types):
            yield f"{key} of {sorted(types)}"
            continue
        for each in listed(value):
            target = known.get(each.get("@id", ""), each) if known and isinstance(each, dict) else each
            if isinstance(target, dict) and "@type" in target:
                its = {"MediaObject" if one == "File" else one for one in listed(target["@type"])}
                if not words.takes(key, its):
                    yield f"{key} with {sorted(its)}"
                if known is None:
                    yield from unfit(target)


@pytest.mark.parametrize("kind", UPLOAD_TYPES)
def test_each_type_of_work_has_properties_that_schema_org_knows(kind: str) -> None:
    for finer in PUBLICATION_TYPES if kind == "publication" else ("",):
        metadata = METADATA | {"upload_type": kind, "publication_type": finer, "references": ["A book"]}
        [node] = works(replace(PUBLISHED, metadata=metadata))
        assert list(unfit(node)) == []
        entities = crate(replace(PUBLISHED, metadata=metadata))
        assert [fault for entity in entities.values() for fault in unfit(entity, entities)] == []


def test_the_vocabulary_finds_faults() -> None:
    faults = list(unfit({"@type": "Dataset", "isbn": "1", "md5": "x", "creator": {"@type": "Place", "name": "Rome"}}))
    assert faults == ["isbn of ['Dataset']", "md5 of ['Dataset']", "creator with ['Place']"]


# -- what a search engine reads ----------------------------------------------------------------------------------


def test_a_dataset_has_what_dataset_search_wants() -> None:
    [node] = works(DATASET)
    assert (node["@id"], node["@type"], node["name"]) == (DOI, "Dataset", "Roses")
    assert node["description"] == "About roses"
    assert node["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert node["isAccessibleForFree"] is True
    assert node["identifier"][0]["value"] == "doi:10.5072/zenodo.1000"
    marie, consortium = node["creator"]
    assert marie == {
        "@id": "https://orcid.org/0000-0002-1825-0097",
        "@type": "Person",
        "name": "Marie Curie",
        "givenName": "Marie",
        "familyName": "Curie",
        "affiliation": {"@type": "Organization", "name": "Sorbonne"},
    }
    assert (consortium["@type"], consortium["name"]) == ("Organization", "The Rose Consortium")
    assert node["keywords"][:2] == ["rose", "scent"]
    assert node["temporalCoverage"] == ["2017-01-01/2017-12-31"]
    assert node["spatialCoverage"][0]["geo"] == {"@type": "GeoCoordinates", "latitude": 45.76, "longitude": 4.84}
    assert [grant["identifier"] for grant in node["funding"]] == ["654241", "777541"]
    assert node["sameAs"] == ["https://example.org/same"]
    assert node["citation"][0] == {
        "@id": "https://doi.org/10.1038/s41588-018-0110-3",
        "@type": "ScholarlyArticle",
        "identifier": "10.1038/s41588-018-0110-3",
    }


def test_files_have_address_size_type_and_checksum() -> None:
    [node] = works(DATASET)
    assert node["distribution"] == [
        {
            "@type": "DataDownload",
            "name": "a b&c.csv",
            "contentUrl": "https://sandbox.zenodo.org/records/1000/files/a%20b%26c.csv",
            "contentSize": "1200 B",
            "encodingFormat": "text/csv",
            "spdx:checksum": {
                "@type": "spdx:Checksum",
                "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_md5"},
                "spdx:checksumValue": "0" * 32,
            },
        }
    ]


@pytest.mark.parametrize(
    ("access", "free", "linked"),
    [("open", True, True), ("embargoed", False, True), ("restricted", False, False), ("closed", False, False)],
)
def test_files_that_nobody_may_fetch_have_no_address(access: str, free: bool, linked: bool) -> None:
    [node] = works(replace(DATASET, metadata={"upload_type": "dataset", "access_right": access}))
    assert node["isAccessibleForFree"] is free
    assert ("contentUrl" in node["distribution"][0]) is linked
    assert ("conditionsOfAccess" in node) is not free


def test_an_open_end_of_time_has_two_dots() -> None:
    [node] = works(
        replace(DATASET, metadata={"upload_type": "dataset", "dates": [{"start": "2017", "type": "Collected"}]})
    )
    assert node["temporalCoverage"] == ["2017/.."]


def test_only_what_is_published_is_in_it() -> None:
    assert [node["@id"] for node in works(*BATCH.datasets)] == [DOI]
    assert works() == []


# -- strangers' texts --------------------------------------------------------------------------------------------


@patient
@given(st.lists(odd.datasets, max_size=3))
def test_no_text_ends_the_script_element_or_becomes_a_keyword(datasets: list[DatasetStatus]) -> None:
    text = "".join(jsonld_report(batch_of(*datasets)))
    assert not set("<>&\x00\x1b\u202e") & set(text)
    text.encode()
    for node in json.loads(text)["@graph"]:
        assert list(unfit(node)) == []
        assert all(key[0] != "@" or key in {"@id", "@type"} for each in inner(node) for key in each)


def inner(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from inner(each)


# -- RO-Crate 1.2 ------------------------------------------------------------------------------------------------


def check_crate(entities: dict[str, dict[str, Any]]) -> None:
    """The rules of RO-Crate 1.2 that a document without a payload can break."""
    descriptor, root = entities["ro-crate-metadata.json"], entities["./"]
    assert descriptor["@type"] == "CreativeWork"
    assert descriptor["about"] == {"@id": "./"}
    assert descriptor["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.2"}
    assert root["@type"] == "Dataset"
    assert {"name", "description", "datePublished", "license"} <= root.keys()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", root["datePublished"])
    for identifier, entity in entities.items():
        assert set(listed(entity["@type"])) <= ro_crate_terms()
        assert entity.keys() - {"@id", "@type"} <= ro_crate_terms()
        parts = urlsplit(identifier)
        assert identifier in {"./", "ro-crate-metadata.json"} or parts.scheme in {"http", "https"} or parts.fragment
        assert not re.search(r"[\s<>\"{}|\\^`]", identifier)
        for value in (each for key, found in entity.items() if key != "@id" for each in listed(found)):
            assert not isinstance(value, dict) or value.keys() == {"@id"}, "nested"
            assert (
                not isinstance(value, dict) or value["@id"] in entities or value["@id"].startswith("https://w3id.org/")
            )
        for part in listed(entity.get("hasPart", [])):
            assert {"File", "Dataset"} & set(listed(entities[part["@id"]]["@type"]))
    assert reached(entities) == {each for each, entity in entities.items() if "File" in listed(entity["@type"])}


def reached(entities: dict[str, dict[str, Any]]) -> set[str]:
    """The files that the root leads to by hasPart."""
    found, ahead = set(), ["./"]
    while ahead:
        entity = entities[ahead.pop()]
        found |= {entity["@id"]} if "File" in listed(entity["@type"]) else set()
        ahead += [part["@id"] for part in entity.get("hasPart", [])]
    return found


def test_the_crate_has_the_batch_its_datasets_and_their_files() -> None:
    entities = crate(*BATCH.datasets)
    check_crate(entities)
    assert entities["./"]["hasPart"] == [{"@id": DOI}]
    assert entities["./"]["name"] == "rose <scent>"
    assert entities[DOI]["@type"] == ["Dataset", "ScholarlyArticle"]
    [part] = entities[DOI]["hasPart"]
    file = entities[part["@id"]]
    assert file["@id"] == "https://sandbox.zenodo.org/records/1000/files/a%20b%26c.csv"
    assert (file["contentSize"], file["encodingFormat"], file["name"]) == ("1200", "text/csv", "a b&c.csv")
    assert entities[file["identifier"]["@id"]]["value"] == "0" * 32
    [licence] = entities["./"]["license"]
    assert entities[licence["@id"]]["name"] == "CC-BY-4.0"


def test_a_dataset_that_another_cites_is_described_by_itself() -> None:
    cited = replace(DATASET, id="b", doi="10.5072/zenodo.1001", url="https://sandbox.zenodo.org/records/1001")
    link = {"related_identifiers": [{"identifier": "10.5072/zenodo.1001", "relation": "cites"}]}
    entities = crate(replace(DATASET, metadata=METADATA | link), cited)
    check_crate(entities)
    other = entities["https://doi.org/10.5072/zenodo.1001"]
    assert (other["@type"], other["name"]) == ("Dataset", "Roses")
    assert entities[DOI]["citation"] == [{"@id": other["@id"]}]


def test_a_restricted_file_still_has_its_place_in_the_crate() -> None:
    metadata = METADATA | {"access_right": "restricted"}
    check_crate(crate(replace(DATASET, metadata=metadata)))
    check_crate(crate(replace(DATASET, metadata=metadata, url=None)))


@patient
@given(st.lists(odd.datasets, max_size=2, unique_by=lambda dataset: dataset.doi))
def test_any_metadata_give_a_crate(datasets: list[DatasetStatus]) -> None:
    numbered = [
        replace(each, id=str(count), url=f"https://zenodo.org/records/{count}") for count, each in enumerate(datasets)
    ]
    check_crate(crate(*numbered))


def test_a_gnd_that_is_none_makes_no_address() -> None:
    people = [{"name": "Roses, Inc", "gnd": 'x|"y" <z>'}, {"name": "Curie, Marie", "gnd": "gnd:118523023"}]
    made = crate(replace(DATASET, metadata=METADATA | {"creators": people}))
    check_crate(made)
    assert "d-nb.info/gnd/118523023" in str(made)
    assert str(made).count("d-nb.info") == str(made).count("118523023")


def test_the_library_reads_the_crate(tmp_path: Path) -> None:
    (tmp_path / "ro-crate-metadata.json").write_text(
        "".join(ro_crate_report(batch_of(DATASET), MADE)), encoding="utf-8"
    )
    read = ROCrate(tmp_path)
    assert read.name == "rose <scent>"
    kinds = {entity.id.rstrip("/"): listed(entity.type) for entity in read.data_entities}  # it makes folders end so
    assert kinds == {DOI: ["Dataset"], "https://sandbox.zenodo.org/records/1000/files/a%20b%26c.csv": ["File"]}
    person = read.dereference("https://orcid.org/0000-0002-1825-0097")
    assert person is not None
    assert person["familyName"] == "Curie"


def test_every_kind_of_work_has_a_type() -> None:
    assert {kind: type_of({"upload_type": kind}) for kind in ("dataset", "software", "poster", "event", "odd")} == {
        "dataset": "Dataset",
        "software": "SoftwareSourceCode",
        "poster": "Poster",
        "event": "CreativeWork",
        "odd": "CreativeWork",
    }
    assert FILE.md5
