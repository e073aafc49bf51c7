"""Trials: which count, when they are mature, and which became customers."""

from typing import Any

import pytest

from aggregates.ledger.ledger import Ledger
from aggregates.policies.policy import Policy
from tests.aggregates.reading.kpi_ledger import read
from tests.aggregates.revenue.subscription_story import (
    at,
    deleted,
    edge,
    ledger_of,
    level,
    line,
    retracted,
    state,
)


def trial(event_id: str = "t1", day: float = 1, **data: Any) -> bytes:
    """Returns the beginning of a trial."""
    return state("created", event_id, day, status="trialing", **data)


def counted(ledger: Ledger, day: float) -> tuple[int, int]:
    """Reads the trials that matured in 90 days, and those of them that converted."""
    matured, converted = (
        level(ledger, day, n, "90d") for n in ("trials_matured", "trials_converted")
    )
    return matured, converted


@pytest.mark.parametrize(("paid", "converted"), [(2, 1), (15, 1), (31, 1), (31.25, 0), (None, 0)])
def test_mature_trials(paid: float | None, converted: int) -> None:
    """Thirty days after its start a trial counts, for 90 days, as what it was by then."""
    lines = [trial()] if paid is None else [trial(), state("updated", "e2", paid)]
    ledger = ledger_of(*lines)
    assert counted(ledger, 31) == (0, 0)
    for day in (31.25, 60, 121):
        assert counted(ledger, day) == (1, converted)
    assert counted(ledger, 121.25) == (0, 0)


@pytest.mark.parametrize("days", [1, 14, 366])
def test_the_time_to_convert_is_a_policy(days: int) -> None:
    """``trial_conversion_days`` sets both when a trial matures and how long it may take."""
    policy = Policy(trial_conversion_days=days)
    late = ledger_of(trial(), state("updated", "e2", 1 + days + 0.5), policy=policy)
    soon = ledger_of(trial(), state("updated", "e2", 1 + days / 2), policy=policy)
    assert counted(soon, 1 + days) == (0, 0)
    assert counted(soon, 2 + days) == (1, 1)
    assert counted(late, 2 + days) == (1, 0)


def test_one_trial_an_account() -> None:
    """The first of its subscriptions' trials; what follows changes nothing."""
    ledger = ledger_of(trial(), trial("t2", 20, sub="s2"), state("updated", "e3", 25, sub="s2"))
    assert counted(ledger, 60) == (1, 1)
    assert counted(ledger, 125) == (0, 0)


def test_paying_anything_converts() -> None:
    """It is the account that becomes a customer, with whatever subscription."""
    assert counted(ledger_of(trial(), state("created", "e2", 9, sub="s2")), 40) == (1, 1)


@pytest.mark.parametrize(
    "lines",
    [
        [state("created", "e1", 1), trial("t1", 9, sub="s2")],
        [state("created", "e1", 1), deleted("e2", 5), trial("t1", 9, sub="s2")],
        [state("created", "e1", 9), trial("t1", 9, sub="s2")],
        [state("created", "e1", 1), state("updated", "e2", 9, status="trialing")],
        [trial(trial_reason="retention")],
        [state("created", "e1", 1)],
        [state("created", "e1", 1, 0)],
    ],
)
def test_what_is_no_trial_of_a_lead(lines: list[bytes]) -> None:
    """Who paid before, or at once beside it, is converted already; a retention offer and a free
    plan are no trials."""
    assert counted(ledger_of(*lines), 60) == (0, 0)


def test_a_trial_begins_when_it_says() -> None:
    """``trial_start`` counts, told in any state of the trial, before it or after."""
    assert counted(ledger_of(trial(trial_start=at(10))), 39) == (0, 0)
    assert counted(ledger_of(trial(trial_start=at(10))), 41) == (1, 0)
    late = ledger_of(trial(day=5, trial_start=at(1), start_date=at(1)))
    assert counted(late, 32) == (1, 0)


def test_an_earlier_start_told_later_holds_from_then_on() -> None:
    """Readings of before are as they were: the trial was mature later then."""
    lines = [trial(), state("updated", "e2", 40, status="trialing", trial_start=at(-20))]
    ledger = ledger_of(*lines)
    assert counted(ledger, 35) == (1, 0)
    assert counted(ledger, 99) == (1, 0)
    assert counted(ledger, 101) == (0, 0)  # 90 days after day 10
    assert counted(ledger_of(lines[0]), 101) == (1, 0)


