"""Freshness: whether figures are live, of when they are, and what came last, in one line."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from aggregates.time.tile import edge_ms
from exporters.live_reading import Reading
from exporters.pages.template import template
from exporters.quantity import duration, number
from exporters.service_metrics import lags, last_events_ms, statuses

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
        checkpoint=_checkpoint(reading),
        topics=list(_topics(reading)),
    )


def freshness_key(reading: Reading) -> object:
    """Returns what makes the line another one: not that time goes by, which a page sees itself."""
    state = reading.state
    latest = last_events_ms(state.partitions)
    held = len(state.partitions), state.expected
    stored_ms = [status.stored_ms for _, status in statuses(state.partitions)]
    return state.reason, reading.edge, held, latest, lags(state.partitions), stored_ms


def _checkpoint(reading: Reading) -> dict[str, Any] | None:
    """Returns the age of the newest checkpoint that is shown; None where none is followed."""
    stored_ms = [status.stored_ms or 0 for _, status in statuses(reading.state.partitions)]
    newest_ms = max(stored_ms, default=0)
    return _age(max(reading.now_ms - newest_ms, 0) / MS_A_SECOND) if newest_ms else None


def _topics(reading: Reading) -> Iterator[dict[str, Any]]:
    """Yields what came last of each topic, and how far behind those are of which nothing came."""
    partitions = reading.state.partitions
    behind, latest = lags(partitions), last_events_ms(partitions)
    topics = {topic for _, status in statuses(partitions) for topic in status.topics}
    for topic in sorted(topics | latest.keys()):
        records, event_ms = behind.get(topic), latest.get(topic)
        if event_ms is None and records == 0:
            continue
        note = f"{number(records, 0)} behind" if records else ""
        yield {
            "name": topic,
            "age": None if event_ms is None else _age((reading.now_ms - event_ms) / MS_A_SECOND),
            "note": "lag unknown" if records is None else note,
        }


def _age(age_s: float) -> dict[str, Any]:
    """Returns an age: in seconds, and in words; an event may be ahead of the clock."""
    seconds = max(round(age_s), 0)
    return {"seconds": seconds, "text": f"{duration(seconds)} ago" if age_s >= 0 else "just now"}


def _moment(instant_ms: int) -> dict[str, str]:
    moment = datetime.fromtimestamp(instant_ms / MS_A_SECOND, UTC)
    return {"machine": f"{moment:%Y-%m-%dT%H:%M:%SZ}", "text": f"{moment:%Y-%m-%d %H:%M} UTC"}
