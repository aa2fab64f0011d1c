"""Descriptions from Markdown, HTML and plain text, names in parts, words for ids: from the manifest to the record."""

from __future__ import annotations

from typing import Any

from tests.support.account import ask
from tests.support.cli import CommandLine
from tests.support.local_server import LocalProcess

MANIFEST = """
version: 1
defaults:
  upload_type: dataset
  publication_date: "2024-05-01"
  license: CC BY 4.0
  language: German
  creators: [{given: Marie, family: Curie, orcid: "https://orcid.org/0000-0002-1825-0097", ror: 05gq02987}]
  grants: [{id: "EC::654241"}]
  method: {from: docs/method.html}
datasets:
  - id: one
    metadata:
      title: The first
      description: {from: README.md}
      notes: "Two paragraphs,\\n\\np < 0.05 & <me@example.org>"
    files: [data.csv]
  - id: two
    metadata:
      title: The second
      description: {markdown: "See [the first](https://doi.org/{doi:one})."}
    files: [data.csv]
"""


def stored(url: str) -> dict[str, Any]:
    return {each["metadata"]["title"]: each["metadata"] for each in ask(f"{url}/api/deposit/depositions?size=10")}


def test_what_is_written_arrives_in_the_repositorys_form(batchdep: CommandLine, server: LocalProcess) -> None:
    batchdep.settled("data.csv", "1,2\n")
    batchdep.settled("README.md", "# Roses\n\nTheir *scent*. <img src='x.png'>\n")
    batchdep.settled("docs/method.html", "<html><body><p class='x'>Measured</p><hr></body></html>")
    batchdep.write("batch.yaml", MANIFEST)

    checked = batchdep("check", "batch.yaml")
    assert checked.code == 0
    assert "README.md:3: warning: one: the repository keeps none of these HTML tags" in checked.out
    assert "license 'CC BY 4.0' is sent as CC-BY-4.0" in checked.out
    assert "creators[0].ror is not sent" in checked.out
    assert "notes is plain text" in checked.out

    submitted = batchdep("submit", "batch.yaml", "--to", server.url, "--publish", "--format", "json")
    assert submitted.code == 0, submitted.err
    doi = submitted.json["datasets"][0]["doi"]
    found = stored(server.url)
    assert found["The first"]["description"] == "<h1>Roses</h1>\n<p>Their <em>scent</em>. </p>"
    assert found["The first"]["notes"] == "<p>Two paragraphs,</p>\n<p>p &lt; 0.05 &amp; &lt;me@example.org&gt;</p>"
    assert found["The second"]["description"] == f'<p>See <a href="https://doi.org/{doi}">the first</a>.</p>'
    for metadata in found.values():
        assert metadata["method"] == "<p>Measured</p>"
        assert metadata["creators"] == [{"name": "Curie, Marie", "affiliation": None, "orcid": "0000-0002-1825-0097"}]
        assert (metadata["license"], metadata["language"]) == ("cc-by-4.0", "deu")
        assert metadata["grants"] == [{"id": "10.13039/501100000780::654241"}]

    again = batchdep("submit", "batch.yaml", "--to", server.url, "--publish", "--format", "json")
    assert (again.code, again.json["requests"]) == (0, 0)
    verified = batchdep("verify", "batch.yaml", "--to", server.url)
    assert verified.code == 0, verified.out


def test_a_table_with_markdown_and_files(batchdep: CommandLine, server: LocalProcess) -> None:
    batchdep.settled("data.csv", "1,2\n")
    batchdep.settled("about.md", "About *roses*\n")
    rows = [
        "id,files,title,upload_type,creators,description,notes",
        'a,data.csv,The first,dataset,"Curie, Marie",from: about.md,"markdown: see **there**"',
        'b,data.csv,The second,dataset,"Curie, Marie","One line\nand another",',
    ]
    batchdep.write("batch.csv", "\n".join(rows))
    assert batchdep("submit", "batch.csv", "--to", server.url).code == 0
    found = stored(server.url)
    assert found["The first"]["description"] == "<p>About <em>roses</em></p>"
    assert found["The first"]["notes"] == "<p>see <strong>there</strong></p>"
    assert found["The second"]["description"] == "One line<br>and another"
    assert batchdep("publish", "batch.csv", "--to", server.url, "--yes").code == 0
