"""Business hours: the ledger against the clock on the wall, minute by minute in SQL."""

from random import Random

import pytest

from aggregates.ledger.ledger import Ledger
from aggregates.policies.policy import Policy
from aggregates.shard.plan import Plan
from aggregates.support import times
from aggregates.time.tile import TILE_MS
from streams.local.intake import Intake
from tests.aggregates.support.ticket_story import SCHEDULES
from tests.oracle.conftest import SEEDS
from tests.oracle.ledger_figures import differences
from tests.oracle.recomputation import Recomputation
from tests.oracle.stories import BEGIN_MS, END_MS, stories
from tests.oracle.ticket_facts import TELLERS

ACCOUNTS = 150
EDGES = 8
PLAN = Plan(Policy.model_validate({"schedules": SCHEDULES}), families=[times.FAMILY])

SETUP = """
CREATE TABLE schedule_hours AS
SELECT schedule, zone, valid_ms, until_ms, isoday, opens, closes
FROM (VALUES
    ('default', 'Europe/Berlin', 0, 1773014400000, [1, 2, 3, 4, 5]),
    ('default', 'Asia/Tokyo', 1773014400000, 9000000000000, [1, 2, 3, 4, 5]),
    ('nights', 'America/New_York', 0, 9000000000000, [5, 6, 7])
) AS versions (schedule, zone, valid_ms, until_ms, isodays)
CROSS JOIN unnest(isodays) AS days (isoday)
JOIN (VALUES
    ('default', 540, 720), ('default', 780, 1050), ('nights', 0, 360), ('nights', 1320, 1440)
) AS intervals (schedule, opens, closes) USING (schedule);
CREATE TABLE schedule_holidays AS
SELECT 'default' AS schedule, 'Europe/Berlin' AS zone, DATE '2026-03-04' AS holiday;
"""
"""The schedules of the story, written down once more; the desk moves on 9 March 2026, 0:00 UTC."""


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_business_durations(seed: int) -> None:
    """Responses and solutions take the open time of all schedules that applied, to the ms."""
    lines = stories(seed, ACCOUNTS, TELLERS)
    rng = Random(f"{seed}-business")
    edges = sorted(rng.randrange(BEGIN_MS, END_MS) // TILE_MS * TILE_MS for _ in range(EDGES))
    intake = Intake(PLAN, 1)
    intake.take(lines)
    intake.settle()
    ledger = Ledger()
    for shard in intake.shards:
        ledger.merge(shard.ledger)
    recomputed = {
        edge_ms: {cell: value for cell, value in of.items() if cell.measure in PLAN.measures}
        for edge_ms, of in Recomputation(lines, edges, SETUP).figures().items()
    }
    assert any("business" in cell.labels for of in recomputed.values() for cell in of)
    assert not differences(ledger, PLAN, recomputed, edges)
