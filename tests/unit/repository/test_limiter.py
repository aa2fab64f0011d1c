from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from email.utils import formatdate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchdep.repository.clock import ServerClock
from batchdep.repository.limiter import RateLimiter, retry_after
from batchdep.repository.windows import Allowance, Budget, Outlook, least_seconds, likely_period
from tests.unit.repository.virtual import VirtualLoop, run_virtually

EPOCH = 1_800_000_000.25


class FixedWindows:
    """A server that counts in fixed windows which begin with their first request, as Zenodo's does."""

    def __init__(self, loop: VirtualLoop, limits: Mapping[int, float], *, rounds_up: bool, ahead: float = 0.0) -> None:
        self._loop = loop
        self._ahead = ahead
        self._rounds_up = rounds_up
        self._limits = limits
        self._windows: dict[int, tuple[float, int]] = {}
        self.statuses: list[int] = []
        self.most_at_once = 0
        self._at_once = 0

    @property
    def now(self) -> float:
        return EPOCH + self._ahead + self._loop.time()

    async def answer(self, latency: float, *, work: float = 0.0) -> tuple[int, dict[str, str]]:
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        await asyncio.sleep(latency / 2)
        status, headers = self._count()
        await asyncio.sleep(work + latency / 2)
        self._at_once -= 1
        return status, headers

    def _count(self) -> tuple[int, dict[str, str]]:
        told: list[tuple[int, int, float]] = []  # of the tightest window, as answers do, the longer one of equals
        for limit, period in self._limits.items():
            expiry, hits = self._windows.get(limit, (0.0, 0))
            if self.now >= expiry:
                expiry, hits = self.now + period, 0
            self._windows[limit] = expiry, hits + 1
            told.append((limit - hits - 1, -limit, expiry))
        remaining, negative_limit, expiry = min(told)
        status = 200 if remaining >= 0 else 429
        self.statuses.append(status)
        reset = math.floor(expiry) + self._rounds_up
        return status, {
            "Date": formatdate(math.floor(self.now), usegmt=True),
            "X-RateLimit-Limit": str(-negative_limit),
            "X-RateLimit-Remaining": str(max(remaining, 0)),
            "X-RateLimit-Reset": str(reset),
            "Retry-After": str(max(0, int(reset - self.now))),
        }


def limiter_on(loop: VirtualLoop) -> tuple[RateLimiter, ServerClock]:
    clock = ServerClock(loop.time, lambda: EPOCH + loop.time())
    return RateLimiter(clock, monotonic=loop.time, jitter=lambda: 1.0), clock


async def request(
    loop: VirtualLoop, limiter: RateLimiter, clock: ServerClock, server: FixedWindows, latency: float
) -> None:
    await limiter.acquire()
    asked = loop.time()
    status, headers = await server.answer(latency)
    clock.observe(headers["Date"], asked, loop.time())
    limiter.release(status, headers, asked=asked)


async def work_off(
    loop: VirtualLoop,
    server: FixedWindows,
    requests: int,
    workers: int,
    latency: Callable[[int], float],
    client: tuple[RateLimiter, ServerClock] | None = None,
) -> float:
    limiter, clock = client or limiter_on(loop)
    started = loop.time()
    numbers = iter(range(requests))

    async def work() -> None:
        for number in numbers:
            await request(loop, limiter, clock, server, latency(number))

    await asyncio.gather(*(work() for _ in range(workers)))
    return loop.time() - started


