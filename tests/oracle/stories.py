"""Random stories: short lives of accounts that hit the rules the made-up company seldom needs.

Instants lie close together (the same one, minutes apart, around month edges), facts come twice, are
back-dated, taken back, told before what they are about. Every account is a segment of its own, so
that a difference names the account.
"""

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, Final

from events import format_instant, parse_instant
from events.survey import SCALES
from tests.oracle import account_facts, health_facts, subscription_facts, ticket_facts

BEGIN_MS: Final = parse_instant("2026-01-20T00:00:00Z")
END_MS: Final = parse_instant("2026-06-10T00:00:00Z")
_MINUTE_MS: Final = 60_000
_DAY_MS: Final = 86_400_000
_LEAST_FACTS = 2
_MOST_FACTS = 14
_RETRACTED_ODDS = 0.05
_REPEATED_ODDS = 0.1
_SHARED_ID_ODDS = 0.2
_SEQUENCE_ODDS = 0.5
_OWN_SEQUENCES = 100
"""Counters from which on each is of one fact of an account only."""
_LASTING = ("user", "feature", "session", "milestone", "seats")
"""What begins the types that cannot be taken back."""

Data = dict[str, Any]


class Story:
    """One account's life: hands out instants and tells facts about it.

    Attributes:
        nothing: What is told as null.
    """

    nothing: Final = object()

    def __init__(self, rng: Random, account: str) -> None:
        """Begins the life of an account."""
        self.rng = rng
        self.account = account
        self.lines: list[bytes] = []
        self._now_ms = rng.randrange(BEGIN_MS, END_MS)
        self._told = 0
        self._places: set[tuple[str, str, str]] = set()
        self._sources: dict[str, str] = {}

    def instant_ms(self) -> int:
        """Returns an instant: the same again, soon after, or far away; often on a whole hour."""
        rng = self.rng
        roll = rng.random()
        if roll < 0.3:
            self._now_ms += rng.choice((0, 1, 15, 30, 59, 60, 61)) * _MINUTE_MS
        elif roll < 0.7:
            self._now_ms += rng.randrange(-3 * _DAY_MS, 20 * _DAY_MS)
        elif roll < 0.8:
            self._now_ms = parse_instant(f"2026-0{rng.randint(2, 6)}-01T00:00:00Z")
            self._now_ms += rng.choice((-1, 0, 1)) * 10 * _MINUTE_MS
        else:
            self._now_ms = rng.randrange(BEGIN_MS, END_MS)
        if rng.random() < 0.2:
            self._now_ms -= self._now_ms % (60 * _MINUTE_MS)
        return self._now_ms

    def near(self, days: float = 12) -> str:
        """Returns an instant around the latest one, as text."""
        shift_ms = self.rng.randrange(round(-days * _DAY_MS), round(days * _DAY_MS))
        return format_instant(self._now_ms + self.rng.choice((0, shift_ms, shift_ms)))

    def later(self, least_days: float, most_days: float) -> str:
        """Returns an instant so long after the latest one, as text."""
        shift_ms = self.rng.randrange(round(least_days * _DAY_MS), round(most_days * _DAY_MS))
        return format_instant(self._now_ms + shift_ms)

    def maybe(self, odds: float, value: Any) -> Any:
        """Returns a value now and then, else None, which is left out of the fact."""
        return value if self.rng.random() < odds else None

    def tell(self, kind: str, subject: str | None = None, **data: Any) -> None:
        """Tells a fact; perhaps twice, perhaps back-dated, perhaps taking it back too.

        With a subject, it is one of no account. Of two facts of one type at one instant, a counter
        says which is the later one: without it, what they tell decides, and that SQL does not know.
        """
        rng = self.rng
        self._told += 1
        at_ms = self.instant_ms()
        event_id, source = self._identity()
        told = {name: value for name, value in data.items() if value is not None}
        given = {name: None if value is self.nothing else value for name, value in told.items()}
        who = {} if subject else {"account_id": self.account}
        event: Data = {
            "specversion": "1.0",
            "id": event_id,
            "source": source,
            "type": kind,
            "time": format_instant(at_ms),
            "data": {**who, **given},
        }
        if subject:
            event["subject"] = subject
        if rng.random() < _SEQUENCE_ODDS:
            event["sequence"] = rng.choice((str(self._told), self._told, str(rng.randint(0, 12))))
        if (place := _place(event)) in self._places:
            event["sequence"] = str(_OWN_SEQUENCES + self._told)
        self._places.add(place)
        if rng.random() < 0.15:
            event["data"]["effective_at"] = self.near()
        if rng.random() < 0.02:
            event["data"]["livemode"] = False
        self.lines += [json.dumps(event).encode()] * (1 + (rng.random() < _REPEATED_ODDS))
        if rng.random() < _RETRACTED_ODDS and not kind.startswith(_LASTING):
            taken: Data = {**who, "retracts": event_id}
            if rng.random() < 0.5:
                taken["retracts_type"] = kind
            if rng.random() < 0.5:
                taken["retracts_source"] = source
            retraction = event | {"id": f"{event_id}_back", "type": "event.retracted"}
            retraction["data"] = taken
            self.lines.append(json.dumps(retraction).encode())

    def _identity(self) -> tuple[str, str]:
        """Returns an id and a source: now and then the id of an event of the other source."""
        if self._sources and self.rng.random() < _SHARED_ID_ODDS:
            event_id, source = self._sources.popitem()
            return event_id, "b" if source == "a" else "a"
        event_id, source = f"{self.account}_{self._told}", self.rng.choice(("a", "b"))
        self._sources[event_id] = source
        return event_id, source


