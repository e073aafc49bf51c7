"""The course of a KPI as CSV: exactly what its page draws."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from math import isfinite

from aggregates.catalogue.kpi import Kpi, KpiUnit
from aggregates.formula.dimension import MICROS_A_UNIT, MS_A_SECOND
from aggregates.reading.reader import Reader
from exporters.live_reading import Reading
from exporters.pages.choice import choice_of
from exporters.pages.course import Course, course_of, courses_by_segment
from exporters.pages.template import moment


def course_csv(kpi: Kpi, asked: Mapping[str, str], reading: Reading, reader: Reader) -> str:
    """Returns what the page of a KPI draws as CSV, in the KPI's unit; what has no value is empty.

    A row is a time, the value, that of the time before, numerator and denominator where there are,
    and the value of each segment that is drawn.
    """
    columns: dict[str, Sequence[object]] = {"time": (), "value": ()}
    if reading.figures is not None:
        choice = choice_of(kpi, asked, reading)
        course = course_of(reader, reading, kpi, choice)
        if course is not None:
            columns = {"time": [moment(edge) for edge in course.edges], "value": course.values}
            columns["before"] = course.before
            columns |= {name: values for name, _, values in parts_of(course)}
            for name, values in courses_by_segment(reader, reading, kpi, choice).items():
                columns[f"segment {name}"] = values
    out = StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        rows.writerow([_cell(value) for value in row])
    return out.getvalue()


def _cell(value: object) -> object:
    """Returns a value as CSV has it: exact, or nothing where there is none."""
    if isinstance(value, float):
        return repr(value) if isfinite(value) else ""
    return value


def parts_of(course: Course) -> Iterator[tuple[str, KpiUnit, Sequence[float]]]:
    """Yields name, unit and values of what was divided, if anything was."""
    result = course.result
    parts = result.kpi.variants[0].parts
    if result.numerator is None or result.denominator is None or parts is None:
        return
    sides = zip(("numerator", "denominator"), parts, strict=True)
    for (name, dimension), values in zip(
        sides, (result.numerator, result.denominator), strict=True
    ):
        unit = {MICROS_A_UNIT: KpiUnit.MONEY, MS_A_SECOND: KpiUnit.SECONDS}.get(
            int(dimension.scale), KpiUnit.COUNT
        )
        yield name, unit, values.tolist()
