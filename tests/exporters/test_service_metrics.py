"""The service's own metrics: what workers say, added up so that counters do not fall."""

import pytest

from aggregates.shard.board import PartitionStatus, TopicStatus, decode_status, encode_status
from exporters.feed import FeedState, PartitionState
from exporters.service_metrics import lags, last_events_ms, service_families
from exporters.tally import Counts, Tally


def state(
    partition: int = 0,
    accepted: int = 0,
    generation: int = 1,
    restatements: int = 0,
    **fields: object,
) -> PartitionState:
    """Returns a partition that has counted so many events."""
    said = PartitionStatus(
        ready=True,
        owner=str(fields.get("owner", "w1")),
        events={"usage": {"accepted": accepted}},
        restatements=restatements,
    )
    return PartitionState(partition, 0.5, bool(fields.get("fresh", True)), generation, said)


def total(tally: Tally) -> int:
    """Returns the accepted usage events."""
    return tally.events["usage", "accepted"]


def test_tally_adds_partitions() -> None:
    """Totals are sums over partitions, and asking twice adds nothing."""
    tally = Tally()
    for _ in range(2):
        tally.update([state(0, 5, restatements=1), state(1, 7, restatements=2)])
    assert (total(tally), tally.restatements) == (12, 3)


def test_tally_over_a_move() -> None:
    """When a partition moves and its new worker counts from 0, totals go on rising."""
    tally = Tally()
    tally.update([state(0, 100, restatements=9)])
    tally.update([state(0, 3, generation=2, restatements=1)])
    assert (total(tally), tally.restatements) == (103, 10)
    tally.update([state(0, 4, generation=2, restatements=1)])
    assert (total(tally), tally.restatements) == (104, 10)


def test_money_is_added_as_counts_are() -> None:
    """Restated money rises over partitions, moves and restarts of workers, by measure, exactly."""

    def said(partition: int, generation: int, **micros: int) -> PartitionState:
        raw = encode_status(PartitionStatus(owner="w1", restated_micros=micros))
        return PartitionState(partition, 0.5, True, generation, decode_status(raw))

    tally, large = Tally(), 10**25 + 1
    tally.update([said(0, 1, mrr=large, costs=5), said(1, 1, mrr=2)])
    assert tally.restated_micros == {"mrr": large + 2, "costs": 5}
    tally.update([said(0, 2, mrr=7), said(1, 1, mrr=3)])
    assert tally.restated_micros == {"mrr": large + 10, "costs": 5}


def test_tally_over_an_absence() -> None:
    """A partition that is away for a while is not counted again when it is back."""
    tally = Tally()
    tally.update([state(0, 100)])
    tally.update([])
    tally.update([state(0, 101)])
    assert total(tally) == 101


def test_tally_without_status() -> None:
    """A partition that says nothing counts nothing."""
    tally = Tally()
    tally.update([PartitionState(0, 0.0, True, 1, None)])
    assert tally.events == {}


def test_owned_partitions() -> None:
    """Partitions owned are counted by worker, without those whose worker has gone silent."""
    held = (state(0, owner="a"), state(1, owner="b"), state(2, owner="a"), state(3, fresh=False))
    families = {
        family.name: family
        for family in service_families(FeedState(4, held, "late"), Counts({}, 0), "1.2.3")
    }
    owned = families["tidemark_partitions_owned"].samples
    assert [(s.labels["worker"], s.value) for s in owned] == [("a", 2), ("b", 1)]
    assert families["tidemark_build_info"].samples[0].labels == {"version": "1.2.3"}


def test_the_build_tells_what_figures_depend_on() -> None:
    """Time zones and fingerprint are labels of it, so that two exporters can be compared."""
    told = {"tzdata": "2025c", "fingerprint": "3f2a9c1b7d5e"}
    first = next(service_families(FeedState(0, (), ""), Counts({}, 0), "1.2.3", told))
    assert first.samples[0].labels == {"version": "1.2.3", **told}


def test_unsaid_is_no_sample() -> None:
    """What a worker has not measured yet has no sample, rather than 0."""
    families = list(service_families(FeedState(1, (state(0),), ""), Counts({}, 0), "1"))
    empty = {family.name for family in families if not family.samples}
    assert {
        "tidemark_flush_seconds",
        "tidemark_restore_seconds",
        "tidemark_last_event_timestamp_seconds",
    } <= empty


def test_progress_over_partitions() -> None:
    """The latest event of a topic is the latest of any partition; lag adds up."""

    def at(last_ms: int | None, lag: int | None) -> PartitionState:
        said = PartitionStatus(topics={"usage": TopicStatus(1, lag, last_ms)})
        return PartitionState(0, 0.0, True, 1, said)

    held = (at(5, 2), at(None, 3), at(9, 4))
    assert (last_events_ms(held), lags(held)) == ({"usage": 9}, {"usage": 9})
    assert lags((*held, at(None, None))) == {}


def test_rows_on_their_way_between_partitions_are_behind() -> None:
    """Each partition is behind by what it has to send and by what it has not heard of others.

    So figures are never taken for whole while rows of a merged account are nowhere.
    """

    def at(partition: int, end: int, waiting: int, *heard: int) -> PartitionState:
        topics = {"account": TopicStatus(lag=0), "usage": TopicStatus(lag=0)}
        said = PartitionStatus(
            topics=topics, moved_waiting=waiting, moved_end=end, moved_heard=heard
        )
        return PartitionState(partition, 0.0, True, 1, said)

    assert lags((at(0, 5, 0, 5, 3), at(1, 3, 0, 5, 3))) == {"account": 0, "usage": 0}
    assert lags((at(0, 5, 1, 5, 3), at(1, 4, 0, 2, 9))) == {"account": 1 + 1 + 3, "usage": 0}


def test_units_that_wait_are_told_by_partition() -> None:
    """Of a partition whose worker says nothing it is not known."""
    held = tuple(
        PartitionState(number, 0.0, True, 1, status)
        for number, status in enumerate((PartitionStatus(deferred=7), PartitionStatus(), None))
    )
    families = service_families(FeedState(3, held, ""), Counts({}, 0), "1")
    [waits] = [family for family in families if family.name == "tidemark_deferred_units"]
    assert [(s.labels["partition"], s.value) for s in waits.samples] == [("0", 7), ("1", 0)]


def test_an_unknown_lag_is_no_sample() -> None:
    """A lag that a worker does not know yet is left out of the metrics; a known 0 is shown."""
    topics = {"survey": TopicStatus(lag=None), "usage": TopicStatus(lag=0)}
    held = PartitionState(3, 0.0, True, 1, PartitionStatus(topics=topics))
    families = service_families(FeedState(1, (held,), ""), Counts({}, 0), "1")
    [lag] = [family for family in families if family.name == "tidemark_lag_records"]
    assert [(sample.labels, sample.value) for sample in lag.samples] == [
        ({"topic": "usage", "partition": "3"}, 0)
    ]


def test_status_round_trip() -> None:
    """A status is read back as it was written."""
    said = PartitionStatus("w", 3, True, {"usage": TopicStatus(1, 2, 3)}, {"u": {"a": 1}}, 4, 0.5)
    assert decode_status(encode_status(said)) == said


@pytest.mark.parametrize("raw", [b"", b"null", b"[]", b'{"events": 3}', b"\xff"])
def test_bad_status(raw: bytes) -> None:
    """What is no status is none, and no error."""
    assert decode_status(raw) is None