def test_a_retracted_payment_converts_nothing() -> None:
    """Corrections restate what a trial became."""
    lines = [trial(), state("updated", "e2", 9), retracted("x", 50, "e2")]
    assert counted(ledger_of(*lines), 60) == (1, 0)


def signed_up(event_id: str, day: float) -> bytes:
    """Returns a sign-up."""
    return line("account.signed_up", event_id, day, plan="free")


PAID = state("created", "e2", 15)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], (0, 0)),
        ([signed_up("u1", 1)], (1, 0)),
        ([signed_up("u1", 1), PAID], (1, 1)),
        ([signed_up("u1", 1), state("created", "e2", 31.25)], (1, 0)),
        ([signed_up("u1", 1), signed_up("u2", 3), PAID], (1, 1)),
        # who paid before is no lead, who pays at once is one that converted
        ([PAID, signed_up("u1", 16)], (0, 0)),
        ([PAID, signed_up("u1", 15)], (1, 1)),
        ([trial(), state("updated", "e3", 9)], (0, 0)),
        ([trial(), signed_up("u1", 5), state("updated", "e3", 9)], (1, 1)),
    ],
)
def test_who_signs_up(lines: list[bytes], expected: tuple[int, int]) -> None:
    """``trial_base = signups``: every account that came by itself is asked, on trial or not."""
    for order in (lines, lines[::-1]):
        assert counted(ledger_of(*order, policy=Policy(trial_base="signups")), 50) == expected


def test_a_sign_up_alone_is_asked_only_by_policy() -> None:
    """By default a sign-up is no trial and changes nothing."""
    assert counted(ledger_of(signed_up("u1", 1), PAID), 50) == (0, 0)


def test_an_earlier_sign_up_counts_instead() -> None:
    """Corrections restate when an account came."""
    lines = [signed_up("u1", 1), signed_up("u2", 20), state("created", "e3", 40)]
    policy = Policy(trial_base="signups")
    assert counted(ledger_of(*lines, policy=policy), 60) == (1, 0)
    back = line("event.retracted", "x", 50, retracts="u1", retracts_type="account.signed_up")
    assert counted(ledger_of(*lines, back, policy=policy), 60) == (1, 1)


SAME_PERIOD = Policy(trial_cohort="same_period")


def test_the_same_period() -> None:
    """Trials count as they begin and conversions as they come, each for its own 90 days."""
    ledger = ledger_of(trial(), state("updated", "e2", 20), policy=SAME_PERIOD)
    days = (1, 1.25, 20, 20.25, 91, 91.25, 110, 110.25)
    found = [counted(ledger, day) for day in days]
    assert found == [(0, 0), (1, 0), (1, 0), (1, 1), (1, 1), (0, 1), (0, 1), (0, 0)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([trial(), state("updated", "e2", 32)], (1, 0)),  # too late to be its outcome
        ([state("created", "e1", 1), trial("t1", 9, sub="s2")], (0, 0)),
        ([trial(trial_start=at(10)), state("created", "e2", 9, sub="s2")], (0, 0)),
        ([trial(), trial("t2", 20, sub="s2"), state("updated", "e3", 25, sub="s2")], (1, 1)),
    ],
)
def test_what_counts_in_the_same_period(lines: list[bytes], expected: tuple[int, int]) -> None:
    """Who is asked, and till when, is as it is for mature trials."""
    assert counted(ledger_of(*lines, policy=SAME_PERIOD), 40) == expected


def test_the_shipped_ratio() -> None:
    """Converted as a share of mature; without a mature trial none."""
    lines = [
        trial("t1", account="a1"),
        trial("t2", account="a2"),
        state("updated", "e3", 9, account="a2"),
        trial("t3", 25, account="a3"),
        state("updated", "e4", 26, account="a3"),
    ]
    ledger = ledger_of(*lines)
    assert read(ledger, edge(40))["trial_conversion_ratio", "90d"] == 0.5
    assert read(ledger, edge(60))["trial_conversion_ratio", "90d"] == 2 / 3
    assert ("trial_conversion_ratio", "90d") not in read(ledger, edge(30))
