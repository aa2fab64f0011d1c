"""The table of what an answer means, row by row."""

from __future__ import annotations

import json
from typing import Any

import pytest

from batchdep.repository import FieldError, Reason, Rejected, Throttled, Unavailable, Unknown
from batchdep.repository.answers import Kind, Malformed, Reply, interrupted, judge, plain, unreadable

NOW = 1_800_000_000.0
KINDS = [Kind.REPEATABLE, Kind.REPLACING, Kind.ONCE]


def reply(status: int, document: Any = None, *, whole: bool = True, waited: float = 0.0, **headers: str) -> Reply:
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, named, content, whole=whole, waited=waited)


def judged(answer: Reply, kind: Kind = Kind.ONCE) -> Any:
    return judge(answer, kind, NOW, lambda name: {"resource_type": "upload_type"}.get(name, name))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_a_good_status_is_left_to_the_content(status: int, kind: Kind) -> None:
    assert judged(reply(status, Retry_After="60"), kind) is None


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (500, (Unavailable, Unavailable, Unknown)),
        (501, (Unavailable, Unknown, Unknown)),
        (502, (Unavailable, Unknown, Unknown)),
        (503, (Unavailable, Unknown, Unknown)),
        (504, (Unavailable, Unknown, Unknown)),
        (408, (Unavailable, Unknown, Unknown)),
        (302, (Unavailable, Unknown, Unknown)),
        (303, (Unavailable, Unknown, Unknown)),
        (304, (Unavailable, Unknown, Unknown)),
        (301, (Rejected, Rejected, Rejected)),
        (307, (Rejected, Rejected, Rejected)),
        (308, (Rejected, Rejected, Rejected)),
        (429, (Throttled, Throttled, Throttled)),
        (400, (Rejected, Rejected, Rejected)),
        (418, (Rejected, Rejected, Rejected)),
    ],
)
def test_a_status_means_what_it_allows_to_have_happened(status: int, expected: tuple[type, type, type]) -> None:
    assert tuple(type(judged(reply(status, b"<html>"), kind)) for kind in KINDS) == expected


@pytest.mark.parametrize("status", [500, 502, 503, 504, 302])
def test_before_all_was_sent_nothing_happened(status: int) -> None:
    assert isinstance(judged(reply(status, whole=False)), Unavailable)


def test_an_effect_may_come_late_where_somebody_gave_up_waiting() -> None:
    assert judged(reply(504)).late
    assert judged(reply(502, waited=60)).late
    assert not judged(reply(502)).late
    assert not judged(reply(500, waited=60)).late
    assert judged(reply(500)).status == 500


@pytest.mark.parametrize("kind", KINDS)
def test_503_with_a_time_to_come_back_did_nothing(kind: Kind) -> None:
    assert judged(reply(503, Retry_After="30"), kind) == Unavailable(
        "The repository answered 503 (Service Unavailable).", 30.0, status=503
    )


