"""Random lives of users, and the figures of usage counted from them the dull way."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from hypothesis import strategies as st

from aggregates.time.tile import TILE_MS
from events import format_instant, parse_instant
from events.zone import zone as rules_of
from tests.aggregates.folding import START_MS, Told, told_apart

BERLIN = "Europe/Berlin"
SPAN_TILES = 75 * 96
USERS = ("u1", "u2", "u3", "u4")
FEATURES = ("alerts", "reports")
WINDOWS = {"1d": 1, "7d": 7, "30d": 30}
KINDS = (
    *["feature.used"] * 6,
    *["session.ended"] * 3,
    *["user.added", "user.added", "user.removed", "user.merged", "internal"],
)
_USED = ("feature.used", "session.ended")


@st.composite
def histories(draw: st.DrawFn, kinds: Sequence[str] = KINDS) -> list[Told]:
    """Draws a history of one account's users."""
    facts = []
    for number in range(draw(st.integers(0, 25))):
        ms = START_MS + draw(st.integers(0, SPAN_TILES)) * TILE_MS + draw(st.integers(0, 899_999))
        kind = draw(st.sampled_from(kinds))
        data: dict[str, Any] = {"user_id": draw(st.sampled_from(USERS))}
        if kind == "feature.used":
            data["feature"] = draw(st.sampled_from(FEATURES))
        elif kind == "session.ended":
            data |= draw(_sessions(ms))
        elif kind == "user.merged":
            data["into_user_id"] = draw(st.sampled_from(USERS))
        elif kind == "internal":
            kind, data["is_internal"] = "user.added", draw(st.booleans())
        facts.append(Told(ms, 0, f"evt_{number}", kind, data))
    return told_apart(facts)


@st.composite
def _sessions(draw: st.DrawFn, end_ms: int) -> dict[str, Any]:
    longest = draw(st.sampled_from((5_000, 200_000)))
    data = {
        "session_id": f"s{draw(st.integers(0, 9))}",
        "duration_s": draw(st.integers(0, longest)),
    }
    if draw(st.booleans()):
        data["started_at"] = format_instant(end_ms - draw(st.integers(0, longest)) * 1000)
    return data


def person_of(facts: Sequence[Told]) -> dict[str, str]:
    """Returns the person behind each user: the last merge of each user holds."""
    into = {
        fact.data["user_id"]: fact.data["into_user_id"]
        for fact in sorted(facts, key=lambda fact: fact.order)
        if fact.type == "user.merged"
    }
    person = {}
    for user in USERS:
        path = [user]
        while path[-1] in into and into[path[-1]] not in path:
            path.append(into[path[-1]])
        ring = path[-1] in into
        person[user] = min(path[path.index(into[path[-1]]) :]) if ring else path[-1]
    return person


class Activity(NamedTuple):
    """Something that a person did, and when."""

    person: str
    ms: int
    feature: str | None


