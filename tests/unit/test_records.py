"""What a record leaves unread until it is asked for."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from batchdep.errors import StateError
from batchdep.report.status import DatasetState, FileState
from batchdep.state.records import DatasetRecord, FileRecord


def record(sent: str | None = None, stored: str | None = None, files: str | None = None) -> DatasetRecord:
    it = DatasetRecord(1, 1, "a", 0, "t", DatasetState.DRAFT, datetime(2026, 1, 1, tzinfo=UTC))
    it.make_outline()
    it.fill_outline(sent, stored, files)
    return it


FILES = {
    "ü1": FileRecord(1, "ü1", "d/ü1", 2**50, "1:2:3", None, FileState.PENDING),
    "ü2": FileRecord(2, "ü2", "d/ü2", 5, "1:2:4", "0" * 32, FileState.UPLOADED, in_manifest=False),
}
ROWS = json.dumps(
    [
        [1, "ü1", "d/ü1", 2**50, "1:2:3", None, "pending", True],
        [2, "ü2", "d/ü2", 5, "1:2:4", "0" * 32, "uploaded", False],
    ]
)


def test_files_are_looked_at_without_being_read() -> None:
    it = record(files=ROWS)
    assert it.files_as_read() == FILES
    assert [each.name for each in it.wanted_files] == ["ü1"]
    assert it.files_as_read() is not it.files_as_read()
    assert it.files == FILES
    assert it.files_as_read() is it.files, "what is changed in them is what is seen"


def test_metadata_are_read_once_and_stored_ones_looked_at() -> None:
    it = record(stored='{"title": "T"}')
    assert it.stored_as_read() == {"title": "T"}
    assert it.stored_metadata is it.stored_metadata
    assert it.stored_as_read() is it.stored_metadata
    assert record().stored_as_read() == {}
    assert it.sent_metadata is None


def test_metadata_that_make_no_sense_are_damage() -> None:
    it = record("{", "{")
    with pytest.raises(StateError, match="damaged"):
        it.sent_metadata  # noqa: B018
    with pytest.raises(StateError, match="damaged"):
        it.stored_as_read()


def test_an_outline_has_metadata_and_files_once_they_are_fetched() -> None:
    it = record('{"title": "T"}', None, ROWS)
    assert it.files == FILES
    it.make_outline()
    it.make_outline()
    assert it.is_outline
    for ask in (lambda: it.files, it.files_as_read, lambda: it.sent_metadata, it.stored_as_read):
        with pytest.raises(AssertionError, match="of 'a' are in the database"):
            ask()
    it.fill_outline('{"title": "T"}', None, ROWS)
    assert not it.is_outline
    assert (it.sent_metadata, it.stored_metadata, it.files) == ({"title": "T"}, None, FILES)
    it.make_outline()
    it.fill_outline()
    assert (it.sent_metadata, it.stored_metadata, it.files) == (None, None, {})
