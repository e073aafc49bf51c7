"""The live reading: all figures at one moment, taken once for all who ask at about that time.

Guards the feed and the evaluation with one lock. Evaluates only when the ledger or the quarter of
an hour has moved on; a reading does not change once it is given out.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aggregates.calendar import Calendar
from aggregates.catalogue import Catalogue
from aggregates.distribution import Distribution, distributions
from aggregates.measure import Segment
from aggregates.reading import Reader, Result
from aggregates.rows.accounts import UNKNOWN
from aggregates.tile import edge_after
from exporters.feed import Feed, FeedState
from exporters.tally import Tally

SHARED_FOR_S: Final = 0.2
"""Scrapes and page views this close share a reading: below what anybody could tell from the
figures."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a whole ledger says at one edge.

    Attributes:
        results: Every KPI over all accounts.
        segments: The same by segment; empty while no account has one.
        distributions: Durations behind the duration KPIs.
    """

    results: Sequence[Result]
    segments: Mapping[Segment, Sequence[Result]]
    distributions: Sequence[Distribution]


@dataclass(frozen=True, slots=True)
class Counts:
    """Totals at one moment; see ``Tally``."""

    events: Mapping[tuple[str, str], int]
    restatements: int


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything an exporter shows at one moment.

    Attributes:
        now_ms: The moment, in ms of the epoch.
        edge: Tile edge at which figures are read: the next after the moment.
        state: Whether the ledger was whole.
        figures: The figures; None unless it was.
        counts: What workers have counted.
    """

    now_ms: int
    edge: int
    state: FeedState
    figures: Figures | None
    counts: Counts


class LiveReading:
    """Takes readings. Any thread may ask."""

    def __init__(
        self,
        feed: Feed,
        catalogue: Catalogue,
        calendar: Calendar,
        now_ms: Callable[[], int],
        *,
        currency: str = "USD",
        shared_for_s: float = SHARED_FOR_S,
        clock_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Takes what to read and when.

        Args:
            feed: The ledger; nobody else may use it from now on.
            catalogue: The KPIs.
            calendar: The calendar of the reporting time zone.
            now_ms: The clock that figures are read by, which a simulation sets; ms of the epoch.
            currency: The reporting currency.
            shared_for_s: How long a reading is given out again.
            clock_s: A clock that never goes back, in seconds.
        """
        self.catalogue = catalogue
        self._feed = feed
        self._reader = Reader(feed.ledger, calendar)
        self._now_ms = now_ms
        self._currency = currency
        self._shared_for_s = shared_for_s
        self._clock_s = clock_s
        self._lock = threading.Lock()
        self._tally = Tally()
        self._last: tuple[float, Reading] | None = None
        self._evaluated: tuple[tuple[int, int], Figures] | None = None

    def take(self) -> Reading:
        """Gives a reading that is at most ``shared_for_s`` old."""
        with self._lock:
            if self._last is not None and self._clock_s() - self._last[0] < self._shared_for_s:
                return self._last[1]
            self._feed.refresh()
            state = self._feed.state()
            self._tally.update(state.partitions)
            now_ms = self._now_ms()
            edge = edge_after(now_ms)
            figures = self._figures(edge) if state.complete else None
            counts = Counts(Counter(self._tally.events), self._tally.restatements)
            reading = Reading(now_ms, edge, state, figures, counts)
            self._last = self._clock_s(), reading
            return reading

    def _figures(self, edge: int) -> Figures:
        moment = self._feed.version, edge
        if self._evaluated is None or self._evaluated[0] != moment:
            self._evaluated = moment, self._evaluate(edge)
        return self._evaluated[1]

    def _evaluate(self, edge: int) -> Figures:
        scopes = self._reader.evaluate_segments(self.catalogue, [edge], self._currency)
        segments = {segment: scopes[segment] for segment in scopes if segment is not None}
        known = any(value != UNKNOWN for segment in segments for value in segment)
        return Figures(
            scopes[None],
            segments if known else {},
            tuple(distributions(self.catalogue, self._reader, [edge])),
        )
