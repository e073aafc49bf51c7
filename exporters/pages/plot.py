"""Plots: lines of values over time as SVG paths, with gaps where there is no value."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import floor, isfinite, log10
from typing import Final

_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_TICKS: Final = 4

TIME_STEPS: Final = (
    *(1.0, 5.0, 15.0, 30.0),
    *(60.0 * minutes for minutes in (1, 5, 15, 30)),
    *(3_600.0 * hours for hours in (1, 2, 4, 6, 12)),
    *(86_400.0 * days for days in (1, 2, 5, 10, 20, 50, 100)),
)
"""Round distances of durations, in seconds."""

SPARK_HEIGHT: Final = 100
"""Steps between the least and the largest value of a small plot: more than it has pixels."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The values that a plot goes over, from a round one to a round one.

    Attributes:
        low: The lowest.
        high: The highest, above it.
        step: Distance of the lines of its grid.
    """

    low: float
    high: float
    step: float

    @classmethod
    def of(cls, values: Iterable[float], steps: Sequence[float] | None = None) -> "Scale":
        """Returns a scale that holds values and 0.

        Args:
            values: The values; those that are none are left out.
            steps: Round distances of lines, ascending; by default those of decimal numbers.

        >>> Scale.of([3.0, 71.0])
        Scale(low=0.0, high=80.0, step=20.0)
        >>> Scale.of([])
        Scale(low=0.0, high=1.0, step=0.25)
        """
        known = [0.0, *filter(isfinite, values)]
        low, high = min(known), max(known)
        if high <= low:
            high = low + 1.0
        rough = (high - low) / _TICKS * (1 - 1e-9)
        size = 10.0 ** floor(log10(rough))
        decimal = [size * each for each in _STEPS]
        step = next((each for each in [*(steps or ()), *decimal] if each >= rough), decimal[-1])
        return cls(floor(low / step) * step, -floor(-high / step) * step, step)

    @property
    def ticks(self) -> list[float]:
        """The values of the lines of its grid, ascending."""
        count = round((self.high - self.low) / self.step)
        return [self.low + number * self.step for number in range(count + 1)]


def path(values: Sequence[float], scale: Scale, width: float, height: float) -> str:
    """Returns the line of values, spread evenly over a width, as SVG has it.

    >>> path([0.0, float("nan"), 1.0, 0.5], Scale(0.0, 1.0, 0.5), 30, 10)
    'M0 10h0M20 0L30 5'
    """
    across = width / max(len(values) - 1, 1)
    parts = []
    for run in _runs(values):
        points = [
            f"{_short(place * across)} {_short(height - height * _share(value, scale))}"
            for place, value in run
        ]
        parts.append(f"M{points[0]}" + ("L" + " ".join(points[1:]) if points[1:] else "h0"))
    return "".join(parts)


def sparkline(values: Sequence[float]) -> str:
    """Returns the line of a small plot without axes, from its least value to its largest."""
    known = [value for value in values if isfinite(value)]
    low, high = min(known, default=0.0), max(known, default=0.0)
    scale = SPARK_HEIGHT / (high - low) if high > low else 0.0
    base = SPARK_HEIGHT if high > low else SPARK_HEIGHT // 2
    line = "".join(
        f"M{run[0][0]} {base - round(scale * (run[0][1] - low))}"
        + ("".join([f"L{x} {base - round(scale * (y - low))}" for x, y in run[1:]]) or "h0")
        for run in _runs(values)
    )
    return (
        f'<svg class="spark" viewBox="0 -2 {max(len(values) - 1, 1)} {SPARK_HEIGHT + 4}" '
        f'aria-hidden="true" preserveAspectRatio="none"><path d="{line}"/></svg>'
    )


def _runs(values: Sequence[float]) -> Iterator[list[tuple[int, float]]]:
    """Yields the values that stand side by side, with their places."""
    run: list[tuple[int, float]] = []
    for place, value in enumerate(values):
        if isfinite(value):
            run.append((place, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _share(value: float, scale: Scale) -> float:
    return (value - scale.low) / (scale.high - scale.low)


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0").replace("-0", "0") if number else "0"
