"""Figures as the API has them: with the same labels and numbers as a line of ``replay``."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from aggregates.reading.sample import Sample
from exporters.api.table import Cell, labels_text

VALUE: Final = Meta(
    description="In the unit of the KPI: major units of money, seconds, or counts; a ratio is 1 "
    "for 100 %."
)

HEADS: Final = ("labels", "value", "numerator", "denominator")


class Figure(Struct, omit_defaults=True):
    """The value of one series at one time; one without a value is left out."""

    labels: Annotated[dict[str, str], Meta(description="Labels, those of the segment included.")]
    value: Annotated[float, VALUE]
    numerator: Annotated[
        float | UnsetType, Meta(description="What was divided, if it is a quotient or a mean.")
    ] = UNSET
    denominator: Annotated[float | UnsetType, Meta(description="What it was divided by.")] = UNSET

    @classmethod
    def of(cls, sample: Sample) -> "Figure":
        """Returns a sample as a figure."""
        above, below = sample.numerator, sample.denominator
        return cls(
            dict(sample.every_label),
            sample.value,
            UNSET if above is None else above,
            UNSET if below is None else below,
        )


def rows_of(figures: Iterable[Figure]) -> Iterator[tuple[Cell, ...]]:
    """Yields the cells of figures, under ``HEADS``."""
    for each in figures:
        parts = (None if part is UNSET else part for part in (each.numerator, each.denominator))
        yield (labels_text(each.labels), each.value, *parts)
