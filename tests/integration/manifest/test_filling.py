"""Text files into which DOIs are filled."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchdep.check import check_manifest
from batchdep.deposit.body import HashingBody, md5_of, unchanged
from batchdep.errors import DatasetFailure
from batchdep.manifest import load_manifest, resolve_files
from batchdep.manifest.filling import MAX_BYTES, fill_in, filled
from batchdep.manifest.model import LocalFile
from batchdep.metadata.references import references_in
from batchdep.problems import Problem

DOIS = {"one": "10.5072/zenodo.1", "two words": "10.5072/zenodo.23"}

MANIFEST = """\
version: 1
defaults:
  upload_type: dataset
  license: cc-by-4.0
  description: Volatiles
  creators: [{name: "Doe, Jane"}]
datasets:
  - id: one
    metadata: {title: Scent of roses}
    files: [README.md, "docs/**", {path: figures/, archive: figures.zip}]
    fill: [FILL]
  - id: two words
    metadata: {title: Scent of lilies}
    files: [a.csv]
"""


class Folder:
    """A manifest with files, of which some are filled."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.write("README.md", "See {{doi:two words}}.\n")
        self.write("docs/deep/a.md", "Its DOI: {{doi:one}}\n")
        self.write("figures/b.md", "{{doi:one}}")
        self.write("a.csv", "1")

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def problems(self, fill: str) -> list[Problem]:
        self.write("batch.yaml", MANIFEST.replace("FILL", fill))
        found = check_manifest(load_manifest(self.path / "batch.yaml")).problems
        return [each for each in found if each.code != "file_growing"]

    def codes(self, fill: str) -> list[str]:
        return [each.code for each in self.problems(fill)]

    def files(self, fill: str) -> dict[str, LocalFile]:
        self.write("batch.yaml", MANIFEST.replace("FILL", fill))
        manifest = load_manifest(self.path / "batch.yaml").manifest
        assert manifest is not None
        found, _ = resolve_files(manifest, manifest.datasets[0])
        return {file.name: file for file in found}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.mark.parametrize(
    ("fill", "names"),
    [
        ("README.md", {"README.md"}),
        ("a.md", {"a.md"}),
        ("docs/deep/a.md", {"a.md"}),
        ("docs/*/a.md", {"a.md"}),
        ("docs/**", {"a.md"}),
        ('"**/*.md"', {"README.md", "a.md"}),
        ('"*.md"', {"README.md", "a.md"}),
        ("./README.md", {"README.md"}),
    ],
)
def test_names_paths_and_patterns(folder: Folder, fill: str, names: set[str]) -> None:
    assert {name for name, file in folder.files(fill).items() if file.fill is not None} == names
    assert folder.problems(fill) == []


@pytest.mark.parametrize(
    ("fill", "code"),
    [
        ("LIESMICH.md", "fill_no_match"),
        ("docs/*.md", "fill_no_match"),
        ("a.csv", "fill_no_match"),
        ("figures/b.md", "fill_in_archive"),
        ("figures.zip", "fill_in_archive"),
    ],
)
def test_what_is_no_text_file_of_the_dataset(folder: Folder, fill: str, code: str) -> None:
    (problem,) = folder.problems(fill)
    assert (problem.code, problem.is_error, problem.path, problem.dataset) == (code, True, "fill[0]", "one")
    assert problem.location is not None
    assert problem.location.line == 11


def test_a_file_that_is_not_utf_8(folder: Folder) -> None:
    folder.write("README.md", "{{doi:one}}\nKöln".encode("latin-1"))
    (problem,) = folder.problems("README.md")
    assert (problem.code, "line 2" in problem.message) == ("fill_not_text", True)


def test_a_file_that_is_too_large(folder: Folder) -> None:
    with (folder.path / "README.md").open("r+b") as file:
        file.truncate(MAX_BYTES + 1)
    assert folder.codes("README.md") == ["fill_too_large"]


def test_an_unknown_id_stands_in_the_file(folder: Folder) -> None:
    path = folder.write("README.md", "# Title\n\nSee {{doi:two word}} and {{doi: }}.\n")
    problems = folder.problems("README.md")
    assert sorted(each.code for each in problems) == ["reference_malformed", "reference_unknown"]
    assert {str(each.location) for each in problems} == {f"{path}:3"}
    assert next(each.hint for each in problems if each.code == "reference_unknown") == "Did you mean 'two words'?"


def test_a_file_without_a_token_is_a_warning(folder: Folder) -> None:
    folder.write("README.md", "See {doi:one} and {{ doi }}.")
    (problem,) = folder.problems("README.md")
    assert (problem.code, problem.is_error) == ("fill_nothing", False)


async def test_the_copy_has_the_size_and_the_bytes_that_were_told(folder: Folder) -> None:
    text = "€ {{doi:one}}{{ DOI : two words }}\n" * 3
    path = folder.write("README.md", text)
    file = filled(folder.files("README.md")["README.md"], DOIS.get)
    expected = "€ 10.5072/zenodo.110.5072/zenodo.23\n".encode() * 3
    body = HashingBody(file)
    async with body.chunks() as chunks:
        sent = b"".join([chunk async for chunk in chunks])
    assert (sent, file.size) == (expected, len(expected))
    assert body.md5 == await md5_of(file)
    assert path.read_text() == text
    assert unchanged(file)


def test_the_fingerprint_tells_other_dois_and_another_file(folder: Folder) -> None:
    plain = folder.files("README.md")["README.md"]
    file = filled(plain, DOIS.get)
    other = filled(plain, lambda key: f"{DOIS[key]}0")
    assert len({plain.fingerprint, file.fingerprint, other.fingerprint}) == 3
    assert filled(file, DOIS.get) == file
    assert filled(filled(plain, lambda key: f"{DOIS[key]}0"), DOIS.get) == file
    assert filled(file, lambda key: None) == plain


async def test_a_file_that_changed_since_it_was_looked_at_is_not_sent(folder: Folder) -> None:
    file = filled(folder.files("README.md")["README.md"], DOIS.get)
    folder.write("README.md", "See {{doi:two words}}, and more.\n")
    assert not unchanged(file)
    with pytest.raises(DatasetFailure, match="changed while"):
        async with HashingBody(file).chunks():
            pass


@given(st.lists(st.one_of(st.text(max_size=6), st.sampled_from(["{{doi:one}}", "{{ doi: one }}", "{doi:one}"]))))
def test_only_tokens_are_replaced(parts: list[str]) -> None:
    expected = "|".join("X" if part.startswith("{{") and "one" in part else part for part in parts)
    assert fill_in("|".join(parts).encode("utf-8", "surrogatepass"), {"one": "X"}) == expected.encode(
        "utf-8", "surrogatepass"
    )


def test_a_table_has_both_forms(folder: Folder) -> None:
    folder.write(
        "batch.csv",
        "id,title,related_identifiers,files,fill\n"
        "one,Roses,cites {doi: two words}; isPartOf {doi:two words} dataset,README.md; docs/**,README.md; docs/*.md\n"
        "two words,Scent of lilies,,a.csv,\n",
    )
    manifest = load_manifest(folder.path / "batch.csv").manifest
    assert manifest is not None
    (one, two) = manifest.datasets
    assert references_in(one.metadata) == {"two words"}
    assert [item["identifier"] for item in one.metadata["related_identifiers"]] == [
        "{doi: two words}",
        "{doi:two words}",
    ]
    assert ([spec.pattern for spec in one.fill], two.fill) == (["README.md", "docs/*.md"], ())
