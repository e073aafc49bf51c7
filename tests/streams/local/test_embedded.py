"""The embedded service: what it left out is on the board, and so in the metrics."""

import json
from typing import Any

from aggregates.shard.plan import Plan
from exporters.feed import Feed
from exporters.service_metrics import service_families
from exporters.tally import Tally
from streams.local.embedded import Embedded

GOOD: dict[str, Any] = {
    "specversion": "1.0",
    "id": "e1",
    "source": "test",
    "type": "seats.set",
    "time": "2026-01-05T00:00:00Z",
    "data": {"account_id": "a1", "seats": 3},
}


def event(name: str = "e1", **changes: Any) -> bytes:
    """An event with something changed."""
    return json.dumps({**GOOD, "id": name, **changes}).encode()


def counted(embedded: Embedded, name: str) -> dict[tuple[str, str], float]:
    """The samples of a counter that an exporter shows, by topic and the other label."""
    feed, tally = Feed(embedded.board), Tally()
    feed.refresh()
    state = feed.state()
    families = service_families(state, tally.update(state.partitions), "0")
    [family] = [each for each in families if each.name == f"tidemark_{name}"]
    return {
        (s.labels["topic"], next(v for k, v in s.labels.items() if k != "topic")): s.value
        for s in family.samples
    }


def test_what_is_left_out_is_in_the_metrics_by_reason() -> None:
    """Each record counts once: what is no event under no topic, a conflict under its own; what was
    left out by outcome agrees with it."""
    embedded = Embedded(Plan())
    embedded.intake.take(
        [
            event(),
            event("e2", data={"account_id": "b", "seats": -1}),
            b"{",
            event("e3", type="seats.gone"),
            event(data={"account_id": "a1", "seats": 4}),
        ]
    )
    embedded.publish()
    assert counted(embedded, "rejected_records") == {
        ("mixed", "invalid_data"): 1,
        ("mixed", "invalid_json"): 1,
        ("usage", "conflict"): 1,
    }
    assert counted(embedded, "ignored") == {("mixed", "unknown_type"): 1}
    assert counted(embedded, "events") == {
        ("usage", "folded"): 1,
        ("usage", "conflict"): 1,
        ("mixed", "rejected"): 2,
        ("mixed", "ignored"): 1,
    }


def test_they_are_the_same_however_records_come() -> None:
    """All at once, or one by one with a publish between: the counts are those of a replay."""
    records = [event(), b"{", event("e2", type="x.y"), event("e3", data={"seats": 1}), b"[]"] * 3
    at_once, live = Embedded(Plan()), Embedded(Plan())
    at_once.intake.take(records)
    at_once.publish()
    for each in records:
        live.intake.take([each])
        live.publish()
    for name in ("rejected_records", "ignored"):
        assert counted(live, name) == counted(at_once, name) != {}
    assert live.intake.rejected == at_once.intake.rejected
