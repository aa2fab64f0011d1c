"""Metadata in the words of repositories and catalogues, by the path that a manifest takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from batchdep.metadata import canonical
from batchdep.metadata.formats.registry import FORMATS
from tests.support.metadata_files import checked

CORPUS = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "metadata-corpus" / "datacite"

needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="DataCite's examples are not beside this checkout")


@needs_corpus
def test_datacites_examples_are_taken(tmp_path: Path) -> None:
    """Each passes but one, whose interval has a slash instead of a hyphen."""
    datasets, report = checked(tmp_path, *sorted(CORPUS.iterdir()))
    assert len(datasets) == 8
    errors = [each for each in report.problems if each.is_error]
    assert [(each.code, each.path, each.dataset) for each in errors] == [
        ("bad_date", "metadata.dates[0].end", "full-example-4.5.xml")
    ]
    assert "2021-01-01/2021/12-31" in (tmp_path / "full-example-4.5.xml").read_text().splitlines()[_line(errors[0]) - 1]


def _line(problem: Any) -> int:
    line: int = problem.location.line
    return line


TWINS: dict[str, set[str]] = {
    "example-dataset-4.5": set(),
    "example-multilingual-4.5": set(),
    # the JSON has capital letters in the name of an institution
    "example-instrument-4.5": {"contributors"},
    # the XML has ORCID iDs, a date Collected and one subject less
    "full-example-4.5": {"contributors", "dates", "keywords"},
}
"""Examples that DataCite gives in JSON and in XML, and the keys in which the two differ themselves."""


@needs_corpus
@pytest.mark.parametrize("name", TWINS)
def test_json_and_xml_say_the_same(tmp_path: Path, name: str) -> None:
    datasets, _ = checked(tmp_path, CORPUS / f"{name}.json", CORPUS / f"{name}.xml")
    json_form, xml_form = (_plain(each.metadata) for each in datasets.values())
    assert {key for key in {*json_form, *xml_form} if json_form.get(key) != xml_form.get(key)} == TWINS[name]


def _plain(metadata: dict[str, Any]) -> dict[str, Any]:
    """DOIs know no upper case."""
    related = metadata["related_identifiers"]
    return metadata | {
        "related_identifiers": [each | {"identifier": canonical.identifier(each["identifier"])} for each in related]
    }


def test_a_problem_is_shown_where_it_stands_in_the_xml(tmp_path: Path) -> None:
    path = tmp_path / "datacite.xml"
    path.write_text(
        '<resource xmlns="http://datacite.org/schema/kernel-4">\n<titles><title>Roses</title></titles>\n<creators>'
        "<creator>\n<creatorName>Doe, Jane</creatorName>\n"
        '<nameIdentifier nameIdentifierScheme="ORCID">0000-0002-1825-0098</nameIdentifier>\n</creator></creators>\n'
        '<resourceType resourceTypeGeneral="Dataset"/>\n'
        '<descriptions><description descriptionType="Abstract">About roses</description></descriptions>\n</resource>'
    )
    _, report = checked(tmp_path, path)
    (error,) = [each for each in report.problems if each.is_error]
    assert (error.code, _line(error)) == ("bad_orcid", 5)
    assert error.location is not None
    assert error.location.file.endswith("datacite.xml")


@needs_corpus
def test_files_of_other_formats_are_not_taken() -> None:
    mine = ("datacite_json", "zenodo_record")
    readers = [each.reader for each in FORMATS if each.module in mine]
    assert len(readers) == len(mine)
    others = [file for file in CORPUS.parent.rglob("*.json") if file.parent != CORPUS]
    contents = [content for file in others if (content := _parsed(file)) is not None]
    assert len(contents) > 50
    assert not [content for content in contents for reader in readers if reader.recognises(content)]


DATACITE = {"titles": [{"title": "T"}], "creators": [{"name": "Roe, Ann"}], "publicationYear": 2020}
RECORD = {"metadata": {"title": "T", "resource_type": {"type": "dataset"}}}
ELEMENT = '<resource xmlns="http://datacite.org/schema/kernel-4"><titles><title>T</title></titles></resource>'
DC = '<dc xmlns="http://purl.org/dc/elements/1.1/"><title>T</title></dc>'


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("a.json", json.dumps([DATACITE, DATACITE]), "DataCite JSON"),
        ("a.json", json.dumps({"data": [{"attributes": DATACITE}, {"attributes": DATACITE}]}), "DataCite JSON"),
        ("a.json", json.dumps({"hits": {"hits": [RECORD, RECORD], "total": 2}}), "Zenodo record"),
        ("a.xml", f"<records>{ELEMENT}{ELEMENT}</records>", "DataCite XML"),
        ("a.xml", f"<records>{DC}{DC}</records>", "Dublin Core"),
    ],
)
def test_a_file_of_several_records_is_refused_in_plain_words(tmp_path: Path, name: str, text: str, kind: str) -> None:
    (tmp_path / name).write_text(text)
    _, report = checked(tmp_path, tmp_path / name)
    (error,) = [each for each in report.problems if each.is_error]
    assert (error.code, error.path) == ("metadata_ambiguous", "metadata")
    assert f"has 2 records ({kind})" in error.message
    assert "file of its own" in error.hint


@pytest.mark.parametrize("content", [[DATACITE, {"note": "x"}], [RECORD, 5], {"data": []}, {"hits": {"hits": []}}])
def test_one_record_among_other_things_is_not_picked_out(tmp_path: Path, content: Any) -> None:
    (tmp_path / "a.json").write_text(json.dumps(content))
    _, report = checked(tmp_path, tmp_path / "a.json")
    assert {each.code for each in report.problems if each.is_error} & {"wrong_kind", "unknown_key"}


def _parsed(file: Path) -> Any:
    """The content, or None: some of the real files are no JSON."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        return None
