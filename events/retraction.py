"""The correction that every topic but usage takes."""

from events.envelope import Fact
from events.fields import Id


class EventRetracted(Fact):
    """An earlier event, named by its id, is taken back as if it had never been.

    It travels under the key of what it retracts. `retracts_type` tells the topic. A usage event
    cannot be retracted: a user's active day does not know which events set it.
    """

    retracts: Id
    reason: str | None = None
    retracts_type: Id | None = None
