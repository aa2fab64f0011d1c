from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchdep.repository import DepositionState, RemoteFile, documents
from batchdep.repository.answers import Malformed
from tests.integration.repository.documents import deposition

MD5 = "0cc175b9c0f1b6a831c399e269772661"


def test_a_draft_is_read() -> None:
    listed = {"id": "u-1", "filename": "a b.txt", "filesize": 5.0, "checksum": MD5, "links": {}}
    found = documents.deposition(deposition(files=[listed]))
    assert found.id == 7
    assert found.state is DepositionState.UNSUBMITTED
    assert not found.published
    assert found.files == (RemoteFile("a b.txt", 5, MD5, "u-1"),)
    assert found.bucket == "http://127.0.0.1/api/files/abc"
    assert found.url == "https://zenodo.org/deposit/7"
    assert found.reserved_doi == "10.5281/zenodo.7"
    assert found.doi is None
    assert found.created == datetime(2026, 11, 24, 20, 0, 0, 123456, UTC)


def test_a_record_is_read() -> None:
    found = documents.deposition(deposition(state="done", doi="10.5281/zenodo.7", conceptdoi="10.5281/zenodo.6"))
    assert found.published
    assert found.doi == "10.5281/zenodo.7"
    assert found.concept_doi == "10.5281/zenodo.6"


def test_the_doi_is_taken_from_nowhere_but_doi() -> None:
    document = deposition(doi_url="https://doi.org/10.1/x", metadata={"doi": "10.1/x", "prereserve_doi": {}})
    found = documents.deposition(document)
    assert found.doi is None
    assert found.reserved_doi is None


def test_what_a_list_leaves_out_is_not_missed() -> None:
    found = documents.deposition({"id": "12", "state": "done", "links": None, "created": "2026-11-24T20:00:00"})
    assert (found.id, found.bucket, found.files, found.url) == (12, None, (), "")
    assert found.created == datetime(2026, 11, 24, 20, tzinfo=UTC)


@pytest.mark.parametrize("html", ["javascript:alert(1)", 5, None, "https://[", "https://a/\x1b[2J", "/relative"])
def test_only_web_addresses_are_shown(html: Any) -> None:
    assert documents.deposition(deposition(links={"html": html})).url == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"id": None},
        {"id": True},
        {"id": "seven"},
        {"id": 1.5},
        {"id": -1},
        {"id": float("inf")},
        {"id": float("nan")},
        {"id": 10**400},
        {"id": "9" * 10_000},
        {"state": None},
        {"state": "gone"},
        {"state": ["done"]},
        {"metadata": []},
        {"links": "x"},
        {"files": {}},
        {"files": [5]},
        {"files": [{}]},
        {"files": [{"filename": "a"}]},
        {"files": [{"filename": "a", "filesize": "big"}]},
        {"files": [{"filename": "a", "filesize": -1}]},
        {"files": [{"filename": 5, "filesize": 1}]},
    ],
)
def test_what_no_deposition_looks_like_is_malformed(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        documents.deposition(deposition(**changes))


@pytest.mark.parametrize("created", [None, 5, "", "today", "0001-01-01T00:00:00+14:00", ["2026-11-24"]])
def test_an_unreadable_date_is_none(created: Any) -> None:
    assert documents.deposition(deposition(created=created)).created is None


def test_an_upload_answers_name_size_and_checksum() -> None:
    answer = {"key": "a.txt", "size": 1, "checksum": f"md5:{MD5.upper()}", "version_id": "v"}
    assert documents.stored_file(answer) == RemoteFile("a.txt", 1, MD5)


@pytest.mark.parametrize("checksum", [None, "", "sha256:abc", "md5:", "md5:zz", 5])
def test_a_missing_checksum_is_left_for_the_comparison(checksum: Any) -> None:
    assert documents.stored_file({"key": "a", "size": 1, "checksum": checksum}).md5 == ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*deposition(), "doi", "conceptdoi"]), JSON), JSON)
def test_no_document_does_more_than_be_malformed(changes: dict[str, Any], anything: Any) -> None:
    for read, document in [
        (documents.deposition, deposition(**changes)),
        (documents.deposition, anything),
        (documents.depositions, [deposition(**changes)]),
        (documents.depositions, anything),
        (documents.stored_file, {"key": "a", "size": 1, "checksum": "", **changes}),
        (documents.stored_file, anything),
    ]:
        try:
            read(document)
        except Malformed as error:
            assert str(error).isprintable()
