"""Where an event goes."""

from typing import cast

from events.event import Event
from events.registry import EVENT_RETRACTED, RETRACTION_TOPICS, topic_of
from events.retraction import EventRetracted


def topics_for(event: Event) -> tuple[str, ...]:
    """Returns the topics that an event goes to; a retraction may be meant for several."""
    if event.type == EVENT_RETRACTED:
        retracted = cast(EventRetracted, event.data).retracts_type
        topic = topic_of(event.type, {"retracts_type": retracted})
        return (topic,) if topic else RETRACTION_TOPICS
    topic = topic_of(event.type)
    assert topic is not None, "the decoder lets no unknown type through"
    return (topic,)
