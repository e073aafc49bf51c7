"""The index page: every KPI at this moment, as plain HTML without scripts or foreign parts."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from html import escape
from typing import Final

from aggregates.catalogue.catalogue import Catalogue
from aggregates.catalogue.kpi import family_title
from aggregates.reading.reader import Result
from aggregates.reading.segment_notes import in_words, noted_attributes
from aggregates.time.tile import edge_ms
from exporters.figures import Figures
from exporters.live_reading import Reading
from exporters.pages.card import card
from exporters.pages.quality import quality
from exporters.pages.style import STYLE
from exporters.pages.trend import Trend
from exporters.quantity import duration, number
from exporters.service_metrics import lags, last_events_ms

REFRESH_S: Final = 15
"""Time after which a browser loads the page again: a common scrape interval."""

MS_A_SECOND: Final = 1_000


class Page:
    """Renders readings."""

    def __init__(self, version: str, refresh_s: int = REFRESH_S) -> None:
        self._version = version
        self._refresh_s = refresh_s

    def render(self, reading: Reading, trends: Mapping[str, Trend]) -> str:
        """Renders a reading; a stale one shows the reason instead of figures.

        Args:
            reading: What is known now.
            trends: How figures came to be what they are, by id of the KPI.
        """
        title = "Tidemark" if reading.state.complete else "Stale \N{MIDDLE DOT} Tidemark"
        figures = reading.figures
        body = _stale(reading) if figures is None else _cards(reading.catalogue, figures, trends)
        parts = [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f'<meta http-equiv="refresh" content="{self._refresh_s}">',
            f"<title>{title}</title><style>{STYLE}</style></head><body>",
            '<a class="skip" href="#figures">Skip to the figures</a>',
            *_header(reading),
            '<main id="figures">',
            *_refused(reading.problem),
            *_segments(reading),
            *body,
            *quality(reading),
            "</main>",
            f"<footer>Tidemark {escape(self._version)}. A dash stands for no value, never for 0. "
            f"This page loads itself again every {self._refresh_s}&nbsp;s. "
            '<a href="/api/v1/kpis">JSON</a></footer>',
            "</body></html>\n",
        ]
        return "\n".join(parts)


def _header(reading: Reading) -> Iterator[str]:
    yield '<header><div class="top"><h1>Tidemark</h1><p>customer success, live</p></div>'
    yield '<nav aria-label="Sections">'
    if reading.figures is not None:
        for family in reading.catalogue.families:
            yield f'<a href="#family-{escape(family)}">{escape(family_title(family))}</a>'
    yield '<a href="/metrics">/metrics</a><a href="/-/ready">/-/ready</a></nav>'
    yield '<dl class="health">'
    yield from _health(reading)
    yield "</dl></header>"


def _cards(catalogue: Catalogue, figures: Figures, trends: Mapping[str, Trend]) -> Iterator[str]:
    results: dict[str, list[Result]] = {}
    for result in figures.results:
        results.setdefault(result.kpi.id, []).append(result)
    units = {kpi.id: kpi.unit for kpi in catalogue}
    for family, kpis in catalogue.families.items():
        name = escape(family)
        yield f'<section aria-labelledby="family-{name}">'
        yield f'<h2 id="family-{name}">{escape(family_title(family))}</h2><div class="cards">'
        for kpi in kpis:
            yield card(kpi, results.get(kpi.id, []), units, trends.get(kpi.id))
        yield "</div></section>"


def _refused(problem: str) -> Iterator[str]:
    if problem:
        yield '<div class="banner" role="alert">'
        yield f"<strong>A KPI file is refused: {escape(problem)}</strong>"
        yield "The KPIs of the last good one are shown.</div>"


def _segments(reading: Reading) -> Iterator[str]:
    policy, figures = reading.catalogue.policy, reading.figures
    for name, count in noted_attributes(
        policy, figures.attribute_values if figures else ()
    ).items():
        yield '<div class="banner" role="status">'
        yield f"<strong>{escape(in_words(policy, name, count))}</strong></div>"


def _stale(reading: Reading) -> Iterator[str]:
    yield '<div class="banner" role="alert">'
    yield f"<strong>Stale: {escape(reading.state.reason)}</strong>"
    yield "No figures are shown, since a sum of some partitions would look like a loss.</div>"


def _health(reading: Reading) -> Iterator[str]:
    state = reading.state
    yield _fact("As of", _moment(reading.now_ms), f"edge {_moment(edge_ms(reading.edge))[-9:]}")
    oldest_s = max((partition.age_s for partition in state.partitions), default=None)
    age = "" if oldest_s is None else f"oldest {duration(oldest_s)}"
    yield _fact("Partitions", f"{len(state.partitions)} of {state.expected or '?'}", age)
    behind = lags(state.partitions)
    for topic, event_ms in sorted(last_events_ms(state.partitions).items()):
        age_s = (reading.now_ms - event_ms) / MS_A_SECOND
        ago = f"{duration(age_s)} ago" if age_s >= 0 else "just now"
        records = behind.get(topic)
        note = f"{number(records, 0)} behind" if records else ""
        yield _fact(f"Last {topic} event", ago, "lag unknown" if records is None else note)


def _fact(name: str, value: str, note: str) -> str:
    small = f" <small>{escape(note)}</small>" if note else ""
    return f"<div><dt>{escape(name)}</dt><dd>{escape(value)}{small}</dd></div>"


def _moment(instant_ms: int) -> str:
    moment = datetime.fromtimestamp(instant_ms / MS_A_SECOND, UTC)
    return f"{moment:%Y-%m-%d %H:%M} UTC"
