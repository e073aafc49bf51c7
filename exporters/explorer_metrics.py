"""The metrics of an explorer: ``tidemark_explorer_...``, none of which an exporter has.

An explorer shows the figures that exporters show. Were it to expose them too, whoever adds up would
have them twice; so its ``/metrics`` are about itself.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from exporters.live_reading import Reading
from exporters.service_metrics import statuses

_PLACE: Final = ("topic", "partition")

Samples = Mapping[tuple[str, ...], float | None]
"""Values by label values; None is unknown and has no sample."""


@dataclass(frozen=True, slots=True)
class Following:
    """How far an explorer has read.

    Attributes:
        unread: Records of a changelog that it has not read, by topic and partition.
        stored_ms: When the last checkpoint was written that it shows, in ms of the epoch, by topic
            and partition; None where that is unknown.
        rows: Rows that it holds, by topic.
        restore_s: How long its start took; None before it is done.
    """

    unread: Samples
    stored_ms: Samples
    rows: Mapping[str, int]
    restore_s: float | None


class ExplorerMetrics:
    """Yields the families of an explorer."""

    def __init__(
        self,
        following: Callable[[], Following],
        build: Mapping[str, str],
        others: Sequence[Collector] = (),
    ) -> None:
        """Takes what they are of.

        Args:
            following: Returns how far the explorer has read.
            build: Labels of the build, such as ``version``.
            others: Further collectors to include, such as the process's.
        """
        self._following = following
        self._build = build
        self._others = others

    def families(self, reading: Reading) -> Iterator[Metric]:
        """Yields the families at a reading."""
        following, state = self._following(), reading.state
        yield _gauge("build_info", "Always 1.", {tuple(self._build.values()): 1}, *self._build)
        yield _gauge(
            "ready",
            "1 while all partitions are whole and Kafka answers; pages show no figures while not.",
            {(): int(state.complete)},
        )
        yield _gauge(
            "unread_records",
            "Records of a changelog that are not read yet.",
            following.unread,
            *_PLACE,
        )
        yield _gauge(
            "lag_records",
            "Records of a topic whose events are in nothing that is shown: what workers have not "
            "stored yet, and what of that is not read.",
            {
                (topic, name): progress.lag
                for name, status in statuses(state.partitions)
                for topic, progress in status.topics.items()
            },
            *_PLACE,
        )
        yield _gauge(
            "deferred_units",
            "Health scores and seats in use of accounts that wait to be computed anew.",
            {(name,): status.deferred for name, status in statuses(state.partitions)},
            "partition",
        )
        yield _gauge(
            "checkpoint_timestamp_seconds",
            "When a worker wrote the last checkpoint that is shown, as a Unix time.",
            {at: None if ms is None else ms / 1000 for at, ms in following.stored_ms.items()},
            *_PLACE,
        )
        rows: Samples = {(topic,): count for topic, count in following.rows.items()}
        yield _gauge("rows", "Rows that are held.", rows, "topic")
        yield _gauge("restore_seconds", "How long the start took.", {(): following.restore_s})
        for other in self._others:
            yield from other.collect()


def _gauge(name: str, documentation: str, samples: Samples, *labels: str) -> GaugeMetricFamily:
    gauge = GaugeMetricFamily(f"tidemark_explorer_{name}", documentation, labels=labels)
    for values, value in samples.items():
        if value is not None:
            gauge.add_metric(values, value)
    return gauge
