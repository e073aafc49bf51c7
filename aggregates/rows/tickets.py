"""Tickets: what happened to a support case, and the course that follows from it.

A ticket exists from its ``ticket.created`` on: facts of an earlier instant are kept, but change
nothing. Its course is a list of phases; a fact can only end the phase that it falls in, so the
course as of an instant is the beginning of the whole course.
"""

from collections.abc import Callable, Iterator
from itertools import groupby, pairwise
from typing import Final, NamedTuple, TypeVar, cast

from aggregates.history import Fact, History, Outcome, fact_of
from aggregates.row import HistoryRows
from aggregates.standing import FOREVER
from events import Event
from events.ticket import TicketCommentAdded, TicketCreated, TicketFact, TicketStatusChanged

T = TypeVar("T")

_CREATED: Final = "ticket.created"
_STATUS: Final = "ticket.status_changed"
_COMMENT: Final = "ticket.comment_added"
_MERGED: Final = "ticket.merged"
_DELETED: Final = "ticket.deleted"
_SPAM: Final = "ticket.marked_as_spam"
_UNDELETED: Final = "ticket.undeleted"

_NEW: Final = "new"
_SOLVED: Final = frozenset({"solved", "closed"})
"""The states that are none of the backlog."""

_AGENT: Final = "agent"
"""The role of a human who answers; bots and the system have roles of their own."""


class Tickets(HistoryRows):
    """One row a ticket."""

    name = "ticket"
    topic = "ticket"
    types = frozenset({_CREATED, _STATUS, _COMMENT, _MERGED, _DELETED, _SPAM, _UNDELETED})

    def entity(self, event: Event) -> str:
        """Gives the ticket's id."""
        return cast(TicketFact, event.data).ticket_id

    def fold(self, row: History, event: Event) -> Outcome:
        """Files what happened, without what is usual and what no figure asks for."""
        kept: dict[str, str | None] = {}
        match event.data:
            case TicketStatusChanged(current=current):
                kept["current"] = current
            case TicketCommentAdded(author_role=role, is_public=True):
                kept["author_role"] = role
            case TicketCreated(status=status, submitter_role=role):
                kept["status"] = None if status == _NEW else status
                kept["submitter_role"] = role if role == _AGENT else None
        return row.insert(fact_of(event, kept))


TICKETS: Final = Tickets()


class State(NamedTuple):
    """What a ticket is like between two facts.

    Attributes:
        solved_ms: When it was solved, or closed without being solved; None while it is unsolved.
        unanswered_ms: Since when the first reply of a human is due; None after that reply.
        deleted: Whether it is deleted or spam.
        merged: Whether it goes on as another ticket.
    """

    solved_ms: int | None
    unanswered_ms: int | None
    deleted: bool = False
    merged: bool = False

    @property
    def counts(self) -> bool:
        """Whether it is a ticket at all: not deleted, spam or merged."""
        return not (self.deleted or self.merged)

    @property
    def in_backlog(self) -> bool:
        """Whether it counts and is unsolved."""
        return self.solved_ms is None and self.counts


class Phase(NamedTuple):
    """A span ``[begin, end)`` in ms in which a ticket's state stays the same; it may be empty."""

    begin_ms: int
    end_ms: int
    state: State


class Reply(NamedTuple):
    """The first reply of a human.

    Attributes:
        at_ms: When it came.
        wait_ms: How long it took.
    """

    at_ms: int
    wait_ms: int


class Course(NamedTuple):
    """The phases of a ticket, from its creation on without gaps."""

    created_ms: int
    phases: tuple[Phase, ...]

    @property
    def reply(self) -> Reply | None:
        """The first reply of a human, or None."""
        for before, after in pairwise(self.phases):
            since_ms = before.state.unanswered_ms
            if since_ms is not None and after.state.unanswered_ms is None:
                return Reply(after.begin_ms, after.begin_ms - since_ms)
        return None

    def spans(self, what: Callable[[State], T]) -> Iterator[tuple[T, int, int]]:
        """Gives what is true of the ticket's states, with begin and end (ms) of each span."""
        for value, phases in groupby(self.phases, key=lambda phase: what(phase.state)):
            group = list(phases)
            yield value, group[0].begin_ms, group[-1].end_ms


def course_of(row: History) -> Course | None:
    """Gives the course of a ticket, or None if it was never created."""
    facts = row.standing()
    created = next((fact for fact in facts if fact.type == _CREATED), None)
    if created is None:
        return None
    begin_ms = created.effective_ms
    solved = created.data.get("status") in _SOLVED
    state = State(begin_ms if solved else None, begin_ms)
    phases = []
    for fact in facts:
        if fact.effective_ms < created.effective_ms:
            continue
        following = _following(state, fact, created)
        if following != state:
            phases.append(Phase(begin_ms, fact.effective_ms, state))
            begin_ms, state = fact.effective_ms, following
    phases.append(Phase(begin_ms, FOREVER, state))
    return Course(created.effective_ms, tuple(phases))


def _following(state: State, fact: Fact, created: Fact) -> State:
    """Gives the state after a fact."""
    if fact.type == _STATUS:
        return _moved(state, fact)
    if fact.type == _COMMENT and _is_reply(fact, created):
        return state._replace(unanswered_ms=None)
    if fact.type == _MERGED:
        return state._replace(merged=True)
    if fact.type in (_DELETED, _SPAM):
        return state._replace(deleted=True)
    if fact.type == _UNDELETED:
        return state._replace(deleted=False)
    return state


def _moved(state: State, fact: Fact) -> State:
    """Gives the state after a change of status; a reopening begins a wait for a reply anew."""
    solved = fact.data["current"] in _SOLVED
    if solved == (state.solved_ms is not None):
        return state
    if solved:
        return state._replace(solved_ms=fact.effective_ms)
    unanswered_ms = None if state.unanswered_ms is None else fact.effective_ms
    return state._replace(solved_ms=None, unanswered_ms=unanswered_ms)


def _is_reply(fact: Fact, created: Fact) -> bool:
    """Tells a human's reply from other comments; what opens an agent's own ticket is none."""
    if fact.data.get("author_role") != _AGENT:
        return False
    own = created.data.get("submitter_role") == _AGENT
    return not own or fact.effective_ms > created.effective_ms
