"""Licences as two hundred public metadata files write them: each is understood, or gets a useful suggestion."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from batchdep.metadata.licence_names import licence_named
from batchdep.metadata.licences import licence_standing
from batchdep.metadata.rules import validate_metadata
from batchdep.problems import Location, Place, ValuePath

CORPUS = Path("../shared/data/metadata-corpus")

KEYS = {"license", "licence", "licenses", "licenseId", "license-url", "rights", "rightsUri", "rightsIdentifier"}
INSIDE = ("id", "@id", "name", "url", "path", "rights", "rightsUri", "rightsIdentifier")

MEANT = {
    "Open Data Commons Public Domain": "PDDL-1.0",
    "O-By": "ODC-By-1.0",
    "https://eupl.eu/": "EUPL-1.2",
    "Open Access": "other-open",
}
"""What is not understood, and the licence that is suggested first."""

NO_LICENCE = {
    "https://github.com/mhucka/awesome-ai4lam/blob/main/LICENSE",
    "https://open-book-is-good-platform.1003ray1003.workers.dev/NOTICE",
    "https://opendata.swiss/de/terms-of-use",
    "NOASSERTION",
    "./",
}
"""What nobody could tell the licence of without reading a page: the hint says what to do then."""


class Nowhere:
    name = "x"

    def locate(self, path: ValuePath) -> Location:
        return Location(self.name)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, dict):
        for key in INSIDE:
            yield from texts(value.get(key))


def licences_in(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from licences_in(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key in KEYS:
                yield from texts(value)
            yield from licences_in(value)


def corpus() -> set[str]:
    found: set[str] = set()
    for path in CORPUS.rglob("*"):
        if path.suffix not in {".json", ".cff"}:
            continue
        text = path.read_text(encoding="utf-8-sig")
        try:
            found |= set(licences_in(json.loads(text) if path.suffix == ".json" else yaml.load(text, yaml.BaseLoader)))  # noqa: S506
        except (ValueError, yaml.YAMLError):
            continue  # some are broken, as their owners left them
    return {each for each in found if each.strip()}


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the collected metadata files are not beside the project")
def test_each_licence_is_understood_or_gets_a_suggestion() -> None:
    written = corpus()
    assert len(written) > 30
    named = {each: licence_named(each) for each in written}
    assert {each for each, licence in named.items() if licence is None} == {*MEANT, *NO_LICENCE}
    assert {each for each in named.values() if each is not None and licence_standing(each) != "taken"} == set()
    for each in written:
        problems = validate_metadata("a", {"license": each}, lambda *path: Place(Nowhere(), path))
        found = [problem for problem in problems if problem.path == "metadata.license" and not problem.is_note]
        assert [problem.code for problem in found] == (["bad_licence"] if named[each] is None else [])
        if each in MEANT:
            assert f"one of: {MEANT[each]}" in found[0].hint
        elif each in NO_LICENCE:
            assert "other-open or other-closed" in found[0].hint
