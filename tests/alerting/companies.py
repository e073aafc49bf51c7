"""Companies that are followed for two years."""

from random import Random
from typing import Final

from streams.simulator import Company
from tests.alerting.happenings import LARGE
from tests.alerting.story import BEGIN_MS, DAY, HOUR, Told, account, steady

YEARS: Final = 730
"""Days of two years."""


def quiet(size: int) -> list[Told]:
    """A company to which nothing happens."""
    return steady(size, 0, YEARS).told


def growing(size: int, days_each: int) -> list[Told]:
    """A company that a customer joins each so many days; one in ten leaves again within a year,
    and tickets come by chance."""
    story, rng = steady(size, 0, YEARS), Random(size)
    for number in range(YEARS // days_each):
        name, at = account(1_000 + number), (number * days_each + rng.random()) * DAY
        story.tell("account.created", name, at, segment="smb")
        story.subscribe(name, at + HOUR, rng.choice((5_000, 10_000, 15_000)))
        for day in range(int(at / DAY) + 1, YEARS, 4):
            story.use(name, 0, day * DAY + rng.random() * DAY)
        if rng.random() < 0.1:
            story.leave(name, at + rng.uniform(60, 365) * DAY)
    for number in range(YEARS * size // 40):
        name, at = account(rng.randrange(size)), rng.random() * YEARS * DAY
        story.ticket(name, f"chance{number}", at, solved_after=rng.expovariate(1) * 6 * HOUR + HOUR)
    return story.told


def simulated() -> list[Told]:
    """The simulator's company, with little usage, which moves few figures."""
    company = Company(1, LARGE, BEGIN_MS, activity=0.05, horizon_days=YEARS)
    found = []
    for day in company.days():
        found += [Told(at_ms, at_ms, line) for at_ms, line in day]
        if day and day[-1][0] >= BEGIN_MS + YEARS * DAY:
            return found
    raise AssertionError("it goes on for ever")
