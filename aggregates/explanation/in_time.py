"""Events in the order of the time from which they count, as they are told one by one.

Uses and sessions of a user on one day are one step: none of them says much.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from aggregates.time.calendar import Calendar
from aggregates.time.tile import tile_of
from events import Batch, Event, topics_for
from events.records import HOT_TYPES, HotEvent

AnyEvent = Event | HotEvent[Any]

_USAGE: Final = "usage"


def in_steps(events: Iterable[AnyEvent], calendar: Calendar) -> list[list[AnyEvent]]:
    """Returns events in the order of time, those that are one step together."""
    steps: list[list[AnyEvent]] = []
    days: dict[tuple[str, int], list[AnyEvent]] = {}
    for event in sorted(events, key=_order):
        if isinstance(event, HotEvent):
            day = calendar.day_of(tile_of(event.effective_ms))
            known = days.get((event.data.user_id, day))
            if known is not None:
                known.append(event)
                continue
            steps.append([event])
            days[event.data.user_id, day] = steps[-1]
        else:
            steps.append([event])
    return steps


def count_of(together: Iterable[AnyEvent]) -> int:
    """Returns how many events there are, each once however often it was delivered."""
    return len({(event.source, event.id) for event in together})


def batches_of(together: Sequence[AnyEvent]) -> Iterator[tuple[str, Batch]]:
    """Yields events by the topics that they go to."""
    usage = Batch()
    for event in together:
        if isinstance(event, HotEvent):
            getattr(usage, HOT_TYPES[event.type]).append(event)
        else:
            for topic in topics_for(event):
                yield topic, Batch(events=[event])
    if usage.uses or usage.sessions:
        yield _USAGE, usage


def _order(event: AnyEvent) -> tuple[int, str, str, str]:
    """Returns an event's place in time; several at one instant as their producer counts."""
    sequence = "" if isinstance(event, HotEvent) else event.sequence
    return event.effective_ms, sequence, event.id, event.source
