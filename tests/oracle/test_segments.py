"""Segments by an attribute of the producer's own, which is told, changed and taken away."""

from random import Random
from typing import Final

import pytest

from aggregates.policies.policy import Policy
from aggregates.shard.plan import Plan
from tests.oracle.batches import folded_in_batches, random_edges
from tests.oracle.ledger_figures import differences
from tests.oracle.recomputation import Recomputation
from tests.oracle.stories import Story, stories
from tests.oracle.test_usage_policies import FAMILIES, FILES

ACCOUNTS: Final = 80
EDGES: Final = 6
TAKEN: Final = "taken away"
"""Stands for null in a story, which leaves nulls out."""


def _tell(story: Story) -> None:
    """Tells a use, or what kind of customer it is of: a text, a number, a boolean, nothing."""
    rng = story.rng
    if rng.random() < 0.6:
        story.tell("feature.used", user_id=f"u{rng.randint(1, 2)}", feature="reports")
        return
    before = len(story.lines)
    tier = rng.choice(("gold", "silver", "", 3, True, TAKEN, ["gold"]))
    story.tell("account.updated", plan_tier=story.maybe(0.8, tier), segment=story.maybe(0.3, "smb"))
    told = f'"{TAKEN}"'.encode()
    story.lines[before:] = [line.replace(told, b"null") for line in story.lines[before:]]


@pytest.mark.parametrize("attribute", ["plan_tier", "segment"])
def test_an_attribute(attribute: str) -> None:
    """Figures by an attribute are SQL's, in any order of events: it is what was told last."""
    rng = Random(attribute)
    lines = [line for line in stories(12, ACCOUNTS, (_tell,)) if b'["gold"]' not in line]
    edges = random_edges(rng, EDGES)
    plan = Plan(Policy(segments=(attribute,)), families=FAMILIES)
    ledger = folded_in_batches(lines, plan, rng)
    setup = f"SET VARIABLE attribute = '{attribute}'"
    assert not differences(ledger, plan, Recomputation(lines, edges, setup, FILES).figures(), edges)
    found = {segment for _, (segment,) in ledger.cells}
    if attribute == "plan_tier":
        assert {"gold", "silver", "3", "true", "unknown"} <= found


def test_a_structure_is_no_attribute() -> None:
    """A list changes nothing, whatever came before it."""
    plan = Plan(Policy(segments=("plan_tier",)), families=FAMILIES)
    lines = stories(12, ACCOUNTS, (_tell,))
    without = [line for line in lines if b'["gold"]' not in line]
    assert len(without) < len(lines)
    assert folded_in_batches(lines, plan, Random(1)) == folded_in_batches(without, plan, Random(2))
