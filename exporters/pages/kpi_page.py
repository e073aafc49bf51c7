"""The page of a KPI: its figure now, its course, its series and segments, and what it means."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import isfinite
from typing import Any, Final

from aggregates.catalogue.headline import Headline
from aggregates.catalogue.kpi import Kpi, family_title
from aggregates.reading.reader import Reader
from exporters.live_reading import Reading
from exporters.pages.amount import NO_VALUE, exactly
from exporters.pages.chart import LARGE, chart
from exporters.pages.choice import POINTS, Choice, choice_of, left_out, series_of
from exporters.pages.course import Course, changes_of, course_of, courses_by_segment, whole_of
from exporters.pages.course_csv import parts_of
from exporters.pages.definition import facts_of, prose
from exporters.pages.template import moment, template
from exporters.pages.tile import latest_in_words
from exporters.pages.trend import MONTH, WEEK
from exporters.pages.view import View
from exporters.pages.wall import segments_of
from exporters.wording import benchmark, change, figure, window_title

ROWS_MAX: Final = 50
"""Series and segments that are listed."""


class KpiPage:
    """Renders a KPI."""

    def __init__(self, version: str, *, has_why: bool = False) -> None:
        """Takes the version of this distribution, and whether there are pages of accounts."""
        self._version = version
        self._has_why = has_why
        self._template = template("kpi.html")

    def render(self, kpi: Kpi, asked: Mapping[str, str], reading: Reading, reader: Reader) -> str:
        """Returns the page of a KPI.

        Args:
            kpi: The KPI.
            asked: The query: ``window``, labels and ``segment`` of the series to look at; ``days``,
                or ``from`` and ``to``, and ``points`` of its course.
            reading: What is known now.
            reader: Of the ledger, which is read only if the reading has figures.
        """
        told: dict[str, Any] = dict.fromkeys(("course", "charts", "others", "segments", "chosen"))
        choice = choice_of(kpi, asked, reading)
        if reading.figures is not None:
            course = course_of(reader, reading, kpi, choice)
            if course is not None:
                told["course"] = _course(kpi, choice, course, reading, reader)
                told["charts"] = _charts(kpi, choice, course, reading, reader)
                told["chosen"] = _chosen(choice, course, reading)
            told["others"] = _others(kpi, choice, reading)
            told["segments"] = list(_segments(kpi, choice, reading))
        why = f"/kpis/{kpi.id}/why?{choice.address}" if self._has_why else ""
        return self._template.render(
            kpi=kpi,
            why=why,
            index=View(choice.window or "", choice.segment).address if choice.segment else "",
            description=prose(kpi.description),
            family=reading.catalogue.families[kpi.family],
            family_title=family_title(kpi.family),
            version=self._version,
            left_out=left_out(asked, reading),
            stale="" if reading.state.complete else reading.state.reason,
            series=choice.title,
            time=choice.time,
            heading=choice.heading,
            spans=choice.spans,
            facts=list(facts_of(kpi, choice, reading, reader.calendar)),
            **told,
        )


def _course(
    kpi: Kpi, choice: Choice, course: Course, reading: Reading, reader: Reader
) -> dict[str, Any]:
    currency = reading.currency
    now = next(r for r in series_of(kpi, reading, choice.segment) if choice.fits(r))
    value = float(now.values[-1])
    told: dict[str, Any] = {
        "now": figure(value, kpi.unit, currency),
        "exact": exactly(value, kpi.unit, currency) if isfinite(value) else NO_VALUE,
        "target": None,
        "running": "",
        "changes": [
            (name, change(moved, kpi.unit, currency))
            for name, moved in zip(
                ("In a week", "In 30 days"),
                changes_of(reader, reading, kpi, choice, (WEEK, MONTH)),
                strict=True,
            )
        ],
        "csv": f"/kpis/{kpi.id}.csv?{choice.address}",
        "parts": [],
    }
    if now.numerator is not None and now.denominator is not None:
        sides = (("Numerator", now.numerator), ("Denominator", now.denominator))
        told["parts"] = [(name, f"{side[-1]:,.12g}") for name, side in sides]
    whole = whole_of(reader, reading, kpi, choice)
    if whole is not None:
        told["running"], told["latest"] = f"running {whole[0]}", latest_in_words(whole[0])
        told["whole"] = figure(whole[1], kpi.unit, currency)
    judged = value if whole is None else whole[1]
    if kpi.targets and isfinite(judged) and _is_usual(kpi, choice):
        target = kpi.targets[0]
        state = "met" if target.met(judged) else "missed"
        text = f"{benchmark(target, kpi.unit, currency)} {state}"
        told["target"] = {"text": text, "state": state}
    rows = zip(course.edges, course.values, course.before, strict=True)
    told["rows"] = [
        (moment(edge), *(figure(each, kpi.unit, currency) for each in both))
        for edge, *both in reversed(list(rows))
    ]
    return told


def _is_usual(kpi: Kpi, choice: Choice) -> bool:
    """Returns whether the series that is looked at is the one that targets and alerts are about."""
    headline = Headline.of(kpi)
    if headline is None:
        return False
    variant = choice.labels.get(kpi.variant_label or "")
    return (choice.window, variant) == (headline.window, headline.variant.value)


def _charts(
    kpi: Kpi, choice: Choice, course: Course, reading: Reading, reader: Reader
) -> dict[str, Any]:
    currency = reading.currency
    title = f"{kpi.title}, {choice.title}, {choice.time}"
    main = chart(
        title,
        kpi.unit,
        currency,
        course,
        course.values,
        before=course.before,
        size=LARGE,
        kpi=kpi if _is_usual(kpi, choice) else None,
    )
    parts = [
        chart(name.capitalize(), unit, currency, course, values)
        for name, unit, values in parts_of(course)
    ]
    courses = courses_by_segment(reader, reading, kpi, choice)
    alike = [value for values in courses.values() for value in values]
    segments = [
        {
            **chart(name, kpi.unit, currency, course, values, alike=alike),
            "href": f"?{replace(choice, segment=name).address}",
        }
        for name, values in courses.items()
    ]
    return {"main": main, "parts": parts, "segments": segments}


def _chosen(choice: Choice, course: Course, reading: Reading) -> dict[str, Any]:
    """Returns what the form has: what is shown now, and what may be chosen."""
    series = choice.series
    series.pop("segment", "")
    names = segments_of(reading)
    segments = [{"value": "", "text": "all accounts", "chosen": not choice.segment}]
    segments += [{"value": n, "text": n, "chosen": n == choice.segment} for n in names]
    return {
        "hidden": list(series.items()),
        "since": choice.since or moment(course.edges[0])[:10],
        "until": choice.until or "",
        "points": [
            {"value": each, "text": each, "chosen": each == course.points} for each in POINTS
        ],
        "segments": segments if names else [],
    }


def _others(kpi: Kpi, choice: Choice, reading: Reading) -> dict[str, Any] | None:
    """Returns all series as a table; None if there is only one."""
    results = series_of(kpi, reading, choice.segment)
    if len(results) < 2:
        return None
    rows: dict[tuple[tuple[str, str], ...], dict[str, Any]] = {}
    for result in results:
        labels = dict(result.labels)
        own = tuple((name, value) for name, value in result.labels if name in kpi.own_labels)
        other = replace(choice, window=labels.get("window"), labels=dict(own))
        rows.setdefault(own, {})[labels.get("window", "")] = {
            "href": f"?{other.address}",
            "text": figure(float(result.values[-1]), kpi.unit, reading.currency),
            "current": choice.fits(result),
        }
    windows = kpi.windows or ("",)
    return {
        "corner": ", ".join(kpi.own_labels) or "figure",
        "windows": [window_title(window) if window else "now" for window in windows],
        "rows": [
            {
                "name": ", ".join(value or "(none)" for _, value in own) or kpi.title,
                "cells": [cells.get(window) for window in windows],
            }
            for own, cells in list(rows.items())[:ROWS_MAX]
        ],
        "more": max(len(rows) - ROWS_MAX, 0),
    }


def _segments(kpi: Kpi, choice: Choice, reading: Reading) -> Iterator[tuple[str, str]]:
    if reading.figures is None:
        return
    by_segment = reading.figures.by_segment
    if len(by_segment.columns) < 2:
        return
    for segment, results in list(by_segment.segments.items())[:ROWS_MAX]:
        for result in results:
            if result.kpi.id == kpi.id and choice.fits(result):
                value = figure(float(result.values[-1]), kpi.unit, reading.currency)
                yield ", ".join(segment), value
