"""The state of a ticket between two facts, the types of facts that change it, and replies."""

from collections.abc import Collection
from enum import StrEnum
from typing import Final, NamedTuple

SOLVED: Final = frozenset({"solved", "closed"})
"""The states that are none of the backlog."""

WAITS_FOR: Final = {"pending": "customer", "hold": "internal"}
"""Whom a ticket waits for by its status, where no blocker is known."""

NO_ACCOUNT: Final = "alone"
"""Marks the data of a fact of no account. Rows are packed with this text: it never changes."""


class TicketEventType(StrEnum):
    """The types of facts that matter to a ticket.

    Rows are packed with the places of these names: new ones go to the end.
    """

    CREATED = "ticket.created"
    STATUS = "ticket.status_changed"
    COMMENT = "ticket.comment_added"
    MERGED = "ticket.merged"
    DELETED = "ticket.deleted"
    SPAM = "ticket.marked_as_spam"
    UNDELETED = "ticket.undeleted"
    PRIORITY = "ticket.priority_changed"
    SCHEDULE = "ticket.schedule_changed"
    LINK = "ticket.problem_link_changed"
    ESCALATED = "ticket.escalated"
    BLOCKED = "ticket.blocked"
    UNBLOCKED = "ticket.unblocked"
    WORK = "ticket.work_logged"
    DECLARED = "ticket.major_declared"
    RESOLVED = "ticket.major_resolved"
    ASSIGNED = "ticket.agent_assignment_changed"
    ACCOUNT = "ticket.account_changed"


class TicketState(NamedTuple):
    """The state of a ticket between two facts.

    Attributes:
        status: Its status.
        solved_ms: When it was solved, or closed without being solved; None while it is unsolved.
        unanswered_ms: Since when the first reply of a human is due; None after that reply.
        deleted: Whether it is deleted or spam.
        merged: Whether it goes on as another ticket.
        blockers: What blocks it explicitly: by whom, and the blocker's id or None.
        priority: Its priority, or None.
        schedule: Id of its business hours, or None.
        linked: Whether it is linked to a problem.
        major: Whether that problem is a major case, or None if that is not known.
        replies: Public replies of humans so far; those of one chat session are one.
        followed_up: Whether the customer wrote again after the creation.
        paused: Whether it ever was pending or on hold.
        reopened: Whether it ever was reopened.
    """

    status: str
    solved_ms: int | None
    unanswered_ms: int | None
    deleted: bool = False
    merged: bool = False
    blockers: frozenset[tuple[str, str | None]] = frozenset()
    priority: str | None = None
    schedule: str | None = None
    linked: bool = False
    major: bool | None = None
    replies: int = 0
    followed_up: bool = False
    paused: bool = False
    reopened: bool = False

    @property
    def counts(self) -> bool:
        """Whether it is a ticket at all: not deleted, spam or merged."""
        return not (self.deleted or self.merged)

    @property
    def is_solved(self) -> bool:
        """Whether it is solved or closed."""
        return self.solved_ms is not None

    @property
    def in_backlog(self) -> bool:
        """Whether it counts and is unsolved; by default that is the backlog."""
        return self.counts and not self.is_solved

    def in_backlog_without(self, statuses: Collection[str]) -> bool:
        """Returns whether it counts, is unsolved and has none of some statuses."""
        return self.in_backlog and self.status not in statuses

    @property
    def explicitly_blocked_by(self) -> tuple[str, ...]:
        """By whom it is blocked explicitly."""
        return tuple(sorted({by for by, _ in self.blockers}))

    @property
    def blocked_by(self) -> tuple[str, ...]:
        """By whom it is blocked: explicitly, else as its status says."""
        if self.blockers:
            return self.explicitly_blocked_by
        waits_for = WAITS_FOR.get(self.status)
        return () if waits_for is None else (waits_for,)

    def unblocked(self, by: str | None, blocker: str | None) -> "TicketState":
        """Returns the state without the named blockers; what is None names any."""
        left = frozenset(
            (whose, name)
            for whose, name in self.blockers
            if (by is not None and whose != by) or (blocker is not None and name != blocker)
        )
        return self._replace(blockers=left)


class TicketPhase(NamedTuple):
    """A span ``[begin, end)`` in ms in which a ticket's state stays the same; it may be empty."""

    begin_ms: int
    end_ms: int
    state: TicketState


class Reply(NamedTuple):
    """A reply of a human that somebody waited for.

    Attributes:
        at_ms: When it came.
        since_ms: Since when it was due.
    """

    at_ms: int
    since_ms: int

    @property
    def wait_ms(self) -> int:
        """How long it took."""
        return self.at_ms - self.since_ms
