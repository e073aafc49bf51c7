"""The service's own metrics, ``tidemark_...``: how fresh figures are, and what workers do.

They are exported at all times, also while KPIs are held back: they show why.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from aggregates.shard.audit import AuditNote
from aggregates.shard.board import PartitionStatus
from exporters.feed import FeedState, PartitionState
from exporters.tally import Counts

_ACCOUNT: Final = "account"
"""Topic of the facts by which accounts are merged."""

Samples = Mapping[tuple[str, ...], float | None]
"""Values by label values; None is unknown and has no sample."""


def service_families(
    state: FeedState, counts: Counts, version: str, tables: Mapping[str, str] | None = None
) -> Iterator[Metric]:
    """Yields the families that describe the service.

    Args:
        state: What the feed holds.
        counts: Totals of what workers counted.
        version: Version of this distribution.
        tables: Further labels of the build: what figures depend on, such as ``tzdata``.
    """
    build = {"version": version, **(tables or {})}
    yield _gauge(
        "build_info",
        "Always 1; the version is a label.",
        {tuple(build.values()): 1},
        labels=tuple(build),
    )
    yield from _board(state)
    yield from _progress(state.partitions)
    yield _counter(
        "events",
        "Events by what became of them; may miss some when a partition moves.",
        counts.events,
        "outcome",
    )
    yield _counter(
        "rejected_records",
        "Records that were not folded, by why: what their events would say is in no figure.",
        counts.rejected,
        "reason",
    )
    yield _counter(
        "ignored",
        "What is well-formed and was not heeded, by why: fields that are not known, else records.",
        counts.ignored,
        "reason",
    )
    yield CounterMetricFamily(
        "tidemark_restatements",
        "Changes of what had been shown of more than a day ago, by late or corrected events.",
        value=counts.restatements,
    )
    yield from _durations(state.partitions)
    yield from _audit(state.audit)


def _gauge(
    name: str, documentation: str, samples: Samples, labels: tuple[str, ...] = ("partition",)
) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(f"tidemark_{name}", documentation, labels=labels)
    for values, value in samples.items():
        if value is not None:
            gauge.add_metric(values, value)
    return gauge


def _counter(
    name: str, documentation: str, counts: Mapping[tuple[str, str], int], by: str
) -> CounterMetricFamily:
    family = CounterMetricFamily(f"tidemark_{name}", documentation, labels=("topic", by))
    for labels, count in sorted(counts.items()):
        family.add_metric(labels, count)
    return family


def _board(state: FeedState) -> Iterator[Metric]:
    yield _gauge(
        "board_complete",
        "1 while every partition is there, ready and fresh; KPIs are left out while it is 0.",
        {(): int(state.complete)},
        labels=(),
    )
    expected, present = state.expected, len(state.partitions)
    yield _gauge("partitions_expected", "Partitions that exist.", {(): expected}, labels=())
    yield _gauge("partitions_present", "Partitions on the board.", {(): present}, labels=())
    ages: Samples = {(str(each.partition),): round(each.age_s, 3) for each in state.partitions}
    yield _gauge("board_age_seconds", "Time since a partition's worker last published.", ages)
    yield _gauge(
        "broker_age_seconds",
        "Time since Kafka last answered a partition's worker.",
        {(str(each.partition),): each.broker_age_s for each in state.partitions},
    )
    owners = Counter(p.status.owner for p in state.partitions if p.fresh and p.status is not None)
    yield _gauge(
        "partitions_owned",
        "Partitions for which a worker publishes at present.",
        {(worker,): count for worker, count in sorted(owners.items())},
        labels=("worker",),
    )


def _progress(partitions: Iterable[PartitionState]) -> Iterator[Metric]:
    yield _gauge(
        "lag_records",
        "Records behind the end of the topic's partition.",
        {(topic, name): lag for topic, name, lag in _lags(partitions)},
        labels=("topic", "partition"),
    )
    yield _gauge(
        "deferred_units",
        "Health scores and seats in use of accounts that wait to be computed anew after events.",
        {(name,): status.deferred for name, status in statuses(partitions)},
    )
    yield _gauge(
        "last_event_timestamp_seconds",
        "Latest event time seen, as a Unix time.",
        {(topic,): ms / 1000 for topic, ms in sorted(last_events_ms(partitions).items())},
        labels=("topic",),
    )


def _durations(partitions: Iterable[PartitionState]) -> Iterator[Metric]:
    told = statuses(partitions)
    yield _gauge(
        "flush_seconds",
        "Duration of a partition's last checkpoint flush.",
        {(name,): status.flush_s for name, status in told},
    )
    yield _gauge(
        "restore_seconds",
        "Duration of the restore when a worker last took the partition.",
        {(name,): status.restore_s for name, status in told},
    )


def _audit(note: AuditNote | None) -> Iterator[Metric]:
    found = {} if note is None else {str(n): each for n, each in sorted(note.partitions.items())}
    yield _gauge(
        "audit_timestamp_seconds",
        "When the board was as the last audit compared it with the log, as a Unix time.",
        {(): None if note is None else note.at_ms / 1000},
        labels=(),
    )
    yield _gauge(
        "audit_mismatch",
        "Cells, and rows of merged accounts, that the last audit found different from the log.",
        {(name,): each.mismatch for name, each in found.items()},
    )
    yield _gauge(
        "audit_cells",
        "Cells that the last audit compared.",
        {(name,): each.cells for name, each in found.items()},
    )
    yield _gauge(
        "audit_records",
        "Records of the log that the last audit read.",
        {(name,): each.records for name, each in found.items()},
    )


def statuses(partitions: Iterable[PartitionState]) -> list[tuple[str, PartitionStatus]]:
    """Returns what is told of each partition that says something, with its number."""
    return [(str(p.partition), p.status) for p in partitions if p.status is not None]


def last_events_ms(partitions: Iterable[PartitionState]) -> dict[str, int]:
    """Returns the latest event time of each topic that has had one, in ms of the epoch."""
    latest: dict[str, int] = {}
    for _, status in statuses(partitions):
        for topic, progress in status.topics.items():
            if progress.last_event_ms is not None:
                latest[topic] = max(progress.last_event_ms, latest.get(topic, 0))
    return latest


def lags(partitions: Iterable[PartitionState]) -> dict[str, int]:
    """Returns how many records each topic is behind; none where a partition does not know."""
    behind: Counter[str] = Counter()
    unknown = set()
    for topic, _, lag in _lags(partitions):
        if lag is None:
            unknown.add(topic)
        else:
            behind[topic] += lag
    return {topic: lag for topic, lag in behind.items() if topic not in unknown}


def _lags(partitions: Iterable[PartitionState]) -> Iterator[tuple[str, str, int | None]]:
    """Yields how many records each topic is behind in each partition; None if it does not know.

    Rows of merged accounts on their way from one partition to another count with the account facts:
    once nothing is behind, figures show all that was told.
    """
    ends = {p.partition: p.status.moved_end for p in partitions if p.status is not None}
    for name, status in statuses(partitions):
        heard = enumerate(status.moved_heard)
        unheard = sum(max(ends.get(number, 0) - offset, 0) for number, offset in heard)
        for topic, progress in sorted(status.topics.items()):
            lag = progress.lag
            if lag is not None and topic == _ACCOUNT:
                lag += status.moved_waiting + unheard
            yield topic, name, lag
