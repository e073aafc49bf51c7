"""One subscription over time: statuses, dates, discounts, pauses, scheduled ends, lateness."""

from typing import Any

import pytest

from tests.aggregates.revenue.subscription_story import (
    DOLLAR,
    at,
    deleted,
    item,
    ledger_of,
    level,
    line,
    mrr,
    requested,
    retracted,
    state,
)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("active", 100),
        ("past_due", 100),
        ("trialing", 0),
        ("paused", 0),
        ("unpaid", 0),
        ("canceled", 0),
        ("incomplete", 0),
        ("incomplete_expired", 0),
    ],
)
def test_statuses(status: str, expected: int) -> None:
    """Active and past due count, at once; everything else is 0."""
    ledger = ledger_of(state("created", "e1", 1, status=status))
    assert mrr(ledger, 1, 1.25, 400) == [0, expected, expected]
    assert level(ledger, 2, "past_due_mrr") == (100 * DOLLAR if status == "past_due" else 0)
    assert level(ledger, 2, "committed_mrr") == expected * DOLLAR
    assert level(ledger, 2, "billed_mrr") == expected * DOLLAR


def test_what_has_no_lasting_price_is_left_out() -> None:
    """Metered items are out; licensed ones of all intervals add up."""
    items = [item(20), item(999, usage_type="metered"), item(120, "year"), item(0)]
    assert mrr(ledger_of(state("created", "e1", 1, items)), 2) == [30]


@pytest.mark.parametrize("items", [[], [item(50, usage_type="metered")]])
def test_an_empty_price_is_nothing(items: list[dict[str, Any]]) -> None:
    """A state that tells of no items, or of metered ones only, comes to 0."""
    assert mrr(ledger_of(state("created", "e1", 1, items)), 2) == [0]
    updated = ledger_of(state("created", "e1", 1), state("updated", "e2", 3, items))
    assert mrr(updated, 3, 4) == [100, 0]


def test_items_that_are_not_told_are_those_of_before() -> None:
    """A state without the field `items`, such as a bare resumption, keeps price and discounts."""
    ten = [{"percent_off": 10, "duration": "forever"}]
    ledger = ledger_of(
        state("created", "e1", 1, discounts=ten),
        state("paused", "e2", 3, None, status=None),
        state("resumed", "e3", 5, None),
    )
    assert mrr(ledger, 2, 4, 6) == [90, 0, 90]


@pytest.mark.parametrize(("effective", "start"), [(5, 2), (5, 9), (5, 5)])
def test_revenue_begins_with_the_start_date(effective: float, start: float) -> None:
    """Whether it lies before or after the creation; a start ahead is committed at once."""
    ledger = ledger_of(state("created", "e1", effective, start_date=at(start)))
    assert mrr(ledger, start, start + 0.25) == [0, 100]
    known = min(effective, start)
    assert level(ledger, known, "committed_mrr") == 0
    assert level(ledger, known + 0.25, "committed_mrr") == 100 * DOLLAR


def test_a_start_ahead_outlives_updates() -> None:
    """A change before the start changes what will begin, not when."""
    ledger = ledger_of(state("created", "e1", 1, start_date=at(9)), state("updated", "e2", 3, 150))
    assert mrr(ledger, 8, 9.25) == [0, 150]


@pytest.mark.parametrize(("effective", "ended"), [(5, 3), (5, 5), (5, None), (5, 8)])
def test_revenue_ends_with_the_end_date(effective: float, ended: float | None) -> None:
    """Whether it lies before or after the deletion; an end ahead is no longer committed."""
    ledger = ledger_of(
        state("created", "e1", 1),
        deleted("e2", effective, ended_at=None if ended is None else at(ended)),
    )
    end = effective if ended is None else ended
    assert mrr(ledger, end, end + 0.25, 400) == [100, 0, 0]
    known = min(effective, end)
    assert level(ledger, known, "committed_mrr") == 100 * DOLLAR
    assert level(ledger, known + 0.25, "committed_mrr") == 0


