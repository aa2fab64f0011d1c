"""What is looked at before a draft is published."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest

from batchdep.deposit import publishing
from batchdep.deposit.step import Step


@pytest.mark.parametrize(("archives", "by_a_reader"), [([False, False], True), ([False, True], False)])
async def test_no_upload_waits_until_an_archives_folder_was_looked_at(
    archives: list[bool], by_a_reader: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []
    monkeypatch.setattr(publishing, "_verify_nothing_moved", lambda *_: threads.append(threading.current_thread().name))
    files: Any = [SimpleNamespace(archive=archive) for archive in archives]
    await publishing._nothing_moved(cast(Step, SimpleNamespace(plan=SimpleNamespace(files=files))))
    assert [name.startswith("reader") for name in threads] == [by_a_reader]
