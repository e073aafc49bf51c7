"""What happens to a steady company, at noon of one day and after."""

from typing import Final

from tests.alerting.story import BEGIN_MS, DAY, FOUNDED, HOUR, Story, account

FIRST: Final = 150
"""The day, 30 May 2024, at which it happens."""

LARGE: Final = 200
"""Customers of a large company."""

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
