"""Topic `usage`: an account's users and what they do.

`FeatureUsed` is the public contract of the most frequent type; `events.event.FeatureUse` is the
same record as the fast decoder makes it.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from events.envelope import AccountFact, Envelope
from events.fields import Count, Id, Instant, PositiveCount, Seconds


class UserFact(AccountFact):
    """A fact about one user of an account."""

    ENTITY: ClassVar[str | None] = "user_id"

    user_id: Id


class UserAdded(UserFact):
    """A person may use the product from now on."""

    role: Id | None = None
    is_internal: bool = False


class UserRemoved(UserFact):
    """A person may no longer use the product."""

    role: Id | None = None
    is_internal: bool = False


class UserMerged(UserFact):
    """A user turned out to be another one, who inherits all activity."""

    into_user_id: Id


class FeatureUsed(UserFact):
    """A user used a feature, `count` times."""

    feature: Id
    count: PositiveCount = 1


class SessionEnded(UserFact):
    """A user's session is over; it lasted `duration_s` seconds."""

    session_id: Id | None = None
    started_at: Instant | None = None
    duration_s: Seconds


class MilestoneReached(AccountFact):
    """An account reached a step of its progress, such as `first_value`."""

    milestone: Id
    user_id: Id | None = None


class SeatsSet(AccountFact):
    """The number of seats the account is licensed for."""

    seats: Count


UsageEvent = Annotated[
    Envelope[Literal["user.added"], UserAdded]
    | Envelope[Literal["user.removed"], UserRemoved]
    | Envelope[Literal["user.merged"], UserMerged]
    | Envelope[Literal["feature.used"], FeatureUsed]
    | Envelope[Literal["session.ended"], SessionEnded]
    | Envelope[Literal["milestone.reached"], MilestoneReached]
    | Envelope[Literal["seats.set"], SeatsSet],
    Field(discriminator="type"),
]
"""Every event of the topic. It takes no retraction."""
