"""Tickets: what happened to a support case, in compact form.

Only what figures ask for is kept, and nothing that is usual: a field that is missing has the
default of its event. ``aggregates.support.course`` computes what follows from the facts.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, cast

from typing_extensions import override

from aggregates.contributions.occurrence import FOREVER
from aggregates.rows.history import Fact, History, Outcome
from aggregates.rows.kind import DerivedKind, HistoryKind
from aggregates.rows.store import AccountRows
from aggregates.support.course import Course, course
from aggregates.support.packing import Packing
from aggregates.support.state import NO_ACCOUNT, TicketEventType
from aggregates.time.business_time import Span
from events import Event
from events.retraction import Target
from events.ticket import (
    TicketAccountChanged,
    TicketCreated,
    TicketData,
)

_TYPES: Final = [event_type.value for event_type in TicketEventType]
_PACKING: Final = Packing(_TYPES)

_NEW: Final = "new"
_VOICE: Final = frozenset({"voice", "phone"})
"""Channels on which an answer is spoken, not written."""
_WRITERS: Final = frozenset({"agent", "end_user"})
"""Roles of people; what bots and the system write, no figure asks for."""
_CUSTOMER: Final = "end_user"
_MS: Final = 1_000


class Ticket(History):
    """The history of a ticket, with what follows from it as last computed."""

    __slots__ = ("_derived",)

    def __init__(
        self, facts: list[Fact] | None = None, retracted: set[Target] | None = None
    ) -> None:
        super().__init__(facts, retracted)
        self._derived: tuple[Course | None, tuple[Span, ...]] | None = None

    @override
    def insert(self, fact: Fact) -> Outcome:
        self._derived = None
        return super().insert(fact)

    @override
    def retract(self, target: Target) -> None:
        self._derived = None
        super().retract(target)

    @property
    def course(self) -> Course | None:
        """What became of the ticket; None if it was never created."""
        return self._derive()[0]

    @property
    def major_spans(self) -> tuple[Span, ...]:
        """The spans (ms) in which a major case is declared that affects this account.

        An event under the key of an account says that the account is affected; one under the
        case's own key says so of no account.
        """
        return self._derive()[1]

    def _derive(self) -> tuple[Course | None, tuple[Span, ...]]:
        if self._derived is None:
            facts = self.unretracted()
            self._derived = course(facts), tuple(_major_spans(facts))
        return self._derived


def _major_spans(facts: Sequence[Fact]) -> Iterator[Span]:
    since_ms: int | None = None
    for fact in facts:
        if fact.type == TicketEventType.DECLARED and since_ms is None:
            since_ms = None if NO_ACCOUNT in fact.data else fact.effective_ms
        elif fact.type == TicketEventType.RESOLVED and since_ms is not None:
            yield since_ms, fact.effective_ms
            since_ms = None
    if since_ms is not None:
        yield since_ms, FOREVER


class _TicketKind(HistoryKind[Ticket]):
    """One row a ticket, packed without what is usual."""

    moves = True

    @override
    def accounts(self, event: Event) -> tuple[str, ...]:
        """Files a change of account under both accounts, other facts under their own."""
        if event.type != TicketEventType.ACCOUNT:
            return (event.key,)
        into = cast(TicketAccountChanged, event.data).into_account_id
        return (event.key,) if into == event.key else (event.key, into)

    @override
    def moved_to(self, row: Ticket) -> str | None:
        changes = (f for f in reversed(row.unretracted()) if f.type == TicketEventType.ACCOUNT)
        return next((fact.data["into"] for fact in changes), None)

    @override
    def pack(self, row: Ticket) -> bytes:
        return _PACKING.pack(row)

    @override
    def unpack(self, packed: bytes) -> Ticket:
        return Ticket(*_PACKING.unpack(packed))


_CURRENT: Final = {"current": "current"}
_BLOCKER: Final = {"by": "by", "blocker": "blocker_id"}
_AS_TOLD: Final[dict[str, dict[str, str]]] = {
    TicketEventType.STATUS: _CURRENT,
    TicketEventType.ASSIGNED: _CURRENT,
    TicketEventType.PRIORITY: _CURRENT,
    TicketEventType.SCHEDULE: _CURRENT,
    TicketEventType.ESCALATED: {"target": "target"},
    TicketEventType.BLOCKED: _BLOCKER,
    TicketEventType.UNBLOCKED: _BLOCKER,
    TicketEventType.MERGED: {"into": "into_ticket_id"},
    TicketEventType.ACCOUNT: {"into": "into_account_id"},
}
"""By type, which fields are kept as they are told, by the names under which they are kept."""


def _kept(event: Event) -> dict[str, Any]:
    data: Any = event.data
    as_told = _AS_TOLD.get(event.type)
    if as_told is not None:
        return {name: getattr(data, field) for name, field in as_told.items()}
    match event.type:
        case TicketEventType.CREATED:
            return _creation(data, event)
        case TicketEventType.COMMENT:
            is_heard = data.is_public and data.author_role in _WRITERS
            return {"by": data.author_role, "session": data.session_id} if is_heard else {}
        case TicketEventType.LINK:
            return _link(data.current, data.problem_is_major)
        case TicketEventType.WORK:
            return {"ms": round(data.seconds * _MS) or None}
        case TicketEventType.DECLARED | TicketEventType.RESOLVED:
            return _account_mark(event)
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
        **_account_mark(event),
        **_link(created.problem_id, created.problem_is_major),
    }


def _link(problem_id: str | None, is_major: bool | None) -> dict[str, Any]:
    """Returns whether there is a problem, and whether it is a major case as far as known."""
    return {} if problem_id is None else {"linked": True, "major": is_major}


def _account_mark(event: Event) -> dict[str, Any]:
    return {NO_ACCOUNT: True} if event.account_id is None else {}


TICKETS: Final = _TicketKind(
    Ticket,
    name="ticket",
    topic="ticket",
    types=_TYPES,
    entity=lambda event: cast(TicketData, event.data).ticket_id,
    keep=_kept,
    version=4,
)

ACCOUNT_TICKETS: Final = DerivedKind[AccountRows]("account_tickets", (TICKETS,))
"""All tickets of an account together."""
