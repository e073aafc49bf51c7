"""What accounts lend each other gets wherever it is read, and goes on as accounts are merged."""

from collections.abc import Mapping, Sequence

from aggregates.ledger.measure import Segment, Series
from streams.local.intake import Intake
from tests.aggregates.revenue.subscription_story import PLAN, merged, state, transferred
from tests.oracle.batches import whole

Cells = Mapping[tuple[Series, Segment], Mapping[int, int]]


def loaded(lines: Sequence[bytes]) -> Cells:
    """Returns the cells of a history that is loaded as a whole, as replay does."""
    intake = Intake(PLAN, bulk=True, lasting=False)
    intake.take(lines)
    intake.settle()
    return {key: own for key, own in whole(intake).cells.items() if own}


def followed(*batches: Sequence[bytes]) -> Cells:
    """Returns the cells of one that is settled batch by batch."""
    intake = Intake(PLAN)
    for batch in batches:
        intake.take(batch)
        intake.settle()
    return {key: own for key, own in whole(intake).cells.items() if own}


def test_what_goes_on_is_sent_anew_while_a_history_is_loaded() -> None:
    """The account that was left reads what its heir tells under all ids, known one by one."""
    lines = [
        transferred("t1", 24, "a1", "a4"),
        merged("m1", 24, "a1", "a3"),
        merged("m2", 24, "a2", "a4"),
        state("updated", "e1", 15, 30, account="a3"),
        state("updated", "e2", 24, 10, account="a2"),
    ]
    assert loaded(lines) == followed(lines)


def test_what_was_lent_on_goes_on_with_the_rows_of_an_account_that_is_merged() -> None:
    """It has the same name there: that it is lent no more does not take it away."""
    told = [
        state("created", "e1", 7, 70, account="a2"),
        transferred("t1", 21, "a2", "a1"),
        transferred("t2", 24, "a3", "a1"),
    ]
    joined = [merged("m1", 21, "a1", "a3")]
    assert followed(told, joined) == loaded([*told, *joined])
