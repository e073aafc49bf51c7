"""Policies on support: first contact, replies, work, majors, business hours, service levels."""

import re
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator

from aggregates.business_time import OpeningHours, Span, Week
from aggregates.policies.area import Area
from aggregates.policies.dated import Valid
from aggregates.tile import DAY_MS
from events import parse_instant
from events.ticket import EscalationTarget

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

_WEEKDAYS: Final[tuple[Weekday, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MINUTE_MS: Final = 60_000
_INTERVAL: Final = re.compile(r"(\d\d):([0-5]\d)-(\d\d):([0-5]\d)")


class Schedule(Valid):
    """The opening hours of a week, from an instant on; the first version also holds before."""

    timezone: str = "UTC"
    """IANA time zone of the hours and holidays."""
    hours: dict[Weekday, tuple[str, ...]]
    """Opening intervals of each weekday, such as ``"09:00-17:30"``; ``24:00`` is the day's end."""
    holidays: frozenset[date] = frozenset()
    """Dates on which it is closed."""

    @field_validator("timezone")
    @classmethod
    def _is_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"unknown time zone {name!r}") from error
        return name

    @field_validator("hours")
    @classmethod
    def _are_intervals(
        cls, hours: dict[Weekday, tuple[str, ...]]
    ) -> dict[Weekday, tuple[str, ...]]:
        for texts in hours.values():
            _spans(texts)
        return hours

    def week(self) -> Week:
        """Gives the hours in ms."""
        days = tuple(_spans(self.hours.get(day, ())) for day in _WEEKDAYS)
        return Week(parse_instant(self.valid_from), self.timezone, days, self.holidays)


class SlaTarget(BaseModel):
    """How long a ticket may wait; a time left out is no target."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    first_response_minutes: Annotated[int, Field(ge=1)] | None = None
    """Until the first reply of a human."""
    resolution_minutes: Annotated[int, Field(ge=1)] | None = None
    """Until the ticket is solved for the first time."""

    def limit_ms(self, target: str) -> int | None:
        """Gives the longest time for ``first_response`` or ``resolution``, or None."""
        of_response = target == "first_response"
        minutes = self.first_response_minutes if of_response else self.resolution_minutes
        return None if minutes is None else minutes * _MINUTE_MS


SLA_TARGETS: Final = {
    "urgent": SlaTarget(first_response_minutes=60, resolution_minutes=8 * 60),
    "high": SlaTarget(first_response_minutes=4 * 60, resolution_minutes=24 * 60),
    "normal": SlaTarget(first_response_minutes=8 * 60, resolution_minutes=72 * 60),
    "low": SlaTarget(first_response_minutes=24 * 60, resolution_minutes=120 * 60),
}
"""Targets by priority: an hour to a day for the first reply, eight hours to five days in all."""


class SupportPolicy(Area):
    """How tickets are judged, and the reference data that judging them needs."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    fcr_basis: Literal["one_reply", "one_touch", "no_follow_up", "uninterrupted"] = "one_reply"
    """What a first contact is: ``one_reply`` of a human, exactly (none for a call); ``one_touch``:
    one or none (Zendesk); ``no_follow_up``: the customer never wrote again (Freshservice);
    ``uninterrupted``: a reply at least, never pending, on hold or reopened (Zendesk messaging)."""
    fcr_maturity_days: Annotated[int, Field(ge=0, le=90)] = 7
    """Days after its first solution at which a ticket is judged."""
    fcr_denominator: Literal["solved", "created"] = "solved"
    """Whether first contacts are a share of the tickets judged or of those created."""
    reply_basis: Literal["every", "first"] = "every"
    """Whether every wait of a customer for a reply counts, or only the first of each ticket."""
    handled_basis: Literal["solved", "touched"] = "solved"
    """Whether a ticket is handled when it is solved, or when work is logged on it."""
    escalation_target: EscalationTarget = "customer_success"
    """The target whose escalations count."""
    unmarked_problems_are_major: bool = True
    """Whether a linked problem is a major case where ``problem_is_major`` is left out."""
    schedules: dict[str, tuple[Schedule, ...]] = Field(default_factory=dict)
    """Business hours by schedule id, each in one or more versions; none: no business time."""
    default_schedule: str = "default"
    """Id of the schedule for tickets that name none, or an unknown one."""
    sla_targets: dict[str, SlaTarget] = SLA_TARGETS
    """Service levels by priority; other priorities have none."""
    sla_clock: Literal["calendar", "business"] = "calendar"
    """Whether targets are met in calendar or business time."""

    @field_validator("schedules")
    @classmethod
    def _have_versions(
        cls, schedules: dict[str, tuple[Schedule, ...]]
    ) -> dict[str, tuple[Schedule, ...]]:
        for name, versions in schedules.items():
            if not versions:
                raise ValueError(f"schedule {name!r} has no version")
        return schedules

    def opening_hours(self, schedule: str | None) -> OpeningHours | None:
        """Gives the hours that a schedule id stands for, or None if there are none."""
        hours = None if schedule is None else self._hours.get(schedule)
        return hours or self._hours.get(self.default_schedule)

    @cached_property
    def _hours(self) -> dict[str, OpeningHours]:
        """The open spans of each schedule, tabulated once."""
        return {
            name: OpeningHours(version.week() for version in versions)
            for name, versions in self.schedules.items()
        }


def _spans(texts: tuple[str, ...]) -> tuple[Span, ...]:
    """Reads the opening intervals of a day.

    Raises:
        ValueError: If one is malformed, or two overlap.
    """
    spans = []
    for text in texts:
        match = _INTERVAL.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is no interval such as '09:00-17:30'")
        first, second, third, fourth = map(int, match.groups())
        opens_ms = (60 * first + second) * _MINUTE_MS
        closes_ms = (60 * third + fourth) * _MINUTE_MS
        if not opens_ms < closes_ms <= DAY_MS:
            raise ValueError(f"{text!r} does not end after it begins, by 24:00")
        spans.append((opens_ms, closes_ms))
    spans.sort()
    if any(before[1] > after[0] for before, after in pairwise(spans)):
        raise ValueError(f"intervals of {', '.join(texts)} overlap")
    return tuple(spans)
