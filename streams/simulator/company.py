"""The made-up company itself: accounts arrive, live and leave; its events come in order.

Accounts arrive along a curve of steady growth. `accounts` of them have arrived at the horizon;
those the curve began with (of two years, about two in five) are there from the opening weeks, as
customers the company had before its history begins. The curve goes on after the horizon.
"""

from collections.abc import Iterator
from itertools import chain, count
from math import ceil, log
from operator import itemgetter
from random import Random

from streams.simulator.account import AccountTraits, SimulatedAccount
from streams.simulator.agenda import Process, Subject, TimedLine
from streams.simulator.billing import Billing
from streams.simulator.liveliness import BEAT_MS, Customer, Liveliness
from streams.simulator.market import SIGN_UP_MS, WebSite, own_hours, spending
from streams.simulator.scenario import CALM, LEAD_DAYS, SCENARIOS, Scenario
from streams.simulator.stamp import DAY_MS, HOUR_MS, SECOND_MS
from streams.simulator.success import CustomerSuccess, refer
from streams.simulator.support import Desk, major_cases
from streams.simulator.surveys import Surveys
from streams.simulator.usage import Usage
from streams.simulator.world import World

HORIZON_DAYS = 730
"""After this time `accounts` accounts have arrived by default."""
MONTHLY_GROWTH = 1.035
"""Arrivals so far grow by this factor in a month."""
_MONTH_MS = 730 * DAY_MS // 24
_OPENING_MS = 21 * DAY_MS
"""The accounts known from before are entered within these weeks, most of them at once."""
_REFERRED_ODDS = 0.1
_BY_SITE_ODDS = 0.65
_LEAST_ACCOUNTS = 1

_line = itemgetter(1)


