"""What tests found out in figures is shown at the end of the run, whichever process they ran in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from tests.support.figures import PROPERTY, Figures


@pytest.fixture(autouse=True)
def _limits_of_its_own(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What an earlier test's repository said of its rate limits is nothing to a later one at the same port."""
    folder = tmp_path_factory.getbasetemp() / "caches" / hashlib.sha256(request.node.nodeid.encode()).hexdigest()
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Figures:
    """Keeps a line for the end of the run."""
    return lambda line: record_property(PROPERTY, line)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first: begun last, they would keep one process busy while the others have nothing left."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    lines = [
        f"{report.nodeid.rpartition('::')[2]}: {value}"
        for report in reports
        if report.when == "call"
        for name, value in report.user_properties
        if name == PROPERTY
    ]
    if lines:
        terminalreporter.section("figures")
        for line in sorted(lines):
            terminalreporter.line(line)
