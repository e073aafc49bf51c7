"""Made-up families for tests of what writes them."""

from collections.abc import Sequence

import numpy as np

from exporters.series import Family, FamilyKind, Series

NONE = float("nan")


def family(name: str, *rows: tuple[dict[str, str], Sequence[float]]) -> Family:
    """Returns a family of gauges with these labels and values."""
    series = [
        Series(name, tuple(sorted(labels.items())), np.array(values, dtype=np.float64))
        for labels, values in rows
    ]
    return Family(name, f'What "{name}" counts.', FamilyKind.GAUGE, series)
