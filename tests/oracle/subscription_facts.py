"""Tellers of the subscription topic's facts: states of subscriptions, and money for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.oracle.stories import Data, Story


def _items(rng: Random, currencies: Sequence[str]) -> list[Data]:
    items = []
    currency = rng.choice(currencies)
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3))):
        item: Data = {
            "amount": rng.choice((0, 1, 999, 1_000, 4_900, 4_900, 10_007, 123_457)),
            "currency": currency if rng.random() < 0.8 else rng.choice(currencies),
            "interval": rng.choice(("month", "month", "year", "week", "day")),
        }
        if rng.random() < 0.4:
            item["interval_count"] = rng.choice((1, 2, 3, 5, 7))
        if rng.random() < 0.2:
            item["usage_type"] = rng.choice(("licensed", "metered"))
        if rng.random() < 0.7:
            item["plan_id"] = rng.choice(("pro", "pro", "basic", "Ωmega"))
        items.append(item)
    return items


def _discounts(story: Story) -> list[Data]:
    rng = story.rng
    discounts = []
    for number in range(rng.choice((0, 0, 0, 1, 1, 2))):
        discount: Data = {
            "id": story.maybe(0.7, f"d{number}"),
            "duration": rng.choice(("once", "repeating", "forever")),
            "start": story.maybe(0.4, story.near()),
            "end": story.maybe(0.4, story.near(30)),
        }
        if rng.random() < 0.6:
            discount["percent_off"] = rng.choice((10, 20, 33.33, 50, 100))
        else:
            discount["amount_off"] = rng.choice((1, 500, 2_000, 10**6))
        discounts.append({name: value for name, value in discount.items() if value is not None})
    return discounts


def _terms(story: Story, kind: str) -> Data:
    """Returns what a state tells of its term and trial, much of it left out."""
    terms: Data = {
        "term_end": story.maybe(0.5, story.near(30)),
        "term_start": story.maybe(0.3, story.near()),
        "trial_start": story.maybe(0.2, story.near()),
        "replaces_subscription_id": story.maybe(0.1, story.rng.choice(("s1", "s2"))),
    }
    if kind == "renewed":
        terms["previous_term_end"] = story.maybe(0.5, story.near())
    if kind == "created":
        terms["trial_end"] = terms["term_end"]
    if terms["replaces_subscription_id"] == "s2":
        terms["replaces_subscription_ids"] = ["s1", "s3"]
    return terms


def subscribe(story: Story, currencies: Sequence[str] = ("USD",)) -> None:
    """Tells something about one of two subscriptions."""
    rng = story.rng
    sub = rng.choice(("s1", "s1", "s2"))
    kind = rng.choices(
        ("created", "updated", "paused", "resumed", "renewed", "requested", "deleted"),
        (5, 6, 2, 2, 2, 2, 3),
    )[0]
    reason = rng.choice(("too_expensive", "Card Declined", "unpaid", "other", None, None))
    if kind == "requested":
        story.tell(
            "subscription.cancellation_requested",
            subscription_id=sub,
            cancel_at=story.maybe(0.7, story.near(20)),
            canceled_at=story.maybe(0.3, story.near(1)),
            reason=reason,
        )
    elif kind == "deleted":
        story.tell(
            "subscription.deleted",
            subscription_id=sub,
            ended_at=story.maybe(0.5, story.near(5)),
            voluntary=story.maybe(0.3, rng.random() < 0.5),
            reason=reason,
        )
    else:
        status = rng.choices(
            ("active", "past_due", "trialing", "unpaid", "paused", "canceled", "incomplete"),
            (12, 2, 2, 2, 1, 1, 1),
        )[0]
        is_offer = status == "trialing" and rng.random() < 0.6
        story.tell(
            f"subscription.{kind}",
            subscription_id=sub,
            status=status,
            trial_reason="retention" if is_offer else None,
            items=story.maybe(0.85, _items(rng, currencies)),
            discounts=story.maybe(0.6, _discounts(story)),
            start_date=story.maybe(0.2, story.near()),
            cancel_at=story.maybe(0.1, story.near(20)),
            resumes_at=story.maybe(0.5, story.near(9)) if kind == "paused" else None,
            **_terms(story, kind),
        )


def pay(story: Story, currencies: Sequence[str] = ("USD",)) -> None:
    """Tells an invoice that was paid, perhaps again, or a refund."""
    rng = story.rng
    invoice = story.maybe(0.8, rng.choice(("i1", "i1", "i2", "i3")))
    currency = rng.choice(currencies)
    if rng.random() < 0.3:
        story.tell(
            "charge.refunded",
            invoice_id=invoice,
            amount=rng.choice((0, 1, 500, 4_900, 20_000)),
            currency=currency,
        )
        return
    dates = sorted((story.near(40), story.near(40)), reverse=rng.random() < 0.05)
    story.tell(
        "invoice.paid",
        invoice_id=invoice,
        subscription_id=story.maybe(0.9, rng.choice(("s1", "s1", "s2", "s3"))),
        amount_paid=rng.choice((0, 1, 999, 4_900, 10_000, 123_457)),
        currency=currency,
        period_start=story.maybe(0.9, dates[0]),
        period_end=story.maybe(0.9, dates[1]),
    )


def bill(story: Story, currencies: Sequence[str] = ("USD",)) -> None:
    """Tells of a subscription or, less often, of money."""
    if story.rng.random() < 0.6:
        subscribe(story, currencies)
    else:
        pay(story, currencies)


TELLERS: Final[tuple[Callable[[Story], None], ...]] = (subscribe, bill)
