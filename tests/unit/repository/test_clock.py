from __future__ import annotations

from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchdep.repository.clock import SLACK, ServerClock, parse_http_date

EPOCH = 1_800_000_000.0


class Time:
    def __init__(self) -> None:
        self.now = 500.0

    def __call__(self) -> float:
        return self.now


def http_date(moment: float) -> str:
    return formatdate(int(moment), usegmt=True)


@given(
    ahead=st.floats(-1000, 1000),
    answers=st.lists(st.tuples(st.floats(0.01, 3), st.floats(0.001, 5), st.floats(0, 1)), min_size=1, max_size=30),
)
def test_the_servers_time_is_within_the_bounds(ahead: float, answers: list[tuple[float, float, float]]) -> None:
    time = Time()
    clock = ServerClock(time, wall=lambda: 0.0)
    width = float("inf")
    for pause, took, written in answers:
        time.now += pause
        asked = time.now
        date = http_date(EPOCH + ahead + asked + took * written)
        time.now += took
        clock.observe(date, asked, time.now)
        assert clock.earliest() <= EPOCH + ahead + time.now <= clock.latest()
        assert clock.earliest_now() <= clock.server_now()
        assert clock.latest() - clock.earliest() <= width + 1e-6
        width = clock.latest() - clock.earliest()


def test_answers_on_both_sides_of_a_second_tell_the_time_exactly() -> None:
    time = Time()
    clock = ServerClock(time, wall=lambda: 0.0)
    for now in (500.5, 500.99, 501.01):
        time.now = now
        clock.observe(http_date(EPOCH + now), now - 0.01, now)
    assert clock.latest() - clock.earliest() <= 0.05 + 2 * SLACK


def test_a_clock_that_was_set_is_followed() -> None:
    time = Time()
    clock = ServerClock(time, wall=lambda: 0.0)
    clock.observe(http_date(EPOCH), 500.0, 500.0)
    clock.observe(http_date(EPOCH + 600), 500.0, 500.0)
    assert clock.known
    assert clock.earliest() >= EPOCH + 599


def test_before_any_answer_the_local_clock_is_believed() -> None:
    clock = ServerClock(lambda: 1.0, wall=lambda: EPOCH)
    clock.observe(None, 0.0, 1.0)
    clock.observe("yesterday", 0.0, 1.0)
    assert not clock.known
    assert clock.earliest() == clock.latest() == clock.server_now().timestamp() == EPOCH


@pytest.mark.parametrize("text", [None, "", "now", "Wed, 99 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 99999 07:28:00 GMT"])
def test_what_is_no_date_is_none(text: str | None) -> None:
    assert parse_http_date(text) is None
