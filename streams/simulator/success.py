"""Customer success: onboarding, the manager's tasks and hours, programmes, referrals."""

from random import Random

from streams.simulator.account import SimulatedAccount
from streams.simulator.agenda import Process, Reporter, Subject
from streams.simulator.stamp import (
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    after_office_time,
    office_instant,
    stamp,
)
from streams.simulator.surveys import Surveys
from streams.simulator.world import World

_ROUND_MS = 14 * DAY_MS
"""How often a manager turns to an account."""
_ONBOARDING_MEDIAN_DAYS = 11.0
_ONBOARDED_ODDS = 0.86
_TASK_CATEGORIES = ("renewal", "adoption", "onboarding", "risk", "billing")
_TIME_CATEGORIES = ("onboarding", "renewal", "support", "training", "reporting")
_PROGRAMS = ("webinar", "qbr", "community", "advocacy")
_TASK_ODDS = 0.45
_TIME_ODDS = 0.6
_PROGRAM_ODDS = 0.12
_OVERRIDE_ODDS = 0.008
_HANDOVER_ODDS = 0.006


class CustomerSuccess:
    """The customer-success side of one account."""

    def __init__(
        self, world: World, account: SimulatedAccount, surveys: Surveys, *, is_known: bool
    ) -> None:
        self._account = account
        self._surveys = surveys
        self._is_known = is_known
        self._rng: Random = world.rng("success", account.number)
        self._reporter: Reporter = account.success
        self._managers = world.managers
        self._tasks = 0
        self._onboardings = 0
        self._was_served = False

    def run(self) -> Process:
        """Turns to the account every other week, beginning at its second day."""
        account, rng = self._account, self._rng
        now_ms = account.arrived_ms + int(rng.uniform(0.6, 1.4) * DAY_MS)
        self._was_served = self._is_known
        while not account.is_gone:
            now_ms = office_instant(now_ms, account.offset_ms)
            yield now_ms
            if account.has_access:
                if not self._was_served:
                    self._onboard(now_ms)
                elif account.is_paying:
                    self._care(now_ms)
                self._was_served = True
            elif not account.is_paying:
                self._was_served = False
            now_ms += _ROUND_MS + int(rng.uniform(-2.0, 2.0) * DAY_MS)

    def _onboard(self, now_ms: int) -> None:
        """Starts the onboarding; most are completed, the engaged ones sooner."""
        rng, account = self._rng, self._account
        self._onboardings += 1
        onboarding = Subject(self._reporter, f"onb_{account.number}_{self._onboardings}")
        data: dict[str, object] = {"onboarding_id": onboarding.name}
        onboarding.emit(now_ms, "onboarding.started", data)
        if rng.random() >= _ONBOARDED_ODDS:
            return
        days = _ONBOARDING_MEDIAN_DAYS * rng.lognormvariate(0.0, 0.6) * (1.5 - account.engagement)
        done_ms = office_instant(now_ms + int(days * DAY_MS), account.offset_ms)
        onboarding.emit(done_ms, "onboarding.completed", data)
        ease = 1.15 - days / 40.0 + rng.gauss(0.0, 0.15)
        self._surveys.after_onboarding(done_ms + 2 * HOUR_MS, ease)

    def _care(self, now_ms: int) -> None:
        """Does what a manager does for an account in a fortnight."""
        rng, account = self._rng, self._account
        if rng.random() < _TASK_ODDS:
            self._task(now_ms)
        if rng.random() < _TIME_ODDS:
            hours: dict[str, object] = {
                "owner_id": account.csm_id,
                "category": rng.choice(_TIME_CATEGORIES),
                "seconds": rng.randrange(600, 7_200, 300),
            }
            self._reporter.emit(now_ms + HOUR_MS, "time.logged", hours)
        if rng.random() < _PROGRAM_ODDS * (0.5 + account.engagement):
            program = rng.choice(_PROGRAMS)
            self._reporter.emit(now_ms + 2 * HOUR_MS, "program.participated", {"program": program})
        if rng.random() < _OVERRIDE_ODDS:
            judgement: dict[str, object] = {
                "score": rng.randrange(20, 60, 5),
                "until": stamp(now_ms + 30 * DAY_MS),
                "reason": "champion_left",
            }
            self._reporter.emit(now_ms + HOUR_MS, "health.override_set", judgement)
        if rng.random() < _HANDOVER_ODDS:
            account.hand_over(now_ms, f"csm_{rng.randrange(self._managers) + 1}")

    def _task(self, now_ms: int) -> None:
        """Assigns a task to the manager; emits what becomes of it."""
        rng, account = self._rng, self._account
        self._tasks += 1
        task = Subject(self._reporter, f"task_{account.number}_{self._tasks}")
        due_ms = after_office_time(now_ms, rng.randrange(2, 100) * HOUR_MS, account.offset_ms)
        data: dict[str, object] = {
            "task_id": task.name,
            "owner_id": account.csm_id,
            "category": rng.choice(_TASK_CATEGORIES),
            "due_at": stamp(due_ms),
        }
        task.emit(now_ms, "task.created", data)
        time_ms = now_ms + int((due_ms - now_ms) * rng.uniform(0.1, 0.7)) + MINUTE_MS
        roll = rng.random()
        if roll < 0.05:
            task.emit(time_ms, "task.cancelled", data)
            return
        if roll < 0.12:
            data["snoozed_until"] = stamp(due_ms + 2 * DAY_MS)
            task.emit(time_ms, "task.updated", data)
        if roll > 0.97:  # forgotten, until somebody tidies up
            task.emit(due_ms + int(rng.uniform(5, 60) * DAY_MS), "task.cancelled", data)
            return
        late_ms = int(rng.expovariate(1 / 2.5) * DAY_MS) if rng.random() < 0.2 else 0
        done_ms = max(time_ms + MINUTE_MS, due_ms - 3 * HOUR_MS) + late_ms
        self._complete(task, data, done_ms)
        if rng.random() < 0.02:
            data.pop("completed_at")
            task.emit(done_ms + 5 * HOUR_MS, "task.reopened", data)
            self._complete(task, data, done_ms + 2 * DAY_MS)

    def _complete(self, task: Subject, data: dict[str, object], done_ms: int) -> None:
        data["completed_at"] = stamp(done_ms)
        task.emit(done_ms, "task.completed", data)


def refer(
    world: World, referrer: SimulatedAccount, referred: SimulatedAccount, time_ms: int
) -> Process:
    """Recommends the product to an account to come; the referral converts once that pays.

    Begins at `time_ms`, before `referred` signs up, and sets its referral id.
    """
    reporter = world.reporter("crm", f"r{referred.number}", referrer.account_id)
    referral = Subject(reporter, f"ref_{referred.number}")
    referred.referral_id = referral.name
    referral.emit(time_ms, "referral.created", {"referral_id": referral.name})
    now_ms = referred.arrived_ms
    while not referred.is_gone:
        now_ms += DAY_MS
        yield now_ms
        if referred.is_paying:
            converted: dict[str, object] = {
                "referral_id": referral.name,
                "referred_account_id": referred.account_id,
            }
            referral.emit(now_ms, "referral.converted", converted)
            return
