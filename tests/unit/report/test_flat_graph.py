"""Entities laid flat, in memory or not."""

from __future__ import annotations

from typing import Any

import pytest

from batchdep.errors import BatchdepError
from batchdep.report import flat_graph as module
from batchdep.report.as_ro_crate import ro_crate_report
from batchdep.report.flat_graph import flat_graph
from tests.unit.report.samples import BATCH, MADE

ROSE = {"@id": "https://roses.example", "@type": "Thing"}
WORKS: list[dict[str, Any]] = [
    {
        "@id": f"#{each}",
        "about": [{**ROSE, "name": "Rose"}, {**ROSE, f"u{each}": ""}],
        "cites": {"@id": "#2", "x": "no"},
    }
    for each in range(4)
]


def laid_flat(nodes: list[dict[str, Any]], described: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    with flat_graph() as graph:
        graph.describe(described)
        for node in nodes:
            graph.put(node, 0)
            graph.put({"@id": f"{node['@id']}-file"}, 1)
        return list(graph.entities())


@pytest.mark.parametrize("at_hand", [1, 3, 10_000])
def test_each_entity_is_there_once_where_it_was_first_mentioned(monkeypatch: pytest.MonkeyPatch, at_hand: int) -> None:
    monkeypatch.setattr(module, "_AT_HAND", at_hand)
    found = laid_flat(WORKS, tuple(work["@id"] for work in WORKS))
    names = [entity["@id"] for entity in found]
    assert names == ["#0", ROSE["@id"], "#1", "#2", "#3", "#0-file", "#1-file", "#2-file", "#3-file"]
    assert found[0] == {"@id": "#0", "about": [{"@id": ROSE["@id"]}], "cites": {"@id": "#2"}}
    added = [(f"u{each}", "") for each in range(4)]
    assert list(found[1].items()) == [*ROSE.items(), ("name", "Rose"), *added], "what later ones add comes last"
    assert "x" not in found[3], "what is said in passing of an entity that is described does not count"


def test_what_is_said_in_passing_of_any_other_entity_is_kept() -> None:
    (two,) = (each for each in laid_flat(WORKS[:2]) if each["@id"] == "#2")
    assert two == {"@id": "#2", "x": "no"}


def test_a_crate_is_the_same_whether_its_entities_are_in_memory_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    held = "".join(ro_crate_report(BATCH, MADE))
    monkeypatch.setattr(module, "_AT_HAND", 1)
    assert "".join(ro_crate_report(BATCH, MADE)) == held


def test_that_there_is_no_room_for_it_is_told() -> None:
    with pytest.raises(BatchdepError, match="full") as error, flat_graph() as graph:
        graph._kept.execute("PRAGMA max_page_count=2")
        graph.describe(f"#{each}" for each in range(10_000))
    assert "TMPDIR" in error.value.hint
