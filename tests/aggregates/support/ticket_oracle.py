"""Tickets counted in the dullest way: as of an instant, from the facts before it, one by one."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

from aggregates.ledger.buckets import bucket_of
from aggregates.time.tile import TILE_MS
from tests.aggregates.folding import HOUR_MS, Told

SOLVED = ("solved", "closed")
OVER = {"0h": 0, "1h": 1, "4h": 4, "24h": 24}


@dataclass
class Seen:
    """What one ticket looks like as of an instant."""

    created_ms: int
    statuses: list[tuple[int, str]]
    merged: bool = False
    gone: bool = False
    reply_ms: int | None = None
    since_ms: int = 0
    flows: list[tuple[int, str]] = field(default_factory=list)

    @property
    def counts(self) -> bool:
        """Whether it is neither deleted nor spam nor merged."""
        return not self.merged and not self.gone

    @property
    def solved(self) -> bool:
        """Whether its last status is a solved one."""
        return self.statuses[-1][1] in SOLVED

    @property
    def solved_ms(self) -> int:
        """When the last run of solved statuses began."""
        last = 0
        for ms, status in reversed(self.statuses):
            if status not in SOLVED:
                break
            last = ms
        return last

    def learn(self, fact: Told, *, opening: bool) -> None:
        """Takes one more fact in; `opening` comments are part of an agent's own ticket."""
        kind, data = fact.type.removeprefix("ticket."), fact.data
        if kind == "status_changed":
            if self.solved and data["current"] not in SOLVED and self.reply_ms is None:
                self.since_ms = fact.ms
            self.statuses.append((fact.ms, data["current"]))
        elif kind == "comment_added":
            human = data["is_public"] and data["author_role"] == "agent"
            if human and not opening and self.reply_ms is None:
                self.reply_ms = fact.ms
        elif kind == "merged":
            self.merged = True
        elif kind in ("deleted", "marked_as_spam", "undeleted"):
            self.gone = kind != "undeleted"

    def note(self, ms: int, solved: bool, counted: bool) -> None:
        """Notes what one fact did, given whether the ticket was solved and counted before it."""
        if self.counts and counted and solved != self.solved:
            self.flows.append((ms, "tickets_solved" if self.solved else "tickets_reopened"))
        if self.counts != counted and not self.solved:
            self.flows.append((ms, "tickets_undeleted" if self.counts else "tickets_removed"))


def look(facts: Iterable[Told], at_ms: int) -> Seen | None:
    """Replays one ticket's facts before an instant; None if it does not exist yet."""
    known = sorted((fact for fact in facts if fact.ms < at_ms), key=lambda fact: fact.order)
    births = [fact for fact in known if fact.type == "ticket.created"]
    if not births:
        return None
    birth = births[0]
    by_agent = birth.data.get("submitter_role") == "agent"
    seen = Seen(birth.ms, [(birth.ms, birth.data.get("status", "new"))], since_ms=birth.ms)
    seen.flows.append((birth.ms, "tickets_opened"))
    if seen.solved:
        seen.flows.append((birth.ms, "tickets_solved"))
    for fact in known:
        if fact.ms >= birth.ms:
            solved, counted = seen.solved, seen.counts
            seen.learn(fact, opening=by_agent and fact.ms == birth.ms)
            seen.note(fact.ms, solved, counted)
    return seen


def seen_at(facts: Iterable[Told], edge: int) -> list[Seen]:
    """Returns all tickets that exist before an edge."""
    by_ticket = sorted(facts, key=lambda fact: str(fact.data["ticket_id"]))
    groups = groupby(by_ticket, key=lambda fact: str(fact.data["ticket_id"]))
    looks = [look(group, edge * TILE_MS) for _, group in groups]
    return [seen for seen in looks if seen is not None]


def backlog(facts: Iterable[Told], edge: int) -> int:
    """Counts unsolved tickets."""
    return sum(seen.counts and not seen.solved for seen in seen_at(facts, edge))


def waiting(facts: Iterable[Told], edge: int, over: str) -> int:
    """Counts unsolved tickets without a reply that wait for longer than a time."""
    return sum(
        seen.counts
        and not seen.solved
        and seen.reply_ms is None
        and edge * TILE_MS - seen.since_ms > OVER[over] * HOUR_MS
        for seen in seen_at(facts, edge)
    )


def created(facts: Iterable[Told], start: int, edge: int) -> int:
    """Counts tickets created from an edge on."""
    tickets = [seen for seen in seen_at(facts, edge) if seen.counts]
    return sum(seen.created_ms >= start * TILE_MS for seen in tickets)


def created_solved(facts: Iterable[Told], start: int, edge: int) -> int:
    """Counts tickets created from an edge on that are solved."""
    tickets = [seen for seen in seen_at(facts, edge) if seen.counts and seen.solved]
    return sum(seen.created_ms >= start * TILE_MS for seen in tickets)


def flowed(facts: Iterable[Told], name: str, start: int, edge: int) -> int:
    """Counts what happened to tickets from one edge to another."""
    flows = [flow for seen in seen_at(facts, edge) for flow in seen.flows]
    return sum(flow == name and ms >= start * TILE_MS for ms, flow in flows)


def responses(facts: Iterable[Told], start: int, edge: int) -> tuple[dict[str, int], int]:
    """Returns the waits for first replies that came from an edge on: by bucket, and summed."""
    waits = [
        seen.reply_ms - seen.since_ms
        for seen in seen_at(facts, edge)
        if seen.counts and seen.reply_ms is not None and seen.reply_ms >= start * TILE_MS
    ]
    return dict(Counter(str(bucket_of(wait)) for wait in waits)), sum(waits)


def resolutions(facts: Iterable[Told], start: int, edge: int) -> tuple[dict[str, int], int]:
    """Returns the times to solution of tickets solved from an edge on: by bucket, and summed."""
    times = [
        seen.solved_ms - seen.created_ms
        for seen in seen_at(facts, edge)
        if seen.counts and seen.solved and seen.solved_ms >= start * TILE_MS
    ]
    return dict(Counter(str(bucket_of(time)) for time in times)), sum(times)