class Dull:
    """Counts from the facts themselves, one definition after the other."""

    def __init__(self, facts: Sequence[Told], zone: str) -> None:
        self._zone = rules_of(zone)
        self._person = person_of(facts)
        internal = {}
        ordered = sorted(facts, key=lambda fact: fact.order)
        for fact in ordered:
            if "is_internal" in fact.data:
                internal[self._person[fact.data["user_id"]]] = fact.data["is_internal"]
        self._facts = [
            (person, fact)
            for fact in ordered
            if not internal.get(person := self._person[fact.data["user_id"]])
        ]
        self._done = [
            Activity(person, ms, fact.data.get("feature"))
            for person, fact in self._facts
            if fact.type in _USED
            for ms in self._moments(fact)
        ]

    def _moments(self, fact: Told) -> Iterator[int]:
        """Yields when a fact makes active: a session from its beginning on, on each of its days."""
        if fact.type != "session.ended":
            yield fact.ms
            return
        start_ms = fact.ms // 1000 * 1000 - round(fact.data["duration_s"] * 1000)
        if "started_at" in fact.data:
            start_ms = parse_instant(fact.data["started_at"])
        yield min(start_ms, fact.ms)
        for tile in range(start_ms // TILE_MS + 1, fact.ms // TILE_MS + 1):
            if self._day(tile * TILE_MS) != self._day(tile * TILE_MS - 1):  # at 18:15 UTC, for one
                yield tile * TILE_MS

    def _day(self, ms: int) -> date:
        return datetime.fromtimestamp(ms / 1000, tz=self._zone).date()

    def days_before(self, edge: int, count: int) -> set[date]:
        """The last local days before an edge, today included."""
        today = self._day(edge * TILE_MS - 1)
        return {today - timedelta(days=back) for back in range(count)}

    def _active(self, edge: int, count: int, feature: str | None = None) -> set[str]:
        days = self.days_before(edge, count)
        return {
            done.person
            for done in self._done
            if feature in (None, done.feature)
            and done.ms < edge * TILE_MS
            and self._day(done.ms) in days
        }

    def active_users(self, edge: int, count: int) -> int:
        """Distinct persons with activity on one of the last days, before the edge."""
        return len(self._active(edge, count))

    def using(self, edge: int, feature: str | None) -> int:
        """Whether the account used a feature, or anything, in the last 30 days."""
        return int(bool(self._active(edge, 30, feature)))

    def _users(self, edge: int) -> set[str]:
        present = {done.person: True for done in self._done if done.ms < edge * TILE_MS}
        for person, fact in self._facts:
            if fact.type in ("user.added", "user.removed") and fact.ms < edge * TILE_MS:
                present[person] = fact.type == "user.added"
        return {person for person, is_there in present.items() if is_there}

    def users(self, edge: int) -> int:
        """Persons whose last coming or going before the edge was coming, or who were seen."""
        return len(self._users(edge))

    def absent(self, edge: int, count: int) -> int:
        """Active persons who are no users at the edge."""
        return len(self._active(edge, count) - self._users(edge))

    def session_ms(self, edge: int, days: set[date] | None = None) -> int:
        """Time of sessions that ended; of two reports of a person's session the later holds."""
        reports: dict[object, tuple[int, int]] = {}
        for person, fact in self._facts:
            if fact.type == "session.ended":
                session = person, fact.data["session_id"]
                report = fact.ms // 1000 * 1000, round(fact.data["duration_s"] * 1000)
                reports[session] = max(report, reports.get(session, report))
        return sum(
            duration
            for end_ms, duration in reports.values()
            if end_ms < edge * TILE_MS and (days is None or self._day(end_ms) in days)
        )

    def user_days(self, edge: int) -> int:
        """Active days of persons among the last 30 days."""
        days = self.days_before(edge, 30)
        done = {(d.person, self._day(d.ms)) for d in self._done if d.ms < edge * TILE_MS}
        return sum(day in days for _, day in done)

    def life_cycle(self, edge: int) -> tuple[int, int, int, int]:
        """Persons new, returning, resurrected, and dormant though not removed."""
        now, both = self.days_before(edge, 30), self.days_before(edge, 60)
        active: dict[str, set[date]] = {}
        created = {done.person: done.ms for done in sorted(self._done, reverse=True, key=_when)}
        for done in self._done:
            if done.ms < edge * TILE_MS:
                active.setdefault(done.person, set()).add(self._day(done.ms))
        for person, fact in self._facts:
            if fact.type == "user.added":
                created[person] = min(fact.ms, created.get(person, fact.ms))
        counts = [0, 0, 0, 0]
        for person, days in active.items():
            if not days & now:
                counts[3] += bool(days & both) and person in self._users(edge)
            elif self._day(created[person]) in now:
                counts[0] += 1
            else:
                counts[1 if days & (both - now) else 2] += 1
        return counts[0], counts[1], counts[2], counts[3]

    def activated(self, edge: int) -> int:
        """Persons who were ever active before the edge."""
        return len({done.person for done in self._done if done.ms < edge * TILE_MS})


def _when(done: Activity) -> int:
    return done.ms