def _place(event: Data) -> tuple[str, str, str]:
    return event["type"], event["time"], str(event.get("sequence", ""))


_SURVEYS: Final = {
    "r": ("nps", ((0, 10),)),
    "c": ("csat", ((1, 5), (1, 5), (1, 3), (0, 4), (1, 7))),
    "e": ("ces", ((1, 7), (1, 7), (1, 5), (0, 10), (1, 4))),
    "s": ("satisfaction", ((1, 5), (1, 4), (0, 10), (0, 9))),
}
"""Type and scales of a survey, by the letter with which ids of its responses begin."""


def _answer(story: Story) -> None:
    """Tells an answer, its change or its end; that a survey was sent; or who somebody is."""
    rng = story.rng
    if rng.random() < 0.08:
        _who(story)
        return
    response = rng.choice(("r1", "r2", "c1", "c2", "e1", "s1"))
    survey_type, scales = _SURVEYS[response[0]]
    roll = rng.random()
    if roll < 0.1:
        story.tell("survey_response.deleted", response_id=response)
        return
    if roll < 0.2:
        story.tell(
            "survey.sent",
            survey_type=survey_type,
            survey_id=story.maybe(0.5, "wave"),
            respondent_id=story.maybe(0.7, rng.choice(("u1", "u2"))),
        )
        return
    scale = rng.choice(scales)
    lowest, highest = scale
    is_told = scale != SCALES[survey_type] or rng.random() < 0.5
    story.tell(
        rng.choice(("survey_response.created", "survey_response.updated")),
        response_id=response,
        survey_type=survey_type,
        survey_id=story.maybe(0.6, rng.choice(("wave", "q1"))),
        scale_min=lowest if is_told else None,
        scale_max=highest if is_told else None,
        score=story.maybe(0.9, rng.randint(lowest, highest)),
        respondent_id=story.maybe(0.8, rng.choice(("u1", "u1", "u2"))),
        ticket_id=story.maybe(0.7, rng.choice(("t1", "t1", "t2"))),
        responded_at=story.maybe(0.5, story.near(40)),
    )


def _who(story: Story) -> None:
    """Tells that a person is of the vendor's own staff, or not; or is another one."""
    rng = story.rng
    user = rng.randint(1, 2)
    if rng.random() < 0.3:
        story.tell("user.merged", user_id=f"u{user}", into_user_id=f"u{user + 1}")
    else:
        story.tell("user.added", user_id=f"u{user}", is_internal=rng.random() < 0.7)


def _use(story: Story) -> None:
    """Tells what one of three users did, or that it came, went or was another one; or of seats."""
    rng = story.rng
    if rng.random() < 0.1:
        story.tell("seats.set", seats=rng.choice((0, 1, 5, 20)))
        return
    user = rng.randint(1, 3)
    kind = rng.choices(
        ("feature.used", "session.ended", "user.added", "user.removed", "user.merged"),
        (8, 4, 2, 1, 0.5),
    )[0]
    data: Data = {"user_id": f"u{user}"}
    if kind == "feature.used":
        data["feature"] = rng.choice(("alerts", "reports"))
    elif kind == "session.ended":
        data["session_id"] = story.maybe(0.8, f"s{rng.randint(1, 4)}")
        data["duration_s"] = rng.randint(0, rng.choice((4_000, 200_000)))
    elif kind == "user.merged":
        data["into_user_id"] = f"u{user + 1}"
    else:
        data["is_internal"] = story.maybe(0.2, rng.random() < 0.5)
    story.tell(kind, **data)


_TELLERS: Final[tuple[Callable[[Story], None], ...]] = (
    *subscription_facts.TELLERS,
    *ticket_facts.TELLERS,
    _answer,
    _use,
    *account_facts.TELLERS,
    *health_facts.TELLERS,
)


def _whether(drawn: float, story: Story) -> object:
    """Returns true for half of all numbers, else false or nothing."""
    return True if drawn < 0.5 else (False if drawn < 0.75 else story.nothing)


def _lives(
    rng: Random, accounts: int, tellers: tuple[Callable[[Story], None], ...]
) -> Iterator[Story]:
    for number in range(accounts):
        story = Story(rng, f"acct_{number}")
        teller = tellers[number % len(tellers)]
        for _ in range(rng.randint(_LEAST_FACTS, _MOST_FACTS)):
            teller(story)
        if rng.random() < 0.9:
            is_internal = story.maybe(0.1, _whether(rng.random(), story))
            story.tell("account.updated", segment=story.account, is_internal=is_internal)
        yield story


def stories(
    seed: int, accounts: int, tellers: tuple[Callable[[Story], None], ...] = _TELLERS
) -> list[bytes]:
    """Tells the lives of many accounts, shuffled."""
    rng = Random(f"{seed}-stories")
    lines = [line for story in _lives(rng, accounts, tellers) for line in story.lines]
    rng.shuffle(lines)
    return lines
