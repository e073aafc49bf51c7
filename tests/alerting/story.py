"""Stories: what happens to a company, as events with the time at which each was told.

An event that is told long after its time cuts the story: what was shown before knew nothing of it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final, NamedTuple

from events import format_instant, parse_instant

BEGIN_MS: Final = parse_instant("2024-01-01T00:00:00Z")
"""Two years from here have a leap day, four changes of the clock and 24 month borders."""

MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

LATE_MS: Final = 15 * MINUTE
"""An event told later than this changes figures that were shown."""


class Told(NamedTuple):
    """An event.

    Attributes:
        told_ms: When it was told.
        at_ms: When it happened.
        line: Its record.
    """

    told_ms: int
    at_ms: int
    line: bytes

    @property
    def is_late(self) -> bool:
        """Whether figures had been shown without it."""
        return self.told_ms - self.at_ms >= LATE_MS


@dataclass
class Story:
    """Events of a company. Times are ms after ``BEGIN_MS``, before which it was founded.

    Attributes:
        told: The events, in any order.
    """

    told: list[Told] = field(default_factory=list)
    _ids: Iterator[int] = field(default_factory=count)

    def tell(
        self, kind: str, account: str, at: float, told: float | None = None, **data: Any
    ) -> str:
        """Tells of something when it happens, or later; returns the event's id."""
        name = f"e{next(self._ids)}"
        at_ms = BEGIN_MS + round(at)
        event = {
            "specversion": "1.0",
            "id": name,
            "source": "story",
            "type": kind,
            "time": format_instant(at_ms),
            "data": {"account_id": account, **data},
        }
        told_ms = at_ms if told is None else BEGIN_MS + round(told)
        self.told.append(Told(told_ms, at_ms, json.dumps(event).encode()))
        return name

    def retract(self, event: str, kind: str, account: str, at: float) -> None:
        """Takes an event back: told now of then, whatever its own time says."""
        line_at = len(self.told)
        self.tell("event.retracted", account, at, retracts=event, retracts_type=kind)
        self.told[line_at] = self.told[line_at]._replace(at_ms=BEGIN_MS)

    def subscribe(
        self,
        account: str,
        at: float,
        amount: int = 10_000,
        *,
        told: float | None = None,
        kind: str = "created",
        currency: str = "USD",
        plan: str = "pro",
    ) -> str:
        """A subscription begins, or has another price from now on."""
        item = {"item_id": "i", "plan_id": plan, "amount": amount, "currency": currency}
        items = [{**item, "quantity": 1, "interval": "month", "interval_count": 1}]
        fields: dict[str, Any] = {
            "subscription_id": f"sub_{account}",
            "status": "active",
            "items": items,
        }
        return self.tell(f"subscription.{kind}", account, at, told, **fields)

    def leave(self, account: str, at: float, told: float | None = None) -> str:
        """A customer ends its subscription."""
        return self.tell(
            "subscription.deleted", account, at, told, subscription_id=f"sub_{account}"
        )

    def ticket(
        self, account: str, name: str, at: float, *, solved_after: float | None = 3 * HOUR
    ) -> None:
        """A customer asks; somebody replies after twenty minutes, and it is solved, or is not."""
        self.tell("ticket.created", account, at, ticket_id=name, requester_id=f"{account}_u0")
        by: dict[str, Any] = {"author_id": "agent", "author_role": "agent", "is_public": True}
        reply = at + 20 * MINUTE
        self.tell("ticket.comment_added", account, reply, ticket_id=name, comment_id="c", **by)
        if solved_after is not None:
            self.solve(account, name, at + solved_after)

    def solve(self, account: str, name: str, at: float) -> None:
        """A ticket is solved."""
        self.tell(
            "ticket.status_changed", account, at, ticket_id=name, previous="open", current="solved"
        )

    def answer(self, account: str, name: str, at: float, score: int) -> None:
        """A customer answers how likely it is to recommend the product."""
        survey: dict[str, Any] = {"survey_id": "s", "survey_type": "nps"}
        survey |= {"scale_min": 0, "scale_max": 10}
        who: dict[str, Any] = {"response_id": name, "respondent_id": f"{account}_{name}"}
        self.tell("survey_response.created", account, at, **survey, **who, score=score)

    def use(self, account: str, user: int, at: float) -> None:
        """Somebody uses the product."""
        self.tell("feature.used", account, at, user_id=f"{account}_u{user}", feature="f")


FOUNDED: Final = -500 * DAY
"""Customers came this long before the story: longer than any window."""

USERS: Final = 2
"""Users of a customer."""


def steady(customers: int, first_day: int, last_day: int, *, promoters: float = 0.6) -> Story:
    """A company to which nothing happens: nobody comes or leaves, each customer uses the product
    each fifth day, asks something each thirtieth and answers a survey each forty-fifth.

    Args:
        customers: How many it has.
        first_day: Day from which on figures are read; what their windows need is told before.
        last_day: Day until which it is told.
        promoters: Share of the answers that are a 9; the others are a 7.
    """
    story = Story()
    for number in range(customers):
        name = account(number)
        story.tell("account.created", name, FOUNDED, segment="smb")
        story.subscribe(name, FOUNDED + number * HOUR)
        shift = number * DAY / customers
        for day in range(first_day - 45, last_day):
            at = day * DAY + shift
            if day % 5 == number % 5:
                for user in range(USERS):
                    story.use(name, user, at)
        for day in range(first_day - 60, last_day):
            at = day * DAY + shift
            if day % 30 == number % 30:
                story.ticket(name, f"{name}_t{day}", at)
        for day in range(first_day - 120, last_day):
            if day % 45 == number % 45:
                promoter = number % 10 < round(10 * promoters)
                score = 9 if promoter else 7
                story.answer(name, f"{name}_r{day}", day * DAY + shift, score)
    return story


def account(number: int) -> str:
    """Names a customer."""
    return f"acct_{number}"
