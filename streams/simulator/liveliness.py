"""Liveliness: what happens besides the ordinary, so that there is something to see at any hour.

People use the product every few seconds: those who would come on an ordinary day, so that few are
active who would not be. A ticket, an upgrade and a loss come within the first minute, and then ever
more rarely, so that a day of it leaves figures as they are in a busy week. Until it begins, the
company emits the same events as without.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final, NamedTuple

from streams.simulator.account import SimulatedAccount, SimulatedUser
from streams.simulator.agenda import Process
from streams.simulator.billing import Billing
from streams.simulator.features import palette
from streams.simulator.stamp import DAY_MS, SECOND_MS, stamp, whole_second
from streams.simulator.support import Desk
from streams.simulator.world import World

BEAT_MS: Final = 3 * SECOND_MS
"""Mean time between two uses, at the speed of clocks."""

_DUTY_SHARE: Final = 0.5
"""Of those who come on an ordinary weekday, the share that may come besides."""
_TRIES_MAX: Final = 8
"""People who are looked at for one who is on duty."""
_SESSION_ODDS: Final = 0.01
"""Share of uses after which a session ends: time in sessions is a figure."""
_SESSION_S: Final = (60, 300)
_SHORTEST_BEAT: Final = 0.4
_GROWS_BY: Final = 0.1
"""Share of its seats by which an account grows."""


class Customer(NamedTuple):
    """An account with its processes."""

    account: SimulatedAccount
    desk: Desk
    billing: Billing


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When something comes: beats until the first, and how many times later each next one.

    Attributes:
        first: Beats until the first.
        factor: How many times later than the one before each next one is, counted from the start.
        accounts_min: Accounts that a company has at least to whom it happens.
    """

    first: float
    factor: float
    accounts_min: int


TICKETS: Final = Rhythm(3, 1.7, 20)
UPGRADES: Final = Rhythm(6, 2.0, 20)
LOSSES: Final = Rhythm(13, 12.0, 100)
"""A loss of one in a hundred customers is as much as a month may show."""


class Liveliness:
    """Makes a company lively from an instant on."""

    def __init__(
        self, world: World, customers: list[Customer], begin_ms: int, beat_ms: int
    ) -> None:
        """Takes whom it happens to.

        Args:
            world: The common ground.
            customers: Those who have arrived; grows meanwhile.
            begin_ms: When it begins, ms of the epoch.
            beat_ms: Mean time between two uses.
        """
        self._world = world
        self._customers = customers
        self._begin_ms = -(-begin_ms // SECOND_MS) * SECOND_MS
        self._beat_ms = beat_ms
        self._rng: Random = world.rng("lively")
        self._reporter = world.reporter("app", "lively")
        self._sessions = 0

    def start(self) -> None:
        """Starts its processes."""
        for process in (
            self._uses(),
            self._now_and_then(TICKETS, self._ask),
            self._now_and_then(UPGRADES, self._grow),
            self._now_and_then(LOSSES, self._lose),
        ):
            self._world.agenda.start(self._begin_ms, process)

    def _uses(self) -> Process:
        """Somebody uses the product, again and again."""
        now_ms = self._begin_ms
        while True:
            beats = _SHORTEST_BEAT + self._rng.expovariate(1 / (1 - _SHORTEST_BEAT))
            now_ms += max(1, int(self._beat_ms * beats))
            yield now_ms
            found = self._on_duty(now_ms)
            if found is not None:
                self._use(*found, whole_second(now_ms))

    def _now_and_then(self, rhythm: Rhythm, act: Callable[[int], None]) -> Process:
        if self._world.size < rhythm.accounts_min:
            return
        after_ms = rhythm.first * self._beat_ms
        while True:
            now_ms = whole_second(self._begin_ms + int(after_ms))
            yield now_ms
            act(now_ms)
            after_ms *= rhythm.factor

    def _on_duty(self, now_ms: int) -> tuple[SimulatedAccount, SimulatedUser] | None:
        """Draws a person who comes today; None if none is met with."""
        rng, day = self._rng, now_ms // DAY_MS
        for _ in range(_TRIES_MAX if self._customers else 0):
            account = rng.choice(self._customers).account
            if not (account.has_access and account.users):
                continue
            [user] = rng.choices(account.users, [each.rate for each in account.users])
            chance = self._world.rng("duty", day, user.user_id).random()
            if chance < _DUTY_SHARE * user.rate:
                return account, user
        return None

    def _use(self, account: SimulatedAccount, user: SimulatedUser, now_ms: int) -> None:
        rng, world = self._rng, self._world
        launched = world.scenario.at(now_ms).feature
        feature = rng.choice(palette(rng, account.plan, now_ms - world.start_ms, launched))
        person: dict[str, object] = {"account_id": account.account_id, "user_id": user.user_id}
        reporter = self._reporter
        reporter.emit(now_ms, "feature.used", {**person, "feature": feature})
        if rng.random() < _SESSION_ODDS:
            self._sessions += 1
            length_s = rng.randint(*_SESSION_S)
            session: dict[str, object] = {
                "session_id": f"ses_lively_{self._sessions:x}",
                "started_at": stamp(now_ms - length_s * SECOND_MS),
                "duration_s": length_s,
            }
            reporter.emit(now_ms, "session.ended", {**person, **session})

    def _ask(self, now_ms: int) -> None:
        """Somebody opens a ticket."""
        asking = [each for each in self._customers if each.account.has_access]
        if asking:
            self._rng.choice(asking).desk.open_now(now_ms)

    def _grow(self, now_ms: int) -> None:
        """An account takes more seats."""
        if growing := self._steady(now_ms):
            self._rng.choice(growing).billing.grow(now_ms, _GROWS_BY)

    def _lose(self, now_ms: int) -> None:
        """A small customer leaves at once."""
        if staying := self._steady(now_ms):
            some = self._rng.sample(staying, min(len(staying), _TRIES_MAX))
            min(some, key=lambda each: each.account.seats).billing.leave(now_ms)

    def _steady(self, now_ms: int) -> list[Customer]:
        return [each for each in self._customers if each.billing.is_steady(now_ms)]
