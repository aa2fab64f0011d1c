"""A batch in which everything occurs, hostile texts included."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from batchdep.errors import ExitCode, Failure
from batchdep.report.status import BatchStatus, DatasetState, DatasetStatus, FileState, FileStatus
from tests.support.replacing import replace

MADE = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
EVIL = '=cmd|"/c calc"!A1 <script>alert(1)</script> | `x` [a](javascript:b)\nnext & "quoted"'

METADATA: dict[str, Any] = {
    "upload_type": "publication",
    "publication_type": "article",
    "title": "Roses",
    "description": "<p>About roses</p>",
    "method": "Sniffing",
    "publication_date": "2018-06-01",
    "creators": [
        {"name": "Curie, Marie", "affiliation": "Sorbonne", "orcid": "0000-0002-1825-0097"},
        {"name": "The Rose Consortium", "gnd": "gnd:170118215"},
    ],
    "contributors": [{"name": "Doe, Jane", "type": "DataCurator"}],
    "thesis_supervisors": [{"name": "Elder, Ann"}],
    "keywords": ["rose", "scent"],
    "subjects": [{"term": "Botany", "identifier": "https://id.loc.gov/x", "scheme": "lcsh"}],
    "language": "eng",
    "version": "1.0",
    "license": "cc-by-4.0",
    "access_right": "open",
    "related_identifiers": [
        {
            "identifier": "10.1038/s41588-018-0110-3",
            "relation": "isSupplementTo",
            "resource_type": "publication-article",
        },
        {"identifier": "https://example.org/same", "relation": "isAlternateIdentifier"},
        {"identifier": "no scheme at all", "relation": "cites"},
    ],
    "grants": [{"id": "10.13039/501100000780::654241"}, {"id": "777541"}],
    "locations": [{"place": "Lyon", "lat": 45.76, "lon": 4.84}, {"description": "nowhere"}],
    "dates": [
        {"start": "2017-01-01", "end": "2017-12-31", "type": "Collected", "description": "field season"},
        {"start": "2018-01-01", "end": "2018-01-01", "type": "Valid"},
    ],
}

FILE = FileStatus("a b&c.csv", "data/a b&c.csv", 1200, "0" * 32, FileState.UPLOADED)

PUBLISHED = DatasetStatus(
    id="roses",
    state=DatasetState.PUBLISHED,
    title="Roses",
    deposition_id=1000,
    reserved_doi="10.5281/zenodo.1000",
    doi="10.5072/zenodo.1000",
    url="https://sandbox.zenodo.org/records/1000",
    attempts=1,
    updated=MADE,
    files=[FILE],
    error=None,
    published_at=MADE,
    metadata=METADATA,
)
DRAFT = replace(
    PUBLISHED,
    id="thorns",
    state=DatasetState.DRAFT,
    doi=None,
    url="https://sandbox.zenodo.org/deposit/1001",
    published_at=None,
    warnings=["'notes' was not stored"],
)
FAILED = replace(
    DRAFT,
    id="-evil",
    title=EVIL,
    state=DatasetState.FAILED,
    deposition_id=None,
    reserved_doi=None,
    url="javascript:alert(1)",
    files=[replace(FILE, name=EVIL, state=FileState.PENDING, md5=None)],
    error=Failure("metadata_rejected", EVIL, "@hint"),
)
BATCH = BatchStatus(
    batch="rose <scent>",
    target="https://sandbox.zenodo.org",
    database="/home/me/state.db",
    manifest="/home/me/batch.yaml",
    datasets=[PUBLISHED, DRAFT, FAILED],
    exit_code=ExitCode.UNFINISHED,
)
