"""Renewals: what is due when, what renews it, and what is still open."""

from typing import Any, NamedTuple

import pytest

from aggregates.ledger.ledger import Ledger
from aggregates.policies.policy import Policy
from tests.aggregates.reading.kpi_ledger import read
from tests.aggregates.revenue.subscription_story import (
    DOLLAR,
    at,
    deleted,
    edge,
    item,
    ledger_of,
    level,
    merged,
    requested,
    state,
)

DUE = 40
"""Day on which the first term of the stories is due: 10 February 2026."""


class Found(NamedTuple):
    """Terms due, renewed and open; their MRR and what was kept of it, in dollars."""

    due: int = 0
    renewed: int = 0
    open: int = 0
    mrr: float = 0
    kept: float = 0


LOST = Found(1, 0, 0, 100, 0)
OPEN = Found(1, 0, 1, 100, 0)
KEPT = Found(1, 1, 0, 100, 100)
NONE = Found()


def term(event_id: str = "e1", day: float = 1, **data: Any) -> bytes:
    """Returns a subscription of $100 a month with a term until ``DUE``."""
    return state("created", event_id, day, **{"term_end": at(DUE), **data})


def found(ledger: Ledger, day: float, window: str = "90d") -> Found:
    """Reads the terms of a window."""
    names = ("renewals_due", "renewals", "renewals_open", "renewal_due_mrr", "renewed_mrr")
    due, renewed, still, mrr, kept = (level(ledger, day, name, window) for name in names)
    return Found(due, renewed, still, mrr / DOLLAR, kept / DOLLAR)


def accounts(ledger: Ledger, day: float, window: str = "90d") -> tuple[int, int]:
    """Reads the accounts that were due, and that renewed."""
    names = ("renewal_due_accounts", "renewed_accounts")
    due, renewed = (level(ledger, day, name, window) for name in names)
    return due, renewed


def renewed(day: float, dollars: float = 100, end: float = 400, **data: Any) -> bytes:
    """Returns a renewal."""
    return state("renewed", "r1", day, dollars, term_end=at(end), **data)


def test_renewed_in_time() -> None:
    """On the due date: it was due and is renewed, in the windows that hold that date."""
    ledger = ledger_of(term(), renewed(DUE))
    assert found(ledger, DUE) == NONE
    for window, last in (("month", 59), ("90d", DUE + 90)):
        assert found(ledger, DUE + 0.25, window) == KEPT
        assert found(ledger, last, window) == KEPT
        assert found(ledger, last + 0.25, window) == NONE
    assert accounts(ledger, 50) == (1, 1)


def test_an_early_renewal_counts_when_the_term_is_due() -> None:
    """Booked a month before, it shows in the month of the due date, and not earlier."""
    ledger = ledger_of(term(), renewed(20, previous_term_end=at(DUE)))
    assert found(ledger, 31, "month") == NONE
    assert found(ledger, DUE, "month") == NONE
    assert found(ledger, 45, "month") == KEPT
    assert accounts(ledger, 45, "month") == (1, 1)


def test_a_late_renewal_restates_its_due_period() -> None:
    """Open until it comes, then renewed in the period of the due date; that of its own has none."""
    ledger = ledger_of(term(), renewed(65))
    assert found(ledger, 59, "month") == OPEN
    assert found(ledger, 65) == OPEN
    assert found(ledger, 65.25) == KEPT
    assert found(ledger, 80, "month") == NONE
    assert accounts(ledger, 65) == (1, 0)
    assert accounts(ledger, 65.25) == (1, 1)


@pytest.mark.parametrize(("grace", "day", "expected"), [(30, 71, LOST), (0, 40.5, LOST)])
def test_too_late(grace: int, day: float, expected: Found) -> None:
    """After the days of grace a term is lost, and the new one is due on its own."""
    policy = Policy(renewal_grace_days=grace)
    ledger = ledger_of(term(), renewed(day, end=200), policy=policy)
    assert found(ledger, day + 5) == expected
    assert found(ledger, 201) == OPEN if grace else LOST


