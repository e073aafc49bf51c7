"""The company's own side: its site's visitors, its costs, its managers' hours."""

from random import Random

from streams.simulator.agenda import Process, Reporter
from streams.simulator.stamp import (
    DAY_MS,
    HOUR_MS,
    MINUTE_MS,
    SECOND_MS,
    add_months,
    is_weekend,
    stamp,
)
from streams.simulator.world import World

_ACCOUNTS_PER_DAILY_VISITOR = 40
_LEAST_VISITORS = 3
_CAMPAIGNS = ("search", "newsletter", "partners", "conference", "social")
_DEMO_ODDS = 0.04
SIGN_UP_MS = 7 * MINUTE_MS
"""From the first look at the site to the sign-up."""
_MONTHLY_COST_CENTS = (
    ("acquisition", "tools", 800),
    ("acquisition", "time", 2_600),
    ("acquisition", "material", 900),
    ("retention", "tools", 300),
    ("retention", "time", 1_300),
    ("retention", "material", 150),
    ("service", "time", 1_800),
    ("service", "tools", 400),
)
"""What a month costs for each account the company is built for, by category and kind."""
_OWN_CATEGORIES = ("internal", "training", "reporting")


class WebSite:
    """The web site: people who look, some of whom sign up."""

    def __init__(self, world: World) -> None:
        self._rng: Random = world.rng("site")
        self._reporter: Reporter = world.reporter("web", "w")
        self._world = world
        self._daily = max(_LEAST_VISITORS, world.size // _ACCOUNTS_PER_DAILY_VISITOR)
        self._seen = 0

    def run(self) -> Process:
        """Has visitors every day, for ever."""
        rng, now_ms = self._rng, self._world.start_ms
        while True:
            share = 0.4 if is_weekend(now_ms) else 1.0
            for _ in range(int(2 * self._daily * share * rng.random())):
                time_ms = now_ms + rng.randrange(DAY_MS)
                self._seen += 1
                visitor_id = f"vis_{self._seen}"
                self._visit(time_ms, visitor_id, rng)
                if rng.random() < _DEMO_ODDS:
                    self._convert(time_ms + 4 * MINUTE_MS, visitor_id, "demo")
            now_ms += DAY_MS
            yield now_ms

    def sign_up(self, now_ms: int, number: int) -> str:
        """Lets the visitor come who founds account `number` `SIGN_UP_MS` later; returns its id."""
        visitor_id = f"vis_{number}_founder"
        self._visit(now_ms, visitor_id, self._world.rng("visitor", number))
        self._convert(now_ms + SIGN_UP_MS, visitor_id, "signup")
        return visitor_id

    def _visit(self, time_ms: int, visitor_id: str, rng: Random) -> None:
        seen: dict[str, object] = {"visitor_id": visitor_id, "campaign": rng.choice(_CAMPAIGNS)}
        self._reporter.emit(time_ms, "visitor.seen", seen, subject=visitor_id)

    def _convert(self, time_ms: int, visitor_id: str, goal: str) -> None:
        self._reporter.emit(
            time_ms,
            "goal.converted",
            {"visitor_id": visitor_id, "goal": goal},
            subject=visitor_id,
        )


def spending(world: World) -> Process:
    """Books each month's costs some days after it has begun, for ever."""
    rng = world.rng("costs")
    reporter = world.reporter("finance", "c")
    start_ms, number = world.start_ms, 0
    yield start_ms + DAY_MS
    while True:
        end_ms = add_months(start_ms, 1)
        for order, (category, kind, cents) in enumerate(_MONTHLY_COST_CENTS):
            number += 1
            cost: dict[str, object] = {
                "category": category,
                "kind": kind,
                "amount": int(cents * world.size * rng.uniform(0.8, 1.25)),
                "currency": "USD",
                "period_start": stamp(start_ms),
                "period_end": stamp(end_ms),
            }
            time_ms = start_ms + DAY_MS + order * SECOND_MS
            reporter.emit(time_ms, "cost.recorded", cost, subject=f"cost_{number}")
        start_ms = end_ms
        yield start_ms + DAY_MS


def own_hours(world: World) -> Process:
    """Logs the managers' hours that belong to no account, every weekday, for ever."""
    rng = world.rng("hours")
    reporter = world.reporter("crm", "h")
    now_ms = world.start_ms
    while True:
        if not is_weekend(now_ms):
            for number in range(1, world.managers + 1):
                owner_id = f"csm_{number}"
                hours: dict[str, object] = {
                    "owner_id": owner_id,
                    "category": rng.choice(_OWN_CATEGORIES),
                    "seconds": rng.randrange(1_800, 9_000, 300),
                }
                reporter.emit(now_ms + 17 * HOUR_MS, "time.logged", hours, subject=owner_id)
        now_ms += DAY_MS
        yield now_ms
