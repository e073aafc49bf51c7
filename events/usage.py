"""Topic `usage`: an account's users and what they do.

Its two types about what users do are most of all records (`events.records.HOT_TYPES`).
"""

from typing import Final

from events.envelope import AccountData, EventData
from events.fields import Count, Id, Instant, PositiveCount, Seconds


class UserData(AccountData, entity="user_id"):
    """Data of every event about one user of an account."""

    user_id: Id
    """The user, by an id that no other user of the account has."""


class UserAdded(UserData, partial=("is_internal",)):
    """A person may use the product from now on, and is one of all users."""

    role: Id | None = None
    """What the person does; kept in the log, no figure uses it."""
    is_internal: bool = False
    """Whether the person is of the vendor's own staff: then its use, and what it is asked and
    answers, is in no figure, of any time. The last event of the user with the field says it, also
    where that lies ahead."""


class UserRemoved(UserData, partial=("is_internal",)):
    """A person may no longer use the product: one of all users no more, unless added again.

    The days of use before stay.
    """

    role: Id | None = None
    """What the person did; kept in the log, no figure uses it."""
    is_internal: bool = False
    """Whether the person is of the vendor's own staff: then its use, and what it is asked and
    answers, is in no figure, of any time. The last event of the user with the field says it, also
    where that lies ahead."""


class UserMerged(UserData):
    """A user turned out to be another one, who inherits all activity."""

    into_user_id: Id
    """The user of the same account that this one really is; both count as one, for all of time."""


class FeatureUsed(UserData):
    """A user used a feature: that makes a day of use, by the time zone of the settings.

    The same user, feature and day again changes nothing, so no ids are kept of this type, and none
    can be taken back.
    """

    feature: Id
    """Name of the feature; the label of adoption by feature, so of a bounded set of names."""
    count: PositiveCount = 1
    """Times that it was used; kept in the log, no figure uses it: a day of use counts once."""


class SessionEnded(UserData):
    """A user's session is over; each day that it touched is a day of use, by the settings."""

    session_id: Id | None = None
    """The session: of two reports of one by a user, or by merged users, the later and longer
    holds; left out, the event's `id`, which must then differ among sources too."""
    started_at: Instant | None = None
    """When it began, on the first of its days of use; left out, by its duration."""
    duration_s: Seconds
    """How long it lasted, in seconds: time spent, counted when it ended."""


class MilestoneReached(AccountData):
    """An account reached a step of its progress, such as `first_value`."""

    milestone: Id
    """Name of the step, of a bounded set; `first_value` ends the time to value; the first time
    counts."""
    user_id: Id | None = None
    """The user who reached it; kept in the log, no figure uses it."""


class SeatsSet(AccountData):
    """The account is licensed for so many seats from now on, until it has left."""

    seats: Count
    """All its seats, not the change; read for seats in use and for health."""


USAGE_EVENTS: Final[dict[str, type[EventData]]] = {
    "user.added": UserAdded,
    "user.removed": UserRemoved,
    "user.merged": UserMerged,
    "feature.used": FeatureUsed,
    "session.ended": SessionEnded,
    "milestone.reached": MilestoneReached,
    "seats.set": SeatsSet,
}
"""The model of each type of the topic. It takes no retraction."""
