"""Observed: Names of files; the old way to upload, with its renaming."""

from __future__ import annotations

import json

from tests.integration.local.conftest import md5
from tests.integration.local.observed.case import Section, World
from tests.integration.local.raw import Raw, path_of
from tests.integration.local.test_files import EMPTY, post

NAMES, OLD_WAY = Section("name"), Section("old-way")
MODULE = "test_files.py"

CHARACTERS = {
    "spaces": "a b  c",
    "reserved": "&+%?#;,\"'\\<>:*|=@$",
    "brackets": "[]{}()",
    "tab": "a\tb",
    "newline": "a\nb",
    "combining": "e\u0301",
    "composed": "\u00e9",
    "script": "日本語.txt",
    "leading-dot": ".hidden",
    "255": "ü" * 255,
}


def kept(name: str, sent: str) -> None:
    """One row of CHARACTERS as a case."""

    async def check(world: World) -> None:
        draft = await world.draft()
        answer = await world.api.put(draft, sent)
        assert (answer.status, answer.body["key"]) == (201, sent)
        assert list(await world.api.files(draft)) == [sent]
        assert (await world.api.ask("GET", answer.body["links"]["self"])).body == "hello"

    NAMES.case(name, "201, the same key, readable")(check)


for label, characters in CHARACTERS.items():
    kept(label, characters)


@NAMES.case("256", '256 characters: 400 "Filename is too long."')
async def _(world: World) -> None:
    answer = await world.api.put(await world.draft(), "ü" * 256)
    assert (answer.status, answer.body["message"]) == (400, "Filename is too long.")


TIDIED = f"{MODULE}::test_names_that_the_proxy_tidies"
for label, row, claim in (
    ("slash", "/a/b-404-None", "a slash: 404"),
    ("slash-encoded", "/a%2Fb-404-None", "a slash as %2F: 404"),
    ("nul", "/a%00b-400-None", "NUL: 400, HTML of the proxy"),
    ("leading-slash", "/%2Fx-201-x", "/x is stored as x"),
    ("climbing", "/a%2F..%2Fb-201-b", "a/../b is stored as b"),
    ("dot", "/.-404-None", ".: 404"),
    ("dot-dot", "/%2E%2E-404-None", "..: 404"),
):
    NAMES.held(label, claim, f"{TIDIED}[{row}]")


@NAMES.case("nul-html", "NUL: the 400 is HTML")
async def _(world: World) -> None:
    answer = await world.api.ask("PUT", f"{(await world.draft())['links']['bucket']}/a%00b", data=b"x")
    assert (answer.status, answer.headers["Content-Type"].partition(";")[0]) == (400, "text/html")


@NAMES.case("climbing-out", "../x hits another route: nothing is stored in the bucket")
async def _(world: World) -> None:
    draft = await world.draft()
    raw = await Raw.open(world.api.origin)
    await raw.send("PUT", path_of(draft["links"]["bucket"]) + "/%2E%2E%2Fx", b"hello")
    assert (await raw.answer())[0] >= 400
    assert await world.api.files(draft) == {}


@NAMES.case("links-self", "links.self in the answer is right, of a tidied name too")
async def _(world: World) -> None:
    draft = await world.draft()
    raw = await Raw.open(world.api.origin)
    await raw.send("PUT", path_of(draft["links"]["bucket"]) + "/a/../b", b"hello")
    _, body = await raw.answer()
    link = json.loads(body)["links"]["self"]
    assert link.endswith("/b")
    assert (await world.api.ask("GET", path_of(link))).body == "hello"


OLD = f"{MODULE}::test_the_old_way"
REWRITTEN = f"{MODULE}::test_the_old_way_rewrites_names"
for label, row, claim in (
    ("plain", "plain.txt-plain.txt", "201 {id filename filesize checksum links}"),
    ("spaces", "a b.txt-a_b.txt", "spaces to _"),
    ("accents", r"\xe9.txt-e.txt", "letters' accents removed"),
    ("script", r"\u65e5\u672c\u8a9e.txt-txt", "日本語.txt is stored as txt"),
    ("characters", "a&b(c).txt-abc.txt", "other characters dropped"),
    ("folder", "dir/f-dir_f", "dir/f to dir_f"),
    ("leading-dot", ".hidden-hidden", "leading dots gone"),
):
    OLD_WAY.held(label, claim, f"{REWRITTEN}[{row}]")
OLD_WAY.held_all(
    OLD,
    {
        "nothing-left": "a name of which nothing is left: 403",
        "no-name": "no name: the file's own name",
        "exists": 'same name again: 400 "File with key ... already exists.", not replaced',
        "missing-file": "missing file: 400, not understood",
        "unnamed-file": "unnamed file: 400",
        "empty": "empty: 400",
        "two-files": "two file parts: the first counts",
    },
)
OLD_WAY.held("413", "over 100 MiB: 413, HTML", f"{MODULE}::test_the_old_way_takes_100_mib_and_no_more")
OLD_WAY.held_all(
    "test_depositions.py::test_methods_that_are_not_there",
    {"rename": "rename (PUT of a file): 405", "sort": "sort (PUT of the files): 405"},
)


@OLD_WAY.case("collision", 'names that become the same collide: "a b.txt", then "a_b.txt"')
async def _(world: World) -> None:
    draft = await world.draft()
    assert (await post(world.api, draft, name=("a b.txt", None), file=(b"x", "x"))).status == 201
    again = await post(world.api, draft, name=("a_b.txt", None), file=(b"y", "x"))
    assert (again.status, again.body["message"]) == (400, "File with key a_b.txt already exists.")
    assert await world.api.files(draft) == {"a_b.txt": md5(b"x")}


@OLD_WAY.case("empty-message", "empty: 400, nothing left")
async def _(world: World) -> None:
    draft = await world.draft()
    answer = await post(world.api, draft, name=("e.txt", None), file=(b"", "x"))
    assert (answer.status, answer.body["message"]) == (400, EMPTY)
    assert await world.api.files(draft) == {}
