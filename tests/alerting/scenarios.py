"""Scenarios: what happens to a company or its service, and the messages that are right for it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from tests.alerting.companies import YEARS, growing, quiet, simulated
from tests.alerting.happenings import (
    FIRST,
    LARGE,
    backlog_of_2,
    backlog_of_40,
    declines,
    flapping,
    holiday,
    imported,
    month_without_import,
    new_plan_and_currency,
    one_answer,
    one_leaves,
    overstated,
    tenth_leaves,
)
from tests.alerting.scraped import Operation
from tests.alerting.story import Story, Told, steady

BEFORE: Final = 4
"""Days for which they are followed before that."""

SMALL: Final = 5
"""Customers of a small company."""


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
        "grows from 20 customers by one a month, with noise; three of some 40 leave, months apart",
        lambda: growing(20, 30),
        0,
        YEARS,
        3,
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


_STORIES: Final = (
    ("one-of-5", "1 of 5 customers leaves", SMALL, 40, 0, one_leaves),
    ("one-of-200", "1 of 200 customers leaves", LARGE, 40, 0, one_leaves),
    ("tenth-leaves", "20 of 200 customers leave on one day", LARGE, 45, 1, tenth_leaves),
    (
        "decline",
        "1 of 200 customers leaves each day, for six weeks; it crosses three limits, days apart",
        LARGE,
        80,
        3,
        declines,
    ),
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
