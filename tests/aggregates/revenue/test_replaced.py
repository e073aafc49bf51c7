"""Subscriptions that another of their account takes the place of."""

from itertools import permutations
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.policies.policy import Policy
from tests.aggregates.revenue.subscription_story import (
    at,
    at_edge,
    deleted,
    edge,
    invoice,
    item,
    ledger_of,
    moved,
    mrr,
    requested,
    state,
)
from tests.examples import examples

OLD = state("created", "e1", 1)


def successor(day: float = 9, dollars: float = 130, event_id: str = "n1", **data: Any) -> bytes:
    """Returns a subscription that replaces the one there is."""
    return state("created", event_id, day, dollars, sub="s2", replaces_subscription_id="s1", **data)


@pytest.mark.parametrize(
    "end",
    [
        [],
        [deleted("e2", 9)],
        [deleted("e2", 12)],
        [requested("e2", 8, cancel_at=at(14))],
        [requested("e2", 11)],
        [state("updated", "e2", 9, 110)],
    ],
)
def test_it_has_ended_as_the_other_starts(end: list[bytes]) -> None:
    """Whether its end is told, then or later, and a request to cancel later changes nothing."""
    for lines in ([OLD, successor(), *end], [*end[::-1], successor(), OLD]):
        ledger = ledger_of(*lines)
        assert mrr(ledger, 8, 10, 13, 20) == [100, 130, 130, 130]
        assert moved(ledger) == {"new": 100, "expansion:upgrade": 30}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([successor(start_date=at(14))], [100, 100, 130]),
        ([successor(status="trialing")], [100, 100, 100]),
        (
            [successor(status="trialing"), state("updated", "n2", 14, 130, sub="s2")],
            [100, 100, 130],
        ),
        ([successor(), state("updated", "e2", 14, 50)], [100, 130, 180]),
        ([successor(0.5), state("updated", "e2", 5, 50)], [180, 180, 180]),
        (
            [state("created", "n1", 9, 130, sub="s2", replaces_subscription_id="s9")],
            [100, 230, 230],
        ),
    ],
)
def test_only_what_has_started_replaces(told: list[bytes], expected: list[float]) -> None:
    """A successor counts as one when it does itself; a later state tells the replaced one anew."""
    assert mrr(ledger_of(OLD, *told), 8, 10, 15) == expected


OFFER: Final[dict[str, Any]] = {"status": "trialing", "trial_reason": "retention"}


def paused(**data: Any) -> bytes:
    """Returns a pause that replaces the subscription there is."""
    data["replaces_subscription_id"] = "s1"
    return state("paused", "n1", 9, 130, sub="s2", status=None, **data)


@pytest.mark.parametrize(
    ("told", "settings", "expected"),
    [
        (successor(**OFFER), {}, [100, 130, 130]),
        (successor(start_date=at(14), **OFFER), {}, [100, 100, 130]),
        (successor(**OFFER), {"retention_offers": "zero"}, [100, 100, 100]),
        (paused(), {}, [100, 100, 100]),
        (paused(resumes_at=at(14)), {}, [100, 100, 130]),
        (paused(resumes_at=at(14), cancel_at=at(12)), {}, [100, 100, 100]),
        (paused(), {"paused_policy": "keep"}, [100, 130, 130]),
    ],
)
def test_it_has_ended_as_the_other_counts(
    told: bytes, settings: dict[str, Any], expected: list[float]
) -> None:
    """Whatever its status: as an offer that keeps its customer, through a pause or after it."""
    ledger = ledger_of(OLD, told, policy=Policy(**settings))
    assert mrr(ledger, 8, 10, 15) == expected
    movements = moved(ledger, 16)
    assert sum(movements.values()) == expected[-1]
    assert movements.keys() <= {"new", "expansion:upgrade", "expansion:resume"}


def test_a_successor_that_has_to_be_paid_for() -> None:
    """Where only what is paid counts, the successor takes the place with its first invoice."""
    policy = Policy(require_paid_invoice=True)
    paid = [invoice("i1", 1, 100, name="i1"), invoice("i2", 14, 130, sub="s2", name="i2")]
    assert mrr(ledger_of(OLD, successor(), *paid, policy=policy), 8, 10, 15) == [100, 100, 130]
    assert mrr(ledger_of(OLD, successor(), paid[0], policy=policy), 8, 10, 15) == [100, 100, 100]


@given(st.integers(2, 40), st.lists(st.integers(1, 5), max_size=4), st.data())
@examples(60)
def test_its_end_need_not_be_told(day: int, dollars: list[int], data: st.DataObject) -> None:
    """With the end told as the successor starts, or not, every figure of revenue is the same."""
    states = [state("updated", f"u{n}", 3 + 7 * n, 10 * d) for n, d in enumerate(dollars)]
    before = [each for n, each in enumerate(states) if 3 + 7 * n < day]
    lines = [OLD, *before, successor(day, 70)]
    silent = ledger_of(*data.draw(st.permutations(lines)))
    told = ledger_of(*data.draw(st.permutations([*lines, deleted("d1", day)])))
    names = ("mrr", "committed_mrr", "new_mrr", "paying_accounts", "churned_subscriptions")
    for each in range(1, 50):
        read = [at_edge(silent, (name,), edge(each)) for name in names]
        assert read == [at_edge(told, (name,), edge(each)) for name in names]
    assert moved(silent) == moved(told)


RATES: Final = {
    "EUR": [
        {"valid_from": "2025-01-01T00:00:00Z", "rate": "1.2"},
        {"valid_from": at(5), "rate": "1.1"},
        {"valid_from": at(12), "rate": "1.5"},
    ]
}


def in_euros(euros: float, **more: Any) -> list[dict[str, Any]]:
    """Returns one item of so many euros a month."""
    return [item(euros, currency="EUR", **more)]


@pytest.mark.parametrize("end", [[], [deleted("e2", 9)], [deleted("e2", 8)]])
@pytest.mark.parametrize(("euros", "movements"), [(100, {}), (105, {"expansion:upgrade": 6})])
def test_it_keeps_the_exchange_rate_of_the_other(
    end: list[bytes], euros: float, movements: dict[str, float]
) -> None:
    """A contract that is written anew is as one that goes on; so are those in its place in turn."""
    old = state("created", "e1", 1, in_euros(100))
    new = state("created", "n1", 9, in_euros(euros), sub="s2", replaces_subscription_id="s1")
    third = state("created", "n2", 20, in_euros(euros), sub="s0", replaces_subscription_id="s2")
    for lines in permutations([old, new, third, *end]):
        ledger = ledger_of(*lines, policy=Policy.model_validate({"exchange_rates": RATES}))
        assert mrr(ledger, 4, 7, 10, 21) == [120, 120, 1.2 * euros, 1.2 * euros]
        if end != [deleted("e2", 8)]:
            assert moved(ledger) == {"new": 120, **movements}


def test_of_several_rates_the_first_is_kept() -> None:
    """What was never in that currency, or begins later, has none to hand on."""
    lines = [
        state("created", "e1", 1, 40),
        state("created", "e2", 6, in_euros(100), sub="s2"),
        state("created", "e3", 2, in_euros(50), sub="s3"),
        state(
            "created",
            "n1",
            14,
            in_euros(150),
            sub="s4",
            replaces_subscription_ids=["s1", "s2", "s3"],
        ),
        state("created", "n2", 14, in_euros(10), sub="s5", replaces_subscription_id="s1"),
    ]
    ledger = ledger_of(*lines, policy=Policy.model_validate({"exchange_rates": RATES}))
    assert mrr(ledger, 13, 15) == [40 + 110 + 60, 180 + 15]
