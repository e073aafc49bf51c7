"""Support under any settings: the ledger against SQL, account by account."""

from random import Random
from typing import Any

import pytest

from aggregates.policies.policy import Policy
from aggregates.shard.plan import Plan
from aggregates.support import (
    blocking,
    escalations,
    first_contact,
    handling,
    major_accounts,
    majors,
    merged_work,
    orphans,
    reassignments,
    reopenings,
    replies,
    requester_wait,
    sla,
    times,
    volume,
)
from events import parse_instant
from tests.aggregates.support.support_settings import TURN, Settings, settings_of
from tests.oracle.batches import folded_in_batches, random_edges
from tests.oracle.conftest import SEEDS
from tests.oracle.ledger_figures import differences
from tests.oracle.recomputation import Recomputation
from tests.oracle.stories import stories
from tests.oracle.ticket_facts import case

ACCOUNTS = 40
EDGES = 10
AHEAD_DAYS = 35
LAST_MS = 9 * 10**15
"""Later than everything, in SQL."""
FILES = (
    *("events", "windows", "tickets", "ticket_times", "schedules", "support", "escalations"),
    *("sla", "business"),
)
"""The SQL of these families."""
FAMILIES = tuple(
    module.FAMILY
    for module in (
        *(blocking, escalations, first_contact, handling, major_accounts, majors, reassignments),
        *(reopenings, replies, requester_wait, sla, times, volume, merged_work, orphans),
    )
)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _literal(value: Any) -> str:
    """Writes a value of a policy in SQL."""
    if isinstance(value, bool | int):
        return str(value)
    return f"{list(value)}::VARCHAR[]" if isinstance(value, tuple) else f"'{value}'"


def _table(name: str, columns: str, rows: list[tuple[Any, ...]]) -> str:
    """Writes a table of texts and numbers; it may be empty."""
    written = "".join(f"INSERT INTO {name} VALUES {row};\n" for row in rows)
    return f"CREATE TABLE {name} ({columns});\n{written}"


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return 60 * int(hours) + int(minutes)


def _setup(settings: Settings) -> str:
    """Writes settings in SQL."""
    hours, holidays = [], []
    for schedule, versions in settings["schedules"].items():
        since = [0, *(parse_instant(version["valid_from"]) for version in versions[1:]), LAST_MS]
        for version, valid_ms, until_ms in zip(versions, since, since[1:], strict=False):
            zone = version["timezone"]
            holidays += [(schedule, zone, day) for day in version["holidays"]]
            hours.append((schedule, zone, valid_ms, until_ms, 0, 0, 0))
            for day, intervals in version["hours"].items():
                for interval in intervals:
                    opens, closes = map(_minutes, interval.split("-"))
                    isoday = DAYS.index(day) + 1
                    hours.append((schedule, zone, valid_ms, until_ms, isoday, opens, closes))
    limits = [
        (priority, target, targets[f"{target}_minutes"])
        for priority, targets in settings["sla_targets"].items()
        for target in ("first_response", "resolution")
        if targets[f"{target}_minutes"] is not None
    ]
    apart = ("schedules", "sla_targets", "resolution_ratio_basis")  # the last chooses a formula
    plain = {name: value for name, value in settings.items() if name not in apart}
    columns = ", ".join(f"{_literal(value)} AS {name}" for name, value in plain.items())
    return (
        f"CREATE TABLE support_policy AS SELECT {columns};\n"
        + _table("limits", "priority VARCHAR, target VARCHAR, minutes INTEGER", limits)
        + _table(
            "schedule_hours",
            "schedule VARCHAR, zone VARCHAR, valid_ms BIGINT, until_ms BIGINT, isoday INTEGER, "
            "opens INTEGER, closes INTEGER",
            hours,
        )
        + _table("schedule_holidays", "schedule VARCHAR, zone VARCHAR, holiday DATE", holidays)
    )


@pytest.mark.parametrize("seed", range(max(SEEDS, TURN)))
def test_settings(seed: int) -> None:
    """Whatever the settings say together, each figure of support is theirs, in SQL and here."""
    rng = Random(f"{seed}-support")
    settings = settings_of(seed)
    lines = stories(seed, ACCOUNTS, (case,))
    edges = random_edges(rng, EDGES, AHEAD_DAYS)
    plan = Plan(Policy.model_validate(settings), families=FAMILIES)
    ledger = folded_in_batches(lines, plan, rng)
    recomputed = Recomputation(lines, edges, _setup(settings), FILES)
    assert not differences(ledger, plan, recomputed.figures(), edges)
    moved = {name for (name, *_), _ in ledger.cells}
    parked = {"tickets_parked", "tickets_resumed"}
    unmoved = set() if settings["backlog_statuses"] == "without_pending" else parked
    assert set(plan.measures) - moved == unmoved
