"""The events: CloudEvents models of five topics, their registry, codec, upcasts and JSON Schemas.

Pure: no I/O but writing the schema files, no clock, no Kafka. Imports nothing of Tidemark's other
packages.
"""

from events.codec import Decoder
from events.envelope import Envelope, EventData
from events.event import MISPLACED, WRONG_PARTITION, Batch, Event, Reject
from events.instant import InstantOutOfBandError, format_instant, parse_instant
from events.line import decode_line_topic
from events.records import HOT_TYPES, FeatureUse, HotEvent, SessionEnd
from events.registry import (
    ATTRIBUTE_TYPES,
    COPIED_TYPES,
    EVENT_RETRACTED,
    EVENT_TYPES,
    RETRACTION_TOPICS,
    TOPIC_PREFIX,
    TOPICS,
    EventType,
    topic_of,
)
from events.schemas import schema_of, write_schemas
from events.topics import topics_for
from events.upcasts import UPCASTS, Upcasts

__all__ = [
    "ATTRIBUTE_TYPES",
    "COPIED_TYPES",
    "EVENT_RETRACTED",
    "EVENT_TYPES",
    "HOT_TYPES",
    "MISPLACED",
    "RETRACTION_TOPICS",
    "TOPICS",
    "TOPIC_PREFIX",
    "UPCASTS",
    "WRONG_PARTITION",
    "Batch",
    "Decoder",
    "Envelope",
    "Event",
    "EventData",
    "EventType",
    "FeatureUse",
    "HotEvent",
    "InstantOutOfBandError",
    "Reject",
    "SessionEnd",
    "Upcasts",
    "decode_line_topic",
    "format_instant",
    "parse_instant",
    "schema_of",
    "topic_of",
    "topics_for",
    "write_schemas",
]
