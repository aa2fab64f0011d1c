from __future__ import annotations

import os
import time
import unicodedata
from pathlib import Path

import pytest

from batchdep.manifest import load_manifest, resolve_files
from batchdep.problems import Severity
from tests.integration.manifest.conftest import Resolve, Write, codes, loaded
from tests.support.replacing import replace


def names(result: tuple[list[object], list[object]]) -> list[str]:
    return [file.name for file in result[0]]  # type: ignore[attr-defined]


def test_globs_renames_and_order(write: Write, resolve: Resolve) -> None:
    for name in ("data/run10.csv", "data/run2.csv", "data/a b.csv", "data/sub/x.csv", "data/.hidden.csv", "data/n.txt"):
        write(name)
    files, problems = resolve(
        "data/*.csv", {"path": "data/a b.csv", "name": "a_b.csv"}, "data/**/x.csv", "data/run2.csv"
    )
    assert problems == []
    assert [(file.name, file.shown) for file in files] == [
        ("run10.csv", "data/run10.csv"), ("a_b.csv", "data/a b.csv"), ("x.csv", "data/sub/x.csv"),
        ("run2.csv", "data/run2.csv"),
    ]  # fmt: skip
    files, problems = resolve("data/**")
    assert names((files, problems)) == ["a b.csv", "n.txt", "run2.csv", "run10.csv", "x.csv"]  # type: ignore[arg-type]


def test_a_file_as_the_disk_shows_it(write: Write, resolve: Resolve, tmp_path: Path) -> None:
    path = write("a.csv", "12345")
    (file,), problems = resolve("./a.csv")
    status = path.stat()
    assert problems == []
    assert (file.name, file.shown, file.size, file.mtime_ns, file.archive) == (
        "a.csv",
        "a.csv",
        5,
        status.st_mtime_ns,
        False,
    )
    assert file.fingerprint == f"5:{status.st_mtime_ns}:{status.st_ino}"
    assert file.path.samefile(path)
    assert (file.place.locate().line, file.place.path[-2:]) == (1, ("files", 0))
    os.utime(path, ns=(1, 1))
    assert resolve("a.csv")[0][0].fingerprint != file.fingerprint


@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("folder", ["", "./", "s/", "./s//", "s/../s/", "s/t/", "link/", "link/../s/", "s/t/../"])
def test_a_file_is_the_same_by_its_name_and_by_a_pattern(
    write: Write, resolve: Resolve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, relative: bool
) -> None:
    for name in ("a.csv", "s/a.csv", "s/t/a.csv", "u/a.csv"):
        write(name)
    (tmp_path / "link").symlink_to("u")
    manifest = loaded(load_manifest(write("b.yaml", "version: 1\ndatasets: [{id: a, metadata: {title: T}, files: x}]")))
    if relative:
        monkeypatch.chdir(tmp_path)
        manifest = replace(manifest, path=Path("b.yaml"))
    spec = manifest.datasets[0].files[0]
    for base in ("", "s/t"):
        up = "../../" if base else ""
        found = []
        for path in (f"{up}{folder}a.csv", f"{up}{folder}[a].csv"):
            entry = replace(spec, path=path, base=manifest.folder / base)
            (file,), problems = resolve_files(manifest, replace(manifest.datasets[0], files=(entry,)))
            assert problems == []
            found.append((file.shown, file.where, file.fingerprint))
        assert found[0] == found[1]


@pytest.mark.parametrize("pattern", ["*/secret", "*/s*", "[e]tc/**", "sub/*/secret", "s*/*/*"])
def test_no_file_that_a_pattern_finds_outside(write: Write, resolve: Resolve, tmp_path: Path, pattern: str) -> None:
    outside = write("elsewhere/secret").parent
    write("batch/sub/x")
    folder = tmp_path / "batch"
    (folder / "etc").symlink_to(outside)
    (folder / "sub" / "in").symlink_to("../etc")
    (folder / "sub" / "s").symlink_to("../../elsewhere/secret")
    text = f'version: 1\ndatasets: [{{id: a, metadata: {{title: T}}, files: "{pattern}"}}]'
    manifest = loaded(load_manifest(write("batch/b.yaml", text)))
    files, problems = resolve_files(manifest, manifest.datasets[0])
    assert files == []
    assert set(codes(problems)) - {"folder_left_out"} == {"outside"}
    assert resolve_files(manifest, manifest.datasets[0], allow_outside=True)[0]


