"""Scenarios of the made-up company: the same until they begin, and what each is about after it."""

from collections import Counter

import msgspec
import pytest

from events import parse_instant
from streams.simulator import SCENARIOS, simulate
from streams.simulator.scenario import LEAD_DAYS

END_MS = parse_instant("2026-07-01T00:00:00Z")
DAY_MS = 86_400_000
BEGIN_MS = END_MS - LEAD_DAYS * DAY_MS
DAYS = 150

ORDINARY = list(simulate(3, 60, DAYS, END_MS))
TOLD = {name: list(simulate(3, 60, DAYS, END_MS, name)) for name in SCENARIOS}


class _Event(msgspec.Struct):
    type: str
    time: str


_decode = msgspec.json.Decoder(_Event).decode


def counts(lines: list[bytes]) -> Counter[str]:
    """Events since the scenarios begin, by type."""
    events = map(_decode, lines)
    return Counter(each.type for each in events if parse_instant(each.time) >= BEGIN_MS)


@pytest.mark.parametrize("name", SCENARIOS)
def test_nothing_differs_before(name: str) -> None:
    """Until it begins, a scenario changes no event: what is told later of before it is the same."""
    pairs = zip(ORDINARY, TOLD[name], strict=False)
    first, _ = next((a, b) for a, b in pairs if a != b)
    # A day is told in the account's own time zone, whose midnight may be half a day earlier.
    assert parse_instant(_decode(first).time) >= BEGIN_MS - DAY_MS


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_same_seed_tells_the_same(name: str) -> None:
    """A scenario is as repeatable as the company."""
    assert list(simulate(3, 60, DAYS, END_MS, name)) == TOLD[name]


def test_churn_spike() -> None:
    """A fifth of the customers leaves within days."""
    ended, ordinary = counts(TOLD["churn-spike"]), counts(ORDINARY)
    assert ended["subscription.deleted"] >= ordinary["subscription.deleted"] + 5


def test_support_meltdown() -> None:
    """Several times the tickets come in, and fewer of them are solved by the end."""
    flooded, ordinary = counts(TOLD["support-meltdown"]), counts(ORDINARY)
    assert flooded["ticket.created"] > 3 * ordinary["ticket.created"]
    solved = flooded["ticket.status_changed"] / flooded["ticket.created"]
    assert solved < ordinary["ticket.status_changed"] / ordinary["ticket.created"]


def test_price_rise() -> None:
    """What renews costs a quarter more."""
    renewed = [line for line in TOLD["price-rise"] if b'"subscription.renewed"' in line]
    items = [msgspec.json.decode(line)["data"]["items"][0] for line in renewed]
    starters = [item["amount"] for item in items if item["plan_id"] == "starter"]
    raised = [amount for amount in starters if amount % 1_900]
    assert raised
    assert all(amount % (1_900 * 125 // 100) == 0 for amount in raised)


def test_product_launch() -> None:
    """A feature that nobody had before is used at once, and the product is used more."""
    launched, ordinary = TOLD["product-launch"], counts(ORDINARY)
    assert any(b'"feature":"assistant"' in line for line in launched)
    assert not any(b'"feature":"assistant"' in line for line in ORDINARY)
    assert counts(launched)["session.ended"] > 1.1 * ordinary["session.ended"]


def test_unknown_scenario() -> None:
    """A name that is none is refused with those there are."""
    with pytest.raises(ValueError, match=r"no scenario 'boom', only churn-spike"):
        next(simulate(1, 1, 1, END_MS, "boom"))
