"""Finding vocabulary entries by what people call them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchdep.metadata.finding import Kind, entries, find, near, near_ids
from batchdep.metadata.funders import grant_id
from batchdep.metadata.languages import is_language
from batchdep.metadata.licences import licence_standing
from batchdep.metadata.vocabulary import CONTRIBUTOR_TYPES, RELATIONS, RESOURCE_TYPES
from tests.unit.metadata.strategies import patient


@pytest.mark.parametrize(
    ("kind", "query", "first"),
    [
        (Kind.LICENCE, "apache", "Apache-2.0"),
        (Kind.LICENCE, "cc by", "CC-BY-4.0"),
        (Kind.LICENCE, "Creative Commons Attribution 4.0 International", "CC-BY-4.0"),
        (Kind.LICENCE, "https://creativecommons.org/licenses/by-sa/3.0/", "CC-BY-SA-3.0"),
        (Kind.LICENCE, "mit-license", "MIT"),
        (Kind.LICENCE, "public domain", "PDDL-1.0"),
        (Kind.LICENCE, "not open", "other-closed"),
        (Kind.LANGUAGE, "German", "deu"),
        (Kind.LANGUAGE, "ger", "deu"),
        (Kind.LANGUAGE, "en", "eng"),
        (Kind.LANGUAGE, "norwegian", "nor"),
        (Kind.FUNDER, "wellcome", "10.13039/100004440"),
        (Kind.FUNDER, "https://ror.org/00k4n6c32", "10.13039/501100000780"),
        (Kind.FUNDER, "Fundacao para a Ciencia", "10.13039/501100001871"),
        (Kind.FUNDER, "horizon", "10.13039/501100000780"),
        (Kind.RELATION, "supplement to", "isSupplementTo"),
        (Kind.RELATION, "CITES", "cites"),
        (Kind.ROLE, "contact", "ContactPerson"),
        (Kind.TYPE, "thesis", "publication-thesis"),
        (Kind.TYPE, "data", "dataset"),
    ],
)
def test_the_best_comes_first(kind: Kind, query: str, first: str) -> None:
    assert find(kind, query)[0].id == first


@pytest.mark.parametrize(
    ("kind", "query", "first"),
    [
        (Kind.LICENCE, "https://eupl.eu/", "EUPL-1.2"),
        (Kind.LICENCE, "CC-BY-5.0", "CC-BY-4.0"),
        (Kind.LICENCE, "Open Access", "other-open"),
        (Kind.LANGUAGE, "germn", "deu"),
        (Kind.FUNDER, "Welcome Trust", "10.13039/100004440"),
        (Kind.RELATION, "isSuplementTo", "isSupplementTo"),
        (Kind.ROLE, "Data collecter", "DataCollector"),
        (Kind.TYPE, "datset", "dataset"),
    ],
)
def test_what_is_near_where_nothing_is_found(kind: Kind, query: str, first: str) -> None:
    assert find(kind, query) == []
    assert near(kind, query)[0].id == first
    assert len(near(kind, query)) <= 3


def test_nothing_is_found_and_nothing_near() -> None:
    assert find(Kind.FUNDER, "Deutsche Forschungsgemeinschaft") == []
    assert near(Kind.RELATION, "qqqqqq") == []
    assert len(near_ids(Kind.LICENCE, "qqqqqq")) == 3


def test_what_is_found_can_be_written_into_a_manifest() -> None:
    assert {each.id for each in entries(Kind.LICENCE) if licence_standing(each.id) == "unknown"} == set()
    assert all(bool(each.note) == (licence_standing(each.id) == "uncertain") for each in entries(Kind.LICENCE))
    assert {each.id for each in entries(Kind.LANGUAGE) if not is_language(each.id)} == set()
    assert all(grant_id(f"{each.id}::1") == f"{each.id}::1" for each in entries(Kind.FUNDER))
    assert {each.id for each in entries(Kind.RELATION)} == set(RELATIONS)
    assert {each.id for each in entries(Kind.ROLE)} == set(CONTRIBUTOR_TYPES)
    assert {each.id for each in entries(Kind.TYPE)} == RESOURCE_TYPES


@pytest.mark.parametrize("kind", Kind)
def test_each_entry_is_there_once_and_finds_itself_first(kind: Kind) -> None:
    ids = [each.id for each in entries(kind)]
    assert len(set(ids)) == len(ids)
    assert find(kind, "") == list(entries(kind))
    for each in entries(kind)[:20]:
        assert find(kind, each.id)[0].id == each.id


@patient
@given(st.sampled_from(Kind), st.text(max_size=40))
def test_any_query_is_borne(kind: Kind, query: str) -> None:
    assert set(find(kind, query)) <= set(entries(kind))
    assert set(near(kind, query)) <= set(entries(kind))
