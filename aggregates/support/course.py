"""The course of a ticket: what follows from its facts, as phases and occurrences.

A ticket exists from its ``ticket.created`` on: facts of an earlier instant change nothing. A fact
can only end the phase that it falls in, so the course as of an instant is the beginning of the
whole course.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any, Final, TypeVar

from aggregates.contributions.occurrence import FOREVER, Occurrence
from aggregates.rows.history import Fact
from aggregates.support.state import SOLVED, WAITS_FOR, Happening, Phase, Reply, State

T = TypeVar("T")

_AGENT: Final = "agent"
"""The role of a human who answers; bots and the system have roles of their own."""
_CUSTOMER: Final = "end_user"

_CHANGES: Final[Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]]] = {
    Happening.MERGED: lambda data: {"merged": True},
    Happening.DELETED: lambda data: {"deleted": True},
    Happening.SPAM: lambda data: {"deleted": True},
    Happening.UNDELETED: lambda data: {"deleted": False},
    Happening.PRIORITY: lambda data: {"priority": data.get("current")},
    Happening.SCHEDULE: lambda data: {"schedule": data.get("current")},
    Happening.LINK: lambda data: {"linked": "linked" in data, "major": data.get("major")},
}
"""What facts change that depends on nothing but themselves."""


@dataclass(frozen=True, slots=True)
class Course:
    """What became of a ticket.

    Attributes:
        created_ms: When it was created.
        phases: Its states, from its creation on without gaps.
        counted: The spans (ms) in which it is a ticket at all.
        replies: The replies that ended a wait of the customer.
        work: When (ms) work was logged, and how much, in ms.
        escalations: When (ms) it was escalated, and to whom.
        reassignments: When (ms) it came to another agent than the last one who had it.
        is_voice: Whether it is a call.
        is_auto: Whether it was created automatically for a problem.
        is_alone: Whether it belongs to no account.
        is_linked: Whether it ever was linked to a problem.
        keeps_priority: Whether its priority, or that it has none, never changed.
    """

    created_ms: int
    phases: tuple[Phase, ...]
    counted: tuple[tuple[int, int], ...]
    replies: tuple[Reply, ...]
    work: tuple[tuple[int, int], ...]
    escalations: tuple[tuple[int, str], ...]
    reassignments: tuple[int, ...]
    is_voice: bool
    is_auto: bool
    is_alone: bool
    is_linked: bool
    keeps_priority: bool

    @property
    def reply(self) -> Reply | None:
        """The first reply of a human, or None."""
        for before, after in pairwise(self.phases):
            since_ms = before.state.unanswered_ms
            if since_ms is not None and after.state.unanswered_ms is None:
                return Reply(after.begin_ms, since_ms)
        return None

    @property
    def solutions(self) -> list[int]:
        """When (ms) it was solved, each time."""
        return self._changes(to_solved=True)

    @property
    def reopenings(self) -> list[int]:
        """When (ms) it was reopened, each time."""
        return self._changes(to_solved=False)

    def _changes(self, *, to_solved: bool) -> list[int]:
        solved = [(phase.begin_ms, phase.state.solved_ms is not None) for phase in self.phases]
        changes = [(False, False), *solved] if to_solved else solved
        return [
            at_ms
            for (_, before), (at_ms, after) in pairwise(changes)
            if before != after and after == to_solved
        ]

    def spans(self, what: Callable[[State], T]) -> Iterator[tuple[T, int, int]]:
        """Yields what is true of the ticket's states, with begin and end (ms) of each span."""
        for value, phases in groupby(self.phases, key=lambda phase: what(phase.state)):
            group = list(phases)
            yield value, group[0].begin_ms, group[-1].end_ms

    def at(self, at_ms: int) -> State:
        """Returns the state after all facts up to an instant, which is not before the creation."""
        return next(phase.state for phase in reversed(self.phases) if phase.begin_ms <= at_ms)

    def priority_at(self, at_ms: int) -> str | None:
        """Returns the priority after all facts up to an instant, as ``at`` does the state."""
        return (self.phases[0].state if self.keeps_priority else self.at(at_ms)).priority

    def occurrences(self, at_ms: int) -> Iterator[Occurrence]:
        """Yields where an occurrence stands: while the ticket counts."""
        for begin_ms, end_ms in self.counted:
            yield Occurrence(at_ms, begin_ms, end_ms)

    def occurrences_by_priority(self, at_ms: int) -> Iterator[tuple[str | None, Occurrence]]:
        """Yields where an occurrence stands under each of the ticket's priorities."""
        if self.keeps_priority:
            priority = self.phases[0].state.priority
            yield from ((priority, occurrence) for occurrence in self.occurrences(at_ms))
            return
        for (counts, priority), begin_ms, end_ms in self.spans(lambda s: (s.counts, s.priority)):
            if counts:
                yield priority, Occurrence(at_ms, begin_ms, end_ms)

    def all_occurrences(self, instants_ms: Iterable[int]) -> list[Occurrence]:
        """Returns where each of several occurrences stands."""
        return [occurrence for at_ms in instants_ms for occurrence in self.occurrences(at_ms)]

    def child_spans(self, unmarked_is_major: bool) -> list[tuple[int, int]]:
        """Returns the spans (ms) in which it is unsolved and linked to a major case.

        Args:
            unmarked_is_major: Whether a problem is a major case where that is not told.
        """
        if not self.is_linked:
            return []

        def is_child(state: State) -> bool:
            if not (state.linked and state.in_backlog):
                return False
            return unmarked_is_major if state.major is None else state.major

        return [(begin, end) for child, begin, end in self.spans(is_child) if child]


