from __future__ import annotations

import io

import pytest

from batchdep.cli.problems import problem_lines
from batchdep.problems import Location, Problem


@pytest.mark.parametrize(
    ("dataset", "message", "shown"),
    [
        ("a", "upload_type is missing", "a: upload_type is missing"),
        ("a", "'data/a/x.csv' is empty", "a: 'data/a/x.csv' is empty"),
        ("a", "the id 'a' is taken", "the id 'a' is taken"),
        (None, "upload_type is missing", "upload_type is missing"),
    ],
)
def test_the_dataset_is_named_once(dataset: str | None, message: str, shown: str) -> None:
    problem = Problem("code", message, dataset=dataset, location=Location("b.yaml", 3, 4))
    assert problem_lines([problem], io.StringIO()) == [f"b.yaml:3:4: error: {shown}"]
