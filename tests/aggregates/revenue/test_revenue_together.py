"""Revenue where two things meet: free periods told again, rates and states, ends and the clock."""

from fractions import Fraction
from typing import Any

import pytest

from aggregates.ledger.ledger import Ledger
from aggregates.policies.policy import Policy, Rate
from tests.aggregates.revenue.subscription_story import (
    at,
    deleted,
    item,
    ledger_of,
    level,
    moved,
    mrr,
    requested,
    state,
)

RATES = {"EUR": [Rate(rate=Fraction("1.1")), Rate(valid_from=at(10), rate=Fraction("1.3"))]}


def under(*lines: bytes, **policy: Any) -> Ledger:
    """Returns the ledger of lines under a policy."""
    return ledger_of(*lines, policy=Policy(**policy))


def offer(event_id: str, day: float, kind: str = "updated", **data: Any) -> bytes:
    """Returns a free period that is to keep a customer."""
    return state(kind, event_id, day, status="trialing", trial_reason="retention", **data)


def euros(event_id: str, day: float, amount: float, kind: str = "updated") -> bytes:
    """Returns a state that is priced in euros."""
    return state(kind, event_id, day, [{**item(amount), "currency": "EUR"}])


@pytest.mark.parametrize(
    "again",
    [offer("e3", 9), requested("e3", 9, cancel_at=at(50)), offer("e3", 9, "renewed")],
    ids=["told again", "asked to cancel", "renewed"],
)
def test_a_free_period_is_granted_once(again: bytes) -> None:
    """It counts if the account paid when it began, not when somebody tells of it again."""
    lines = [offer("e1", 1, "created"), state("created", "e2", 5, 30, sub="s2"), again]
    assert mrr(under(*lines), 4, 6, 10) == [0, 30, 30]
    granted = [state("created", "e0", 0), *lines[:2], deleted("e4", 8, sub="s2"), again]
    assert mrr(under(*granted), 0.5, 4, 6, 10) == [100, 100, 130, 100]


def test_a_second_free_period_is_asked_anew() -> None:
    """Between two free periods lies one that is none: the second begins with who pays then."""
    lines = [offer("e1", 1, "created"), state("updated", "e2", 5), offer("e3", 9)]
    assert mrr(under(*lines), 4, 6, 10) == [0, 100, 100]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([offer("e2", 5, "created", sub="s2")], 100),  # it had nothing to keep
        ([state("created", "e2", 5, sub="s2", status="trialing"), offer("e3", 8, sub="s2")], 100),
        ([offer("e2", 5, "created", sub="s2", replaces_subscription_id="s1")], 100),
        ([state("created", "e2", 4, 50, sub="s2"), offer("e3", 8, dollars=50, sub="s2")], 150),
        ([deleted("e2", 5), offer("e3", 5.01, "created", sub="s2")], 0),
        (
            [deleted("e2", 5), offer("e3", 5.01, sub="s2", replaces_subscription_id="s1")],
            100,
        ),
        ([deleted("e2", 5), offer("e3", 5.01)], 100),
        ([deleted("e2", 5), offer("e3", 6, sub="s2", replaces_subscription_id="s1")], 0),
        ([state("paused", "e2", 5), offer("e3", 6, sub="s2", replaces_subscription_id="s1")], 0),
        (
            [
                offer("e2", 5, sub="s2", replaces_subscription_id="s1"),
                offer("e3", 8, sub="s3", replaces_subscription_id="s2"),
            ],
            100,
        ),
    ],
)
def test_a_free_period_keeps_what_there_was(told: list[bytes], expected: float) -> None:
    """That is what it, or what it takes the place of, counted just before, whoever else pays."""
    for lines in ([state("created", "e1", 1), *told], [*told[::-1], state("created", "e1", 1)]):
        assert mrr(under(*lines), 9) == [expected]


def test_a_free_period_that_is_not_granted_keeps_nobody() -> None:
    """Where a price of 0 keeps a customer, a trial at a price of 0 does not."""
    lines = [
        state("created", "e1", 1),
        deleted("e2", 5),
        offer("e3", 9, "created", dollars=0, sub="s2"),
    ]
    assert level(under(*lines, free_is_churn=False), 10, "paying_accounts") == 0


def test_a_state_and_a_rate_at_one_instant() -> None:
    """The rate moves what it finds; what comes with it comes at the new rate, and is expansion."""
    lines = [euros("e1", 1, 100, "created"), euros("e2", 10, 200)]
    ledger = under(*lines, exchange_rates=RATES, fx_mode="revalue")
    assert mrr(ledger, 10, 11) == [110, 260]
    assert moved(ledger) == {"new": 110, "fx": 20, "expansion:upgrade": 130}


def test_another_currency_and_a_rate_at_one_instant() -> None:
    """There was nothing in a currency that is used only from the new rate on."""
    lines = [state("created", "e1", 1), euros("e2", 10, 200)]
    ledger = under(*lines, exchange_rates=RATES, fx_mode="revalue")
    assert moved(ledger) == {"new": 100, "expansion:upgrade": 160}


def test_a_rate_with_what_ends() -> None:
    """What ends as a rate changes is lost at what it came to just before."""
    lines = [euros("e1", 1, 100, "created"), deleted("e2", 10)]
    ledger = under(*lines, exchange_rates=RATES, fx_mode="revalue")
    assert moved(ledger) == {"new": 110, "churned:voluntary": 110}


def test_a_discount_ends_as_a_rate_changes() -> None:
    """Revalued is the price with the discount that was in effect; its end is expansion."""
    half = [{"percent_off": 50, "duration": "repeating", "end": at(10)}]
    priced = [{**item(100), "currency": "EUR"}]
    created = state("created", "e1", 1, priced, discounts=half)
    ledger = under(created, exchange_rates=RATES, fx_mode="revalue")
    assert moved(ledger) == {"new": 55, "fx": 10, "expansion:upgrade": 65}


def test_the_clock_ends_nothing_twice() -> None:
    """A discount of what is over is no end: the subscription that ended last tells why."""
    discount = [{"percent_off": 10, "duration": "forever", "start": at(9 + 20 / 1440)}]
    ledger = under(
        state("created", "e1", 1, cancel_at=at(9), discounts=discount),
        state("created", "e2", 1, 50, sub="s2"),
        deleted("e3", 9 + 10 / 1440, sub="s2", voluntary=False),
    )
    assert moved(ledger) == {"new": 150, "churned:involuntary": 150}
