"""Random stories of many small accounts: the ledger against SQL, account by account."""

import json
from random import Random

import pytest

from aggregates.ledger.measure import REGROUPED
from events import format_instant
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
    *("active_user_weekdays", "idle_session_time", "tickets_parked", "tickets_resumed"),
}
"""Only transfers move the first, only policies other than the default the others: their SQL
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


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_stories_of_merged_accounts(seed: int) -> None:
    """Every third account is merged into another one, some of which are merged themselves."""
    rng = Random(f"{seed}-merges")
    lines = stories(seed, ACCOUNTS // 3)
    accounts = sorted({json.loads(line)["data"].get("account_id", "") for line in lines} - {""})
    leaving = rng.sample(accounts, len(accounts) // 3)
    lines += [merge(account, rng.choice(accounts), rng) for account in leaving]
    rng.shuffle(lines)
    edges = random_edges(rng, EDGES, AHEAD_DAYS)
    oracle = Recomputation(lines, edges)
    ledger = folded_in_batches(lines, PLAN, rng, partitions=4, batch_max=200)
    assert not differences(ledger, PLAN, oracle.figures(), edges)


def merge(account: str, into: str, rng: Random) -> bytes:
    """Tells that an account is another, at any instant."""
    event = {
        "specversion": "1.0",
        "id": f"merge_of_{account}",
        "source": "crm",
        "type": "account.merged",
        "time": format_instant(rng.randrange(BEGIN_MS, END_MS)),
        "data": {"account_id": account, "into_account_id": into},
    }
    return json.dumps(event).encode()


def test_every_measure_has_an_oracle() -> None:
    """No measure goes without a second computation, and SQL knows none that is gone.

    What windows hold besides a flow is read with it.
    """
    edges = range(BEGIN_MS, END_MS, 10 * DAY_MS)
    found = Recomputation(stories(2, ACCOUNTS), edges).measures()
    assert {name.removesuffix(REGROUPED) for name in PLAN.measures} - found == NOT_RECOMPUTED
    assert found <= set(PLAN.measures)