class Company:
    """A company whose events depend on its arguments only.

    >>> first, second = Company(seed=1, start_ms=0), Company(seed=1, start_ms=0)
    >>> next(first.events()) == next(second.events())
    True
    """

    def __init__(
        self,
        seed: int = 1,
        accounts: int = 200,
        start_ms: int = 0,
        *,
        horizon_days: int = HORIZON_DAYS,
        activity: float = 1.0,
        scenario: str | None = None,
        lively_ms: int | None = None,
        beat_ms: int = BEAT_MS,
    ) -> None:
        """Founds the company; nothing happens before `events` is iterated.

        Args:
            seed: names the company; another seed, another company.
            accounts: accounts that have arrived at the horizon, the company's own internal
                account not counted.
            start_ms: the history's first instant, ms since the epoch.
            horizon_days: days from the start to the horizon.
            activity: sessions of an active user a day, 1 being ordinary; 200 accounts at 1 make
                some 400,000 events in two years.
            scenario: one of `SCENARIOS`; it begins `LEAD_DAYS` before the horizon.
            lively_ms: from when on more happens than would, ms since the epoch (see
                `liveliness`); None for never.
            beat_ms: time between what happens then.

        Raises:
            ValueError: if `accounts` is below 1, `activity` negative or the scenario unknown.
        """
        if accounts < _LEAST_ACCOUNTS or activity < 0:
            raise ValueError(
                f"a company needs an account and some activity, not {accounts}, {activity}"
            )
        if scenario is not None and scenario not in SCENARIOS:
            raise ValueError(f"there is no scenario {scenario!r}, only {', '.join(SCENARIOS)}")
        self._scenario = scenario
        self._accounts = accounts
        self._horizon_ms = horizon_days * DAY_MS
        self._start_ms = -(-start_ms // SECOND_MS) * SECOND_MS
        self._seed = seed
        self._activity = activity
        self._lively_ms = lively_ms
        self._beat_ms = beat_ms

    def events(self) -> Iterator[TimedLine]:
        """Yields (instant in ms, JSON line) from the beginning, in the order of time, for ever."""
        return chain.from_iterable(self.days())

    def days(self) -> Iterator[list[TimedLine]]:
        """Yields the same day by day (UTC), each day's events in one list.

        Once it is lively it goes by the hour: who follows along wants what comes next.
        """
        happening = CALM
        if self._scenario is not None:
            begin_ms = self._start_ms + self._horizon_ms - LEAD_DAYS * DAY_MS
            happening = Scenario(SCENARIOS[self._scenario], begin_ms)
        world = World(self._seed, self._accounts, self._start_ms, self._activity, happening)
        census = _Census(world, self._horizon_ms)
        agenda = world.agenda
        for process in (
            census.opening(),
            census.arrivals(),
            census.majors(),
            census.site.run(),
            spending(world),
            own_hours(world),
        ):
            agenda.start(self._start_ms, process)
        if self._lively_ms is not None:
            Liveliness(world, census.customers, self._lively_ms, self._beat_ms).start()
        for day in count(self._start_ms // DAY_MS):
            end_ms = (day + 1) * DAY_MS
            is_lively = self._lively_ms is not None and self._lively_ms < end_ms
            step_ms = HOUR_MS if is_lively else DAY_MS
            for until_ms in range(day * DAY_MS + step_ms, end_ms + 1, step_ms):
                yield agenda.until(until_ms)


class _Census:
    """Lets accounts arrive and starts their processes."""

    def __init__(self, world: World, horizon_ms: int) -> None:
        self._world = world
        self._opening_ms = min(_OPENING_MS, horizon_ms // 2)
        self._rng: Random = world.rng("arrivals")
        self._desks: list[tuple[SimulatedAccount, Desk]] = []
        self.customers: list[Customer] = []
        self._known = ceil(world.size / MONTHLY_GROWTH ** (horizon_ms / _MONTH_MS))
        self.site = WebSite(world)

    def majors(self) -> Process:
        """Major cases of whoever has arrived."""
        return major_cases(self._world, self._desks)

    def opening(self) -> Process:
        """Enters the company itself and its old customers."""
        world, rng = self._world, self._world.rng("opening")
        now_ms = world.start_ms
        self._settle(self._account(0, now_ms), is_known=True)
        opening = sorted(int(rng.random() ** 3 * self._opening_ms) for _ in range(self._known))
        for number, delay_ms in enumerate(opening, start=1):
            arrived_ms = world.start_ms + delay_ms - delay_ms % SECOND_MS
            if arrived_ms > now_ms:
                now_ms = arrived_ms
                yield now_ms
            self._settle(self._account(number, now_ms), is_known=True)

    def arrivals(self) -> Process:
        """Lets new accounts come, for ever."""
        rng, now_ms = self._rng, self._world.start_ms
        for number in count(self._known + 1):
            seen_ms = self._seen_ms(number)
            account = self._account(number, seen_ms + SIGN_UP_MS)
            if rng.random() < _REFERRED_ODDS:
                self._refer(account, int(rng.uniform(now_ms, seen_ms)))
            if seen_ms > now_ms:
                now_ms = seen_ms
                yield now_ms
            self._sign_up(account)
            self._settle(account, is_known=False)

    def _seen_ms(self, number: int) -> int:
        """When the future account first looks: where the curve of growth reaches `number`."""
        early, late = (
            log(reached / self._known) / log(MONTHLY_GROWTH) * _MONTH_MS
            for reached in (number, number + 1)
        )
        wobble = self._world.rng("arrival", number).random()
        after_ms = int(early + wobble * (late - early))
        return self._world.start_ms + after_ms - after_ms % SECOND_MS

    def _refer(self, account: SimulatedAccount, time_ms: int) -> None:
        """Lets a paying account recommend the product to `account`, which is to come."""
        paying = [referrer for referrer, _ in self._desks if referrer.is_paying]
        if paying:
            referrer = self._rng.choice(paying)
            self._world.agenda.start(time_ms, refer(self._world, referrer, account, time_ms))

    def _sign_up(self, account: SimulatedAccount) -> None:
        """Emits how the account came: by the site or through a call."""
        visitor_id = None
        if self._world.rng("origin", account.number).random() < _BY_SITE_ODDS:
            seen_ms = account.arrived_ms - SIGN_UP_MS
            visitor_id = self.site.sign_up(seen_ms, account.number)
        origin: dict[str, object] = {
            "visitor_id": visitor_id,
            "referral_id": account.referral_id,
            "plan": "trial",
        }
        account.crm.emit(account.arrived_ms, "account.signed_up", origin)

    def _account(self, number: int, arrived_ms: int) -> SimulatedAccount:
        world = self._world
        birth = AccountTraits.of(world.rng("account", number))
        account_id = f"acct_{number}"
        crm = world.reporter("crm", f"k{number}", account_id)
        return SimulatedAccount(
            number=number,
            account_id=account_id,
            segment=birth.segment,
            region=birth.region,
            offset_ms=birth.offset_ms,
            csm_id=f"csm_{number % world.managers + 1}",
            arrived_ms=arrived_ms,
            first_seats=birth.first_seats,
            fit=birth.fit,
            engagement=birth.fit,
            crm=Subject(crm, account_id),
            success=world.reporter("crm", f"m{number}", account_id),
            is_internal=number == 0,
            walks_out_ms=world.scenario.walks_out_ms(world.rng("scenario", number)),
        )

    def _settle(self, account: SimulatedAccount, *, is_known: bool) -> None:
        """Introduces an account and starts its processes."""
        world, now_ms = self._world, account.arrived_ms
        account.introduce(now_ms)
        if account.is_internal:
            account.has_access = True
            account.set_seats(now_ms, world.managers + world.agents)
            world.agenda.start(now_ms, Usage(world, account).run())
            return
        surveys = Surveys(world, account)
        desk = Desk(world, account, surveys)
        self._desks.append((account, desk))
        billing = Billing(world, account, is_known=is_known)
        self.customers.append(Customer(account, desk, billing))
        for process in (
            billing.run(),
            Usage(world, account).run(),
            desk.run(),
            surveys.run(),
            CustomerSuccess(world, account, surveys, is_known=is_known).run(),
        ):
            world.agenda.start(now_ms, process)
        if world.scenario.effects.tickets > 1.0:
            world.agenda.start(now_ms, desk.surge())


def simulate(
    seed: int, accounts: int, days: int, end_ms: int, scenario: str | None = None
) -> Iterator[bytes]:
    """Yields the history of `days` days that ends at `end_ms` (exclusive), in the order of time.

    Args:
        seed: names the company.
        accounts: accounts that have arrived at the end.
        days: length of the history.
        end_ms: its end, ms since the epoch.
        scenario: one of `SCENARIOS`, or None.
    """
    start_ms = end_ms - days * DAY_MS
    company = Company(seed, accounts, start_ms, horizon_days=days, scenario=scenario)
    for lines in company.days():
        if lines and lines[-1][0] >= end_ms:
            yield from (line for time_ms, line in lines if time_ms < end_ms)
            return
        yield from map(_line, lines)
