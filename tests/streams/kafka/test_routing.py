"""Routing: each line to its topics and keys, or a bad one with its reason, up to a bound."""

import pytest

from events import EVENT_TYPES
from streams.kafka.routing import Bad, Routed, Router
from tests.events.examples import MINIMAL, encode, full_record, record_of

SEATS = record_of("seats.set", {"account_id": "a", "seats": 1})


def routed(line: bytes, bad_lines_max: int | None = 9) -> list[Routed | Bad]:
    """What becomes of one line, the seventh of its file."""
    return list(Router(bad_lines_max=bad_lines_max).route([line + b"\n"], [7]))


@pytest.mark.parametrize("checked", [True, False])
@pytest.mark.parametrize("name", EVENT_TYPES)
def test_every_event_has_its_topic(name: str, checked: bool) -> None:
    """By its type, whether all of it is looked at or not; a copy under each key."""
    line = encode(full_record(name))
    found = routed(line, 9 if checked else None)
    assert found
    topic = EVENT_TYPES[name].topic
    for each in found:
        assert isinstance(each, Routed)
        assert topic in (None, each.topic)
        assert each.line == line
    copies = {each.key for each in found if isinstance(each, Routed)}
    assert len(copies) == 1 + ("into_account_id" in MINIMAL[name])


@pytest.mark.parametrize(
    ("line", "checked", "routing"),
    [
        (b"nonsense", "invalid_json", "invalid_json"),
        (b"[]", "not_an_object", "invalid_envelope"),
        (b'{"type": 1}', "invalid_envelope", "invalid_envelope"),
        (b'{"type": "ticket.created"}', "invalid_envelope", "no_key"),
        (encode(SEATS | {"data": {"account_id": "a", "seats": "x"}}), "invalid_data", None),
        (encode(SEATS | {"time": "yesterday"}), "invalid_envelope", None),
        (b'{"type": "weather.rained"}', "unknown_type", "unknown_type"),
        (encode(record_of("ticket.praised", {"account_id": "a"})), None, None),
    ],
)
def test_bad_lines(line: bytes, checked: str | None, routing: str | None) -> None:
    """Where all of a line is looked at, what is wrong with it is known before it is sent."""
    for bad_lines_max, reason in ((9, checked), (None, routing)):
        [found] = routed(line, bad_lines_max)
        assert (found.reason if isinstance(found, Bad) else None) == reason
        if isinstance(found, Bad):
            assert (found.number, found.line) == (7, line)


def test_too_many_bad_lines_end_it() -> None:
    """Over all batches; lines before are routed, the rest is not, and the line is named."""
    router, good, bad = Router(bad_lines_max=3), encode(SEATS), b"{"
    first = list(router.route([bad, good, bad, good], [1, 2, 3, 4]))
    assert [isinstance(each, Bad) for each in first] == [True, False, True, False]
    assert router.stopped_at is None
    second = list(router.route([good, bad, good, bad], [5, 6, 7, 8]))
    assert [isinstance(each, Bad) for each in second] == [False, True]
    assert router.stopped_at == 6


def test_without_a_bound_all_are_routed() -> None:
    """Whoever sends records that were looked at before asks for no bound."""
    router = Router()
    assert len(list(router.route([b"{"] * 500, range(1, 501)))) == 500
    assert router.stopped_at is None
