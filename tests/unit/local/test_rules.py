"""Small rules: the old upload's names, dates, sizes, limits in words, the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchdep.local.__main__ import options_from
from batchdep.local.legacy_files import secure_name
from batchdep.local.limits import describe
from batchdep.local.metadata import normalise
from batchdep.local.model import StoredFile, from_document, new_deposition, to_document
from batchdep.local.options import LocalOptions, RateLimit, is_loopback
from batchdep.local.pages import human_size
from batchdep.local.times import is_edtf


@given(st.text())
def test_secure_names_are_safe(name: str) -> None:
    found = secure_name(name)
    assert "/" not in found
    assert found.isascii()
    assert not found.startswith(".")
    assert secure_name(found) == found


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("2026", True),
        ("2026-11", True),
        ("2026-11-24", True),
        ("2020/2021-05", True),
        ("2021/2020", False),
        ("2026-02-31", False),
        ("2020/2021/2022", False),
        ("/2020", False),
        ("24/11/2026", False),
        ("2026-11-24T10:00", False),
        ("", False),
    ],
)
def test_dates(text: str, fine: bool) -> None:
    assert is_edtf(text) is fine


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (RateLimit(133, 60), "133 per 1 minute"),
        (RateLimit(8000, 3600), "8000 per 1 hour"),
        (RateLimit(2, 0.5), "2 per 0.5 second"),
    ],
)
def test_limits_in_words(limit: RateLimit, words: str) -> None:
    assert describe(limit) == words


@pytest.mark.parametrize(("requests", "seconds"), [(0, 60), (1, 0), (1, -1)])
def test_limits_that_cannot_be(requests: int, seconds: float) -> None:
    with pytest.raises(ValueError, match="at least 1 request"):
        RateLimit(requests, seconds)


@pytest.mark.parametrize(("size", "words"), [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (5e9, "5 GB")])
def test_sizes(size: float, words: str) -> None:
    assert human_size(size) == words


@pytest.mark.parametrize(
    ("host", "fine"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("localhost", True), ("::1", True), ("[::1]", True), ("e.org", False)],
)
def test_loopback(host: str, fine: bool) -> None:
    assert is_loopback(host) is fine


def test_accounts(tmp_path: Path) -> None:
    options = LocalOptions(tmp_path, token="a", tokens={"b": "bob", "c": "bob"})
    assert options.accounts == {"a": "local", "b": "bob", "c": "bob"}
    assert [options.account_number(name) for name in ("local", "bob", "gone")] == [1, 2, 0]
    assert LocalOptions(tmp_path).accounts == {}


def test_a_deposition_is_read_as_it_was_written() -> None:
    deposition = new_deposition(4, 3, "local")
    normal = normalise({"title": "A title", "notes": "ab"})
    deposition.metadata, deposition.defects = normal.metadata, normal.defects
    deposition.files["a"] = StoredFile("id", "a", 5, "md5", "now")
    assert deposition.defects
    assert from_document(to_document(deposition)) == deposition


def test_the_command_line(tmp_path: Path) -> None:
    words = f"--data {tmp_path} --port 5 --token t --account u=bob --rate-limit 100/60 --rate-limit 5000/3600 --seed 3"
    words += " --trap 500=0.1 --trap drop-after=0.2 --index-delay 1 --answer-delay 0.05 --quota 10 --max-files 3"
    words += " --doi-prefix 10.5281 --late 2 --gateway-timeout 7"
    options = options_from([*words.split(), "--journal", str(tmp_path / "j")])
    assert options == LocalOptions(
        data=tmp_path,
        port=5,
        token="t",
        tokens={"u": "bob"},
        rate_limits=(RateLimit(100, 60), RateLimit(5000, 3600)),
        seed=3,
        traps={"500": 0.1, "drop-after": 0.2},
        index_delay=1,
        answer_delay=0.05,
        bucket_quota=10,
        max_files=3,
        doi_prefix="10.5281",
        late=2,
        gateway_timeout=7,
        journal=tmp_path / "j",
    )


@pytest.mark.parametrize("bad", ["--rate-limit x", "--trap 500", "--account nothing"])
def test_a_command_line_that_cannot_be(tmp_path: Path, bad: str) -> None:
    with pytest.raises(SystemExit):
        options_from(["--data", str(tmp_path), *bad.split()])
