"""The definition on the page of a KPI: formula, settings in force, target, and other ways to it."""

import re
import shlex
from collections.abc import Iterator
from typing import Final

from markupsafe import Markup, escape

from aggregates.catalogue.kpi import Kpi
from aggregates.catalogue.prose import kpi_in_words
from aggregates.formula.text import as_text
from aggregates.reading.by_segment import segment_labels
from aggregates.time.calendar import Calendar
from exporters.dashboards.query import matcher
from exporters.live_reading import Reading
from exporters.pages.choice import Choice
from exporters.pages.template import moment
from exporters.pages.trend import MONTH
from exporters.pages.wall import segments_of
from exporters.wording import benchmark

_CODE: Final = re.compile(r"`([^`]*)`")


def facts_of(
    kpi: Kpi, choice: Choice, reading: Reading, calendar: Calendar
) -> Iterator[tuple[str, str]]:
    """Yields name and text of what there is to know of a KPI, and how to ask others for it."""
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
    yield "PromQL", _promql(kpi, choice, reading)
    since, at = moment(calendar.days_ago(MONTH, reading.edge)), moment(reading.edge)
    words = ["tidemark", "explain", kpi.id, "SOURCE", "--since", since, "--at", at]
    words += ["--window", choice.window] if choice.window else []
    for name, value in choice.labels.items():
        words += ["--label", f"{name}={value}"]
    yield "why it moved", shlex.join(words)


def _promql(kpi: Kpi, choice: Choice, reading: Reading) -> str:
    """Returns the series that is looked at as Prometheus has it."""
    labels = {**({"window": choice.window} if choice.window else {}), **choice.labels}
    name, segment = kpi.metric, segments_of(reading).get(choice.segment)
    if segment is not None:
        name = f"cs_by_segment_{kpi.id}"
        labels |= dict(segment_labels(kpi, reading.catalogue.policy.segments, segment))
    matchers = ",".join(matcher(label, value) for label, value in labels.items())
    return f"{name}{{{matchers}}}" if matchers else name


def prose(text: str) -> Markup:
    """Returns a text with what stands between backticks as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # escaped before
