"""Description, notes and method in Markdown, and from files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from batchdep.manifest import LoadedManifest, load_manifest
from batchdep.problems import Location
from tests.integration.manifest.conftest import Write, codes, loaded

Load = Callable[[str], LoadedManifest]


def manifest(metadata: str, defaults: str = "{}") -> str:
    return f"version: 1\ndefaults: {defaults}\ndatasets:\n- id: a\n  metadata: {metadata}\n  files: x.csv\n"


def test_markdown_in_the_manifest(load: Load) -> None:
    result = load(manifest("{description: {markdown: '*Roses*, see {doi:a}'}, notes: {markdown: 'a < b'}}"))
    (dataset,) = loaded(result).datasets
    assert dataset.metadata == {
        "description": "<p><em>Roses</em>, see {doi:a}</p>",
        "notes": "<p>a &lt; b</p>",
    }


@pytest.mark.parametrize(
    ("name", "content", "html"),
    [
        ("README.md", "# Roses\n", "<h1>Roses</h1>"),
        ("about.MARKDOWN", "*Roses*", "<p><em>Roses</em></p>"),
        ("a.html", "<html><head><title>T</title></head><body class='x'>\n<p>Roses</p></body></html>", "<p>Roses</p>"),
        ("a.htm", "Roses &amp; <b>thorns</b>", "Roses &amp; <b>thorns</b>"),
        ("a.txt", "Roses < thorns\n", "Roses < thorns"),
        ("README", "\ufeffRoses", "Roses"),
    ],
)
def test_files(write: Write, load: Load, name: str, content: str, html: str) -> None:
    path = write(f"docs/{name}", content)
    result = load(manifest(f"{{method: {{from: docs/{name}}}}}"))
    (dataset,) = loaded(result).datasets
    assert dataset.metadata == {"method": html}
    assert dataset.metadata_place("method").locate() == Location(str(path))


def test_in_defaults_a_path_starts_at_the_manifest_and_with_folders_at_each_of_them(write: Write, load: Load) -> None:
    write("licence.md", "Roses")
    write("s/one/README.md", "One")
    write("s/two/README.md", "Two")
    result = load(
        "version: 1\ndefaults: {notes: {from: licence.md}}\n"
        "datasets: {folders: 's/*', metadata: {description: {from: README.md}}}\n"
    )
    found = {each.id: each.metadata for each in loaded(result).datasets}
    assert found == {
        "one": {"notes": "<p>Roses</p>", "description": "<p>One</p>"},
        "two": {"notes": "<p>Roses</p>", "description": "<p>Two</p>"},
    }


@pytest.mark.parametrize(
    ("name", "content", "code", "words"),
    [
        ("no.md", None, "metadata_file_missing", "there is no such file"),
        ("a.pdf", "x", "metadata_format", ".md, .html and .txt"),
        ("no.pdf", None, "metadata_file_missing", "there is no such file"),
        ("empty.md", " \n", "metadata_missing", "it is empty"),
        ("long.md", "*a* " * 25_001, "metadata_too_long", "100,004 characters"),
        ("latin.txt", "Rosé".encode("latin-1"), "not_utf8", "line 1"),
        ("large.txt", b"x" * 4_000_001, "metadata_file_unreadable", "4,000,000"),
        ("docs", "folder", "metadata_file_unreadable", "a folder"),
        ("a\\0b.md", None, "metadata_file_missing", "NUL"),
    ],
)
def test_files_that_cannot_be_read(
    write: Write, load: Load, tmp_path: Path, name: str, content: str | bytes | None, code: str, words: str
) -> None:
    if content == "folder":
        (tmp_path / name).mkdir()
    elif content is not None:
        write(name, content)
    result = load(manifest(f'{{title: T, description: {{from: "{name}"}}}}'))
    assert codes(result.problems) == [code]
    (problem,) = result.problems
    assert words in problem.message + problem.hint
    assert problem.dataset == "a"
    assert problem.location is not None
    assert problem.location.line is not None
    assert result.manifest is not None
    assert result.manifest.datasets[0].metadata == {"title": "T"}


def test_a_file_outside(write: Write, tmp_path: Path) -> None:
    write("secret.md", "secret")
    inside = tmp_path / "batch"
    path = write("batch/batch.yaml", manifest("{description: {from: ../secret.md}}"))
    write("batch/link.md")
    (inside / "link.md").unlink()
    (inside / "link.md").symlink_to(tmp_path / "secret.md")
    linked = write("batch/linked.yaml", manifest("{description: {from: link.md}}"))
    for each in (path, linked):
        assert codes(load_manifest(each).problems) == ["outside"]
        allowed = loaded(load_manifest(each, allow_outside=True))
        assert allowed.datasets[0].metadata == {"description": "<p>secret</p>"}


def test_words_in_angle_brackets_that_would_be_lost_are_told(write: Write, load: Load) -> None:
    markdown = write("a.md", "# Roses\n\n`<file>`, <https://example.org>\n\nfrom <Station> on\n")
    result = load(manifest("{description: {from: a.md}, notes: {markdown: 'a <b'}, method: {markdown: 'a <year>'}}"))
    found = [(each.code, each.path, each.location and each.location.line) for each in result.problems]
    assert found == [("html_swallowed", "metadata.description", 5), ("html_swallowed", "metadata.method", 5)]
    assert result.problems[0].location == Location(str(markdown), 5)
    assert "'<Station>'" in result.problems[0].message


def test_tags_that_are_taken_out_are_told_with_the_files_line(write: Write, load: Load) -> None:
    markdown = write("a.md", "# Roses\n\n`<hr>` and\n\n<center>x</center>\n<img src='y'>\n")
    page = write("a.html", "<html><head><meta></head>\n<body>\n<p>x</p>\n<section>y</section></body></html>")
    result = load(
        manifest("{description: {from: a.md}, method: {from: a.html}, notes: {markdown: 'a <mark>b</mark>'}}")
    )
    told = {problem.path: problem for problem in result.problems}
    assert {problem.code for problem in told.values()} == {"html_removed"}
    assert not any(problem.is_error for problem in told.values())
    assert told["metadata.description"].location == Location(str(markdown), 5)
    assert "<center> (line 5 of it), <img> (line 6 of it)" in told["metadata.description"].message
    assert told["metadata.method"].location == Location(str(page), 4)
    assert "notes: <mark>" in told["metadata.notes"].message
    assert told["metadata.notes"].location is not None
    assert told["metadata.notes"].location.line == 5


@pytest.mark.parametrize(
    ("form", "kept"),
    [
        ("{markdown: 1.5}", "<p>1.5</p>"),
        ("{markdown: [a]}", {"markdown": ["a"]}),
        ("{from: x, markdown: y}", {"from": "x", "markdown": "y"}),
        ("{frm: x}", {"frm": "x"}),
        ("{}", {}),
    ],
)
def test_other_forms_are_left_to_the_rules(load: Load, form: str, kept: object) -> None:
    (dataset,) = loaded(load(manifest(f"{{description: {form}}}"))).datasets
    assert dataset.metadata["description"] == kept


def test_markdown_that_is_too_long(load: Load) -> None:
    result = load(manifest(f"{{title: T, notes: {{markdown: {'a' * 100_001}}}}}"))
    assert codes(result.problems) == ["metadata_too_long"]
    assert result.problems[0].path == "metadata.notes.markdown"
    assert result.manifest is not None
    assert result.manifest.datasets[0].metadata == {"title": "T"}


def test_cells_of_a_table(write: Write) -> None:
    write("README.md", "*Roses*")
    rows = [
        "id,files,description,notes,method",
        'a,x.csv,from: README.md,markdown: *a*,"From: here on"',
        'b,x.csv,"markdown:\n# Roses\n\nand thorns",from: me,no',
    ]
    datasets = loaded(load_manifest(write("batch.csv", "\n".join(rows)))).datasets
    assert [dataset.metadata for dataset in datasets] == [
        {"description": "<p><em>Roses</em></p>", "notes": "<p><em>a</em></p>", "method": "From: here on"},
        {"description": "<h1>Roses</h1>\n<p>and thorns</p>", "notes": "from: me", "method": "no"},
    ]


def test_a_missing_file_is_located_at_its_cell(write: Write) -> None:
    result = load_manifest(write("batch.csv", "id,files,description\na,x.csv,from: no.md\n"))
    (problem,) = result.problems
    assert problem.location is not None
    assert (problem.location.line, problem.location.column) == (2, 3)
