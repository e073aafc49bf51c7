"""Topic `ticket`: support cases from first contact to solution.

A ticket need not belong to an account: a major case stands above its accounts.
"""

from typing import Final, Literal

from pydantic import Field

from events.envelope import EventData
from events.fields import Id, Seconds
from events.retraction import EventRetracted

TicketStatus = Literal["new", "open", "pending", "hold", "solved", "closed"]
AuthorRole = Literal["end_user", "agent", "bot", "system"]
EscalationTarget = Literal["customer_success", "tier2", "engineering", "manager"]
BlockedBy = Literal["customer", "internal"]


class TicketData(EventData, entity="ticket_id"):
    """Data of every event about one ticket."""

    ticket_id: Id
    """The ticket; all its facts go under one account, or all under none, until it changes hands
    (`ticket.account_changed`)."""


class TicketCreated(TicketData):
    """A case was opened: reply and resolution times begin, and what lies before changes nothing."""

    requester_id: Id | None = None
    """Who asked for help; kept in the log, no figure uses it."""
    submitter_role: AuthorRole = "end_user"
    """Who opened it: what an `agent` writes on opening it is no reply yet."""
    channel: Id | None = None
    """How it came in: `voice` and `phone` are calls, which may be solved without a written reply;
    others are kept in the log."""
    priority: Id | None = None
    """How much it matters, as the settings name it (`urgent`, `high`, `normal`, `low`): the service
    level, and a filter of measures; left out, it has none."""
    type: Id | None = None
    """Kind of case; kept in the log, no figure uses it."""
    status: TicketStatus = "new"
    """Where it stands at first; `solved` and `closed` are out of the backlog."""
    group_id: Id | None = None
    """The team it is with; kept in the log, no figure uses it."""
    assignee_id: Id | None = None
    """The agent it is with at first: coming to another one is a reassignment."""
    problem_id: Id | None = None
    """The problem that it hangs on, which may be a major case."""
    problem_is_major: bool | None = None
    """Whether that problem is a major case, which has a key of its own; left out, the setting
    `unmarked_problems_are_major` says."""
    is_major: bool = False
    """Whether this is a major case itself; kept in the log, no figure uses it: the tickets that
    hang on it tell."""
    auto_created: bool = False
    """Whether it was created automatically for its problem; without `problem_id` it says nothing.
    """
    schedule_id: Id | None = None
    """The business hours that apply, by their id in the settings; left out, `default_schedule`."""


class TicketStatusChanged(TicketData):
    """A case moved to another status: was solved, reopened, put on hold."""

    previous: TicketStatus | None = None
    """The status before; kept in the log, no figure uses it: it follows from the facts before."""
    current: TicketStatus
    """The status now; `pending` waits for the customer and `hold` for somebody inside, where no
    blocker is told."""


class TicketCommentAdded(TicketData):
    """Somebody wrote. Only a public comment of an agent is a human reply."""

    comment_id: Id | None = None
    """The producer's id of the comment; kept in the log, no figure uses it."""
    author_id: Id | None = None
    """Who wrote; kept in the log, no figure uses it: the role decides."""
    author_role: AuthorRole
    """Who wrote, as of then: `end_user` begins a wait and `agent` ends it; `bot` and `system` do
    neither."""
    is_public: bool
    """Whether the customer can read it; internal notes count for nothing."""
    session_id: Id | None = None
    """The chat that it is part of: all replies in one count as one."""


class TicketChange(TicketData):
    """An attribute changed."""

    previous: Id | None = None
    """What it was; kept in the log, no figure uses it: it follows from the facts before."""
    current: Id | None = None
    """What it is now; null or left out is none."""


class TicketAgentAssignmentChanged(TicketChange):
    """Another agent, or none, works on the case: reassignments are changes from agent to agent."""


class TicketPriorityChanged(TicketChange):
    """The case matters more or less than before; targets go by the priority at the time."""


class TicketScheduleChanged(TicketChange):
    """Other business hours apply from now on."""


