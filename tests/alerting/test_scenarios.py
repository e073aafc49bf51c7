"""Two of the scenarios of ``make alerts``, cut short, through all of it; and its parts by hand."""

from pathlib import Path

import numpy as np
import pytest

from aggregates.time.tile import TILE_MS
from tests.alerting.companies import growing
from tests.alerting.figures import Wanted, shown
from tests.alerting.happenings import LARGE, NOON, one_leaves, overstated, tenth_leaves
from tests.alerting.messages import Kind
from tests.alerting.run import run
from tests.alerting.scenarios import SMALL, short
from tests.alerting.story import BEGIN_MS, DAY, FOUNDED, Story, account


@pytest.mark.slow
def test_one_of_five_is_no_message_and_a_tenth_is_one(promtool: str, tmp_path: Path) -> None:
    """When 1 of 5 customers leaves nobody is told; when 20 of 200 leave, the team is told
    once, among others that customer churn is off its target."""
    outcomes = run(
        promtool,
        tmp_path,
        [
            short("one", "1 of 5 leaves", SMALL, 2, 0, one_leaves, before=1),
            short("tenth", "20 of 200 leave", LARGE, 2, 1, tenth_leaves, before=1),
        ],
    )
    told = {each.scenario.name: each.of(Kind.NEW) for each in outcomes}
    assert told["one"] == []
    (message,) = told["tenth"]
    assert "TidemarkCustomerChurnRatioOffTarget" in message.names
    assert message.receiver == "team"


def test_a_correction_changes_only_what_is_shown_after_it() -> None:
    """What was shown before a retraction is what the log said then; what is shown after it is what
    a fold of the whole log says, a week ago included."""
    story = Story()
    for number in range(30):
        story.subscribe(account(number), FOUNDED)
    overstated(story)
    wanted = Wanted({"cs_mrr": frozenset(), "cs_week_ago_mrr": frozenset()})
    noon = (BEGIN_MS + NOON) // TILE_MS
    edges = noon + np.array([-13 * 96, -11 * 96, -4 * 96, 0, 1, 96])
    (mrr, then) = shown(story.told, wanted, edges).values()
    assert mrr.tolist() == [3_000, 6_000, 6_000, 6_000, 3_000, 3_000]
    assert then.tolist() == [3_000, 3_000, 6_000, 6_000, 3_000, 3_000]
    (whole, _) = shown([told._replace(told_ms=0) for told in story.told], wanted, edges).values()
    assert set(whole.tolist()) == {3_000}


def test_what_is_told_in_order_does_not_change_what_was_shown() -> None:
    """Figures that were read of a whole piece of the log are those of a fold up to each edge."""
    wanted = Wanted(
        {
            "cs_mrr": frozenset(),
            "cs_ticket_backlog": frozenset(),
            "cs_active_users": frozenset({("window", "30d")}),
            "cs_customer_churn_ratio": frozenset({("window", "30d"), ("variant", "cohort")}),
            "cs_first_response_seconds": frozenset({("window", "7d"), ("stat", "mean")}),
            "cs_nps": frozenset({("window", "90d")}),
        }
    )
    story = growing(3, 60)
    edges = (BEGIN_MS + np.array([100, 200, 300.3]) * DAY).astype(np.int64) // TILE_MS
    at_once = shown(story, wanted, edges)
    assert len(at_once) >= len(wanted.metrics)
    for number, edge in enumerate(edges):
        known = [told for told in story if told.told_ms < edge * TILE_MS]
        for key, values in shown(known, wanted, edges[[number]]).items():
            assert values.tolist() == pytest.approx([at_once[key][number]], nan_ok=True), key
