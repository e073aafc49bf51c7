"""Histories that are loaded once, to be read and not to go on: the same figures of less memory."""

from hypothesis import given

from events import TOPICS
from streams.local.intake import Intake
from tests.aggregates.shard.test_merged_accounts import PLAN, Told, histories, record
from tests.examples import examples


@given(histories())
@examples(50)
def test_law_what_is_kept_besides_rows_changes_no_figure(told: list[Told]) -> None:
    """Law: the ledger is the same, and no row is left, or waits to be stored."""
    lasting, once = Intake(PLAN, bulk=True), Intake(PLAN, bulk=True, lasting=False)
    retracted = Told("a", 0, "event.retracted", {"retracts": "another"})
    for intake in (lasting, once):
        intake.take([record(number, each) for number, each in enumerate([*told, retracted])])
        intake.settle()
    assert once.shards[0].ledger == lasting.shards[0].ledger
    assert not [row for topic in TOPICS for row in once.shards[0].handover.dirty_rows(topic)]
    assert not once.shards[0].store.accounts()
