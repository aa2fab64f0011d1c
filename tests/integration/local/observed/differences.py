"""Where the embedded repository differs, and which of Zenodo's answers say nothing about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """What the account says, what is so here, and why it stays so. A sentence each, without a full stop."""

    zenodo: str
    here: str
    why: str


DIFFERENCES: dict[str, Difference] = {
    "race-lost-publish": Difference(
        "publish sent whole, the connection cut before the answer: not done",
        "done",
        "a client must bear both; the trap `drop-before` gives the other one",
    ),
    "race-lost-create": Difference(
        "create sent whole, the connection cut before the answer: not done",
        "done",
        "a client must bear both; the trap `drop-before` gives the other one",
    ),
    "token-cookie": Difference(
        "the first answer sets a `csrftoken` cookie",
        "no cookie",
        "it may be sent back or not, so nothing depends on it",
    ),
    "metadata-award that is none": Difference(
        "an award that its funder never made: 400 at once",
        "taken, where its number has the form of the funder's awards",
        "no list of all awards fits into the program",
    ),
}
"""By the id of the case, which asserts what Zenodo does and must fail."""

OUTSIDE: tuple[tuple[str, str], ...] = (
    ("gunicorn's answers where they differ from those of nginx and uWSGI", "it has the front end of the latter"),
    ("InvenioRDM's own uploads of content, as the web form does them", "of its own calls it has a few only"),
    ("the review request that publishing opens in somebody else's community", "it has no reviews to look at"),
    ("scopes of tokens are not checked", "its tokens have none"),
    (
        "a token that counts as a guest or not; 133 and 1,000 a minute",
        "its limits are those that it is started with, none by default",
    ),
    (
        "somebody else's and unknown communities",
        "`local` is everybody's own, `zenodo` somebody else's, others are unknown",
    ),
    ("most links of /records/ID", "`latest` carries the latest version's number, which older clients read out of it"),
    ("seconds that an upload or a publication takes", "it is as fast as the machine"),
)
"""What is not counted, and why."""
