"""Which dead letters can be fed back: those whose records are in order now, and nothing else."""

import json
from collections import Counter
from typing import Any

import pytest
from msgspec.structs import replace

from events.dialect import PLAIN, Dialect
from streams.kafka.dead_letter import (
    RAW_BYTES_MAX,
    DeadLetter,
    Origin,
    pack_dead_letter,
    unpack_dead_letter,
)
from streams.kafka.dead_letters import distinct, in_order

GOOD: dict[str, Any] = {
    "specversion": "1.0",
    "id": "e1",
    "source": "test",
    "type": "seats.set",
    "time": "2026-06-01T12:00:00Z",
    "data": {"account_id": "a", "seats": 5},
}


def letter(reason: str, raw: bytes) -> DeadLetter:
    """A letter as a worker writes it."""
    origin = Origin("tidemark.usage", 0, 7)
    return unpack_dead_letter(pack_dead_letter(origin, reason, "", raw, 0))


def event(**changes: Any) -> bytes:
    """The good event with something changed."""
    return json.dumps(GOOD | changes).encode()


def test_a_record_is_fed_back_once() -> None:
    """One that came back is there as often as it was fed back; the same elsewhere is another."""
    first = letter("conflict", event())
    again, other = replace(first, offset=9), replace(first, topic="tidemark.survey")
    assert distinct([first, other, again]) == [first, other]


def test_a_mended_record_is_in_order() -> None:
    """A record that was rejected and decodes now is sent as it was, byte for byte."""
    found = [letter("wrong_topic", event()), letter("unknown_schema_version", event(id="e2"))]
    assert in_order(found, PLAIN) == ([event(), event(id="e2")], Counter())


def test_the_prefix_of_types_counts() -> None:
    """Types are read with the producers' prefix that is set now."""
    found = [letter("unknown_type", event(type="com.example.seats.set"))]
    assert in_order(found, Dialect("com.example.")) == (
        [event(type="com.example.seats.set")],
        Counter(),
    )


@pytest.mark.parametrize(
    ("reason", "raw", "problem"),
    [
        ("invalid_json", b"{", "invalid_json"),
        ("invalid_data", event(data={"account_id": "a", "seats": [5]}), "invalid_data"),
        ("unknown_type", event(type="moon.landed"), "unknown_type"),
        ("conflict", event(), "conflict"),
        ("refused", event(), "refused"),
    ],
)
def test_the_others_stay(reason: str, raw: bytes, problem: str) -> None:
    """What is still wrong, unknown, or contradicts what is known is not sent, and is counted."""
    assert in_order([letter(reason, raw)], PLAIN) == ([], Counter({problem: 1}))


def test_a_contradiction_can_be_asked_for() -> None:
    """A conflict is sent only by name: the event that it contradicts may be gone by now."""
    found = [letter("conflict", event()), letter("refused", event(id="e2"))]
    assert in_order(found, PLAIN, ["conflict"]) == ([event()], Counter(refused=1))


def test_a_truncated_record_stays() -> None:
    """Of a record that did not fit its letter only the head is here: it is never sent."""
    found = letter("too_large", event() + b" " * RAW_BYTES_MAX)
    assert found.truncated
    assert in_order([found], PLAIN) == ([], Counter(truncated=1))
