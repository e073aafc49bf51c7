"""The intake: what it says of records that it does not fold."""

import json

from aggregates.shard.plan import Plan
from streams.local.intake import Intake

GOOD = {
    "specversion": "1.0",
    "id": "e1",
    "source": "test",
    "type": "seats.set",
    "time": "2026-01-05T00:00:00Z",
    "data": {"account_id": "a1", "seats": 3},
}


def test_the_first_five_rejected_records_are_shown_the_others_counted() -> None:
    """Five samples, by their number in the source over all batches; a broken file stays short."""
    intake = Intake(Plan())
    good, bad = json.dumps(GOOD).encode(), b"{"
    intake.take([good, bad, bad])
    intake.take([bad, good, bad, bad, bad, bad])
    assert [sample.number for sample in intake.samples] == [2, 3, 4, 6, 7]
    assert sum(intake.rejected.values()) == 7
    assert intake.records == 9


def test_an_event_that_contradicts_another_is_shown_like_a_broken_one() -> None:
    """Refusals of the fold and of the decoder are told in the same way."""
    intake = Intake(Plan())
    other = {**GOOD, "data": {"account_id": "a1", "seats": 4}}
    intake.take([json.dumps(each).encode() for each in (GOOD, other)])
    assert [(sample.number, sample.reason) for sample in intake.samples] == [(2, "conflict")]
    assert intake.rejected == {"conflict": 1}