@pytest.mark.parametrize(
    "name", ["a[1].csv", "a*b?.csv", "a & b.csv", "{a,b}.csv", "!a.csv", "~a.csv", "日本語 é.csv", "a\\b.csv"]
)
def test_names_with_odd_characters_are_taken_literally(write: Write, resolve: Resolve, name: str) -> None:
    write(name)
    (file,), problems = resolve(name)
    assert (file.name, problems) == (name, [])


def test_braces_have_no_meaning(write: Write, resolve: Resolve) -> None:
    write("a.csv")
    assert codes(resolve("{a,b}.*")[1]) == ["no_match"]


def test_dotfiles_are_matched_only_by_a_dot(write: Write, resolve: Resolve) -> None:
    write(".zenodo.json")
    write(".git/config")
    write("a.csv")
    assert [file.shown for file in resolve("**")[0]] == ["a.csv", "batch.json"]
    assert [file.shown for file in resolve(".*.json", ".git/*")[0]] == [".zenodo.json", ".git/config"]


def test_no_match_names_what_is_near(write: Write, resolve: Resolve) -> None:
    write("data/Measurements.csv")
    write("data/other.tsv")
    (tmp := write("empty/x")).unlink()
    assert tmp.parent.is_dir()
    _, problems = resolve(
        "data/measurement.csv", "data/*.xlsx", "dta/*.csv", "empty/*", "nothing.csv", "data/nul\0.csv"
    )
    assert codes(problems) == ["no_match"] * 6
    hints = [problem.hint for problem in problems]
    assert "Did you mean 'data/Measurements.csv'?" in hints[0]
    assert hints[1] == "There is: 'data/Measurements.csv', 'data/other.tsv'."
    assert "no folder 'dta" in hints[2]
    assert "empty" in hints[3]
    assert [problem.path for problem in problems] == [f"files[{n}]" for n in range(6)]
    assert {problem.dataset for problem in problems} == {"d"}


def test_another_unicode_form_is_named(write: Write, resolve: Resolve) -> None:
    write(unicodedata.normalize("NFD", "é.csv"))
    (problem,) = resolve(unicodedata.normalize("NFC", "é.csv"))[1]
    assert "Unicode" in problem.hint


def test_folders_need_an_archive(write: Write, resolve: Resolve) -> None:
    write("figures/a.png")
    write("b.csv")
    _, problems = resolve(
        "figures", "figures/", {"path": "b.csv", "archive": "b.zip"}, {"path": "figures", "archive": "f.tar"}
    )
    assert codes(problems) == ["folder_without_archive", "archive_of_file", "file_name"]
    assert "archive" in problems[0].hint
    files, problems = resolve("[bf]*")
    assert [file.name for file in files] == ["b.csv", "batch.json"]
    assert [(p.code, p.severity) for p in problems] == [("folder_left_out", Severity.WARNING)]
    assert codes(resolve("fig*")[1]) == ["no_match"]


def test_an_archive(write: Write, resolve: Resolve) -> None:
    write("figures/a.png", "aa")
    write("figures/sub/.b.png", "b")
    write("figures/empty", "")
    (file,), problems = resolve({"path": "figures/", "archive": "figures.zip"})
    assert problems == []
    assert (file.name, file.shown, file.archive, len(file.fingerprint)) == ("figures.zip", "figures", True, 64)
    write("figures/sub/.b.png", "b", age=60)
    assert resolve({"path": "figures/", "archive": "figures.zip"})[0][0].fingerprint != file.fingerprint


