"""That remembering values with which nothing is wrong changes nothing that is said of any."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchdep.metadata import faultless, rules
from batchdep.metadata.faultless import Faultless, key_of
from batchdep.metadata.rules import RULES, validate_metadata
from batchdep.metadata.rules_base import Report, Spot
from batchdep.problems import Location, Place, Problem, ValuePath
from tests.unit.metadata.strategies import DOCUMENTS, JSON, patient

GOOD: dict[str, Any] = {
    "title": "Scent of roses",
    "upload_type": "dataset",
    "description": "Volatiles of 40 cultivars",
    "creators": [{"name": "Doe, Jane"}],
}


class FakeSource:
    name = "batch.yaml"

    def locate(self, path: ValuePath) -> Location:
        return Location(self.name, line=int(path[1]))


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "_FAULTLESS", Faultless())


def check(metadata: dict[str, Any], number: int = 0) -> list[Problem]:
    place = Place(FakeSource(), ("datasets", number, "metadata"))
    return validate_metadata(f"set-{number}", metadata, place.at)


def test_each_dataset_has_the_problem_of_a_value_at_its_own_place() -> None:
    wrong = {**GOOD, "creators": [{"name": "Doe, Jane", "orcid": "0000-0002-1825-0098"}], "keywords": ["a", "a"]}
    for number in (0, 1, 2):
        assert [(each.code, each.dataset, each.path, each.location) for each in check(wrong, number)] == [
            ("bad_orcid", f"set-{number}", "metadata.creators[0].orcid", Location("batch.yaml", number)),
            ("doubled", f"set-{number}", "metadata.keywords[1]", Location("batch.yaml", number)),
        ]


def test_what_is_right_under_one_key_may_be_wrong_under_another() -> None:
    people = GOOD["creators"]
    assert check(GOOD) == check({**GOOD, "thesis_supervisors": people}) == []
    assert [each.code for each in check({**GOOD, "contributors": people})] == ["missing"]


@given(st.lists(DOCUMENTS, min_size=1, max_size=4))
@patient
def test_it_is_said_again_what_was_said_at_first(documents: list[dict[str, Any]]) -> None:
    first = [check(document, number) for number, document in enumerate(documents)]
    assert [check(document, number) for number, document in enumerate(documents)] == first


class _Alone(Spot):
    """A spot at which nothing but the value can be seen."""

    def at(self, *steps: str | int) -> Spot:
        return _Alone(self._report, (*self.path, *steps))

    @property
    def metadata(self) -> dict[str, Any]:
        raise AssertionError("it looks at the rest of the metadata")

    @property
    def today(self) -> date:
        raise AssertionError("it looks at the day")


@given(st.sampled_from(sorted(rules._RECURRING)), JSON | st.lists(st.dictionaries(st.sampled_from(
    ["name", "affiliation", "orcid", "type", "id", "identifier", "relation", "place", "lat", "lon", "start", "end"]
), JSON)))  # fmt: skip
@patient
def test_rules_of_what_is_remembered_look_at_the_value_alone(key: str, value: Any) -> None:
    report = Report("set", {}, lambda *_: Place(FakeSource(), ("datasets", 0)), date.min)
    RULES[key](value, _Alone(report, (key,)))


def test_values_that_are_equal_to_python_are_told_apart() -> None:
    keys = [key_of("dates", value) for value in ([True], [1], [1.0], [{"a": 1}], [{"a": True}], [None], [])]
    assert len(set(keys)) == len(keys)
    assert None not in keys


def test_what_is_no_json_or_very_long_is_not_remembered() -> None:
    known = Faultless()
    for value in ([object()], ["x" * faultless._LONGEST]):
        key = key_of("keywords", value)
        known.add(key)
        assert key is None
        assert key not in known


def test_what_is_remembered_is_bounded() -> None:
    known = Faultless()
    for number in range(3 * faultless._MOST):
        key = key_of("keywords", [str(number)])
        known.add(key)
        assert key in known
    assert len(known._keys) <= faultless._MOST