@pytest.mark.parametrize("grace", [0, 10, 30, 366])
def test_undecided_terms_are_open_for_the_days_of_grace(grace: int) -> None:
    """With no news at all the clock decides."""
    ledger = ledger_of(term(), policy=Policy(renewal_grace_days=grace))
    assert found(ledger, DUE + grace)[2] == int(0 < grace < 90)
    assert found(ledger, DUE + min(grace, 80) + 0.25)[:3] == (1, 0, int(grace > 80))


def test_an_end_decides() -> None:
    """A subscription that ends on the due date, or in the days of grace, is not open."""
    assert found(ledger_of(term(), deleted("e2", DUE)), 41) == LOST
    late = ledger_of(term(), deleted("e2", 50))
    assert (found(late, 50), found(late, 50.25)) == (OPEN, LOST)
    scheduled = ledger_of(term(), requested("e2", 20, cancel_at=at(DUE)))
    assert found(scheduled, 41) == LOST
    told = ledger_of(term(), state("updated", "e2", DUE, status="canceled"))
    assert found(told, 41) == LOST


def test_who_leaves_before_has_not_renewed() -> None:
    """Churn before the due date leaves the term to be due, at what it last came to."""
    ledger = ledger_of(term(), state("updated", "e2", 10, 150), deleted("e3", 20))
    assert found(ledger, 30) == NONE
    assert found(ledger, 41) == Found(1, 0, 0, 150, 0)
    assert accounts(ledger, 41) == (1, 0)


def test_a_contract_that_lapsed_may_be_renewed_within_grace() -> None:
    """The end of the subscription is not the last word while there is grace."""
    lines = [term(), deleted("e2", DUE), renewed(50)]
    ledger = ledger_of(*lines)
    assert (found(ledger, 50), found(ledger, 50.25)) == (LOST, KEPT)
    assert found(ledger_of(*lines[:2], renewed(75)), 80) == LOST


def test_a_term_of_several_years_is_due_once() -> None:
    """However it is billed, nothing is due before its end."""
    ledger = ledger_of(term(term_end=at(3 * 365)), state("updated", "e2", 400))
    assert [found(ledger, day)[0] for day in (30, 366, 731, 3 * 365 + 1)] == [0, 0, 0, 1]


def test_an_upgrade_with_a_new_term_moves_the_due_date() -> None:
    """No renewal of the old term, which never is due; the new one is, at the new price."""
    ledger = ledger_of(term(), state("updated", "e2", 20, 300, term_end=at(100)))
    assert found(ledger, 41) == NONE
    assert found(ledger, 101) == Found(1, 0, 1, 300, 0)


@pytest.mark.parametrize(
    "update",
    [
        state("updated", "e2", DUE, term_end=at(400)),
        state("updated", "e2", 45, term_end=at(400)),
        state("updated", "e2", 20, term_start=at(DUE), term_end=at(400)),
    ],
)
def test_a_state_may_renew_without_saying_so(update: bytes) -> None:
    """A new term from the due date on, or one that names it as its start, is a renewal."""
    assert found(ledger_of(term(), update), 50) == KEPT


def test_what_was_due_is_not_after_the_due_date_was_moved() -> None:
    """A correction told afterwards holds from then on: earlier readings stay as they were."""
    ledger = ledger_of(term(), state("updated", "e2", 45, term_end=at(30)))
    assert found(ledger, 45) == OPEN
    assert found(ledger, 45, "month") == OPEN
    assert found(ledger, 45.25, "month") == NONE
    assert found(ledger, 45.25) == OPEN  # due on day 30 now, still within grace


def test_states_that_tell_no_term_leave_it_as_it_is() -> None:
    """A bare update is neither a renewal nor an end."""
    ledger = ledger_of(term(), state("updated", "e2", 20, 120), state("updated", "e3", 50, 130))
    assert found(ledger, 55) == Found(1, 0, 1, 120, 0)


