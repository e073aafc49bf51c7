"""Random settings of support: any combination of its policies, with business hours that change."""

from random import Random
from typing import Any, Final

from aggregates.policies.support import SupportPolicy

TURN: Final = 4
"""Seeds in a row, from 0 on, among which each value has its turn."""

Settings = dict[str, Any]
"""Policies by name, as a settings file has them."""

_CHOICES: Final[dict[str, tuple[Any, ...]]] = {
    "fcr_basis": ("one_reply", "one_touch", "no_follow_up", "uninterrupted"),
    "fcr_maturity_days": (0, 1, 7, 20),
    "fcr_denominator": ("solved", "created"),
    "first_response_at": ("reply", "creation"),
    "reply_basis": ("every", "first"),
    "handled_basis": ("solved", "touched"),
    "merged_work": ("target", "none", "target", "target"),
    "backlog_statuses": ("all", "without_pending"),
    "blocked_basis": ("events_or_status", "events"),
    "resolution_ratio_basis": ("period", "cohort"),
    "resolution_basis": ("last", "first"),
    "resolution_time": ("full", "without_pending"),
    "escalation_target": ("customer_success", "tier2", "manager"),
    "unmarked_problems_are_major": (True, False),
    "major_basis": ("open", "window"),
    "schedules": (("default",), ("default", "nights"), ("desk", "nights"), ("desk", "default")),
    "default_schedule": ("default", "nights", "absent", "default"),
    "schedule_basis": ("applied", "last"),
    "sla_clock": ("calendar", "business"),
    "sla_paused_in": (("pending", "hold"), ("pending",), (), ("hold",)),
    "priorities_apart": ((), ("urgent",), ("low", "other")),
}
"""Values of each policy but the targets; of the schedules, their names."""

_ZONES: Final = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC")
"""Zones whose clocks change at different times, one by half an hour, or never."""
_INTERVALS: Final = ("00:00-02:30", "02:45-03:20", "09:00-12:00", "13:00-17:30", "22:00-24:00")
"""Opening intervals, some where clocks are changed."""
_WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOLIDAYS: Final = ("2026-03-04", "2026-03-08", "2026-03-29", "2026-04-05", "2026-05-01")
_CHANGES: Final = ("2026-03-09T00:00:00Z", "2026-03-28T10:30:00Z", "2026-05-04T22:00:00Z")
_MINUTES: Final = (None, 1, 30, 60, 480, 1_440, 7_200)


def versions(rng: Random) -> list[Settings]:
    """Makes the versions of one schedule, each in a zone of its own."""
    number = rng.choice((1, 1, 2, 3))
    changes = sorted(rng.sample(_CHANGES, number - 1))
    versions = []
    for zone, since in zip(rng.sample(_ZONES, number), ("", *changes), strict=True):
        version: Settings = {
            "timezone": zone,
            "hours": {
                day: rng.sample(_INTERVALS, rng.choice((0, 1, 2, 3)))
                for day in rng.sample(_WEEKDAYS, rng.choice((2, 5, 7)))
            },
            "holidays": rng.sample(_HOLIDAYS, rng.choice((0, 2))),
        }
        versions.append(version | {"valid_from": since} if since else version)
    return versions


def settings_of(seed: int) -> Settings:
    """Makes a value of every policy of support; of some seeds in a row each value has its turn."""
    rng = Random(f"{seed}-settings")
    turn, place = divmod(seed, TURN)
    settings: Settings = {}
    for name, values in _CHOICES.items():
        in_turn = (values * TURN)[:TURN]
        settings[name] = Random(f"{turn}-{name}").sample(in_turn, TURN)[place]
    settings["schedules"] = {name: versions(rng) for name in settings["schedules"]}
    settings["sla_targets"] = {
        priority: {
            "first_response_minutes": rng.choice(_MINUTES),
            "resolution_minutes": rng.choice(_MINUTES),
        }
        for priority in rng.sample(("urgent", "high", "normal", "low", "odd"), 4)
    }
    assert set(settings) == set(SupportPolicy.model_fields)
    return settings
