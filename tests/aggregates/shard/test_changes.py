"""Changes: what is noted reaches the ledger as if it had been applied at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregates.ledger.ledger import Ledger
from aggregates.ledger.measure import Contribution
from aggregates.shard import changes
from aggregates.shard.changes import Changes
from aggregates.shard.plan import Plan
from aggregates.shard.restated import Restated

PLAN = Plan(families=[])

CONTRIBUTIONS = st.lists(
    st.tuples(
        st.sampled_from([("mrr",), ("active_users", "30d")]),
        st.integers(0, 2_000),
        st.integers(-2, 2),
    ),
    max_size=6,
)
STEPS = st.lists(
    st.tuples(st.booleans(), st.sampled_from([(), ("smb",)]), CONTRIBUTIONS), max_size=9
)
Steps = list[tuple[bool, tuple[str, ...], list[Contribution]]]


@given(rounds=st.lists(STEPS, max_size=3), noted_max=st.sampled_from([0, 3, 1_000]))
def test_the_ledger_is_as_if_applied_at_once(rounds: list[Steps], noted_max: int) -> None:
    """However much is noted before it is counted, the same cells come out, round by round."""
    noted, at_once, moving = Ledger(), Ledger(), Changes()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(changes, "NOTED_MAX", noted_max)
        for steps in rounds:
            for is_added, segment, contributions in steps:
                note = moving.add if is_added else moving.take
                note(iter(contributions), segment)
                at_once.apply(contributions, segment, 1 if is_added else -1)
            moving.move_to(noted, Restated(PLAN))
            assert noted == at_once


def test_what_cancels_out_touches_nothing() -> None:
    """What is taken and added alike leaves the ledger's chunks as they were."""
    ledger, moving = Ledger(), Changes()
    kept: list[Contribution] = [(("mrr",), 5, 100), (("mrr",), 5_000, -100)]
    moving.add(kept, ("smb",))
    moving.move_to(ledger, Restated(PLAN))
    ledger.changed.clear()
    moving.take(kept, ("smb",))
    moving.add([*kept, (("mrr",), 9, 7)], ("smb",))
    moving.move_to(ledger, Restated(PLAN))
    assert ledger.changed == {(("mrr",), ("smb",), 0)}
    assert ledger.cells[("mrr",), ("smb",)] == {5: 100, 5_000: -100, 9: 7}