def test_renewals_without_known_terms() -> None:
    """A renewal may tell itself when the term before was due; else that was when it comes."""
    start = state("created", "e1", 1)
    told = ledger_of(start, renewed(45, previous_term_end=at(DUE)))
    assert found(told, 50) == KEPT
    assert found(ledger_of(start, renewed(45)), 45.25) == KEPT
    assert found(ledger_of(renewed(45)), 50) == NONE
    endless = state("renewed", "r1", DUE)
    assert found(ledger_of(term(), endless), 41) == KEPT
    asked = requested("e3", 45)
    assert found(ledger_of(term(), endless, asked), 50) == KEPT


@pytest.mark.parametrize(("dollars", "kept"), [(80, 80), (100, 100), (250, 100)])
def test_value_is_capped_at_the_old_one(dollars: float, kept: float) -> None:
    """A renewal at more keeps all, one at less keeps so much; expansion is no renewal."""
    ledger = ledger_of(term(), renewed(DUE, dollars))
    assert found(ledger, 41) == Found(1, 1, 0, 100, kept)


def test_value_is_net_of_lasting_discounts_as_they_end() -> None:
    """What the term came to in its last moment is what there is to keep."""
    half = [{"percent_off": 50, "duration": "repeating", "end": at(DUE)}]
    ledger = ledger_of(term(discounts=half), renewed(DUE, 90))
    assert found(ledger, 41) == Found(1, 1, 0, 50, 50)


@pytest.mark.parametrize(
    "line",
    [
        state("created", "e1", 1, status="trialing", term_end=at(DUE)),
        state("created", "e1", 1, 0, term_end=at(DUE)),
        state("created", "e1", 1, [item(9, usage_type="metered")], term_end=at(DUE)),
        state("created", "e1", 1, status="incomplete", term_end=at(DUE)),
        state("created", "e1", 1),
    ],
)
def test_what_has_no_term_to_renew(line: bytes) -> None:
    """Trials, free plans, what never began, and subscriptions without terms are never due."""
    assert found(ledger_of(line), 41) == NONE


def test_a_term_told_with_a_trial_goes_on() -> None:
    """It is as in the state before, if it is still to come, and not the trial's own end."""
    told: dict[str, Any] = {"status": "trialing", "trial_end": at(15)}
    paid = state("updated", "e2", 15)
    assert found(ledger_of(term(**told), paid), 41) == OPEN
    early = state("updated", "e2", 10)
    own = state("created", "e1", 1, term_end=at(15), **told)
    assert found(ledger_of(own, early), 41) == NONE
    assert found(ledger_of(term(**told), deleted("e2", 12)), 41) == NONE


def test_a_trial_that_converts_has_renewed_nothing() -> None:
    """The end of a trial is no due date, told or not in the state that follows."""
    trial = state("created", "e1", 1, status="trialing", term_end=at(15))
    for term_end in (at(DUE), None):
        ledger = ledger_of(trial, state("updated", "e2", 15, term_end=term_end))
        assert found(ledger, 20) == NONE
        assert found(ledger, 41)[0] == int(term_end is not None)


def test_pauses_and_late_payments_keep_their_term() -> None:
    """What is paused, past due or unpaid as the term ends is due, at its price."""
    for status in ("paused", "past_due", "unpaid"):
        ledger = ledger_of(term(), state("updated", "e2", 20, status=status))
        assert found(ledger, 41) == OPEN


