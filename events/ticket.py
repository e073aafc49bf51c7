"""Topic `ticket`: support cases from first contact to solution.

A ticket need not belong to an account: a major case stands above its accounts.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from events.envelope import Envelope, Fact
from events.fields import Id, Seconds
from events.retraction import EventRetracted

TicketStatus = Literal["new", "open", "pending", "hold", "solved", "closed"]
AuthorRole = Literal["end_user", "agent", "bot", "system"]
EscalationTarget = Literal["customer_success", "tier2", "engineering", "manager"]
BlockedBy = Literal["customer", "internal"]


class TicketFact(Fact):
    """A fact about one ticket."""

    ENTITY: ClassVar[str | None] = "ticket_id"

    ticket_id: Id


class TicketCreated(TicketFact):
    """A case was opened."""

    requester_id: Id | None = None
    submitter_role: AuthorRole = "end_user"
    channel: Id | None = None
    priority: Id | None = None
    type: Id | None = None
    status: TicketStatus = "new"
    group_id: Id | None = None
    assignee_id: Id | None = None
    problem_id: Id | None = None
    problem_is_major: bool | None = None
    is_major: bool = False
    auto_created: bool = False
    schedule_id: Id | None = None


class TicketStatusChanged(TicketFact):
    """A case moved to another status."""

    previous: TicketStatus | None = None
    current: TicketStatus


class TicketCommentAdded(TicketFact):
    """Somebody wrote. Only a public comment of an agent is a human reply."""

    comment_id: Id | None = None
    author_id: Id | None = None
    author_role: AuthorRole
    is_public: bool
    session_id: Id | None = None


class TicketChange(TicketFact):
    """An attribute changed; null means none."""

    previous: Id | None = None
    current: Id | None = None


class TicketAgentAssignmentChanged(TicketChange):
    """Another agent, or none, works on the case."""


class TicketPriorityChanged(TicketChange):
    """The case matters more or less than before."""


class TicketScheduleChanged(TicketChange):
    """Other business hours apply from now on."""


class TicketProblemLinkChanged(TicketChange):
    """The case was linked to a problem, or unlinked.

    Whether that problem is a major case is told here, since the problem itself has another key.
    """

    problem_is_major: bool | None = None


class TicketEscalated(TicketFact):
    """The case was handed on."""

    target: EscalationTarget
    from_group_id: Id | None = None


class TicketBlocked(TicketFact):
    """The case waits for somebody."""

    by: BlockedBy
    blocker_id: Id | None = None


class TicketUnblocked(TicketFact):
    """The named blocker is gone; with no name, every blocker of that kind; with neither, all."""

    by: BlockedBy | None = None
    blocker_id: Id | None = None


class TicketWorkLogged(TicketFact):
    """An agent spent time on the case."""

    agent_id: Id | None = None
    seconds: Seconds


class TicketMajorChange(TicketFact):
    """A major case and the accounts it touches, beside those of its child tickets.

    A copy under the key of each affected account, with its `account_id`, says so to the partition
    that keeps the account; the list alone says it to people.
    """

    affected_account_ids: list[Id] = Field(default_factory=list)


class TicketMajorDeclared(TicketMajorChange):
    """A case turned out to be a major one."""


class TicketMajorResolved(TicketMajorChange):
    """A major case is over."""


class TicketMerged(TicketFact):
    """A case goes on in another one and leaves all figures."""

    into_ticket_id: Id


class TicketDeleted(TicketFact):
    """A case was deleted."""


class TicketUndeleted(TicketFact):
    """A deleted case is back."""


class TicketMarkedAsSpam(TicketFact):
    """A case was no case."""


TicketEvent = Annotated[
    Envelope[Literal["ticket.created"], TicketCreated]
    | Envelope[Literal["ticket.status_changed"], TicketStatusChanged]
    | Envelope[Literal["ticket.comment_added"], TicketCommentAdded]
    | Envelope[Literal["ticket.agent_assignment_changed"], TicketAgentAssignmentChanged]
    | Envelope[Literal["ticket.priority_changed"], TicketPriorityChanged]
    | Envelope[Literal["ticket.schedule_changed"], TicketScheduleChanged]
    | Envelope[Literal["ticket.problem_link_changed"], TicketProblemLinkChanged]
    | Envelope[Literal["ticket.escalated"], TicketEscalated]
    | Envelope[Literal["ticket.blocked"], TicketBlocked]
    | Envelope[Literal["ticket.unblocked"], TicketUnblocked]
    | Envelope[Literal["ticket.work_logged"], TicketWorkLogged]
    | Envelope[Literal["ticket.major_declared"], TicketMajorDeclared]
    | Envelope[Literal["ticket.major_resolved"], TicketMajorResolved]
    | Envelope[Literal["ticket.merged"], TicketMerged]
    | Envelope[Literal["ticket.deleted"], TicketDeleted]
    | Envelope[Literal["ticket.undeleted"], TicketUndeleted]
    | Envelope[Literal["ticket.marked_as_spam"], TicketMarkedAsSpam]
    | Envelope[Literal["event.retracted"], EventRetracted],
    Field(discriminator="type"),
]
"""Every event of the topic."""