def test_an_end_that_lies_back_cuts_off_what_was_said_since() -> None:
    """States told between the end and its being told do not bring the subscription back."""
    ledger = ledger_of(
        state("created", "e1", 1),
        state("updated", "e2", 4, 120, status="past_due"),
        deleted("e3", 6, ended_at=at(3)),
    )
    assert mrr(ledger, 3, 3.25, 5, 7) == [100, 0, 0, 0]
    back = ledger_of(
        state("created", "e1", 1), deleted("e3", 6, ended_at=at(3)), state("updated", "e4", 8, 70)
    )
    assert mrr(back, 7, 9) == [0, 70]


@pytest.mark.parametrize("kind", ["state", "request"])
def test_a_scheduled_cancellation_needs_no_event(kind: str) -> None:
    """The clock ends it; it is not committed from the moment the cancellation is known."""
    told = (
        state("updated", "e2", 3, cancel_at=at(9))
        if kind == "state"
        else requested("e2", 3, cancel_at=at(9))
    )
    ledger = ledger_of(state("created", "e1", 1), told)
    assert mrr(ledger, 8, 9, 9.25, 400) == [100, 100, 0, 0]
    assert level(ledger, 3, "committed_mrr") == 100 * DOLLAR
    assert level(ledger, 3.25, "committed_mrr") == 0
    assert level(ledger, 400, "churned_mrr", "voluntary") == 100 * DOLLAR


def test_a_full_state_without_it_withdraws_a_cancellation() -> None:
    """Also one whose end is not known; the click stays counted."""
    ledger = ledger_of(
        state("created", "e1", 1),
        requested("e2", 3, cancel_at=at(9)),
        state("updated", "e3", 5),
        requested("e4", 7),
        state("renewed", "e5", 8),
    )
    assert mrr(ledger, 400) == [100]
    committed = [level(ledger, day, "committed_mrr") / DOLLAR for day in (4, 6, 7.5, 9)]
    assert committed == [0, 100, 0, 100]
    assert level(ledger, 400, "cancellations") == 2


def test_a_state_that_still_names_a_passed_end_is_over() -> None:
    """Billing that lags behind its own schedule revives nothing; a later end does."""
    cancelled = [state("created", "e1", 1), state("updated", "e2", 3, cancel_at=at(9))]
    lagging = state("updated", "e3", 10, cancel_at=at(9))
    assert mrr(ledger_of(*cancelled, lagging), 9.25, 11) == [0, 0]
    moved = state("updated", "e3", 8, cancel_at=at(20))
    assert mrr(ledger_of(*cancelled, moved), 10, 20, 21) == [100, 100, 0]


def test_requests_without_a_subscription_are_only_clicks() -> None:
    """A request that names no known, or an ended, subscription moves no revenue."""
    ledger = ledger_of(
        requested("e1", 1, cancel_at=at(2)),
        state("created", "e2", 3),
        deleted("e3", 5),
        requested("e4", 6, cancel_at=at(9)),
    )
    assert mrr(ledger, 4, 7, 10) == [100, 0, 0]
    assert level(ledger, 400, "cancellations") == 2


def test_a_click_counts_when_it_was_made() -> None:
    """`canceled_at` dates the click; the request itself takes effect later."""
    ledger = ledger_of(state("created", "e1", 1), requested("e2", 5, canceled_at=at(4)))
    assert [level(ledger, day, "cancellations") for day in (4, 4.25)] == [0, 1]
    assert level(ledger, 4.5, "committed_mrr") == 100 * DOLLAR


def test_a_pause_ends_by_itself() -> None:
    """A paused subscription with `resumes_at` goes on then, without an event."""
    paused = state("paused", "e2", 3, status=None, resumes_at=at(6))
    ledger = ledger_of(state("created", "e1", 1), paused)
    assert mrr(ledger, 3.25, 6, 6.25) == [0, 0, 100]
    sent_active = state("paused", "e2", 3, status="active")
    assert mrr(ledger_of(state("created", "e1", 1), sent_active), 4) == [0]


