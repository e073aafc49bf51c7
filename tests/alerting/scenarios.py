"""Scenarios: what happens to a company or its service, and the messages that are right for it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Final

from streams.simulator import Company
from tests.alerting.scraped import Operation
from tests.alerting.story import (
    BEGIN_MS,
    DAY,
    FOUNDED,
    HOUR,
    Story,
    Told,
    account,
    steady,
)

YEARS: Final = 730
"""Days of the companies that are followed for two years."""

FIRST: Final = 150
"""The day, 30 May 2024, at which what is told of the others happens."""

BEFORE: Final = 4
"""Days for which they are followed before that."""

SMALL, LARGE = 5, 200


@dataclass(frozen=True)
class Scenario:
    """A company, and what is right to be told of it.

    Attributes:
        name: A short name.
        happens: What happens, in words.
        told: The events.
        first_day: From which day on alerts are counted.
        days: For how long.
        messages: Messages that are right; None where nobody can say.
        operation: How the service is operated.
    """

    name: str
    happens: str
    told: Callable[[], list[Told]]
    first_day: int
    days: int
    messages: int | None
    operation: Operation = field(default_factory=Operation)


def scenarios() -> Iterator[Scenario]:
    """Yields all scenarios."""
    for size in (SMALL, LARGE):
        yield Scenario(
            f"quiet-{size}",
            f"{size} customers, of whom none comes, changes or leaves",
            partial(quiet, size),
            0,
            YEARS,
            0,
        )
    yield Scenario(
        "growing-20",
        "grows from 20 customers by one a month, with noise",
        lambda: growing(20, 30),
        0,
        YEARS,
        0,
    )
    yield Scenario(
        "growing-200",
        "grows from 200 customers by six a month, with noise",
        lambda: growing(200, 5),
        0,
        YEARS,
        0,
    )
    yield Scenario(
        "simulated-200",
        "the company that `tidemark simulate --accounts 200` makes up",
        simulated,
        60,
        YEARS - 60,
        None,
    )
    for name, happens, size, days, messages, change in _STORIES:
        yield short(name, happens, size, days, messages, change)
    yield short(
        "deploys",
        "no customer changes; deploys every day, for a month",
        LARGE,
        30,
        0,
        lambda story: None,
        Operation(deploy_days=1),
    )
    yield short(
        "deploy-while-firing",
        "a tenth leaves; deploys every day",
        LARGE,
        40,
        1,
        tenth_leaves,
        Operation(deploy_days=1),
    )
    yield short(
        "scrapes-fail",
        "a tenth leaves; one scrape in ten fails",
        LARGE,
        40,
        1,
        tenth_leaves,
        Operation(failed_of=10),
    )
    hole = (BEFORE + 2) * 96 + 13 * 4
    yield short(
        "hole-while-pending",
        "a tenth leaves; no scrape for a while soon after",
        LARGE,
        40,
        1,
        tenth_leaves,
        Operation(hole_at=hole),
    )


def short(
    name: str,
    happens: str,
    size: int,
    days: int,
    messages: int,
    change: Callable[[Story], None],
    operation: Operation | None = None,
    before: int = BEFORE,
) -> Scenario:
    """A steady company with a change at ``FIRST``, followed until some days later."""
    first_day = FIRST - before

    def told() -> list[Told]:
        story = steady(size, first_day, FIRST + days)
        change(story)
        return story.told

    return Scenario(
        name, happens, told, first_day, before + days, messages, operation or Operation()
    )


NOON: Final = FIRST * DAY + 12 * HOUR


def one_leaves(story: Story) -> None:
    """One customer leaves."""
    story.leave(account(3), NOON)


def tenth_leaves(story: Story) -> None:
    """Twenty customers leave on one day."""
    for number in range(20):
        story.leave(account(number * 7), NOON + number * HOUR / 4)


def declines(story: Story) -> None:
    """One customer leaves every day, for six weeks."""
    for number in range(42):
        story.leave(account(number * 3), NOON + number * DAY)


def overstated(story: Story) -> None:
    """For ten days thirty customers are billed double; then that is taken back."""
    for number in range(30):
        name = account(number)
        wrong = story.subscribe(name, NOON - 12 * DAY, 20_000, kind="updated")
        story.retract(wrong, "subscription.updated", name, NOON)


def imported(story: Story) -> None:
    """A third more customers, there for a year, and twenty lost long ago, become known."""
    for number in range(500, 570):
        story.subscribe(account(number), FOUNDED, told=NOON)
        if number >= 550:
            story.leave(account(number), FOUNDED + 300 * DAY, told=NOON)


def backlog_of_40(story: Story) -> None:
    """Forty tickets come within two hours and are solved after three days."""
    for number in range(40):
        story.ticket(
            account(number), f"flood{number}", NOON + number * HOUR / 20, solved_after=3 * DAY
        )


def backlog_of_2(story: Story) -> None:
    """A ticket is open; another one comes; both stay open for some days."""
    for number in range(2):
        story.ticket(
            account(number), f"slow{number}", NOON + (4 * number - 2) * DAY, solved_after=9 * DAY
        )


def one_answer(story: Story) -> None:
    """One customer answers, and would not recommend."""
    story.told = [told for told in story.told if b"survey_response" not in told.line]
    story.answer(account(0), "only", NOON, 0)


def flapping(story: Story) -> None:
    """NPS crosses 31 every two hours for three days, and is well again."""
    story.told = [told for told in story.told if b"survey_response" not in told.line]
    counts = {10: 0, 8: 0, 0: 0}

    def answer(score: int, at: float) -> None:
        story.answer(account(sum(counts.values()) % LARGE), f"f{sum(counts.values())}", at, score)
        counts[score] += 1

    def nps() -> float:
        return 100 * (counts[10] - counts[0]) / sum(counts.values())

    for number in range(600):
        answer(10 if number % 3 == 0 else 8, NOON - 15 * DAY + number * HOUR / 4)
    for turn in range(37):
        at = NOON + turn * 2 * HOUR
        while nps() >= 30.5 and turn % 2 == 0:
            answer(0, at)
        while nps() <= 31.5 and turn % 2:
            answer(10, at)
    while nps() < 40:
        answer(10, NOON + 3 * DAY)


def holiday(story: Story) -> None:
    """Nobody uses, asks or answers anything for three days."""
    begin, end = BEGIN_MS + FIRST * DAY, BEGIN_MS + (FIRST + 3) * DAY
    story.told = [told for told in story.told if not begin <= told.at_ms < end]


def month_without_import(story: Story) -> None:
    """What happens within a month is told at its end."""
    begin, end = BEGIN_MS + FIRST * DAY, BEGIN_MS + (FIRST + 30) * DAY
    story.told = [
        told._replace(told_ms=end) if begin <= told.at_ms < end else told for told in story.told
    ]


def new_plan_and_currency(story: Story) -> None:
    """Three customers come with a plan and a currency not seen before, another one goes."""
    for number in range(600, 603):
        story.subscribe(account(number), NOON, currency="EUR", plan="new")
    story.leave(account(8), NOON + 10 * DAY)


_STORIES: Final = (
    ("one-of-5", "1 of 5 customers leaves", SMALL, 40, 0, one_leaves),
    ("one-of-200", "1 of 200 customers leaves", LARGE, 40, 0, one_leaves),
    ("tenth-leaves", "20 of 200 customers leave on one day", LARGE, 45, 1, tenth_leaves),
    ("decline", "1 of 200 customers leaves each day, for six weeks", LARGE, 80, 1, declines),
    (
        "overstated",
        "MRR was overstated by 15 % for 12 days, which is retracted",
        LARGE,
        20,
        0,
        overstated,
    ),
    (
        "import",
        "history of 70 customers, 20 of them lost long ago, is imported",
        LARGE,
        20,
        0,
        imported,
    ),
    (
        "backlog-40",
        "40 tickets within two hours, solved after three days",
        LARGE,
        15,
        1,
        backlog_of_40,
    ),
    ("backlog-2", "a second open ticket", SMALL, 15, 0, backlog_of_2),
    ("one-answer", "the only answer to a survey is a 0", SMALL, 20, 0, one_answer),
    ("flapping", "NPS crosses its limit every two hours, for three days", LARGE, 12, 1, flapping),
    ("holiday", "three days on which nobody does anything", LARGE, 15, 0, holiday),
    ("late-month", "all events of a month are told at its end", LARGE, 45, 1, month_without_import),
    (
        "new-labels",
        "a new currency and plan; a customer leaves",
        LARGE,
        25,
        0,
        new_plan_and_currency,
    ),
)


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