@settings(max_examples=60, deadline=None)
@given(
    limit=st.integers(20, 150),
    period=st.sampled_from([60.0, 90.0, 300.0]),
    windows=st.integers(1, 5),
    rest=st.integers(0, 19),
    workers=st.integers(4, 24),
    latencies=st.lists(st.floats(0.01, 1.0), min_size=1, max_size=7),
    rounds_up=st.booleans(),
    ahead=st.floats(-700, 700),
)
def test_alone_it_earns_no_refusal_and_wastes_no_time(
    limit: int,
    period: float,
    windows: int,
    rest: int,
    workers: int,
    latencies: list[float],
    rounds_up: bool,
    ahead: float,
) -> None:
    requests = limit * windows + rest

    async def main(loop: VirtualLoop) -> None:
        server = FixedWindows(loop, {limit: period}, rounds_up=rounds_up, ahead=ahead)
        seconds = await work_off(loop, server, requests, workers, lambda n: latencies[n % len(latencies)])
        assert set(server.statuses) == {200}
        assert len(server.statuses) == requests
        slowest = max(latencies)
        last_window = (rest or limit) / workers * slowest  # no limit makes that faster
        assert seconds <= 1.05 * least_seconds(requests, {limit: period}) + last_window + 4 * slowest

    run_virtually(main)


@settings(max_examples=20, deadline=None)
@given(
    limit=st.integers(10, 30),
    minutes=st.integers(2, 8),
    workers=st.integers(1, 16),
    rounds_up=st.booleans(),
)
def test_several_windows_are_kept_at_once(limit: int, minutes: int, workers: int, rounds_up: bool) -> None:
    hours = limit * minutes  # otherwise the longer window ends before an answer ever told of it

    async def main(loop: VirtualLoop) -> None:
        server = FixedWindows(loop, {limit: 60.0, hours: 3600.0}, rounds_up=rounds_up)
        seconds = await work_off(loop, server, 2 * hours + 5, workers, lambda _: 0.1)
        assert set(server.statuses) == {200}
        assert 7200 <= seconds <= 7200 * 1.05

    run_virtually(main)


@pytest.mark.parametrize("period", [6.0, 60.0])
@pytest.mark.parametrize("rounds_up", [True, False])
def test_a_window_that_ones_own_request_opened_is_over_after_its_period(rounds_up: bool, period: float) -> None:
    """Whatever whole second the server tells."""

    async def main(loop: VirtualLoop) -> None:
        server = FixedWindows(loop, {100: period}, rounds_up=rounds_up)
        seconds = await work_off(loop, server, 1100, 16, lambda _: 0.05)
        assert set(server.statuses) == {200}
        assert 10 * period <= seconds <= 10 * period * 1.01 + 0.4

    run_virtually(main)


def test_a_window_that_only_seems_customary_costs_one_refusal() -> None:
    async def main(loop: VirtualLoop) -> None:
        server = FixedWindows(loop, {30: 7.0}, rounds_up=False)
        await work_off(loop, server, 300, 1, lambda _: 0.05)
        assert server.statuses.count(429) <= 1

    run_virtually(main)


def test_one_request_goes_ahead_while_the_budget_is_unknown() -> None:
    async def main(loop: VirtualLoop) -> None:
        server = FixedWindows(loop, {3: 60.0}, rounds_up=False)
        limiter, clock = limiter_on(loop)
        requests = [asyncio.ensure_future(request(loop, limiter, clock, server, 0.3)) for _ in range(3)]
        await asyncio.sleep(0.2)
        assert len(server.statuses) == 1
        await asyncio.gather(*requests)
        assert server.most_at_once == 2

    run_virtually(main)


def test_a_first_request_that_takes_long_does_not_hold_up_the_others() -> None:
    async def main(loop: VirtualLoop) -> None:
        limiter, _ = limiter_on(loop)
        await limiter.acquire()
        started = loop.time()
        await limiter.acquire()
        assert loop.time() - started == pytest.approx(10)

    run_virtually(main)


def test_without_rate_headers_nothing_waits() -> None:
    async def main(loop: VirtualLoop) -> None:
        limiter, _ = limiter_on(loop)
        started = loop.time()
        for _ in range(1000):
            await limiter.acquire()
            limiter.release(200, {})
        assert loop.time() == started
        assert limiter.outlook() == Outlook()

    run_virtually(main)


