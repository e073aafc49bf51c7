"""Daily use of the product: who shows up, for how long, with which features.

This is the hot part: nearly all lines come from here, so they are written by hand instead of
through `Reporter`. Each account wakes once a day, at its own midnight, and emits the whole day.
"""

from datetime import date, timedelta
from functools import lru_cache

from streams.simulator.account import SimulatedAccount, SimulatedUser
from streams.simulator.agenda import Process
from streams.simulator.features import PALETTE_SLOTS, palette
from streams.simulator.stamp import (
    CLOCK,
    DAY_MS,
    HOUR_MS,
    SECOND_MS,
    date_text,
    month_number,
    weekday,
)
from streams.simulator.team import Team
from streams.simulator.world import World

_ORDINARY_ENGAGEMENT = 0.6
_WEEKEND_SHARE = 0.12
_FRIDAY_SHARE = 0.85
_YEAR_END_SHARE = 0.3
_SUMMER_SHARE = 0.85
_FIRST_SECOND = 7 * 3_600 + 1_800
"""Sessions start between 07:30 ..."""
_HALF_SPREAD_S = 5 * 3_600 + 1_800
"""... and 18:30 local time: twice this later, most of them in the middle."""
_DAY_S = DAY_MS // SECOND_MS
_SHORTEST_S = 60
_LONGEST_MORE_S = 5_400
_MOST_COUNT = 9

_MILESTONES = ((5, "first_value"), (150, "habit_formed"), (2_500, "power_usage"))
"""Feature uses after which an account has reached a milestone."""
_TEAM_MILESTONE = ("team_invited", 3)
"""The milestone of having so many users."""

_USE_TEXT = '","source":"app","type":"feature.used","time":"'
_SESSION_TEXT = '","source":"app","type":"session.ended","time":"'
_COUNT_TEXTS = tuple(f'"count":{count}}}}}' for count in range(1, _MOST_COUNT + 1))
"""How a feature use ends, by its count less one."""

_LOCAL_EPOCH = date(1970, 1, 1)


@lru_cache(maxsize=4_096)
def day_share(day: int) -> float:
    """Returns how busy a local day is, an ordinary weekday being 1.

    Weekends, summer and the turn of the year are less busy.

    >>> day_share(20_497), day_share(20_499)
    (0.85, 0.12)
    """
    at = _LOCAL_EPOCH + timedelta(days=day)
    share = (1.0, 1.0, 1.0, 1.0, _FRIDAY_SHARE, _WEEKEND_SHARE, _WEEKEND_SHARE)[at.weekday()]
    if (at.month, at.day) >= (12, 23) or (at.month, at.day) == (1, 1):
        return share * _YEAR_END_SHARE
    return share * _SUMMER_SHARE if at.month == 8 else share


