"""Rows of subscriptions: exchange rates, refusals, and the packed form."""

from fractions import Fraction

from aggregates.policies.policy import Policy, Rate
from aggregates.revenue.subscriptions import SUBSCRIPTIONS
from aggregates.rows.history import Outcome
from aggregates.shard.shard import Shard
from tests.aggregates.revenue.subscription_story import (
    DOLLAR,
    PLAN,
    at,
    decoded,
    deleted,
    fold,
    item,
    ledger_of,
    level,
    mrr,
    ms,
    requested,
    retracted,
    shard_of,
    state,
)

EURO = Policy(
    exchange_rates={
        "EUR": [
            Rate(rate=Fraction("1.1")),
            Rate(valid_from=at(10), rate=Fraction("1.3")),
        ]
    }
)


def test_a_subscription_keeps_the_rate_of_its_beginning() -> None:
    """A change of the rate is never a movement; what begins later has the new rate."""
    euros = [{**item(100), "currency": "eur"}]
    ledger = ledger_of(
        state("created", "e1", 1, euros),
        state("renewed", "e2", 20, euros),
        state("created", "e3", 30, euros, sub="s2"),
        policy=EURO,
    )
    assert mrr(ledger, 2, 21, 31) == [110, 110, 240]
    assert level(ledger, 31, "expansion_mrr", "upgrade") == 130 * DOLLAR


def test_refusals() -> None:
    """An amount that cannot be converted is refused with the reason."""
    shard = Shard(PLAN)
    refusals = fold(shard, [state("created", "e1", 1, [{**item(100), "currency": "GBP"}])])
    reason = "no exchange rate from GBP to USD"
    assert [(refusal.reason, refusal.detail) for refusal in refusals] == [("refused", reason)]
    shard.settle()
    assert not shard.ledger.cells


def test_what_is_free_or_metered_needs_no_rate() -> None:
    """An unknown currency matters only where it would be counted."""
    items = [
        {**item(0), "currency": "GBP"},
        {**item(9, usage_type="metered"), "currency": "GBP"},
        item(5),
    ]
    assert mrr(ledger_of(state("created", "e1", 1, items)), 2) == [5]


def test_packing() -> None:
    """A row that was packed and unpacked is the same, and still knows its events."""
    lines = [
        state("created", "e1", 1, discounts=[{"percent_off": 33.3, "duration": "forever"}]),
        requested("e2", 2, cancel_at=at(9), reason="price"),
        deleted("e3", 9, voluntary=False),
        retracted("e4", 10, "e3"),
    ]
    row = shard_of(lines).store.rows["subscription"]["a1"][""]
    again = SUBSCRIPTIONS.unpack(SUBSCRIPTIONS.pack(row))
    assert (again.facts, again.retracted) == (row.facts, row.retracted)
    event, other = decoded([lines[0], state("created", "e1", 1, 50)]).events
    assert SUBSCRIPTIONS.fold(again, event) is Outcome.DUPLICATE
    assert SUBSCRIPTIONS.fold(again, other) is Outcome.CONFLICT


def test_terms_and_trials_are_kept_only_where_they_say_something() -> None:
    """A row without terms has none of their fields; dates that are the fact's own are left out."""
    lines = [
        state("created", "e1", 1),
        state("updated", "e2", 2, term_start=at(2), term_end=at(40)),
        state("updated", "e3", 3, term_start=at(40), term_end=at(80)),
        state("renewed", "e4", 40, previous_term_end=at(40), term_end=at(80)),
        state("renewed", "e5", 50, previous_term_end=at(40), term_end=at(80)),
        state("created", "e6", 5, sub="s2", status="trialing", trial_start=at(5)),
        state("updated", "e7", 6, sub="s2", status="trialing", trial_start=at(5)),
        state("updated", "e8", 60, sub="s2", trial_start=at(5)),
        state("updated", "e9", 60.5, term_start=at(40), term_end=at(80)),
    ]
    row = shard_of(lines).store.rows["subscription"]["a1"][""]
    names = ("term", "days", "follows", "trial")
    kept = {
        fact.id: {name: fact.data[name] for name in names if name in fact.data}
        for fact in row.facts
    }
    assert kept == {
        "e1": {},
        "e2": {"term": ms(40)},
        "e3": {"term": ms(80), "follows": ms(40)},
        "e4": {"term": ms(80)},
        "e5": {"term": ms(80), "follows": ms(40)},
        "e6": {},
        "e7": {"trial": ms(5)},
        "e8": {},
        "e9": {"term": ms(80), "days": 40},
    }
    again = SUBSCRIPTIONS.unpack(SUBSCRIPTIONS.pack(row))
    assert again.facts == row.facts


def test_plans_are_kept_only_where_they_are_told() -> None:
    """An item without a plan is as short as before; what is free or metered is left out anyway."""
    items = [
        item(5),
        item(7, plan_id="pro"),
        item(0, plan_id="free"),
        item(9, usage_type="metered"),
    ]
    (fact,) = (
        shard_of([state("created", "e1", 1, items)]).store.rows["subscription"]["a1"][""].facts
    )
    assert fact.data["items"] == [[500, "USD", "month", 1], [700, "USD", "month", 1, "pro"]]


def test_a_retraction_after_settling() -> None:
    """What was settled with an event is settled again without it."""
    shard = shard_of([state("created", "e1", 1), deleted("e2", 9)])
    assert mrr(shard.ledger, 10) == [0]
    assert not fold(shard, [retracted("e3", 10, "e2")])
    shard.settle()
    assert shard.ledger == ledger_of(state("created", "e1", 1))