@pytest.mark.parametrize(
    ("status", "headers", "least", "most"),
    [
        (429, {"Retry-After": "40"}, 40, 40),
        (429, {"Retry-After": "0"}, 1, 1),
        (429, {}, 2, 2),
        (503, {"Retry-After": "7"}, 7, 7),
        (503, {}, 0, 0),
        (200, {"Retry-After": "50"}, 0, 0),
        (201, {"Retry-After": "50"}, 0, 0),
        (429, {"Retry-After": "99999999999999999999"}, 86400, 86400),
    ],
)
def test_a_refusal_makes_everybody_wait(status: int, headers: dict[str, str], least: float, most: float) -> None:
    async def main(loop: VirtualLoop) -> None:
        limiter, _ = limiter_on(loop)
        await limiter.acquire()
        limiter.release(status, headers)
        started = loop.time()
        await limiter.acquire()
        assert least <= loop.time() - started <= most

    run_virtually(main)


def test_refusals_that_tell_nothing_are_met_with_growing_waits() -> None:
    async def main(loop: VirtualLoop) -> None:
        limiter, _ = limiter_on(loop)
        waits = []
        for _ in range(10):
            started = loop.time()
            await limiter.acquire()
            waits.append(loop.time() - started)
            limiter.release(429, {})
        assert waits == [0, 2, 4, 8, 16, 32, 64, 128, 256, 300]

    run_virtually(main)


def test_a_refusal_that_lies_about_the_wait_is_not_believed_for_ever() -> None:
    async def main(loop: VirtualLoop) -> None:
        limiter, _ = limiter_on(loop)
        for _ in range(12):
            await limiter.acquire()
            limiter.release(429, {"Retry-After": "0"})
        assert loop.time() - 1000 > 600

    run_virtually(main)


def test_a_window_that_answers_do_not_tell_of_is_counted_down() -> None:
    async def main(loop: VirtualLoop) -> None:
        limiter, _ = limiter_on(loop)
        reset = str(int(EPOCH + loop.time() + 600))

        async def answered(limit: int, remaining: int) -> None:
            await limiter.acquire()
            told = {"Limit": str(limit), "Remaining": str(remaining), "Reset": reset}
            limiter.release(200, {f"X-RateLimit-{name}": value for name, value in told.items()})

        await answered(5000, 3)
        for remaining in (99, 98, 97):
            await answered(100, remaining)
        assert loop.time() == 1000
        await limiter.acquire()
        assert loop.time() == pytest.approx(1600, abs=2)

    run_virtually(main)


def test_it_tells_until_when_it_waits_and_how_long_requests_will_take() -> None:
    async def main(loop: VirtualLoop) -> None:
        server = FixedWindows(loop, {10: 60.0}, rounds_up=True)
        limiter, clock = limiter_on(loop)
        for _ in range(10):
            await request(loop, limiter, clock, server, 0.1)
        seconds = [limiter.outlook().seconds_for(requests, loop.time()) for requests in (0, 10, 11)]
        assert seconds == [0, pytest.approx(60, abs=2), pytest.approx(120, abs=3)]
        assert limiter.outlook().seconds_for(15, loop.time(), each=2.0) == pytest.approx(130, abs=3)
        assert limiter.waiting_until is None
        waiting = asyncio.ensure_future(request(loop, limiter, clock, server, 0.1))
        await asyncio.sleep(1)
        assert limiter.waiting_until == pytest.approx(1060, abs=3)
        assert limiter.outlook().held == pytest.approx(1.0, abs=0.2)
        await waiting
        assert limiter.waiting_until is None
        assert limiter.outlook().held == pytest.approx(60, abs=3)

    run_virtually(main)


def test_a_waiter_that_is_cancelled_leaves_its_place() -> None:
    async def main(loop: VirtualLoop) -> None:
        server = FixedWindows(loop, {1: 60.0}, rounds_up=True)
        limiter, clock = limiter_on(loop)
        await request(loop, limiter, clock, server, 0.1)
        waiting = [asyncio.ensure_future(request(loop, limiter, clock, server, 0.1)) for _ in range(2)]
        await asyncio.sleep(1)
        waiting[0].cancel()
        await waiting[1]
        assert server.statuses == [200, 200]

    run_virtually(main)


