"""The page of a KPI: its figure now, its course, its series and segments, and what it means."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import isfinite, nan
from typing import Any, Final
from urllib.parse import urlencode

from markupsafe import Markup, escape

from aggregates.catalogue.kpi import Kpi, KpiUnit
from aggregates.catalogue.prose import kpi_in_words
from aggregates.formula.text import as_text
from aggregates.reading.reader import Reader
from aggregates.time.tile import TILES_A_DAY
from exporters.live_reading import Reading
from exporters.pages.course import Choice, Course, choice_of, course_of, series_of
from exporters.pages.plot import TIME_STEPS, Scale, path
from exporters.pages.template import moment, template
from exporters.pages.trend import MONTH, WEEK
from exporters.wording import benchmark, change, figure, window_title

ROWS_MAX: Final = 50
"""Series and segments that are listed."""

_WIDTH, _HEIGHT = 960, 300
_LEFT, _TOP, _RIGHT, _BOTTOM = 90, 12, 16, 28
_TIMES: Final = 5

_CODE: Final = re.compile(r"`([^`]*)`")


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
            asked: The query: ``window``, ``days`` and labels of the series to look at.
            reading: What is known now.
            reader: Of the ledger, which is read only if the reading has figures.
        """
        told: dict[str, Any] = dict.fromkeys(("course", "plot", "others", "segments"))
        choice = choice_of(kpi, asked, reading)
        if reading.figures is not None:
            course = course_of(reader, reading, kpi, choice)
            if course is not None:
                told["course"] = _course(kpi, choice, course, reading, reader)
                told["plot"] = _plot(kpi, choice, course, reading.currency)
            told["others"] = _others(kpi, choice, reading)
            told["segments"] = list(_segments(kpi, choice, reading))
        why = f"/kpis/{kpi.id}/why?{urlencode(choice.query)}" if self._has_why else ""
        return self._template.render(
            kpi=kpi,
            why=why,
            description=_prose(kpi.description),
            family=reading.catalogue.families[kpi.family],
            version=self._version,
            stale="" if reading.state.complete else reading.state.reason,
            series=choice.title,
            heading=choice.heading,
            spans=choice.spans,
            facts=list(_facts(kpi, choice, reading)),
            **told,
        )


def course_csv(kpi: Kpi, asked: Mapping[str, str], reading: Reading, reader: Reader) -> str:
    """Returns the course of a series as CSV: time and value, in the KPI's unit; none is empty."""
    lines = ["time,value\n"]
    if reading.figures is not None:
        course = course_of(reader, reading, kpi, choice_of(kpi, asked, reading))
        if course is not None:
            for edge, value in zip(course.edges, course.values, strict=True):
                lines.append(
                    f"{moment(edge)},{value!r}\n" if isfinite(value) else f"{moment(edge)},\n"
                )
    return "".join(lines)


def _course(
    kpi: Kpi, choice: Choice, course: Course, reading: Reading, reader: Reader
) -> dict[str, Any]:
    currency, value = reading.currency, course.values[-1]
    told: dict[str, Any] = {"now": figure(value, kpi.unit, currency), "target": None}
    month = replace(choice, span="30")
    near = course if choice.is_daily else course_of(reader, reading, kpi, month)
    told["changes"] = [
        (name, change(value - (near.values[-1 - days] if near else nan), kpi.unit, currency))
        for name, days in (("In a week", WEEK), ("In 30 days", MONTH))
    ]
    result = course.result
    told["parts"] = []
    if result.numerator is not None and result.denominator is not None:
        sides = (("Numerator", result.numerator), ("Denominator", result.denominator))
        told["parts"] = [(name, f"{side[-1]:,.12g}") for name, side in sides]
    if kpi.targets and isfinite(value):
        target = kpi.targets[0]
        met = target.met(value)
        text = f"{benchmark(target, kpi.unit, currency)} {'met' if met else 'missed'}"
        told["target"] = {"text": text, "state": "met" if met else "missed"}
    told["csv"] = f"/kpis/{kpi.id}.csv?{urlencode(choice.query)}"
    rows = zip(course.edges, course.values, strict=True)
    told["rows"] = [(moment(e), figure(v, kpi.unit, currency)) for e, v in reversed(list(rows))]
    return told