def test_links(write: Write, resolve: Resolve, tmp_path: Path) -> None:
    write("data/a.csv")
    (tmp_path / "to_file.csv").symlink_to("data/a.csv")
    (tmp_path / "to_folder").symlink_to("data")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "nowhere.txt").symlink_to("gone")
    (tmp_path / "secret.csv").symlink_to("/etc/passwd")
    files, problems = resolve(
        "to_file.csv", "to_folder/a.csv", "loop", "nowhere.txt", "secret.csv", "/etc/passwd", "../*"
    )
    assert [file.shown for file in files] == ["to_file.csv", "to_folder/a.csv"]
    assert sorted(codes(problems)) == ["no_match", "outside", "outside", "outside", "symlink_loop"]
    assert all("--allow-outside" in problem.hint for problem in problems if problem.code == "outside")
    assert [file.shown for file in resolve("**/*.csv")[0]] == ["data/a.csv", "to_file.csv"]
    assert set(codes(resolve("*")[1])) >= {"symlink_loop", "no_match", "outside", "folder_left_out"}
    files, problems = resolve("secret.csv", "/etc/passwd", allow_outside=True)
    assert [file.name for file in files] == ["secret.csv", "passwd"]
    assert problems == []


@pytest.mark.parametrize("path", ["etc", "etc/", "etc/.", "sub/../etc/", "./etc//", "..", "../", "/etc/", "sub/.."])
def test_no_archive_of_a_folder_outside(write: Write, resolve: Resolve, tmp_path: Path, path: str) -> None:
    write("sub/x")
    (tmp_path / "etc").symlink_to("/etc")
    files, problems = resolve({"path": path, "archive": "x.zip"})
    if path == "sub/..":  # the manifest's folder itself, in which the link is left out
        assert (len(files), codes(problems)[0]) == (1, "folder_link")
    else:
        assert (files, codes(problems)) == ([], ["outside"])


@pytest.mark.parametrize(
    "path", ["etc/hostname", "sub/../etc/hostname", "sub/../../x", "link/../hostname", "sub/./etc"]
)
def test_no_file_outside(write: Write, resolve: Resolve, tmp_path: Path, path: str) -> None:
    outside = write("elsewhere/hostname").parent
    write("elsewhere/deep/x")
    write("x")
    write("batch/sub/x")
    folder = tmp_path / "batch"
    (folder / "etc").symlink_to(outside)
    (folder / "sub" / "etc").symlink_to(outside / "hostname")
    (folder / "link").symlink_to(outside / "deep")
    text = f"version: 1\ndatasets: [{{id: a, metadata: {{title: T}}, files: {path}}}]"
    manifest = loaded(load_manifest(write("batch/b.yaml", text)))
    files, problems = resolve_files(manifest, manifest.datasets[0])
    assert (files, codes(problems)) == ([], ["outside"])
    assert len(resolve_files(manifest, manifest.datasets[0], allow_outside=True)[0]) == 1


def test_a_pattern_outside_is_refused_before_it_is_searched(
    write: Write, resolve: Resolve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "root").symlink_to("/")

    def search(pattern: str, base: Path) -> None:
        raise AssertionError(f"{pattern} was searched")

    monkeypatch.setattr("batchdep.manifest.candidates.find", search)
    patterns = ("/**", "root/**", "../**", "*/../../**", "x/../../*")
    assert codes(resolve(*patterns)[1]) == ["outside"] * len(patterns)


