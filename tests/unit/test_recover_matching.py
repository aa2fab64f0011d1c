"""Which deposition is whose: what is sure, and what a person must decide."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchdep.matching import Files, Fit, Verdict, judge


def fit(dataset: str, deposition: int, files: Files, *, metadata: bool = True) -> Fit:
    return Fit(dataset, deposition, metadata, files)


def matches(*fits: Fit) -> dict[str, int]:
    return {key: verdict.match.deposition for key, verdict in judge(fits).items() if verdict.match is not None}


def rivals(*fits: Fit) -> dict[str, list[int]]:
    return {key: [each.deposition for each in verdict.rivals] for key, verdict in judge(fits).items() if verdict.rivals}


def test_nothing_fits_nothing() -> None:
    assert judge([]) == {}


@pytest.mark.parametrize("files", [Files.NONE, Files.SOME, Files.ALL])
def test_the_only_one_is_it(files: Files) -> None:
    assert matches(fit("a", 1, files)) == {"a": 1}


def test_all_files_are_enough_without_the_metadata() -> None:
    assert matches(fit("a", 1, Files.ALL, metadata=False)) == {"a": 1}


def test_other_bytes_are_for_a_person_to_decide() -> None:
    assert judge([fit("a", 1, Files.OTHER)]) == {"a": Verdict(None, (fit("a", 1, Files.OTHER),))}


@pytest.mark.parametrize("first", [Files.NONE, Files.SOME, Files.ALL])
@pytest.mark.parametrize("second", [Files.NONE, Files.SOME, Files.ALL])
def test_of_two_with_its_metadata_none_is_taken(first: Files, second: Files) -> None:
    both = (fit("a", 1, first), fit("a", 2, second))
    assert matches(*both) == {}
    assert rivals(*both) == {"a": [1, 2]}


def test_what_is_proven_is_not_put_in_doubt_by_other_bytes_or_other_metadata() -> None:
    assert matches(fit("a", 1, Files.ALL), fit("a", 2, Files.OTHER), fit("a", 3, Files.ALL, metadata=False)) == {"a": 1}


def test_an_empty_draft_is_put_in_doubt_by_either() -> None:
    assert rivals(fit("a", 1, Files.NONE), fit("a", 2, Files.OTHER)) == {"a": [1, 2]}
    assert rivals(fit("a", 1, Files.NONE), fit("a", 3, Files.ALL, metadata=False)) == {"a": [1, 3]}


def test_equal_metadata_are_told_apart_by_files() -> None:
    fits = [fit("a", 1, Files.ALL), fit("a", 2, Files.OTHER), fit("b", 1, Files.OTHER), fit("b", 2, Files.ALL)]
    assert matches(*fits) == {"a": 1, "b": 2}


def test_equal_files_are_told_apart_by_metadata() -> None:
    fits = [fit("a", 1, Files.ALL), fit("a", 2, Files.ALL, metadata=False)]
    fits += [fit("b", 1, Files.ALL, metadata=False), fit("b", 2, Files.ALL)]
    assert matches(*fits) == {"a": 1, "b": 2}


def test_empty_drafts_of_equal_datasets_are_interchangeable() -> None:
    names = ("a", "b", "c")
    fits = [fit(name, number, Files.NONE) for name in names for number in (1, 2)]
    assert matches(*fits) == {"a": 1, "b": 2}


def test_one_too_many_of_equal_datasets_puts_all_in_doubt() -> None:
    fits = [fit(name, number, Files.NONE) for name in ("a", "b") for number in (1, 2, 3)]
    assert matches(*fits) == {}
    assert rivals(*fits) == {"a": [1, 2, 3], "b": [1, 2, 3]}


def test_a_deposition_in_dispute_goes_to_nobody_else() -> None:
    fits = [fit("a", 1, Files.ALL), fit("a", 2, Files.ALL), fit("b", 1, Files.SOME)]
    assert matches(*fits) == {}


@given(
    st.lists(
        st.builds(Fit, st.sampled_from("abcd"), st.integers(1, 5), st.booleans(), st.sampled_from(Files)),
        max_size=20,
        unique_by=lambda each: (each.dataset, each.deposition),
    )
)
def test_no_deposition_is_given_away_twice_and_no_doubt_is_taken_for_sure(fits: list[Fit]) -> None:
    verdicts = judge(fits)
    given_away = [verdict.match.deposition for verdict in verdicts.values() if verdict.match is not None]
    assert len(given_away) == len(set(given_away))
    for verdict in verdicts.values():
        assert verdict.match is None or not verdict.rivals
        assert verdict.match is None or verdict.match.possible
    assert judge(list(reversed(fits))).keys() == verdicts.keys()
