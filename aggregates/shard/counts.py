"""Counts of a partition's events: what became of them, and how new the latest is."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

KNOWN: Final = "known"
"""Outcome of uses that say nothing new."""


class EventCounts:
    """What became of the events that were folded.

    Attributes:
        outcomes: Events by topic and outcome.
        last_event_ms: Latest time of an event, ms of the epoch, by topic.
    """

    def __init__(self) -> None:
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.last_event_ms: dict[str, int] = {}
        self._oldest_ms: dict[str, int] = {}

    def note(self, topic: str, outcome: str, time_ms: int) -> None:
        """Counts an event of a topic by what became of it."""
        self.outcomes[topic, outcome] += 1
        if time_ms > self.last_event_ms.get(topic, 0):
            self.last_event_ms[topic] = time_ms
        self._note_oldest(topic, time_ms)

    def note_uses(
        self, topic: str, outcomes: Mapping[str, int], *, oldest_ms: int | None, newest_ms: int
    ) -> None:
        """Counts many uses at once by what became of them; the oldest is of those not known."""
        for outcome, count in outcomes.items():
            if count:
                self.outcomes[topic, outcome] += count
        self.last_event_ms[topic] = newest_ms
        if oldest_ms is not None:
            self._note_oldest(topic, oldest_ms)

    def take_oldest(self) -> dict[str, int]:
        """Returns the oldest time of an event since the last call, ms of the epoch, by topic."""
        oldest_ms, self._oldest_ms = self._oldest_ms, {}
        return oldest_ms

    def _note_oldest(self, topic: str, time_ms: int) -> None:
        if time_ms < self._oldest_ms.get(topic, time_ms + 1):
            self._oldest_ms[topic] = time_ms