def test_links_in_archives(write: Write, resolve: Resolve, tmp_path: Path) -> None:
    write("data/a.csv", "aaa")
    folder = write("f/own.txt").parent
    (folder / "inside.csv").symlink_to("../data/a.csv")
    (folder / "folder").symlink_to("../data")
    entry = {"path": "f", "archive": "f.zip"}
    files, problems = resolve(entry)
    assert len(files) == 1
    assert [(p.code, p.severity) for p in problems] == [("folder_link", Severity.WARNING)]
    (folder / "secret").symlink_to("/etc/passwd")
    (folder / "loop").symlink_to("loop")
    (folder / "nowhere").symlink_to("gone")
    os.mkfifo(folder / "pipe")
    assert sorted(codes(resolve(entry)[1])) == ["file_missing", "folder_link", "not_a_file", "outside", "symlink_loop"]
    (empty := tmp_path / "empty" / "sub").mkdir(parents=True)
    assert codes(resolve({"path": "empty", "archive": "e.zip"})[1]) == ["empty_folder"]
    assert empty.is_dir()


def test_what_is_not_a_file(write: Write, resolve: Resolve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    write("empty.csv", "")
    write("locked.csv")
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "locked.csv")
    files, problems = resolve("pipe", "empty.csv", "locked.csv")
    assert files == []
    assert codes(problems) == ["not_a_file", "empty_file", "file_unreadable"]
    assert "archive" in problems[1].hint


def test_names_that_the_server_does_not_take(write: Write, resolve: Resolve, tmp_path: Path) -> None:
    write("a.csv")
    write("tab\tname.csv")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/latin\xe9.csv")).write_text("x")
    bad = ["a/b", ".", "..", "", " ", "x" * 256, "a\nb", "a\0b", "a\x7fb"]
    files, problems = resolve("*.csv", *({"path": "a.csv", "name": name} for name in bad))
    assert files == []
    assert [p.code for p in problems if p.code != "file_growing"] == ["file_name"] * 11
    assert all(problem.message.isprintable() for problem in problems)
    assert [file.name for file in resolve({"path": "a.csv", "name": "é" * 255})[0]] == ["é" * 255]


def test_two_alike(write: Write, resolve: Resolve) -> None:
    for name in ("a/x.csv", "b/x.csv", "b/X.csv", "b/é.csv", "a/e\u0301.csv"):
        write(name)
    files, problems = resolve("a/x.csv", "b/*.csv", "a/e*.csv")
    assert len(files) == 5
    assert [(p.code, p.severity) for p in problems] == [
        ("name_similar", Severity.WARNING), ("name_taken", Severity.ERROR), ("name_similar", Severity.WARNING),
    ]  # fmt: skip
    assert "'b/x.csv' and 'a/x.csv'" in problems[1].message


def test_one_name_for_many(write: Write, resolve: Resolve) -> None:
    write("a.csv")
    assert [file.name for file in resolve({"path": "*.csv", "name": "x.csv"})[0]] == ["x.csv"]
    write("b.csv")
    assert codes(resolve({"path": "*.csv", "name": "x.csv"})[1]) == ["name_for_many"]


def test_limits(write: Write, resolve: Resolve) -> None:
    for name in "abc":
        write(f"{name}.csv", "x" * 1000)
    assert resolve("*.csv", limits={"file": 1000, "dataset": 3000, "files": 3})[1] == []
    files, problems = resolve("*.csv", limits={"file": 999, "dataset": 2999, "files": 2})
    assert len(files) == 3
    assert codes(problems) == ["file_over_limit"] * 3 + ["dataset_over_limit", "too_many_files"]
    assert "'a.csv' has 1 kB (1,000 bytes); the limit for a file is 999 bytes" in problems[0].message
    assert [problem.path for problem in problems[2:]] == ["files[0]", "files", "files"]
    assert "archive" in problems[-1].hint


def test_a_file_that_is_still_growing(write: Write, resolve: Resolve) -> None:
    write("new.csv", age=1)
    write("future.csv", age=-3600)
    files, problems = resolve("new.csv", "future.csv")
    assert len(files) == 2
    assert [(p.code, p.severity, p.path) for p in problems] == [("file_growing", Severity.WARNING, "files[0]")]


