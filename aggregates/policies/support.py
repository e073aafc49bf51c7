"""Policies on support: first contact, replies, work, majors, business hours, service levels."""

import re
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, ConfigDict, Field, field_serializer, field_validator

from aggregates.policies.area import Area
from aggregates.policies.dated import Valid
from aggregates.time.business_time import OpeningHours, Span, Week, tabulated
from aggregates.time.tile import DAY_MS, MINUTE_MS
from events import parse_instant
from events.docstrings import Documented
from events.ticket import EscalationTarget
from events.zone import zone

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

_WEEKDAYS: Final[tuple[Weekday, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NONE: Final = frozenset[str]()
_PENDING: Final = frozenset({"pending"})
_NO_PRIORITY: Final = "none"
_OTHER_PRIORITY: Final = "other"
_INTERVAL: Final = re.compile(r"(\d\d):([0-5]\d)-(\d\d):([0-5]\d)")


def _as_intervals(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the opening intervals of a day if they are such."""
    _spans(texts)
    return texts


class Schedule(Valid):
    """The opening hours of a week, from an instant on; the first version also holds before."""

    timezone: str = "UTC"
    """IANA time zone of the hours and holidays."""
    hours: dict[Weekday, Annotated[tuple[str, ...], AfterValidator(_as_intervals)]]
    """Opening intervals of each weekday, such as ``"09:00-17:30"``; ``24:00`` is the day's end."""
    holidays: frozenset[date] = frozenset()
    """Dates on which it is closed."""

    @field_validator("timezone")
    @classmethod
    def _is_zone(cls, name: str) -> str:
        zone(name)
        return name

    @field_serializer("holidays", when_used="json")
    def _in_order(self, days: frozenset[date]) -> list[date]:
        """A set has another order in each process, and dumps are compared between processes."""
        return sorted(days)

    def week(self) -> Week:
        """Returns the hours in ms."""
        days = tuple(_spans(self.hours.get(day, ())) for day in _WEEKDAYS)
        return Week(parse_instant(self.valid_from), self.timezone, days, self.holidays)


class SlaTarget(Documented):
    """How long a ticket may wait; a time left out is no target."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first_response_minutes: Annotated[int, Field(ge=1)] | None = None
    """Until the first reply of a human."""
    resolution_minutes: Annotated[int, Field(ge=1)] | None = None
    """Until the ticket is solved for the first time."""

    def limit_ms(self, target: str) -> int | None:
        """Returns the longest time for ``first_response`` or ``resolution``, or None."""
        of_response = target == "first_response"
        minutes = self.first_response_minutes if of_response else self.resolution_minutes
        return None if minutes is None else minutes * MINUTE_MS


SLA_TARGETS: Final = {
    "urgent": SlaTarget(first_response_minutes=60, resolution_minutes=8 * 60),
    "high": SlaTarget(first_response_minutes=4 * 60, resolution_minutes=24 * 60),
    "normal": SlaTarget(first_response_minutes=8 * 60, resolution_minutes=72 * 60),
    "low": SlaTarget(first_response_minutes=24 * 60, resolution_minutes=120 * 60),
}
"""Targets by priority: an hour to a day for the first reply, eight hours to five days in all."""


class SupportPolicy(Area):
    """How tickets are judged, and the reference data that judging them needs."""

    fcr_basis: Literal["one_reply", "one_touch", "no_follow_up", "uninterrupted"] = "one_reply"
    """What a first contact is: ``one_reply`` of a human, exactly (none for a call); ``one_touch``:
    one or none (Zendesk); ``no_follow_up``: the customer never wrote again (Freshservice);
    ``uninterrupted``: a reply at least, never pending, on hold or reopened (Zendesk messaging)."""
    fcr_maturity_days: Annotated[int, Field(ge=0, le=90)] = 7
    """Days after its first solution at which a ticket is judged."""
    fcr_denominator: Literal["solved", "created"] = "solved"
    """Whether first contacts are a share of the tickets judged or of those created."""
    first_response_at: Literal["reply", "creation"] = "reply"
    """Whether a first response belongs to the window in which it was given, or to that in which
    its ticket was created (Intercom)."""
    reply_basis: Literal["every", "first"] = "every"
    """Whether every wait of a customer for a reply counts, or only the first of each ticket."""
    handled_basis: Literal["solved", "touched"] = "solved"
    """Whether a ticket is handled when it is solved, or when work is logged on it."""
    merged_work: Literal["target", "none"] = "target"
    """Whether work logged on a ticket that was merged into another one of its account counts as
    work on that one, or is in no figure. Merged into a ticket that is not known under its account,
    it stays where it was logged."""
    backlog_statuses: Literal["all", "without_pending"] = "all"
    """Whether the backlog is every unsolved ticket, or without those that are pending."""
    blocked_basis: Literal["events_or_status", "events"] = "events_or_status"
    """What blocks a ticket: what `ticket.blocked` tells, and where nothing is told pending (the
    customer) and on hold (internal); or ``events`` alone."""
    resolution_ratio_basis: Literal["period", "cohort"] = "period"
    """Whether the resolution rate is of all solutions in a window to all tickets created in it, or
    of the tickets created in it, without deleted, spam and merged ones, the share now solved."""
    resolution_basis: Literal["last", "first"] = "last"
    """Whether the time to resolution ends with the last solution, which a reopening withdraws, or
    with the first one, which it does not."""
    resolution_time: Literal["full", "without_pending"] = "full"
    """Whether the time to resolution is all time, or without that in pending and on hold."""
    escalation_target: EscalationTarget = "customer_success"
    """The target whose escalations count."""
    unmarked_problems_are_major: bool = True
    """Whether a linked problem is a major case where ``problem_is_major`` is left out."""
    major_basis: Literal["open", "window"] = "open"
    """Whether accounts are hit by a major case while it is open, or if one was in the last 30
    days."""
    schedules: dict[str, tuple[Schedule, ...]] = Field(default_factory=dict)
    """Business hours by schedule id, each in one or more versions; none: no business time."""
    default_schedule: str = "default"
    """Id of the schedule for tickets that name none, or an unknown one."""
    schedule_basis: Literal["applied", "last"] = "applied"
    """Whether business time is that of each schedule while the ticket was under it, or all of it
    that of the schedule at the end of what is measured (Zendesk)."""
    priorities_apart: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Priorities that can be selected in formulas; any other is `other`, and a ticket without one
    is under `none`. With none named every priority can be: name them where they are free text."""
    sla_targets: dict[str, SlaTarget] = SLA_TARGETS
    """Service levels by priority; other priorities have none."""
    sla_clock: Literal["calendar", "business"] = "calendar"
    """Whether targets are met in calendar or business time."""
    sla_paused_in: tuple[Literal["pending", "hold"], ...] = ("pending", "hold")
    """Statuses in which the time to the solution stands still for its target, since the vendor can
    do nothing then (Freshdesk; ``["pending"]``: Zendesk's requester wait time; ``[]``: none). The
    target of the first response never pauses: a customer who got no answer waits for one."""

    @field_validator("schedules")
    @classmethod
    def _have_versions(
        cls, schedules: dict[str, tuple[Schedule, ...]]
    ) -> dict[str, tuple[Schedule, ...]]:
        for name, versions in schedules.items():
            if not versions:
                raise ValueError(f"schedule {name!r} has no version")
        return schedules

    @property
    def parked_statuses(self) -> frozenset[str]:
        """The statuses of unsolved tickets that are not in the backlog."""
        return _PENDING if self.backlog_statuses == "without_pending" else _NONE

    def priority_label(self, priority: str | None) -> str:
        """Returns the label of a priority.

        >>> policy = SupportPolicy(priorities_apart=("urgent",))
        >>> [policy.priority_label(priority) for priority in ("urgent", "low", None)]
        ['urgent', 'other', 'none']
        """
        if priority is None:
            return _NO_PRIORITY
        apart = self.priorities_apart
        return _OTHER_PRIORITY if apart and priority not in apart else priority

    def opening_hours(self, schedule: str | None) -> OpeningHours | None:
        """Returns the hours that a schedule id stands for, or None if there are none."""
        hours = None if schedule is None else self._hours.get(schedule)
        return hours or self._hours.get(self.default_schedule)

    @cached_property
    def _hours(self) -> dict[str, OpeningHours]:
        """The open spans of each schedule."""
        return {
            name: tabulated(tuple([version.week() for version in versions]))
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
        opens_ms = (60 * first + second) * MINUTE_MS
        closes_ms = (60 * third + fourth) * MINUTE_MS
        if not opens_ms < closes_ms <= DAY_MS:
            raise ValueError(f"{text!r} does not end after it begins, by 24:00")
        spans.append((opens_ms, closes_ms))
    spans.sort()
    if any(before[1] > after[0] for before, after in pairwise(spans)):
        raise ValueError(f"intervals of {', '.join(texts)} overlap")
    return tuple(spans)
