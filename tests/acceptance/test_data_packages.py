"""Data packages as their makers left them become deposits, with no more typed than they lack."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
import yaml

from tests.support.account import account, ask
from tests.support.cli import ROOT, CommandLine
from tests.support.local_server import LocalProcess

PACKAGES = ROOT.parent / "shared" / "data" / "rose2018" / "rose-metabo-JSON-DP-validated"

TYPED = {
    "rose-aroma-data-integration": "Scent of roses: the measurements of 2015 and 2018 side by side",
    "rose-aroma-naturegenetics2018-treatment-group-mean-sem-report": "Scent of Rosa chinensis 'Old Blush' in 2018",
    "rose-aroma-science2015-treatment-one-variable-mean-sem-report": "Scent of roses by genotype, 2015",
    "rose-aroma-science2015-treatment-two-variables-mean-sem-report": "Scent of roses by genotype and organ, 2015",
}
"""Three of the packages have one title: what tells them apart is typed, and the description, which none has."""

CREATOR = {"name": "Rocca-Serra, Philippe", "affiliation": "University of Oxford", "orcid": "0000-0001-9853-5668"}


def table_of(package: Path) -> Path:
    (resource,) = json.loads(package.read_text())["resources"]
    return package.with_name(resource["path"])


@pytest.mark.skipif(not PACKAGES.is_dir(), reason="the rose-scent data are not beside this checkout")
def test_the_rose_scent_packages_deposit_with_three_fields_typed(
    server: LocalProcess, batchdep: CommandLine, tmp_path: Path
) -> None:
    shutil.copytree(PACKAGES, tmp_path / "packages")
    packages = {name: tmp_path / "packages" / f"{name}-datapackage.json" for name in TYPED}
    datasets = [
        {
            "id": name,
            "metadata": {"from": "auto", "title": title, "description": f"<p>{title}.</p>", "creators": [CREATOR]},
            "files": [f"packages/{packages[name].name}", f"packages/{table_of(packages[name]).name}"],
        }
        for name, title in TYPED.items()
    ]
    (tmp_path / "batch.yaml").write_text(yaml.safe_dump({"version": 1, "publish": True, "datasets": datasets}))

    checked = batchdep("check", "batch.yaml", "--format", "json")
    assert checked.code == 0, checked.out
    told = [note for note in checked.json["notes"] if note["code"] == "metadata_from"]
    assert [note["dataset"] for note in told] == list(TYPED)
    assert all(note["message"].endswith("(Frictionless data package)") for note in told)

    rows = [each for each in checked.json["problems"] if each["code"] == "data_package_rows"]
    assert {each["severity"] for each in rows} == {"warning"}
    table = str(table_of(packages["rose-aroma-data-integration"]).relative_to(tmp_path))
    (sizes,) = (each for each in rows if each["file"] == table and "sample_size" in each["message"])
    assert sizes["message"] == "'3 to 7' in the column 'sample_size' is no integer; in 35 rows, such as lines 38, 39"
    assert (sizes["line"], sizes["dataset"]) == (37, "rose-aroma-data-integration")

    port = {"BATCHDEP_LOCAL_PORT": server.url.rpartition(":")[2]}
    submitted = batchdep("submit", "batch.yaml", "--to", "local", "--format", "json", env=port)
    assert submitted.code == 0, submitted.err
    assert submitted.json["counts"]["published"] == len(TYPED)

    held = {entry.title: entry for entry in account(server.url)}
    assert held.keys() == set(TYPED.values())
    for name, title in TYPED.items():
        files = (packages[name], table_of(packages[name]))
        assert held[title].md5s == {
            path.name: hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() for path in files
        }
        stored = ask(f"{server.url}/api/deposit/depositions/{held[title].id}")["metadata"]
        assert stored["upload_type"] == "dataset"
        assert stored["license"].lower() in ("cc-zero", "cc0-1.0")
        assert stored["version"] == "1.0"
        assert [creator["name"] for creator in stored["creators"]] == ["Rocca-Serra, Philippe"]
        assert {"metabolite", "STATO ontology", "EMBL-EBI Metabolights"} <= set(stored["keywords"])
        assert [each["name"] for each in stored["contributors"]] == ["Philippe Rocca-Serra"] * 2
        assert {each["type"] for each in stored["contributors"]} == {"DataManager", "Distributor"}
        related = {(each["relation"], each["identifier"]) for each in stored["related_identifiers"]}
        assert ("isDerivedFrom", "http://oerc.ox.ac.uk") in related
        assert "gmail" not in json.dumps(stored)

    again = batchdep("submit", "batch.yaml", "--to", "local", "--format", "json", env=port)
    assert (again.code, again.json["requests"]) == (0, 0)


@pytest.mark.skipif(not PACKAGES.is_dir(), reason="the rose-scent data are not beside this checkout")
def test_a_description_alone_is_enough(batchdep: CommandLine, tmp_path: Path) -> None:
    shutil.copytree(PACKAGES, tmp_path / "packages")
    name = next(iter(TYPED))
    files = (
        f"[packages/{name}-datapackage.json, packages/rose_aroma_compound_science2015_vs_NG2018_data_integration.csv]"
    )
    entry = f"{{id: roses, metadata: {{from: auto, description: Scent of roses.}}, files: {files}}}"
    (tmp_path / "batch.yaml").write_text(f"version: 1\ndatasets: [{entry}]\n")
    assert batchdep("check", "batch.yaml").code == 0
    without = entry.replace("{from: auto, description: Scent of roses.}", "auto")
    (tmp_path / "batch.yaml").write_text(f"version: 1\ndatasets: [{without}]\n")
    refused = batchdep("check", "batch.yaml", "--format", "json")
    errors = [each["path"] for each in refused.json["problems"] if each["severity"] == "error"]
    assert (refused.code, errors) == (2, ["metadata.description"])