@pytest.mark.parametrize(
    ("headers", "after"),
    [
        ({"Retry_After": "17"}, 17.0),
        ({"X_RateLimit_Limit": "9", "X_RateLimit_Remaining": "0", "X_RateLimit_Reset": str(int(NOW) + 20)}, 21.0),
        ({"X_RateLimit_Limit": "9", "X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "5"}, 0.0),
        ({}, None),
    ],
)
def test_429_says_when_to_come_back(headers: dict[str, str], after: float | None) -> None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = Reply(429, named, b'{"message": "133 per 1 minute", "status": 429}')
    assert judged(answer) == Throttled(after, "133 per 1 minute")


@pytest.mark.parametrize(
    ("status", "message", "reason"),
    [
        (401, "Unauthorized", Reason.UNAUTHORIZED),
        (403, "Permission denied.", Reason.FORBIDDEN),
        (404, "Not found.", Reason.NOT_FOUND),
        (410, "Gone.", Reason.NOT_FOUND),
        (413, "Request Entity Too Large", Reason.QUOTA),
        (400, "Bucket quota exceeded.", Reason.QUOTA),
        (400, "Invalid value dataset.", Reason.INVALID),
        (415, "Invalid 'Content-Type' header.", Reason.INVALID),
        (412, "Revision id provided(1) doesn't match.", Reason.INVALID),
    ],
)
def test_a_refusal_has_its_reason(status: int, message: str, reason: Reason) -> None:
    assert judged(reply(status, {"status": status, "message": message})) == Rejected(reason, status, message)


def test_field_errors_are_kept_under_the_users_names() -> None:
    document = {
        "message": "A validation error occurred.",
        "errors": [
            {"field": "resource_type", "messages": ["Missing data for required field."]},
            {"field": "metadata.title", "message": "Too short."},
            {"field": "dates", "messages": [{"0": ["bad"]}, 5]},
            {"messages": "all in one"},
            {"field": None},
            "nonsense",
        ],
    }
    answer = judged(reply(400, document))
    assert answer.errors == (
        FieldError("upload_type", ("Missing data for required field.",)),
        FieldError("metadata.title", ("Too short.",)),
        FieldError("dates", ('{"0": ["bad"]}', "5")),
        FieldError("", ("all in one",)),
    )
    assert str(answer).startswith("upload_type: Missing data for required field.; metadata.title: Too short.")


@pytest.mark.parametrize(
    "document",
    [b"", b"<html><body>", b"[1, 2]", b"null", b'{"message": 5}', b'{"errors": 5}', b'{"errors": [5]}', b'{"mess'],
)
def test_a_refusal_without_readable_words_gets_some(document: bytes) -> None:
    assert judged(reply(400, document)) == Rejected(Reason.INVALID, 400, "The repository answered 400 (Bad Request).")


def test_a_page_of_html_is_known_by_its_title() -> None:
    page = b"<html><head><title>413 Request\nEntity  Too Large</title></head>"
    assert judged(reply(413, page)).message == "The repository answered 413 (413 Request Entity Too Large)."
    assert judged(reply(599, b"")).message == "The repository answered 599."


def test_a_servers_words_cannot_drive_the_terminal() -> None:
    answer = judged(reply(400, {"message": "\x1b[2Jboo\r\n\u202e" + "x" * 10_000}))
    assert answer.message.isprintable()
    assert answer.message.startswith("[2Jboo")
    assert len(answer.message) == 500
    assert plain("a\tb\n\nc") == "a b c"


def test_a_redirect_names_where_it_led() -> None:
    answer = judged(reply(301, Location="https://elsewhere.example.org/api"))
    assert answer.reason is Reason.UNTRUSTED
    assert "https://elsewhere.example.org/api" in answer.message


@pytest.mark.parametrize(
    ("kind", "whole", "expected"),
    [
        (Kind.REPEATABLE, False, Unavailable),
        (Kind.REPEATABLE, True, Unavailable),
        (Kind.REPLACING, False, Unavailable),
        (Kind.REPLACING, True, Unknown),
        (Kind.ONCE, False, Unavailable),
        (Kind.ONCE, True, Unknown),
    ],
)
def test_a_lost_answer_is_unknown_where_it_matters(kind: Kind, whole: bool, expected: type) -> None:
    assert isinstance(interrupted(kind, "lost", whole=whole, waited=0, timed_out=False), expected)


def test_a_lost_answer_is_late_after_a_long_wait() -> None:
    assert interrupted(Kind.ONCE, "", whole=True, waited=1, timed_out=True) == Unknown("", late=True)
    assert interrupted(Kind.ONCE, "", whole=True, waited=30, timed_out=False) == Unknown("", late=True)
    assert interrupted(Kind.ONCE, "", whole=True, waited=1, timed_out=False) == Unknown("", late=False)


def test_an_unreadable_good_answer_is_unknown_where_it_matters() -> None:
    kinds = {kind: type(unreadable(reply(200), kind, "no")) for kind in KINDS}
    assert kinds == {Kind.REPEATABLE: Unavailable, Kind.REPLACING: Unavailable, Kind.ONCE: Unknown}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<!doctype html>", "HTML"),
        (b"{", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"1" * 100_000, "no JSON"),
    ],
)
def test_what_is_no_json_is_named(content: bytes, words: str) -> None:
    with pytest.raises(Malformed, match=words):
        reply(200, content).json()