class Usage:
    """An account's use of the product."""

    def __init__(self, world: World, account: SimulatedAccount) -> None:
        number = account.number
        self._account = account
        self._rng = world.rng("usage", number)
        self._drift = world.rng("drift", number)
        self._world_start_ms = world.start_ms
        self._activity = world.activity
        self._scenario = world.scenario
        self._lines = world.agenda.lines
        self._reporter = world.reporter("app", f"a{number}", account.account_id)
        self._team = Team(world.rng("team", number), account, self._reporter)
        self._lines_emitted = 0
        self._sessions = 0
        self._uses = 0
        self._reached = 0
        self._has_team = False
        self._palette: list[str] = []
        self._palette_month = 0
        self._launched: str | None = None
        self._head = f'{{"specversion":"1.0","id":"evt_u{number}_'

    def run(self) -> Process:
        """Wakes at every local midnight until the account has left for good."""
        account = self._account
        now_ms = account.arrived_ms
        midnight_ms = now_ms - (now_ms + account.offset_ms) % DAY_MS
        first = True
        while not account.is_gone:
            if account.has_access:
                if not account.users:
                    self._team.begin(now_ms + 60 * SECOND_MS)
                elif weekday(midnight_ms + account.offset_ms) == 0:
                    account.drift(self._drift)
                    self._team.week(midnight_ms)
                if not first:
                    self._day(midnight_ms)
                if not self._has_team:
                    self._note_team(now_ms)
            elif account.users and not account.is_paying:
                self._team.disband(midnight_ms)
            first = False
            midnight_ms += DAY_MS
            now_ms = midnight_ms
            yield midnight_ms
        if account.users:
            self._team.disband(midnight_ms)

    def _day(self, midnight_ms: int) -> None:
        """Passes a day: each user stays away, or comes once or more."""
        account, rnd = self._account, self._rng.random
        day = (midnight_ms + account.offset_ms) // DAY_MS
        month = month_number(day)
        effects = self._scenario.at(midnight_ms)
        if month != self._palette_month or effects.feature != self._launched:
            self._palette_month, self._launched = month, effects.feature
            age_ms = midnight_ms - self._world_start_ms
            mixed = palette(self._rng, account.plan, age_ms, effects.feature)
            self._palette = [f'"feature":"{feature}",' for feature in mixed]
        share = day_share(day) * account.engagement / _ORDINARY_ENGAGEMENT * effects.activity
        local_s = midnight_ms // SECOND_MS
        activity = self._activity
        present = [user for user in account.users if rnd() < user.rate * share]
        for user in present:
            for _ in range(int(activity + rnd()) if activity != 1.0 else 1):
                self._session(user, local_s)

    def _session(self, user: SimulatedUser, local_s: int) -> None:
        """Emits one session: its feature uses, then its end; `local_s` is midnight's second."""
        rnd, append = self._rng.random, self._lines.append
        chance = rnd()
        length_s = _SHORTEST_S + int(chance * chance * _LONGEST_MORE_S)
        start_s = local_s + _FIRST_SECOND + int((rnd() + rnd()) * _HALF_SPREAD_S)
        day, second = divmod(start_s, _DAY_S)
        if second + length_s >= _DAY_S:  # one date for the whole session: wait for the next day
            day, second = day + 1, 0
        date, midnight_s = date_text(day), day * _DAY_S
        started = f"{date}{CLOCK[second]}"
        chance = rnd()
        uses = 1 + int(chance * chance * user.breadth)
        step_s = length_s // (uses + 1)
        end_ms = (midnight_s + second + length_s) * SECOND_MS
        ended = f"{date}{CLOCK[second + length_s]}"
        head, owner, emitted = self._head, user.owner_text, self._lines_emitted
        use = f"{_USE_TEXT}{date}"
        features, first, taste = self._palette, user.first_feature, user.taste
        for number in range(emitted + 1, emitted + uses + 1):
            second += step_s
            pick = rnd() * taste
            slot = int(pick)
            chance = pick - slot
            line = (
                f"{head}{number:x}{use}{CLOCK[second]}{owner}"
                f"{features[(first + slot) % PALETTE_SLOTS]}"
                f"{_COUNT_TEXTS[int(chance * chance * _MOST_COUNT)]}"
            )
            append(((midnight_s + second) * SECOND_MS, line.encode()))
        self._lines_emitted = emitted = emitted + uses + 1
        self._sessions += 1
        line = (
            f"{head}{emitted:x}{_SESSION_TEXT}{ended}{owner}"
            f'"session_id":"ses_{self._account.number}_{self._sessions:x}",'
            f'"started_at":"{started}","duration_s":{length_s}}}}}'
        )
        append((end_ms, line.encode()))
        self._uses += uses
        if self._reached < len(_MILESTONES) and self._uses >= _MILESTONES[self._reached][0]:
            self._reach(end_ms, _MILESTONES[self._reached][1], user.user_id)
            self._reached += 1

    def _note_team(self, now_ms: int) -> None:
        name, users = _TEAM_MILESTONE
        if len(self._account.users) >= users:
            self._has_team = True
            self._reach(now_ms + 8 * HOUR_MS, name, None)

    def _reach(self, time_ms: int, milestone: str, user_id: str | None) -> None:
        self._reporter.emit(
            time_ms, "milestone.reached", {"milestone": milestone, "user_id": user_id}
        )