class TicketProblemLinkChanged(TicketChange):
    """The case was linked to a problem, or unlinked.

    Whether that problem is a major case is told here, since the problem itself has another key.
    """

    problem_is_major: bool | None = None
    """Whether that problem is a major case; left out, the setting `unmarked_problems_are_major`
    says."""


class TicketEscalated(TicketData):
    """The case was handed on."""

    target: EscalationTarget
    """To whom; the setting `escalation_target` says which one counts, by default customer success.
    """
    from_group_id: Id | None = None
    """The team that it was with; kept in the log, no figure uses it."""


class TicketBlocked(TicketData):
    """The case waits for somebody, until `ticket.unblocked`."""

    by: BlockedBy
    """For whom it waits."""
    blocker_id: Id | None = None
    """What it waits for, such as a task: several may block a case at once."""


class TicketUnblocked(TicketData):
    """The named blocker is gone; with no name, every blocker of that kind; with neither, all."""

    by: BlockedBy | None = None
    """For whom it no longer waits; left out, whoever it was."""
    blocker_id: Id | None = None
    """What is gone; left out, whatever it was."""


class TicketWorkLogged(TicketData):
    """An agent spent time on the case."""

    agent_id: Id | None = None
    """Who worked; kept in the log, no figure uses it."""
    seconds: Seconds
    """Time worked, in seconds, not counted in other events: handle time adds them up."""


class TicketMajorChange(TicketData):
    """A major case and the accounts it touches, beside those of its child tickets.

    A copy under the key of each affected account, with its `account_id`, says so to the partition
    that keeps the account; the list alone says it to people.
    """

    affected_account_ids: list[Id] = Field(default_factory=list)
    """The accounts, for people; kept in the log, no figure uses it: each account needs its copy."""


class TicketMajorDeclared(TicketMajorChange):
    """A case turned out to be a major one."""


class TicketMajorResolved(TicketMajorChange):
    """A major case is over."""


class TicketMerged(TicketData):
    """A case goes on in another one and leaves the figures, but for the work logged on it."""

    into_ticket_id: Id
    """The ticket in which it goes on; if it is of the same account, work logged on this one counts
    as work on that one (setting `merged_work`)."""


class TicketAccountChanged(TicketData):
    """A case turned out to be another account's: a copy travels under each of the two keys.

    All its facts are told under the new account from then on. To take it back, retract it under
    each of the two accounts.
    """

    into_account_id: Id
    """The account that it belongs to; `account_id` is the one that it was filed under."""


class TicketDeleted(TicketData):
    """A case was deleted and leaves the figures."""


class TicketUndeleted(TicketData):
    """A case that was deleted, or marked as spam, is back."""


class TicketMarkedAsSpam(TicketData):
    """A case was none and leaves the figures, as if deleted."""


TICKET_EVENTS: Final[dict[str, type[EventData]]] = {
    "ticket.created": TicketCreated,
    "ticket.status_changed": TicketStatusChanged,
    "ticket.comment_added": TicketCommentAdded,
    "ticket.agent_assignment_changed": TicketAgentAssignmentChanged,
    "ticket.priority_changed": TicketPriorityChanged,
    "ticket.schedule_changed": TicketScheduleChanged,
    "ticket.problem_link_changed": TicketProblemLinkChanged,
    "ticket.escalated": TicketEscalated,
    "ticket.blocked": TicketBlocked,
    "ticket.unblocked": TicketUnblocked,
    "ticket.work_logged": TicketWorkLogged,
    "ticket.major_declared": TicketMajorDeclared,
    "ticket.major_resolved": TicketMajorResolved,
    "ticket.merged": TicketMerged,
    "ticket.account_changed": TicketAccountChanged,
    "ticket.deleted": TicketDeleted,
    "ticket.undeleted": TicketUndeleted,
    "ticket.marked_as_spam": TicketMarkedAsSpam,
    "event.retracted": EventRetracted,
}
"""The model of each type of the topic."""
