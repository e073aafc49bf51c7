"""Tellers of the account topic's facts: costs, tasks, hours, and the way of an account."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.oracle.stories import Story


def _spend(story: Story) -> None:
    """Tells a cost, of the account or of a subject, with or without a period and a segment."""
    rng = story.rng
    dates = sorted((story.near(60), story.near(60)))
    has_period = rng.random() < 0.7 and dates[0] < dates[1]
    story.tell(
        "cost.recorded",
        subject=story.maybe(0.5, f"cost_{story.account}"),
        category=rng.choice(("acquisition", "retention", "retention", "service")),
        amount=rng.choice((0, 1, 7, 999, 123_457, 10**12)),
        currency="USD",
        period_start=dates[0] if has_period else None,
        period_end=dates[1] if has_period else None,
        segment=story.maybe(0.4, rng.choice(("smb", story.account))),
    )


def _work(story: Story) -> None:
    """Tells a step of one of two tasks, or hours; of the account or of nobody's."""
    rng = story.rng
    kinds = ("created", "updated", "completed", "completed", "reopened", "cancelled", "logged")
    kind = rng.choice(kinds)
    task = rng.choice(("t1", "t1", "t2"))
    if kind == "logged":
        story.tell(
            "time.logged",
            subject=story.maybe(0.3, f"owner_{story.account}"),
            owner_id=story.maybe(0.5, "ann"),
            category=story.maybe(0.8, rng.choice(("support", "renewal"))),
            seconds=rng.choice((0, 1, 59.5, 3_600)),
        )
        return
    story.tell(
        f"task.{kind}",
        subject=f"{task}_{story.account}" if task == "t2" else None,
        task_id=task,
        owner_id=story.maybe(0.4, rng.choice(("ann", "bob", story.nothing))),
        due_at=story.maybe(0.4, rng.choice((story.near(20), story.near(20), story.nothing))),
        snoozed_until=story.maybe(0.2, rng.choice((story.near(20), story.near(20), story.nothing))),
        completed_at=story.maybe(0.3, story.near(6)),
        category=story.maybe(0.4, rng.choice(("support", "renewal", story.nothing))),
    )


def _arrive(story: Story) -> None:
    """Tells a step of an account on its way, or that of a programme it took part in."""
    rng = story.rng
    kind = rng.choice(
        ("account.created", "onboarding.started", "onboarding.started", "onboarding.completed")
        + ("onboarding.cancelled",)
        + ("milestone.reached",) * 3
    )
    story.tell(
        kind,
        onboarding_id=story.maybe(0.3, "o1") if kind.startswith("onboarding") else None,
        milestone=rng.choice(("first_value", "invited")) if kind == "milestone.reached" else None,
    )


def _engage(story: Story) -> None:
    """Tells that an account took part in a programme, pays or stops paying."""
    rng = story.rng
    roll = rng.random()
    if roll < 0.5:
        story.tell("program.participated", program=rng.choice(("webinar", "qbr")))
    elif roll < 0.8:
        item = {"amount": 4_900, "currency": "USD", "interval": "month"}
        status = rng.choice(("active", "active", "paused"))
        story.tell("subscription.updated", subscription_id="s1", status=status, items=[item])
    else:
        story.tell("subscription.deleted", subscription_id="s1", reason="other")


def _prospect(story: Story) -> None:
    """Tells of a referral, or of somebody who looks."""
    rng = story.rng
    roll = rng.random()
    if roll < 0.6:
        referred = rng.choice((story.account, "acct_x", "acct_x", "acct_y"))
        story.tell(
            rng.choice(("referral.created", "referral.converted")),
            referral_id=rng.choice(("r1", "r2", "r3")),
            referred_account_id=story.maybe(0.5, referred),
        )
    elif roll < 0.8:
        visitor = f"vis_{story.account}"
        story.tell("visitor.seen", subject=visitor, visitor_id=visitor)
    else:
        visitor = f"vis_{story.account}"
        goal = rng.choice(("demo", "signup"))
        story.tell("goal.converted", subject=visitor, visitor_id=visitor, goal=goal)


TELLERS: Final[tuple[Callable[[Story], None], ...]] = (
    _spend,
    _work,
    _arrive,
    _engage,
    _prospect,
)
