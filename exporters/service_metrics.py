"""The service's own metrics, ``tidemark_...``: how fresh figures are, and what workers do.

They are exported at all times, also while KPIs are held back: they are what tells why.
"""

from collections import Counter
from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from exporters.feed import FeedState, PartitionState
from exporters.live_reading import Counts


def service_families(state: FeedState, counts: Counts, version: str) -> Iterator[Metric]:
    """Yields the families that describe the service.

    Args:
        state: What the feed holds.
        counts: Totals of what workers counted.
        version: Version of this distribution.
    """
    build = GaugeMetricFamily(
        "tidemark_build_info", "Always 1; the version is a label.", labels=("version",)
    )
    build.add_metric((version,), 1)
    yield build
    yield from _board(state)
    yield from _progress(state.partitions)
    yield from _counters(counts)
    yield from _durations(state.partitions)


def _board(state: FeedState) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "tidemark_board_complete",
        "1 while every partition is there, ready and fresh; KPIs are left out while it is 0.",
        value=int(state.complete),
    )
    yield GaugeMetricFamily(
        "tidemark_partitions_expected", "Partitions that exist.", value=state.expected
    )
    yield GaugeMetricFamily(
        "tidemark_partitions_present", "Partitions on the board.", value=len(state.partitions)
    )
    age = GaugeMetricFamily(
        "tidemark_board_age_seconds",
        "Time since a partition's worker last published.",
        labels=("partition",),
    )
    for partition in state.partitions:
        age.add_metric((str(partition.partition),), round(partition.age_s, 3))
    yield age
    owned = GaugeMetricFamily(
        "tidemark_partitions_owned",
        "Partitions for which a worker publishes at present.",
        labels=("worker",),
    )
    owners = Counter(p.status.owner for p in state.partitions if p.fresh and p.status is not None)
    for worker, count in sorted(owners.items()):
        owned.add_metric((worker,), count)
    yield owned


def _progress(partitions: tuple[PartitionState, ...]) -> Iterator[Metric]:
    lag = GaugeMetricFamily(
        "tidemark_lag_records",
        "Records behind the end of the topic's partition.",
        labels=("topic", "partition"),
    )
    last = GaugeMetricFamily(
        "tidemark_last_event_timestamp_seconds",
        "Latest event time seen, as a Unix time.",
        labels=("topic",),
    )
    for partition in partitions:
        if partition.status is not None:
            for topic, progress in sorted(partition.status.topics.items()):
                lag.add_metric((topic, str(partition.partition)), progress.lag)
    for topic, event_ms in sorted(last_events_ms(partitions).items()):
        last.add_metric((topic,), event_ms / 1000)
    yield lag
    yield last


def last_events_ms(partitions: tuple[PartitionState, ...]) -> dict[str, int]:
    """Returns the latest event time of each topic that has had one, in ms of the epoch."""
    latest: dict[str, int] = {}
    for partition in partitions:
        if partition.status is None:
            continue
        for topic, progress in partition.status.topics.items():
            if progress.last_event_ms is not None:
                latest[topic] = max(progress.last_event_ms, latest.get(topic, 0))
    return latest


def lags(partitions: tuple[PartitionState, ...]) -> dict[str, int]:
    """Returns the records that each topic is behind, over all partitions."""
    behind: Counter[str] = Counter()
    for partition in partitions:
        if partition.status is not None:
            behind.update({topic: p.lag for topic, p in partition.status.topics.items()})
    return dict(behind)


def _counters(counts: Counts) -> Iterator[Metric]:
    events = CounterMetricFamily(
        "tidemark_events",
        "Events by what became of them; may miss some when a partition moves.",
        labels=("topic", "outcome"),
    )
    for (topic, outcome), count in sorted(counts.events.items()):
        events.add_metric((topic, outcome), count)
    yield events
    yield CounterMetricFamily(
        "tidemark_restatements",
        "Rows restated by late, corrected or retracted events.",
        value=counts.restatements,
    )


def _durations(partitions: tuple[PartitionState, ...]) -> Iterator[Metric]:
    flush = GaugeMetricFamily(
        "tidemark_flush_seconds",
        "Duration of a partition's last checkpoint flush.",
        labels=("partition",),
    )
    restore = GaugeMetricFamily(
        "tidemark_restore_seconds",
        "Duration of the restore when a worker last took the partition.",
        labels=("partition",),
    )
    for partition in partitions:
        name = (str(partition.partition),)
        if partition.status is not None and partition.status.flush_s is not None:
            flush.add_metric(name, partition.status.flush_s)
        if partition.status is not None and partition.status.restore_s is not None:
            restore.add_metric(name, partition.status.restore_s)
    yield flush
    yield restore
