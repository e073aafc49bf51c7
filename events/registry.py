"""Every event type by name, read off the topics.

A new type is one model and one line in its topic's module; nothing is listed twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal, cast

from events.account import ACCOUNT_EVENTS, AccountAttributes
from events.envelope import AnyEnvelope, Envelope, EventData
from events.subscription import SUBSCRIPTION_EVENTS
from events.survey import SURVEY_EVENTS
from events.ticket import TICKET_EVENTS
from events.usage import USAGE_EVENTS

TOPIC_PREFIX: Final = "tidemark."
"""Prefix of a topic's name in Kafka, before its short name."""

EVENT_RETRACTED: Final = "event.retracted"
"""The one type of several topics."""

USAGE: Final = "usage"
"""The topic that takes no retraction."""

_MODELS: Final[dict[str, dict[str, type[EventData]]]] = {
    "subscription": SUBSCRIPTION_EVENTS,
    USAGE: USAGE_EVENTS,
    "survey": SURVEY_EVENTS,
    "ticket": TICKET_EVENTS,
    "account": ACCOUNT_EVENTS,
}
"""By topic, the model of each type."""

TOPICS: Final = tuple(_MODELS)
"""Short names of the event topics."""

RETRACTION_TOPICS: Final = tuple(topic for topic in TOPICS if topic != USAGE)
"""Where a retraction may go that does not say which type it retracts."""


@dataclass(frozen=True)
class EventType:
    """One type of event.

    Attributes:
        name: Such as `subscription.updated`.
        model: The model of `data`.
        topic: Short name of the topic; None for the retraction, which has several.
    """

    name: str
    model: type[EventData]
    topic: str | None

    @cached_property
    def envelope(self) -> "type[AnyEnvelope]":
        """The model of the whole event, made when it is asked for: few of all types ever are."""
        made: type[AnyEnvelope] = cast(Any, Envelope)[Literal[self.name], self.model]
        return made

    @cached_property
    def validate(self) -> "Callable[[object], AnyEnvelope]":
        """The envelope's validator itself; `model_validate` costs an eighth more."""
        return self.envelope.__pydantic_validator__.validate_python


EVENT_TYPES: Final[dict[str, EventType]] = {
    name: EventType(name, model, None if name == EVENT_RETRACTED else topic)
    for topic, models in _MODELS.items()
    for name, model in models.items()
}
"""All types by name."""

COPIED_TYPES: Final = frozenset(
    name for name, member in EVENT_TYPES.items() if "into_account_id" in member.model.model_fields
)
"""Types of events that travel under two keys: that of the account that is left, and a copy under
that of the account that something goes to."""

ATTRIBUTE_TYPES: Final = frozenset(
    name for name, member in EVENT_TYPES.items() if issubclass(member.model, AccountAttributes)
)
"""Types of events that give accounts attributes."""

_OBJECT_TOPICS: Final[dict[str, str]] = {
    member.name.partition(".")[0]: member.topic
    for member in EVENT_TYPES.values()
    if member.topic is not None
}


def topic_of(name: str, data: Mapping[str, object] | None = None) -> str | None:
    """Find the topic of an event.

    An unknown type goes by its object (`ticket.praised` is about tickets); a retraction goes
    where `retracts_type` belongs.

    Args:
        name: Type of the event, without the producer's prefix.
        data: The event's data; read for retractions only.

    Returns:
        Short name of the topic, or None if nothing says it.

    >>> topic_of("survey_response.created"), topic_of("charge.refunded"), topic_of("weather.rained")
    ('survey', 'subscription', None)
    >>> topic_of("event.retracted", {"retracts": "evt_1", "retracts_type": "ticket.created"})
    'ticket'
    """
    if name == EVENT_RETRACTED:
        retracted = (data or {}).get("retracts_type")
        if not isinstance(retracted, str) or retracted == EVENT_RETRACTED:
            return None
        return topic_of(retracted)
    known = EVENT_TYPES.get(name)
    return _OBJECT_TOPICS.get(name.partition(".")[0]) if known is None else known.topic
