"""One support ticket from its first line to its close, emitted all at once when it is opened.

Agents work in office hours (UTC); customers write when they like. How long the ticket takes and
how often it comes back decides what the customer thinks of it: `SimulatedTicket.play` returns that.
"""

from dataclasses import dataclass
from random import Random

from streams.simulator.agenda import Reporter, Subject
from streams.simulator.stamp import DAY_MS, HOUR_MS, MINUTE_MS, after_office_time

AGENT_OFFSET_MS = 0
"""The support office keeps UTC."""
_REPLY_MEDIAN_MS = {
    "urgent": 15 * MINUTE_MS,
    "high": 40 * MINUTE_MS,
    "normal": 90 * MINUTE_MS,
    "low": 240 * MINUTE_MS,
}
"""Median office time until a first reply in a month of ordinary pace."""
_REPLY_SPREAD = 0.8
"""Sigma of the log-normal reply times."""
_CUSTOMER_MEDIAN_MS = 5 * HOUR_MS
_LONGEST_WAIT_MS = 6 * DAY_MS
"""No single wait is longer, so that a ticket ends some weeks after it began."""
_PATIENCE_MS = 20 * HOUR_MS
"""A first reply later than this pleases nobody."""
_MOST_ROUNDS = 5
_CLOSES_AFTER_MS = 4 * DAY_MS
_BOT = "bot_hello"
_ESCALATIONS = ("tier2", "tier2", "engineering", "customer_success", "manager")
ROUND_THE_CLOCK = "round_the_clock"
"""The schedule of the support that never sleeps."""


@dataclass(slots=True, frozen=True)
class TicketOutcome:
    """What came of a ticket: when it was last solved, by whom, how well (0 to 1)."""

    solved_ms: int
    agent_id: str
    quality: float


@dataclass(slots=True, frozen=True)
class TicketOpening:
    """The first facts of a ticket."""

    ticket_id: str
    requester_id: str | None
    channel: str
    priority: str
    kind: str
    agent_id: str
    group_id: str
    submitter_role: str = "end_user"
    problem_id: str | None = None
    auto_created: bool = False
    schedule_id: str = "office"
    later_link: tuple[str, bool] | None = None
    """A problem that an agent links the ticket to, and whether that is a major case."""


