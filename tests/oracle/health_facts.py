"""Tellers of what the health score is made of: one account that pays, over all topics."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.oracle.stories import Data, Story

_SUB: Final = ("s1", "s1", "s2")
_SCORES: Final = (0, 12.5, 33.335, 50, 50.004, 62, 75, 75.004, 75.01, 100)
"""Judgements beside the bands' borders, some with more digits than a score keeps."""


def _pay(story: Story) -> None:
    """Tells a state of a subscription: more or less, late, over, with a term long or short."""
    rng = story.rng
    kind = rng.choice(("created", "updated", "updated", "renewed", "deleted", "requested"))
    sub = rng.choice(_SUB)
    if kind == "deleted":
        story.tell("subscription.deleted", subscription_id=sub, reason="other")
        return
    if kind == "requested":
        story.tell(
            "subscription.cancellation_requested",
            subscription_id=sub,
            cancel_at=story.maybe(0.8, story.later(0, 90)),
        )
        return
    term: Data = {}
    if rng.random() < 0.7:
        term["term_end"] = story.later(*rng.choice(((178, 184), (181, 330), (0, 60))))
    if kind == "created" and rng.random() < 0.7:
        term["start_date"] = story.later(-260, -120)
        term["term_end"] = story.later(-20, 90)
    amount = rng.choice((1_000, 2_000, 4_900, 4_900, 9_900))
    story.tell(
        f"subscription.{kind}",
        subscription_id=sub,
        status=rng.choice(("active", "active", "active", "active", "past_due", "paused")),
        items=[{"amount": amount, "currency": "USD", "interval": "month"}],
        **term,
    )


def _waver(story: Story) -> None:
    """Tells that an account pays less, and within the hour more again."""
    for amount, soon in ((9_900, False), (1_000, False), (9_900, True)):
        story.tell(
            "subscription.updated",
            subscription_id="s1",
            status="active",
            items=[{"amount": amount, "currency": "USD", "interval": "month"}],
            effective_at=story.later(0, 0.04) if soon else None,
        )


def _come(story: Story) -> None:
    """Tells uses on days close to each other; or seats, or who somebody is."""
    rng = story.rng
    roll = rng.random()
    if roll < 0.2:
        story.tell("seats.set", seats=rng.choice((0, 1, 2, 2, 3, 4, 5, 5)))
    elif roll < 0.25:
        user = rng.randint(1, 4)
        story.tell("user.merged", user_id=f"u{user}", into_user_id=f"u{user + 1}")
    elif roll < 0.32:
        internal = rng.random() < 0.4
        story.tell("user.added", user_id=f"u{rng.randint(1, 5)}", is_internal=internal)
    else:
        users = rng.randint(1, 5)
        for _ in range(rng.choice((1, 4, 10, 30))):
            user = rng.randint(1, users)
            story.tell(
                "feature.used", user_id=f"u{user}", feature="alerts", effective_at=story.near(4)
            )


def _trouble(story: Story) -> None:
    """Tells tickets that pile up, are escalated, solved, or turn out to be none."""
    rng = story.rng
    if rng.random() < 0.5:
        for number in range(rng.choice((1, 2, 5, 11))):
            story.tell("ticket.created", ticket_id=f"t{number}", effective_at=story.near(9))
        return
    kind = rng.choice(("escalated", "status_changed", "status_changed", "deleted", "undeleted"))
    told: Data = {}
    if kind == "status_changed":
        told["current"] = rng.choice(("solved", "solved", "open"))
    elif kind == "escalated":
        told["target"] = "tier2"
    story.tell(f"ticket.{kind}", ticket_id=f"t{rng.choice((0, 0, 1, 2, 3, 4))}", **told)


def _feel(story: Story) -> None:
    """Tells an answer of the account's people, of now or of half a year ago; or its end."""
    rng = story.rng
    response = rng.choice(("r1", "r2", "c1", "c2"))
    if rng.random() < 0.1:
        story.tell("survey_response.deleted", response_id=response)
        return
    is_nps = response.startswith("r")
    lowest, highest = (0, 10) if is_nps else rng.choice(((1, 5), (1, 7), (1, 9), (0, 200)))
    story.tell(
        rng.choice(("survey_response.created", "survey_response.updated")),
        response_id=response,
        survey_type="nps" if is_nps else "csat",
        scale_min=lowest,
        scale_max=highest,
        score=story.maybe(0.9, rng.randint(lowest, highest)),
        respondent_id=story.maybe(0.6, f"u{rng.randint(1, 5)}"),
        responded_at=story.maybe(0.5, story.later(-184, 2)),
    )


def _judge(story: Story) -> None:
    """Tells what somebody judges an account's health to be, for a while or for good."""
    rng = story.rng
    until = story.maybe(0.6, rng.choice((story.near(), story.later(0, 0.01), story.later(5, 40))))
    story.tell("health.override_set", score=rng.choice(_SCORES), until=until)


_SIDES: Final[tuple[Callable[[Story], None], ...]] = (
    *(_pay, _pay, _pay, _waver),
    *(_come, _come, _trouble, _trouble),
    *(_feel, _judge),
)


def _fare(story: Story) -> None:
    """Tells how an account fares, in one way or another."""
    story.rng.choice(_SIDES)(story)


TELLERS: Final[tuple[Callable[[Story], None], ...]] = (_fare, _fare)
