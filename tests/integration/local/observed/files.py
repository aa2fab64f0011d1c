"""Observed: Files, by the bucket."""

from __future__ import annotations

from tests.integration.local.conftest import md5
from tests.integration.local.observed.case import Section, World

FILES = Section("file")
MODULE = "test_files.py"
TYPES = f"{MODULE}::test_content_types"
IGNORED = f"{MODULE}::test_headers_that_are_ignored"

FILES.held("new", "PUT of a new name: 201", f"{MODULE}::test_replacing_gives_one_entry_and_a_new_id")
FILES.held(
    "replaced", "the same name again: one entry, new file id", f"{MODULE}::test_replacing_gives_one_entry_and_a_new_id"
)
FILES.held_all(
    f"{MODULE}::test_empty_files_are_refused_and_the_old_one_stays",
    {
        "empty": '0 bytes: 400 "Empty files are not accepted.", nothing left',
        "empty-over-old": "0 bytes over an old file: the old one stays",
    },
)
for sent, status in (
    ("application/octet-stream", 201),
    ("application/json", 415),
    ("text/plain", 415),
    ("image/png", 415),
    ("application/x-www-form-urlencoded", 415),
):
    FILES.held(f"type {sent}", f"Content-Type {sent}: {status}", f"{TYPES}[{sent}-{status}]")
FILES.held("no-type", "no Content-Type: 201", f"{MODULE}::test_no_content_type_is_taken")
FILES.held("chunked", "chunked: the body is lost, 400, nothing there", f"{MODULE}::test_a_chunked_body_is_lost")
FILES.held_all(
    f"{MODULE}::test_less_than_promised_leaves_nothing",
    {
        "less": "10 promised, 5 sent: the connection is closed without an answer, nothing left",
        "less-over-old": "the same over an old file: it stays",
    },
)
FILES.held("more", "5 promised, 10 sent: 201, 5 kept", f"{MODULE}::test_more_than_promised_keeps_what_was_promised")
FILES.held("content-md5", "wrong Content-MD5: 201, ignored", f'{IGNORED}["Content-MD5":"bm9wZQ=="]')
FILES.held("content-encoding", "Content-Encoding gzip: 201, ignored", f'{IGNORED}["Content-Encoding":"gzip"]')
FILES.held("content-range", "Content-Range: 201, ignored", f'{IGNORED}["Content-Range":"bytes 0-4/100"]')
FILES.held("large", "over 100 MiB: 201", f"{MODULE}::test_there_is_no_limit_of_100_mib_here")
FILES.held_all(
    f"{MODULE}::test_quota_is_answered_before_the_body_is_read",
    {
        "quota": 'over quota: 400 "Bucket quota exceeded."',
        "quota-early": "over quota: answered before the body is read",
        "quota-old": "over quota: old files stay",
        "quota-replacing": "replacing counts only the difference",
    },
)
FILES.held_all(
    f"{MODULE}::test_one_file_too_many",
    {"101st": "one file too many: 400 with its message", "replacing-at-limit": "replacing at the limit is fine"},
)
FILES.held_all(
    f"{MODULE}::test_whose_bucket",
    {
        "bucket-other": "another's bucket: 403",
        "bucket-nobody": "nobody: 403",
        "bucket-wrong-token": "wrong token: 403",
        "bucket-unknown": "unknown bucket: 404",
        "bucket-no-uuid": "bucket not a uuid: 500",
    },
)
FILES.held_all(
    f"{MODULE}::test_reading_by_the_bucket",
    {
        "get": "GET B/NAME of a draft: 200, ETag",
        "head": "HEAD B/NAME: 200",
        "range": "Range not honoured",
        "get-missing": "GET of a missing name: 403",
        "get-bucket": "GET B: 500",
    },
)
FILES.held_all(
    f"{MODULE}::test_delete_by_the_bucket_answers_500_and_deletes",
    {"delete": "DELETE B/NAME: 500, yet the file is deleted", "delete-again": "again 404, and its message"},
)
FILES.held_all(
    f"{MODULE}::test_delete_by_id",
    {
        "delete-id": "DELETE ID/files/FILE_ID: 204",
        "delete-id-again": "again: 404",
        "delete-id-unknown": "unknown id: 404",
        "delete-id-name": "not a uuid: 500",
        "delete-id-other": "another's: 403",
    },
)


@FILES.case("content-range-over-old", "Content-Range over an old file: the part replaces it")
async def _(world: World) -> None:
    draft = await world.draft()
    await world.api.put(draft, content=b"0123456789")
    answer = await world.api.put(draft, content=b"xyz", headers={"Content-Range": "bytes 2-4/10"})
    assert answer.status == 201
    assert await world.api.files(draft) == {"a.txt": md5(b"xyz")}


@FILES.case("type-refused", "415 leaves nothing")
async def _(world: World) -> None:
    draft = await world.draft()
    assert (await world.api.put(draft, headers={"Content-Type": "text/plain"})).status == 415
    assert await world.api.files(draft) == {}


@FILES.case("get-record", "GET and HEAD B/NAME of a record: 200")
async def _(world: World) -> None:
    record = await world.api.published()
    for method in ("GET", "HEAD"):
        assert (await world.api.ask(method, f"{record['links']['bucket']}/a.txt")).status == 200