def _plot(kpi: Kpi, choice: Choice, course: Course, currency: str) -> dict[str, Any]:
    steps = TIME_STEPS if kpi.unit is KpiUnit.SECONDS else None
    scale = Scale.of([*course.values, *course.before], steps)
    width, height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    ticks = [
        {
            "y": round(_TOP + height * (1 - (tick - scale.low) / (scale.high - scale.low)), 1),
            "text": figure(tick, kpi.unit, currency),
        }
        for tick in scale.ticks
    ]
    places = [round(n * (len(course.edges) - 1) / (_TIMES - 1)) for n in range(_TIMES)]
    anchors = ["start", *["middle"] * (_TIMES - 2), "end"]
    times = [
        {
            "x": round(_LEFT + width * place / (len(course.edges) - 1), 1),
            "text": moment(course.edges[place])[:10],
            "anchor": anchor,
        }
        for place, anchor in zip(places, anchors, strict=True)
    ]
    return {
        "width": _WIDTH,
        "height": _HEIGHT,
        "left": _LEFT,
        "right": _WIDTH - _RIGHT,
        "top": _TOP,
        "ticks": ticks,
        "times": times,
        "line": path(course.values, scale, width, height),
        "before": path(course.before, scale, width, height),
        "days": choice.days,
        "title": f"{kpi.title}, {choice.title}, the last {choice.days} days",
    }


def _others(kpi: Kpi, choice: Choice, reading: Reading) -> dict[str, Any] | None:
    """Returns all series as a table; None if there is only one."""
    results = series_of(kpi, reading)
    if len(results) < 2:
        return None
    rows: dict[tuple[tuple[str, str], ...], dict[str, Any]] = {}
    for result in results:
        labels = dict(result.labels)
        own = tuple((name, value) for name, value in result.labels if name in kpi.own_labels)
        other = Choice(labels.get("window"), dict(own), choice.span)
        rows.setdefault(own, {})[labels.get("window", "")] = {
            "href": f"?{urlencode(other.query)}",
            "text": figure(float(result.values[-1]), kpi.unit, reading.currency),
            "current": choice.fits(result),
        }
    windows = kpi.windows or ("",)
    return {
        "corner": ", ".join(kpi.own_labels),
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


def _facts(kpi: Kpi, choice: Choice, reading: Reading) -> Iterator[tuple[str, str]]:
    yield "formula", kpi.formula_text
    yield "in words", kpi_in_words(kpi)
    yield "unit", str(kpi.unit)
    for target in kpi.targets:
        yield f"target {target.name}", benchmark(target, kpi.unit, reading.currency)
    if kpi.acceptable is not None:
        yield "alert", f"unless {benchmark(kpi.acceptable, kpi.unit, reading.currency)}"
    if kpi.movements:
        yield "changes by", "; ".join(f"{name}: {as_text(f)}" for name, f in kpi.movements)
    policy = reading.catalogue.policy.model_dump(mode="json")
    for name in reading.catalogue.settings_of(kpi):
        yield f"setting {name}", str(policy[name])
    yield "events", kpi.source
    labels = {**({"window": choice.window} if choice.window else {}), **choice.labels}
    matchers = ",".join(f'{name}="{value}"' for name, value in labels.items())
    yield "PromQL", f"{kpi.metric}{{{matchers}}}" if matchers else kpi.metric
    since, at = moment(reading.edge - MONTH * TILES_A_DAY), moment(reading.edge)
    words = ["tidemark", "explain", kpi.id, "SOURCE", "--since", since, "--at", at]
    words += ["--window", choice.window] if choice.window else []
    for name, value in choice.labels.items():
        words += ["--label", f"{name}={value}"]
    yield "why it moved", shlex.join(words)


def _prose(text: str) -> Markup:
    """Returns a text with what stands between backticks as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # escaped before
