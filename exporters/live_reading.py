"""The live reading: all figures at one moment, taken once for all who ask at about that time.

Guards the feed and the evaluation with one lock. Evaluates only when the ledger or the quarter of
an hour has moved on; a reading does not change once it is given out.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from aggregates.catalogue.catalogue import Catalogue
from aggregates.reading.reader import Reader
from aggregates.time.calendar import Calendar
from aggregates.time.tile import edge_after
from exporters.catalogue_source import CatalogueSource
from exporters.feed import Feed, FeedState
from exporters.figures import Figures, live_figures
from exporters.tally import Counts, Tally

V = TypeVar("V")

SHARED_FOR_S: Final = 0.2
"""Scrapes and page views this close share a reading: too little time to see in the figures."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything an exporter shows at one moment.

    Attributes:
        now_ms: The moment, in ms of the epoch.
        edge: Tile edge at which figures are read: the next after the moment.
        state: Whether the ledger was whole.
        figures: The figures; None unless it was.
        counts: What workers have counted.
        catalogue: The KPIs in force.
        problem: Why the KPI files as they are now are not in force; empty if they are.
        currency: The reporting currency.
        took_s: Time it took to read the board and evaluate, in seconds.
        version: Of the figures: grows whenever they are evaluated anew, since the ledger, the edge
            or the catalogue is another.
    """

    now_ms: int
    edge: int
    state: FeedState
    figures: Figures | None
    counts: Counts
    catalogue: Catalogue
    problem: str
    currency: str
    took_s: float = 0.0
    version: int = 0


class LiveReading:
    """Takes readings; any thread may ask. Nobody else may use the feed from now on.

    Attributes:
        calendar: Days and windows of the reporting time zone.

    Figures are read by the clock ``now_ms``, which a simulation sets, in ms of the epoch; a reading
    is shared for ``shared_for_s`` by ``clock_s``, which never goes back.
    """

    def __init__(
        self,
        feed: Feed,
        source: CatalogueSource,
        calendar: Calendar,
        now_ms: Callable[[], int],
        *,
        currency: str = "USD",
        shared_for_s: float = SHARED_FOR_S,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.calendar = calendar
        self._source = source
        self._feed = feed
        self._reader = Reader(feed.ledger, calendar, remembers=True)
        self._now_ms = now_ms
        self._currency = currency
        self._shared_for_s = shared_for_s
        self._clock_s = clock_s
        self._lock = threading.Lock()
        self._tally = Tally()
        self._last: tuple[float, Reading] | None = None
        self._evaluated: tuple[tuple[int, int, Catalogue], Figures] | None = None
        self._evaluations = 0

    def take(self) -> Reading:
        """Returns a reading that is at most ``shared_for_s`` old."""
        with self._lock:
            return self._take()

    def ask(self, question: Callable[[Reading, Reader], V]) -> V:
        """Returns what a question finds in a reading, and in the ledger that it was read from.

        The ledger must not be read unless the reading has figures: it is not whole then.
        """
        with self._lock:
            return question(self._take(), self._reader)

    def _take(self) -> Reading:
        begun_s = self._clock_s()
        if self._last is not None and begun_s - self._last[0] < self._shared_for_s:
            return self._last[1]
        now_ms = self._now_ms()  # before the ledger: no edge is read that it may not reach yet
        self._feed.refresh()
        state = self._feed.state()
        counts = self._tally.update(state.partitions)
        edge = edge_after(now_ms)
        catalogue = self._source.current()
        figures = self._figures(edge, catalogue) if state.complete else None
        problem = self._source.problem
        ended_s = self._clock_s()
        took_s = ended_s - begun_s
        reading = Reading(
            now_ms=now_ms,
            edge=edge,
            state=state,
            figures=figures,
            counts=counts,
            catalogue=catalogue,
            problem=problem,
            currency=self._currency,
            took_s=took_s,
            version=self._evaluations,
        )
        self._last = ended_s, reading
        return reading

    def state(self) -> FeedState:
        """Returns whether the ledger is whole now, without waiting for a reading under way.

        While one is taken, by what was last read of the board, whose age counts.
        """
        if self._lock.acquire(blocking=False):
            try:
                self._feed.refresh()
            finally:
                self._lock.release()
        return self._feed.state()

    def _figures(self, edge: int, catalogue: Catalogue) -> Figures:
        moment = self._feed.version, edge, catalogue
        if self._evaluated is None or self._evaluated[0] != moment:
            figures = live_figures(self._reader, catalogue, edge, self._currency)
            self._evaluated = moment, figures
            self._evaluations += 1
        return self._evaluated[1]
