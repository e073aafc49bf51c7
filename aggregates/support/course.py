"""The course of a ticket: what follows from its facts, as phases and occurrences.

A ticket exists from its ``ticket.created`` on: facts of an earlier instant change nothing. A fact
can only end the phase that it falls in, so the course as of an instant is the beginning of the
whole course.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any, Final, TypeVar

from aggregates.contributions.occurrence import FOREVER, Occurrence
from aggregates.rows.history import Fact
from aggregates.support.state import (
    NO_ACCOUNT,
    SOLVED,
    WAITS_FOR,
    Reply,
    TicketEventType,
    TicketPhase,
    TicketState,
)
from aggregates.time.business_time import Span

T = TypeVar("T")

_AGENT: Final = "agent"
"""The role of a human who answers; bots and the system have roles of their own."""
_CUSTOMER: Final = "end_user"

_CHANGES: Final[Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]]] = {
    TicketEventType.MERGED: lambda data: {"merged": True},
    TicketEventType.DELETED: lambda data: {"deleted": True},
    TicketEventType.SPAM: lambda data: {"deleted": True},
    TicketEventType.UNDELETED: lambda data: {"deleted": False},
    TicketEventType.PRIORITY: lambda data: {"priority": data.get("current")},
    TicketEventType.SCHEDULE: lambda data: {"schedule": data.get("current")},
    TicketEventType.LINK: lambda data: {"linked": "linked" in data, "major": data.get("major")},
}
"""The changes of state by facts that depend on nothing but themselves."""


@dataclass(frozen=True, slots=True)
class Course:
    """What became of a ticket.

    Attributes:
        created_ms: When it was created.
        phases: Its states, from its creation on without gaps.
        counted: The spans (ms) in which it counts: not deleted, spam or merged.
        replies: The replies that ended a wait of the customer.
        work: When (ms) work was logged, and how much, in ms.
        into: The ticket that it was merged into first, or None.
        escalations: When (ms) it was escalated, and to whom.
        reassignments: When (ms) it came to another agent than the last one who had it.
        is_voice: Whether it is a call.
        is_auto: Whether it was created automatically for a problem.
        has_account: Whether it belongs to an account.
    """

    created_ms: int
    phases: tuple[TicketPhase, ...]
    counted: tuple[Span, ...]
    replies: tuple[Reply, ...]
    work: tuple[tuple[int, int], ...]
    into: str | None
    escalations: tuple[tuple[int, str], ...]
    reassignments: tuple[int, ...]
    is_voice: bool
    is_auto: bool
    has_account: bool

    @property
    def reply(self) -> Reply | None:
        """The first reply of a human, or None."""
        for before, after in pairwise(self.phases):
            since_ms = before.state.unanswered_ms
            if since_ms is not None and after.state.unanswered_ms is None:
                return Reply(after.begin_ms, since_ms)
        return None

    @property
    def touches(self) -> list[Occurrence]:
        """When work was logged on it, while it counts."""
        return self.all_occurrences(at_ms for at_ms, _ in self.work)

    @property
    def merged_away(self) -> list[Span]:
        """The spans (ms) in which it is merged, and not deleted or spam."""
        away = self.spans(lambda state: state.merged and not state.deleted)
        return [(begin_ms, end_ms) for is_away, begin_ms, end_ms in away if is_away]

    @property
    def solutions(self) -> list[int]:
        """When (ms) it was solved, each time."""
        return [at_ms for at_ms, is_solved in self._solved_or_reopened() if is_solved]

    @property
    def reopenings(self) -> list[int]:
        """When (ms) it was reopened, each time."""
        return [at_ms for at_ms, is_solved in self._solved_or_reopened() if not is_solved]

    def _solved_or_reopened(self) -> Iterator[tuple[int, bool]]:
        was_solved = False
        for begin_ms, _, state in self.phases:
            if state.is_solved != was_solved:
                yield begin_ms, state.is_solved
            was_solved = state.is_solved

    def lasting_solutions(self) -> Iterator[Occurrence]:
        """Yields its solutions, each while it counts and stays solved."""
        for solved_ms, begin_ms, end_ms in self.spans(lambda s: s.solved_ms if s.counts else None):
            if solved_ms is not None:
                yield Occurrence(solved_ms, begin_ms, end_ms)

    def escalated_to(self, target: str) -> list[int]:
        """Returns when (ms) it was escalated to somebody, each time."""
        return [at_ms for at_ms, to in self.escalations if to == target]

    def spans(self, value_of: Callable[[TicketState], T]) -> Iterator[tuple[T, int, int]]:
        """Yields the values of a function of its state, with begin and end (ms) of each span."""
        since_ms, _, state = self.phases[0]
        value = value_of(state)
        for begin_ms, _, state in self.phases[1:]:
            following = value_of(state)
            if following != value:
                yield value, since_ms, begin_ms
                value, since_ms = following, begin_ms
        yield value, since_ms, self.phases[-1].end_ms

    def spans_by_priority(
        self, holds: Callable[[TicketState], bool]
    ) -> Iterator[tuple[str | None, int, int]]:
        """Yields the spans (ms) in which something holds, with the priority in each."""
        for (is_so, priority), begin_ms, end_ms in self.spans(lambda s: (holds(s), s.priority)):
            if is_so:
                yield priority, begin_ms, end_ms

    def at(self, at_ms: int) -> TicketState:
        """Returns the state after all facts up to an instant, which is not before the creation."""
        return next(phase.state for phase in reversed(self.phases) if phase.begin_ms <= at_ms)

    def occurrences(self, at_ms: int) -> Iterator[Occurrence]:
        """Yields an occurrence at an instant, for each span in which the ticket counts."""
        for begin_ms, end_ms in self.counted:
            yield Occurrence(at_ms, begin_ms, end_ms)

    def occurrences_by_priority(self, at_ms: int) -> Iterator[tuple[str | None, Occurrence]]:
        """Yields the same for each span with one priority, with that priority."""
        for priority, begin_ms, end_ms in self.spans_by_priority(lambda state: state.counts):
            yield priority, Occurrence(at_ms, begin_ms, end_ms)

    def all_occurrences(self, instants_ms: Iterable[int]) -> list[Occurrence]:
        """Returns the occurrences at several instants."""
        return [occurrence for at_ms in instants_ms for occurrence in self.occurrences(at_ms)]

    def child_spans(self, unmarked_is_major: bool) -> list[Span]:
        """Returns the spans (ms) in which it is unsolved and linked to a major case.

        ``unmarked_is_major`` says whether a problem is one where no fact does.
        """

        def is_child(state: TicketState) -> bool:
            is_major = unmarked_is_major if state.major is None else state.major
            return is_major and state.linked and state.in_backlog

        return [(begin, end) for child, begin, end in self.spans(is_child) if child]


def course(facts: Sequence[Fact]) -> Course | None:
    """Returns the course of a ticket from its facts in order, or None if it was never created."""
    created = next((fact for fact in facts if fact.type == TicketEventType.CREATED), None)
    if created is None:
        return None
    builder = _CourseBuilder(created)
    lived = [fact for fact in facts if fact.effective_ms >= created.effective_ms]
    for fact in lived:
        builder.add(fact)
    return builder.course(lived)


class _CourseBuilder:
    """Makes a course of facts, which are added in order."""

    def __init__(self, created: Fact) -> None:
        data, at_ms = created.data, created.effective_ms
        status = data.get("status", "new")
        is_solved = status in SOLVED
        self._created = created
        self._begin_ms = at_ms
        self._state = TicketState(
            status,
            at_ms if is_solved else None,
            at_ms,
            priority=data.get("priority"),
            schedule=data.get("schedule"),
            linked="linked" in data,
            major=data.get("major"),
            paused=status in WAITS_FOR,
        )
        self._phases: list[TicketPhase] = []
        self._replies: list[Reply] = []
        self._work: list[tuple[int, int]] = []
        self._escalations: list[tuple[int, str]] = []
        self._reassignments: list[int] = []
        self._agent: str | None = data.get("agent")
        self._sessions: set[str] = set()
        asks = data.get("role", _CUSTOMER) == _CUSTOMER
        self._asked_ms = at_ms if asks else None

    def add(self, fact: Fact) -> None:
        following = self._following(fact)
        if following != self._state:
            self._phases.append(TicketPhase(self._begin_ms, fact.effective_ms, self._state))
            self._begin_ms, self._state = fact.effective_ms, following

    def course(self, facts: Sequence[Fact]) -> Course:
        """Returns the course that some facts make, all of which were added."""
        data = self._created.data
        has_moved = any(fact.type == TicketEventType.ACCOUNT for fact in facts)
        merges = (fact.data for fact in facts if fact.type == TicketEventType.MERGED)
        phases = (*self._phases, TicketPhase(self._begin_ms, FOREVER, self._state))
        runs = groupby(phases, key=lambda phase: phase.state.counts)
        counted = [list(run) for counts, run in runs if counts]
        return Course(
            self._created.effective_ms,
            phases,
            tuple((run[0].begin_ms, run[-1].end_ms) for run in counted),
            tuple(self._replies),
            tuple(self._work),
            next(merges, {}).get("into"),
            tuple(self._escalations),
            tuple(self._reassignments),
            is_voice="voice" in data,
            is_auto="auto" in data,
            has_account=has_moved or NO_ACCOUNT not in data,
        )

    def _following(self, fact: Fact) -> TicketState:
        """Returns the state after a fact, and notes what occurred."""
        state, data = self._state, fact.data
        change = _CHANGES.get(fact.type)
        if change is not None:
            return state._replace(**change(data))
        match fact.type:
            case TicketEventType.STATUS:
                return self._after_status(data["current"], fact.effective_ms)
            case TicketEventType.COMMENT:
                return self._after_comment(fact)
            case TicketEventType.BLOCKED:
                return state._replace(blockers=state.blockers | {(data["by"], data.get("blocker"))})
            case TicketEventType.UNBLOCKED:
                return state.unblocked(data.get("by"), data.get("blocker"))
            case TicketEventType.WORK:
                self._work.append((fact.effective_ms, data.get("ms", 0)))
            case TicketEventType.ESCALATED:
                self._escalations.append((fact.effective_ms, data["target"]))
            case TicketEventType.ASSIGNED if "current" in data:
                if self._agent not in (None, data["current"]):
                    self._reassignments.append(fact.effective_ms)
                self._agent = data["current"]
        return state

    def _after_status(self, status: str, at_ms: int) -> TicketState:
        """Returns the state after a change of status; with a reopening waits begin anew."""
        state = self._state._replace(status=status)
        if status in WAITS_FOR:
            state = state._replace(paused=True)
        if status in SOLVED:
            return state if state.is_solved else state._replace(solved_ms=at_ms)
        if not state.is_solved:
            return state
        if self._asked_ms is not None:
            self._asked_ms = at_ms
        unanswered_ms = None if state.unanswered_ms is None else at_ms
        return state._replace(solved_ms=None, unanswered_ms=unanswered_ms, reopened=True)

    def _after_comment(self, fact: Fact) -> TicketState:
        """Returns the state after a comment, and notes what it asks or answers."""
        state, at_ms = self._state, fact.effective_ms
        by, session = fact.data.get("by"), fact.data.get("session")
        is_later = at_ms > self._created.effective_ms
        if by == _CUSTOMER:
            if self._asked_ms is None and session not in self._sessions:
                self._asked_ms = at_ms
            return state._replace(followed_up=state.followed_up or is_later)
        opens_own_ticket = not is_later and self._created.data.get("role") == _AGENT
        if by != _AGENT or opens_own_ticket:
            return state
        if self._asked_ms is not None and not state.is_solved:  # a solved ticket owes no answer
            self._replies.append(Reply(at_ms, self._asked_ms))
        self._asked_ms = None
        is_new = session not in self._sessions
        if session is not None:
            self._sessions.add(session)
        return state._replace(unanswered_ms=None, replies=state.replies + is_new)
