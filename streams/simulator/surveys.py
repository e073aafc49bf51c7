"""Surveys: NPS and satisfaction once a quarter, the CSAT after a ticket, the CES after onboarding.

A whole exchange (sent, answered, corrected, deleted) is emitted at once, ahead of time.
"""

from dataclasses import dataclass
from random import Random

from streams.simulator.account import SimulatedAccount
from streams.simulator.agenda import Process, Subject
from streams.simulator.stamp import DAY_MS, HOUR_MS, MINUTE_MS, quarter, stamp
from streams.simulator.ticket import TicketOpening, TicketOutcome
from streams.simulator.world import World

_QUARTER_MS = 91 * DAY_MS
_FIRST_NPS_MS = 45 * DAY_MS
_ASKED_SHARE = 0.3
"""Share of an account's users asked in a quarter."""
_MOST_ASKED = 12
_NPS_ANSWERS = 0.34
_REVIEWERS = 3
"""Users asked in a quarter how satisfied they are with the relationship."""
_REVIEW_ANSWERS = 0.4
_REVIEW_DELAY_MS = 30 * DAY_MS
_CSAT_ASKED = 0.65
_CSAT_ANSWERS = 0.32
_CES_ANSWERS = 0.45
_CORRECTED = 0.04
_DELETED = 0.01
_BLANK = 0.015
"""Share of answers with a comment but no score."""
_ANONYMOUS = 0.03


@dataclass(slots=True, frozen=True)
class Scale:
    """A kind of survey: where it is asked and the scores it takes."""

    survey_type: str
    touchpoint: str
    least: int
    most: int

    def score(self, liking: float) -> int:
        """Turns a liking of 0 to 1 into a score."""
        return min(self.most, max(self.least, round(self.least + liking * self._span)))

    @property
    def _span(self) -> int:
        return self.most - self.least


NPS = Scale("nps", "relationship", 0, 10)
CSAT = Scale("csat", "ticket", 1, 5)
CES = Scale("ces", "onboarding", 1, 7)
REVIEW = Scale("satisfaction", "relationship", 1, 5)


class Surveys:
    """Asks one account and hears its answers."""

    def __init__(self, world: World, account: SimulatedAccount) -> None:
        self._account = account
        self._rng: Random = world.rng("surveys", account.number)
        self._reporter = world.reporter("surveys", f"s{account.number}", account.account_id)
        self._answers = 0

    def run(self) -> Process:
        """Asks for the NPS once a quarter, and a month later for a review."""
        account, rng = self._account, self._rng
        now_ms = account.arrived_ms + int(_FIRST_NPS_MS * rng.uniform(0.3, 2.0))
        while not account.is_gone:
            yield now_ms
            if account.is_paying:
                asked = [user for user in account.users if rng.random() < _ASKED_SHARE]
                for user in asked[:_MOST_ASKED]:
                    liking = 0.45 + 0.35 * account.mood + 0.35 * account.engagement
                    liking += rng.gauss(0.0, 0.17) + (0.05 if user.taste > 20 else -0.05)
                    survey_id = f"nps_{quarter(now_ms)}"
                    self._ask(now_ms, NPS, survey_id, user.user_id, _NPS_ANSWERS, liking)
                self._review(now_ms + _REVIEW_DELAY_MS)
            now_ms += _QUARTER_MS

    def _review(self, sent_ms: int) -> None:
        """Asks a few how satisfied they are on the whole."""
        account = self._account
        survey_id = f"review_{quarter(sent_ms)}"
        for user in account.users[:_REVIEWERS]:
            liking = 0.3 + 0.4 * account.mood + 0.4 * account.engagement + self._rng.gauss(0, 0.15)
            self._ask(sent_ms, REVIEW, survey_id, user.user_id, _REVIEW_ANSWERS, liking)

    def after_ticket(self, outcome: TicketOutcome, opening: TicketOpening) -> None:
        """Asks how the solution of a ticket was; each channel has a survey of its own."""
        if self._rng.random() < _CSAT_ASKED:
            liking = outcome.quality + 0.2 + self._rng.gauss(0.0, 0.15)
            about: dict[str, object] = {"ticket_id": opening.ticket_id}
            sent_ms = outcome.solved_ms + HOUR_MS
            self._ask(
                sent_ms,
                CSAT,
                f"csat_{opening.channel}",
                opening.requester_id,
                _CSAT_ANSWERS,
                liking,
                about,
                outcome.agent_id,
            )

    def after_onboarding(self, now_ms: int, ease: float) -> None:
        """Asks how easy the beginning was."""
        users = self._account.users
        if users:
            self._ask(now_ms, CES, "ces_onboarding", users[0].user_id, _CES_ANSWERS, ease)

    def _ask(
        self,
        sent_ms: int,
        scale: Scale,
        survey_id: str,
        respondent_id: str | None,
        answers: float,
        liking: float,
        about: dict[str, object] | None = None,
        assignee_id: str | None = None,
    ) -> None:
        """Sends one survey and emits what comes back, if anything."""
        rng = self._rng
        data: dict[str, object] = {
            "survey_id": survey_id,
            "survey_type": scale.survey_type,
            "respondent_id": respondent_id,
            **(about or {}),
        }
        self._reporter.emit(sent_ms, "survey.sent", data)
        if rng.random() >= answers:
            return
        time_ms = sent_ms + int(rng.expovariate(1 / 30) * HOUR_MS) + MINUTE_MS
        self._answers += 1
        response_id = f"resp_{self._account.number}_{self._answers}"
        subject = Subject(self._reporter, response_id)
        data["response_id"] = response_id
        data["touchpoint"] = scale.touchpoint
        data["scale_min"] = scale.least
        data["scale_max"] = scale.most
        data["score"] = None if rng.random() < _BLANK else scale.score(liking)
        data["responded_at"] = stamp(time_ms)
        data["assignee_id"] = assignee_id
        if rng.random() < _ANONYMOUS:
            data["respondent_id"] = None
        subject.emit(time_ms, "survey_response.created", data)
        roll = rng.random()
        if roll < _CORRECTED:
            time_ms += int(rng.uniform(0.1, 40.0) * HOUR_MS)
            data["score"] = scale.score(liking + rng.choice((-0.2, 0.2)))
            subject.emit(time_ms, "survey_response.updated", data)
        elif roll < _CORRECTED + _DELETED:
            time_ms += int(rng.uniform(1.0, 90.0) * HOUR_MS)
            gone: dict[str, object] = {"response_id": response_id, "reason": "privacy_request"}
            subject.emit(time_ms, "survey_response.deleted", gone)
