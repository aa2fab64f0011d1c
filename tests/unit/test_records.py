"""What a record leaves unread until it is asked for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from batchdep.errors import StateError
from batchdep.report.status import DatasetState, FileState
from batchdep.state.records import DatasetRecord, FileRecord


def record(**known: Any) -> DatasetRecord:
    return DatasetRecord(1, 1, "a", 0, "t", DatasetState.DRAFT, datetime(2026, 1, 1, tzinfo=UTC), **known)


def file(number: int, **changed: Any) -> FileRecord:
    known = {"md5": None, "state": FileState.PENDING, **changed}
    return FileRecord(number, f"ü{number}", f"d/ü{number}", 2**50, "1:2:3", **known)


FILES = {each.name: each for each in (file(1), file(2, md5="0" * 32, state=FileState.UPLOADED, in_manifest=False))}


def test_files_that_are_put_away_come_back() -> None:
    it = record(files=dict(FILES))
    it.put_files_away()
    assert it.has_files_unread
    assert it.files == FILES
    assert not it.has_files_unread
    assert it.files["ü2"].uploaded


def test_files_are_looked_at_without_being_read() -> None:
    it = record(files=dict(FILES))
    assert it.files_as_read() is it.files
    it.put_files_away()
    assert it.files_as_read() == FILES
    assert [each.name for each in it.wanted_files] == ["ü1"]
    assert it.has_files_unread


def test_a_change_survives_being_put_away() -> None:
    it = record(files=dict(FILES))
    it.put_files_away()
    it.files["ü1"].md5 = "1" * 32
    del it.files["ü2"]
    it.put_files_away()
    it.put_files_away()
    assert {name: each.md5 for name, each in it.files.items()} == {"ü1": "1" * 32}


def test_metadata_are_read_once_and_stored_ones_looked_at() -> None:
    it = record()
    it.leave_unread("stored_metadata", '{"title": "T"}')
    assert it.stored_as_read() == {"title": "T"}
    assert it.stored_metadata is it.stored_metadata
    assert it.stored_as_read() is it.stored_metadata
    assert record().stored_as_read() == {}
    assert it.sent_metadata is None


def test_metadata_that_make_no_sense_are_damage() -> None:
    it = record()
    it.leave_unread("sent_metadata", "{")
    with pytest.raises(StateError, match="damaged"):
        it.sent_metadata  # noqa: B018
    it.leave_unread("stored_metadata", "{")
    with pytest.raises(StateError, match="damaged"):
        it.stored_as_read()


def test_an_outline_has_metadata_and_files_once_they_are_fetched() -> None:
    it = record(files=dict(FILES), sent_metadata={"title": "T"})
    it.make_outline()
    it.make_outline()
    assert it.is_outline
    for ask in (lambda: it.files, it.files_as_read, lambda: it.sent_metadata, it.stored_as_read):
        with pytest.raises(AssertionError, match="of 'a' are in the database"):
            ask()
    it.fill_outline('{"title": "T"}', None, json.dumps([each.as_row() for each in FILES.values()]))
    assert not it.is_outline
    assert (it.sent_metadata, it.stored_metadata, it.files) == ({"title": "T"}, None, FILES)
    it.make_outline()
    it.fill_outline()
    assert (it.sent_metadata, it.stored_metadata, it.files) == (None, None, {})
