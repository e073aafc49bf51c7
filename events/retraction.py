"""The correction that every topic but usage takes."""

from typing import Any

from events.envelope import EventData
from events.fields import Id

Target = str | tuple[str, str]
"""What is taken back: an event's id, of whatever source, or its source and its id."""


def target_of(event_id: Any, source: Any) -> Target:
    """Returns what a retraction names; a source that is no text is none.

    >>> target_of("1", None), target_of("1", "bot")
    ('1', ('bot', '1'))
    """
    return (source, str(event_id)) if isinstance(source, str) else str(event_id)


class EventRetracted(EventData):
    """An earlier event, named by its id, is taken back as if it had never been.

    It travels in the topic and under the key of what it retracts, and may come before it. A usage
    event cannot be retracted: a user's active day does not know which events set it.
    """

    retracts: Id
    """The `id` of the event that is taken back."""
    retracts_source: Id | None = None
    """The `source` of the event that is taken back; left out, of whatever source."""
    reason: str | None = None
    """Why, in the producer's words; kept in the log, no figure uses it."""
    retracts_type: Id | None = None
    """Type of the event that is taken back: tells `tidemark publish` and files the topic; left out,
    all topics but usage are looked through."""
