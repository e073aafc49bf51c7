"""The registry: every type under its topic, and topics found from names."""

import pytest

from events import (
    EVENT_TYPES,
    RETRACTION_TOPICS,
    TOPICS,
    EventData,
    decode_line_topic,
    topic_of,
)
from events.dialect import Dialect
from tests.events.examples import encode, full_record

VOCABULARY = {
    "subscription": {"subscription", "invoice", "charge"},
    "usage": {"user", "feature", "session", "milestone", "seats"},
    "survey": {"survey", "survey_response"},
    "ticket": {"ticket"},
    "account": {
        *("account", "visitor", "goal", "onboarding", "referral"),
        *("program", "cost", "task", "time", "health"),
    },
}


def test_topics() -> None:
    """There are five topics; all but usage take retractions."""
    assert TOPICS == ("subscription", "usage", "survey", "ticket", "account")
    assert RETRACTION_TOPICS == ("subscription", "survey", "ticket", "account")


def test_objects() -> None:
    """The object in a type's name tells its topic, as the vocabulary has it."""
    found: dict[str, set[str]] = {topic: set() for topic in TOPICS}
    for kind in EVENT_TYPES.values():
        if kind.topic is not None:
            found[kind.topic].add(kind.name.partition(".")[0])
    assert found == VOCABULARY


def test_one_model_a_type() -> None:
    """No two types share a model, so that a model tells its type."""
    models = [kind.model for kind in EVENT_TYPES.values()]
    assert len(set(models)) == len(models)
    assert all(issubclass(model, EventData) for model in models)
    assert all(name == kind.name for name, kind in EVENT_TYPES.items())


@pytest.mark.parametrize("name", sorted(set(EVENT_TYPES) - {"event.retracted"}))
def test_topic_of_known_types(name: str) -> None:
    """A known type's topic is found from its name, and from a line of a file."""
    assert topic_of(name) == EVENT_TYPES[name].topic
    assert decode_line_topic(encode(full_record(name))) == EVENT_TYPES[name].topic
    assert topic_of("event.retracted", {"retracts_type": name}) == EVENT_TYPES[name].topic


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("", None, None),
        ("ticket", None, "ticket"),
        ("ticket.praised", None, "ticket"),
        ("weather.rained", None, None),
        ("event.retracted", None, None),
        ("event.retracted", {}, None),
        ("event.retracted", {"retracts_type": None}, None),
        ("event.retracted", {"retracts_type": 3}, None),
        ("event.retracted", {"retracts_type": "event.retracted"}, None),
        ("event.retracted", {"retracts_type": "feature.used"}, "usage"),
    ],
)
def test_topic_of_other_names(
    name: str, data: dict[str, object] | None, expected: str | None
) -> None:
    """Unknown types go by their object, retractions by what they retract, if they tell."""
    assert topic_of(name, data) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"", None),
        (b"{", None),
        (b"[]", None),
        (b"{}", None),
        (b'{"type": 1}', None),
        (b'{"type": "x.ticket.created", "data": {}}', "ticket"),
        (b'{"type": "ticket.created", "data": {"retracts_type": 3}}', None),
        (b'{"type": "event.retracted", "data": {"retracts_type": "x.survey.sent"}}', "survey"),
        (b'{"type": "ticket.created", "data": "\xff' + b"[" * 9999, None),
    ],
)
def test_topic_of_lines(line: bytes, expected: str | None) -> None:
    """A line that does not tell its topic yields none, and never raises."""
    assert decode_line_topic(line, Dialect("x.")) == expected
