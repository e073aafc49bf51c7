"""The people of an account: who joins, who fades, who leaves."""

from dataclasses import dataclass
from random import Random

from streams.simulator.account import SimulatedAccount, SimulatedUser
from streams.simulator.agenda import Reporter
from streams.simulator.features import PALETTE_SLOTS
from streams.simulator.stamp import HOUR_MS, SECOND_MS

_ARRIVAL_OF_DAY_MS = 7 * HOUR_MS
"""Local time at which users are added and removed: before the first session of the day."""
_FIRST_SHARE = 0.35
"""Share of the seats that is filled when an account begins."""
_FULL_SHARE = 0.5
"""Share of the seats that a well-going account fills in the end."""
_HIRES_A_WEEK = 0.12
"""Share of the empty seats filled in a week."""
_LEAVERS_A_WEEK = 0.003
_DOUBLE_ODDS = 0.004
"""Chance a week that an account finds one of its people registered twice."""
_GIVEN_UP_RATE = 0.012
"""A user who shows up more rarely than this may be removed."""
_ROLES = ("admin", "member", "member", "member", "viewer")


@dataclass(slots=True, frozen=True)
class Habit:
    """How a kind of user behaves: chance of a weekday, weekly fading, features a session."""

    name: str
    rate: float
    fading: float
    breadth: int
    taste: int


HABITS = (
    Habit("heavy", 0.62, 1.0, 7, 40),
    Habit("regular", 0.25, 0.999, 5, 24),
    Habit("occasional", 0.06, 0.998, 3, 8),
    Habit("lapsing", 0.22, 0.91, 4, 12),
)
_HABIT_ODDS = (0.13, 0.31, 0.26, 0.30)


class Team:
    """Keeps an account's users in step with its seats."""

    def __init__(self, rng: Random, account: SimulatedAccount, reporter: Reporter) -> None:
        self._rng = rng
        self._account = account
        self._reporter = reporter
        self._hired = 0
        self._former: list[SimulatedUser] = []

    def begin(self, time_ms: int) -> None:
        """Adds the first users; those of a returning account come back under their old ids."""
        account = self._account
        wanted = max(1, int(account.seats * _FIRST_SHARE))
        returning = self._former[:wanted]
        self._former.clear()
        for number in range(wanted):
            user = returning[number] if number < len(returning) else self._hire()
            self._add(time_ms + number * SECOND_MS, user)

    def week(self, midnight_ms: int) -> None:
        """Passes a week: hires into empty seats, lets some go, lets habits fade."""
        rng, account = self._rng, self._account
        time_ms = midnight_ms + _ARRIVAL_OF_DAY_MS
        staying: list[SimulatedUser] = []
        for user in account.users:
            user.rate *= user.fading
            given_up = user.rate < _GIVEN_UP_RATE and rng.random() < 0.04
            crowded = len(staying) >= account.seats
            if staying and (given_up or crowded or rng.random() < _LEAVERS_A_WEEK):
                self._emit(time_ms, "user.removed", user)
                time_ms += SECOND_MS
            else:
                staying.append(user)
        account.users = staying
        room = account.seats * min(1.0, _FULL_SHARE + 0.25 * (account.engagement - 0.6))
        hires = (room - len(staying)) * _HIRES_A_WEEK
        for _ in range(int(max(0.0, hires) + rng.random())):
            if len(account.users) < account.seats:
                self._add(time_ms, self._hire())
                time_ms += SECOND_MS
        if len(account.users) > 1 and rng.random() < _DOUBLE_ODDS:
            double = account.users.pop()
            data = {"user_id": double.user_id, "into_user_id": account.users[0].user_id}
            self._reporter.emit(time_ms, "user.merged", data, subject=double.user_id)

    def disband(self, midnight_ms: int) -> None:
        """Removes everybody: the account has lost its access."""
        time_ms = midnight_ms + _ARRIVAL_OF_DAY_MS
        for number, user in enumerate(self._account.users):
            self._emit(time_ms + number * SECOND_MS, "user.removed", user)
        self._former = self._account.users
        self._account.users = []

    def _add(self, time_ms: int, user: SimulatedUser) -> None:
        self._account.users.append(user)
        self._emit(time_ms, "user.added", user)

    def _emit(self, time_ms: int, kind: str, user: SimulatedUser) -> None:
        data: dict[str, object] = {"user_id": user.user_id}
        if kind == "user.added":
            data["role"] = user.role
            data["is_internal"] = self._account.is_internal
        self._reporter.emit(time_ms, kind, data, subject=user.user_id)

    def _hire(self) -> SimulatedUser:
        rng, account = self._rng, self._account
        self._hired += 1
        user_id = f"user_{account.number}_{self._hired}"
        habit = rng.choices(HABITS, _HABIT_ODDS)[0]
        role = "admin" if self._hired == 1 else rng.choice(_ROLES)
        owner = f'","data":{{"account_id":"{account.account_id}","user_id":"{user_id}",'
        return SimulatedUser(
            user_id=user_id,
            role=role,
            rate=habit.rate * rng.uniform(0.7, 1.3),
            fading=habit.fading,
            breadth=habit.breadth,
            first_feature=rng.randrange(PALETTE_SLOTS),
            taste=habit.taste,
            owner_text=owner,
        )
