"""Tickets: what happened to a support case, in compact form.

Only what figures ask for is kept, and nothing that is usual: a field that is missing has the
default of its event. What follows from the facts is told by ``aggregates.support.course``.
"""

from collections.abc import Sequence
from typing import Any, Final, cast

from aggregates.contributions.occurrence import FOREVER
from aggregates.rows.history import Fact, History, Outcome
from aggregates.rows.kind import DerivedKind, HistoryKind
from aggregates.rows.store import AccountRows
from aggregates.support.course import Course, course
from aggregates.support.packing import Packing
from aggregates.support.state import Happening
from events import Event
from events.ticket import (
    TicketAgentAssignmentChanged,
    TicketBlocked,
    TicketCommentAdded,
    TicketCreated,
    TicketEscalated,
    TicketFact,
    TicketMajorChange,
    TicketPriorityChanged,
    TicketProblemLinkChanged,
    TicketScheduleChanged,
    TicketStatusChanged,
    TicketUnblocked,
    TicketWorkLogged,
)

_PACKING: Final = Packing([happening.value for happening in Happening])
Spans = tuple[tuple[int, int], ...]
"""Spans ``[begin, end)`` in ms."""

_NEW: Final = "new"
_VOICE: Final = frozenset({"voice", "phone"})
"""Channels on which an answer is spoken, not written."""
_WRITERS: Final = frozenset({"agent", "end_user"})
"""Roles of people; what bots and the system write, no figure asks for."""
_CUSTOMER: Final = "end_user"
_MS: Final = 1_000


class Ticket(History):
    """The history of a ticket, with what follows from it as last computed."""

    __slots__ = ("_told",)

    def __init__(self, facts: list[Fact] | None = None, retracted: set[str] | None = None) -> None:
        super().__init__(facts, retracted)
        self._told: tuple[Course | None, Spans] | None = None

    def insert(self, fact: Fact) -> Outcome:
        """Files a fact under its order; see ``History.insert``."""
        self._told = None
        return super().insert(fact)

    def retract(self, event_id: str) -> None:
        """Takes an event out of what stands."""
        self._told = None
        super().retract(event_id)

    @property
    def course(self) -> Course | None:
        """What became of the ticket; None if it was never created."""
        return self._tell()[0]

    @property
    def major_spans(self) -> Spans:
        """The spans (ms) in which a major case is declared that touches this account.

        A major case that is told under the key of an account says that the account is affected;
        told under the case's own key it says so of no account.
        """
        return self._tell()[1]

    def _tell(self) -> tuple[Course | None, Spans]:
        """Computes once what all families read."""
        if self._told is None:
            facts = self.unretracted()
            self._told = course(facts), _major_spans(facts)
        return self._told


def _major_spans(facts: Sequence[Fact]) -> Spans:
    spans = []
    since_ms: int | None = None
    for fact in facts:
        if fact.type == Happening.DECLARED and since_ms is None and "alone" not in fact.data:
            since_ms = fact.effective_ms
        elif fact.type == Happening.RESOLVED and since_ms is not None:
            spans.append((since_ms, fact.effective_ms))
            since_ms = None
    return tuple(spans) if since_ms is None else (*spans, (since_ms, FOREVER))


class Tickets(HistoryKind[Ticket]):
    """One row a ticket, packed without what is usual."""

    def pack(self, row: Ticket) -> bytes:
        """Packs the facts and retractions."""
        return _PACKING.pack(row)

    def unpack(self, packed: bytes) -> Ticket:
        """Unpacks the facts and retractions."""
        return Ticket(*_PACKING.unpack(packed))


def _kept(event: Event) -> dict[str, Any]:
    """Returns the fields to keep; None is left out."""
    match event.data:
        case TicketCreated() as created:
            return _creation(created, event)
        case TicketStatusChanged(current=current) | TicketAgentAssignmentChanged(current=current):
            return {"current": current}
        case TicketPriorityChanged(current=current) | TicketScheduleChanged(current=current):
            return {"current": current}
        case TicketCommentAdded(author_role=role, is_public=True, session_id=session):
            return {"by": role, "session": session} if role in _WRITERS else {}
        case TicketProblemLinkChanged(current=problem, problem_is_major=major):
            return _link(problem, major)
        case TicketEscalated(target=target):
            return {"target": target}
        case TicketBlocked(by=by, blocker_id=blocker) | TicketUnblocked(by=by, blocker_id=blocker):
            return {"by": by, "blocker": blocker}
        case TicketWorkLogged(seconds=seconds):
            return {"ms": round(seconds * _MS) or None}
        case TicketMajorChange():
            return {"alone": _alone(event)}
    return {}


def _creation(created: TicketCreated, event: Event) -> dict[str, Any]:
    status, role = created.status, created.submitter_role
    return {
        "status": None if status == _NEW else status,
        "role": None if role == _CUSTOMER else role,
        "voice": created.channel in _VOICE or None,
        "priority": created.priority,
        "schedule": created.schedule_id,
        "agent": created.assignee_id,
        "auto": (created.auto_created and created.problem_id is not None) or None,
        "alone": _alone(event),
        **_link(created.problem_id, created.problem_is_major),
    }


def _link(problem_id: str | None, is_major: bool | None) -> dict[str, Any]:
    """Returns the link to a problem: whether there is one, and what is told of it."""
    if problem_id is None:
        return {}
    return {"linked": True, "major": is_major}


def _alone(event: Event) -> bool | None:
    """Tells of a fact of no account that it is one."""
    return True if event.account_id is None else None


TICKETS: Final = Tickets(
    Ticket,
    name="ticket",
    topic="ticket",
    types=[happening.value for happening in Happening],
    entity=lambda event: cast(TicketFact, event.data).ticket_id,
    keep=_kept,
    version=3,
)

ACCOUNT_TICKETS: Final = DerivedKind[AccountRows]("account_tickets", (TICKETS,))
"""All tickets of an account together."""