@pytest.mark.parametrize(
    ("discount", "days", "counted", "billed"),
    [
        ({"percent_off": 25, "duration": "forever"}, (2, 200), (75, 75), (75, 75)),
        ({"amount_off": 2_000, "duration": "repeating", "end": at(9)}, (2, 9.5), (80, 100), None),
        ({"percent_off": 50, "duration": "forever", "start": at(5)}, (4, 6), (100, 50), None),
        ({"percent_off": 50, "duration": "once"}, (2, 31, 33), (100, 100, 100), (50, 50, 100)),
        (
            {"percent_off": 50, "duration": "once", "start": at(10), "end": at(12)},
            (2, 11, 13),
            (100, 100, 100),
            (100, 50, 100),
        ),
        ({"percent_off": 100, "duration": "forever"}, (2,), (0,), (0,)),
    ],
)
def test_discounts_over_time(
    discount: dict[str, Any],
    days: tuple[float, ...],
    counted: tuple[int, ...],
    billed: tuple[int, ...] | None,
) -> None:
    """Lasting discounts count while they run; those for once are in billed MRR, one interval."""
    ledger = ledger_of(state("created", "e1", 1, discounts=[discount]))
    assert mrr(ledger, *days) == list(counted)
    read = [level(ledger, day, "billed_mrr") / DOLLAR for day in days]
    assert read == list(counted if billed is None else billed)


def test_a_discount_for_once_does_not_begin_anew_with_each_state() -> None:
    """States that list it again leave it its one interval from when it first came."""
    once = [{"id": "d1", "percent_off": 50, "duration": "once"}]
    ledger = ledger_of(
        state("created", "e1", 1, discounts=once), state("updated", "e2", 20, discounts=once)
    )
    assert [level(ledger, day, "billed_mrr") / DOLLAR for day in (2, 31, 33)] == [50, 50, 100]
    other = [{"id": "d2", "percent_off": 50, "duration": "once"}]
    renewed = ledger_of(
        state("created", "e1", 1, discounts=once), state("updated", "e2", 20, discounts=other)
    )
    assert level(renewed, 33, "billed_mrr") == 50 * DOLLAR


@pytest.mark.parametrize(("before", "after"), [("active", 100), ("unpaid", 0), (None, 0)])
def test_a_free_period_that_keeps_a_customer_keeps_its_revenue(
    before: str | None, after: int
) -> None:
    """A trial for retention counts if the account was paying when it began, not otherwise."""
    free = state("updated", "e2", 5, status="trialing", trial_reason="retention")
    first = [] if before is None else [state("created", "e1", 1, status=before)]
    ledger = ledger_of(*first, free, state("updated", "e3", 9))
    assert mrr(ledger, 6, 8, 10) == [after, after, 100]


def test_a_free_period_for_another_reason_does_not_count() -> None:
    """A trial is a trial, also of a paying customer."""
    free = state("updated", "e2", 5, status="trialing", trial_reason="new_plan")
    assert mrr(ledger_of(state("created", "e1", 1), free), 6) == [0]


def test_events_are_ordered_by_effect_not_by_arrival() -> None:
    """What arrives late takes its place; ties go by sequence."""
    late = line(
        "subscription.updated",
        "e3",
        9,
        subscription_id="s1",
        status="active",
        items=[item(150)],
        effective_at=at(3),
    )
    ledger = ledger_of(state("created", "e1", 1), state("updated", "e2", 5, 120), late)
    assert mrr(ledger, 2, 4, 6) == [100, 150, 120]


def test_retractions() -> None:
    """A retracted event never was, in whatever order the two arrive."""
    story = [
        state("created", "e1", 1),
        state("updated", "e2", 5, 900),
        deleted("e3", 9),
        retracted("e4", 10, "e2"),
        retracted("e5", 11, "e3"),
    ]
    alone = ledger_of(story[0])
    assert ledger_of(*story) == alone
    assert ledger_of(*reversed(story)) == alone
