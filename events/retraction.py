"""The correction that every topic but usage takes."""

from events.envelope import EventData
from events.fields import Id


class EventRetracted(EventData):
    """An earlier event, named by its id, is taken back as if it had never been.

    It travels in the topic and under the key of what it retracts, and may come before it. A usage
    event cannot be retracted: a user's active day does not know which events set it.
    """

    retracts: Id
    """The `id` of the event that is taken back."""
    reason: str | None = None
    """Why, in the producer's words; kept in the log, no figure uses it."""
    retracts_type: Id | None = None
    """Type of the event that is taken back: tells `tidemark publish` and files the topic; left out,
    all topics but usage are looked through."""