class SimulatedTicket:
    """Goes through one ticket."""

    def __init__(
        self, rng: Random, reporter: Reporter, opening: TicketOpening, now_ms: int, pace: float
    ) -> None:
        self._rng = rng
        self._opening = opening
        self._subject = Subject(reporter, opening.ticket_id)
        self._now_ms = now_ms
        self._pace = pace
        self._status = "new"
        self._comments = 0
        self._chats = 1
        self._schedule_id = opening.schedule_id
        self._agent_id = opening.agent_id

    def open(self) -> None:
        """Emits the creation, and now and then a bot's greeting."""
        opening = self._opening
        self._emit(
            "ticket.created",
            requester_id=opening.requester_id,
            submitter_role=opening.submitter_role,
            channel=opening.channel,
            priority=opening.priority,
            type=opening.kind,
            status=self._status,
            group_id=opening.group_id,
            problem_id=opening.problem_id,
            problem_is_major=None if opening.problem_id is None else True,
            is_major=False,
            auto_created=opening.auto_created,
            schedule_id=opening.schedule_id,
        )
        if opening.channel == "chat" and self._rng.random() < 0.6:
            self._pass(5_000)
            self._comment(_BOT, "bot")

    def discard(self, kind: str, **fields: object) -> None:
        """Ends the ticket as spam, deleted or merged, some hours after it was opened."""
        self._pass(int(self._rng.uniform(0.2, 8.0) * HOUR_MS))
        self._emit(kind, **fields)
        if kind == "ticket.deleted" and self._rng.random() < 0.15:
            self._pass(HOUR_MS)
            self._emit("ticket.undeleted")
            self._solve()

    def play(self) -> TicketOutcome:
        """Answers, discusses, solves, perhaps reopens, closes; returns what came of it."""
        rng = self._rng
        created_ms = self._now_ms
        self._take()
        first_wait_ms = self._now_ms - created_ms
        rounds = min(_MOST_ROUNDS, int(rng.expovariate(0.9)))
        for _ in range(rounds):
            self._round()
        self._solve()
        reopened = rng.random() < 0.09
        if reopened:
            self._reopen()
        solved_ms = self._now_ms
        self._pass(_CLOSES_AFTER_MS)
        self._become("closed")
        slowness = min(1.0, first_wait_ms / _PATIENCE_MS)
        quality = 0.95 - 0.45 * slowness - 0.07 * rounds - 0.25 * reopened
        return TicketOutcome(
            solved_ms, self._agent_id, max(0.0, quality + rng.uniform(-0.12, 0.12))
        )

    def _take(self) -> None:
        """Assigns an agent, who sends the first reply."""
        rng, opening = self._rng, self._opening
        wait_ms = self._draw(_REPLY_MEDIAN_MS[opening.priority] * self._pace)
        self._work_time(wait_ms // 2)
        self._emit("ticket.agent_assignment_changed", previous=None, current=self._agent_id)
        self._become("open")
        if rng.random() < 0.12:
            self._comment(self._agent_id, "agent", is_public=False)
        if rng.random() < 0.05:
            raised = "high" if opening.priority in ("low", "normal") else "urgent"
            self._emit("ticket.priority_changed", previous=opening.priority, current=raised)
        if opening.later_link is not None:
            problem_id, is_major = opening.later_link
            self._emit("ticket.problem_link_changed", current=problem_id, problem_is_major=is_major)
        self._work_time(max(MINUTE_MS, wait_ms - wait_ms // 2))
        self._reply()

    def _round(self) -> None:
        """Waits for somebody, then replies again."""
        rng = self._rng
        roll = rng.random()
        if roll < 0.07:
            self._emit(
                "ticket.escalated",
                target=rng.choice(_ESCALATIONS),
                from_group_id=self._opening.group_id,
            )
            self._hurry()
        if roll < 0.15:
            self._become("hold")
            blocker_id = f"bug_{self._opening.ticket_id}"
            self._emit("ticket.blocked", by="internal", blocker_id=blocker_id)
            self._work_time(self._draw(9 * HOUR_MS))
            self._emit("ticket.unblocked", by="internal", blocker_id=blocker_id)
            self._become("open")
        else:
            self._become("pending")
            self._customer_writes()
        if rng.random() < 0.06:
            previous, self._agent_id = self._agent_id, f"{self._opening.group_id}_lead"
            self._emit("ticket.agent_assignment_changed", previous=previous, current=self._agent_id)
        self._work_time(self._draw(_REPLY_MEDIAN_MS[self._opening.priority] * self._pace))
        self._reply()

    def _hurry(self) -> None:
        """Hands an escalated ticket to the support that never sleeps."""
        if self._schedule_id != ROUND_THE_CLOCK:
            previous, self._schedule_id = self._schedule_id, ROUND_THE_CLOCK
            self._emit("ticket.schedule_changed", previous=previous, current=ROUND_THE_CLOCK)

    def _solve(self) -> None:
        self._pass(int(self._rng.uniform(1, 20) * MINUTE_MS))
        self._become("solved")

    def _reopen(self) -> None:
        self._customer_writes()
        self._work_time(self._draw(2 * HOUR_MS * self._pace))
        self._reply()
        self._solve()

    def _customer_writes(self) -> None:
        """Waits for the customer, sometimes for a second thought too."""
        self._pass(self._draw(_CUSTOMER_MEDIAN_MS))
        self._chats += 1
        author_id = self._opening.requester_id or "unknown"
        self._comment(author_id, "end_user")
        self._become("open")
        if self._rng.random() < 0.15:
            self._pass(4 * MINUTE_MS)
            self._comment(author_id, "end_user")

    def _reply(self) -> None:
        self._comment(self._agent_id, "agent")
        seconds = int(self._rng.lognormvariate(6.4, 0.6))
        self._emit("ticket.work_logged", agent_id=self._agent_id, seconds=seconds)

    def _comment(self, author_id: str, role: str, *, is_public: bool = True) -> None:
        self._comments += 1
        is_chat = self._opening.channel == "chat"
        self._emit(
            "ticket.comment_added",
            comment_id=f"{self._opening.ticket_id}_c{self._comments}",
            author_id=author_id,
            author_role=role,
            is_public=is_public,
            session_id=f"{self._opening.ticket_id}_s{self._chats}" if is_chat else None,
        )

    def _become(self, status: str) -> None:
        if status != self._status:
            previous, self._status = self._status, status
            self._emit("ticket.status_changed", previous=previous, current=status)

    def _emit(self, kind: str, **fields: object) -> None:
        self._subject.emit(self._now_ms, kind, {"ticket_id": self._subject.name, **fields})

    def _draw(self, median_ms: float) -> int:
        wait_ms = median_ms * self._rng.lognormvariate(0.0, _REPLY_SPREAD)
        return min(_LONGEST_WAIT_MS, max(MINUTE_MS, int(wait_ms)))

    def _pass(self, wait_ms: int) -> None:
        self._now_ms += wait_ms

    def _work_time(self, wait_ms: int) -> None:
        self._now_ms = after_office_time(self._now_ms, wait_ms, AGENT_OFFSET_MS)
