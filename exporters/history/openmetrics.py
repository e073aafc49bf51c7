"""OpenMetrics text with timestamps: families once a file, the samples of a series in order of time.

``promtool`` drops a sample that is older than its predecessor, or as old, without a word; and takes
milliseconds for seconds. So this writer refuses both.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from itertools import compress
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from exporters.history.error import HistoryError
from exporters.history.target_labels import TargetLabels, escaped
from exporters.series import MetricFamily, MetricSeries

TIME_S_MAX: Final = 10**11
"""Times from here on, the year 5138, are milliseconds that somebody took for seconds."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a file holds.

    Attributes:
        series: MetricSeries with a sample.
        samples: Samples.
        sha256: Digest of the file's bytes.
    """

    series: int
    samples: int
    sha256: str


class OpenMetricsWriter:
    """Writes families to a file; ends it with ``close``."""

    def __init__(
        self,
        file: BinaryIO,
        target_labels: TargetLabels,
        times_s: NDArray[np.int64],
        columns: NDArray[np.intp],
    ) -> None:
        """Sets where samples go and which ones.

        Args:
            file: The file.
            target_labels: Labels to add to every series.
            times_s: Times of the samples, in seconds of the epoch.
            columns: For each time, the place of its value in a series' values.

        Raises:
            HistoryError: If the times are unsorted, doubled, or no seconds.
        """
        if len(times_s) != len(columns):
            raise HistoryError(f"{len(times_s)} times for {len(columns)} values")
        if (np.diff(times_s) <= 0).any():
            raise HistoryError("times are unsorted or doubled; Prometheus would drop such samples")
        if len(times_s) and int(np.abs(times_s).max()) >= TIME_S_MAX:
            raise HistoryError("times are no seconds of the epoch")
        self._file = file
        self._target_labels = target_labels
        self._ends = [f" {time_s}\n" for time_s in times_s.tolist()]
        self._columns = columns
        self._digest = sha256()
        self._families: set[str] = set()
        self._seen: set[str] = set()
        self._samples = 0

    def write(self, families: Iterable[MetricFamily]) -> None:
        """Writes families; one without a sample is left out.

        Raises:
            HistoryError: If a family or a series comes a second time.
        """
        for family in families:
            texts = [text for series in family.series if (text := self._text(series))]
            if not texts:
                continue
            if family.name in self._families:
                raise HistoryError(f"the family {family.name} comes twice")
            self._families.add(family.name)
            self._put(f"# TYPE {family.name} {family.kind}\n")
            self._put(f"# HELP {family.name} {escaped(family.text)}\n")
            for text in texts:
                self._put(text)

    def close(self) -> Written:
        """Writes the end, without which the text is refused; returns what was written."""
        self._put("# EOF\n")
        return Written(len(self._seen), self._samples, self._digest.hexdigest())

    def _text(self, series: MetricSeries) -> str:
        """Returns a series' lines; none if it has no sample."""
        values = series.values[self._columns]
        there = np.isfinite(values)
        count = int(there.sum())
        if not count:
            return ""
        labels = self._target_labels.beside(series.labels)
        inside = ",".join(f'{name}="{escaped(value)}"' for name, value in labels)
        head = f"{series.name}{{{inside}}} "
        if head in self._seen:
            raise HistoryError(f"the series {head}comes twice")
        self._seen.add(head)
        self._samples += count
        ends = self._ends if count == len(values) else compress(self._ends, there.tolist())
        shown = values[there]
        bits = shown.view(np.int64).tolist()  # as keys they distinguish -0.0 from 0.0
        values_by_bits = dict(zip(bits, shown.tolist(), strict=True))
        starts = {key: f"{head}{value!r}" for key, value in values_by_bits.items()}
        return "".join([starts[key] + end for key, end in zip(bits, ends, strict=True)])

    def _put(self, text: str) -> None:
        encoded = text.encode()
        self._digest.update(encoded)
        self._file.write(encoded)