def course(facts: Iterable[Fact]) -> Course | None:
    """Returns the course of a ticket, or None if it was never created.

    Args:
        facts: The facts that stand, in order.
    """
    known = list(facts)
    created = next((fact for fact in known if fact.type == Happening.CREATED), None)
    if created is None:
        return None
    told = _Told(created)
    for fact in known:
        if fact.effective_ms >= created.effective_ms:
            told.take(fact)
    return told.course()


class _Told:
    """A ticket as its facts are told one after the other."""

    def __init__(self, created: Fact) -> None:
        data, at_ms = created.data, created.effective_ms
        status = data.get("status", "new")
        is_solved = status in SOLVED
        self._created = created
        self._begin_ms = at_ms
        self._state = State(
            status,
            at_ms if is_solved else None,
            at_ms,
            priority=data.get("priority"),
            schedule=data.get("schedule"),
            linked="linked" in data,
            major=data.get("major"),
            paused=status in WAITS_FOR,
        )
        self._phases: list[Phase] = []
        self._replies: list[Reply] = []
        self._work: list[tuple[int, int]] = []
        self._escalations: list[tuple[int, str]] = []
        self._reassignments: list[int] = []
        self._agent: str | None = data.get("agent")
        self._sessions: set[str] = set()
        asks = data.get("role", _CUSTOMER) == _CUSTOMER and not is_solved
        self._asked_ms = at_ms if asks else None

    def take(self, fact: Fact) -> None:
        """Takes one more fact in."""
        following = self._following(fact)
        if following != self._state:
            self._phases.append(Phase(self._begin_ms, fact.effective_ms, self._state))
            self._begin_ms, self._state = fact.effective_ms, following

    def course(self) -> Course:
        """Returns the course that was told."""
        data = self._created.data
        phases = (*self._phases, Phase(self._begin_ms, FOREVER, self._state))
        runs = groupby(phases, key=lambda phase: phase.state.counts)
        counted = [list(run) for counts, run in runs if counts]
        return Course(
            self._created.effective_ms,
            phases,
            tuple((run[0].begin_ms, run[-1].end_ms) for run in counted),
            tuple(self._replies),
            tuple(self._work),
            tuple(self._escalations),
            tuple(self._reassignments),
            is_voice="voice" in data,
            is_auto="auto" in data,
            is_alone="alone" in data,
            is_linked=any(phase.state.linked for phase in phases),
            keeps_priority=len({phase.state.priority for phase in phases}) == 1,
        )

    def _following(self, fact: Fact) -> State:
        """Returns the state after a fact, and notes what occurred."""
        state, data = self._state, fact.data
        change = _CHANGES.get(fact.type)
        if change is not None:
            return state._replace(**change(data))
        match fact.type:
            case Happening.STATUS:
                return self._moved(data["current"], fact.effective_ms)
            case Happening.COMMENT:
                return self._written(fact)
            case Happening.BLOCKED:
                return state._replace(blockers=state.blockers | {(data["by"], data.get("blocker"))})
            case Happening.UNBLOCKED:
                return state.unblocked(data.get("by"), data.get("blocker"))
            case Happening.WORK:
                self._work.append((fact.effective_ms, data.get("ms", 0)))
            case Happening.ESCALATED:
                self._escalations.append((fact.effective_ms, data["target"]))
            case Happening.ASSIGNED if "current" in data:
                if self._agent not in (None, data["current"]):
                    self._reassignments.append(fact.effective_ms)
                self._agent = data["current"]
        return state

    def _moved(self, status: str, at_ms: int) -> State:
        """The state after a change of status; a reopening begins a wait for a reply anew."""
        state = self._state._replace(status=status)
        if status in WAITS_FOR:
            state = state._replace(paused=True)
        solved, was_solved = status in SOLVED, state.solved_ms is not None
        if solved:
            self._asked_ms = None  # who solves a ticket owes no more answer
            return state if was_solved else state._replace(solved_ms=at_ms)
        if not was_solved:
            return state
        unanswered_ms = None if state.unanswered_ms is None else at_ms
        return state._replace(solved_ms=None, unanswered_ms=unanswered_ms, reopened=True)

    def _written(self, fact: Fact) -> State:
        """Returns the state after a comment, and notes what it asks or answers."""
        state, at_ms = self._state, fact.effective_ms
        by, session = fact.data.get("by"), fact.data.get("session")
        if by == _CUSTOMER:
            if self._asked_ms is None and session not in self._sessions:
                self._asked_ms = at_ms
            is_later = at_ms > self._created.effective_ms
            return state._replace(followed_up=state.followed_up or is_later)
        if by != _AGENT or self._opens(fact):
            return state
        if self._asked_ms is not None:
            self._replies.append(Reply(at_ms, self._asked_ms))
            self._asked_ms = None
        new = session not in self._sessions
        if session is not None:
            self._sessions.add(session)
        return state._replace(unanswered_ms=None, replies=state.replies + new)

    def _opens(self, fact: Fact) -> bool:
        """Returns whether a comment is the one that opens an agent's own ticket."""
        own = self._created.data.get("role") == _AGENT
        return own and fact.effective_ms == self._created.effective_ms
