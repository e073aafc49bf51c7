"""The support desk: an account's tickets, and now and then a major case that hits many accounts."""

from random import Random

from streams.simulator.account import SimulatedAccount
from streams.simulator.agenda import Process, Subject
from streams.simulator.stamp import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, office_instant
from streams.simulator.surveys import Surveys
from streams.simulator.ticket import ROUND_THE_CLOCK, SimulatedTicket, TicketOpening, TicketOutcome
from streams.simulator.world import World

_TICKETS_A_MONTH = {"smb": 0.8, "mid_market": 1.7, "enterprise": 3.5}
"""Tickets an ordinary account opens in 30 days."""
_PER_USER_A_MONTH = 0.025
_CHANNELS = ("email", "web", "chat", "phone", "api")
_CHANNEL_ODDS = (0.42, 0.25, 0.22, 0.08, 0.03)
_PRIORITIES = ("low", "normal", "high", "urgent")
_PRIORITY_ODDS = (0.2, 0.55, 0.19, 0.06)
_KINDS = ("question", "incident", "problem", "task")
_KIND_ODDS = (0.5, 0.3, 0.12, 0.08)
_GROUPS = ("frontline", "technical")
_SPAM_ODDS = 0.02
_DELETED_ODDS = 0.01
_MERGED_ODDS = 0.025
_SERVICE_PAR = 0.68
"""Quality of service that leaves a customer's mood as it was."""
_SERVICE_WEIGHT = 0.4

_MAJOR_EVERY_DAYS = 75
"""Mean time between major cases."""
_MAJOR_REACH = 0.12
"""Mean share of the customers a major case hits."""
_MAJOR_BLOW = -0.08
_MAJOR_QUIET = 0.05
"""Mean share of the customers that a major case touches without a ticket."""
_LINK_ODDS = 0.03
"""Share of the tickets that an agent links to a problem; while a major case lasts, to that."""


class Desk:
    """Handles the tickets of one account."""

    def __init__(self, world: World, account: SimulatedAccount, surveys: Surveys) -> None:
        self._world = world
        self._account = account
        self._surveys = surveys
        self._rng: Random = world.rng("support", account.number)
        self._reporter = world.reporter("helpdesk", f"t{account.number}", account.account_id)
        self._links: Random = world.rng("links", account.number)
        self._opened = 0
        self._latest: str | None = None
        self._major = ("", 0)

    @property
    def account_id(self) -> str:
        """The account that it serves."""
        return self._account.account_id

    def run(self) -> Process:
        """Opens tickets at random, more of them the more users there are."""
        account = self._account
        now_ms = account.arrived_ms
        while not account.is_gone:
            now_ms += self._wait_ms(1.0)
            now_ms = self._writing_time(now_ms)
            yield now_ms
            if account.has_access and account.users:
                self._handle(now_ms)

    def surge(self) -> Process:
        """Opens more tickets from the beginning of a scenario on."""
        account, scenario = self._account, self._world.scenario
        now_ms = max(account.arrived_ms, scenario.begin_ms)
        if now_ms > account.arrived_ms:
            yield now_ms
        while not account.is_gone:
            now_ms += self._wait_ms(scenario.effects.tickets - 1.0)
            yield now_ms
            if account.has_access and account.users:
                self._handle(now_ms)

    def open_now(self, now_ms: int) -> None:
        """Opens a ticket besides those that come by themselves."""
        if self._account.users:
            self._handle(now_ms)

    def _wait_ms(self, share: float) -> int:
        """Draws the time until the next ticket of a share of the ordinary ones."""
        account = self._account
        rate = _TICKETS_A_MONTH[account.segment] + _PER_USER_A_MONTH * len(account.users)
        return max(MINUTE_MS, int(self._rng.expovariate(rate * share / 30.0) * DAY_MS))

    def hit(self, now_ms: int, problem_id: str) -> None:
        """Opens a ticket by itself for a major case."""
        opening = self._open(problem_id=problem_id, auto_created=True)
        outcome = self._played(opening, now_ms)
        self._account.feel(_MAJOR_BLOW)
        self._rate(outcome)

    def affect(self, now_ms: int, problem_id: str, lasts_ms: int) -> None:
        """Says under the account's own key that a major case touches it, and when that is over."""
        self._major = problem_id, now_ms + lasts_ms
        touched: dict[str, object] = {
            "ticket_id": problem_id,
            "affected_account_ids": [self._account.account_id],
        }
        for at_ms, kind in (
            (now_ms + 10 * MINUTE_MS, "ticket.major_declared"),
            (now_ms + lasts_ms, "ticket.major_resolved"),
        ):
            self._reporter.emit(at_ms, kind, touched, subject=problem_id)

    def _writing_time(self, time_ms: int) -> int:
        """Moves three of four tickets into the customer's office hours."""
        if self._rng.random() < 0.75:
            return office_instant(time_ms, self._account.offset_ms) + self._rng.randrange(HOUR_MS)
        return time_ms

    def _handle(self, now_ms: int) -> None:
        opening = self._open(later_link=self._link(now_ms))
        roll = self._rng.random()
        if roll < _SPAM_ODDS:
            self._discarded(opening, now_ms, "ticket.marked_as_spam")
        elif roll < _SPAM_ODDS + _DELETED_ODDS:
            self._discarded(opening, now_ms, "ticket.deleted")
        elif roll < _SPAM_ODDS + _DELETED_ODDS + _MERGED_ODDS and self._latest is not None:
            self._discarded(opening, now_ms, "ticket.merged", into_ticket_id=self._latest)
        else:
            self._latest = opening.ticket_id
            self._rate(self._played(opening, now_ms))

    def _link(self, now_ms: int) -> tuple[str, bool] | None:
        """Draws a problem that a new ticket turns out to be about."""
        chance = self._links.random()
        problem_id, until_ms = self._major
        if now_ms < until_ms:
            return (problem_id, True) if chance < 0.5 else None
        return (f"problem_{self._links.randrange(9) + 1}", False) if chance < _LINK_ODDS else None

    def _open(
        self,
        *,
        problem_id: str | None = None,
        auto_created: bool = False,
        later_link: tuple[str, bool] | None = None,
    ) -> TicketOpening:
        rng, account = self._rng, self._account
        schedule_id = ROUND_THE_CLOCK if account.segment == "enterprise" else "office"
        self._opened += 1
        ticket_id = f"tic_{account.number}_{self._opened}"
        agent_id = f"agent_{rng.randrange(self._world.agents) + 1}"
        requester_id = rng.choice(account.users).user_id if account.users else None
        if problem_id is not None:
            return TicketOpening(
                ticket_id,
                requester_id,
                "api",
                "high",
                "incident",
                agent_id,
                "technical",
                submitter_role="system",
                problem_id=problem_id,
                auto_created=auto_created,
                schedule_id=schedule_id,
            )
        return TicketOpening(
            ticket_id=ticket_id,
            requester_id=requester_id,
            channel=rng.choices(_CHANNELS, _CHANNEL_ODDS)[0],
            priority=rng.choices(_PRIORITIES, _PRIORITY_ODDS)[0],
            kind=rng.choices(_KINDS, _KIND_ODDS)[0],
            agent_id=agent_id,
            group_id=rng.choice(_GROUPS),
            submitter_role="agent" if rng.random() < 0.04 else "end_user",
            schedule_id=schedule_id,
            later_link=later_link,
        )

    def _ticket(self, opening: TicketOpening, now_ms: int) -> SimulatedTicket:
        ticket = SimulatedTicket(
            self._rng, self._reporter, opening, now_ms, self._world.pace(now_ms)
        )
        ticket.open()
        return ticket

    def _discarded(self, opening: TicketOpening, now_ms: int, kind: str, **fields: object) -> None:
        self._ticket(opening, now_ms).discard(kind, **fields)

    def _played(self, opening: TicketOpening, now_ms: int) -> TicketOutcome:
        outcome = self._ticket(opening, now_ms).play()
        self._surveys.after_ticket(outcome, opening)
        return outcome

    def _rate(self, outcome: TicketOutcome) -> None:
        self._account.feel(_SERVICE_WEIGHT * (outcome.quality - _SERVICE_PAR))