def test_an_account_counts_by_the_latest_terms_of_its_subscriptions() -> None:
    """Once however many are due; renewed if it renewed one that is its subscription's latest."""
    two = [term(), term("e2", sub="s2"), renewed(DUE)]
    assert accounts(ledger_of(*two), 41) == (1, 1)
    assert accounts(ledger_of(*two, deleted("e3", DUE, sub="s2")), 41) == (1, 1)
    monthly = [
        term(),
        state("renewed", "m1", DUE, term_end=at(70)),
        deleted("m2", 70),
    ]
    ledger = ledger_of(*monthly)
    assert accounts(ledger, 69) == (1, 1)
    assert accounts(ledger, 71) == (1, 0)
    assert found(ledger, 71)[:2] == (2, 1)
    assert accounts(ledger, 71 + 89.5) == (0, 0)


def test_a_subscription_that_is_replaced() -> None:
    """The one in its place renews what is due, and is due itself instead of what is not."""

    def heir(day: float, dollars: float = 100, of: str = "s1") -> bytes:
        heirs: dict[str, Any] = {"sub": "s2", "replaces_subscription_id": of}
        return state("created", "e3", day, dollars, term_end=at(80), **heirs)

    soon = ledger_of(term(), deleted("e2", 20), heir(20))
    assert found(soon, 41) == NONE
    assert found(soon, 81) == OPEN
    due = ledger_of(term(), deleted("e2", DUE), heir(50, 70))
    assert (found(due, 50), found(due, 50.25)) == (LOST, Found(1, 1, 0, 100, 70))
    assert found(ledger_of(term(), deleted("e2", DUE), heir(75)), 79) == LOST
    assert found(ledger_of(term(), heir(20, of="s9")), 41) == OPEN


def test_a_replacement_withdrawn_after_it_began() -> None:
    """While the old one still goes on, its later terms are asked of it again."""
    heir: dict[str, Any] = {"sub": "s2", "replaces_subscription_id": "s1", "term_start": at(DUE)}
    lines = [term(), state("created", "e2", 20, **heir), deleted("e3", 25, sub="s2")]
    assert found(ledger_of(*lines), 41) == OPEN
    assert found(ledger_of(*lines, renewed(DUE)), 41) == KEPT
    assert found(ledger_of(*lines, deleted("e4", 30)), 41) == LOST


def test_a_split_contract_keeps_more_as_its_parts_come() -> None:
    """What each part takes over counts from when it begins; grace ends the waiting."""
    one: dict[str, Any] = {"replaces_subscription_id": "s1", "term_end": at(400)}
    parts = [
        state("created", "e2", 30, 60, sub="a", start_date=at(DUE), **one),
        state("created", "e3", 45, 30, sub="b", **one),
        state("created", "e4", DUE + 31, 10, sub="c", **one),
    ]
    ledger = ledger_of(term(), *parts, deleted("e5", DUE))
    kept = [found(ledger, day) for day in (45, 46, 80)]
    assert kept == [Found(1, 1, 0, 100, 60), Found(1, 1, 0, 100, 90), Found(1, 1, 0, 100, 90)]


def test_merged_accounts_owe_nothing() -> None:
    """What an account hands over in a merge is due in the account that takes it."""
    ledger = ledger_of(
        term(),
        merged("m1", 20, "a1", "a2"),
        deleted("e2", 20),
        term("e3", 20, account="a2", sub="s2", replaces_subscription_id="s1"),
    )
    assert found(ledger, 41) == OPEN


def test_the_shipped_ratios() -> None:
    """By accounts, subscriptions and value; none where nothing was due."""
    lines = [
        term(),
        renewed(DUE, 80),
        term("e2", sub="s2"),
        deleted("e3", DUE, sub="s2"),
        term("e4", account="a2"),
    ]
    values = read(ledger_of(*lines), edge(41))
    ratios = {key[1]: value for key, value in values.items() if key[0] == "renewal_ratio"}
    assert ratios == {"accounts": 1 / 2, "subscriptions": 1 / 3, "value": 80 / 300}
    assert values["renewals_due", "month"] == 3
    assert values["renewals_open", "90d"] == 1
    assert not [key for key in read(ledger_of(*lines), edge(39)) if key[0] == "renewal_ratio"]
