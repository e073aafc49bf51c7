"""Freshness: whether figures are live, of when they are, and what came last, in one line."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from aggregates.time.tile import edge_ms
from exporters.live_reading import Reading
from exporters.pages.template import template
from exporters.quantity import duration, number
from exporters.service_metrics import lags, last_events_ms

MS_A_SECOND: Final = 1_000


def freshness(reading: Reading, met: str) -> str:
    """Returns the line on a reading, as HTML.

    Args:
        reading: What is known now.
        met: How many of how many targets are met; empty if none is judged.
    """
    state = reading.state
    oldest_s = max((partition.age_s for partition in state.partitions), default=None)
    return template("freshness.html").render(
        stale=state.reason,
        edge=_moment(edge_ms(reading.edge)),
        now=_moment(reading.now_ms),
        met=met,
        partitions=f"{len(state.partitions)} of {state.expected or '?'}",
        oldest=None if oldest_s is None else _age(oldest_s),
        topics=list(_topics(reading)),
    )


def freshness_key(reading: Reading) -> object:
    """Returns what makes the line another one: not that time goes by, which a page sees itself."""
    state = reading.state
    latest = last_events_ms(state.partitions)
    held = len(state.partitions), state.expected
    return state.reason, reading.edge, held, latest, lags(state.partitions)


def _topics(reading: Reading) -> Iterator[dict[str, Any]]:
    behind = lags(reading.state.partitions)
    for topic, event_ms in sorted(last_events_ms(reading.state.partitions).items()):
        records = behind.get(topic)
        note = f"{number(records, 0)} behind" if records else ""
        yield {
            "name": topic,
            "age": _age((reading.now_ms - event_ms) / MS_A_SECOND),
            "note": "lag unknown" if records is None else note,
        }


def _age(age_s: float) -> dict[str, Any]:
    """Returns an age: in seconds, and in words; an event may be ahead of the clock."""
    seconds = max(round(age_s), 0)
    return {"seconds": seconds, "text": f"{duration(seconds)} ago" if age_s >= 0 else "just now"}


def _moment(instant_ms: int) -> dict[str, str]:
    moment = datetime.fromtimestamp(instant_ms / MS_A_SECOND, UTC)
    return {"machine": f"{moment:%Y-%m-%dT%H:%M:%SZ}", "text": f"{moment:%Y-%m-%d %H:%M} UTC"}
