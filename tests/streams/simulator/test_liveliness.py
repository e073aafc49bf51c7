"""A lively company: there is something to see, its past stays, and its figures stay sane."""

import json
from collections import Counter
from functools import cache
from itertools import pairwise, takewhile
from typing import Any, Final

import pytest

from aggregates.shard.plan import Plan
from events import parse_instant
from streams.local.intake import Intake
from streams.simulator import Company
from streams.simulator.stamp import DAY_MS, HOUR_MS, MINUTE_MS

START_MS: Final = parse_instant("2026-02-07T03:17:21Z") - 200 * DAY_MS
LIVE_MS: Final = START_MS + 200 * DAY_MS + 123
"""A Saturday night: next to nothing happens by itself."""

SEEDS: Final = (1, 2, 3)


@cache
def _events(seed: int, lively_ms: int | None, accounts: int = 150) -> list[tuple[int, bytes]]:
    """Returns a company's events up to a day after."""
    company = Company(seed, accounts, START_MS, horizon_days=200, lively_ms=lively_ms, activity=0.1)
    return list(takewhile(lambda timed: timed[0] < LIVE_MS + DAY_MS, company.events()))


def _told(seed: int, until_ms: int, accounts: int = 150) -> list[dict[str, Any]]:
    lively = _events(seed, LIVE_MS, accounts)
    return [json.loads(line) for at_ms, line in lively if LIVE_MS <= at_ms < until_ms]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_past_is_the_same(seed: int) -> None:
    """Until it begins, a lively company emits the very events of one that is not."""
    still = [timed for timed in _events(seed, None) if timed[0] < LIVE_MS]
    assert _events(seed, LIVE_MS)[: len(still)] == still
    assert len(still) > 10_000


@pytest.mark.parametrize("seed", SEEDS)
def test_there_is_something_to_see(seed: int) -> None:
    """Within a minute there are uses, a ticket, an upgrade and a loss, some seconds apart."""
    minute = _told(seed, LIVE_MS + MINUTE_MS)
    kinds = Counter(each["type"] for each in minute)
    assert kinds["feature.used"] >= 5
    assert min(kinds["ticket.created"], kinds["seats.set"], kinds["subscription.deleted"]) >= 1
    hour = sorted(parse_instant(each["time"]) for each in _told(seed, LIVE_MS + HOUR_MS))
    longest_ms = max(after - before for before, after in pairwise(hour))
    assert longest_ms < MINUTE_MS


def test_a_day_of_it_is_a_busy_day() -> None:
    """After a day few customers are lost, and tickets are a part of those of a month."""
    kinds = Counter(each["type"] for each in _told(1, LIVE_MS + DAY_MS))
    month = [
        line for at_ms, line in _events(1, LIVE_MS) if LIVE_MS - 30 * DAY_MS <= at_ms < LIVE_MS
    ]
    usual = Counter(json.loads(line)["type"] for line in month)
    assert 1 <= kinds["subscription.deleted"] <= 6
    assert kinds["ticket.created"] < usual["ticket.created"] / 3
    users = {
        each["data"]["user_id"] for each in _told(1, LIVE_MS + DAY_MS) if "user_id" in each["data"]
    }
    known = {json.loads(line)["data"].get("user_id") for line in month}
    assert 10 < len(users) < len(known) / 2


def test_all_of_it_is_folded() -> None:
    """No event is refused, and who has left stays away."""
    intake = Intake(Plan(), bulk=True)
    intake.take([line for _, line in _events(2, LIVE_MS)])
    assert not intake.rejected, intake.samples
    assert not intake.ignored
    gone: dict[str, str] = {}
    for each in _told(2, LIVE_MS + DAY_MS):
        if each["type"] == "subscription.deleted" and each["data"]["reason"] == "switched_service":
            gone[each["data"]["subscription_id"]] = each["id"]
        elif each["type"].startswith("subscription."):
            assert each["data"]["subscription_id"] not in gone
    assert gone


def test_a_small_company_loses_nobody() -> None:
    """One of ten customers would be as many as leave in half a year."""
    kinds = Counter(each["type"] for each in _told(1, LIVE_MS + HOUR_MS, accounts=10))
    assert kinds["feature.used"] > 100
    assert not kinds["subscription.deleted"]
    assert kinds["ticket.created"] <= 1
