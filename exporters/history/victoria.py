"""VictoriaMetrics: history imported over HTTP, in requests of bounded size."""

import json
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from exporters.history.api import Api
from exporters.history.error import HistoryError
from exporters.history.grid import Grid
from exporters.history.identity import Identity
from exporters.series import MetricFamily

REQUEST_BYTES: Final = 4 << 20
"""Size from which a request is sent: a second's work, and little memory on either side."""


class Victoria:
    """A VictoriaMetrics server; of a cluster, an address that takes the same paths."""

    def __init__(self, api: Api, identity: Identity) -> None:
        self.url = api.url
        self._api = api
        self._identity = identity

    def holds(self, grid: Grid) -> bool:
        """Returns whether it holds samples of our series within a grid's range.

        Raises:
            HistoryError: If it cannot be asked.
        """
        return self._api.holds(self._identity.selector, grid)

    def take(self, window: Grid, families: Iterable[MetricFamily]) -> tuple[int, int]:
        """Imports the samples of a window; gives how many series and samples they were.

        Raises:
            HistoryError: If it refuses them.
        """
        series = samples = size = 0
        waiting: list[bytes] = []
        for line, count in self._lines(window, families):
            waiting.append(line)
            series, samples, size = series + 1, samples + count, size + len(line)
            if size >= REQUEST_BYTES:
                self._send(waiting)
                waiting, size = [], 0
        if waiting:
            self._send(waiting)
        return series, samples

    def samples(self, window: Grid) -> int:
        """Counts our samples in a window.

        Raises:
            HistoryError: If it cannot be asked.
        """
        length_s = window.last_s - window.first_s + 1
        selector = self._identity.selector
        return self._api.value(f"sum(count_over_time({selector}[{length_s}s]))", window.last_s)

    def _send(self, lines: list[bytes]) -> None:
        self._api.ask("/api/v1/import", b"".join(lines))

    def _lines(self, window: Grid, families: Iterable[MetricFamily]) -> Iterator[tuple[bytes, int]]:
        """Yields each series as a line of JSON, and how many samples it holds.

        Raises:
            HistoryError: If a series comes twice: its second samples would lie beside the first.
        """
        _, columns = window.readings()
        times_ms = window.times() * 1_000
        seen: set[tuple[str, tuple[tuple[str, str], ...]]] = set()
        for family in families:
            for series in family.series:
                values = series.values[columns]
                there = np.isfinite(values)
                if not there.any():
                    continue
                labels = tuple(sorted((*series.labels, *self._identity.labels)))
                if (series.name, labels) in seen:
                    raise HistoryError(f"the series {series.name}{dict(labels)} comes twice")
                seen.add((series.name, labels))
                line = {
                    "metric": {"__name__": series.name, **dict(labels)},
                    "values": values[there].tolist(),
                    "timestamps": times_ms[there].tolist(),
                }
                yield json.dumps(line, separators=(",", ":")).encode() + b"\n", int(there.sum())
