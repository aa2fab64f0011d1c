from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from batchdep.errors import ExitCode, UsageError
from batchdep.manifest.load import load_manifest
from batchdep.manifest.model import Manifest
from batchdep.report.status import BatchStatus, DatasetState, DatasetStatus
from batchdep.writeback.manifest_file import write_back
from batchdep.writeback.outcome import Outcome, Written

SANDBOX = "https://sandbox.zenodo.org"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
TEXT = "version: 1\ndatasets:\n" + "".join(
    f"  - id: {each}\n    metadata: {{title: T}}\n    files: [{each}.csv]\n" for each in "ab"
)


def known(target: str = SANDBOX) -> BatchStatus:
    datasets = [
        DatasetStatus(key, DatasetState.PUBLISHED, "T", number, None, f"10.5072/zenodo.{number}",
                      f"{target}/records/{number}", 1, NOW, (), None)
        for number, key in enumerate("abc", start=1)
    ]  # fmt: skip
    return BatchStatus("batch", target, "", "", datasets)


def read(path: Path) -> Manifest:
    loaded = load_manifest(path)
    assert loaded.manifest is not None
    assert loaded.ok, loaded.problems
    return loaded.manifest


def put(path: Path, text: str = TEXT) -> Manifest:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return read(path)


def words(outcome: Outcome) -> list[Written]:
    return [each.written for each in outcome.datasets]


def test_a_second_time_changes_nothing_and_makes_no_copy(tmp_path: Path) -> None:
    manifest = put(tmp_path / "batch.yaml")
    first = write_back(manifest, known())
    assert (first.changed, words(first), first.exit_code) == (True, [Written.WRITTEN] * 2, ExitCode.DONE)
    before = {each: (each.read_bytes(), each.stat().st_mtime_ns) for each in tmp_path.iterdir()}
    again = write_back(read(manifest.path), known())
    assert (again.changed, again.original, words(again)) == (False, None, [Written.UNCHANGED] * 2)
    assert {each: (each.read_bytes(), each.stat().st_mtime_ns) for each in tmp_path.iterdir()} == before


@pytest.mark.parametrize("lock", [".~lock.batch.csv#", "~$batch.csv"])
def test_a_table_that_is_open_in_a_spreadsheet_program_is_left_alone(tmp_path: Path, lock: str) -> None:
    manifest = put(tmp_path / "batch.csv", "id,title,files\na,T,a.csv\n")
    (tmp_path / lock).write_text("somebody")
    outcome = write_back(manifest, known())
    assert outcome.failure is not None
    assert (outcome.failure.code, lock in outcome.failure.hint) == ("manifest_open", True)
    assert manifest.path.read_text() == "id,title,files\na,T,a.csv\n"
    (tmp_path / lock).unlink()
    assert words(write_back(manifest, known())) == [Written.WRITTEN]


def test_only_what_is_asked_for(tmp_path: Path) -> None:
    manifest = put(tmp_path / "batch.yaml")
    assert [each.dataset for each in write_back(manifest, known(), ("b",)).datasets] == ["b"]
    assert [dataset.deposited.deposition_id for dataset in read(manifest.path).datasets] == [None, 2]
    with pytest.raises(UsageError):
        write_back(manifest, known(), ("c",))


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    put(tmp_path / "real" / "manifest.yaml")
    link = tmp_path / "batch.yaml"
    link.symlink_to("real/manifest.yaml")
    outcome = write_back(read(link), known())
    assert outcome.original == str(tmp_path / "real" / "manifest.yaml.before-write-back")
    assert link.is_symlink()
    assert read(link).datasets[0].deposited.deposition_id == 1


def test_an_edit_since_it_was_read_wins(tmp_path: Path) -> None:
    manifest = put(tmp_path / "batch.yaml")
    manifest.path.write_text(f"{TEXT}# edited\n")
    outcome = write_back(manifest, known())
    assert outcome.failure is not None
    assert outcome.failure.code == "manifest_changed"
    assert (words(outcome), outcome.exit_code) == ([Written.REFUSED] * 2, ExitCode.UNFINISHED)
    assert [each.name for each in tmp_path.iterdir()] == ["batch.yaml"]
    assert manifest.path.read_text() == f"{TEXT}# edited\n"


def test_a_manifest_that_is_gone_is_told(tmp_path: Path) -> None:
    manifest = put(tmp_path / "batch.yaml")
    manifest.path.unlink()
    outcome = write_back(manifest, known())
    assert outcome.failure is not None
    assert (outcome.failure.code, list(tmp_path.iterdir())) == ("file_missing", [])


@pytest.mark.parametrize("pattern", ["'*.yaml'", "'*.before*'", "batch.yaml", "'**'"])
def test_neither_the_manifest_nor_its_original_may_be_deposited(tmp_path: Path, pattern: str) -> None:
    manifest = put(tmp_path / "batch.yaml", TEXT.replace("a.csv", pattern))
    outcome = write_back(manifest, known())
    assert outcome.failure is not None
    assert (outcome.failure.code, "dataset 'a' deposits" in outcome.failure.message) == ("write_back_impossible", True)
    assert [each.name for each in tmp_path.iterdir()] == ["batch.yaml"]


def test_a_real_record_stays_while_others_are_written(tmp_path: Path) -> None:
    real = "    deposited: {deposition_id: 9, url: https://zenodo.org/records/9, state: published}\n"
    manifest = put(tmp_path / "batch.yaml", TEXT.replace("  - id: b\n", f"  - id: b\n{real}"))
    outcome = write_back(manifest, known())
    assert (words(outcome), outcome.exit_code) == ([Written.WRITTEN, Written.REFUSED], ExitCode.UNFINISHED)
    assert real in manifest.path.read_text()
    forced = write_back(read(manifest.path), known(), force=True)
    assert words(forced) == [Written.UNCHANGED, Written.WRITTEN]
    assert "{deposition_id: 2, doi: 10.5072/zenodo.2" not in manifest.path.read_text()  # its own order stays
    assert read(manifest.path).datasets[1].deposited.doi == "10.5072/zenodo.2"
