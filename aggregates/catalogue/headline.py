"""The headline of a KPI: its one series where a single figure is wanted.

It is the first formula, over 30 days where there is such a window, else over the first that is not
to date: a month to date begins at nothing on its first day. There is none if it has a label, unless
the catalogue declares a single value of it: then that one is taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from aggregates.catalogue.kpi import Kpi, Labels, Variant
from aggregates.formula.expression import OverKpis
from aggregates.formula.values import LabelKey
from aggregates.time.window import TO_DATE

_MAIN: Final = "30d"


@dataclass(frozen=True, slots=True)
class Headline:
    """Names the headline series of a KPI.

    Attributes:
        window: Its window; None for a figure of the moment.
        variant: Its formula.
        key: Its label values.
    """

    window: str | None
    variant: Variant
    key: LabelKey

    @classmethod
    def of(cls, kpi: Kpi) -> "Headline | None":
        """Returns the headline of a KPI, or None if it has several series."""
        variant = kpi.variants[0]
        declared = [kpi.values.get(label, ()) for label in variant.labels]
        if isinstance(variant.formula, OverKpis) or any(len(values) != 1 for values in declared):
            return None
        window = main_window(kpi.windows) if kpi.windows else None
        return cls(window, variant, tuple(values[0] for values in declared))

    def of_only(self, kpi: Kpi) -> Kpi:
        """Returns the KPI with nothing to read but its headline, and what labels tell apart."""
        windows = (self.window,) if self.window else ()
        return replace(kpi, windows=windows, variants=(self.variant,))

    def has(self, labels: Labels) -> bool:
        """Returns whether a series of that KPI, with these labels, is the headline."""
        return set(zip(self.variant.labels, self.key, strict=True)) <= set(labels)


def main_window(windows: Sequence[str]) -> str:
    """Returns the window that is looked at first.

    >>> main_window(["month", "30d"]), main_window(["month", "365d"]), main_window(["month"])
    ('30d', '365d', 'month')
    """
    if _MAIN in windows:
        return _MAIN
    return next((window for window in windows if window not in TO_DATE), windows[0])
