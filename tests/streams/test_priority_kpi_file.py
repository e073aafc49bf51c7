"""A KPI file of a user that filters by priority: read live and replayed alike."""

import json
from collections import defaultdict
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from aggregates.ledger.ledger import Ledger
from aggregates.shard.plan import Plan
from aggregates.time.tile import edge_ms
from events import format_instant, parse_instant
from events.dialect import PLAIN
from streams.kpi_files import KpiFiles
from streams.local.intake import Intake
from streams.local.replay import fold_history, grid, read_at
from streams.local.sources import FileSource
from streams.simulator import Company, disturb

DAY_MS = 86_400_000
DAYS = 120
END = "2026-03-01T00:00:00Z"
PLAN = Plan()
OWN = """
[[kpi]]
id = "urgent_ticket_ratio"
code = "+"
family = "support"
title = "Urgent tickets"
formula = 'tickets_created(priority="urgent") / tickets_created'
unit = "ratio"
windows = ["30d"]
good = "down"
source = "ticket.*"
description = "Urgent tickets of those created. No value if none was created."

[[kpi]]
id = "serious_response_seconds"
code = "+"
family = "support"
title = "First response to serious tickets"
unit = "seconds"
windows = ["7d", "30d"]
good = "down"
source = "ticket.*"
description = "Time to the first reply, by priority. No value where none was given."
[kpi.variants]
label = "priority"
urgent = 'mean(first_response(priority="urgent", clock="calendar"))'
high = 'mean(first_response(priority="high", clock="calendar"))'

[[kpi]]
id = "backlog_by_priority"
code = "+"
family = "support"
title = "Backlog by priority"
unit = "tickets"
good = "down"
source = "ticket.*"
description = "Tickets that are not solved, by priority."
[kpi.variants]
label = "priority"
urgent = 'ticket_backlog(priority="urgent")'
high = 'ticket_backlog(priority="high")'
normal = 'ticket_backlog(priority="normal")'
low = 'ticket_backlog(priority="low")'
none = 'ticket_backlog(priority="none")'
all = "ticket_backlog"
"""
GONE = ("ticket.deleted", "ticket.marked_as_spam", "ticket.merged")

Place = tuple[int, str, tuple[tuple[str, str], ...]]


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    """A small company's four months, as a network delivers them."""
    end_ms = parse_instant(END)
    company = Company(3, 60, end_ms - DAYS * DAY_MS, activity=0.02)
    told = [line for day in islice(company.days(), DAYS) for _, line in day]
    return list(disturb(told, seed=3, late=0.05, duplicates=0.1))


def replayed(folder: Path, lines: list[bytes]) -> Ledger:
    """Folds a file as ``tidemark replay`` does."""
    path = folder / "events.ndjson"
    path.write_bytes(b"\n".join(lines))
    return fold_history(PLAN, [FileSource(str(path))], PLAIN, lambda _: None).ledger


def live(lines: list[bytes]) -> Ledger:
    """Folds records batch by batch over three partitions, settling after each batch."""
    intake = Intake(PLAN, 3)
    for first in range(0, len(lines), 300):
        intake.take(lines[first : first + 300])
        intake.settle()
    ledger = Ledger()
    for shard in intake.shards:
        ledger.merge(shard.ledger)
    return ledger


def values(folder: Path, ledger: Ledger) -> dict[Place, float]:
    """Reads the KPIs of the file, week by week."""
    path = folder / "own.toml"
    path.write_text(OWN, encoding="utf-8")
    files = KpiFiles(PLAN.measures.values(), [path])
    assert files.problem == ""
    return {
        (edge_ms(sample.edge), sample.kpi.id, sample.labels): sample.value
        for sample in read_at(
            files.current(), ledger, PLAN, grid("2025-11-09T00:00:00Z", END, "7d")
        )
        if f'id = "{sample.kpi.id}"' in OWN
    }


def test_live_and_replayed_alike(tmp_path: Path, lines: list[bytes]) -> None:
    """A filter by priority gives the same values either way, of the tickets of that priority."""
    found = values(tmp_path, live(lines))
    assert found == values(tmp_path, replayed(tmp_path, lines))
    urgent = {at: v for (at, kpi, _), v in found.items() if kpi == "urgent_ticket_ratio"}
    assert len(urgent) > 10
    for at_ms, ratio in urgent.items():
        assert ratio == pytest.approx(_urgent_ratio(lines, at_ms)), format_instant(at_ms)
    answered = {labels for _, kpi, labels in found if kpi == "serious_response_seconds"}
    assert {dict(labels)["priority"] for labels in answered} == {"urgent", "high"}
    backlog: dict[int, dict[str, float]] = defaultdict(dict)
    for (at_ms, kpi, labels), value in found.items():
        if kpi == "backlog_by_priority":
            backlog[at_ms][dict(labels)["priority"]] = value
    assert any(by["urgent"] for by in backlog.values())
    for by in backlog.values():
        assert by.pop("all") == sum(by.values())


def _urgent_ratio(lines: list[bytes], at_ms: int) -> float:
    """Counts from the raw events: tickets of 30 days, by the priority told last before then."""
    tickets: dict[str, dict[str, Any]] = defaultdict(dict)
    events = {event["id"]: event for event in map(json.loads, lines)}.values()
    internal = {event["data"]["account_id"] for event in events if event["data"].get("is_internal")}
    for event in sorted(events, key=lambda event: int(parse_instant(event["time"]))):
        data, kind = event["data"], event["type"]
        if not kind.startswith("ticket.") or parse_instant(event["time"]) >= at_ms:
            continue
        ticket = tickets[data["ticket_id"]]
        if kind == "ticket.created":
            ticket["created_ms"] = parse_instant(event["time"])
            ticket["priority"] = data.get("priority")
            ticket["account"] = data.get("account_id")
        elif kind == "ticket.priority_changed":
            ticket["priority"] = data["current"]
        elif kind in (*GONE, "ticket.undeleted"):
            ticket["gone"] = kind in GONE
    created = [
        ticket["priority"]
        for ticket in tickets.values()
        if ticket["created_ms"] >= at_ms - 30 * DAY_MS
        and not ticket.get("gone")
        and ticket["account"] not in internal
    ]
    return created.count("urgent") / len(created)
