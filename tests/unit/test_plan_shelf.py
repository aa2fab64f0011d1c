from __future__ import annotations

from typing import Any

from batchdep.manifest.model import Fill, FillToken, LocalFile
from batchdep.metadata.references import resolved
from batchdep.plan import DatasetPlan, plan_of, resolved_plan, same_content
from batchdep.plan_shelf import PlanShelf, seen_of
from batchdep.problems import Location, Place, ValuePath
from batchdep.state.records import WantedFile


class Named:
    def __init__(self, name: str) -> None:
        self.name = name

    def locate(self, path: ValuePath) -> Location:
        return Location(self.name)


ONE = Named("m.csv")
FILL = Fill((FillToken("b", 2, 3), FillToken("a", 1, 4)), 20, 100, "100:1:1")
FILES = [
    LocalFile("a.csv", "d/a.csv", "/r/d/a.csv", 12, "12:1:1", 1, Place(ONE, ("datasets", 0, "files", 0))),
    LocalFile("z.zip", "z", "/r/\udcff/z", 9**15, "x", 2**62, Place(ONE, ("datasets",)), archive=True),
    LocalFile("r.md", "r.md", "/r/r.md", 100, "100:1:1", 3, Place(ONE, ("datasets", 0, "files", 1)), fill=FILL),
]
METADATA: dict[str, Any] = {
    "title": "Ünï 𝄞",
    "locations": [{"place": "x", "lat": 51.75, "lon": -1.2}],
    "related_identifiers": [{"relation": "cites", "identifier": {"doi": "b"}}],
}


def on_a_shelf(*plans: DatasetPlan) -> list[DatasetPlan]:
    shelf = PlanShelf(ONE)
    return [shelf.put(seen_of(each)) for each in plans]


def plan(key: str = "a") -> DatasetPlan:
    return plan_of(key, "T", METADATA, FILES)


def test_a_plan_comes_back_as_it_was() -> None:
    written = plan()
    (put,) = on_a_shelf(written)
    names = ("id", "title", "metadata", "digest", "files", "describes_with", "fills_with", "refers_to", "amount")
    for name in (*names, "files_digest"):
        assert getattr(put, name) == getattr(written, name), name
    assert same_content(put, written)
    assert put.files[2].place.source is ONE
    assert [file.place.path for file in put.files] == [file.place.path for file in FILES]


def test_each_plan_has_its_own() -> None:
    plans = on_a_shelf(*(plan_of(f"p{i}", f"T {i}", {"title": f"T {i}"}, FILES[: i % 3]) for i in range(500)))
    assert [(each.metadata["title"], len(each.files)) for each in plans] == [(f"T {i}", i % 3) for i in range(500)]


def test_what_is_wanted_can_be_gone_through_again() -> None:
    (put,) = on_a_shelf(plan())
    wanted = put.wanted
    files = [WantedFile(file.name, file.shown, file.size, file.fingerprint) for file in FILES]
    assert wanted.files is not None
    assert (wanted.key, wanted.title, list(wanted.files), list(wanted.files)) == ("a", "T", files, files)


def test_a_shelved_plan_is_resolved() -> None:
    dois = {"a": "10.1/a", "b": "10.1/b"}
    put, written = (resolved_plan(each, dois.get) for each in (*on_a_shelf(plan()), plan()))
    assert same_content(put, written)
    assert put.metadata == resolved(METADATA, dois.get)
    assert put.files[2].size == 100 - 20 + 3 * len("10.1/a")
