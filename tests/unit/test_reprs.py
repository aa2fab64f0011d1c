"""What the records of a run show of themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import Struct

from batchdep.findings import Recovery
from batchdep.job import Job
from batchdep.manifest.load import load_manifest
from batchdep.planning import BatchPlan
from batchdep.report.status import BatchStatus
from batchdep.verify import Verification


def test_a_job_shows_no_token(tmp_path: Path) -> None:
    path = tmp_path / "batch.yaml"
    path.write_text("version: 1\ndatasets: [{id: one, metadata: {title: One}, files: [a.csv]}]\n")
    manifest = load_manifest(path).manifest
    assert manifest is not None
    shown = repr(Job(manifest, "https://sandbox.zenodo.org", "state.db", token="s3cret", concurrency=7))
    assert "s3cret" not in shown
    assert "concurrency=7" in shown


@pytest.mark.parametrize("kind", [BatchPlan, BatchStatus, Recovery, Verification])
def test_what_a_run_returns_leaves_its_datasets_out(kind: type[Struct]) -> None:
    """asyncio has the ``repr`` made of it, and there may be a hundred thousand."""
    record = kind(**{name: f"<{name}>" for name in kind.__struct_fields__})
    assert "<datasets>" not in repr(record)
    assert repr(record).startswith(f"{kind.__name__}(batch='<batch>', target='<target>', ")
