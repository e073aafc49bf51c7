"""VictoriaMetrics: a server that also takes history, over HTTP."""

import json
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np
from typing_extensions import override

from exporters.history.error import HistoryError
from exporters.history.servers import MetricsServer, span_text
from exporters.history.target_labels import Labels, TargetLabels
from exporters.history.time_range import TimeRange
from exporters.series import MetricFamily

REQUEST_BYTES: Final = 4 << 20
"""Size from which a request is sent: a second's work, and little memory on either side."""


class VictoriaMetrics(MetricsServer):
    """A VictoriaMetrics server; of a cluster, an address that takes the same paths."""

    @override
    def samples(self, target_labels: TargetLabels, window: TimeRange) -> int:
        span = span_text(window.first_s, window.last_s)
        selector = target_labels.selector
        return self._number(f"sum(count_over_time({selector}[{span}]))", window.last_s)

    def take(
        self, target_labels: TargetLabels, window: TimeRange, families: Iterable[MetricFamily]
    ) -> tuple[int, int]:
        """Imports the samples of a window, in requests of bounded size.

        Returns:
            How many series and how many samples they were.

        Raises:
            HistoryError: If it refuses them.
        """
        series = samples = size = 0
        waiting: list[bytes] = []
        for line, count in self._lines(target_labels, window, families):
            waiting.append(line)
            series, samples, size = series + 1, samples + count, size + len(line)
            if size >= REQUEST_BYTES:
                self._ask("/api/v1/import", b"".join(waiting))
                waiting, size = [], 0
        if waiting:
            self._ask("/api/v1/import", b"".join(waiting))
        return series, samples

    def _lines(
        self, target_labels: TargetLabels, window: TimeRange, families: Iterable[MetricFamily]
    ) -> Iterator[tuple[bytes, int]]:
        """Yields each series as a line of JSON, and how many samples it holds.

        Raises:
            HistoryError: If a series comes twice: it would have two samples at each time.
        """
        _, columns = window.readings()
        times_ms = window.times() * 1_000
        seen: set[tuple[str, Labels]] = set()
        for family in families:
            for series in family.series:
                values = series.values[columns]
                there = np.isfinite(values)
                if not there.any():
                    continue
                labels = target_labels.beside(series.labels)
                if (series.name, labels) in seen:
                    raise HistoryError(f"the series {series.name}{dict(labels)} comes twice")
                seen.add((series.name, labels))
                line = {
                    "metric": {"__name__": series.name, **dict(labels)},
                    "values": values[there].tolist(),
                    "timestamps": times_ms[there].tolist(),
                }
                yield json.dumps(line, separators=(",", ":")).encode() + b"\n", int(there.sum())
