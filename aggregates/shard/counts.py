"""Counts of a partition's events: what became of them, and how new the latest is."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from aggregates.rows.history import Outcome
from aggregates.time.tile import TILE_MS, TILES_A_DAY

KNOWN: Final = "known"
"""Outcome of uses that say nothing new."""

_DAY_MS: Final = TILES_A_DAY * TILE_MS


class EventCounts:
    """What became of the events that were folded.

    Attributes:
        outcomes: Events by topic and outcome.
        last_event_ms: Latest time of an event, ms of the epoch, by topic.
        restatements: Events that changed history more than a day older than the latest event.
    """

    def __init__(self) -> None:
        self.outcomes: Counter[tuple[str, str]] = Counter()
        self.last_event_ms: dict[str, int] = {}
        self.restatements = 0

    def note(self, topic: str, outcome: str, time_ms: int, effective_ms: int) -> None:
        """Counts an event of a topic by what became of it."""
        self.outcomes[topic, outcome] += 1
        newest_ms = self.last_event_ms.get(topic, 0)
        if time_ms > newest_ms:
            self.last_event_ms[topic] = time_ms
        elif outcome == Outcome.FOLDED and is_restatement(effective_ms, newest_ms):
            self.restatements += 1

    def note_uses(
        self, topic: str, outcomes: Mapping[str, int], *, restated: int, newest_ms: int
    ) -> None:
        """Counts many uses at once by what became of them."""
        for outcome, count in outcomes.items():
            if count:
                self.outcomes[topic, outcome] += count
        self.last_event_ms[topic] = newest_ms
        self.restatements += restated


def is_restatement(effective_ms: int, newest_ms: int) -> bool:
    """Returns whether an event changes history a day before the latest event, or older."""
    return effective_ms < newest_ms - _DAY_MS
