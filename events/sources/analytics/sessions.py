"""Sessions, of which no analytics tool tells the end: derived from the acts of a person."""

from array import array
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final, NamedTuple

from events.instant import format_instant
from events.sources.analytics.act import Act
from events.sources.analytics.message import digest
from events.sources.told import Told

GAP_MS: Final = 30 * 60_000
"""A session is over after so long without an act: what all four tools do in a browser."""

_MS: Final = 1000

_REMEMBERED_MS: Final = 24 * 3_600_000
"""How long one told by gaps may lie behind the newest act and be known where records never end."""

VISITS_MAX: Final = 20_000
"""Sessions by id that are known there: those of some days, looked through within milliseconds."""


VisitKey = tuple[str, str | None, str | None]
"""A person, the account that its messages name, and the session that they name."""


class Visit(NamedTuple):
    """Acts of a person, in a session or in all of them."""

    last: Act
    times_ms: "array[int]"


class Sessions:
    """The sessions of all persons, told when there are no more records for now, if they grew."""

    def __init__(self, by_gap: bool) -> None:
        """Begins empty.

        Args:
            by_gap: Whether sessions are told apart by gaps; else by the ids that messages name.
        """
        self._by_gap = by_gap
        self._visits: dict[VisitKey, Visit] = {}
        self._untold: set[VisitKey] = set()

    def takes(self, act: Act) -> bool:
        """Whether an act belongs to a session."""
        return self._by_gap or act.session is not None

    def add(self, act: Act) -> None:
        """Takes an act that belongs to a session."""
        key = act.person, act.account, None if self._by_gap else act.session
        visit = self._visits.get(key)
        if visit is None:
            visit = self._visits[key] = Visit(act, array("q"))
        elif visit.last.order < act.order:
            visit = self._visits[key] = visit._replace(last=act)
        visit.times_ms.append(act.time_ms)
        self._untold.add(key)

    def ended(
        self, source: str, whose: Callable[[Act], tuple[str, str] | None]
    ) -> Iterator[tuple[Act, Told]]:
        """Yields the end of each session that grew since it was last asked, with its last act.

        Args:
            source: The producer.
            whose: Returns user and account of the session of an act; None leaves it out.
        """
        joined: dict[tuple[str, str, str | None], Visit] = {}
        grown: set[tuple[str, str, str | None]] = set()
        named = {session for _, _, session in self._untold}
        for own, visit in self._visits.items():
            if own[2] not in named:
                continue
            found = whose(visit.last)
            if found is None:
                continue
            key = *found, own[2]
            if own in self._untold:
                grown.add(key)
                self._untold.remove(own)
            before = joined.get(key)
            if before is not None:
                last = max(before.last, visit.last, key=lambda act: act.order)
                visit = Visit(last, before.times_ms + visit.times_ms)
            joined[key] = visit
        for key in filter(grown.__contains__, joined):
            (person, account, session), visit = key, joined[key]
            for begin_ms, end_ms in self._spans(visit.times_ms):
                yield visit.last, _ended(source, person, account, session, begin_ms, end_ms)

    def prune(self) -> None:
        """Lets go of what came first, where there is too much; by gaps, of what is long over."""
        if not self._by_gap:
            for key in list(islice(self._visits, max(len(self._visits) - VISITS_MAX, 0))):
                self._forget(key)
            return
        newest_ms = max((visit.last.time_ms for visit in self._visits.values()), default=0)
        over_ms = newest_ms - _REMEMBERED_MS
        for key, visit in list(self._visits.items()):
            begins = [begin for begin, end in self._spans(visit.times_ms) if end >= over_ms]
            if not begins:
                self._forget(key)
            elif begins[0] > min(visit.times_ms):
                kept = array("q", (each for each in visit.times_ms if each >= begins[0]))
                self._visits[key] = visit._replace(times_ms=kept)

    def _forget(self, key: VisitKey) -> None:
        del self._visits[key]
        self._untold.discard(key)

    def _spans(self, times_ms: "array[int]") -> Iterator[tuple[int, int]]:
        if not self._by_gap:
            yield min(times_ms), max(times_ms)
            return
        begin_ms = end_ms = min(times_ms)
        for time_ms in sorted(times_ms):
            if time_ms - end_ms > GAP_MS:
                yield begin_ms, end_ms
                begin_ms = time_ms
            end_ms = time_ms
        yield begin_ms, end_ms


def _ended(
    source: str, person: str, account: str, session: str | None, begin_ms: int, end_ms: int
) -> Told:
    """Tells a session; the same of the same acts, and another event if it went on meanwhile."""
    started_at, time = format_instant(begin_ms), format_instant(end_ms)
    named = started_at if session is None else session
    return Told(
        id=f"session/{digest(account, person, named, started_at, time)}",
        source=source,
        type="session.ended",
        time=time,
        data={
            "account_id": account,
            "user_id": person,
            "session_id": named,
            "started_at": started_at,
            "duration_s": (end_ms - begin_ms) / _MS,
        },
    )