def test_the_metadata_file_is_not_deposited_by_a_wildcard(write: Write) -> None:
    write("s/one/meta.json", '{"title": "T"}')
    write("s/one/a.csv")
    folders = write("b.yaml", 'version: 1\ndatasets: {folders: "s/*", metadata: meta.json, files: "**"}')
    listed = write(
        "c.yaml", 'version: 1\ndatasets: [{id: a, metadata: s/one/meta.json, files: ["s/**", "s/*/meta.json"]}]'
    )
    literal = write("d.yaml", "version: 1\ndatasets: [{id: a, metadata: s/one/meta.json, files: [s/one/meta.json]}]")
    found = []
    for path in (folders, listed, literal):
        manifest = loaded(load_manifest(path))
        files, problems = resolve_files(manifest, manifest.datasets[0])
        found.append(([file.shown for file in files], codes(problems)))
    assert found == [(["s/one/a.csv"], []), (["s/one/a.csv"], ["no_match"]), (["s/one/meta.json"], [])]


def test_places_with_folders(write: Write) -> None:
    write("s/one/.zenodo.json", '{"title": "T"}')
    manifest = loaded(load_manifest(write("b.yaml", 'version: 1\ndatasets:\n  folders: "s/*"\n  files: ["x*"]\n')))
    (problem,) = resolve_files(manifest, manifest.datasets[0])[1]
    assert (problem.path, problem.dataset, problem.location and problem.location.line) == ("files[0]", "one", 4)


def test_a_manifest_in_the_current_folder(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("a.csv")
    write("b.yaml", "version: 1\ndatasets: [{id: a, metadata: {title: T}, files: '*.csv'}]")
    monkeypatch.chdir(tmp_path)
    manifest = loaded(load_manifest(Path("b.yaml")))
    (file,), problems = resolve_files(manifest, manifest.datasets[0])
    assert (file.shown, problems) == ("a.csv", [])


def test_many_files(tmp_path: Path, resolve: Resolve) -> None:
    for folder in range(20):
        (tmp_path / "data" / str(folder)).mkdir(parents=True)
        for number in range(500):
            path = tmp_path / "data" / str(folder) / f"{folder}-{number}.csv"
            path.write_bytes(b"x")
            os.utime(path, (1, 1))
    started = time.process_time()
    files, problems = resolve("data/**/*.csv", limits={"files": 10_000})
    assert (len(files), problems) == (10_000, [])
    assert time.process_time() - started < 5  # some 0.5 s on one core of 2024
    assert [file.name for file in files[:2]] == ["0-0.csv", "0-1.csv"]


def test_a_folder_that_is_not_there_is_missed_in_the_manifests_folder(write: Write, tmp_path: Path) -> None:
    path = write("batch.yaml", "version: 1\ndatasets: [{id: a, metadata: {title: abc}, files: ['data/*.csv']}]\n")
    manifest = loaded(load_manifest(path))
    (problem,) = resolve_files(manifest, manifest.datasets[0])[1]
    assert problem.hint == "There is no folder 'data/' in the manifest's folder."


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("data\\a.csv", "Write / between folders: 'data/a.csv'"),
        ("C:\\Users\\me\\*.csv", "Paths begin at the manifest's folder, and have / between folders: data/a.csv"),
        ("\\\\server\\a.csv", "Paths begin at the manifest's folder, and have / between folders: data/a.csv"),
    ],
)
def test_a_path_as_windows_shows_it(resolve: Resolve, written: str, hint: str) -> None:
    (problem,) = resolve(written)[1]
    assert problem.hint == hint


def test_a_manifest_in_the_folder_where_one_is(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("data/a.csv")
    write("b.csv")
    (tmp_path / "m.csv").write_text("id,files\na,data/*.csv; ./b.csv; data//../b.csv\n")
    monkeypatch.chdir(tmp_path)
    manifest = load_manifest(Path("m.csv")).manifest
    assert manifest is not None
    files, problems = resolve_files(manifest, manifest.datasets[0])
    assert [problem.code for problem in problems if problem.code != "file_growing"] == []
    assert [(file.where, file.shown) for file in files] == [("data/a.csv", "data/a.csv"), ("b.csv", "b.csv")]
