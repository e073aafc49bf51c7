"""Made-up families for tests of what writes them."""

from collections.abc import Sequence

import numpy as np

from exporters.series import MetricFamily, MetricKind, MetricSeries

NONE = float("nan")


def family(name: str, *rows: tuple[dict[str, str], Sequence[float]]) -> MetricFamily:
    """Returns a family of gauges with these labels and values."""
    series = [
        MetricSeries(name, tuple(sorted(labels.items())), np.array(values, dtype=np.float64))
        for labels, values in rows
    ]
    return MetricFamily(name, f'What "{name}" counts.', MetricKind.GAUGE, series)