def major_cases(world: World, desks: list[tuple[SimulatedAccount, Desk]]) -> Process:
    """Breaks the product now and then for a part of the customers; never ends.

    Args:
        world: the common ground.
        desks: the accounts that have arrived and their desks; grows meanwhile.
    """
    rng, quiet_rng = world.rng("major"), world.rng("major", "quiet")
    reporter = world.reporter("helpdesk", "major")
    now_ms, number = world.start_ms, 0
    while True:
        now_ms += DAY_MS + int(rng.expovariate(1 / _MAJOR_EVERY_DAYS) * DAY_MS)
        yield now_ms
        number += 1
        problem_id = f"major_{number}"
        reach = _MAJOR_REACH * rng.uniform(0.3, 1.7)
        hit = [
            (account, desk) for account, desk in desks if account.is_paying and rng.random() < reach
        ]
        quiet = [
            desk
            for account, desk in desks
            if account.is_paying and quiet_rng.random() < _MAJOR_QUIET
        ]
        touched = {account.account_id: desk for account, desk in hit}
        touched |= {desk.account_id: desk for desk in quiet}
        subject = Subject(reporter, problem_id)
        subject.emit(now_ms, "ticket.created", _major(problem_id))
        affected: dict[str, object] = {
            "ticket_id": problem_id,
            "affected_account_ids": list(touched),
        }
        subject.emit(now_ms + 10 * MINUTE_MS, "ticket.major_declared", affected)
        for order, (_, desk) in enumerate(hit):
            desk.hit(now_ms + 15 * MINUTE_MS + order * SECOND_MS, problem_id)
        lasts_ms = int(rng.uniform(1.0, 30.0) * HOUR_MS)
        for desk in touched.values():
            desk.affect(now_ms, problem_id, lasts_ms)
        solved: dict[str, object] = {
            "ticket_id": problem_id,
            "previous": "new",
            "current": "solved",
        }
        subject.emit(now_ms + lasts_ms, "ticket.status_changed", solved)
        subject.emit(now_ms + lasts_ms, "ticket.major_resolved", affected)


def _major(problem_id: str) -> dict[str, object]:
    return {
        "ticket_id": problem_id,
        "submitter_role": "agent",
        "channel": "api",
        "priority": "urgent",
        "type": "problem",
        "status": "new",
        "group_id": "technical",
        "is_major": True,
        "auto_created": False,
    }
