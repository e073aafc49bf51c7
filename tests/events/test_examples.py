"""The examples of the documentation: one of each type, valid as a file of events."""

from events import EVENT_TYPES, Decoder
from events.examples import example_line, example_of


def test_every_type_has_an_example() -> None:
    """Each type has one, with an id of its own."""
    assert {name: example_of(name)["type"] for name in EVENT_TYPES} == {n: n for n in EVENT_TYPES}
    assert len({example_of(name)["id"] for name in EVENT_TYPES}) == len(EVENT_TYPES)


def test_examples_are_events() -> None:
    """The decoder takes every line, and finds no field that it does not know."""
    batch = Decoder().decode([example_line(name).encode() for name in EVENT_TYPES])
    assert (batch.rejects, dict(batch.ignored)) == ([], {})
    assert len(batch.events) + len(batch.uses) + len(batch.sessions) == len(EVENT_TYPES)


def test_the_retraction_takes_back_an_example() -> None:
    """What the example of a retraction names is there, of the type that it tells."""
    taken_back = example_of("event.retracted")["data"]
    named = example_of(taken_back["retracts_type"])
    assert named["id"] == taken_back["retracts"]
    assert named["data"]["account_id"] == taken_back["account_id"]
