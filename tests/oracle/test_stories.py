"""Random stories of many small accounts: the ledger against SQL, account by account."""

from random import Random

import pytest

from tests.oracle.batches import folded_in_batches, random_edges
from tests.oracle.conftest import SEEDS
from tests.oracle.histories import DAY_MS, PLAN
from tests.oracle.ledger_figures import differences
from tests.oracle.recomputation import Recomputation
from tests.oracle.stories import BEGIN_MS, END_MS, stories

ACCOUNTS = 600
EDGES = 14
AHEAD_DAYS = 60

NOT_RECOMPUTED = {
    *("transferred_mrr", "fx_mrr", "core_features_offered", "other_feature_accounts"),
    *("nps_unscored", "nps_unscored_by_survey"),
    *("feature_users", "other_feature_users", "core_features_offered_to_users"),
    *("active_user_weekdays", "tickets_parked", "tickets_resumed"),
}
"""Only merged accounts move the first, only policies other than the default the others: their SQL
runs in test_transfers.py and in the tests of policies beside this file."""


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_stories(seed: int) -> None:
    """Changes at one instant, back-dated, cut off, scheduled, repeated, retracted: SQL agrees."""
    rng = Random(f"{seed}-readings")
    lines = stories(seed, ACCOUNTS)
    edges = random_edges(rng, EDGES, AHEAD_DAYS)
    oracle = Recomputation(lines, edges)
    ledger = folded_in_batches(lines, PLAN, rng, partitions=2, batch_max=200)
    assert not differences(ledger, PLAN, oracle.figures(), edges)


def test_every_measure_has_an_oracle() -> None:
    """No measure goes without a second computation, and SQL knows none that is gone."""
    edges = range(BEGIN_MS, END_MS, 10 * DAY_MS)
    found = Recomputation(stories(1, ACCOUNTS), edges).measures()
    assert set(PLAN.measures) - found == NOT_RECOMPUTED
    assert found <= set(PLAN.measures)
