"""The ticker: what happened lately, event by event, and what each changed.

Live events are folded one by one, and what each does to the ledgers is looked at. So what is told
is what the figures were changed by, whatever the event says of itself. Only so many a flush are
told; the others are folded together, as they would be without a ticker, and counted.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from typing import Final, Protocol

from aggregates.catalogue.catalogue import Catalogue
from aggregates.explanation.happening import Happening, happening_of
from aggregates.explanation.headline_changes import HeadlineChanges
from aggregates.explanation.in_time import AnyEvent
from aggregates.ledger.ledger import Ledger
from aggregates.rows.history import Outcome
from aggregates.shard.counts import KNOWN
from aggregates.time.calendar import Calendar
from aggregates.time.tile import edge_after
from events import Decoder
from events.dialect import PLAIN, Dialect
from streams.local.intake import Intake

LATEST_MAX: Final = 200
"""Events that are kept."""

TOLD_MAX: Final = 12
"""Events of a flush that are told one by one: a settle for each, some ms of CPU."""

CHOSEN_MAX: Final = 3
"""Events that are told of many that come together: those before and after each are folded apart."""

LOOK_MAX: Final = 200
"""Records of a flush among which those are chosen."""

_HAPPENED: Final = (Outcome.FOLDED, KNOWN)
"""Outcomes of what happened; a use on a day that is known already changes nothing."""


class Catalogues(Protocol):
    """Who has the catalogue in force, such as ``KpiFiles``."""

    def current(self) -> Catalogue:
        """Returns it."""


class Ticker:
    """Folds live events, and keeps what the last of them changed; any thread may ask for it."""

    def __init__(
        self,
        catalogues: Catalogues,
        calendar: Calendar,
        clock_ms: Callable[[], int],
        dialect: Dialect = PLAIN,
    ) -> None:
        """Starts without events.

        Args:
            catalogues: The KPIs.
            calendar: The calendar of figures.
            clock_ms: The time at which figures are read, in ms of the epoch.
            dialect: How producers write events.
        """
        self._catalogues = catalogues
        self._calendar = calendar
        self._clock_ms = clock_ms
        self._decoder = Decoder(dialect)
        self._reading: tuple[Catalogue, HeadlineChanges] | None = None
        self._latest: deque[Happening] = deque(maxlen=LATEST_MAX)
        self._lock = threading.Lock()
        self._left = TOLD_MAX
        self._others = 0

    def latest(self) -> list[Happening]:
        """Returns what happened lately, the newest first."""
        with self._lock:
            return list(reversed(self._latest))

    def flush(self) -> None:
        """Notes that a flush is over: as many events may be told again."""
        self._left = TOLD_MAX
        if self._others:
            with self._lock:
                if self._latest:
                    last = self._latest.pop()
                    self._latest.append(replace(last, others=last.others + self._others))
            self._others = 0

    def fold(self, values: Sequence[bytes], intake: Intake) -> None:
        """Folds records, of which some are told."""
        place = 0
        for index, event in self._chosen(values):
            self._fold_others(values[place:index], intake)
            self._tell(event, values[index], intake)
            place = index + 1
        self._fold_others(values[place:], intake)

    def _chosen(self, values: Sequence[bytes]) -> list[tuple[int, AnyEvent]]:
        """Returns the events to tell, with their places: uses and sessions if nothing else is."""
        count = self._left if len(values) <= self._left else min(self._left, CHOSEN_MAX)
        if not count:
            return []
        first = max(0, len(values) - LOOK_MAX)
        batch = self._decoder.decode(values[first:])
        found: list[AnyEvent] = [*reversed(batch.events), *reversed(batch.hot)]
        chosen = list(islice(found, count))
        self._left -= len(chosen)
        return sorted(((first + event.index, event) for event in chosen), key=lambda each: each[0])

    def _fold_others(self, values: Sequence[bytes], intake: Intake) -> None:
        if values:
            happened = _happened(intake)
            intake.take(values)
            self._others += _happened(intake) - happened

    def _tell(self, event: AnyEvent, value: bytes, intake: Intake) -> None:
        intake.settle()
        before = _happened(intake)
        with _watched(intake) as changed:
            intake.take([value])
            intake.settle()
        if _happened(intake) == before:
            return  # it was known, or cannot be folded
        happened = happening_of(event, self._changes().of(changed, edge_after(self._clock_ms())))
        with self._lock:
            self._latest.append(happened)

    def _changes(self) -> HeadlineChanges:
        catalogue = self._catalogues.current()
        if self._reading is None or self._reading[0] is not catalogue:
            self._reading = catalogue, HeadlineChanges(catalogue, self._calendar)
        return self._reading[1]


def _happened(intake: Intake) -> int:
    """Returns how many events were neither known nor refused, in each partition they went to."""
    return sum(
        count
        for shard in intake.shards
        for (_, outcome), count in shard.counts.outcomes.items()
        if outcome in _HAPPENED
    )


@contextmanager
def _watched(intake: Intake) -> Iterator[Ledger]:
    """Yields a ledger that takes what changes those of the partitions meanwhile."""
    changed = Ledger()
    for shard in intake.shards:
        shard.settling.watched = changed
    try:
        yield changed
    finally:
        for shard in intake.shards:
            shard.settling.watched = None