def test_requests_that_never_arrived_are_not_counted() -> None:
    async def main(loop: VirtualLoop) -> None:
        server = FixedWindows(loop, {3: 60.0}, rounds_up=True)
        limiter, clock = limiter_on(loop)
        await request(loop, limiter, clock, server, 0.1)
        started = loop.time()
        for _ in range(5):
            await limiter.acquire()
            limiter.release(None, {}, reached=False)
        await request(loop, limiter, clock, server, 0.1)
        assert loop.time() - started == pytest.approx(0.1)

    run_virtually(main)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-RateLimit-Limit": "100"},
        {"X-RateLimit-Limit": "many", "X-RateLimit-Remaining": "1", "X-RateLimit-Reset": "2"},
        {"X-RateLimit-Limit": "0", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2"},
        {"X-RateLimit-Limit": "inf", "X-RateLimit-Remaining": "1", "X-RateLimit-Reset": "2"},
    ],
)
def test_headers_without_sense_are_no_budget(headers: dict[str, str]) -> None:
    assert Budget.of(headers) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12", 12.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 60.0),
        ("Wed, 21 Oct 2026 07:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("-5", None),
        ("²", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    assert retry_after({"Retry-After": text}, server_time=1_792_567_620.0) == seconds


def test_the_documented_limits_give_the_least_time_of_a_plan() -> None:
    assert least_seconds(0) == least_seconds(100) == 0
    assert least_seconds(300) == 120
    assert least_seconds(5001) == 3600
    assert least_seconds(12_000) == 2 * 3600 + 19 * 60
    assert least_seconds(10**9, {}) == 0


@pytest.mark.parametrize(
    ("requests", "each", "seconds"),
    [
        (30, 0.0, 0),  # what both windows have left
        (50, 0.0, 20),  # the minute's next
        (131, 0.0, 20 + 60),
        (140, 0.0, 600),  # 139 is what the hour has left; what is left over begins with its next
        (139 + 101, 0.0, 600 + 60),
        (139 + 5001, 0.0, 600 + 3600),
        (139 + 50, 0.1, 600 + 5),
        (139, 6.0, 834),  # slower than any window
    ],
)
def test_windows_hold_up_together(requests: int, each: float, seconds: float) -> None:
    allowances = (Allowance(100, 60.0, 30, 1020.0), Allowance(5000, 3600.0, 139, 1600.0))
    assert Outlook(allowances).seconds_for(requests, 1000.0, each) == pytest.approx(seconds)


def test_a_pause_comes_before_everything() -> None:
    assert Outlook(paused_until=1040.0).seconds_for(5, 1000.0, 2.0) == 50
    assert Outlook(paused_until=900.0).seconds_for(5, 1000.0, 2.0) == 10


def test_ever_new_limits_take_no_time_to_think_of() -> None:
    allowances = tuple(Allowance(limit, 60.0 * limit, limit, 0.0) for limit in range(1, 500))
    assert Outlook(allowances).seconds_for(1000, 0.0) > 0


@pytest.mark.parametrize(
    ("limit", "rest", "just_opened", "period"),
    [
        (100, 59.2, True, 60),
        (100, 60.9, True, 60),
        (30, 90.0, True, 90),
        (100, 20.0, False, 60),
        (5000, 200.0, False, 3600),
        (8000, 200.0, False, 3600),
        (7, 20.0, False, 60),
        (7, -3.0, False, 6),
        (100, 900.0, False, 900),
        (7, 1e9, False, 1e9),
    ],
)
def test_the_length_of_a_window_is_guessed_from_its_rest(
    limit: int, rest: float, just_opened: bool, period: float
) -> None:
    assert likely_period(limit, rest, just_opened=just_opened) == period


def test_a_window_met_in_its_midst_is_as_long_as_those_after_it() -> None:
    async def main(loop: VirtualLoop) -> None:
        server = FixedWindows(loop, {40: 60.0}, rounds_up=True)
        for _ in range(10):  # somebody else's
            await server.answer(0.1)
        await asyncio.sleep(40)
        limiter, clock = limiter_on(loop)
        await request(loop, limiter, clock, server, 0.1)
        assert limiter.outlook().seconds_for(40, loop.time()) == pytest.approx(20, abs=2)
        assert limiter.outlook().seconds_for(80, loop.time()) == pytest.approx(80, abs=2)
        await work_off(loop, server, 40, 4, lambda _: 0.1, (limiter, clock))
        assert [each.period for each in limiter.outlook().allowances] == [60]

    run_virtually(main)


def test_the_hour_that_goes_with_the_minute_is_foreseen_before_answers_tell_of_it() -> None:
    async def main(loop: VirtualLoop) -> None:
        server = FixedWindows(loop, {60: 60.0, 2000: 3600.0}, rounds_up=True)
        client = limiter_on(loop)
        await work_off(loop, server, 10, 4, lambda _: 0.1, client)
        assert [each.limit for each in client[0].outlook().allowances] == [60, 2000]
        assert client[0].outlook().seconds_for(1991, loop.time()) == pytest.approx(3600, abs=3)
        await work_off(loop, server, 2000, 4, lambda _: 0.1, client)  # 10 of them in the next hour
        assert [each.limit for each in client[0].outlook().allowances] == [60, 2000]
        assert client[0].outlook().seconds_for(1991, loop.time()) == pytest.approx(3600, abs=5)

    run_virtually(main)


def test_an_hour_that_answers_belie_is_forgotten() -> None:
    async def main(loop: VirtualLoop) -> None:
        server = FixedWindows(loop, {60: 60.0}, rounds_up=True)
        client = limiter_on(loop)
        await work_off(loop, server, 1900, 4, lambda _: 0.1, client)
        assert [each.limit for each in client[0].outlook().allowances] == [60, 2000]
        await work_off(loop, server, 150, 4, lambda _: 0.1, client)
        assert [each.limit for each in client[0].outlook().allowances] == [60]

    run_virtually(main)


def test_the_length_of_a_window_once_seen_whole_is_remembered() -> None:
    async def main(loop: VirtualLoop) -> None:
        server = FixedWindows(loop, {40: 90.0}, rounds_up=True)
        limiter, clock = limiter_on(loop)
        await request(loop, limiter, clock, server, 0.1)
        await asyncio.sleep(95)
        for _ in range(10):  # somebody else's
            await server.answer(0.1)
        await asyncio.sleep(40)
        await request(loop, limiter, clock, server, 0.1)
        assert [each.period for each in limiter.outlook().allowances] == [pytest.approx(90, abs=2)]

    run_virtually(main)


def test_a_longer_window_that_began_anew_unseen_ends_in_its_time() -> None:
    async def main(loop: VirtualLoop) -> None:
        server = FixedWindows(loop, {50: 60.0, 120: 3600.0}, rounds_up=True)
        client = limiter_on(loop)
        await work_off(loop, server, 120, 4, lambda _: 0.1, client)
        await work_off(loop, server, 60, 4, lambda _: 0.1, client)  # an hour later, in two minutes
        began = 4600.0
        longer = next(each for each in client[0].outlook().allowances if each.limit == 120)
        assert longer.ends == pytest.approx(began + 3600, abs=5)
        assert longer.free == 60

    run_virtually(main)


def test_closing_ends_every_wait_and_lets_nothing_go() -> None:
    async def main(loop: VirtualLoop) -> None:
        server = FixedWindows(loop, {1: 600.0}, rounds_up=True)
        limiter, clock = limiter_on(loop)
        await request(loop, limiter, clock, server, 0.1)
        began = loop.time()
        waiting = [asyncio.ensure_future(limiter.acquire()) for _ in range(3)]
        await asyncio.sleep(1)
        limiter.close()
        assert await asyncio.gather(*waiting) == [False] * 3
        assert loop.time() - began < 5
        assert not await limiter.acquire()

    run_virtually(main)
